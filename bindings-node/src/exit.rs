//! Exit: a program that ends by `process.exit`, or by an exception nobody caught, has no time for promises. What its queues still hold
//! is lost then, and one line on stderr for each queue says how much.
//!
//! The functions that were registered with `atexit` run when no JavaScript runs any more, so after a `closeSync` in any listener of `exit`.

use std::panic::catch_unwind;
use std::sync::Once;

use hogwire::Queue;
use hogwire::binding::QueueSet;

static QUEUES: QueueSet = QueueSet::new();
static WATCH: Once = Once::new();

/// Has the end of the program say what is left in a queue.
pub(crate) fn watch(queue: &Queue) {
    QUEUES.add(queue);
    WATCH.call_once(register);
}

#[cfg(unix)]
fn register() {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn atexit(function: extern "C" fn()) -> c_int;
    }
    extern "C" fn abandon_queues() {
        // Nobody is left to be told of a panic.
        let _ = catch_unwind(|| QUEUES.abandon());
    }
    // SAFETY: the function lives as long as this library, with whose unloading its registration ends, and lets no panic pass.
    // The status can be ignored: where there is no room for it, the program ends without a word.
    let _ = unsafe { atexit(abandon_queues) };
}

/// On Windows a DLL's turn comes when all other threads are gone already, perhaps with a lock of ours.
#[cfg(not(unix))]
fn register() {}
