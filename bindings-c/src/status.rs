//! What every function returns, and the guard that no panic passes.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use hogwire::ConfigError;

use crate::text::{NOTHING, c_string};

/**
 * How a function itself went. What happened to an event is in the outcome: input that is refused, a server
 * that does not answer, a closed client are all HOGWIRE_OK with an outcome that says so.
 *
 * The numbers are part of the ABI: new ones are added at the end, none is ever reused.
 */
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum hogwire_status {
    /**
     * Done.
     */
    HOGWIRE_OK = 0,
    /**
     * An argument that is needed is NULL.
     */
    HOGWIRE_NULL_ARGUMENT = 1,
    /**
     * An option does not exist or has a wrong value; hogwire_last_error_option() names it.
     */
    HOGWIRE_INVALID_CONFIG = 2,
    /**
     * There is no operation of this name.
     */
    HOGWIRE_UNKNOWN_OPERATION = 3,
    /**
     * An argument cannot be what it is: an impossible length, a word that is none of those listed, text that is
     * not the JSON it has to be.
     */
    HOGWIRE_INVALID_ARGUMENT = 4,
    /**
     * hogwire is at fault. Nothing is known about the call; no outcome is given.
     */
    HOGWIRE_INTERNAL = 5,
}

use hogwire_status::{HOGWIRE_INTERNAL, HOGWIRE_INVALID_ARGUMENT, HOGWIRE_INVALID_CONFIG, HOGWIRE_OK};

/// Why a function did nothing.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: hogwire_status,
    option: String,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: hogwire_status, message: impl Into<String>) -> Self {
        Self {
            status,
            option: String::new(),
            message: message.into(),
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(HOGWIRE_INVALID_ARGUMENT, message)
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<ConfigError> for Refusal {
    fn from(error: ConfigError) -> Self {
        Self {
            status: HOGWIRE_INVALID_CONFIG,
            option: error.option().to_owned(),
            message: error.to_string(),
        }
    }
}

thread_local! {
    static LAST_ERROR: RefCell<(CString, CString)> = RefCell::default();
}

fn remember(refusal: Refusal) -> hogwire_status {
    let texts = (c_string(refusal.option), c_string(refusal.message));
    // Only a thread that is ending has no place left for it; the status still says what happened.
    let _ = LAST_ERROR.try_with(|last| last.replace(texts));
    refusal.status
}

/// One of the texts; "" on a thread that is ending.
fn last(text: impl FnOnce(&(CString, CString)) -> &CString) -> *const c_char {
    guarded_or(NOTHING, || {
        LAST_ERROR
            .try_with(|last| text(&last.borrow()).as_ptr())
            .unwrap_or(NOTHING)
    })
}

/// Runs the inside of a function that returns a status.
pub(crate) fn guarded(body: impl FnOnce() -> Result<(), Refusal>) -> hogwire_status {
    // A panic loses what the body was working on; handles it only borrowed are the core's, which keeps them whole.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => HOGWIRE_OK,
        Ok(Err(refusal)) => remember(refusal),
        Err(panic) => remember(Refusal::new(HOGWIRE_INTERNAL, sentence(panic.as_ref()))),
    }
}

/// Runs the inside of a function that returns a plain value: the fallback where it panics.
pub(crate) fn guarded_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

/// Runs the inside of an accessor: the fallback for a handle that is NULL, and where it panics.
pub(crate) fn read<H, T>(handle: Option<&H>, fallback: T, body: impl FnOnce(&H) -> T) -> T {
    match handle {
        Some(handle) => guarded_or(fallback, || body(handle)),
        None => fallback,
    }
}

/// Frees a handle.
pub(crate) fn guarded_drop<T>(handle: Option<Box<T>>) {
    guarded_or((), || drop(handle));
}

fn sentence(panic: &(dyn Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!(
        "hogwire panicked: {}; please report this",
        words.unwrap_or("no message")
    )
}

/**
 * A sentence about the last call on this thread that returned another status than HOGWIRE_OK; "" when there was
 * none. It never holds the api key.
 *
 * Borrowed: valid until the next call on this thread that fails. Languages whose tasks change threads (Go)
 * must stay on one between the call and this.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_last_error() -> *const c_char {
    last(|(_, message)| message)
}

/**
 * The option that the last HOGWIRE_INVALID_CONFIG on this thread was about, for example "timeout_ms"; "" after any
 * other failure.
 *
 * Borrowed: as hogwire_last_error().
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_last_error_option() -> *const c_char {
    last(|(option, _)| option)
}

/// For tests of the guard: panics inside it, as a fault in the library would.
///
/// cbindgen:ignore
#[doc(hidden)]
#[unsafe(no_mangle)]
#[allow(clippy::panic, reason = "this is what it is for")]
pub extern "C" fn hogwire_panic_for_tests() -> hogwire_status {
    guarded(|| panic!("provoked by a test"))
}
