//! Collector: what Python's garbage collector is shown, so that clients and queues whose functions refer back to them are freed.
//!
//! The core owns the functions it calls, and the collector cannot look there. So the Python object shares each of them and shows it to the
//! collector: always, because what depends on the state of other threads could change in the middle of a collection.
//!
//! Whatever the core may still call must be kept alive by something. A caller has the client or the queue. A call in the background keeps the
//! client. A queue that is delivered in the background keeps the client, and also itself if only a circle referred to it: `__del__` sees to
//! that, which the collector calls before it clears anything.
//!
//! There is no `__clear__`, as with tuples: what a client or queue refers to existed before it. So every circle goes through some other object
//! that was changed later, and that can be cleared.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyType;
use pyo3::{PyTraverseError, PyVisit, intern};

/// An object that the core's part of a client or queue uses as well; owned, and shown, once.
pub(crate) type Shared = Arc<Py<PyAny>>;

pub(crate) fn show(shared: &[Shared], visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
    shared.iter().try_for_each(|object| visit.call(object.as_ref()))
}

/// Sets a class's `__del__` once more. pyo3 makes it a method like any other; only when it is set does Python make it the finalizer.
pub(crate) fn with_finalizer(class: &Bound<'_, PyType>) -> PyResult<()> {
    let name = intern!(class.py(), "__del__");
    class.setattr(name, class.getattr(name)?)
}
