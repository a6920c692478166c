//! Event: what will be sent about one call, as the JSON text that goes out; made once. Whatever the caller does to its data
//! afterwards cannot reach it, and its uuid and timestamp never change, however often it is sent.
//!
//! It is kept in v0's shape, of which v1's is a part: v1 has no library among the properties, and wants a few of them elsewhere
//! (protocol.md §1 and §2).

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Deref;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use crate::config::Library;
use crate::json::scan::{members, pairs};
use crate::json::write::{separate_pair, write_json_text};
use crate::properties::{Key, KeySet, Properties};
use crate::protocol::Protocol;
use crate::rules::{EVENT_WRAPPING_BYTES, MAX_EVENT_BYTES};
use crate::time::Timestamp;

/// One event as an element of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) uuid: Uuid,
    pub(crate) timestamp: Timestamp,
    json: Json,
    /// Where `$lib` and `$lib_version` start, which v1 does not want.
    library_start: u32,
    /// Where the properties start, when v1 wants some of them elsewhere.
    lifted_from: Option<NonZeroU32>,
}

/// The text, in memory of its own or in memory that many events share.
#[derive(Clone, Debug)]
enum Json {
    Own(Vec<u8>),
    Common(Bytes),
}

impl Deref for Json {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(text) => text,
            Self::Common(text) => text,
        }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Json {}

/// What stands at the root of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Root<'r> {
    pub(crate) name: &'r str,
    pub(crate) distinct_id: &'r str,
    pub(crate) uuid: Uuid,
    pub(crate) timestamp: Timestamp,
}

/// Where v1 wants what v0 keeps in the properties.
enum Lift {
    /// At the event's root, as text.
    Root(&'static str),
    /// In `options`, as a boolean.
    Flag(&'static str),
    /// In `options`, as text.
    Text(&'static str),
}

/// Properties that v1 takes elsewhere (protocol.md §2).
const LIFTED: &[(Key<'_>, Lift)] = &[
    (Key::new("$session_id"), Lift::Root("session_id")),
    (Key::new("$window_id"), Lift::Root("window_id")),
    (Key::new("$cookieless_mode"), Lift::Flag("cookieless_mode")),
    (Key::new("$ignore_sent_at"), Lift::Flag("disable_skew_correction")),
    (
        Key::new("$process_person_profile"),
        Lift::Flag("process_person_profile"),
    ),
    (Key::new("$product_tour_id"), Lift::Text("product_tour_id")),
];

/// The same keys as a set, which shows at a glance that an event has none of them, as most have.
const LIFTED_KEYS: KeySet = {
    let (mut keys, mut rest) = (KeySet::EMPTY, LIFTED);
    while let [(key, _), others @ ..] = rest {
        keys = keys.with(*key);
        rest = others;
    }
    keys
};

/// The event of an alias. On v0 its properties repeat the distinct id; on v1 that stands at the root only.
pub(crate) const ALIAS_EVENT: &str = "$create_alias";

const UUID: &[u8] = b",\"uuid\":\"";
const PROPERTIES: &[u8] = b",\"properties\":{";

/// An event being written: its root, then its properties pair by pair.
#[derive(Debug)]
pub(crate) struct EventWriter {
    uuid: Uuid,
    timestamp: Timestamp,
    json: Vec<u8>,
    properties_start: usize,
    lifts: bool,
}

impl EventWriter {
    /// Starts with the root, and with room for this many bytes of properties.
    pub(crate) fn new(root: &Root<'_>, room: usize) -> Self {
        let mut json = Vec::with_capacity(room + root.name.len() + root.distinct_id.len() + 160);
        json.extend_from_slice(b"{\"event\":");
        write_json_text(&mut json, root.name);
        json.extend_from_slice(b",\"distinct_id\":");
        write_json_text(&mut json, root.distinct_id);
        json.extend_from_slice(UUID);
        json.extend_from_slice(
            root.uuid
                .hyphenated()
                .encode_lower(&mut Uuid::encode_buffer())
                .as_bytes(),
        );
        json.extend_from_slice(b"\",\"timestamp\":\"");
        root.timestamp.write(&mut json);
        json.push(b'"');
        json.extend_from_slice(PROPERTIES);
        Self {
            uuid: root.uuid,
            timestamp: root.timestamp,
            properties_start: json.len(),
            json,
            lifts: root.name == ALIAS_EVENT,
        }
    }

    /// A property whose name needs no escaping.
    pub(crate) fn pair(&mut self, key: &str, json: &[u8]) {
        self.lifts |= is_lifted(key);
        write_pair(&mut self.json, key, json);
    }

    /// A whole pair of hogwire's own, which no protocol wants elsewhere.
    #[inline]
    pub(crate) fn own_pair(&mut self, pair: &'static str) {
        separate_pair(&mut self.json);
        self.json.extend_from_slice(pair.as_bytes());
    }

    /// All properties.
    pub(crate) fn pairs(&mut self, properties: &Properties) {
        self.lifts |= has_lifted(properties);
        properties.write_pairs(&mut self.json);
    }

    /// Properties, but for those whose key `skip` has.
    pub(crate) fn pairs_but(&mut self, properties: &Properties, skip: impl Fn(&str) -> bool) {
        self.lifts |= has_lifted(properties);
        properties.write_pairs_but(&mut self.json, skip);
    }

    /// Ends with what every event says about the library that sends it.
    pub(crate) fn finish(self, library: Library) -> Event {
        let mut json = self.json;
        let library_start = json.len();
        write_library(&mut json, library);
        json.extend_from_slice(b"}}");
        // An event is far smaller than 4 GiB: the properties are bounded, and so is everything at its root.
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let start = NonZeroU32::new(place(self.properties_start));
        Event {
            uuid: self.uuid,
            timestamp: self.timestamp,
            json: Json::Own(json),
            library_start: place(library_start),
            lifted_from: start.filter(|_| self.lifts),
        }
    }
}

impl Event {
    /// Bytes of JSON.
    pub(crate) fn len(&self) -> usize {
        self.json.len()
    }

    /// The event in v0's shape.
    pub(crate) fn json(&self) -> &[u8] {
        &self.json
    }

    /// The beginning of the JSON: the event's name and its distinct id.
    pub(crate) fn name_and_id(&self) -> &[u8] {
        // This cannot be part of a text, in which the quotes would be escaped.
        let end = self.json.windows(UUID.len()).position(|bytes| bytes == UUID);
        self.json.get(..end.unwrap_or_default()).unwrap_or_default()
    }

    /// The same event with its text in common memory.
    pub(crate) fn with_json(self, json: Bytes) -> Self {
        Self {
            json: Json::Common(json),
            ..self
        }
    }

    /// Appends the event in this protocol's shape.
    pub(crate) fn write(&self, protocol: Protocol, out: &mut Vec<u8>) {
        match (protocol, self.lifted_from) {
            (Protocol::V0, _) => out.extend_from_slice(&self.json),
            (Protocol::V1, None) => {
                out.extend_from_slice(self.json.get(..self.library_start as usize).unwrap_or_default());
                out.extend_from_slice(b"}}");
            }
            (Protocol::V1, Some(start)) => self.write_lifted(start.get() as usize, out),
        }
    }

    fn write_lifted(&self, properties_start: usize, out: &mut Vec<u8>) {
        let text = std::str::from_utf8(&self.json).unwrap_or_default();
        let root = text.get(..properties_start - PROPERTIES.len()).unwrap_or_default();
        let properties = text
            .get(properties_start..self.library_start as usize)
            .unwrap_or_default();
        let is_alias = members(root).next() == Some(("\"event\"", "\"$create_alias\""));
        out.extend_from_slice(root.as_bytes());
        let (mut options, mut kept) = (Vec::new(), Vec::with_capacity(properties.len()));
        for (token, value) in pairs(properties) {
            let key = token.get(1..token.len() - 1).unwrap_or_default();
            match LIFTED
                .iter()
                .find(|(lifted, _)| lifted.name == key)
                .map(|(_, lift)| lift)
            {
                Some(Lift::Root(name)) if is_text(value) => write_pair(out, name, value.as_bytes()),
                Some(Lift::Flag(name)) => {
                    if let Some(flag) = coerced_flag(value) {
                        write_pair(&mut options, name, if flag { b"true" } else { b"false" });
                    }
                }
                Some(Lift::Text(name)) if is_text(value) => write_pair(&mut options, name, value.as_bytes()),
                // What cannot be coerced is left out, as PostHog's client contract asks.
                Some(_) => {}
                None if is_alias && key == "distinct_id" => {}
                None => write_pair(&mut kept, key, value.as_bytes()),
            }
        }
        if !options.is_empty() {
            out.extend_from_slice(b",\"options\":{");
            out.extend_from_slice(&options);
            out.push(b'}');
        }
        out.extend_from_slice(PROPERTIES);
        out.extend_from_slice(&kept);
        out.extend_from_slice(b"}}");
    }

    /// Bytes the server's broker message will have: the JSON as a string inside JSON (protocol.md §1, S).
    pub(crate) fn broker_bytes(&self) -> usize {
        // At most every byte is escaped once more; only large events need the exact count.
        if 2 * self.json.len() + EVENT_WRAPPING_BYTES <= MAX_EVENT_BYTES {
            return 2 * self.json.len() + EVENT_WRAPPING_BYTES;
        }
        let json = plainly_spelled(&self.json);
        let escaped = json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        json.len() + escaped + EVENT_WRAPPING_BYTES
    }
}

/// JSON without needless escapes, as the server writes it again: there, what a program spelled `\u00e9` takes two bytes.
fn plainly_spelled(json: &[u8]) -> Cow<'_, [u8]> {
    if !json.windows(2).any(|pair| pair == b"\\u") {
        return Cow::Borrowed(json);
    }
    let spelled = serde_json::from_slice::<Value>(json).and_then(|value| serde_json::to_vec(&value));
    spelled.map_or(Cow::Borrowed(json), Cow::Owned)
}

fn is_lifted(key: &str) -> bool {
    LIFTED.iter().any(|(lifted, _)| lifted.name == key)
}

#[inline]
fn has_lifted(properties: &Properties) -> bool {
    properties.may_contain_any(LIFTED_KEYS) && LIFTED.iter().any(|(lifted, _)| properties.contains(*lifted))
}

/// Neither the library's name nor the version has anything to escape.
fn write_library(out: &mut Vec<u8>, library: Library) {
    separate_pair(out);
    out.extend_from_slice(b"\"$lib\":\"");
    out.extend_from_slice(library.as_str().as_bytes());
    out.extend_from_slice(concat!("\",\"$lib_version\":\"", env!("CARGO_PKG_VERSION"), "\"").as_bytes());
}

/// A pair whose key needs no escaping, or is escaped already.
fn write_pair(out: &mut Vec<u8>, key: &str, json: &[u8]) {
    separate_pair(out);
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(json);
}

fn is_text(value: &str) -> bool {
    value.starts_with('"')
}

/// A boolean, which may also be given as a number, or as one of four words (protocol.md §2, R).
fn coerced_flag(value: &str) -> Option<bool> {
    let Some(text) = value.strip_prefix('"') else {
        let number = || value.parse::<f64>().ok().map(|number| number != 0.0);
        return value.parse().ok().or_else(number);
    };
    match text.trim_end_matches('"').trim() {
        "1" => Some(true),
        "0" => Some(false),
        word => word.to_ascii_lowercase().parse().ok(),
    }
}

#[cfg(test)]
impl Event {
    /// An event with these properties, as JSON text.
    pub(crate) fn example(name: &str, uuid: Uuid, timestamp: Timestamp, properties: &str) -> Self {
        let root = Root {
            name,
            distinct_id: "user-1",
            uuid,
            timestamp,
        };
        let mut writer = EventWriter::new(&root, properties.len());
        writer.pairs(&Properties::from_valid_json(properties));
        writer.finish(Library::Rust)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(name: &str, properties: &str) -> Event {
        Event::example(name, Uuid::from_u128(1), Timestamp::from_unix_ms(0), properties)
    }

    fn written(event: &Event, protocol: Protocol) -> String {
        let mut out = Vec::new();
        event.write(protocol, &mut out);
        String::from_utf8(out).unwrap()
    }

    const ROOT: &str = concat!(
        r#""distinct_id":"user-1","uuid":"00000000-0000-0000-0000-000000000001","#,
        r#""timestamp":"1970-01-01T00:00:00.000Z""#
    );

    #[test]
    fn v1_lifts_what_belongs_elsewhere_and_leaves_the_rest_as_it_stands() {
        let properties = r#"{"plan":1.50,"$session_id":"s","$window_id":7,"$ignore_sent_at":"1","$cookieless_mode":"maybe","$process_person_profile":0,"$product_tour_id":"t","$set":{"a":1},"a\"":2}"#;
        assert_eq!(
            written(&event("e", properties), Protocol::V1),
            format!(
                r#"{{"event":"e",{ROOT},"session_id":"s","options":{},"properties":{}}}"#,
                r#"{"disable_skew_correction":true,"process_person_profile":false,"product_tour_id":"t"}"#,
                r#"{"plan":1.50,"$set":{"a":1},"a\"":2}"#
            )
        );
    }

    #[test]
    fn v1_without_anything_to_lift_is_v0_without_the_library() {
        let plain = event("e", r#"{"plan":1.50,"$set":{}}"#);
        let v1 = written(&plain, Protocol::V1);
        assert_eq!(
            v1,
            format!(r#"{{"event":"e",{ROOT},"properties":{{"plan":1.50,"$set":{{}}}}}}"#)
        );
        let v0: Value = serde_json::from_str(&written(&plain, Protocol::V0)).unwrap();
        assert_eq!(
            v0["properties"],
            json!({"plan": 1.5, "$set": {}, "$lib": "hogwire-rust", "$lib_version": crate::VERSION})
        );
        assert_eq!(
            written(&event("e", "{}"), Protocol::V1),
            format!(r#"{{"event":"e",{ROOT},"properties":{{}}}}"#)
        );
    }

    #[test]
    fn v1_has_the_id_of_an_alias_at_the_root_only() {
        let properties = r#"{"alias":"v","distinct_id":"user-1"}"#;
        let alias: Value = serde_json::from_str(&written(&event(ALIAS_EVENT, properties), Protocol::V1)).unwrap();
        assert_eq!(
            (&alias["properties"], &alias["distinct_id"]),
            (&json!({"alias": "v"}), &json!("user-1"))
        );
        let other: Value = serde_json::from_str(&written(&event("e", properties), Protocol::V1)).unwrap();
        assert_eq!(other["properties"], json!({"alias": "v", "distinct_id": "user-1"}));
        let lifted = r#"{"alias":"v","distinct_id":"user-1","$session_id":"s"}"#;
        let other: Value = serde_json::from_str(&written(&event("e", lifted), Protocol::V1)).unwrap();
        assert_eq!(other["properties"], json!({"alias": "v", "distinct_id": "user-1"}));
    }

    #[test]
    fn flags_are_coerced() {
        for (given, expected) in [
            ("true", Some(true)),
            ("\"True\"", Some(true)),
            ("\"1\"", Some(true)),
            ("2", Some(true)),
            ("-1", Some(true)),
            ("\" true \"", Some(true)),
            ("0", Some(false)),
            ("-0.0", Some(false)),
            ("\"False\"", Some(false)),
            ("null", None),
            ("\"0\"", Some(false)),
            ("\"2\"", None),
            ("\"0.0\"", None),
            ("\"yes\"", None),
            ("\"\"", None),
            ("\"NaN\"", None),
            ("\"infinity\"", None),
            ("{\"a\":1}", None),
        ] {
            assert_eq!(coerced_flag(given), expected, "{given}");
        }
    }
}
