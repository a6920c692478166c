//! Schedule: what is due, and when; and the requests that are made of it.

use std::sync::Arc;
use std::time::Duration;

use rand_pcg::rand_core::Rng;

use super::policy::GATHERING_MS;
use super::slot::{Part, Slot, State, Wish};
use super::waiting::Size;
use super::{Delivery, Job, Step};
use crate::protocol::{ENVELOPE_BYTES, Protocol, split_repeated_uuids};
use crate::time::{Timestamp, milliseconds};

/// What is due, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// This part of a batch that has a slot.
    Part { slot: usize, part: usize },
    /// A new batch of the events that wait.
    Batch,
    /// Nothing before then.
    At(i64),
}

impl Delivery {
    /// When `step` is next worth calling; the past when it is now. `None`: not before the next push, flush, close or answer, or never.
    pub(crate) fn next_step(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.tick(now);
        if self.is_closed() {
            return None;
        }
        match self.due()? {
            Due::At(at) => Some(self.moment(at)),
            Due::Part { .. } | Due::Batch => Some(now),
        }
    }

    /// What to do now. To be called until it gives no more requests.
    pub(crate) fn step(&mut self, now: Timestamp, rng: &mut impl Rng) -> Step {
        self.tick(now);
        self.expire();
        if self.is_closed() {
            return Step::Closed;
        }
        match self.due() {
            None => Step::Idle,
            Some(Due::At(at)) => Step::Wait { until: self.moment(at) },
            Some(Due::Part { slot, part }) => self.send(slot, part),
            Some(Due::Batch) => self.send_batch(now, rng),
        }
    }

    /// Gives the next batch of the events that wait a slot, and sends its first part.
    fn send_batch(&mut self, now: Timestamp, rng: &mut impl Rng) -> Step {
        let first = self.waiting.front();
        self.gathers_until = self.time.saturating_add(GATHERING_MS);
        let events = self.waiting.take_batch(&self.policy);
        let requests = match self.protocol {
            Protocol::V0 => vec![events],
            Protocol::V1 => split_repeated_uuids(events, |event| event.uuid.as_u128()),
        };
        // A stack: what came first is on top.
        let parts = requests.into_iter().rev();
        let parts: Vec<_> = parts.map(|events| Part::new(Arc::new(events), now, rng)).collect();
        let top = parts.len() - 1;
        self.slots.push(Slot {
            first,
            parts,
            active: true,
        });
        self.send(self.slots.len() - 1, top)
    }

    /// Makes the next request of this part.
    fn send(&mut self, slot: usize, part: usize) -> Step {
        let time_left = self
            .deadline
            .map(|deadline| Duration::from_millis(u64::try_from(deadline.saturating_sub(self.time)).unwrap_or(0)));
        self.unpark(slot);
        let Some(part) = self.slots.get_mut(slot).and_then(|slot| slot.parts.get_mut(part)) else {
            return Step::Idle;
        };
        if matches!(part.state, State::Held { .. }) {
            part.release();
        }
        self.next_id += 1;
        part.state = State::Sending(self.next_id);
        part.attempt = part.attempt.saturating_add(1);
        self.tally.stats.requests_total += 1;
        if part.attempt > 1 {
            self.tally.stats.events_retried_total += part.events.len() as u64;
        }
        Step::Send(Job {
            id: self.next_id,
            events: Arc::clone(&part.events),
            protocol: self.protocol,
            request_id: part.request_id,
            created: part.created,
            attempt: part.attempt,
            time_left,
        })
    }

    /// Gives a parked batch a place among the requests again.
    pub(super) fn unpark(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot).filter(|slot| !slot.active) {
            let size = slot.size();
            slot.active = true;
            self.parked.events -= size.events;
            self.parked.bytes -= size.bytes;
        }
    }

    /// What is due now, or else when something will be.
    fn due(&self) -> Option<Due> {
        let mut next: Option<i64> = None;
        let mut consider = |at: i64| next = Some(next.map_or(at, |next| next.min(at)));
        // While it is paused, answers still come, and a close still ends.
        let (slots, has_place) = match self.paused {
            true => (&[][..], false),
            false => (&self.slots[..], self.has_place()),
        };
        // Of the held parts whose time has come, the one that has waited longest.
        let mut again: Option<(i64, Due)> = None;
        for (slot, state) in slots.iter().enumerate() {
            match state.wish(self.time) {
                Wish::Send(part) if has_place || self.keeps_place(state) => return Some(Due::Part { slot, part }),
                Wish::SendAgain { part, since } if has_place => {
                    if again.is_none_or(|(earliest, _)| since < earliest) {
                        again = Some((since, Due::Part { slot, part }));
                    }
                }
                Wish::At(at) => consider(at),
                // Without a free place, it waits until another request's answer has come.
                Wish::Send(_) | Wish::SendAgain { .. } | Wish::Answer => {}
            }
        }
        if let Some(oldest) = self.waiting.oldest()
            && has_place
            // Held parts and events that came later go out in the order of their times, so that neither keeps the other back for ever.
            && again.is_none_or(|(since, _)| oldest <= since)
        {
            let at = self.batch_due_at(oldest);
            if at <= self.time {
                return Some(Due::Batch);
            }
            consider(at);
        }
        if let Some((_, due)) = again {
            return Some(due);
        }
        if let Some(deadline) = self.deadline {
            consider(deadline);
        }
        next.map(Due::At)
    }

    /// When the events that wait, of which the oldest came at this time, are next worth a look; now or earlier: they are to go out.
    fn batch_due_at(&self, oldest: i64) -> i64 {
        let size = self.waiting.size();
        let is_hurried = self.deadline.is_some() || self.waiting.front() < self.flush_before;
        if is_hurried || self.is_full(size) || self.is_due(size) {
            return self.time;
        }
        let aged = oldest.saturating_add(milliseconds(self.policy.flush_interval));
        // While events gather, the end of that is a time to look again, whether or not they are enough by now: so nobody has to be woken
        // at the moment when they become enough.
        match self.gathers_until > self.time {
            true => aged.min(self.gathers_until),
            false => aged,
        }
    }

    /// Whether so many events go out because of their number.
    pub(super) fn is_due(&self, size: Size) -> bool {
        self.gathers_until <= self.time && self.is_large_enough(size)
    }

    /// Whether so many events are worth a request. Each one that is under way doubles what makes another worthwhile: under load
    /// a few large requests carry what many small ones would, at a fraction of the cost.
    fn is_large_enough(&self, size: Size) -> bool {
        let policy = &self.policy;
        let under_way = self.slots.iter().filter(|slot| slot.is_sending()).count();
        let count = policy
            .flush_at
            .saturating_mul(1 << under_way.min(16))
            .min(policy.max_batch_events)
            .min(policy.max_queue_events);
        size.events >= count || self.is_full(size)
    }

    /// Whether so many events fill a request, or the queue.
    pub(super) fn is_full(&self, size: Size) -> bool {
        let policy = &self.policy;
        size.events >= policy.max_batch_events.min(policy.max_queue_events)
            || size.bytes + ENVELOPE_BYTES >= policy.max_batch_bytes
    }

    /// Whether another request may be made now.
    pub(super) fn has_place(&self) -> bool {
        let places = match self.deadline {
            None if self.struggles => 1,
            _ => self.policy.max_in_flight,
        };
        self.slots.iter().filter(|slot| self.keeps_place(slot)).count() < places
    }

    /// Whether a batch has one of the places for requests. It keeps the place while it waits for its next attempt; but not while the
    /// queue is being closed, because then the other batches cannot wait for it.
    fn keeps_place(&self, slot: &Slot) -> bool {
        match self.deadline {
            Some(_) => slot.is_sending(),
            None => slot.active,
        }
    }
}
