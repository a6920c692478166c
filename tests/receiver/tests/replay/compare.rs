//! Says in one sentence where a replay differs from its recording.

use crate::client::Answer;
use crate::recording::{Message, Response};
use hogwire_receiver::StoredEvent;
use serde_json::{Value, json};

pub(crate) fn answers(recorded: &Response, seen: &Answer) -> Result<(), String> {
    same("status", &json!(recorded.status), &json!(seen.status))?;
    same("content type", &json!(recorded.content_type), &json!(seen.content_type))?;
    same("body", &json!(recorded.body), &json!(seen.body))
}

pub(crate) fn stored(
    recorded: Option<&[Message]>,
    described_events: Option<usize>,
    seen: &[StoredEvent],
) -> Result<(), String> {
    let Some(recorded) = recorded else { return Ok(()) };
    // Of a described batch only the first events were written down.
    let count = described_events.unwrap_or(recorded.len());
    if seen.len() != count {
        return Err(format!("stored: {count} recorded, {} replayed", seen.len()));
    }
    recorded
        .iter()
        .zip(seen)
        .try_for_each(|(recorded, seen)| event(recorded, seen))
}

fn event(recorded: &Message, seen: &StoredEvent) -> Result<(), String> {
    if !recorded.field("topic").is_null() {
        return message(recorded, seen);
    }
    for field in ["data_type", "distinct_id", "ip", "sent_at", "token"] {
        same(
            field,
            recorded.field(field),
            &serde_json::to_value(seen).unwrap()[field],
        )?;
    }
    let data = recorded.field("data");
    if data.get("omitted").is_some() {
        return same("size", &data["bytes"], &json!(seen.data_bytes));
    }
    same("data", data, &seen.data)?;
    // A uuid made by the server is made of its time; one sent by the client stays.
    if data["uuid"].is_null() {
        Ok(())
    } else {
        same("uuid", recorded.field("uuid"), &json!(seen.uuid))
    }
}

/// What the broker's topic showed of a message: where it went, its key and its size.
fn message(recorded: &Message, seen: &StoredEvent) -> Result<(), String> {
    let topic = match seen.data_type {
        "AnalyticsHistorical" => "events_plugin_ingestion_historical",
        _ => "events_plugin_ingestion",
    };
    let key = format!("Some(\"{}:{}\")", seen.token, seen.distinct_id);
    same("topic", recorded.field("topic"), &json!(topic))?;
    same("key", recorded.field("key"), &json!(key))?;
    same("message size", recorded.field("bytes"), &json!(seen.message_bytes))
}

fn same(what: &str, recorded: &Value, seen: &Value) -> Result<(), String> {
    if recorded == seen {
        Ok(())
    } else {
        Err(format!("{what}: recorded {recorded}, replayed {seen}"))
    }
}
