//! Waits: flushes that callers wait for in the background. One thread waits for all flushes of a queue, so that any number may be under
//! way, and none of them takes a thread from direct calls.

use std::sync::Arc;

use super::super::clock::Deadline;
use super::super::workers::Job;
use super::engine::Engine;
use super::tell::guarded;
use super::tellings::Tellings;
use crate::delivery::Delivery;

/// A flush that somebody waits for.
pub(super) struct Flush {
    mark: u64,
    /// How many tellings had begun when its events were settled; `None` until they are.
    settled: Option<u64>,
}

impl Flush {
    /// Whether its events are settled, and hooks were told what came of them.
    pub(super) fn is_over(&mut self, delivery: &Delivery, tellings: &Tellings) -> bool {
        if self.settled.is_none() && delivery.is_flushed(self.mark) {
            self.settled = Some(tellings.begun());
        }
        self.settled.is_some_and(|mark| tellings.have_ended(mark))
    }
}

/// A flush, and who is called at its end.
pub(super) struct Wait {
    pub(super) flush: Flush,
    pub(super) deadline: Deadline,
    pub(super) on_done: Job,
}

impl Engine {
    /// Lets everything go out that was pushed so far.
    pub(super) fn begin_flush(self: &Arc<Self>) -> Flush {
        let mut state = self.lock();
        let mark = state.delivery.flush(self.now());
        self.see_to(&mut state);
        Flush { mark, settled: None }
    }

    /// Waits until the flush is over, or the time is up. Says whether it is over; it counts as over for a thread that may not wait.
    pub(super) fn end_flush(self: &Arc<Self>, flush: &mut Flush, deadline: Deadline) -> bool {
        let mut is_over = self.works_here();
        self.wait(deadline, |state| {
            is_over = flush.is_over(&state.delivery, &state.tellings);
            is_over
        });
        is_over
    }

    pub(super) fn wait_in_background(self: &Arc<Self>, wait: Wait) {
        let mut state = self.lock();
        state.waits.push(wait);
        // The thread that waits for the others must learn of this one's deadline.
        state.announce();
        let is_seen_to = std::mem::replace(&mut state.waits_are_seen_to, true);
        drop(state);
        if !is_seen_to {
            let engine = Arc::clone(self);
            self.process.in_background(Box::new(move || engine.see_to_waits()));
        }
    }

    fn see_to_waits(self: &Arc<Self>) {
        let mut state = self.lock();
        loop {
            let done = state.take_finished_waits();
            if !done.is_empty() {
                drop(state);
                for wait in done {
                    guarded(wait.on_done);
                }
                if !self.is_of_this_process() {
                    // A child that one of them has forked: as in `telling`.
                    return;
                }
                state = self.lock();
                continue;
            }
            let Some(left) = state.waits.iter().map(|wait| wait.deadline.left()).min() else {
                break;
            };
            state.watchers += 1;
            state = self.watch(state, left);
            state.watchers -= 1;
        }
        state.waits_are_seen_to = false;
    }
}
