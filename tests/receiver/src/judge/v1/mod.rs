//! The verdict route, `POST /i/v1/analytics/events`, by protocol.md §2. It was read, not recorded, so what is not written there is kept lenient; the
//! words of errors are ours.

mod envelope;
mod event;

use super::{Case, Verdict, client_address};
use crate::http::{Answer, Body, find_header};
use crate::settings::Settings;
use crate::store::StoredEvent;
use envelope::Envelope;
use serde_json::{Map, Value, json};

/// Where v1 batches go.
pub(super) const PATH: &str = "/i/v1/analytics/events";

/// A refusal of the whole request.
#[derive(Debug)]
struct Fault {
    status: u16,
    error: &'static str,
    description: String,
}

impl Fault {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
        }
    }

    fn invalid(description: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", description)
    }
}

pub(super) fn judge(settings: &Settings, case: &Case<'_>) -> Verdict {
    accept(settings, case).unwrap_or_else(|fault| {
        let body = json!({
            "error": fault.error,
            "error_description": fault.description,
            "error_uri": "https://posthog.com/docs/api/capture",
        });
        Answer::json(fault.status, body.to_string()).into()
    })
}

fn accept(settings: &Settings, case: &Case<'_>) -> Result<Verdict, Fault> {
    let envelope = Envelope::read(case.head)?;
    let Body::Whole(body) = case.body else {
        return Err(Fault::new(413, "payload_too_large", "the request body is too large"));
    };
    if settings.over_quota_tokens.contains(&envelope.token) {
        return Err(Fault::new(
            402,
            "billing_limit_exceeded",
            "the project is over its quota",
        ));
    }
    let batch = event::batch(&envelope.decode(body)?)?;
    let mut results = Map::new();
    let mut stored = Vec::new();
    for (position, (uuid, event)) in batch.events.iter().enumerate() {
        let judged = event::judge(event, settings.max_event_bytes);
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

fn keep(case: &Case<'_>, envelope: &Envelope, is_historical: bool, uuid: &str, event: &Value) -> StoredEvent {
    let size = event.to_string().len();
    StoredEvent {
        data_type: if is_historical {
            "AnalyticsHistorical"
        } else {
            "AnalyticsMain"
        },
        uuid: uuid.to_owned(),
        distinct_id: event
            .get("distinct_id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        ip: client_address::of(case.head, case.peer),
        data: event.clone(),
        sent_at: find_header(&case.head.headers, "posthog-request-timestamp").map(str::to_owned),
        token: envelope.token.clone(),
        data_bytes: size,
        message_bytes: size,
    }
}
