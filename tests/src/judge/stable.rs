//! What must stay from one attempt to the next, and what must not: over all requests of one exchange.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::SeenRequest;
use crate::moment;
use crate::pattern::short;

/// A request so soon after another may name the same moment: one that is sent again at once. Far below the waits of the vectors that
/// tell a moment that stands still, far above what a busy machine takes from naming the moment to sending it.
const AT_ONCE_MS: u64 = 50;

/// How far the moment a request names may be from the one at which it came, in milliseconds.
const NEAR_MS: u64 = 5_000;

/// An event as it was sent, what stood around it, the moment named, that of its arrival, and how many events went with it.
type Sent = (Value, Value, i64, u64, usize);

/// How many different events there are, by uuid.
pub(super) fn events(requests: &[SeenRequest]) -> usize {
    requests
        .iter()
        .flat_map(batch)
        .filter_map(uuid)
        .collect::<BTreeSet<_>>()
        .len()
}

/// An event is the same in every request of a protocol and has one uuid and timestamp over both; no event stands twice in a
/// request; a repeated request has a later moment, near the present (the parts of a divided one go at once, and may have that of
/// the whole); and a v1 request id counts its attempts from 1, with the `created_at` of the first, which is near it.
pub(super) fn differences(requests: &[SeenRequest]) -> Vec<String> {
    let mut found = Vec::new();
    let mut known: BTreeMap<(bool, String), Sent> = BTreeMap::new();
    let mut batches: BTreeMap<String, Attempts> = BTreeMap::new();
    for (number, request) in requests.iter().enumerate() {
        let path = format!("exchange.requests[{number}]");
        let moment = moment_of(request);
        let received = i64::try_from(request.received_at_ms).unwrap_or(i64::MAX);
        if moment.is_some_and(|moment| moment.abs_diff(received) > NEAR_MS) {
            found.push(format!("{path}.body: its moment is not that of the attempt"));
        }
        let mut own = BTreeSet::new();
        let frame = frame(request);
        let batch = batch(request);
        let size = batch.len();
        for event in batch {
            let Some(uuid) = uuid(&event) else { continue };
            if !own.insert(uuid.clone()) {
                found.push(format!("{path}.body.batch: the event {uuid} stands twice"));
            }
            let moment = moment.unwrap_or_default();
            let before = known.insert(
                (request.is_v1(), uuid),
                (event.clone(), frame.clone(), moment, request.received_at_ms, size),
            );
            let Some((before, around, earlier, last, together)) = before else {
                continue;
            };
            let at_once = size < together || request.received_at_ms.saturating_sub(last) <= AT_ONCE_MS;
            if earlier > moment || (earlier == moment && !at_once) {
                found.push(format!(
                    "{path}.body.sent_at: must be later than that of the attempt before"
                ));
            }
            if before != event || around != frame {
                found.push(format!(
                    "{path}.body: but for sent_at, must be that of the attempt before: {}",
                    short(&before)
                ));
            }
        }
        found.extend(attempt_differences(request, &mut batches, &path));
    }
    let mut times: BTreeMap<&str, &Value> = BTreeMap::new();
    for ((_, uuid), (event, ..)) in &known {
        let Some(timestamp) = event.get("timestamp") else {
            continue;
        };
        if times.insert(uuid, timestamp).is_some_and(|other| other != timestamp) {
            found.push(format!(
                "exchange.requests: the timestamp of {uuid} changed with the protocol"
            ));
        }
    }
    found
}

/// How often the batch of a v1 request id was sent, when it first came, and its `created_at`.
type Attempts = (u32, u64, Option<i64>);

fn attempt_differences(request: &SeenRequest, batches: &mut BTreeMap<String, Attempts>, path: &str) -> Vec<String> {
    let Some(id) = request.one("PostHog-Request-Id") else {
        return Vec::new();
    };
    let created = created_at(request);
    let (times, first, before) = batches
        .entry(id.to_owned())
        .or_insert((0, request.received_at_ms, created));
    *times += 1;
    let mut found = Vec::new();
    let seen = request.one("PostHog-Attempt").unwrap_or_default();
    if seen != times.to_string() {
        found.push(format!(
            "{path}.headers.PostHog-Attempt: expected {times} for {id}, got {seen}"
        ));
    }
    let first = i64::try_from(*first).unwrap_or(i64::MAX);
    if created != *before || created.is_some_and(|created| created.abs_diff(first) > NEAR_MS) {
        found.push(format!(
            "{path}.body.created_at: must be the moment of the batch's first attempt"
        ));
    }
    found
}

fn batch(request: &SeenRequest) -> Vec<Value> {
    let body = request.json().unwrap_or_default();
    body.get("batch").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn uuid(event: impl std::borrow::Borrow<Value>) -> Option<String> {
    event.borrow().get("uuid")?.as_str().map(str::to_owned)
}

/// The body around its events, without the moment.
fn frame(request: &SeenRequest) -> Value {
    let mut body = request.json().unwrap_or_default();
    if let Value::Object(body) = &mut body {
        body.retain(|key, _| !matches!(key.as_str(), "batch" | "sent_at" | "created_at"));
    }
    body
}

/// The moment in the body of a v1 request.
fn created_at(request: &SeenRequest) -> Option<i64> {
    moment::unix_ms(request.json().ok()?.get("created_at")?.as_str()?)
}

/// The moment of the attempt: with v1 in a header.
fn moment_of(request: &SeenRequest) -> Option<i64> {
    let body = request.json().ok()?;
    let named = if request.is_v1() {
        request.one("PostHog-Request-Timestamp")?.to_owned()
    } else {
        body.get("sent_at")?.as_str()?.to_owned()
    };
    moment::unix_ms(&named)
}
