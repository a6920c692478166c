//! Answers: what was seen after a request, as an outcome. Total: any status, any bytes, any failure.

use std::time::Duration;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::legible::{Sent, without_mark};
use super::{Protocol, Seen, v0, v1};
use crate::finding::{Findings, Warning, WarningCode};
use crate::http::{Failure, Request, Response, TransportError, header, impossible_status};
use crate::operation::Operation;
use crate::outcome::{Column, Delivery, ErrorCode, Outcome, status_code};
use crate::rules::{MAX_ANSWER_BYTES, MAX_RETRY_AFTER};
use crate::time::{Timestamp, delay_until_http_date};

/// Most bytes of an answer without verdicts that each event of a batch gets as its `Data`.
const MAX_SHARED_ANSWER_BYTES: usize = 4 << 10;

/// Reads what was seen into the outcome of a request with one event.
pub(crate) fn interpret(request: &Request, seen: &Seen, now: Timestamp) -> Outcome {
    let event = Event {
        operation: request.operation,
        uuid: request.event_uuid,
        warnings: &request.warnings,
    };
    let sent = Sent::new(request);
    interpret_event(&sent, &event, &sent.legible(seen), now)
}

/// One event of a request.
pub(crate) struct Event<'e> {
    pub(crate) operation: Operation,
    pub(crate) uuid: Uuid,
    pub(crate) warnings: &'e [Warning],
}

/// Reads what was seen into one outcome for each event of the request.
pub(crate) fn interpret_each<'e>(
    request: &Request,
    events: impl ExactSizeIterator<Item = Event<'e>>,
    seen: &Seen,
    now: Timestamp,
) -> Vec<Outcome> {
    let sent = Sent::new(request);
    let seen = &*sent.legible(seen);
    let response = match seen {
        Ok(response) if events.len() > 1 => response,
        _ => return events.map(|event| interpret_event(&sent, &event, seen, now)).collect(),
    };
    let whole = read_body(response);
    let is_verdict = request.protocol == Protocol::V1 && (200..=299).contains(&response.status);
    let results = v1::results(&whole).filter(|_| is_verdict).map(v1::by_uuid);
    let over_quota = is_over_quota(&whole);
    let beginning = beginning(response);
    events
        .map(|event| {
            let own = results
                .as_ref()
                .map(|results| own_part(results.get(&event.uuid).copied(), over_quota));
            let data = own.as_ref().unwrap_or(&whole);
            let mut outcome = interpret_response(&sent, event.operation, Some(event.uuid), response, data, now);
            match (own, &beginning) {
                (Some(own), _) => outcome.data = own,
                (None, None) => outcome.data = whole.clone(),
                (None, Some(beginning)) => {
                    outcome.data = beginning.clone();
                    let message = "the answer to the batch was longer than 4 KiB; of it, each event has the beginning.";
                    warn(&mut outcome, WarningCode::AnswerTruncated, message);
                }
            }
            of_event(outcome, &event)
        })
        .collect()
}

/// The part of an answer with verdicts that is about one event: its own verdict, or else that the quota of events is used up.
fn own_part(result: Option<(&String, &Value)>, over_quota: bool) -> Map<String, Value> {
    let own: Map<_, _> = result
        .map(|(uuid, verdict)| (uuid.clone(), verdict.clone()))
        .into_iter()
        .collect();
    let limited = (own.is_empty() && over_quota).then(|| ("quota_limited".to_owned(), Value::from(vec![QUOTA])));
    [("results".to_owned(), Value::Object(own))]
        .into_iter()
        .chain(limited)
        .collect()
}

/// The beginning of an answer that is too long to be kept with each event of a batch.
fn beginning(response: &Response) -> Option<Map<String, Value>> {
    let (beginning, rest) = response.body.split_at_checked(MAX_SHARED_ANSWER_BYTES)?;
    (!rest.is_empty()).then(|| raw_content(beginning))
}

/// Reads what was seen, made legible already, as far as it is the same for all events of the request.
pub(super) fn interpret_whole(request: &Request, seen: &Seen, now: Timestamp) -> Outcome {
    interpret_seen(&Sent::new(request), request.operation, None, seen, now)
}

fn interpret_event(sent: &Sent<'_>, event: &Event<'_>, seen: &Seen, now: Timestamp) -> Outcome {
    of_event(
        interpret_seen(sent, event.operation, Some(event.uuid), seen, now),
        event,
    )
}

/// Adds to an outcome what belongs to this event: its uuid, and the warnings about its input.
fn of_event(mut outcome: Outcome, event: &Event<'_>) -> Outcome {
    outcome.event_uuid = Some(event.uuid);
    outcome.warnings.splice(0..0, event.warnings.iter().cloned());
    outcome
}

/// `event_uuid` is `None` where it is read for a whole batch.
fn interpret_seen(
    sent: &Sent<'_>,
    operation: Operation,
    event_uuid: Option<Uuid>,
    seen: &Seen,
    now: Timestamp,
) -> Outcome {
    match seen {
        Ok(response) => {
            let data = read_body(response);
            let outcome = interpret_response(sent, operation, event_uuid, response, &data, now);
            Outcome { data, ..outcome }
        }
        Err(error) => interpret_failure(sent, operation, error),
    }
}

fn interpret_failure(sent: &Sent<'_>, operation: Operation, error: &TransportError) -> Outcome {
    let (error_code, column, retryable) = match error.failure {
        Failure::Timeout => (ErrorCode::Timeout, Column::Timeout, true),
        Failure::Network => (ErrorCode::Network, Column::NoAnswer, true),
        Failure::Tls => (ErrorCode::Tls, Column::NoAnswer, false),
        Failure::Internal => (ErrorCode::Internal, Column::Local, false),
    };
    let status = status_code(operation, column, 0);
    let message = match error.message.trim() {
        // A message is empty exactly when all went well.
        "" => TransportError::new(error.failure).message,
        said => sent.redact(said).into_owned(),
    };
    let mut outcome = Outcome::local(error_code, status, message, Findings::default());
    outcome.delivery = if error.sent {
        Delivery::Unknown
    } else {
        Delivery::NotSent
    };
    outcome.retryable = retryable;
    outcome.attempts = sent.request.attempt;
    outcome
}

/// Reads an answer, all but its `data`: that is read here, and put into the outcome by the caller, who may share it out.
fn interpret_response(
    sent: &Sent<'_>,
    operation: Operation,
    event_uuid: Option<Uuid>,
    response: &Response,
    data: &Map<String, Value>,
    now: Timestamp,
) -> Outcome {
    let class = classify(response.status);
    let mut outcome = Outcome {
        data: Map::new(),
        original_status_code: response.status,
        status_code: status_code(operation, class.column, response.status),
        error_message: String::new(),
        error_code: class.error_code,
        delivery: class.delivery,
        retryable: class.retryable,
        retry_after: None,
        attempts: sent.request.attempt,
        event_uuid: None,
        findings: Vec::new(),
        warnings: Vec::new(),
    };
    if response.truncated || response.body.len() > MAX_ANSWER_BYTES {
        let message = "the answer was longer than 1 MiB and was cut; is this the right host?";
        warn(&mut outcome, WarningCode::AnswerTruncated, message);
    }
    if class.column == Column::Success {
        match (sent.request.protocol, event_uuid) {
            (Protocol::V0, _) => v0::judge_success(&mut outcome, data),
            (Protocol::V1, _) if v1::results(data).is_none() => v1::judge_without_results(&mut outcome, data),
            (Protocol::V1, Some(uuid)) => v1::judge_success(&mut outcome, data, uuid),
            // Over quota, an answer may have no verdicts.
            (Protocol::V1, None) if v1::results(data).is_some_and(|results| v1::by_uuid(results).is_empty()) => {
                judge_quota(&mut outcome, data);
            }
            (Protocol::V1, None) => {}
        }
    }
    if class.column != Column::Success || outcome.retryable {
        outcome.retry_after = retry_after(response, now);
    }
    if outcome.error_code != ErrorCode::Ok && outcome.error_message.is_empty() {
        let message = error_message(sent.request, response, data, &outcome);
        outcome.error_message = sent.redact(&message).into_owned();
    }
    outcome
}

/// What a status means, whatever the operation (product.md §2).
struct Class {
    error_code: ErrorCode,
    column: Column,
    delivery: Delivery,
    retryable: bool,
}

fn classify(status: u16) -> Class {
    let class = |error_code, column, delivery, retryable| Class {
        error_code,
        column,
        delivery,
        retryable,
    };
    let refused = |error_code| class(error_code, Column::Other, Delivery::Rejected, false);
    match status {
        200..=299 => class(ErrorCode::Ok, Column::Success, Delivery::Accepted, false),
        300..=399 => refused(ErrorCode::Redirected),
        401 | 403 => refused(ErrorCode::Unauthorized),
        402 => refused(ErrorCode::QuotaExceeded),
        408 => class(ErrorCode::ServerError, Column::Other, Delivery::Unknown, true),
        413 => refused(ErrorCode::TooLarge),
        429 => class(ErrorCode::RateLimited, Column::TooMany, Delivery::Rejected, true),
        400..=499 => refused(ErrorCode::Rejected),
        500..=599 => class(ErrorCode::ServerError, Column::Server, Delivery::Unknown, true),
        _ => class(ErrorCode::Network, Column::NoAnswer, Delivery::Unknown, true),
    }
}

/// How `quota_limited` names the quota of events.
pub(super) const QUOTA: &str = "events";

/// Whether a success says that the project is over its quota of events.
pub(super) fn is_over_quota(data: &Map<String, Value>) -> bool {
    let limited = data.get("quota_limited").and_then(Value::as_array);
    limited.is_some_and(|limited| limited.iter().any(|resource| resource == QUOTA))
}

/// The same, and the outcome then says so too.
pub(super) fn judge_quota(outcome: &mut Outcome, data: &Map<String, Value>) -> bool {
    let is_over = is_over_quota(data);
    if is_over {
        over_quota(outcome);
    }
    is_over
}

/// Notes that a success says that the project is over its quota of events.
pub(super) fn over_quota(outcome: &mut Outcome) {
    outcome.status_code = 429;
    outcome.error_code = ErrorCode::QuotaExceeded;
    outcome.delivery = Delivery::Dropped;
}

/// Notes that a success is not an answer of PostHog's, on any protocol.
pub(super) fn unexpected_answer(outcome: &mut Outcome) {
    outcome.delivery = Delivery::Unknown;
    let message = "the server answered with a success status, but not as PostHog does; check the host.";
    warn(outcome, WarningCode::UnexpectedAnswer, message);
}

/// Warns of something in the answer.
pub(super) fn warn(outcome: &mut Outcome, code: WarningCode, message: impl Into<String>) {
    outcome.warnings.push(Warning::new(code, "Data", message));
}

fn read_body(response: &Response) -> Map<String, Value> {
    let body = response.body.get(..MAX_ANSWER_BYTES).unwrap_or(&response.body);
    if body.is_empty() {
        return Map::new();
    }
    serde_json::from_slice(without_mark(body)).unwrap_or_else(|_| raw_content(body))
}

fn raw_content(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body).into_owned();
    Map::from_iter([("raw_content".to_owned(), Value::String(text))])
}

/// The delay a Retry-After header asks for: seconds, which may have a fraction, or an HTTP date. Anything else asks for nothing.
pub(super) fn retry_after(response: &Response, now: Timestamp) -> Option<Duration> {
    let value = header(&response.headers, "retry-after")?.trim();
    let delay = if value.starts_with(|first: char| first.is_ascii_digit()) {
        let seconds = value.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds).unwrap_or(MAX_RETRY_AFTER)
    } else {
        delay_until_http_date(value, now)?
    };
    Some(delay.min(MAX_RETRY_AFTER))
}

/// Longest part of a server's own words in a message; `Data` has all of them.
const MAX_EXCERPT_CHARACTERS: usize = 200;

fn error_message(request: &Request, response: &Response, data: &Map<String, Value>, outcome: &Outcome) -> String {
    let status = response.status;
    let said = excerpt(data).map_or_else(String::new, |excerpt| format!("; it said: {excerpt}"));
    match outcome.error_code {
        ErrorCode::Redirected => {
            match header(&response.headers, "location").and_then(|to| redirect_host(&request.url, to)) {
                Some(target) => format!(
                    "the server redirects to {target} ({status}); redirects are not followed, so give that address as host."
                ),
                None => format!(
                    "the server redirects, but to no other host ({status}); redirects are not followed, so check the host and its path."
                ),
            }
        }
        ErrorCode::Unauthorized => {
            format!("the server does not accept the api key ({status}); check the project API key and the host{said}")
        }
        ErrorCode::QuotaExceeded => format!("the project is over its quota ({status}); the event was not kept{said}"),
        ErrorCode::TooLarge => {
            format!("the request is larger than the server takes ({status}); shorten the event{said}")
        }
        ErrorCode::RateLimited => format!("the server asks for fewer requests ({status}); send it again later{said}"),
        ErrorCode::Rejected if status == 404 && request.protocol == Protocol::V1 => {
            format!(
                "the server has no v1 (404); set the option protocol to auto or v0, or check the host and its path{said}"
            )
        }
        ErrorCode::Rejected if status == 404 => {
            format!("the server has nothing where events are sent (404); check the host and its path{said}")
        }
        ErrorCode::Rejected => format!("the server refused the request ({status}){said}"),
        ErrorCode::ServerError => {
            format!("the server could not handle the request ({status}); it may or may not have kept the event{said}")
        }
        _ => impossible_status(status.into()),
    }
}

/// The server's own words: PostHog's are plain text (v0) or an error description (v1).
fn excerpt(data: &Map<String, Value>) -> Option<String> {
    let words = ["raw_content", "error_description", "detail", "error"]
        .iter()
        .find_map(|key| data.get(*key)?.as_str())?;
    Some(on_one_line(words)).filter(|words| !words.is_empty())
}

/// A server's words on one line, cut to a readable length, without characters that control a terminal.
pub(super) fn on_one_line(words: &str) -> String {
    let turns_text =
        |character| matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let words = words
        .split(|character: char| character.is_whitespace() || character.is_control() || turns_text(character))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match words.char_indices().nth(MAX_EXCERPT_CHARACTERS) {
        Some((end, _)) => format!("{}...", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

/// Scheme, host and port of a redirect's target, which help to set `host` and hold no secret; `None` when they are not other ones.
fn redirect_host(from: &str, location: &str) -> Option<String> {
    let from = url::Url::parse(from).ok()?;
    let origin = from.join(location).ok()?.origin();
    (origin.is_tuple() && origin != from.origin()).then(|| origin.ascii_serialization())
}

/// Whether an outcome tells for certain what became of the event, whatever its earlier requests did.
pub(crate) fn is_judged(outcome: &Outcome) -> bool {
    match outcome.delivery {
        Delivery::Accepted | Delivery::Stored => true,
        Delivery::Dropped => outcome.error_code == ErrorCode::Dropped,
        // Other refusals are about who asks, how often, or where.
        Delivery::Rejected => matches!(outcome.original_status_code, 400 | 413),
        Delivery::NotSent | Delivery::Unknown => false,
    }
}

/// The end of a message about a refusal that is not about the event itself, which leaves open what an earlier attempt did.
pub(crate) const MAY_BE_KEPT: &str = "; an earlier attempt may have been kept";

/// Whether the request was lost on a connection left over from an earlier request, so that probably no server has seen it.
pub(crate) fn is_stale(seen: &Seen) -> bool {
    matches!(seen, Err(error) if error.stale)
}

/// Whether a direct call tries again after this (product.md §3.1): no connection, a connection broken before a complete answer,
/// 408, 500, 502, 503, 504. Not 429, which is the caller's to pace, and not a time-out, which has used up the call's time. v1's
/// verdict `retry` on one event is not seen here.
pub(crate) fn is_worth_retrying(seen: &Seen) -> bool {
    match seen {
        Ok(response) => {
            matches!(response.status, 408 | 500 | 502 | 503 | 504) || !(200..=599).contains(&response.status)
        }
        Err(error) => error.failure == Failure::Network,
    }
}
