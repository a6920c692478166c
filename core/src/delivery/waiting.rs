//! Waiting: the events that are under way in no request yet, in order and within bounds.

use std::collections::VecDeque;

use super::policy::Policy;
use super::segments::Segments;
use crate::event::Event;
use crate::protocol::ENVELOPE_BYTES;

/// Up to here, events are kept in one batch even if they will be sent in smaller ones: many small ones would need much memory.
const MIN_BATCH_EVENTS: usize = 256;
const MIN_BATCH_BYTES: usize = 64 << 10;

/// Events in order of arrival, in batches as they will be sent, so that taking one out takes no time. Each event has a number, counted
/// from 0; the front's number tells how many have left.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    batches: VecDeque<Batch>,
    segments: Segments,
    size: Size,
    front: u64,
    /// How many events the last batch had: the next one will probably have as many.
    last_batch: usize,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

/// Events one after the other, usually those of one request.
#[derive(Debug, Default)]
struct Batch {
    events: VecDeque<Event>,
    arrivals: VecDeque<i64>,
    /// Bytes of the events, and of a comma after each.
    bytes: usize,
}

impl Batch {
    fn with_room_for(events: usize) -> Self {
        Self {
            events: VecDeque::with_capacity(events),
            arrivals: VecDeque::with_capacity(events),
            bytes: 0,
        }
    }

    /// Whether the event can be in one request with those that are here.
    fn fits(&self, event: &Event, policy: &Policy) -> bool {
        self.events.is_empty() || self.fits_into(1, event.len() + 1, policy.max_batch_events, policy.max_batch_bytes)
    }

    /// Whether the event is to be kept together with those that are here.
    fn gathers(&self, event: &Event, policy: &Policy) -> bool {
        let events = policy.max_batch_events.max(MIN_BATCH_EVENTS);
        self.fits_into(1, event.len() + 1, events, policy.max_batch_bytes.max(MIN_BATCH_BYTES))
    }

    /// Whether all of it goes into one request.
    fn is_one_request(&self, policy: &Policy) -> bool {
        self.fits_into(0, 0, policy.max_batch_events, policy.max_batch_bytes)
    }

    fn fits_into(&self, more_events: usize, more_bytes: usize, max_events: usize, max_bytes: usize) -> bool {
        self.events.len() + more_events <= max_events && ENVELOPE_BYTES + self.bytes + more_bytes <= max_bytes
    }

    fn push(&mut self, event: Event, at: i64) {
        self.bytes += event.len() + 1;
        self.events.push_back(event);
        self.arrivals.push_back(at);
    }

    fn pop(&mut self) -> Option<(Event, i64)> {
        let popped = self.events.pop_front().zip(self.arrivals.pop_front());
        self.bytes -= popped.as_ref().map_or(0, |(event, _)| event.len() + 1);
        popped
    }
}

impl Waiting {
    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn len(&self) -> usize {
        self.size.events
    }

    pub(super) fn bytes(&self) -> usize {
        self.size.bytes
    }

    /// The number of the first event that has not left.
    pub(super) fn front(&self) -> u64 {
        self.front
    }

    /// The number the next event will have.
    pub(super) fn end(&self) -> u64 {
        self.front + self.len() as u64
    }

    /// When the oldest event came.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.batches.front()?.arrivals.front().copied()
    }

    pub(super) fn push(&mut self, event: Event, at: i64, policy: &Policy) {
        self.size.events += 1;
        self.size.bytes += event.len();
        let json = self.segments.keep(event.json());
        let event = event.with_json(json);
        match self.batches.back_mut() {
            Some(batch) if batch.gathers(&event, policy) => batch.push(event, at),
            last => {
                let room = last.map_or(self.last_batch, |last| last.events.len());
                let mut batch = Batch::with_room_for(room);
                batch.push(event, at);
                self.batches.push_back(batch);
            }
        }
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let batch = self.batches.front_mut()?;
        let (event, _) = batch.pop()?;
        if batch.events.is_empty() {
            self.batches.pop_front();
        }
        self.left(1, event.len());
        Some(event)
    }

    /// Takes the events of the next batch: at least one, and as many as its bounds allow.
    pub(super) fn take_batch(&mut self, policy: &Policy) -> Vec<Event> {
        let mut batch = match self.batches.front() {
            Some(first) if first.is_one_request(policy) => self.batches.pop_front().unwrap_or_default(),
            _ => Batch::default(),
        };
        // There may be room for more, when the oldest events were dropped or when requests are small.
        while let Some(next) = self.batches.front_mut() {
            if !next.events.front().is_some_and(|event| batch.fits(event, policy)) {
                break;
            }
            if let Some((event, at)) = next.pop() {
                batch.push(event, at);
            }
            if next.events.is_empty() {
                self.batches.pop_front();
            }
        }
        self.last_batch = batch.events.len();
        self.left(self.last_batch, batch.bytes - self.last_batch);
        batch.events.into()
    }

    fn left(&mut self, events: usize, bytes: usize) {
        self.size.events -= events;
        self.size.bytes -= bytes;
        self.front += events as u64;
    }
}
