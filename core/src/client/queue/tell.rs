//! Tell: everything a queue says by itself, to hooks, to `tracing`, and at the end to stderr. Never under a lock.

use std::collections::VecDeque;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::engine::Engine;
use super::state::Locked;
use crate::delivery::Note;
use crate::protocol::verdict::Answered;

/// How many times in a row hooks are told what they caused while they were told; the rest waits until the queue tells something again.
/// Without an end, a hook that pushes into its own full queue would be told of it for ever.
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

    /// Tells the hooks what happened, without the lock, because hooks may use the queue. A close waits until they were told.
    pub(super) fn tell(&self, state: Locked<'_>) {
        drop(self.told(state));
    }

    /// As [`tell`](Self::tell), and gives the lock back; `None` as [`telling`](Self::telling) gives it. Inside a hook it tells nothing: what
    /// that causes is told when it has returned, because the calls would nest without end.
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

    /// As [`told`](Self::told), for a worker. While somebody closes the queue it tells nothing: that is told inside the close, which does
    /// not wait for a worker's hooks for long.
    pub(super) fn told_at_work<'s>(&'s self, state: Locked<'s>) -> Option<Locked<'s>> {
        match state.closers {
            0 => self.told(state),
            _ => Some(state),
        }
    }

    /// Runs `tell` without the lock, noted among the tellings, which flushes and closes wait for. `None` in a child that a hook has forked:
    /// there the lock may be held by a thread that was not copied.
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
            // In a child that a hook has forked, the parent tells the rest.
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
pub(super) fn say_lost(events: u64) {
    let events = match events {
        1 => "1 event was".to_owned(),
        _ => format!("{events} events were"),
    };
    let line = format!("hogwire: {events} not delivered before the queue was closed\n");
    // Not by `eprintln`, which panics where nothing can be written, as to a full disk.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
