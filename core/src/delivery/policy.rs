//! Policy: the numbers a queue runs by, each with its reason.

use std::time::Duration;

use crate::event::Event;
use crate::outcome::ErrorCode;
use crate::protocol::verdict::{Answer, Answered};
use crate::rules::{MAX_BATCH_BYTES, MAX_BATCH_EVENTS};

/// A batch that ran out of retries is tried again after this time at the latest, in milliseconds: often enough to recover by
/// itself after an outage, rarely enough not to be one more burden during it.
pub(super) const HOLD_MS: i64 = 30_000;

/// A queue never waits longer than this for a server's Retry-After: a wrong header must not stall it for a day.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(60);

/// Longest backoff while closing, in milliseconds: the time is short, and somebody waits.
pub(super) const CLOSING_BACKOFF_MS: i64 = 500;

/// How long events gather after a batch has left, in milliseconds, unless they fill a request: too short for anybody to notice, and a
/// burst leaves in a tenth of the requests.
pub(super) const GATHERING_MS: i64 = 10;

/// How many drops a report names one by one. Further ones are only counted, so that a queue whose report nobody takes cannot fill the memory.
pub(super) const MAX_NAMED_DROPS: usize = 100_000;

/// How a queue batches, bounds and retries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) flush_at: usize,
    pub(crate) flush_interval: Duration,
    pub(crate) max_batch_events: usize,
    pub(crate) max_batch_bytes: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_queue_events: usize,
    pub(crate) max_queue_bytes: usize,
    /// Whether a full queue drops its oldest event, instead of refusing the newest.
    pub(crate) drop_oldest: bool,
    pub(crate) max_retries: u32,
    /// Whether a 404 on v1 means v0.
    pub(crate) falls_back: bool,
}

impl Policy {
    /// Whether a request failed. With `auto`, the 404 of a server without v1 is not a failure, nor is a connection that was closed while idle.
    pub(crate) fn is_failure(&self, answered: &Answered) -> bool {
        let is_expected = match answered.answer {
            Answer::NoSuchRoute => self.falls_back,
            Answer::Stale => true,
            _ => false,
        };
        !is_expected && answered.outcome.error_code != ErrorCode::Ok
    }

    /// Whether an empty queue would have room for the event. If not, it can never be taken in.
    pub(crate) fn can_hold(&self, event: &Event) -> bool {
        event.len() <= self.max_queue_bytes
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            flush_at: 100,
            flush_interval: Duration::from_secs(5),
            max_batch_events: MAX_BATCH_EVENTS,
            max_batch_bytes: MAX_BATCH_BYTES,
            max_in_flight: 4,
            max_queue_events: 100_000,
            max_queue_bytes: 128 << 20,
            drop_oldest: false,
            max_retries: 3,
            falls_back: false,
        }
    }
}
