//! A v1 batch and the verdict on each of its events.

use super::Fault;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest event name and distinct id, in bytes.
const MAX_BYTES: usize = 200;

/// Distinct ids that name nobody, in any case: stored without person processing (protocol.md §3, R).
const NOBODY: [&str; 20] = [
    "0",
    "00000000-0000-0000-0000-000000000000",
    "[object object]",
    "anonymous",
    "anonymous-user",
    "backend",
    "distinct_id",
    "distinctid",
    "email",
    "false",
    "guest",
    "id",
    "nan",
    "none",
    "not_authenticated",
    "null",
    "system",
    "true",
    "undefined",
    "user",
];

#[derive(Deserialize)]
struct Raw {
    created_at: String,
    #[serde(default)]
    historical_migration: bool,
    batch: Vec<Value>,
}

/// An event as far as the server reads it. What does not fit refuses the whole request.
#[derive(Deserialize)]
pub(super) struct Event {
    event: String,
    uuid: String,
    distinct_id: String,
    timestamp: String,
    #[serde(rename = "session_id")]
    _session_id: Option<String>,
    #[serde(rename = "window_id")]
    _window_id: Option<String>,
    #[serde(default)]
    options: Value,
    #[serde(default = "no_properties")]
    properties: Value,
    #[serde(skip)]
    pub(super) json: Value,
}

fn no_properties() -> Value {
    Value::Object(Map::new())
}

/// Events under their uuids, in order.
pub(super) struct Batch {
    pub(super) is_historical: bool,
    pub(super) events: Vec<(String, Event)>,
}

/// Reads a batch. Without a usable uuid for each event there is no telling verdicts apart, so that refuses all of it.
pub(super) fn batch(text: &str) -> Result<Batch, Fault> {
    let raw: Raw = serde_json::from_str(text).map_err(|_| Fault::Unparsable)?;
    let read = |json: Value| {
        let event = Event::deserialize(&json)?;
        Ok(Event { json, ..event })
    };
    let read: Result<Vec<Event>, serde_json::Error> = raw.batch.into_iter().map(read).collect();
    let read = read.map_err(|_| Fault::Unparsable)?;
    if read.is_empty() {
        return Err(Fault::NoEvent);
    }
    if !is_time(&raw.created_at) {
        return Err(Fault::CreatedAt(raw.created_at));
    }
    let mut known = BTreeSet::new();
    let mut events = Vec::new();
    for event in read {
        let given = event.uuid.trim();
        if given.is_empty() {
            return Err(Fault::NoUuid);
        }
        let uuid = uuid::Uuid::parse_str(given).map_err(|_| Fault::InvalidUuid(given.to_owned()))?;
        if !known.insert(uuid) {
            return Err(Fault::SameUuid(given.to_owned()));
        }
        events.push((uuid.hyphenated().to_string(), event));
    }
    Ok(Batch {
        is_historical: raw.historical_migration,
        events,
    })
}

fn is_time(text: &str) -> bool {
    OffsetDateTime::parse(text, &Rfc3339).is_ok()
}

impl Event {
    pub(super) fn distinct_id(&self) -> &str {
        self.distinct_id.trim()
    }

    /// Bytes of the event as a JSON string inside JSON, which is how the broker gets it.
    pub(super) fn message_bytes(&self) -> usize {
        Value::String(self.json.to_string()).to_string().len()
    }

    /// The verdict.
    pub(super) fn judge(&self, max_bytes: Option<usize>) -> Value {
        let is_nobody = |id: &&str| self.distinct_id().eq_ignore_ascii_case(id);
        match self.fault(max_bytes) {
            Some(details) => json!({ "result": "drop", "details": details }),
            None if NOBODY.iter().any(is_nobody) => json!({"result": "ok", "details": "person_processing_disabled"}),
            None => json!({ "result": "ok" }),
        }
    }

    fn fault(&self, max_bytes: Option<usize>) -> Option<&'static str> {
        let faults = [
            (self.event == "$performance_event", "dropped_performance_event"),
            (self.event.is_empty(), "missing_event_name"),
            (self.event.len() > MAX_BYTES, "event_name_too_long"),
            (self.distinct_id().is_empty(), "missing_distinct_id"),
            (self.distinct_id().len() > MAX_BYTES, "distinct_id_too_large"),
            (!is_time(&self.timestamp), "invalid_event_timestamp"),
            (!self.properties.is_object(), "malformed_event_properties"),
            (!options_fit(&self.options), "invalid_options"),
            (self.message_bytes() > max_bytes.unwrap_or(usize::MAX), "event_too_big"),
        ];
        faults.into_iter().find_map(|(found, details)| found.then_some(details))
    }
}

/// Whether the known options have their types. The server would also take `"true"`, `"1"` and numbers for booleans, and whole numbers for
/// texts; no client needs to count on it.
fn options_fit(options: &Value) -> bool {
    let option = |name: &str| options.get(name).filter(|value| !value.is_null());
    (options.is_null() || options.is_object())
        && ["cookieless_mode", "disable_skew_correction", "process_person_profile"]
            .iter()
            .all(|name| option(name).is_none_or(Value::is_boolean))
        && option("product_tour_id").is_none_or(Value::is_string)
}
