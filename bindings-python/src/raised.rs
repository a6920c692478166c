//! What user code raised: put into words, or handed on when it is no error but an order to stop (`KeyboardInterrupt`, `SystemExit`).

use std::cell::RefCell;

use pyo3::exceptions::PyException;
use pyo3::prelude::*;

thread_local! {
    /// An order to stop that came up inside the core (in a hook or a transport), where it can not travel on by itself.
    static ORDERED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// The error in words: `ValueError: too large`. An order to stop comes back as it is.
pub(crate) fn words(py: Python<'_>, error: PyErr) -> PyResult<String> {
    if is_order(py, &error) {
        return Err(error);
    }
    let class = error
        .get_type(py)
        .name()
        .map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    Ok(match error.value(py).str() {
        Ok(message) if message.is_empty().unwrap_or(true) => class,
        Ok(message) => format!("{class}: {}", message.to_string_lossy()),
        Err(_) => class,
    })
}

/// Whether this is no error but an order to stop.
pub(crate) fn is_order(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py)
}

/// As [`words`], inside the core: an order to stop is kept for [`raise_kept`].
pub(crate) fn words_or_keep(py: Python<'_>, error: PyErr) -> String {
    words(py, error).unwrap_or_else(|order| {
        let class = order
            .get_type(py)
            .name()
            .map_or_else(|_| "BaseException".to_owned(), |name| name.to_string());
        ORDERED.with_borrow_mut(|kept| *kept = Some(order));
        class
    })
}

/// Raises the order to stop that was kept on this thread, if there is one.
pub(crate) fn raise_kept() -> PyResult<()> {
    ORDERED.take().map_or(Ok(()), Err)
}

/// Drops the order to stop that was kept on this thread: no call of Python's is under way on it that could raise it.
pub(crate) fn forget_kept() {
    drop(ORDERED.take());
}
