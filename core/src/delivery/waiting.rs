//! Waiting: the events that are in no batch yet, in order and within bounds.

use std::collections::VecDeque;
use std::sync::Arc;

use super::policy::{ENVELOPE_BYTES, Policy};
use super::segments::Segments;
use crate::event::Event;

/// Events in order of arrival. Each has a number, counted from 0; the front's number tells how many have left.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    events: VecDeque<Arrived>,
    segments: Segments,
    bytes: usize,
    front: u64,
}

#[derive(Debug)]
struct Arrived {
    event: Event,
    at: i64,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The number of the first event that has not left.
    pub(super) fn front(&self) -> u64 {
        self.front
    }

    /// The number the next event will have.
    pub(super) fn end(&self) -> u64 {
        self.front + self.events.len() as u64
    }

    /// When the oldest event came.
    pub(super) fn oldest(&self) -> Option<i64> {
        self.events.front().map(|arrived| arrived.at)
    }

    pub(super) fn fits(&self, event: &Event, policy: &Policy) -> bool {
        self.events.len() < policy.max_queue_events && self.bytes + event.len() <= policy.max_queue_bytes
    }

    pub(super) fn push(&mut self, event: Event, at: i64) {
        self.bytes += event.len();
        let json = self.segments.keep(event.json());
        let event = event.with_json(json);
        self.events.push_back(Arrived { event, at });
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let arrived = self.events.pop_front()?;
        self.bytes -= arrived.event.len();
        self.front += 1;
        // A burst's room is given back once it has passed.
        if self.events.is_empty() && self.events.capacity() > 1_024 {
            self.events = VecDeque::new();
        }
        Some(arrived.event)
    }

    /// Takes the events of the next batch: at least one, and as many as its bounds allow.
    pub(super) fn take_batch(&mut self, policy: &Policy) -> Arc<[Event]> {
        let mut batch = Vec::with_capacity(self.events.len().min(policy.max_batch_events));
        let mut bytes = ENVELOPE_BYTES;
        while let Some(next) = self.events.front() {
            bytes += next.event.len() + 1;
            if !batch.is_empty() && (batch.len() >= policy.max_batch_events || bytes > policy.max_batch_bytes) {
                break;
            }
            batch.extend(self.pop());
        }
        batch.into()
    }
}
