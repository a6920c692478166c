//! Guard: the one place where a panic of ours ends. Operations answer with the outcome `internal`; everything else raises `RuntimeError`.
//!
//! pyo3's own exception for panics is a `BaseException`, which `except Exception` would let through.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hogwire::{ErrorCode, Outcome};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::raised;

thread_local! {
    static PANIC_PLANNED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the next guarded call of this thread panic inside the library: for tests of the guard, and of nothing else.
#[pyfunction(name = "_panic_on_next_call")]
pub(crate) fn panic_on_next_call() {
    PANIC_PLANNED.set(true);
}

#[allow(clippy::panic, reason = "the tests of this guard need a real panic")]
fn panic_if_planned() {
    if PANIC_PLANNED.take() {
        panic!("a planned panic");
    }
}

fn caught<T>(run: impl FnOnce() -> PyResult<T>) -> Result<PyResult<T>, String> {
    // What a panic leaves half done is dropped with the call; the core keeps its own locks usable.
    catch_unwind(AssertUnwindSafe(|| {
        panic_if_planned();
        run()
    }))
    .map_err(|panic| format!("hogwire is at fault, please report it: {}", words(panic.as_ref())))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => words,
        (_, Some(words)) => words,
        _ => "it panicked",
    }
}

/// Runs an operation; a panic becomes its outcome or receipt. An order to stop that came up on the way is raised.
pub(crate) fn operation<Answer: From<Outcome>>(run: impl FnOnce() -> PyResult<Answer>) -> PyResult<Answer> {
    operations(run, |outcome| Ok(outcome.into()))
}

/// As [`operation`], where the answer is more than one outcome, or takes another way: `instead` gets the outcome that a panic becomes.
pub(crate) fn operations<Answer>(
    run: impl FnOnce() -> PyResult<Answer>,
    instead: impl FnOnce(Outcome) -> PyResult<Answer>,
) -> PyResult<Answer> {
    let answer = caught(run).unwrap_or_else(|words| instead(Outcome::unsent(ErrorCode::Internal, words)));
    raised::raise_kept()?;
    answer
}

/// Runs anything else; a panic becomes a `RuntimeError`.
pub(crate) fn function<T>(run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(run).unwrap_or_else(|words| Err(PyRuntimeError::new_err(words)))
}
