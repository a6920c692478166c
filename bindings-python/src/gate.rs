//! Gate: the core's own threads may enter Python only while the interpreter is alive.
//!
//! Before Python 3.14 a thread that asks for the interpreter's lock during its end is ended in the middle of our code. So an exit handler
//! closes the gate and waits until everybody is out; whoever comes later is turned away. The same holds for daemon threads of Python's,
//! inside our calls: wherever these run Python code, Python may switch threads.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use forkguard::Guard;
use pyo3::call::PyCallArgs;
use pyo3::exceptions::{PyImportError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyCFunction;
use pyo3::{ffi, wrap_pyfunction};

use crate::raised;

static INSIDE: Count = Count::new();
static CLOSED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this is the thread that ends the interpreter, which nobody ends.
    static ENDS_IT: Cell<bool> = const { Cell::new(false) };
}

/// The longest wait at exit for a callback that does not return.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often that wait looks.
const LOOK: Duration = Duration::from_millis(1);

/// A number of threads (low half) in a process (high half): a forked child has none of its parent's threads. One number without a
/// lock, because a lock could be held at the moment of a fork.
struct Count(AtomicU64);

impl Count {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Adds threads, and says how many there are now.
    fn add(&self, change: i64) -> u64 {
        let process = u64::from(process()) << 32;
        let changed = |count: u64| {
            let threads = if count >> 32 == process >> 32 {
                count & u64::from(u32::MAX)
            } else {
                0
            };
            Some(process | threads.saturating_add_signed(change))
        };
        let (Ok(before) | Err(before)) = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, changed);
        changed(before).unwrap_or(0) & u64::from(u32::MAX)
    }
}

/// This process. Remembered, because asking the system takes as long as a small call.
fn process() -> u32 {
    thread_local! {
        static KNOWN: RefCell<(Guard, u32)> = RefCell::new((forkguard::new(), std::process::id()));
    }
    KNOWN.with_borrow_mut(|(since, process)| {
        if since.detected_fork() {
            *process = std::process::id();
        }
        *process
    })
}

/// A thread that is inside; leaves when dropped.
pub(crate) struct Visit;

impl Visit {
    fn begin() -> Option<Self> {
        INSIDE.add(1);
        let visit = Self;
        (!CLOSED.load(Ordering::SeqCst) || ENDS_IT.get()).then_some(visit)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        INSIDE.add(-1);
    }
}

/// Runs `act` with the interpreter; `None` once it is ending. For threads of the core, and threads of Python's that are detached.
pub(crate) fn attached<T>(act: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let _visit = Visit::begin()?;
    let is_ours = is_thread_of_the_core();
    Python::try_attach(|py| {
        let done = act(py);
        if is_ours {
            raised::forget_kept();
        }
        done
    })
}

/// To be held while a call from Python runs Python code itself; an error once the interpreter is ending.
pub(crate) fn visit(py: Python<'_>) -> PyResult<Visit> {
    Visit::begin().ok_or_else(|| is_ending(py))
}

/// The error is made at once: to make it later, pyo3 lets go of the interpreter, and panics if that has ended meanwhile.
fn is_ending(py: Python<'_>) -> PyErr {
    let error = py.get_type::<PyRuntimeError>().call1(("the interpreter is ending",));
    error.map_or_else(|error| error, PyErr::from_value)
}

/// Calls a Python function from whichever thread: something that it waits for is over. What it raises, nobody else would be told.
pub(crate) fn call_back<A: for<'py> PyCallArgs<'py>>(function: &Py<PyAny>, arguments: impl FnOnce(Python<'_>) -> A) {
    attached(|py| {
        if let Err(error) = function.call1(py, arguments(py)) {
            error.write_unraisable(py, None);
        }
    });
}

/// Drops what refers to Python objects now: dropped without the interpreter, the objects would live until the library is called again.
pub(crate) fn release<T>(kept: T) {
    attached(|_| drop(kept));
}

/// Whether this thread belongs to the core and is not inside a call from Python.
pub(crate) fn is_thread_of_the_core() -> bool {
    // SAFETY: the function only reads this thread's own state, which needs no lock; without an interpreter, the answer is null too.
    unsafe { ffi::PyGILState_GetThisThreadState() }.is_null()
}

/// Turns threads of the core away from now on, and waits for those inside.
#[pyfunction(name = "_close_gate")]
pub(crate) fn close_gate(py: Python<'_>) {
    ENDS_IT.set(true);
    CLOSED.store(true, Ordering::SeqCst);
    py.detach(|| {
        let started = Instant::now();
        while INSIDE.add(0) > 0 && started.elapsed() < PATIENCE {
            std::thread::sleep(LOOK);
        }
    });
}

/// Refuses every interpreter but the main one. It is the one that threads of the core enter, and what is known of Python, its classes and
/// whether its end has begun, is known once for the process.
pub(crate) fn require_main_interpreter(py: Python<'_>) -> PyResult<()> {
    const MAIN: i64 = 0;
    // SAFETY: `py` shows that this thread is attached to an interpreter, which therefore exists.
    match unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) } {
        MAIN => Ok(()),
        // Raised already.
        -1 => Err(PyErr::fetch(py)),
        _ => Err(PyImportError::new_err(
            "hogwire works in the main interpreter only, not in subinterpreters; \
             under mod_wsgi, set WSGIApplicationGroup %{GLOBAL}",
        )),
    }
}

/// Has [`close_gate`] called when the interpreter ends.
pub(crate) fn close_at_exit(module: &Bound<'_, PyModule>) -> PyResult<()> {
    call_at_exit(wrap_pyfunction!(close_gate, module)?)
}

/// Has a function called when the interpreter ends: the one registered last comes first.
pub(crate) fn call_at_exit(function: Bound<'_, PyCFunction>) -> PyResult<()> {
    let atexit = function.py().import("atexit")?;
    atexit.call_method1("register", (function,)).map(drop)
}
