//! Tell: everything a queue says by itself, to hooks, to `tracing`, and at the end to stderr. Never under a lock.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::state::Locked;
use super::worker::Engine;
use crate::delivery::Note;
use crate::protocol::verdict::Answered;

/// So often hooks are told what they caused themselves while they were told; the rest waits for the next occasion. A hook that pushes
/// into its own full queue each time would go on for ever.
const MOST_ROUNDS: usize = 100;

impl Engine {
    pub(super) fn tell_error(&self, answered: Answered) {
        if !self.options.policy.is_failure(&answered) {
            return;
        }
        let outcome = answered.outcome;
        guarded(|| {
            tracing::debug!(
                target: "hogwire",
                error_code = outcome.error_code.as_str(),
                status = outcome.original_status_code,
                attempts = outcome.attempts,
                message = outcome.error_message.as_str(),
            );
        });
        if let Some(on_error) = &self.options.hooks.on_error {
            guarded(|| on_error(outcome));
        }
    }

    /// Tells the hooks what happened. Not under the lock: hooks may use the queue. Whoever closes it waits until they were told.
    pub(super) fn tell(&self, state: Locked<'_>) {
        drop(self.told(state));
    }

    /// The state once the hooks were told; `None` as [`telling`](Self::telling) gives it. What a hook causes that uses the queue is told
    /// when it has returned, or the calls would nest without end.
    pub(super) fn told<'s>(&'s self, mut state: Locked<'s>) -> Option<Locked<'s>> {
        if self.tells_here() {
            return Some(state);
        }
        for _ in 0..MOST_ROUNDS {
            let notes = state.delivery.take_notes();
            if notes.is_empty() {
                break;
            }
            state = self.telling(state, || self.as_teller(|| self.tell_notes(notes)))?;
        }
        Some(state)
    }

    /// The same on one of the queue's threads. What a close gave up meanwhile is told inside it, which waits for others only a while.
    pub(super) fn told_at_work<'s>(&'s self, state: Locked<'s>) -> Option<Locked<'s>> {
        match state.closers {
            0 => self.told(state),
            _ => Some(state),
        }
    }

    /// Tells something without the lock, and is seen to do so by whoever waits for it. `None` in a child that a hook has forked: the lock
    /// may be held there by a thread that was not copied.
    pub(super) fn telling<'s>(&'s self, mut state: Locked<'s>, tell: impl FnOnce()) -> Option<Locked<'s>> {
        if state.muted {
            return Some(state);
        }
        let number = state.tellings.begin();
        state.announce();
        drop(state);
        tell();
        if !self.is_of_this_process() {
            return None;
        }
        let mut state = self.lock();
        state.tellings.end(number);
        state.announce();
        Some(state)
    }

    pub(super) fn tell_notes(&self, notes: VecDeque<Note>) {
        let hooks = &self.options.hooks;
        for note in notes {
            // In a child that a hook has forked: the others are told in its parent.
            if !self.is_of_this_process() {
                return;
            }
            match note {
                Note::Dropped(dropped) => {
                    if let Some(on_drop) = &hooks.on_drop {
                        guarded(|| on_drop(dropped));
                    }
                }
                Note::Delivered { uuids, delivery } => {
                    if let Some(on_delivered) = &hooks.on_delivered {
                        guarded(|| on_delivered(&uuids, delivery));
                    }
                }
            }
        }
    }
}

/// Runs a hook, or a subscriber to `tracing`; one that panics breaks nothing.
pub(super) fn guarded(hook: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        // Where the subscriber panics too, there is nobody left to be told.
        let _ = catch_unwind(|| tracing::warn!(target: "hogwire", "a hook of a queue panicked"));
    }
}

/// The one thing hogwire ever prints (product.md §5): at the end of a program, nobody else is left to say it.
#[allow(clippy::print_stderr, reason = "losing events at exit must not be silent")]
pub(super) fn say_lost(events: u64) {
    let events = match events {
        1 => "1 event was".to_owned(),
        _ => format!("{events} events were"),
    };
    eprintln!("hogwire: {events} not delivered before the queue was closed");
}
