//! Outcome: what happened to one call, as Python sees it. Holds the core's outcome; attributes become Python values when asked for.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::text::quoted;
use crate::{finding, json};

/// What happened to one call. Frozen; true in a condition exactly when `status_code` is 200.
///
/// >>> outcome = client.create_event(distinct_id="user-12345", event_name="User Signed Up")
/// >>> if not outcome:
/// ...     print(outcome.error_code, outcome.error_message)
#[pyclass(frozen, eq, module = "hogwire")]
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome(hogwire::Outcome);

impl From<hogwire::Outcome> for Outcome {
    fn from(outcome: hogwire::Outcome) -> Self {
        Self(outcome)
    }
}

#[pymethods]
impl Outcome {
    /// The answer when it is a JSON object, `{"raw_content": text}` when it is anything else, `{}` when there is none. A fresh copy.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        json::object_to_python(py, &self.0.data)
    }

    /// The HTTP status received; 0 when no answer was received.
    #[getter]
    fn original_status_code(&self) -> u16 {
        self.0.original_status_code
    }

    /// 200, -1 for refused input, or by the operation's status table.
    #[getter]
    fn status_code(&self) -> i32 {
        self.0.status_code
    }

    /// A sentence; empty exactly when `status_code` is 200.
    #[getter]
    fn error_message(&self) -> &str {
        &self.0.error_message
    }

    /// What kind of thing happened, one of `hogwire.ERROR_CODES`.
    #[getter]
    fn error_code(&self) -> &'static str {
        self.0.error_code.as_str()
    }

    /// What is known about the event's whereabouts, one of `hogwire.DELIVERIES`.
    #[getter]
    fn delivery(&self) -> &'static str {
        self.0.delivery.as_str()
    }

    /// Whether sending the same event again may help.
    #[getter]
    fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// Seconds the server asks to wait, if it does.
    #[getter]
    fn retry_after(&self) -> Option<f64> {
        self.0.retry_after.map(|time| time.as_secs_f64())
    }

    /// Requests made.
    #[getter]
    fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The event's uuid; `None` when there is no event.
    #[getter]
    fn event_uuid(&self) -> Option<String> {
        self.0.event_uuid.map(|uuid| uuid.to_string())
    }

    /// Why the input was refused.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        finding::tuple(py, &self.0.findings)
    }

    /// What was changed or is doubtful.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        finding::tuple(py, &self.0.warnings)
    }

    /// Whether `status_code` is 200.
    #[getter]
    fn ok(&self) -> bool {
        self.0.is_ok()
    }

    fn __bool__(&self) -> bool {
        self.0.is_ok()
    }

    /// The outcome in PascalCase: `Data`, `OriginalStatusCode`, `StatusCode`, `ErrorMessage` and the others.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::read_to_python(py, serde_json::to_value(&self.0))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Self(outcome) = self;
        let mut repr = format!(
            "Outcome(status_code={}, error_code='{}', delivery='{}'",
            outcome.status_code, outcome.error_code, outcome.delivery
        );
        if let Some(uuid) = outcome.event_uuid {
            repr.push_str(&format!(", event_uuid='{uuid}'"));
        }
        if !outcome.is_ok() {
            repr.push_str(&format!(", error_message={}", quoted(py, &outcome.error_message)?));
        }
        repr.push(')');
        Ok(repr)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (
            self.0.event_uuid,
            self.0.status_code,
            self.0.error_code,
            &self.0.error_message,
        )
            .hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let restore = py.import("hogwire._native")?.getattr("_restore_outcome")?;
        Ok((restore, (self.0.to_json(),)))
    }
}

/// An outcome from the JSON text that pickling made of it.
#[pyfunction(name = "_restore_outcome")]
pub(crate) fn restore_outcome(text: &str) -> PyResult<Outcome> {
    hogwire::Outcome::from_json(text)
        .map(Outcome)
        .map_err(PyValueError::new_err)
}
