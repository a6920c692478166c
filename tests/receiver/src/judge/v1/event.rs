//! A v1 batch and the verdict on each of its events.

use super::Fault;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest event name and distinct id, in bytes.
const MAX_BYTES: usize = 200;

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "created_at")]
    _created_at: String,
    #[serde(default)]
    historical_migration: Option<bool>,
    batch: Vec<Map<String, Value>>,
}

/// Events under their uuids, in order.
pub(super) struct Batch {
    pub(super) is_historical: bool,
    pub(super) events: Vec<(String, Value)>,
}

/// Reads a batch. Without a usable uuid for each event there is no telling verdicts apart, so that refuses all of it.
pub(super) fn batch(text: &str) -> Result<Batch, Fault> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| Fault::invalid(error.to_string()))?;
    if raw.batch.is_empty() {
        return Err(Fault::invalid("the batch is empty"));
    }
    let mut known = BTreeSet::new();
    let mut events = Vec::new();
    for event in raw.batch {
        let text = event
            .get("uuid")
            .and_then(Value::as_str)
            .ok_or_else(|| Fault::invalid("an event has no uuid"))?;
        let uuid = uuid::Uuid::parse_str(text).map_err(|error| Fault::invalid(format!("uuid {text}: {error}")))?;
        let uuid = uuid.hyphenated().to_string();
        if !known.insert(uuid.clone()) {
            return Err(Fault::invalid(format!("uuid {uuid} occurs twice")));
        }
        events.push((uuid, Value::Object(event)));
    }
    Ok(Batch {
        is_historical: raw.historical_migration == Some(true),
        events,
    })
}

/// The verdict on one event.
pub(super) fn judge(event: &Value, max_bytes: Option<usize>) -> Value {
    match fault(event, max_bytes) {
        None => json!({ "result": "ok" }),
        Some(details) => json!({ "result": "drop", "details": details }),
    }
}

fn fault(event: &Value, max_bytes: Option<usize>) -> Option<&'static str> {
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_object = |name: &str| event.get(name).is_none_or(|value| value.is_null() || value.is_object());
    let faults = [
        (text("event").is_empty(), "missing_event_name"),
        (text("event").len() > MAX_BYTES, "event_name_too_long"),
        (text("distinct_id").trim().is_empty(), "missing_distinct_id"),
        (text("distinct_id").len() > MAX_BYTES, "distinct_id_too_large"),
        (
            OffsetDateTime::parse(text("timestamp"), &Rfc3339).is_err(),
            "invalid_event_timestamp",
        ),
        (!is_object("properties"), "malformed_event_properties"),
        (!is_object("options") || !options_fit(event), "invalid_options"),
        (
            event.to_string().len() > max_bytes.unwrap_or(usize::MAX),
            "event_too_big",
        ),
    ];
    faults.into_iter().find_map(|(found, details)| found.then_some(details))
}

/// Whether the known options have their types.
fn options_fit(event: &Value) -> bool {
    let option = |name: &str| {
        event
            .get("options")
            .and_then(|options| options.get(name))
            .filter(|value| !value.is_null())
    };
    ["cookieless_mode", "disable_skew_correction", "process_person_profile"]
        .iter()
        .all(|name| option(name).is_none_or(Value::is_boolean))
        && option("product_tour_id").is_none_or(Value::is_string)
}
