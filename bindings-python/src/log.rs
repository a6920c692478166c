//! One debug line per outcome for `logging.getLogger("hogwire")`, if the program uses `logging` at all and has asked for it.

use hogwire::Outcome;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::IntoPyDict;

use crate::kind::imported;
use crate::raised;

/// `logging.DEBUG`.
const DEBUG: i32 = 10;

/// Writes a debug line, if the program wants one. Logging must not fail a call: an error here comes from one of the program's own handlers,
/// and `logging` itself reports it. An order to stop is kept: this is the first Python code that runs after a call has waited, so signals
/// that came meanwhile are raised here.
pub(crate) fn log(py: Python<'_>, outcome: &Outcome) {
    try_log(py, outcome).unwrap_or_else(|error| raised::keep_order(py, error));
}

fn try_log(py: Python<'_>, outcome: &Outcome) -> PyResult<()> {
    let Some(logger) = logger(py)? else { return Ok(()) };
    if !logger
        .call_method1(intern!(py, "isEnabledFor"), (DEBUG,))?
        .is_truthy()?
    {
        return Ok(());
    }
    let line = (
        "%s: %s, status %s, attempts %s, event %s%s",
        outcome.error_code.as_str(),
        outcome.delivery.as_str(),
        outcome.original_status_code,
        outcome.attempts,
        outcome.event_uuid.map(|uuid| uuid.to_string()),
        if outcome.is_ok() {
            String::new()
        } else {
            format!(": {}", outcome.error_message)
        },
    );
    logger.call_method1(intern!(py, "debug"), line).map(drop)
}

/// An error line for what a hook of a queue raised, with its traceback.
pub(crate) fn hook_raised(py: Python<'_>, hook: &str, error: &PyErr) {
    let told = || -> PyResult<()> {
        let Some(logger) = logger(py)? else { return Ok(()) };
        // Type, value and traceback: before Python 3.12, an exception caught in Rust does not know its traceback.
        let raised = (error.get_type(py), error.value(py), error.traceback(py));
        let traceback = [("exc_info", raised)].into_py_dict(py)?;
        logger
            .call_method(intern!(py, "error"), ("%s raised", hook), Some(&traceback))
            .map(drop)
    };
    told().unwrap_or_else(|error| raised::keep_order(py, error));
}

/// The logger, once somebody has imported `logging`.
fn logger(py: Python<'_>) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py)));
    }
    let Some(logging) = imported(py, intern!(py, "logging"))? else {
        return Ok(None);
    };
    let logger = LOGGER.get_or_try_init(py, || {
        logging.call_method1("getLogger", ("hogwire",)).map(Bound::unbind)
    })?;
    Ok(Some(logger.bind(py)))
}
