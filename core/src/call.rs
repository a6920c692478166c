//! Call: one direct call as a state machine. It decides what to send, when to try again and when to stop; the host sends and waits.
//!
//! ```text
//!   Call::new ──► step(now) ──► Send(request, time left) ──► complete(seen, now) ──┐
//!                    ▲   └────► Wait { until } ───────────────────────────────────►│
//!                    │   └────► Done(outcomes)                                     │
//!                    └─────────────────────────────────────────────────────────────┘
//! ```
//!
//! A call carries one event, or all those of `send_batch`. Many are sent in parts, one after the other; a part that is refused with
//! 400 or 413 is divided until the culprit stands alone.

use std::sync::Arc;
use std::time::Duration;

use rand_pcg::rand_core::Rng;
use uuid::Uuid;

use crate::backoff::{asked, backoff};
use crate::config::{Config, ProtocolChoice};
use crate::http::{Failure, Request, TransportError};
use crate::outcome::{Delivery, ErrorCode, Outcome};
use crate::prepared::Prepared;
use crate::protocol::{self, Batch, Compressor, ENVELOPE_BYTES, Protocol, Seen, Subject, answer, split_repeated_uuids};
use crate::rules::{MAX_BATCH_BYTES, MAX_BATCH_EVENTS};
use crate::time::Timestamp;
use crate::uuids::request_id;

/// What the host is to do next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send this within the time given, then call [`Call::complete`].
    Send(Arc<Request>, Duration),
    /// Wait until then.
    Wait { until: Timestamp },
    /// It is over: one outcome for each event, in order.
    Done(Vec<Outcome>),
}

/// One direct call under way.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    config: &'c Config,
    protocol: Protocol,
    deadline: Timestamp,
    items: Vec<Item>,
    /// A stack: the last part is the one to be sent.
    parts: Vec<Part>,
    resume_at: Option<Timestamp>,
    sending: Option<Arc<Request>>,
    /// Whether no further request is made.
    over: bool,
    /// Why not, when that is because the client was closed or opted out.
    withheld: Option<(ErrorCode, &'static str)>,
}

#[derive(Debug)]
struct Item {
    prepared: Prepared,
    outcome: Option<Outcome>,
    /// Requests that carried it.
    requests: u32,
    /// Whether one of them may have left it with the server.
    may_be_kept: bool,
}

impl Item {
    /// Takes in the outcome of one request.
    fn answer(&mut self, mut outcome: Outcome) {
        self.may_be_kept |= outcome.delivery == Delivery::Unknown;
        // An earlier request may have left the event with the server, even if this one reached nobody or was refused.
        if self.may_be_kept && !answer::is_judged(&outcome) {
            if outcome.delivery != Delivery::Unknown {
                outcome.error_message += answer::MAY_BE_KEPT;
            }
            outcome.delivery = Delivery::Unknown;
        }
        outcome.attempts = self.requests;
        self.outcome = Some(outcome);
    }
}

/// Events that travel in one request.
#[derive(Debug, Default)]
struct Part {
    items: Vec<usize>,
    /// The request's id, and when it was made: by the first attempt. They are the same for all attempts, even when only some of the events
    /// are sent again.
    request: Option<(Uuid, Timestamp)>,
    attempt: u32,
    retries: u32,
    /// Whether the last attempt met a stale connection.
    was_stale: bool,
}

impl<'c> Call<'c> {
    /// A call that may take until `deadline`.
    pub(crate) fn new(config: &'c Config, prepared: Vec<Prepared>, deadline: Timestamp, protocol: Protocol) -> Self {
        let items: Vec<_> = prepared
            .into_iter()
            .map(|prepared| Item {
                prepared,
                outcome: None,
                requests: 0,
                may_be_kept: false,
            })
            .collect();
        let parts = parts_of(&items, protocol).rev().collect();
        Self {
            config,
            protocol,
            deadline,
            items,
            parts,
            resume_at: None,
            sending: None,
            over: false,
            withheld: None,
        }
    }

    /// The protocol it speaks now: with `auto`, v0 once the server has said that it has no v1.
    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// What to do now.
    pub(crate) fn step(&mut self, now: Timestamp) -> Step {
        if let Some(until) = self.resume_at.filter(|until| now < *until && !self.over) {
            return Step::Wait { until };
        }
        let left = self.left(now);
        if self.over || left.is_zero() {
            return Step::Done(self.take_outcomes());
        }
        match self.request(now) {
            Some(request) => {
                let request = Arc::new(request);
                self.sending = Some(Arc::clone(&request));
                Step::Send(request, left)
            }
            None => Step::Done(self.take_outcomes()),
        }
    }

    /// The next attempt at the part that is next; `None` when all parts are done.
    fn request(&mut self, now: Timestamp) -> Option<Request> {
        let part = self.parts.last_mut()?;
        let chosen = part.items.iter().filter_map(|index| self.items.get(*index));
        let events: Vec<_> = chosen.map(|item| &item.prepared.event).collect();
        part.attempt += 1;
        let (request_id, created) = *part
            .request
            .get_or_insert_with(|| (request_id(self.protocol, &events), now));
        let batch = Batch {
            protocol: self.protocol,
            events: &events,
            request_id,
            attempt: part.attempt,
            created,
            now,
            queued: false,
        };
        let subject = self.current().next()?.prepared.subject();
        let warnings = if events.len() == 1 { subject.warnings } else { &[] };
        let subject = Subject { warnings, ..subject };
        Some(protocol::request(
            self.config,
            &batch,
            &subject,
            &mut Compressor::default(),
        ))
    }

    /// The items of the part that is next.
    fn current(&self) -> impl Iterator<Item = &Item> {
        let part = self.parts.last().map(|part| part.items.as_slice()).unwrap_or_default();
        part.iter().filter_map(|index| self.items.get(*index))
    }

    fn for_each_current(&mut self, change: impl Fn(&mut Item)) {
        let part = self.parts.last().map(|part| part.items.as_slice()).unwrap_or_default();
        for index in part {
            self.items.get_mut(*index).into_iter().for_each(&change);
        }
    }

    /// Takes in what the host saw, and decides whether there is to be another attempt.
    pub(crate) fn complete(&mut self, seen: &Seen, now: Timestamp, rng: &mut impl Rng) {
        let Some(request) = self.sending.take() else { return };
        self.for_each_current(|item| item.requests += 1);
        if self.must_fall_back(seen) {
            return self.fall_back();
        }
        if self.current().count() > 1 && matches!(seen, Ok(response) if matches!(response.status, 400 | 413)) {
            return self.divide();
        }
        let outcomes = self.interpret(&request, seen, now);
        let Some(mut part) = self.parts.pop() else { return };
        let retry_after = outcomes.iter().find_map(|outcome| outcome.retry_after);
        let delay = retry_after.map_or_else(|| backoff(part.retries, rng), asked);
        let again: Vec<_> = part
            .items
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| is_worth_retrying(seen, outcome))
            .map(|(index, _)| *index)
            .collect();
        for (index, outcome) in part.items.iter().zip(outcomes) {
            if let Some(item) = self.items.get_mut(*index) {
                item.answer(outcome);
            }
        }
        // A time-out has used up the time of the whole call.
        self.over |= matches!(seen, Err(error) if error.failure == Failure::Timeout);
        self.resume_at = None;
        let was_stale = std::mem::replace(&mut part.was_stale, answer::is_stale(seen));
        if part.was_stale && !was_stale {
            // Again at once, and not counted as a retry: no server was asked yet.
            self.parts.push(part);
        } else if !again.is_empty() && part.retries < self.config.max_retries && delay < self.left(now) {
            self.resume_at = Some(now.after(delay));
            part.items = again;
            part.retries += 1;
            part.was_stale = false;
            self.parts.push(part);
        }
    }

    fn must_fall_back(&self, seen: &Seen) -> bool {
        self.protocol == Protocol::V1
            && self.config.protocol == ProtocolChoice::Auto
            && matches!(seen, Ok(response) if response.status == 404)
    }

    /// From now on v0 is spoken; the part is a new request there, as in a queue.
    fn fall_back(&mut self) {
        self.protocol = Protocol::V0;
        self.for_each_current(|item| item.outcome = None);
        if let Some(part) = self.parts.last_mut() {
            (part.request, part.attempt) = (None, 0);
        }
    }

    /// Reads what was seen into an outcome for each item of the part that is next.
    fn interpret(&self, request: &Request, seen: &Seen, now: Timestamp) -> Vec<Outcome> {
        let events: Vec<_> = self
            .current()
            .map(|item| answer::Event {
                operation: item.prepared.operation,
                uuid: item.prepared.event.uuid,
                warnings: &item.prepared.warnings,
            })
            .collect();
        answer::interpret_each(request, events.into_iter(), seen, now)
    }

    /// Replaces the part that is next by its two halves.
    fn divide(&mut self) {
        // Old servers store what stands before the event they refuse (protocol.md §1).
        self.for_each_current(|item| {
            item.may_be_kept = true;
            item.outcome = None;
        });
        let Some(part) = self.parts.pop() else { return };
        let (first, second) = part.items.split_at(part.items.len() / 2);
        for half in [second, first] {
            self.parts.push(Part {
                items: half.to_vec(),
                ..Part::default()
            });
        }
    }

    /// Makes no further attempt; items without an answer are answered with this reason.
    pub(crate) fn withhold(&mut self, reason: (ErrorCode, &'static str)) {
        self.over = true;
        self.withheld = Some(reason);
    }

    fn left(&self, now: Timestamp) -> Duration {
        now.until(self.deadline)
    }

    /// Each event's last outcome; one that was not sent, or not again after a division, timed out.
    fn take_outcomes(&mut self) -> Vec<Outcome> {
        let (config, protocol, deadline) = (self.config, self.protocol, self.deadline);
        let withheld = self.withheld;
        let unsent = |item: &Item| {
            if let Some((code, message)) = withheld {
                let mut outcome = Outcome::unsent(code, message);
                outcome.event_uuid = Some(item.prepared.event.uuid);
                outcome.warnings.clone_from(&item.prepared.warnings);
                outcome.attempts = item.requests;
                if item.may_be_kept {
                    outcome.delivery = Delivery::Unknown;
                }
                return outcome;
            }
            let message = match item.may_be_kept {
                false => "time ran out before the request could be sent",
                true => "time ran out before the event could be sent again, apart from one that the server refused",
            };
            let error = TransportError::new(Failure::Timeout)
                .with_sent(item.may_be_kept)
                .with_message(message);
            let request = item.prepared.request(config, protocol, deadline, item.requests);
            protocol::interpret(&request, &Err(error), deadline)
        };
        self.items
            .iter_mut()
            .map(|item| item.outcome.take().unwrap_or_else(|| unsent(item)))
            .collect()
    }
}

/// Whether this event is worth another attempt. On v1, the answer to the whole request may be a success, and its verdict on this event
/// `retry`.
fn is_worth_retrying(seen: &Seen, outcome: &Outcome) -> bool {
    let asked_to = outcome.error_code == ErrorCode::ServerError && (200..=299).contains(&outcome.original_status_code);
    asked_to || answer::is_worth_retrying(seen)
}

/// Cuts the events into requests that every server takes.
fn parts_of(items: &[Item], protocol: Protocol) -> impl DoubleEndedIterator<Item = Part> {
    let mut requests: Vec<Vec<usize>> = Vec::new();
    let mut bytes = ENVELOPE_BYTES;
    for (index, item) in items.iter().enumerate() {
        bytes += item.prepared.event.len() + 1;
        match requests.last_mut() {
            Some(request) if request.len() < MAX_BATCH_EVENTS && bytes <= MAX_BATCH_BYTES => request.push(index),
            _ => {
                bytes = ENVELOPE_BYTES + item.prepared.event.len();
                requests.push(vec![index]);
            }
        }
    }
    if protocol == Protocol::V1 {
        let uuid_of = |index: &usize| items.get(*index).map_or(0, |item| item.prepared.event.uuid.as_u128());
        requests = requests
            .into_iter()
            .flat_map(|request| split_repeated_uuids(request, uuid_of))
            .collect();
    }
    requests.into_iter().map(|items| Part {
        items,
        ..Part::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Response;
    use crate::operation::event::CreateEvent;
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::SeedableRng;
    use std::sync::LazyLock;

    const START: i64 = 1_795_420_800_000;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(START + ms)
    }

    fn rng() -> Pcg64 {
        Pcg64::seed_from_u64(1)
    }

    static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::builder("phc_x").build().unwrap());

    /// A call of these events that is to be over in so many ms.
    fn call(events: &[CreateEvent<'_>], timeout: i64, protocol: Protocol) -> Call<'static> {
        let mut rng = rng();
        let mut prepared = |event: &CreateEvent<'_>| Prepared::new(event.clone().into(), &CONFIG, at(0), &mut rng);
        let events = events.iter().map(|event| prepared(event).unwrap()).collect();
        Call::new(&CONFIG, events, at(timeout), protocol)
    }

    fn event() -> CreateEvent<'static> {
        CreateEvent::new("u", "e")
    }

    /// Has the call send its next request, which is answered at once.
    fn answer(call: &mut Call<'_>, answer: &Seen, now: Timestamp) {
        assert!(matches!(call.step(now), Step::Send(..)));
        call.complete(answer, now, &mut rng());
    }

    /// The outcomes of a call that has come to its end.
    fn outcomes(call: &mut Call<'_>, now: Timestamp) -> Vec<Outcome> {
        match call.step(now) {
            Step::Done(outcomes) => outcomes,
            _ => panic!("it goes on"),
        }
    }

    /// Runs a call against scripted answers, each taking `took` ms; gives the outcome, the requests, and the time it was over.
    fn run(timeout: i64, took: i64, answers: Vec<Seen>) -> (Outcome, Vec<Request>, i64) {
        let (mut call, mut rng) = (call(&[event()], timeout, Protocol::V0), rng());
        let (mut now, mut requests, mut answers) = (0, Vec::new(), answers.into_iter());
        loop {
            match call.step(at(now)) {
                Step::Send(request, left) => {
                    assert!(i64::try_from(left.as_millis()).unwrap() <= timeout - now);
                    requests.push(request.as_ref().clone());
                    now += took;
                    call.complete(&answers.next().unwrap(), at(now), &mut rng);
                }
                Step::Wait { until } => now = until.unix_ms() - START,
                Step::Done(mut outcomes) => return (outcomes.remove(0), requests, now),
            }
        }
    }

    fn status(status: u16) -> Seen {
        Ok(Response::new(status, "{\"status\":1}"))
    }

    #[test]
    fn retries_keep_uuid_and_timestamp_and_renew_sent_at() {
        let (outcome, requests, _) = run(10_000, 5, vec![status(503), status(502), status(200)]);
        assert!(outcome.is_ok());
        assert_eq!(outcome.attempts, 3);
        let bodies: Vec<serde_json::Value> = requests
            .iter()
            .map(|request| serde_json::from_slice(&request.body).unwrap())
            .collect();
        assert_eq!(bodies[0]["batch"], bodies[2]["batch"]);
        assert_ne!(bodies[0]["sent_at"], bodies[1]["sent_at"]);
        assert_eq!(
            requests.iter().map(|request| request.attempt).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    fn retries_end_with_max_retries() {
        let (outcome, requests, _) = run(10_000, 5, vec![status(500), status(504), status(503)]);
        assert_eq!((outcome.original_status_code, requests.len()), (503, 3));
    }

    #[test]
    fn what_an_earlier_attempt_sent_stays_unknown() {
        let lost = || Err(TransportError::new(Failure::Network).with_sent(true));
        let refused = || Err(TransportError::new(Failure::Network).with_sent(false));
        let delivery = |answers| run(10_000, 5, answers).0.delivery;
        assert_eq!(delivery(vec![lost(), refused(), refused()]), Delivery::Unknown);
        assert_eq!(delivery(vec![refused(), status(503), refused()]), Delivery::Unknown);
        assert_eq!(delivery(vec![refused(), refused(), refused()]), Delivery::NotSent);
        assert_eq!(delivery(vec![lost(), refused(), status(200)]), Delivery::Accepted);
        // That the project is over its quota now says nothing of the first attempt.
        let over_quota = || Ok(Response::new(200, r#"{"quota_limited":["events"]}"#));
        assert_eq!(delivery(vec![lost(), over_quota()]), Delivery::Unknown);
        assert_eq!(delivery(vec![refused(), over_quota()]), Delivery::Dropped);
        for refusal in [302, 401, 402, 404, 405, 415, 429] {
            assert_eq!(delivery(vec![lost(), status(refusal)]), Delivery::Unknown, "{refusal}");
            assert_eq!(
                delivery(vec![refused(), status(refusal)]),
                Delivery::Rejected,
                "{refusal}"
            );
        }
        // These are about the event itself.
        for refusal in [400, 413] {
            assert_eq!(delivery(vec![lost(), status(refusal)]), Delivery::Rejected, "{refusal}");
        }
    }

    #[test]
    fn a_stale_connection_is_replaced_at_once_and_costs_no_retry() {
        let stale = || Err(TransportError::new(Failure::Network).with_stale(true));
        let (outcome, requests, took) = run(10_000, 5, vec![stale(), status(200)]);
        assert_eq!((outcome.error_code, outcome.attempts, took), (ErrorCode::Ok, 2, 10));
        assert_eq!(
            requests.iter().map(|request| request.attempt).collect::<Vec<_>>(),
            [1, 2]
        );
        // A second one in a row is a failure like any other.
        let (outcome, requests, took) = run(10_000, 5, vec![stale(), stale(), stale(), status(503), status(503)]);
        assert_eq!((outcome.error_code, requests.len()), (ErrorCode::ServerError, 5));
        assert!(took > 25 + 200 + 400, "{took}");
        let (outcome, requests, _) = run(4, 5, vec![stale()]);
        assert_eq!(
            (outcome.error_code, outcome.delivery),
            (ErrorCode::Network, Delivery::Unknown)
        );
        assert_eq!(requests.len(), 1);
    }

    const UUID: &str = "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e";

    #[test]
    fn twins_travel_apart_where_the_server_refuses_them_together() {
        let events = ["a", "b", "c"].map(|name| CreateEvent::new("u", name).uuid(UUID));
        for (protocol, requests) in [(Protocol::V0, 1), (Protocol::V1, 3)] {
            assert_eq!(call(&events, 1_000, protocol).parts.len(), requests, "{protocol}");
        }
    }

    #[test]
    fn a_time_out_ends_the_parts_that_follow() {
        let mut call = call(&[event().uuid(UUID), event().uuid(UUID)], 1_000, Protocol::V1);
        answer(&mut call, &Err(TransportError::new(Failure::Timeout)), at(500));
        let seen = outcomes(&mut call, at(500));
        assert_eq!(
            [0, 1].map(|index| (seen[index].error_code, seen[index].attempts)),
            [(ErrorCode::Timeout, 1), (ErrorCode::Timeout, 0)]
        );
    }

    #[test]
    fn a_request_of_many_has_the_warnings_of_none() {
        let events = [CreateEvent::new("u", " e "), CreateEvent::new("u", " e ")];
        let warnings = |events: &[CreateEvent<'_>]| match call(events, 1_000, Protocol::V0).step(at(0)) {
            Step::Send(request, _) => request.warnings.len(),
            _ => panic!("nothing is sent"),
        };
        assert_eq!((warnings(&events[..1]), warnings(&events)), (1, 0));
    }

    #[test]
    fn what_was_sent_before_a_division_counts() {
        let events = |answers: &[Seen]| {
            let mut call = call(&[event(), event()], 2_000, Protocol::V0);
            for (now, seen) in (0..).step_by(600).map(at).zip(answers) {
                answer(&mut call, seen, now);
            }
            let seen = outcomes(&mut call, at(2_000));
            [0, 1].map(|index| (seen[index].delivery, seen[index].attempts))
        };
        let lost = |sent| Err(TransportError::new(Failure::Timeout).with_sent(sent));
        assert_eq!(events(&[]), [(Delivery::NotSent, 0); 2]);
        assert_eq!(events(&[status(413)]), [(Delivery::Unknown, 1); 2]);
        assert_eq!(
            events(&[status(413), lost(false)]),
            [(Delivery::Unknown, 2), (Delivery::Unknown, 1)]
        );
        // Not what an attempt before the division was answered.
        assert_eq!(events(&[status(503), status(413)]), [(Delivery::Unknown, 2); 2]);
        assert_eq!(
            events(&[status(400), status(400), status(200)]),
            [(Delivery::Rejected, 2), (Delivery::Accepted, 2)]
        );
    }

    #[test]
    fn what_is_withheld_says_so_and_keeps_its_answer_its_warnings_and_what_a_division_left_open() {
        let events = [CreateEvent::new("u", " e "), CreateEvent::new("u", " e ")];
        for (count, answers, expected) in [
            (1, &[][..], (ErrorCode::OptedOut, Delivery::NotSent, 0)),
            (1, &[503], (ErrorCode::ServerError, Delivery::Unknown, 1)),
            (2, &[413], (ErrorCode::OptedOut, Delivery::Unknown, 1)),
        ] {
            let mut call = call(&events[..count], 2_000, Protocol::V0);
            for code in answers {
                answer(&mut call, &status(*code), at(0));
            }
            call.withhold((ErrorCode::OptedOut, "no more"));
            for outcome in outcomes(&mut call, at(0)) {
                assert_eq!((outcome.error_code, outcome.delivery, outcome.attempts), expected);
                assert_eq!(outcome.warnings.len(), 1);
            }
        }
    }

    #[test]
    fn a_request_is_filled_to_its_last_byte() {
        let padded = |bytes: usize| event().property("pad", "x".repeat(bytes));
        let empty = call(&[padded(0)], 1_000, Protocol::V0).items[0].prepared.event.len();
        // Two events and the comma between them.
        let half = (MAX_BATCH_BYTES - ENVELOPE_BYTES) / 2 - empty;
        for (more, requests) in [(0, 1), (1, 2)] {
            let events = [padded(half), padded(half - 1 + more)];
            assert_eq!(call(&events, 1_000, Protocol::V0).parts.len(), requests);
        }
    }

    #[test]
    fn final_answers_are_not_retried() {
        for code in [200, 301, 400, 401, 402, 403, 404, 413, 429, 501] {
            assert_eq!(run(10_000, 5, vec![status(code)]).1.len(), 1, "{code}");
        }
        let timeout = Err(TransportError::new(Failure::Timeout));
        assert_eq!(run(10_000, 5, vec![timeout]).1.len(), 1);
    }

    #[test]
    fn a_retry_after_that_fits_is_waited_for_and_a_longer_one_ends_the_call() {
        let busy = |seconds: &str| Ok(Response::new(503, "").with_header("Retry-After", seconds));
        let (outcome, _, took) = run(10_000, 0, vec![busy("3"), status(200)]);
        assert!(outcome.is_ok() && took == 3_000);
        let (outcome, requests, took) = run(10_000, 0, vec![busy("11")]);
        assert_eq!((requests.len(), took), (1, 0));
        assert_eq!(outcome.retry_after, Some(Duration::from_secs(11)));
    }
}
