//! Tell: everything a queue says by itself, to hooks, to `tracing`, and at the end to stderr. Never under a lock.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::worker::Engine;
use crate::delivery::Note;
use crate::outcome::{Delivery, ErrorCode};
use crate::protocol::verdict::Answered;

impl Engine {
    pub(super) fn tell_error(&self, answered: Answered) {
        let outcome = answered.outcome;
        if outcome.error_code == ErrorCode::Ok {
            return;
        }
        tracing::debug!(
            target: "hogwire",
            error_code = outcome.error_code.as_str(),
            status = outcome.original_status_code,
            attempts = outcome.attempts,
            message = outcome.error_message.as_str(),
        );
        if let Some(on_error) = &self.options.hooks.on_error {
            guarded(|| on_error(outcome));
        }
    }

    /// Tells the hooks what happened. No lock is held: hooks may use the queue.
    pub(super) fn tell(&self) {
        let hooks = &self.options.hooks;
        if hooks.on_drop.is_none() && hooks.on_delivered.is_none() {
            return;
        }
        let notes = self.lock().delivery.take_notes();
        for note in notes {
            match note {
                Note::Dropped(dropped) => {
                    if let Some(on_drop) = &hooks.on_drop {
                        guarded(|| on_drop(dropped));
                    }
                }
                Note::Delivered { uuids, stored } => {
                    let delivery = if stored { Delivery::Stored } else { Delivery::Accepted };
                    if let Some(on_delivered) = &hooks.on_delivered {
                        guarded(|| on_delivered(&uuids, delivery));
                    }
                }
            }
        }
    }
}

/// Runs a hook; one that panics breaks nothing.
fn guarded(hook: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        tracing::warn!(target: "hogwire", "a hook of a queue panicked");
    }
}

/// The one thing hogwire ever prints (product.md §5): at the end of a program, nobody else is left to say it.
#[allow(clippy::print_stderr, reason = "losing events at exit must not be silent")]
pub(super) fn say_lost(events: u64) {
    eprintln!("hogwire: {events} events were not delivered before the queue was closed");
}
