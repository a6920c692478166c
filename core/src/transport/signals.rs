//! Signals: a program may want a call to end that waits for its answer, Ctrl-C in Python for instance.

use std::sync::OnceLock;

static ON_SIGNAL: OnceLock<fn() -> bool> = OnceLock::new();

/// Asks `ends_call` whenever a signal has interrupted the wait of a call, on the thread that waits: whether the call is to end, as if its time
/// were over. For bindings whose language handles signals between its own steps; the first one that asks for this in a process is asked.
pub fn on_signal(ends_call: fn() -> bool) {
    // A process has one language that handles its signals.
    let _ = ON_SIGNAL.set(ends_call);
}

/// Whether the call that a signal has interrupted is to end.
#[cfg(feature = "ureq")]
pub(super) fn signal_ends_call() -> bool {
    ON_SIGNAL.get().is_some_and(|ends_call| ends_call())
}
