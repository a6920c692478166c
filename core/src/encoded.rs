//! Encoded: an event as the bytes that go out, made once. Whatever the caller does to its data afterwards cannot reach them.
//!
//! Holds the shape of an event in each protocol (protocol.md §1 and §2) and knows nothing of requests.

use std::sync::Arc;

use uuid::Uuid;

use crate::config::Library;
use crate::event::{Event, write_library};
use crate::json::scan::{members, pairs};
use crate::properties::{separate_pair, write_json_text};
use crate::protocol::Protocol;

/// One event as an element of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) uuid: Uuid,
    protocol: Protocol,
    /// Shared, so that a batch can be divided and sent again without copying events.
    json: Arc<[u8]>,
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

/// Properties that v1 takes elsewhere (protocol.md §2), as key tokens.
const LIFTED: &[(&str, Lift)] = &[
    ("\"$session_id\"", Lift::Root("session_id")),
    ("\"$window_id\"", Lift::Root("window_id")),
    ("\"$cookieless_mode\"", Lift::Flag("cookieless_mode")),
    ("\"$ignore_sent_at\"", Lift::Flag("disable_skew_correction")),
    ("\"$process_person_profile\"", Lift::Flag("process_person_profile")),
    ("\"$product_tour_id\"", Lift::Text("product_tour_id")),
];

/// Properties v1 does not want: the server takes the library from PostHog-Sdk-Info (protocol.md §2).
const LIBRARY_KEYS: [&str; 2] = ["\"$lib\"", "\"$lib_version\""];

/// The event whose id stands in its properties too on v0, and at the root only on v1.
const ALIAS_EVENT: &str = "$create_alias";

impl Event {
    /// The event as it goes out in this protocol.
    pub(crate) fn encode(&self, protocol: Protocol) -> Encoded {
        let mut json = Vec::with_capacity(self.properties.len() + self.name.len() + self.distinct_id.len() + 160);
        match protocol {
            Protocol::V0 => self.write_v0(&mut json),
            Protocol::V1 => self.write_v1(&mut json),
        }
        Encoded {
            uuid: self.uuid,
            protocol,
            json: json.into(),
        }
    }

    fn write_v1(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"event\":");
        write_json_text(out, &self.name);
        out.extend_from_slice(b",\"uuid\":\"");
        out.extend_from_slice(
            self.uuid
                .hyphenated()
                .encode_lower(&mut Uuid::encode_buffer())
                .as_bytes(),
        );
        out.extend_from_slice(b"\",\"distinct_id\":");
        write_json_text(out, &self.distinct_id);
        out.extend_from_slice(b",\"timestamp\":");
        write_json_text(out, &self.timestamp.to_string());

        let is_alias = self.name == ALIAS_EVENT;
        let (mut options, mut kept) = (Vec::new(), Vec::with_capacity(self.properties.len()));
        for (key, value) in pairs(std::str::from_utf8(&self.properties).unwrap_or_default()) {
            match LIFTED.iter().find(|(lifted, _)| *lifted == key).map(|(_, lift)| lift) {
                Some(Lift::Root(name)) if is_text(value) => write_pair(out, name, value),
                Some(Lift::Flag(name)) => {
                    if let Some(flag) = coerced_flag(value) {
                        write_pair(&mut options, name, if flag { "true" } else { "false" });
                    }
                }
                Some(Lift::Text(name)) if is_text(value) => write_pair(&mut options, name, value),
                // What cannot be coerced is left out, as the contract asks.
                Some(_) => {}
                None if LIBRARY_KEYS.contains(&key) || (is_alias && key == "\"distinct_id\"") => {}
                None => {
                    separate_pair(&mut kept);
                    kept.extend_from_slice(key.as_bytes());
                    kept.push(b':');
                    kept.extend_from_slice(value.as_bytes());
                }
            }
        }
        if !options.is_empty() {
            out.extend_from_slice(b",\"options\":{");
            out.extend_from_slice(&options);
            out.push(b'}');
        }
        out.extend_from_slice(b",\"properties\":{");
        out.extend_from_slice(&kept);
        out.extend_from_slice(b"}}");
    }
}

impl Encoded {
    /// Bytes of JSON.
    pub(crate) fn len(&self) -> usize {
        self.json.len()
    }

    /// Appends the event in this protocol's shape. An event made for v1 that must go out over v0 after all is rewritten.
    pub(crate) fn write(&self, protocol: Protocol, library: Library, out: &mut Vec<u8>) {
        if self.protocol == Protocol::V1 && protocol == Protocol::V0 {
            self.write_v1_as_v0(library, out);
        } else {
            out.extend_from_slice(&self.json);
        }
    }

    fn write_v1_as_v0(&self, library: Library, out: &mut Vec<u8>) {
        let json = std::str::from_utf8(&self.json).unwrap_or_default();
        let root: Vec<_> = members(json).collect();
        let value = |name: &str| root.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let options: Vec<_> = value("\"options\"")
            .map(|options| members(options).collect())
            .unwrap_or_default();
        out.push(b'{');
        for name in ["event", "distinct_id", "uuid", "timestamp"] {
            write_pair(out, name, value(&format!("\"{name}\"")).unwrap_or("null"));
        }
        let inside = value("\"properties\"").and_then(|object| object.get(1..object.len().saturating_sub(1)));
        let mut properties = inside.unwrap_or_default().as_bytes().to_vec();
        for (key, lift) in LIFTED {
            let found = match lift {
                Lift::Root(name) => value(&format!("\"{name}\"")),
                Lift::Flag(name) | Lift::Text(name) => {
                    let name = format!("\"{name}\"");
                    options.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
                }
            };
            if let Some(found) = found {
                write_pair(&mut properties, key.trim_matches('"'), found);
            }
        }
        if value("\"event\"").is_some_and(|name| name.trim_matches('"') == ALIAS_EVENT) {
            write_pair(
                &mut properties,
                "distinct_id",
                value("\"distinct_id\"").unwrap_or("null"),
            );
        }
        write_library(&mut properties, library);
        out.extend_from_slice(b",\"properties\":{");
        out.extend_from_slice(&properties);
        out.extend_from_slice(b"}}");
    }
}

/// A pair whose name needs no escaping.
fn write_pair(out: &mut Vec<u8>, name: &str, value: &str) {
    separate_pair(out);
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(value.as_bytes());
}

fn is_text(value: &str) -> bool {
    value.starts_with('"')
}

/// A boolean, as text or number too (protocol.md §2).
fn coerced_flag(value: &str) -> Option<bool> {
    let word = value.trim_matches('"').trim();
    if word.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    if word.eq_ignore_ascii_case("false") {
        return Some(false);
    }
    word.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(|number| number != 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;
    use serde_json::{Value, json};

    fn event(name: &str, properties: &str) -> Event {
        Event {
            name: name.to_owned(),
            distinct_id: "user-1".to_owned(),
            uuid: Uuid::from_u128(1),
            timestamp: Timestamp::from_unix_ms(0),
            properties: properties.as_bytes().to_vec(),
        }
    }

    fn written(encoded: &Encoded, protocol: Protocol) -> Value {
        let mut out = Vec::new();
        encoded.write(protocol, Library::Rust, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn v1_lifts_what_belongs_elsewhere_and_leaves_the_rest_as_it_stands() {
        let properties = r#""plan":1.50,"$session_id":"s","$window_id":7,"$ignore_sent_at":"1","$cookieless_mode":"maybe","$process_person_profile":0,"$product_tour_id":"t","$set":{"a":1},"$lib":"hogwire-rust","$lib_version":"0""#;
        let encoded = event("e", properties).encode(Protocol::V1);
        let mut out = Vec::new();
        encoded.write(Protocol::V1, Library::Rust, &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            concat!(
                r#"{"event":"e","uuid":"00000000-0000-0000-0000-000000000001","distinct_id":"user-1","#,
                r#""timestamp":"1970-01-01T00:00:00.000Z","session_id":"s","#,
                r#""options":{"disable_skew_correction":true,"process_person_profile":false,"product_tour_id":"t"},"#,
                r#""properties":{"plan":1.50,"$set":{"a":1}}}"#
            )
        );
    }

    #[test]
    fn v1_without_anything_to_lift_has_no_options() {
        let value = written(&event("e", "").encode(Protocol::V1), Protocol::V1);
        assert!(value.get("options").is_none() && value["properties"] == json!({}));
    }

    #[test]
    fn an_event_made_for_v1_can_still_go_out_over_v0() {
        let properties = r#""plan":1.50,"$session_id":"s","$ignore_sent_at":true,"$product_tour_id":"t""#;
        let full = format!(
            "{properties},\"$lib\":\"hogwire-rust\",\"$lib_version\":\"{}\"",
            crate::VERSION
        );
        let original = event("e", &full);
        let direct = written(&original.encode(Protocol::V0), Protocol::V0);
        assert_eq!(written(&original.encode(Protocol::V1), Protocol::V0), direct);

        let alias = format!(
            "\"alias\":\"v\",\"distinct_id\":\"user-1\",\"$lib\":\"hogwire-rust\",\"$lib_version\":\"{}\"",
            crate::VERSION
        );
        let alias = event(ALIAS_EVENT, &alias);
        let v1 = written(&alias.encode(Protocol::V1), Protocol::V1);
        assert_eq!(v1["properties"], json!({"alias": "v"}));
        assert_eq!(
            written(&alias.encode(Protocol::V1), Protocol::V0),
            written(&alias.encode(Protocol::V0), Protocol::V0)
        );
    }

    #[test]
    fn flags_are_coerced() {
        for (given, expected) in [
            ("true", Some(true)),
            ("\"True\"", Some(true)),
            ("\"1\"", Some(true)),
            ("2", Some(true)),
            ("0", Some(false)),
            ("\"false\"", Some(false)),
            ("null", None),
            ("\"yes\"", None),
            ("{\"a\":1}", None),
        ] {
            assert_eq!(coerced_flag(given), expected, "{given}");
        }
    }
}
