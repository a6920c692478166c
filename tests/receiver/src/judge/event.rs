//! From an accepted request to the messages handed to the broker, one an event, and the broker's own size limit.

use super::query::Query;
use super::raw::{RawEvent, RawRequest};
use super::{Case, Refusal, client_address, decode, text};
use crate::http::Body;
use crate::settings::Settings;
use crate::store::StoredEvent;
use serde::Serialize;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;

/// A refusal, with the events that were stored before it was found.
type Refused = (Refusal, Vec<StoredEvent>);

/// Stand-in for the server's `now` text, of the length such a text has; only its length is ever looked at.
const NOW: &str = "2024-06-01T00:00:00.000000000Z";

/// The broker message, whose length is what the broker limits.
#[derive(Serialize)]
struct Message<'a> {
    uuid: &'a str,
    distinct_id: &'a str,
    ip: &'a str,
    data: &'a str,
    now: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    token: &'a str,
}

/// What all events of a request share.
struct Envelope {
    data_type: &'static str,
    ip: String,
    sent_at: Option<OffsetDateTime>,
    token: String,
}

/// Judges a v0 request that reached its route.
pub(super) fn accept(settings: &Settings, case: &Case<'_>) -> Result<Vec<StoredEvent>, Refused> {
    let events = read(settings, case).map_err(|refusal| (refusal, Vec::new()))?;
    let limit = settings.max_event_bytes.unwrap_or(usize::MAX);
    let mut stored = Vec::new();
    for event in events {
        // librdkafka counts the message and its key, and refuses before sending; what went before it in a batch is already on its way.
        let key_bytes = event.token.len() + 1 + event.distinct_id.len();
        if event.message_bytes.saturating_add(key_bytes) > limit {
            return Err((Refusal::EventTooLong, stored));
        }
        stored.push(event);
    }
    Ok(stored)
}

fn read(settings: &Settings, case: &Case<'_>) -> Result<Vec<StoredEvent>, Refusal> {
    let query = Query::parse(case.head.query())?;
    let Body::Whole(body) = case.body else {
        return Err(Refusal::BodyTooLong);
    };
    let request = RawRequest::parse(&decode::text(case.head, body)?)?;
    let token = request.token()?;
    if request.events().is_empty() {
        return Err(Refusal::NoEvent);
    }
    if settings.over_quota_tokens.contains(&token) {
        return Ok(Vec::new());
    }
    let envelope = Envelope {
        data_type: if request.is_historical() {
            "AnalyticsHistorical"
        } else {
            "AnalyticsMain"
        },
        ip: client_address::of(case.head, case.peer),
        sent_at: request.sent_at().or(query.sent_at()),
        token,
    };
    request.events().iter().map(|event| stored(event, &envelope)).collect()
}

fn stored(event: &RawEvent, envelope: &Envelope) -> Result<StoredEvent, Refusal> {
    if event.event.is_empty() {
        return Err(Refusal::EmptyName);
    }
    let data = text::of(event)?;
    let uuid = event.uuid.unwrap_or_else(new_uuid).to_string();
    let distinct_id = event.distinct_id()?;
    let message = text::of(&Message {
        uuid: &uuid,
        distinct_id: &distinct_id,
        ip: &envelope.ip,
        data: &data,
        now: NOW,
        sent_at: envelope
            .sent_at
            .and_then(|moment| moment.format(&time::format_description::well_known::Rfc3339).ok()),
        token: &envelope.token,
    })?;
    Ok(StoredEvent {
        data_type: envelope.data_type,
        uuid,
        distinct_id,
        ip: envelope.ip.clone(),
        data: serde_json::to_value(event)?,
        sent_at: envelope.sent_at.map(|moment| moment.to_string()),
        token: envelope.token.clone(),
        data_bytes: data.len(),
        message_bytes: message.len(),
    })
}

/// A version 7 uuid. The standard library's hash seeds are random enough for a test server, and save a dependency.
pub(super) fn new_uuid() -> uuid::Uuid {
    let milliseconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_millis());
    let random = RandomState::new();
    let mut tail = [0; 10];
    let noise = [random.hash_one(0).to_le_bytes(), random.hash_one(1).to_le_bytes()].concat();
    tail.iter_mut().zip(noise).for_each(|(place, byte)| *place = byte);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX), &tail).into_uuid()
}
