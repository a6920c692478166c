//! Exit: a normal end of the interpreter delivers what open queues hold, all at once, each for at most its `close_timeout`.
//!
//! Queues are known by weak references. A queue that is thrown away while it holds events is drained in the background, so that no
//! thread waits in a destructor; the exit waits for that too. The exit handler comes with the first queue, later than the gate's, and so
//! runs before it: hooks and transports of Python's still work.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hogwire::Queue;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::IntoPyDict;
use pyo3::{intern, wrap_pyfunction};

use crate::gate::{Count, LOOK};
use crate::kind::imported;
use crate::queue::Queued;

/// The process whose end is watched: a forked child may have lost the handlers it inherited.
static WATCHED: AtomicU32 = AtomicU32::new(0);
static DRAINING: Count = Count::new();
/// Whether the end has begun: from then on, nothing is left to the background.
static LEAVING: AtomicBool = AtomicBool::new(false);

/// What a wait for a queue may take beyond its own time.
const MARGIN: Duration = Duration::from_millis(500);

/// A `weakref.WeakSet` of all queues.
fn queues(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static QUEUES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    QUEUES
        .get_or_try_init(py, || py.import("weakref")?.call_method0("WeakSet").map(Bound::unbind))
        .map(|queues| queues.bind(py))
}

/// Remembers a queue.
pub(crate) fn add(queue: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = queue.py();
    queues(py)?.call_method1(intern!(py, "add"), (queue,))?;
    watch(py)
}

/// Has this process's queues closed when it ends. Cheap when that is so already.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    let process = std::process::id();
    if WATCHED.swap(process, Ordering::SeqCst) == process {
        return Ok(());
    }
    let module = py.import("hogwire._native")?;
    let close = wrap_pyfunction!(close_queues, &module)?;
    py.import("atexit")?.call_method1("register", (&close,))?;
    // Before Python 3.13 the children of multiprocessing end without exit handlers, but with its own.
    if let Some(util) = imported(py, intern!(py, "multiprocessing.util"))? {
        if util
            .py()
            .import("multiprocessing.process")?
            .call_method0("parent_process")?
            .is_none()
        {
            // Perhaps a child yet, which imports the main module first and then forgets the handlers it has till then.
            let later = wrap_pyfunction!(close_queues_of_child, &module)?;
            util.call_method1("register_after_fork", (&module, later))?;
        } else {
            finalize(&util, close.as_any())?;
        }
    }
    Ok(())
}

/// Has multiprocessing's end of a child call `close`.
fn finalize(util: &Bound<'_, PyAny>, close: &Bound<'_, PyAny>) -> PyResult<()> {
    let priority = [("exitpriority", 0)].into_py_dict(util.py())?;
    util.getattr("Finalize")?
        .call((util.py().None(), close), Some(&priority))?;
    Ok(())
}

/// What multiprocessing calls in a child that begins.
#[pyfunction]
fn close_queues_of_child(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let close = wrap_pyfunction!(close_queues, module)?;
    finalize(module.py().import("multiprocessing.util")?.as_any(), close.as_any())
}

/// Delivers what a queue holds that nobody has any more.
pub(crate) fn drain(queue: &Queue) {
    // At the very end, the queue's own destructor does it, and waits.
    if LEAVING.load(Ordering::SeqCst) {
        return;
    }
    DRAINING.add(1);
    queue.submit_close(queue.close_timeout(), |_| {
        DRAINING.add(-1);
    });
}

/// Closes every queue.
#[pyfunction(name = "_close_queues")]
pub(crate) fn close_queues(py: Python<'_>) -> PyResult<()> {
    LEAVING.store(true, Ordering::SeqCst);
    let mut open = Vec::new();
    for queue in queues(py)?.try_iter()? {
        open.push(queue?.cast::<Queued>()?.get().open());
    }
    py.detach(|| close_all(&open));
    Ok(())
}

fn close_all(open: &[(Queue, Duration)]) {
    let started = Instant::now();
    std::thread::scope(|scope| {
        for (queue, timeout) in open {
            let closing = std::thread::Builder::new().spawn_scoped(scope, || queue.close(*timeout));
            if closing.is_err() {
                queue.close(*timeout);
            }
        }
    });
    let longest = open
        .iter()
        .map(|(_, timeout)| *timeout)
        .max()
        .unwrap_or(Duration::from_secs(5));
    while DRAINING.add(0) > 0 && started.elapsed() < longest + MARGIN {
        std::thread::sleep(LOOK);
    }
}
