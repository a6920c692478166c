//! Finding: one thing validation said, as Python sees it.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::text::quoted;

/// One thing validation found: a stable code, the parameter it is about, and a sentence with the limit and the fix.
///
/// Frozen; findings and warnings of an outcome, and warnings of a request, are tuples of these.
#[pyclass(frozen, eq, hash, get_all, module = "hogwire")]
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Finding {
    /// The code, one of `hogwire.FINDING_CODES` or `hogwire.WARNING_CODES`.
    code: String,
    /// The parameter in PascalCase; keys inside it follow after dots: `Properties.plan`.
    parameter: String,
    /// A sentence with the limit and the fix.
    message: String,
}

#[pymethods]
impl Finding {
    #[new]
    fn new(code: String, parameter: String, message: String) -> Self {
        Self {
            code,
            parameter,
            message,
        }
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let [code, parameter, message] = [&self.code, &self.parameter, &self.message].map(|text| quoted(py, text));
        Ok(format!(
            "Finding(code={}, parameter={}, message={})",
            code?, parameter?, message?
        ))
    }

    fn __getnewargs__(&self) -> (&str, &str, &str) {
        (&self.code, &self.parameter, &self.message)
    }
}

/// Findings as a tuple.
pub(crate) fn tuple<'py, Code: ToString>(
    py: Python<'py>,
    findings: &[hogwire::Finding<Code>],
) -> PyResult<Bound<'py, PyTuple>> {
    let finding = |found: &hogwire::Finding<Code>| {
        let (parameter, message) = (found.parameter.clone(), found.message.clone());
        Py::new(py, Finding::new(found.code.to_string(), parameter, message))
    };
    PyTuple::new(py, findings.iter().map(finding).collect::<PyResult<Vec<_>>>()?)
}
