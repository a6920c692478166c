//! Collector: what Python's garbage collector is shown, so that clients and queues whose functions refer back to them are freed.
//!
//! The core's part owns the functions it calls, where the collector cannot look. So each is shared with the Python object beside it, which
//! shows it, always: what was shown or not as the state of other threads has it could change in the middle of a collection.
//!
//! Whatever the core may still call is kept alive by whoever has the core call it: a caller has the client or the queue, a call in the
//! background keeps the client, a queue that is delivered in the background keeps the client, and itself when it was thrown away in a
//! circle, which `__del__` sees to: the collector calls it before it clears anything.
//!
//! There is no `__clear__`, as with tuples: what a client or queue refers to was there before it, so every circle goes through something
//! else that was changed later, and can be cleared.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{PyTraverseError, PyVisit, intern};

/// An object that the core's part of a client or queue uses as well; owned, and shown, once.
pub(crate) type Shared = Arc<Py<PyAny>>;

pub(crate) fn show(shared: &[Shared], visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
    shared.iter().try_for_each(|object| visit.call(object.as_ref()))
}

/// Has the collector call a class's `__del__`, which pyo3 takes for a method like others: Python notices it where it is set.
pub(crate) fn with_finalizer(class: &Bound<'_, PyType>) -> PyResult<()> {
    let name = intern!(class.py(), "__del__");
    class.setattr(name, class.getattr(name)?)
}
