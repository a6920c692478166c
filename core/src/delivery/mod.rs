//! Delivery: a queue as a state machine. It batches, bounds, retries, divides and counts; it has no clock, thread or socket.
//!
//! ```text
//!   push(event) ──► waiting ──(count, bytes, age, flush, close)──► slot ──► Send(job) ──► complete(id, answered)
//!                      │                                            ▲  │                        │
//!                      │                 Again: backoff or          │  └── parts ◄──────────────┤ Divide: halves
//!                      │                 Retry-After; out of        └───────────────────────────┤
//!                      ▼                 retries: held                                          ▼
//!                   dropped ◄───────────────────────────────────────── dropped, delivered (report, stats, notes)
//! ```
//!
//! Every event pushed ends in exactly one of delivered, dropped with a reason, and pending.
//!
//! The bounds `max_queue_events` and `max_queue_bytes` count the events that wait. Batches under way live in at most `max_in_flight`
//! slots beside them, so that events added while a full queue is in flight survive, and memory is still bounded: by the bounds plus
//! `max_in_flight` batches.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rand_pcg::rand_core::Rng;
use uuid::Uuid;

use crate::event::Event;
use crate::protocol::{ENVELOPE_BYTES, Protocol, apart};
use crate::time::{Timestamp, milliseconds};

mod closing;
mod completion;
mod policy;
mod report;
mod segments;
#[cfg(test)]
mod simulation;
mod slot;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use policy::Policy;
pub use report::{DropCounts, DropReason, Dropped, Report, Stats};
pub(crate) use report::{Listening, Note};

use policy::GATHERING_MS;
use report::Tally;
use slot::{Part, Slot, State, Wish};
use waiting::{Size, Waiting};

/// What the host is to do next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Build and send this, then call [`Delivery::complete`].
    Send(Job),
    /// Nothing before then.
    Wait { until: Timestamp },
    /// Nothing before the next push, flush or close.
    Idle,
    /// Nothing ever again.
    Closed,
}

/// One request to be made.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) events: Arc<Vec<Event>>,
    pub(crate) protocol: Protocol,
    pub(crate) request_id: Uuid,
    pub(crate) attempt: u32,
    /// What closing leaves of the time; `None` while the queue is open.
    pub(crate) time_left: Option<Duration>,
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is in; `wake`: somebody should call `step`.
    Queued { wake: bool },
    /// There is no room; the event comes back. What waits is to go out, unless not even that would make room: somebody should call `step`.
    Full(Event),
    /// The queue takes nothing more.
    Closed,
}

/// What is due, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Part { slot: usize, part: usize },
    Batch,
    At(i64),
}

/// A queue.
#[derive(Debug)]
pub(crate) struct Delivery {
    policy: Policy,
    protocol: Protocol,
    waiting: Waiting,
    slots: Vec<Slot>,
    /// What is parked: batches out of retries, which have no place among the requests but take room in the queue.
    parked: Size,
    /// Whether the last batch that came to an end ran out of retries: then one at a time is tried, as a probe.
    struggles: bool,
    next_id: u64,
    /// Everything before this event's number is to go out without waiting for company.
    flush_before: u64,
    /// Until then a batch goes out for its number only when it is full: events that come one after the other leave together.
    gathers_until: i64,
    /// From closing on: when it ends.
    deadline: Option<i64>,
    /// Whether nothing is to be sent for now.
    paused: bool,
    /// Time that has passed, in milliseconds: it never runs backwards, whatever the host's clock does.
    time: i64,
    seen_at: Option<Timestamp>,
    tally: Tally,
}

impl Delivery {
    pub(crate) fn new(policy: Policy, protocol: Protocol, listening: Listening) -> Self {
        Self {
            policy,
            protocol,
            waiting: Waiting::default(),
            slots: Vec::new(),
            parked: Size::default(),
            struggles: false,
            next_id: 0,
            flush_before: 0,
            gathers_until: 0,
            deadline: None,
            paused: false,
            time: 0,
            seen_at: None,
            tally: Tally::new(listening),
        }
    }

    /// Takes in a time. Going backwards means that no time passed.
    fn tick(&mut self, now: Timestamp) {
        if let Some(seen_at) = self.seen_at {
            let passed = now.unix_ms().saturating_sub(seen_at.unix_ms()).max(0);
            self.time = self.time.saturating_add(passed);
        }
        self.seen_at = Some(now);
    }

    /// A moment of ours in the host's time.
    fn moment(&self, time: i64) -> Timestamp {
        let seen_at = self.seen_at.map_or(0, Timestamp::unix_ms);
        Timestamp::from_unix_ms(seen_at.saturating_add(time.saturating_sub(self.time)))
    }

    /// The protocol spoken now: with `auto`, v0 once the server has said that it has no v1.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the next [`push`](Self::push) must come with the time. An event that has company may have come when time was last told,
    /// which is earlier: it waits less long.
    pub(crate) fn needs_time(&self) -> bool {
        self.waiting.len() == 0
    }

    /// Takes in an event. `wake` in the answer is set only where something changed for whoever waits for `step`'s next result.
    pub(crate) fn push(&mut self, event: Event, now: Option<Timestamp>) -> Pushed {
        if self.deadline.is_some() {
            return Pushed::Closed;
        }
        if let Some(now) = now {
            self.tick(now);
        }
        let was_full = self.policy.drop_oldest && self.make_room(&event);
        if !self.fits(&event) {
            if self.policy.can_hold(&event) {
                self.flush_before = self.waiting.end();
            }
            return Pushed::Full(event);
        }
        self.tally.stats.events_pushed_total += 1;
        let before = self.waiting.size();
        self.waiting.push(event, self.time, &self.policy);
        let becomes = |is: fn(&Self, Size) -> bool| is(self, self.waiting.size()) && !is(self, before);
        // The first event starts the clock; the one that makes a batch worthwhile, or fills it, ends the wait. A busy slot steps when it
        // is done.
        let wake = was_full || self.waiting.len() == 1 || becomes(Self::is_due) || becomes(Self::is_full);
        Pushed::Queued {
            wake: wake && self.has_place(),
        }
    }

    fn fits(&self, event: &Event) -> bool {
        let (events, bytes) = (
            self.waiting.len() + self.parked.events,
            self.waiting.bytes() + self.parked.bytes,
        );
        events < self.policy.max_queue_events && bytes + event.len() <= self.policy.max_queue_bytes
    }

    /// Drops what is oldest where an event needs its room. Whether it had to, and what is left is to go out.
    fn make_room(&mut self, event: &Event) -> bool {
        if self.fits(event) || !self.policy.can_hold(event) {
            return false;
        }
        let message: Arc<str> = "the queue was full and made room for a newer event".into();
        while !self.fits(event) {
            let Some(oldest) = self.pop_parked().or_else(|| self.waiting.pop()) else {
                break;
            };
            self.tally.dropped(oldest.uuid, DropReason::Overflow, &message);
        }
        self.flush_before = self.waiting.end();
        true
    }

    /// Takes the oldest event out of those that are parked.
    fn pop_parked(&mut self) -> Option<Event> {
        let parked = self.slots.iter_mut().enumerate().filter(|(_, slot)| !slot.active);
        let (index, slot) = parked.min_by_key(|(_, slot)| slot.first)?;
        let event = slot.pop()?;
        if slot.parts.is_empty() {
            self.slots.remove(index);
        }
        self.parked.events -= 1;
        self.parked.bytes -= event.len();
        Some(event)
    }

    /// Gives a batch that is parked a place among the requests.
    fn unpark(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot).filter(|slot| !slot.active) {
            let size = slot.size();
            slot.active = true;
            self.parked.events -= size.events;
            self.parked.bytes -= size.bytes;
        }
    }

    /// Whether a batch has one of the places for requests. It keeps that while it waits for its next attempt, but not while the queue is
    /// being closed: the others have no later time.
    fn keeps_place(&self, slot: &Slot) -> bool {
        match self.deadline {
            Some(_) => slot.is_sending(),
            None => slot.active,
        }
    }

    /// Whether another request may be made.
    fn has_place(&self) -> bool {
        let places = match self.deadline {
            None if self.struggles => 1,
            _ => self.policy.max_in_flight,
        };
        self.slots.iter().filter(|slot| self.keeps_place(slot)).count() < places
    }

    /// Counts an event that never got in.
    pub(crate) fn refuse(&mut self, uuid: Uuid, reason: DropReason, message: &str) {
        self.tally.stats.events_pushed_total += 1;
        self.tally.dropped(uuid, reason, &message.into());
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

    /// Whether so many events go out for their number.
    fn is_due(&self, size: Size) -> bool {
        self.gathers_until <= self.time && self.is_large_enough(size)
    }

    /// Whether so many events fill a request, or the queue.
    fn is_full(&self, size: Size) -> bool {
        let policy = &self.policy;
        size.events >= policy.max_batch_events.min(policy.max_queue_events)
            || size.bytes + ENVELOPE_BYTES >= policy.max_batch_bytes
    }

    /// What is due now, or else when something will be.
    fn due(&self) -> Option<Due> {
        let mut next: Option<i64> = None;
        let mut consider = |at: i64| next = Some(next.map_or(at, |next| next.min(at)));
        // While it is paused, answers still come, and a close still ends.
        let (slots, room) = match self.paused {
            true => (&[][..], false),
            false => (&self.slots[..], self.has_place()),
        };
        let mut again: Option<(i64, Due)> = None;
        for (slot, state) in slots.iter().enumerate() {
            match state.wish(self.time) {
                Wish::Send(part) if room || self.keeps_place(state) => return Some(Due::Part { slot, part }),
                Wish::SendAgain { part, since } if room => {
                    if again.is_none_or(|(earliest, _)| since < earliest) {
                        again = Some((since, Due::Part { slot, part }));
                    }
                }
                Wish::At(at) => consider(at),
                // For want of a place, it waits for an answer as well.
                Wish::Send(_) | Wish::SendAgain { .. } | Wish::Answer => {}
            }
        }
        if let Some(oldest) = self.waiting.oldest()
            && room
            // What was parked and what came since go out in the order of their times, so that neither keeps the other back for ever.
            && again.is_none_or(|(since, _)| oldest <= since)
        {
            let ripe = oldest.saturating_add(milliseconds(self.policy.flush_interval));
            let hurried = self.deadline.is_some() || self.waiting.front() < self.flush_before;
            if hurried || self.is_full(self.waiting.size()) || ripe <= self.time {
                return Some(Due::Batch);
            }
            consider(ripe);
            if self.is_due(self.waiting.size()) {
                return Some(Due::Batch);
            }
            // It looks again then, large enough or not, so that nobody has to be woken at the moment when it becomes so.
            if self.gathers_until > self.time {
                consider(self.gathers_until);
            }
        }
        if let Some((_, due)) = again {
            return Some(due);
        }
        if let Some(deadline) = self.deadline {
            consider(deadline);
        }
        next.map(Due::At)
    }

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
            Some(Due::Batch) => {
                let first = self.waiting.front();
                self.gathers_until = self.time.saturating_add(GATHERING_MS);
                let events = self.waiting.take_batch(&self.policy);
                let requests = match self.protocol {
                    Protocol::V0 => vec![events],
                    Protocol::V1 => apart(events, |event| event.uuid.as_u128()),
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
        }
    }

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
            attempt: part.attempt,
            time_left,
        })
    }

    /// Lets everything go out that was pushed so far, held batches included, for one round of retries each. Gives a mark for
    /// [`is_flushed`](Self::is_flushed).
    pub(crate) fn flush(&mut self, now: Timestamp) -> u64 {
        self.tick(now);
        self.flush_before = self.waiting.end();
        self.release_held();
        self.struggles = false;
        self.flush_before
    }

    fn release_held(&mut self) {
        for part in self.slots.iter_mut().flat_map(|slot| &mut slot.parts) {
            part.has_had_its_round = false;
            if matches!(part.state, State::Held { .. }) {
                part.release();
            }
        }
    }

    /// Whether everything before the mark is delivered, dropped, or has used up a round of retries since.
    pub(crate) fn is_flushed(&self, mark: u64) -> bool {
        let is_stuck = self.paused && self.slots.iter().all(|slot| !slot.is_sending());
        let before = |slot: &&Slot| slot.first < mark;
        is_stuck || (self.waiting.front() >= mark && self.slots.iter().filter(before).all(Slot::has_had_its_round))
    }

    /// Sends nothing from now on, or goes on.
    pub(crate) fn pause(&mut self, paused: bool, now: Timestamp) {
        self.tick(now);
        self.paused = paused;
        self.expire();
    }

    /// Takes in what another request has shown about the server.
    pub(crate) fn learn(&mut self, protocol: Protocol) {
        if protocol == Protocol::V0 {
            self.protocol = protocol;
        }
    }

    /// Events that are neither delivered nor dropped.
    pub(crate) fn pending(&self) -> u64 {
        (self.waiting.len() + self.in_flight()) as u64
    }

    fn in_flight(&self) -> usize {
        self.slots.iter().map(Slot::events).sum()
    }

    /// Says in the next report why nothing is sent.
    pub(crate) fn hindered(&mut self, message: &str) {
        self.tally.failed(message);
    }

    /// What became of the events since the last report.
    pub(crate) fn report(&mut self) -> Report {
        let pending = self.pending();
        self.tally.take_report(pending)
    }

    /// All counters, and where events stand now.
    pub(crate) fn stats(&self) -> Stats {
        let sending = self.slots.iter().filter(|slot| slot.is_sending()).count();
        Stats {
            events_waiting: self.waiting.len() as u64,
            bytes_waiting: self.waiting.bytes() as u64,
            events_in_flight: self.in_flight() as u64,
            requests_in_flight: sending as u64,
            ..self.tally.stats.clone()
        }
    }

    /// Whether there is something that the hooks are to be told.
    pub(crate) fn has_notes(&self) -> bool {
        self.tally.has_notes()
    }

    /// What the hooks are to be told, outside of any lock.
    pub(crate) fn take_notes(&mut self) -> VecDeque<Note> {
        self.tally.take_notes()
    }
}
