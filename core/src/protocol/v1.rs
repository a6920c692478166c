//! v1: `POST {host}/i/v1/analytics/events`, which answers for each event (protocol.md §2).

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::verdict::{Verdict, unknown_verdict};
use super::{Batch, Body, answer, write_events};
use crate::config::Config;
use crate::finding::WarningCode;
use crate::json::write::write_json_text;
use crate::outcome::{Delivery, ErrorCode, Outcome};

pub(super) const PATH: &str = "/i/v1/analytics/events";

/// All of them are required (protocol.md §2).
pub(super) fn headers(config: &Config, batch: &Batch<'_>) -> Vec<(String, String)> {
    [
        ("Authorization", format!("Bearer {}", config.api_key.reveal())),
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", config.user_agent.clone()),
        ("PostHog-Sdk-Info", format!("{}/{}", config.library, crate::VERSION)),
        ("PostHog-Attempt", batch.attempt.to_string()),
        ("PostHog-Request-Id", batch.request_id.to_string()),
        ("PostHog-Request-Timestamp", batch.now.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

pub(super) fn write(config: &Config, batch: &Batch<'_>, body: &mut Body<'_>) {
    body.plain.extend_from_slice(b"{\"created_at\":");
    write_json_text(&mut body.plain, &batch.created.to_string());
    body.plain.extend_from_slice(b",\"batch\":[");
    write_events(body, batch);
    body.plain.push(b']');
    if config.historical_migration {
        body.plain.extend_from_slice(b",\"historical_migration\":true");
    }
    body.plain.push(b'}');
}

/// Divides events into requests in none of which a uuid stands twice, because v1 refuses such a request as a whole (protocol.md §2).
/// Nearly always that is one request.
pub(crate) fn split_repeated_uuids<T>(events: Vec<T>, uuid: impl Fn(&T) -> u128) -> Vec<Vec<T>> {
    // Sorting is quicker than hashing, and threads that push wait meanwhile.
    let mut uuids: Vec<_> = events.iter().map(&uuid).collect();
    uuids.sort_unstable();
    if uuids.windows(2).all(|pair| pair.first() != pair.last()) {
        return vec![events];
    }
    let (mut requests, mut seen) = (Vec::new(), HashMap::new());
    for event in events {
        let times = seen.entry(uuid(&event)).or_insert(0_usize);
        if requests.len() == *times {
            requests.push(Vec::new());
        }
        if let Some(request) = requests.get_mut(*times) {
            request.push(event);
        }
        *times += 1;
    }
    requests
}

/// The verdicts of a 2xx; `None` when it is not a v1 answer.
pub(super) fn results(data: &Map<String, Value>) -> Option<&Map<String, Value>> {
    data.get("results")?.as_object()
}

/// The verdict on one event, under its uuid in whatever spelling: the usual one, or else the server's first.
fn result_of(results: &Map<String, Value>, uuid: Uuid) -> Option<(&String, &Value)> {
    let is_same = |name: &String| Uuid::try_parse(name) == Ok(uuid);
    results
        .get_key_value(&uuid.to_string())
        .or_else(|| results.iter().find(|(name, _)| is_same(name)))
}

/// The same for all events.
pub(super) fn by_uuid(results: &Map<String, Value>) -> HashMap<Uuid, (&String, &Value)> {
    let is_usual = |name: &str| name.len() == Hyphenated::LENGTH && !name.contains(char::is_uppercase);
    let mut each = HashMap::with_capacity(results.len());
    for result in results {
        let Ok(uuid) = Uuid::try_parse(result.0) else { continue };
        if is_usual(result.0) || !each.contains_key(&uuid) {
            each.insert(uuid, result);
        }
    }
    each
}

/// Reads a 2xx that has no verdicts: over quota, or something no v1 server says.
pub(super) fn judge_without_results(outcome: &mut Outcome, data: &Map<String, Value>) {
    if !answer::judge_quota(outcome, data) {
        answer::unexpected_answer(outcome);
    }
}

/// The verdict of a 2xx on one event, if there is any; [`Verdicts`](super::verdict::Verdicts) holds the same for all events.
fn verdict_on(data: &Map<String, Value>, uuid: Uuid) -> Option<Verdict> {
    let result = results(data).and_then(|results| result_of(results, uuid));
    result
        .map(|(_, result)| Verdict::read(result))
        .or_else(|| answer::is_over_quota(data).then_some(Verdict::OverQuota))
}

/// Reads a 2xx for one event.
pub(super) fn judge_success(outcome: &mut Outcome, data: &Map<String, Value>, event_uuid: Uuid) {
    match verdict_on(data, event_uuid) {
        None => {
            outcome.delivery = Delivery::Unknown;
            let message = "the answer says nothing about this event; it may or may not be stored.";
            answer::warn(outcome, WarningCode::UnexpectedAnswer, message);
        }
        Some(Verdict::Stored { warning }) => {
            outcome.delivery = Delivery::Stored;
            if let Some(said) = warning {
                let message = format!("the server stored the event with a warning: {said}.");
                answer::warn(outcome, WarningCode::ServerWarning, message);
            }
        }
        Some(Verdict::Unknown { word }) => {
            answer::warn(outcome, WarningCode::UnexpectedAnswer, unknown_verdict(&word));
        }
        Some(Verdict::OverQuota) => answer::over_quota(outcome),
        Some(Verdict::Dropped { detail }) => {
            outcome.status_code = 500;
            outcome.error_code = ErrorCode::Dropped;
            outcome.delivery = Delivery::Dropped;
            outcome.error_message = format!("the server dropped the event: {detail}");
        }
        Some(Verdict::Retry) => {
            outcome.status_code = 500;
            outcome.error_code = ErrorCode::ServerError;
            outcome.delivery = Delivery::Unknown;
            outcome.retryable = true;
            outcome.error_message = "the server asks to send the event again later".to_owned();
        }
    }
}
