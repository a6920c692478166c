//! Report: what became of a queue's events, as Python sees it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::text::quoted;

/// One event that was dropped, and why. Frozen; reports and `on_drop` name events with it.
#[pyclass(frozen, eq, hash, get_all, module = "hogwire")]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dropped {
    /// The event's uuid.
    uuid: String,
    /// Why, one of `hogwire.DROP_REASONS`.
    reason: String,
    /// Why, as a sentence, with the server's own words where there are any.
    message: String,
}

impl From<&hogwire::Dropped> for Dropped {
    fn from(dropped: &hogwire::Dropped) -> Self {
        Self {
            uuid: dropped.uuid.to_string(),
            reason: dropped.reason.as_str().to_owned(),
            message: (*dropped.message).to_owned(),
        }
    }
}

#[pymethods]
impl Dropped {
    #[new]
    fn new(uuid: String, reason: String, message: String) -> Self {
        Self { uuid, reason, message }
    }

    /// The event and the reason in PascalCase: `Uuid`, `Reason`, `Message`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dropped = PyDict::new(py);
        dropped.set_item("Uuid", &self.uuid)?;
        dropped.set_item("Reason", &self.reason)?;
        dropped.set_item("Message", &self.message)?;
        Ok(dropped)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let [uuid, reason, message] = [&self.uuid, &self.reason, &self.message].map(|text| quoted(py, text));
        Ok(format!(
            "Dropped(uuid={}, reason={}, message={})",
            uuid?, reason?, message?
        ))
    }

    fn __getnewargs__(&self) -> (&str, &str, &str) {
        (&self.uuid, &self.reason, &self.message)
    }
}

/// What became of a queue's events: counts since the last report, and what is pending as of now. Frozen.
///
/// >>> report = queue.flush()
/// >>> report.delivered, report.pending, report.dropped
/// (1, 0, ())
#[pyclass(frozen, get_all, module = "hogwire")]
#[derive(Debug)]
pub(crate) struct Report {
    /// Events the server took: `accepted` and `stored` together.
    delivered: u64,
    /// Events the server accepted for storage.
    accepted: u64,
    /// Events the server stored (v1).
    stored: u64,
    /// Events that are still to be delivered, as of now.
    pending: u64,
    /// Events that were dropped, each by name; at most 100,000 of them.
    dropped: Py<PyTuple>,
    /// How many events were dropped, the ones not named included.
    dropped_total: u64,
    /// What the last request said that failed or was answered doubtfully, or why none could be made; where there was none, why a close gave
    /// events up. Empty when neither happened.
    last_error: String,
}

type Parts<'a> = (u64, u64, u64, u64, &'a Py<PyTuple>, u64, &'a str);

impl Report {
    pub(crate) fn of(py: Python<'_>, report: &hogwire::Report) -> PyResult<Self> {
        let dropped = report
            .dropped
            .iter()
            .map(|dropped| Py::new(py, Dropped::from(dropped)))
            .collect::<PyResult<Vec<_>>>()?;
        Ok(Self {
            delivered: report.delivered,
            accepted: report.accepted,
            stored: report.stored,
            pending: report.pending,
            dropped: PyTuple::new(py, dropped)?.unbind(),
            dropped_total: report.dropped_total,
            last_error: report.last_error.clone(),
        })
    }
}

#[pymethods]
impl Report {
    #[new]
    fn new(
        delivered: u64,
        accepted: u64,
        stored: u64,
        pending: u64,
        dropped: Py<PyTuple>,
        dropped_total: u64,
        last_error: String,
    ) -> Self {
        Self {
            delivered,
            accepted,
            stored,
            pending,
            dropped,
            dropped_total,
            last_error,
        }
    }

    /// The report in PascalCase: `Delivered`, `Pending`, `Dropped` and the others.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let mut named = Vec::new();
        for dropped in self.dropped.bind(py) {
            named.push(dropped.cast::<Dropped>()?.get().to_dict(py)?);
        }
        let report = PyDict::new(py);
        report.set_item("Delivered", self.delivered)?;
        report.set_item("Accepted", self.accepted)?;
        report.set_item("Stored", self.stored)?;
        report.set_item("Pending", self.pending)?;
        report.set_item("Dropped", named)?;
        report.set_item("DroppedTotal", self.dropped_total)?;
        report.set_item("LastError", &self.last_error)?;
        Ok(report)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = other.py();
        match other.cast::<Self>() {
            Ok(other) => self
                .__getnewargs__()
                .into_pyobject(py)?
                .eq(other.get().__getnewargs__()),
            Err(_) => Ok(false),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.__getnewargs__().into_pyobject(py)?.hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Self {
            delivered,
            pending,
            dropped_total,
            last_error,
            ..
        } = self;
        let last_error = quoted(py, last_error)?;
        Ok(format!(
            "Report(delivered={delivered}, pending={pending}, dropped_total={dropped_total}, last_error={last_error})"
        ))
    }

    fn __getnewargs__(&self) -> Parts<'_> {
        (
            self.delivered,
            self.accepted,
            self.stored,
            self.pending,
            &self.dropped,
            self.dropped_total,
            &self.last_error,
        )
    }
}
