//! Exit: a program that ends normally without freeing its queues still delivers what they hold.
//!
//! C runs functions that were registered with `atexit` when `main` returns or `exit()` is called, and those of a shared library when
//! it is unloaded with `dlclose()`. How queues are closed is the core's.

use std::sync::atomic::{AtomicBool, Ordering};

use hogwire::Queue;
use hogwire::binding::QueueSet;

use crate::status::guarded_or;

static QUEUES: QueueSet = QueueSet::new();
/// Whether the end of the program is watched; a forked child inherits that with everything else.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// Has a queue closed when the program ends, if it is still there.
pub(crate) fn watch(queue: &Queue) {
    QUEUES.add(queue);
    if !WATCHED.swap(true, Ordering::SeqCst) {
        register();
    }
}

#[cfg(unix)]
fn register() {
    use std::ffi::c_int;

    unsafe extern "C" {
        fn atexit(function: extern "C" fn()) -> c_int;
    }
    extern "C" fn close_queues() {
        guarded_or((), || QUEUES.close());
    }
    // SAFETY: the function lives as long as this library, with whose unloading its registration ends, and lets no panic pass.
    // The status can be ignored: where there is no room for it, the program ends as it did without.
    let _ = unsafe { atexit(close_queues) };
}

/// On Windows a DLL's turn comes when all other threads are gone already, and with them those that would deliver.
#[cfg(not(unix))]
fn register() {}
