//! Closing: the end of a queue. What can still go out in time does; the rest is dropped by name.

use std::sync::Arc;
use std::time::Duration;

use super::policy::CLOSING_BACKOFF_MS;
use super::slot::State;
use super::{Delivery, DropReason};
use crate::time::{Timestamp, milliseconds};

impl Delivery {
    /// Takes nothing more, and delivers what is there for at most this time. A later call can give more time, never less.
    pub(crate) fn close(&mut self, now: Timestamp, timeout: Duration) {
        self.tick(now);
        let deadline = self.time.saturating_add(milliseconds(timeout));
        self.deadline = Some(self.deadline.map_or(deadline, |earlier| earlier.max(deadline)));
        self.release_held();
        let soon = self.time.saturating_add(CLOSING_BACKOFF_MS);
        for part in self.slots.iter_mut().flat_map(|slot| &mut slot.parts) {
            if let State::Waiting { until, asked: false } = &mut part.state {
                *until = soon.min(*until);
            }
        }
        self.expire();
    }

    /// Takes nothing more and delivers nothing more: for a program that ends without waiting.
    pub(crate) fn abandon(&mut self, now: Timestamp) {
        self.tick(now);
        self.deadline = Some(self.time);
        self.expire();
    }

    /// Takes in the time, and drops what a close has no more time for. Nothing else that is due is done.
    pub(crate) fn pass_time(&mut self, now: Timestamp) {
        self.tick(now);
        self.expire();
    }

    /// When a close drops what is left; `None` without one.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        self.deadline.map(|deadline| self.moment(deadline))
    }

    /// Events that were dropped because there was no more time.
    pub(crate) fn lost(&self) -> u64 {
        self.tally.stats.events_dropped_total.of(DropReason::Shutdown)
    }

    /// Whether everything is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.deadline.is_some() && self.pending() == 0
    }

    /// While closing: drops what cannot be sent in time any more, or not at all because the queue is paused.
    pub(super) fn expire(&mut self) {
        let Some(deadline) = self.deadline else { return };
        let (is_over, paused) = (deadline <= self.time, self.paused);
        let message: Arc<str> = match paused {
            true => "the queue was closed while its client was opted out".into(),
            false => "the queue was closed before the event could be delivered".into(),
        };
        let doubtful: Arc<str> =
            "the queue was closed before the server confirmed the event; it may or may not have kept it".into();
        let Self { slots, tally, .. } = self;
        for slot in slots.iter_mut() {
            slot.parts.retain(|part| {
                let hopeless = matches!(part.state, State::Waiting { until, .. } if until >= deadline);
                let sent = matches!(part.state, State::Sending(_));
                let over = is_over || hopeless || (paused && !sent);
                for event in part.events.iter().filter(|_| over) {
                    tally.dropped(
                        event.uuid,
                        DropReason::Shutdown,
                        if part.is_doubtful() { &doubtful } else { &message },
                    );
                }
                !over
            });
        }
        slots.retain(|slot| !slot.parts.is_empty());
        while (is_over || paused)
            && let Some(event) = self.waiting.pop()
        {
            self.tally.dropped(event.uuid, DropReason::Shutdown, &message);
        }
    }
}
