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

use uuid::Uuid;

use crate::event::Event;
use crate::protocol::Protocol;
use crate::time::Timestamp;

mod closing;
mod completion;
mod policy;
mod report;
mod schedule;
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

use report::Tally;
use slot::{Slot, State};
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
    pub(crate) created: Timestamp,
    pub(crate) attempt: u32,
    /// What closing leaves of the time; `None` while the queue is open.
    pub(crate) time_left: Option<Duration>,
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// It is in; `wake`: somebody should call `step`.
    Queued { wake: bool },
    /// There is no room; the event comes back. Unless not even an empty queue could hold it, what waits is to be sent now: somebody should call
    /// `step`.
    Full(Event),
    /// The queue takes nothing more.
    Closed,
}

/// A queue.
#[derive(Debug)]
pub(crate) struct Delivery {
    policy: Policy,
    protocol: Protocol,
    waiting: Waiting,
    slots: Vec<Slot>,
    /// The size of all parked batches. These are out of retries: they have given up their place among the requests, and take room in the queue.
    parked: Size,
    /// Whether the last batch that was settled ran out of retries. Until the server takes one again, only one is tried at a time.
    struggles: bool,
    next_id: u64,
    /// Events with numbers below this one are to go out without waiting for more.
    flush_before: u64,
    /// Until then, only a full batch goes out because of its number of events, so that events which come shortly after each other leave
    /// together.
    gathers_until: i64,
    /// When the close ends, once there is one.
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

    /// A moment of [`time`](Self::time) in the host's time.
    fn moment(&self, time: i64) -> Timestamp {
        let seen_at = self.seen_at.map_or(0, Timestamp::unix_ms);
        Timestamp::from_unix_ms(seen_at.saturating_add(time.saturating_sub(self.time)))
    }

    /// The protocol spoken now: with `auto`, v0 once the server has said that it has no v1.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the next [`push`](Self::push) needs the time. When other events wait already, the time that was last given is good enough: it
    /// is earlier, so the event waits a little less.
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
        // The first event starts the wait; the one that makes a batch large enough, or fills it, ends the wait. Without a free place, nobody
        // need be woken: the thread that waits for an answer steps when that has come.
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

    /// Drops the oldest events until there is room for this one. Gives whether it had to drop any; what is left is then to be sent now.
    fn make_room(&mut self, event: &Event) -> bool {
        if self.fits(event) || !self.policy.can_hold(event) {
            return false;
        }
        while !self.fits(event) {
            let parked = self.pop_parked();
            let Some((oldest, doubt)) = parked.or_else(|| Some((self.waiting.pop()?, ""))) else {
                break;
            };
            let message: Arc<str> = format!("the queue was full and made room for a newer event{doubt}").into();
            self.tally.dropped(oldest.uuid, DropReason::Overflow, &message);
        }
        self.flush_before = self.waiting.end();
        true
    }

    /// Takes out the oldest event of the parked batches, with the doubt whether the server has kept it.
    fn pop_parked(&mut self) -> Option<(Event, &'static str)> {
        let parked = self.slots.iter_mut().enumerate().filter(|(_, slot)| !slot.active);
        let (index, slot) = parked.min_by_key(|(_, slot)| slot.first)?;
        let (event, doubt) = slot.pop()?;
        if slot.parts.is_empty() {
            self.slots.remove(index);
        }
        self.parked.events -= 1;
        self.parked.bytes -= event.len();
        Some((event, doubt))
    }

    /// Counts an event that never got in.
    pub(crate) fn refuse(&mut self, uuid: Uuid, reason: DropReason, message: &str) {
        self.tally.stats.events_pushed_total += 1;
        self.tally.dropped(uuid, reason, &message.into());
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

    /// Takes in which protocol the server takes, as another request has shown.
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
