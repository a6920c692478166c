//! Answers: what was seen after a request, as an outcome. Total: any status, any bytes, any failure.

use std::cell::OnceCell;
use std::time::Duration;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Protocol, Seen, v0, v1};
use crate::finding::{Findings, Warning, WarningCode};
use crate::http::{Failure, Request, Response, TransportError, header};
use crate::operation::Operation;
use crate::outcome::{Column, Delivery, ErrorCode, Outcome, status_code};
use crate::rules::{MAX_ANSWER_BYTES, MAX_RETRY_AFTER};
use crate::time::{Timestamp, delay_until_http_date};

/// Bytes of an answer that each event of a batch gets as its `Data`, where the answer is not one of verdicts.
const MAX_SHARED_ANSWER_BYTES: usize = 4 << 10;

/// Reads what was seen into the outcome of a request with one event.
pub(crate) fn interpret(request: &Request, seen: &Seen, now: Timestamp) -> Outcome {
    let event = Event {
        operation: request.operation,
        uuid: request.event_uuid,
        warnings: &request.warnings,
    };
    interpret_event(&Sent::new(request), &event, seen, now)
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
    if events.len() == 1 {
        return events.map(|event| interpret_event(&sent, &event, seen, now)).collect();
    }
    let results = seen.as_ref().ok().map(|response| read_body(&response.body));
    let results = results
        .as_ref()
        .filter(|_| request.protocol == Protocol::V1)
        .and_then(v1::results);
    let cut = shortened(seen);
    events
        .map(|event| match (results, seen) {
            (Some(results), Ok(response)) if (200..=299).contains(&response.status) => {
                let own = own_result(results, event.uuid, response);
                interpret_event(&sent, &event, &Ok(own), now)
            }
            _ => interpret_event(&sent, &event, &cut, now),
        })
        .collect()
}

/// The answer as one event of it would have got it alone.
fn own_result(results: &Map<String, Value>, uuid: Uuid, response: &Response) -> Response {
    let uuid = uuid.to_string();
    let own: Map<_, _> = results
        .get(&uuid)
        .map(|verdict| (uuid, verdict.clone()))
        .into_iter()
        .collect();
    Response {
        body: json!({ "results": own }).to_string().into_bytes(),
        ..response.clone_head()
    }
}

fn shortened(seen: &Seen) -> Seen {
    match seen {
        Ok(response) if response.body.len() > MAX_SHARED_ANSWER_BYTES => Ok(Response {
            body: response
                .body
                .get(..MAX_SHARED_ANSWER_BYTES)
                .unwrap_or_default()
                .to_vec(),
            ..response.clone_head()
        }),
        other => other.clone(),
    }
}

/// Reads what was seen as far as it is the same for all events of the request.
pub(super) fn interpret_whole(request: &Request, seen: &Seen, now: Timestamp) -> Outcome {
    let sent = Sent::new(request);
    let mut outcome = match seen {
        Ok(response) => interpret_response(&sent, request.operation, None, response, now),
        Err(error) => interpret_failure(&sent, request.operation, error),
    };
    outcome.attempts = request.attempt;
    outcome
}

/// A request with the api key that must not show in what is said of it, looked for at most once.
struct Sent<'r> {
    request: &'r Request,
    api_key: OnceCell<Option<String>>,
}

impl<'r> Sent<'r> {
    fn new(request: &'r Request) -> Self {
        Self {
            request,
            api_key: OnceCell::new(),
        }
    }

    fn redact(&self, text: &str) -> String {
        let api_key = self.api_key.get_or_init(|| self.request.api_key());
        crate::http::without_key(text, api_key.as_deref())
    }
}

fn interpret_event(sent: &Sent<'_>, event: &Event<'_>, seen: &Seen, now: Timestamp) -> Outcome {
    let mut outcome = match seen {
        Ok(response) => interpret_response(sent, event.operation, Some(event.uuid), response, now),
        Err(error) => interpret_failure(sent, event.operation, error),
    };
    outcome.attempts = sent.request.attempt;
    outcome.event_uuid = Some(event.uuid);
    outcome.warnings.splice(0..0, event.warnings.iter().cloned());
    outcome
}

fn interpret_failure(sent: &Sent<'_>, operation: Operation, error: &TransportError) -> Outcome {
    let (error_code, column, retryable) = match error.failure {
        Failure::Timeout => (ErrorCode::Timeout, Column::Timeout, true),
        Failure::Network => (ErrorCode::Network, Column::NoAnswer, true),
        Failure::Tls => (ErrorCode::Tls, Column::NoAnswer, false),
        Failure::Internal => (ErrorCode::Internal, Column::Local, false),
    };
    let status = status_code(operation, column, 0);
    let mut outcome = Outcome::local(error_code, status, sent.redact(&error.message), Findings::default());
    outcome.delivery = if error.sent {
        Delivery::Unknown
    } else {
        Delivery::NotSent
    };
    outcome.retryable = retryable;
    outcome
}

/// `event_uuid` is `None` where the answer is read for a whole batch.
fn interpret_response(
    sent: &Sent<'_>,
    operation: Operation,
    event_uuid: Option<Uuid>,
    response: &Response,
    now: Timestamp,
) -> Outcome {
    let body = response.body.get(..MAX_ANSWER_BYTES).unwrap_or(&response.body);
    let class = classify(response.status);
    let mut outcome = Outcome {
        data: read_body(body),
        original_status_code: response.status,
        status_code: status_code(operation, class.column, response.status),
        error_message: String::new(),
        error_code: class.error_code,
        delivery: class.delivery,
        retryable: class.retryable,
        retry_after: None,
        attempts: 0,
        event_uuid: None,
        findings: Vec::new(),
        warnings: Vec::new(),
    };
    if response.truncated || body.len() < response.body.len() {
        let message = "the answer was longer than 1 MiB and was cut; is this the right host?";
        outcome
            .warnings
            .push(Warning::new(WarningCode::AnswerTruncated, "Data", message));
    }
    if class.column == Column::Success {
        match (sent.request.protocol, event_uuid) {
            (Protocol::V0, _) => v0::judge_success(&mut outcome),
            (Protocol::V1, Some(uuid)) => v1::judge_success(&mut outcome, uuid),
            (Protocol::V1, None) if v1::results(&outcome.data).is_none() => v0::unexpected_answer(&mut outcome),
            (Protocol::V1, None) => {}
        }
    }
    if class.column != Column::Success || outcome.retryable {
        outcome.retry_after = retry_after(response, now);
    }
    if outcome.error_code != ErrorCode::Ok && outcome.error_message.is_empty() {
        outcome.error_message = error_message(sent, response, &outcome);
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

fn read_body(body: &[u8]) -> Map<String, Value> {
    if body.is_empty() {
        return Map::new();
    }
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(body).into_owned();
        Map::from_iter([("raw_content".to_owned(), Value::String(text))])
    })
}

/// The delay a Retry-After header asks for, as seconds or an HTTP date.
pub(super) fn retry_after(response: &Response, now: Timestamp) -> Option<Duration> {
    let value = header(&response.headers, "retry-after")?.trim();
    let delay = match value.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds.max(0.0)).ok(),
        Err(_) => delay_until_http_date(value, now),
    };
    delay.map(|delay| delay.min(MAX_RETRY_AFTER))
}

/// Longest part of a server's own words in a message; all of them stand in `Data`.
const MAX_EXCERPT_CHARACTERS: usize = 200;

fn error_message(sent: &Sent<'_>, response: &Response, outcome: &Outcome) -> String {
    let status = response.status;
    let said = match excerpt(&outcome.data) {
        Some(excerpt) => format!("; it said: {}", sent.redact(&excerpt)),
        None => String::new(),
    };
    match outcome.error_code {
        ErrorCode::Redirected => {
            let target = header(&response.headers, "location").map_or_else(|| "elsewhere".to_owned(), redirect_host);
            format!(
                "the server redirects to {target} ({status}); redirects are not followed, so give that address as host."
            )
        }
        ErrorCode::Unauthorized => {
            format!("the server does not accept the api key ({status}); check the project API key and the host{said}")
        }
        ErrorCode::QuotaExceeded => format!("the project is over its quota ({status}); the event was not kept{said}"),
        ErrorCode::TooLarge => {
            format!("the request is larger than the server takes ({status}); shorten the event{said}")
        }
        ErrorCode::RateLimited => format!("the server asks for fewer requests ({status}); send it again later{said}"),
        ErrorCode::Rejected => format!("the server refused the request ({status}){said}"),
        ErrorCode::ServerError => {
            format!("the server could not handle the request ({status}); it may or may not have kept the event{said}")
        }
        _ => format!("the answer has the impossible HTTP status {status}; is this the right host?"),
    }
}

/// The server's own words: PostHog's are plain text (v0) or an error description (v1).
fn excerpt(data: &Map<String, Value>) -> Option<String> {
    let words = ["raw_content", "error_description", "detail", "error"]
        .iter()
        .find_map(|key| data.get(*key)?.as_str())?;
    let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return None;
    }
    let cut = words.chars().count() > MAX_EXCERPT_CHARACTERS;
    let mut excerpt: String = words.chars().take(MAX_EXCERPT_CHARACTERS).collect();
    if cut {
        excerpt.push_str("...");
    }
    Some(excerpt)
}

/// The part of a redirect's target that helps to set `host`, without what may be secret in it.
fn redirect_host(location: &str) -> String {
    match url::Url::parse(location) {
        Ok(url) => url.origin().ascii_serialization(),
        Err(_) => "another path".to_owned(),
    }
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
