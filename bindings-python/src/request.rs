//! Request: the core's request, as Python sees it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::json::{self, Unfit};
use crate::kind::described;
use crate::misuse::wrong_type;
use crate::text::quoted;
use crate::{finding, guard};

/// An exact request, and what `interpret` needs to read its answer. Frozen; true in a condition, unlike a refusal's `Outcome`.
#[pyclass(frozen, eq, module = "hogwire")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request(hogwire::Request);

impl From<hogwire::Request> for Request {
    fn from(request: hogwire::Request) -> Self {
        Self(request)
    }
}

impl Request {
    pub(crate) fn core(&self) -> &hogwire::Request {
        &self.0
    }
}

#[pymethods]
impl Request {
    /// Always `POST`.
    #[getter]
    fn method(&self) -> &str {
        &self.0.method
    }

    /// The whole URL.
    #[getter]
    fn url(&self) -> &str {
        &self.0.url
    }

    /// Header names and values, in the order to send them; `dict(request.headers)` fits most HTTP clients. With v1, `Authorization` is
    /// among them, with the api key in full.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.headers)
    }

    /// The body's bytes, compressed when a header says so. With v0 it holds the api key in full.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    /// Which operation it carries, a key of `hogwire.OPERATIONS`.
    #[getter]
    fn operation(&self) -> &'static str {
        self.0.operation.as_str()
    }

    /// Which protocol it speaks.
    #[getter]
    fn protocol(&self) -> &'static str {
        self.0.protocol.as_str()
    }

    /// The event's uuid; stays the same over attempts.
    #[getter]
    fn event_uuid(&self) -> String {
        self.0.event_uuid.to_string()
    }

    /// The event's timestamp (RFC 3339, UTC); stays the same over attempts.
    #[getter]
    fn timestamp(&self) -> String {
        self.0.timestamp.to_string()
    }

    /// Which attempt it is, from 1.
    #[getter]
    fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// What was changed or is doubtful about the input; carried into the outcome.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        finding::tuple(py, &self.0.warnings)
    }

    /// Always true: tells a request from the outcome of a refusal.
    #[getter]
    fn ok(&self) -> bool {
        true
    }

    /// The request as a `curl` command, uncompressed and with the api key redacted: to look at, not to run as it is.
    fn to_curl(&self) -> PyResult<String> {
        guard::function(|| Ok(self.0.to_curl()))
    }

    /// The request in PascalCase, as `from_dict` takes it. Holds the api key in full: in `Body` or `BodyBase64` with v0,
    /// among `Headers` with v1. So does a pickle.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::read_to_python(py, serde_json::from_str(&self.0.to_json()))
    }

    /// The request that `to_dict` made this of. Raises `ValueError` for anything else.
    #[staticmethod]
    fn from_dict(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard::function(|| match json::from_python(value) {
            Ok(read) if !read.is_object() => Err(PyValueError::new_err(format!(
                "not a request: value must be a mapping, as to_dict gives it, not {}",
                described(value)
            ))),
            Ok(value) => hogwire::Request::from_json(&value.to_string())
                .map(Self)
                .map_err(PyValueError::new_err),
            Err(Unfit::Because(words)) => Err(PyValueError::new_err(format!("not a request: {words}"))),
            Err(Unfit::Raised(order)) => Err(order),
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let [method, url] = [&self.0.method, &self.0.url].map(|text| quoted(py, text));
        let (method, url) = (method?, url?);
        Ok(format!(
            "Request(method={method}, url={url}, operation='{}', event_uuid='{}', attempt={})",
            self.0.operation, self.0.event_uuid, self.0.attempt
        ))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.event_uuid, self.0.attempt).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let restore = py.get_type::<Self>().getattr("from_dict")?;
        Ok((restore, (self.to_dict(py)?,)))
    }
}

/// The events a request carries, decoded: for `hogwire.testing`.
#[pyfunction(name = "_events_of")]
pub(crate) fn events_of<'py>(py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    json::to_python(
        py,
        &hogwire::testing::events_of(&self::request(request)?.get().0).into(),
    )
}

/// The body PostHog answers to a request when all is well: for `hogwire.testing`.
#[pyfunction(name = "_success_body")]
pub(crate) fn success_body<'py>(py: Python<'py>, request: &Bound<'py, Request>) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &hogwire::testing::success(&request.get().0).body)
}

/// The request given for a parameter of that name.
pub(crate) fn request<'a, 'py>(value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, Request>> {
    value
        .cast()
        .map_err(|_| wrong_type("request", "a Request, as build gives it", value))
}
