//! What user code raised: put into words, or handed on when it is no error but an order to stop (`KeyboardInterrupt`, `SystemExit`, or
//! whatever a signal's handler raised).

use std::cell::RefCell;

use hogwire::binding::{retold, shortened};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

use crate::gate;

thread_local! {
    /// An order to stop that a hook, a transport or a signal's handler raised inside the core, through which no exception can travel.
    static ORDERED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// The error in words: `ValueError: too large`. An order to stop comes back as it is.
pub(crate) fn words(py: Python<'_>, error: PyErr) -> PyResult<String> {
    if is_order(py, &error) {
        return Err(error);
    }
    let class = class_of(py, &error, "Exception");
    Ok(match error.value(py).str() {
        Ok(message) if message.is_empty().unwrap_or(true) => class,
        Ok(message) => format!("{class}: {}", retold(&message.to_string_lossy())),
        Err(_) => class,
    })
}

fn class_of(py: Python<'_>, error: &PyErr, unnamed: &str) -> String {
    let name = error.get_type(py).name();
    name.map_or_else(|_| unnamed.to_owned(), |name| shortened(&name.to_string_lossy()))
}

/// Whether this is no error but an order to stop.
pub(crate) fn is_order(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py)
}

/// As [`words`], inside the core: an order to stop is kept for [`raise_kept`].
pub(crate) fn words_or_keep(py: Python<'_>, error: PyErr) -> String {
    words(py, error).unwrap_or_else(|order| {
        let class = class_of(py, &order, "BaseException");
        keep_order(py, order);
        class
    })
}

/// Keeps an order to stop for [`raise_kept`]; of any other error, nothing.
pub(crate) fn keep_order(py: Python<'_>, error: PyErr) {
    if is_order(py, &error) {
        keep(error);
    }
}

fn keep(error: PyErr) {
    ORDERED.with_borrow_mut(|kept| *kept = Some(error));
}

/// Lets Python handle the signals that have come. Whether a handler raised, which ends what waits on this thread: it is kept for
/// [`raise_kept`]. Only threads of Python's handle signals.
pub(crate) fn signal_raised() -> bool {
    let handled = |py: Python<'_>| py.check_signals().map_err(keep).is_err();
    !gate::is_thread_of_the_core() && gate::attached(handled).unwrap_or(false)
}

/// Raises the order to stop that was kept on this thread, if there is one.
pub(crate) fn raise_kept() -> PyResult<()> {
    ORDERED.take().map_or(Ok(()), Err)
}

/// Drops the order to stop that was kept on this thread, for a thread of the core: no call from Python is under way on it that could raise it.
pub(crate) fn forget_kept() {
    drop(ORDERED.take());
}
