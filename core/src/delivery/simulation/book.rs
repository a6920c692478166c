//! Book: what was pushed, sent and answered, kept apart from the queue's own account, and what must hold of both.

use std::collections::HashMap;

use uuid::Uuid;

use crate::delivery::{DropReason, Dropped, Job, Note, Policy, Report};
use crate::event::Event;
use crate::outcome::Delivery as Certainty;
use crate::protocol::ENVELOPE_BYTES;
use crate::protocol::verdict::{Answer, Answered, Verdict, Verdicts};

/// Which invariant a run broke, and how.
pub(super) type Broken = (&'static str, String);

/// What became of an event in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Delivered(Certainty),
    Dropped(DropReason),
}

/// What is known of one pushed event.
struct Entry {
    index: usize,
    json: Vec<u8>,
    /// The batch it first went out in.
    batch: Option<usize>,
    /// What a final answer about it means.
    decided: Option<End>,
    /// Whether a request may have left it with the server.
    may_be_kept: bool,
    /// What the queue told of it.
    end: Option<End>,
}

/// The independent record of a run.
#[derive(Default)]
pub(super) struct Book {
    events: HashMap<Uuid, Entry>,
    /// Per batch: events, and requests that were not retries.
    batches: Vec<(usize, usize)>,
    /// The last attempt of each request id.
    requests: HashMap<Uuid, u32>,
    pub(super) in_air: usize,
    /// What all reports together said.
    reported_delivered: u64,
    reported_drops: HashMap<Uuid, DropReason>,
}

impl Book {
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    pub(super) fn add(&mut self, event: &Event) {
        let entry = Entry {
            index: self.len(),
            json: event.json().to_vec(),
            batch: None,
            decided: None,
            may_be_kept: false,
            end: None,
        };
        self.events.insert(event.uuid, entry);
    }

    pub(super) fn strike(&mut self, uuid: Uuid) {
        self.events.remove(&uuid);
    }

    /// Takes down a request, which must be one that may be made.
    pub(super) fn send(&mut self, job: &Job, policy: &Policy) -> Result<(), Broken> {
        if job.events.is_empty() || job.events.len() > policy.max_batch_events || self.in_air > policy.max_in_flight {
            let what = format!("{} events, {} in the air", job.events.len(), self.in_air);
            return Err(("bounds", what));
        }
        let bytes: usize = job.events.iter().map(|event| event.len() + 1).sum::<usize>() + ENVELOPE_BYTES;
        if job.events.len() > 1 && bytes > policy.max_batch_bytes {
            return Err(("bounds", format!("a batch of {bytes} bytes")));
        }
        let mut before = None;
        let fresh_batch = self.batches.len();
        let mut batch = fresh_batch;
        for event in job.events.iter() {
            let Some(entry) = self.events.get_mut(&event.uuid) else {
                return Err(("unchanged", "an unknown event".to_owned()));
            };
            if event.json() != entry.json {
                return Err(("unchanged", String::from_utf8_lossy(event.json()).into_owned()));
            }
            if before >= Some(entry.index) {
                return Err(("order", format!("{} after {before:?}", entry.index)));
            }
            before = Some(entry.index);
            if entry.decided.is_some() {
                return Err(("final", format!("event {} goes out again", entry.index)));
            }
            batch = *entry.batch.get_or_insert(fresh_batch);
        }
        if batch == fresh_batch {
            self.batches.push((job.events.len(), 0));
        }
        if job.attempt == 1
            && let Some((events, requests)) = self.batches.get_mut(batch)
        {
            *requests += 1;
            // One more for the change of protocol.
            if *requests > 2 * *events {
                return Err(("isolation", format!("{requests} requests for a batch of {events}")));
            }
        }
        let attempt = self.requests.entry(job.request_id).or_default();
        *attempt += 1;
        if *attempt != job.attempt {
            return Err(("attempt", format!("attempt {} where {attempt} was due", job.attempt)));
        }
        Ok(())
    }

    /// Takes down which events an answer settles, and how, as protocol.md has it.
    pub(super) fn decide(&mut self, job: &Job, answered: &Answered, policy: &Policy) {
        let is_divided = matches!(answered.answer, Answer::Divide) && job.events.len() > 1;
        let may_be_kept = is_divided || answered.outcome.delivery == Certainty::Unknown;
        for event in job.events.iter() {
            let decided = match &answered.answer {
                Answer::Accepted => Some(End::Delivered(answered.outcome.delivery)),
                Answer::Verdicts(verdicts) => verdict_on(event.uuid, verdicts),
                Answer::Again | Answer::Stale => None,
                Answer::NoSuchRoute if policy.falls_back => None,
                Answer::Divide if job.events.len() > 1 => None,
                Answer::Divide | Answer::Refused | Answer::NoSuchRoute => {
                    Some(End::Dropped(refusal(answered.outcome.original_status_code)))
                }
            };
            if let Some(entry) = self.events.get_mut(&event.uuid) {
                entry.decided = entry.decided.or(decided);
                entry.may_be_kept |= may_be_kept;
            }
        }
    }

    /// Takes down what the queue tells of its events: of each once, and what was decided; where nothing was, whether the server may have kept it.
    pub(super) fn settle(&mut self, note: Note) -> Result<(), Broken> {
        let (uuids, end, message) = match note {
            Note::Delivered { uuids, delivery } => (uuids, End::Delivered(delivery), None),
            Note::Dropped(Dropped { uuid, reason, message }) => (vec![uuid], End::Dropped(reason), Some(message)),
        };
        for uuid in uuids {
            let Some(entry) = self.events.get_mut(&uuid) else {
                return Err(("account", "an unknown event is settled".to_owned()));
            };
            if entry.end.replace(end).is_some() {
                return Err(("account", format!("event {} is settled twice", entry.index)));
            }
            let is_due = match entry.decided {
                Some(decided) => decided == end,
                None => matches!(end, End::Dropped(DropReason::Overflow | DropReason::Shutdown)),
            };
            if !is_due {
                let what = format!("event {}: {end:?} after {:?}", entry.index, entry.decided);
                return Err(("reason", what));
            }
            let says = |doubt| message.as_ref().is_none_or(|message| message.contains(doubt));
            if entry.decided.is_none() && entry.may_be_kept && !says("may or may not") && !says("may have been kept") {
                return Err(("doubt", format!("event {}: {message:?}", entry.index)));
            }
        }
        Ok(())
    }

    /// Events that have come to their end.
    pub(super) fn settled(&self) -> usize {
        self.events.values().filter(|entry| entry.end.is_some()).count()
    }

    /// Takes down a report.
    pub(super) fn report(&mut self, report: Report, pending: u64) -> Result<(), Broken> {
        let named = report.dropped.len() as u64;
        if report.delivered != report.accepted + report.stored
            || report.dropped_total != named
            || report.pending != pending
        {
            return Err(("reports", format!("{report:?}, {pending} pending")));
        }
        self.reported_delivered += report.delivered;
        for Dropped { uuid, reason, .. } in report.dropped {
            if self.reported_drops.insert(uuid, reason).is_some() {
                return Err(("reports", format!("{uuid} is dropped twice")));
            }
        }
        Ok(())
    }

    /// Whether every event has an end, and the reports told of each what the notes told.
    pub(super) fn close(&self) -> Result<(), Broken> {
        let mut delivered = 0;
        for (uuid, entry) in &self.events {
            let dropped = match entry.end {
                None => return Err(("account", format!("event {} has no end", entry.index))),
                Some(End::Dropped(reason)) => Some(reason),
                Some(End::Delivered(_)) => None,
            };
            delivered += u64::from(dropped.is_none());
            let reported = self.reported_drops.get(uuid).copied();
            if reported != dropped {
                let what = format!("event {}: {reported:?}, not {dropped:?}", entry.index);
                return Err(("reports", what));
            }
        }
        match self.reported_delivered == delivered {
            true => Ok(()),
            false => Err(("reports", format!("{} of {delivered}", self.reported_delivered))),
        }
    }
}

fn verdict_on(uuid: Uuid, verdicts: &Verdicts) -> Option<End> {
    match verdicts.on(uuid) {
        Some(Verdict::Stored { .. }) => Some(End::Delivered(Certainty::Stored)),
        Some(Verdict::Unknown { .. }) => Some(End::Delivered(Certainty::Accepted)),
        Some(Verdict::Dropped { .. }) => Some(End::Dropped(DropReason::ServerDrop)),
        Some(Verdict::OverQuota) => Some(End::Dropped(DropReason::QuotaExceeded)),
        Some(Verdict::Retry) => None,
        None => Some(End::Delivered(Certainty::Unknown)),
    }
}

fn refusal(status: u16) -> DropReason {
    match status {
        // A success that says that the project is over its quota.
        200..=299 | 402 => DropReason::QuotaExceeded,
        401 | 403 => DropReason::Unauthorized,
        413 => DropReason::TooLarge,
        429 => DropReason::RateLimited,
        _ => DropReason::Rejected,
    }
}
