//! Report: what became of the events, counted since the last report (for people) and since the beginning (for monitoring).

use std::collections::VecDeque;
use std::sync::Arc;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::policy::MAX_NAMED_DROPS;
use crate::outcome::Delivery;
use crate::words::words;

words! {
    /// Why an event was dropped.
    pub enum DropReason {
        /// The queue was full.
        Overflow = "overflow",
        /// By a `before_send` hook, or because one failed.
        BeforeSend = "before_send",
        /// The server refused it.
        Rejected = "rejected",
        /// The server takes no request of its size.
        TooLarge = "too_large",
        /// By the server's verdict on this event (v1).
        ServerDrop = "server_drop",
        /// The server does not take this api key.
        Unauthorized = "unauthorized",
        /// The project is over its quota.
        QuotaExceeded = "quota_exceeded",
        /// The server refused it for good with 429 (v1).
        RateLimited = "rate_limited",
        /// The queue was closed before it could be delivered.
        Shutdown = "shutdown",
    }
}

/// One event that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The event's uuid.
    pub uuid: Uuid,
    /// Why, as a word.
    pub reason: DropReason,
    /// Why, as a sentence, with the server's own words where there are any. Shared by all events of a batch.
    pub message: Arc<str>,
}

impl Serialize for Dropped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Dropped", 3)?;
        fields.serialize_field("Uuid", &self.uuid.to_string())?;
        fields.serialize_field("Reason", &self.reason)?;
        fields.serialize_field("Message", &*self.message)?;
        fields.end()
    }
}

/// What became of the events since the last report. Serializes in PascalCase: `Delivered`, `Pending`, ...
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Report {
    /// Events the server took: `accepted` and `stored` together.
    pub delivered: u64,
    /// Events the server accepted for storage, and those of which a success said nothing: `last_error` tells of these, and
    /// `events_unconfirmed_total` counts them.
    pub accepted: u64,
    /// Events the server stored (v1).
    pub stored: u64,
    /// Events that are still to be delivered, as of now.
    pub pending: u64,
    /// The events that were dropped, one by one; at most 100,000 of them.
    pub dropped: Vec<Dropped>,
    /// How many events were dropped, including those beyond the 100,000.
    pub dropped_total: u64,
    /// The message of the last request that failed or had a doubtful answer, or why none could be made; without these, why a close gave
    /// events up. Empty when none of that happened.
    pub last_error: String,
}

impl Report {
    /// The report as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and numbers always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Counters since the queue was made, and where events stand now. The names fit Prometheus and OpenTelemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Valid events handed to the queue, including those it had to drop at once.
    pub events_pushed_total: u64,
    /// Events the server took.
    pub events_delivered_total: u64,
    /// Of these, accepted for storage.
    pub events_accepted_total: u64,
    /// Of these, stored.
    pub events_stored_total: u64,
    /// Of the accepted ones, those about which a v1 answer said nothing, and those whose answer was a success but not PostHog's.
    pub events_unconfirmed_total: u64,
    /// Events dropped, by reason.
    pub events_dropped_total: DropCounts,
    /// Events sent again, but for those of a divided batch.
    pub events_retried_total: u64,
    /// Requests made.
    pub requests_total: u64,
    /// Requests that failed.
    pub requests_failed_total: u64,
    /// Bytes of request bodies, as sent, once their answers came.
    pub request_bytes_total: u64,
    /// Batches divided to find the event the server refuses.
    pub batches_divided_total: u64,
    /// Answers to requests the queue no longer waited for.
    pub late_answers_total: u64,
    /// Events that wait for a batch.
    pub events_waiting: u64,
    /// Bytes of the events that wait for a batch.
    pub bytes_waiting: u64,
    /// Events in batches, on their way or waiting for another attempt.
    pub events_in_flight: u64,
    /// Requests whose answer is awaited.
    pub requests_in_flight: u64,
}

/// Dropped events by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DropCounts(Vec<(DropReason, u64)>);

impl DropCounts {
    /// How many were dropped for this reason.
    #[must_use]
    pub fn of(&self, reason: DropReason) -> u64 {
        self.0
            .iter()
            .find(|(known, _)| *known == reason)
            .map_or(0, |(_, count)| *count)
    }

    /// How many were dropped at all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    fn add(&mut self, reason: DropReason) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => self.0.push((reason, 1)),
        }
    }
}

impl Serialize for DropCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(DropReason::ALL.len()))?;
        for reason in DropReason::ALL {
            map.serialize_entry(reason, &self.of(*reason))?;
        }
        map.end()
    }
}

/// Something the host is to tell the hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// These events were delivered, as far as is known: `stored`, `accepted`, or `unknown` after an answer that says nothing of them.
    Delivered { uuids: Vec<Uuid>, delivery: Delivery },
    /// This event was dropped.
    Dropped(Dropped),
}

/// Which notes there are hooks for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listening {
    pub(crate) delivered: bool,
    pub(crate) dropped: bool,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) stats: Stats,
    report: Report,
    notes: VecDeque<Note>,
    listening: Listening,
}

impl Tally {
    pub(super) fn new(listening: Listening) -> Self {
        Self {
            listening,
            ..Self::default()
        }
    }

    /// Counts events that were sent and are not sent again.
    pub(super) fn delivered(&mut self, uuids: impl ExactSizeIterator<Item = Uuid>, delivery: Delivery) {
        let count = uuids.len() as u64;
        if count == 0 {
            return;
        }
        self.report.delivered += count;
        self.stats.events_delivered_total += count;
        if delivery == Delivery::Stored {
            self.report.stored += count;
            self.stats.events_stored_total += count;
        } else {
            self.report.accepted += count;
            self.stats.events_accepted_total += count;
        }
        if delivery == Delivery::Unknown {
            self.stats.events_unconfirmed_total += count;
        }
        if self.listening.delivered {
            self.notes.push_back(Note::Delivered {
                uuids: uuids.collect(),
                delivery,
            });
        }
    }

    pub(super) fn dropped(&mut self, uuid: Uuid, reason: DropReason, message: &Arc<str>) {
        if reason == DropReason::Shutdown && self.report.last_error.is_empty() {
            self.failed(message);
        }
        self.stats.events_dropped_total.add(reason);
        self.report.dropped_total += 1;
        let dropped = Dropped {
            uuid,
            reason,
            message: Arc::clone(message),
        };
        if self.listening.dropped {
            self.notes.push_back(Note::Dropped(dropped.clone()));
        }
        if self.report.dropped.len() < MAX_NAMED_DROPS {
            self.report.dropped.push(dropped);
        }
    }

    pub(super) fn failed(&mut self, message: &str) {
        message.clone_into(&mut self.report.last_error);
    }

    pub(super) fn take_report(&mut self, pending: u64) -> Report {
        Report {
            pending,
            ..std::mem::take(&mut self.report)
        }
    }

    pub(super) fn has_notes(&self) -> bool {
        !self.notes.is_empty()
    }

    pub(super) fn take_notes(&mut self) -> VecDeque<Note> {
        self.replace_notes(VecDeque::new())
    }

    pub(super) fn replace_notes(&mut self, notes: VecDeque<Note>) -> VecDeque<Note> {
        std::mem::replace(&mut self.notes, notes)
    }
}
