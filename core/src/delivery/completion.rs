//! Completion: what an answer does to the part it belongs to.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use rand_pcg::rand_core::Rng;

use super::policy::{CLOSING_BACKOFF_MS, HOLD_MS, MAX_RETRY_AFTER};
use super::slot::{Part, State};
use super::{Delivery, DropReason, Note};
use crate::backoff::{asked, backoff};
use crate::event::Event;
use crate::outcome::{Delivery as Certainty, ErrorCode, Outcome};
use crate::protocol::verdict::{Answer, Answered, Verdict, Verdicts, unknown_verdict};
use crate::protocol::{Protocol, answer};
use crate::time::{Timestamp, milliseconds};
use crate::uuids::fresh_uuid;

impl Delivery {
    /// Takes in the answer to a job, and gives what the hooks are to be told about it. An unknown or repeated id is counted, and changes
    /// nothing else.
    pub(crate) fn complete(
        &mut self,
        id: u64,
        answered: &Answered,
        now: Timestamp,
        rng: &mut impl Rng,
    ) -> VecDeque<Note> {
        let earlier = self.tally.take_notes();
        self.take_in(id, answered, now, rng);
        self.tally.replace_notes(earlier)
    }

    fn take_in(&mut self, id: u64, answered: &Answered, now: Timestamp, rng: &mut impl Rng) {
        self.tick(now);
        self.tally.stats.request_bytes_total += answered.body_bytes as u64;
        let found = self
            .slots
            .iter()
            .enumerate()
            .find_map(|(slot, state)| Some((slot, state.position_of(id)?)));
        let Some((slot, position)) = found else {
            self.tally.stats.late_answers_total += 1;
            // Its events were given up meanwhile. If the request failed, that still counts, as `on_error` is told of it.
            self.tally.stats.requests_failed_total += u64::from(self.policy.is_failure(answered));
            return;
        };
        self.note_error(answered);
        let Some(part) = self.slots.get_mut(slot).map(|slot| slot.parts.remove(position)) else {
            return;
        };
        let remaining = self.settle(part, answered, now, rng);
        if let Some(state) = self.slots.get_mut(slot) {
            state.parts.splice(position..position, remaining);
            if state.parts.is_empty() {
                self.slots.remove(slot);
            } else if state.is_held() {
                let size = state.size();
                state.active = false;
                self.parked.events += size.events;
                self.parked.bytes += size.bytes;
            }
        }
    }

    fn note_error(&mut self, answered: &Answered) {
        let outcome = &answered.outcome;
        if self.policy.is_failure(answered) {
            self.tally.stats.requests_failed_total += 1;
            self.tally.failed(&outcome.error_message);
        } else if let Some(warning) = outcome.warnings.first() {
            // A success that is not PostHog's counts as accepted, but the report says so.
            self.tally.failed(&warning.message);
        }
    }

    /// Does what an answer means for its part, and gives what is left of the part, in the order of a stack.
    fn settle(&mut self, mut part: Part, answered: &Answered, now: Timestamp, rng: &mut impl Rng) -> Vec<Part> {
        self.struggles &= matches!(answered.answer, Answer::Again | Answer::Stale);
        part.may_be_kept |= answered.outcome.delivery == Certainty::Unknown;
        match &answered.answer {
            Answer::Accepted => {
                // The delivery is unknown after a success that is not PostHog's.
                let uuids = part.events.iter().map(|event| event.uuid);
                self.tally.delivered(uuids, answered.outcome.delivery);
                Vec::new()
            }
            Answer::Verdicts(verdicts) => {
                let again = self.judge(&part, verdicts);
                if again.is_empty() {
                    return Vec::new();
                }
                self.tally.failed("the server asked to send events again later");
                part.events = Arc::new(again);
                vec![self.again(part, answered, rng)]
            }
            Answer::Stale if !part.was_stale => {
                part.was_stale = true;
                part.state = State::Ready;
                vec![part]
            }
            Answer::Again | Answer::Stale => vec![self.again(part, answered, rng)],
            Answer::Divide if part.events.len() > 1 => {
                self.tally.stats.batches_divided_total += 1;
                let [first, second] = part.halves(now, rng);
                vec![second, first]
            }
            Answer::NoSuchRoute if self.policy.falls_back => {
                self.protocol = Protocol::V0;
                part.request_id = fresh_uuid(now, rng);
                part.attempt = 0;
                part.state = State::Ready;
                vec![part]
            }
            Answer::Divide | Answer::Refused | Answer::NoSuchRoute => {
                self.drop_all(&part, &answered.outcome);
                Vec::new()
            }
        }
    }

    /// Settles the events that have a final verdict; gives those that are to be sent again.
    fn judge(&mut self, part: &Part, verdicts: &Verdicts) -> Vec<Event> {
        let (mut again, mut stored, mut accepted, mut unknown) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for event in part.events.iter() {
            match verdicts.on(event.uuid) {
                Some(Verdict::Stored { .. }) => stored.push(event.uuid),
                Some(Verdict::Retry) => again.push(event.clone()),
                Some(Verdict::Unknown { word }) => {
                    self.tally.failed(&unknown_verdict(word));
                    accepted.push(event.uuid);
                }
                Some(Verdict::Dropped { detail }) => {
                    let message = format!("the server dropped the event: {detail}");
                    self.tally.dropped(event.uuid, DropReason::ServerDrop, &message.into());
                }
                Some(Verdict::OverQuota) => {
                    let message = format!("the project is over its quota; the event was not kept{}", part.doubt());
                    self.tally.failed(&message);
                    self.tally
                        .dropped(event.uuid, DropReason::QuotaExceeded, &message.into());
                }
                None => unknown.push(event.uuid),
            }
        }
        if !unknown.is_empty() && !verdicts.is_empty() {
            self.tally
                .failed("the answer has a verdict on some events only; the others may or may not be stored");
        }
        self.tally.delivered(stored.into_iter(), Certainty::Stored);
        self.tally.delivered(accepted.into_iter(), Certainty::Accepted);
        self.tally.delivered(unknown.into_iter(), Certainty::Unknown);
        if again.len() < part.events.len() {
            // Copied, because an event's bytes share their memory with the events beside it, which are gone.
            let alone = |event: Event| {
                let json = Bytes::copy_from_slice(event.json());
                event.with_json(json)
            };
            again = again.into_iter().map(alone).collect();
        }
        again
    }

    fn drop_all(&mut self, part: &Part, outcome: &Outcome) {
        let reason = match outcome.error_code {
            ErrorCode::Unauthorized => DropReason::Unauthorized,
            ErrorCode::QuotaExceeded => DropReason::QuotaExceeded,
            ErrorCode::TooLarge => DropReason::TooLarge,
            ErrorCode::RateLimited => DropReason::RateLimited,
            _ => DropReason::Rejected,
        };
        let doubt = if answer::is_judged(outcome) { "" } else { part.doubt() };
        let message: Arc<str> = format!("{}{doubt}", outcome.error_message).into();
        for event in part.events.iter() {
            self.tally.dropped(event.uuid, reason, &message);
        }
    }

    /// Schedules the next attempt, or holds the part when its retries are used up. A queue that is closing never holds.
    fn again(&mut self, mut part: Part, answered: &Answered, rng: &mut impl Rng) -> Part {
        let is_closing = self.deadline.is_some();
        part.was_stale = false;
        if part.retries >= self.policy.max_retries && !is_closing {
            part.state = State::Held {
                until: self.time.saturating_add(HOLD_MS),
            };
            part.has_had_its_round = true;
            self.struggles = true;
            return part;
        }
        let delay = match answered.retry_after {
            Some(retry_after) => milliseconds(asked(retry_after).min(MAX_RETRY_AFTER)),
            None if is_closing => milliseconds(backoff(part.retries, rng)).min(CLOSING_BACKOFF_MS),
            None => milliseconds(backoff(part.retries, rng)),
        };
        part.retries = part.retries.saturating_add(1);
        part.state = State::Waiting {
            until: self.time.saturating_add(delay),
            asked: answered.retry_after.is_some(),
        };
        part
    }
}
