//! The verdict route, `POST /i/v1/analytics/events`, by protocol.md §2: read, not recorded. The order of the checks and the words are the
//! server's; it has more of them, for what no client of this house sends or the receiver has no notion of.

mod envelope;
mod event;
mod fault;

use super::{Case, Verdict, client_address};
use crate::http::{Answer, Body, find_header};
use crate::settings::Settings;
use crate::store::StoredEvent;
use envelope::Envelope;
use event::Event;
use fault::Fault;
use serde_json::{Map, Value, json};

/// Where v1 batches go.
pub(super) const PATH: &str = "/i/v1/analytics/events";

pub(super) fn judge(settings: &Settings, case: &Case<'_>) -> Verdict {
    accept(settings, case).unwrap_or_else(|fault| fault.answer().into())
}

fn accept(settings: &Settings, case: &Case<'_>) -> Result<Verdict, Fault> {
    let envelope = Envelope::read(case.head)?;
    let Body::Whole(body) = case.body else {
        return Err(Fault::BodyTooLong(settings.max_body_bytes));
    };
    let batch = event::batch(&envelope.decode(body)?)?;
    if settings.over_quota_tokens.contains(&envelope.token) {
        return Err(Fault::OverQuota);
    }
    let mut results = Map::new();
    let mut stored = Vec::new();
    for (position, (uuid, event)) in batch.events.iter().enumerate() {
        let judged = event.judge(settings.max_event_bytes);
        let result = case.results.get(position).cloned().unwrap_or(judged);
        if matches!(
            result.get("result").and_then(Value::as_str),
            Some("ok" | "warning" | "limited")
        ) {
            stored.push(keep(case, &envelope, batch.is_historical, uuid, event));
        }
        if !result.is_null() {
            results.insert(uuid.clone(), result);
        }
    }
    let again = results
        .values()
        .any(|result| result.get("result").is_some_and(|word| word == "retry"));
    let mut answer = Answer::json(200, json!({ "results": results }).to_string());
    if again {
        answer = answer.header("retry-after", "1");
    }
    Ok(Verdict { answer, stored })
}

fn keep(case: &Case<'_>, envelope: &Envelope, is_historical: bool, uuid: &str, event: &Event) -> StoredEvent {
    StoredEvent {
        data_type: if is_historical {
            "AnalyticsHistorical"
        } else {
            "AnalyticsMain"
        },
        uuid: uuid.to_owned(),
        distinct_id: event.distinct_id().to_owned(),
        ip: client_address::of(case.head, case.peer),
        data: event.json.clone(),
        sent_at: find_header(&case.head.headers, "posthog-request-timestamp").map(str::to_owned),
        token: envelope.token.clone(),
        data_bytes: event.json.to_string().len(),
        message_bytes: event.message_bytes(),
    }
}
