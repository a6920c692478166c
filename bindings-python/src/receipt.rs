//! Receipt: the core's receipt; attributes become Python values when asked for.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::text::quoted;
use crate::{finding, json};

/// What became of handing one event to a queue. Frozen; true in a condition exactly when the event is queued.
///
/// >>> receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
/// >>> if not receipt:
/// ...     print(receipt.error_code, receipt.error_message)
#[pyclass(frozen, eq, module = "hogwire")]
#[derive(Debug, PartialEq)]
pub(crate) struct Receipt(hogwire::Receipt);

impl From<hogwire::Receipt> for Receipt {
    fn from(receipt: hogwire::Receipt) -> Self {
        Self(receipt)
    }
}

#[pymethods]
impl Receipt {
    /// The event's uuid, under which reports and hooks speak of it; `None` when there is no event.
    #[getter]
    fn event_uuid(&self) -> Option<String> {
        self.0.event_uuid.map(|uuid| uuid.to_string())
    }

    /// Whether it is in the queue.
    #[getter]
    fn queued(&self) -> bool {
        self.0.queued
    }

    /// What kind of thing went wrong: `ok`, `invalid_input`, `dropped`, `queue_full`, `closed`, `disabled`, `opted_out`, `internal`.
    #[getter]
    fn error_code(&self) -> &'static str {
        self.0.error_code.as_str()
    }

    /// A sentence; empty exactly when `queued`.
    #[getter]
    fn error_message(&self) -> &str {
        &self.0.error_message
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

    /// Whether it is in the queue, under the name outcomes have for success.
    #[getter]
    fn ok(&self) -> bool {
        self.0.queued
    }

    fn __bool__(&self) -> bool {
        self.0.queued
    }

    /// The receipt in PascalCase: `EventUuid`, `Queued` and the others.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::read_to_python(py, serde_json::to_value(&self.0))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Self(receipt) = self;
        let uuid = receipt.event_uuid.map_or("None".to_owned(), |uuid| format!("'{uuid}'"));
        if receipt.queued {
            return Ok(format!("Receipt(queued=True, event_uuid={uuid})"));
        }
        let message = quoted(py, &receipt.error_message)?;
        Ok(format!(
            "Receipt(queued=False, event_uuid={uuid}, error_code='{}', error_message={message})",
            receipt.error_code
        ))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.event_uuid, self.0.error_code, &self.0.error_message).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let restore = py.import("hogwire._native")?.getattr("_restore_receipt")?;
        Ok((restore, (self.0.to_json(),)))
    }
}

/// A receipt from the JSON text that pickling made of it.
#[pyfunction(name = "_restore_receipt")]
pub(crate) fn restore_receipt(text: &str) -> PyResult<Receipt> {
    hogwire::Receipt::from_json(text)
        .map(Receipt)
        .map_err(PyValueError::new_err)
}
