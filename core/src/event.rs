//! Event: what will be sent about one call, frozen once made. Its uuid and timestamp never change, however often it is sent.

use serde_json::Value;
use uuid::Uuid;

use crate::config::{Config, Library};
use crate::finding::{Findings, WarningCode};
use crate::hook::{self, AssembledEvent, Dropped};
use crate::operation::{Input, Operation, Parameter};
use crate::properties::{Properties, separate_pair, write_json, write_json_text};
use crate::rules::{EVENT_WRAPPING_BYTES, MAX_EVENT_BYTES};
use crate::time::Timestamp;

/// One assembled event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) distinct_id: String,
    pub(crate) uuid: Uuid,
    pub(crate) timestamp: Timestamp,
    /// The inside of the properties object: `"key":value,"key":value`.
    pub(crate) properties: Vec<u8>,
}

impl Event {
    /// The event as an element of a v0 batch (protocol.md §1).
    pub(crate) fn write_v0(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"event\":");
        write_json_text(out, &self.name);
        out.extend_from_slice(b",\"distinct_id\":");
        write_json_text(out, &self.distinct_id);
        out.extend_from_slice(b",\"uuid\":\"");
        out.extend_from_slice(
            self.uuid
                .hyphenated()
                .encode_lower(&mut Uuid::encode_buffer())
                .as_bytes(),
        );
        out.extend_from_slice(b"\",\"timestamp\":");
        write_json_text(out, &self.timestamp.to_string());
        out.extend_from_slice(b",\"properties\":{");
        out.extend_from_slice(&self.properties);
        out.extend_from_slice(b"}}");
    }

    /// Bytes the server's broker message will have: the JSON as a string inside JSON (protocol.md §1, S).
    pub(crate) fn broker_bytes(&self) -> usize {
        // At most every byte is escaped once more; only large events need the exact count.
        let upper_bound = 2 * (self.properties.len() + 2 * (self.name.len() + self.distinct_id.len()) + 256);
        if upper_bound + EVENT_WRAPPING_BYTES <= MAX_EVENT_BYTES {
            return upper_bound + EVENT_WRAPPING_BYTES;
        }
        let mut json = Vec::with_capacity(upper_bound);
        self.write_v0(&mut json);
        let escaped = json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        json.len() + escaped + EVENT_WRAPPING_BYTES
    }

    /// Lets the hooks see and change it. What a hook returns is checked like any caller's input.
    pub(crate) fn after_hooks(self, config: &Config, now: Timestamp, findings: &mut Findings) -> Result<Self, Stopped> {
        if config.before_send.is_empty() {
            return Ok(self);
        }
        match hook::run(&config.before_send, self.assembled()) {
            Ok(changed) => self.read_back(&changed, config, now, findings),
            Err(Dropped::ByHook) => Err(Stopped::Dropped {
                uuid: self.uuid,
                reason: "by a before_send hook".to_owned(),
            }),
            Err(Dropped::HookFailed(message)) => {
                let reason = format!("because a before_send hook failed: {message}");
                findings.warn(
                    WarningCode::BeforeSendFailed,
                    "before_send",
                    format!("a hook failed: {message}"),
                );
                Err(Stopped::Dropped {
                    uuid: self.uuid,
                    reason,
                })
            }
        }
    }

    fn assembled(&self) -> AssembledEvent {
        let mut json = Vec::with_capacity(self.properties.len() + 256);
        self.write_v0(&mut json);
        serde_json::from_slice(&json).unwrap_or_default()
    }

    /// Reads a hook's event back through the rules of `create_event`; `$lib` stays ours.
    fn read_back(
        &self,
        changed: &AssembledEvent,
        config: &Config,
        now: Timestamp,
        findings: &mut Findings,
    ) -> Result<Self, Stopped> {
        let mut input = serde_json::Map::new();
        for (name, value) in changed {
            let parameter = match name.as_str() {
                "event" => Parameter::EventName,
                "distinct_id" => Parameter::DistinctId,
                "uuid" => Parameter::Uuid,
                "timestamp" => Parameter::Timestamp,
                "properties" => Parameter::Properties,
                // Everything else at the top of an event is silently discarded by the server (protocol.md §1, S).
                _ => continue,
            };
            input.insert(parameter.as_str().to_owned(), value.clone());
        }
        if let Some(Value::Object(properties)) = input.get_mut(Parameter::Properties.as_str()) {
            properties.retain(|key, _| key != "$lib" && key != "$lib_version");
        }
        let json = Value::Object(input).to_string();
        let input = Input::from_json(Operation::Event, json.as_bytes());
        // The client's properties were merged before the hook saw the event; a hook may have removed some on purpose.
        let plain = Config {
            properties: Properties::new(),
            is_server: false,
            geoip_disable: false,
            ..config.clone()
        };
        let (event, mut found) = crate::operation::read(input, &plain, now, || self.uuid);
        for finding in &mut found.refusals {
            finding.message = format!("after before_send: {}", finding.message);
        }
        // What was already said of the event before the hook saw it is not said twice.
        found.warnings.retain(|warning| !findings.warnings.contains(warning));
        findings.append(&mut found);
        event
            .map(|event| Self {
                timestamp: if changed.contains_key("timestamp") {
                    event.timestamp
                } else {
                    self.timestamp
                },
                ..event
            })
            .ok_or(Stopped::Refused)
    }
}

/// Why an assembled event goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The findings say why.
    Refused,
    /// `reason` completes "the event was dropped ...".
    Dropped { uuid: Uuid, reason: String },
}

/// What every event says about the library that sends it.
pub(crate) fn write_library(out: &mut Vec<u8>, library: Library) {
    separate_pair(out);
    out.extend_from_slice(b"\"$lib\":");
    write_json(out, library.as_str());
    out.extend_from_slice(b",\"$lib_version\":");
    write_json(out, crate::VERSION);
}
