//! Exit: a normal end of the interpreter delivers what open queues hold, all at once, each for at most its `close_timeout`.
//!
//! The core's set knows all queues, including those that nobody refers to any more and that are being closed in the background. The exit
//! handler is registered with the first queue, so that what its hooks and its transport need, and was made before, still works; and with the
//! import, later than the gate's, for queues that other exit handlers make.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use forkguard::Guard;
use hogwire::Queue;
use hogwire::binding::QueueSet;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;
use pyo3::{intern, wrap_pyfunction};

use crate::gate;
use crate::kind::imported;

static QUEUES: QueueSet = QueueSet::new();
/// The process whose end is watched: a forked child may have lost the handlers it inherited.
static WATCHED: AtomicU32 = AtomicU32::new(0);
/// Whether the end has begun: from then on, nothing is left to the background.
static LEAVING: AtomicBool = AtomicBool::new(false);

/// Remembers a queue.
pub(crate) fn add(py: Python<'_>, queue: &Queue) -> PyResult<()> {
    QUEUES.add(queue);
    watch(py)
}

/// Has [`close_queues`] called when the interpreter ends, for queues too that are first made then: what is registered at that time is not called.
pub(crate) fn close_at_exit(module: &Bound<'_, PyModule>) -> PyResult<()> {
    gate::call_at_exit(wrap_pyfunction!(close_queues, module)?)
}

/// Registers the exit handler of this process. Cheap when that was done already.
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
            // This may still become a child: one that is starting imports the main module first, and forgets the handlers registered by then.
            let later = wrap_pyfunction!(close_queues_of_child, &module)?;
            util.call_method1("register_after_fork", (&module, later))?;
        } else {
            finalize(&util, close.as_any())?;
        }
    }
    Ok(())
}

/// As [`watch`], for every push to a queue that a process has from the one it was forked from: asking the system which process this is
/// takes as long as the rest of a push.
pub(crate) fn watch_after_fork(py: Python<'_>) -> PyResult<()> {
    static WATCHED_SINCE: Mutex<Option<Guard>> = Mutex::new(None);
    // Not waited for: the thread that holds the lock may not have been copied by the fork.
    let mut since = WATCHED_SINCE.try_lock();
    if let Ok(since) = &mut since
        && since.as_mut().is_some_and(|since| !since.detected_fork())
    {
        return Ok(());
    }
    watch(py)?;
    if let Ok(mut since) = since {
        *since = Some(forkguard::new());
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

/// Delivers what a queue holds when nobody refers to it any more: in the background, because whoever dropped it does not expect to wait.
pub(crate) fn finish(queue: Queue) {
    if !queue.is_idle() && !LEAVING.load(Ordering::SeqCst) {
        queue.submit_close(queue.close_timeout(), |_| ());
    }
    // At the end of the program, this drops the last handle of the queue, which closes it and waits. An idle queue has nothing to wait for.
    drop(queue);
}

/// As [`finish`], and afterwards drops `kept`, which the queue's hooks and transport use: at once, if the queue is idle.
pub(crate) fn finish_and_release<T: Send + 'static>(queue: &Queue, kept: T) {
    if !queue.is_idle() {
        if !LEAVING.load(Ordering::SeqCst) {
            return queue.submit_close(queue.close_timeout(), |_| gate::release(kept));
        }
        queue.close(queue.close_timeout());
    }
    gate::release(kept);
}

/// Closes every queue.
#[pyfunction(name = "_close_queues")]
pub(crate) fn close_queues(py: Python<'_>) {
    LEAVING.store(true, Ordering::SeqCst);
    py.detach(|| QUEUES.close());
}
