//! One debug line per outcome, and per event that a queue does not take, for `logging.getLogger("hogwire")`, if the program uses `logging` at all and has asked for it.

use std::cell::Cell;

use hogwire::{Outcome, Receipt};
use pyo3::call::PyCallArgs;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::IntoPyDict;

use crate::kind::imported;
use crate::{gate, raised};

/// `logging.DEBUG`.
const DEBUG: i32 = 10;

thread_local! {
    /// Whether this thread is writing a debug line.
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// Writes a debug line, if the program wants one. Logging must not fail a call: an error here comes from one of the program's own handlers,
/// and `logging` itself reports it. An order to stop is kept: this is the first Python code that runs after a call has waited, so signals
/// that came meanwhile are raised here.
pub(crate) fn log(py: Python<'_>, outcome: &Outcome) {
    let line = || {
        (
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
        )
    };
    debug(py, line);
}

/// As [`log`], of an event that a queue did not take.
pub(crate) fn refused(py: Python<'_>, receipt: &Receipt) {
    let line = || {
        (
            "%s: not queued, event %s: %s",
            receipt.error_code.as_str(),
            receipt.event_uuid.map(|uuid| uuid.to_string()),
            receipt.error_message.as_str(),
        )
    };
    debug(py, line);
}

fn debug<'py, Line: PyCallArgs<'py>>(py: Python<'py>, line: impl FnOnce() -> Line) {
    let told = || -> PyResult<()> {
        let _visit = gate::visit(py)?;
        let Some(logger) = logger(py)? else { return Ok(()) };
        let is_wanted = logger.call_method1(intern!(py, "isEnabledFor"), (DEBUG,))?;
        match is_wanted.is_truthy()? {
            true => logger.call_method1(intern!(py, "debug"), line()).map(drop),
            false => Ok(()),
        }
    };
    // A handler of the program's may send what it is given to PostHog: such a call is no line again, or there would be no end of it.
    if !WRITING.replace(true) {
        told().unwrap_or_else(|error| raised::keep_order(py, error));
        WRITING.set(false);
    }
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
