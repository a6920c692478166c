//! Waits: flushes that callers wait for in the background. One thread sees to all of a queue's, so that as many may wait as like, and
//! none of them takes a thread from direct calls.

use std::sync::Arc;

use super::super::clock::Deadline;
use super::super::workers::Job;
use super::tell::guarded;
use super::worker::Engine;

/// A flush, and who is called at its end.
pub(super) struct Wait {
    pub(super) mark: u64,
    pub(super) deadline: Deadline,
    pub(super) on_done: Job,
}

impl Engine {
    pub(super) fn wait_in_background(self: &Arc<Self>, wait: Wait) {
        let mut state = self.lock();
        state.waits.push(wait);
        // Whoever sees to the others must know of this one's time.
        state.announce();
        let is_seen_to = std::mem::replace(&mut state.waits_are_seen_to, true);
        drop(state);
        if !is_seen_to {
            let engine = Arc::clone(self);
            self.process.in_background(Box::new(move || engine.see_to_waits()));
        }
    }

    fn see_to_waits(&self) {
        let mut state = self.lock();
        loop {
            let done = state.take_finished_waits();
            if !done.is_empty() {
                drop(state);
                for wait in done {
                    guarded(wait.on_done);
                }
                state = self.lock();
                continue;
            }
            let Some(left) = state.waits.iter().map(|wait| wait.deadline.left()).min() else {
                break;
            };
            state.watchers += 1;
            state = state.wait(&self.settled, left);
            state.watchers -= 1;
        }
        state.waits_are_seen_to = false;
    }
}
