//! Assembling: an operation's draft becomes an event. Decides who wins where parameters, the caller's properties, the client's
//! properties and derived values meet (product.md §1, Precedence), and adds what every event carries.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::group::GROUP_EVENT;
use super::identity::{IDENTIFY_EVENT, NAMED};
use super::reading::Reading;
use super::{Parameter, ParameterSet};
use crate::config::{Config, Library};
use crate::event::{ALIAS_EVENT, Event, EventWriter, Root};
use crate::finding::{Finding, FindingCode, Findings, WarningCode};
use crate::json::write::write_json;
use crate::properties::{Key, Properties, shortened, step};
use crate::rules::{EVENT_WRAPPING_BYTES, MAX_EVENT_BYTES};

/// Where a value came from, for sentences and paths.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Parameter(Parameter),
    Property(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(parameter) => write!(formatter, "{parameter}"),
            Self::Property(property) => write!(formatter, "Properties.{property}"),
        }
    }
}

/// A property's name and the JSON text of its value.
type Pair = (&'static str, Vec<u8>);

/// What an operation made of its own parameters.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) distinct_id: Option<Cow<'a, str>>,
    /// The caller's properties.
    pub(super) properties: Properties,
    /// From parameters: wins over the caller's.
    parameters: Vec<(Parameter, Pair)>,
    /// Derived: yields to the caller's.
    derived: Vec<Pair>,
    /// Parameters that went into the object of another one.
    pub(super) named: ParameterSet,
}

/// Keys that are always hogwire's own.
const RESERVED: [Key<'_>; 2] = [Key::new("$lib"), Key::new("$lib_version")];

/// Keys that decide whether an event gets a property of hogwire's own.
const IS_SERVER: Key<'_> = Key::new("$is_server");
const GEOIP_DISABLE: Key<'_> = Key::new("$geoip_disable");
const IP: Key<'_> = Key::new("$ip");
const IGNORE_SENT_AT: Key<'_> = Key::new("$ignore_sent_at");

const PROCESS_PERSON_PROFILE: Key<'_> = Key::new("$process_person_profile");

/// Events that are about persons or groups: PostHog drops them without person processing (protocol.md §4, R).
const ABOUT_PERSONS: [&str; 4] = [ALIAS_EVENT, GROUP_EVENT, IDENTIFY_EVENT, "$merge_dangerously"];

/// What PostHog ignores of other events without person processing (protocol.md §4, R).
const OF_PERSONS: [Key<'_>; 4] = [
    Key::new("$groups"),
    Key::new("$set"),
    Key::new("$set_once"),
    Key::new("$unset"),
];

/// Bytes that parameters, derived values and hogwire's own properties usually take.
const ROOM_FOR_OTHERS: usize = 192;

impl<'a> Draft<'a> {
    pub(super) fn new(name: Option<Cow<'a, str>>, distinct_id: Option<Cow<'a, str>>) -> Self {
        Self {
            name,
            distinct_id,
            ..Self::default()
        }
    }

    /// Sets a property that comes from a parameter.
    pub(super) fn set<T: serde::Serialize + ?Sized>(&mut self, parameter: Parameter, key: &'static str, value: &T) {
        let mut json = Vec::new();
        write_json(&mut json, value);
        self.set_json(parameter, key, json);
    }

    pub(super) fn set_json(&mut self, parameter: Parameter, key: &'static str, json: Vec<u8>) {
        self.parameters.push((parameter, (key, json)));
    }

    /// Sets a property that follows from others; the caller's own wins.
    pub(super) fn derive<T: serde::Serialize + ?Sized>(&mut self, key: &'static str, value: &T) {
        let mut json = Vec::new();
        write_json(&mut json, value);
        self.derived.push((key, json));
    }

    /// Derives the properties with a `$` that PostHog's own clients send, from those without (product.md §1, page and screen).
    pub(super) fn derive_twins(&mut self, reading: &Reading<'_, '_>) {
        for (key, twin) in [("os_version", "$os_version"), ("device_model", "$device_model")] {
            self.derive_twin(reading, key, twin);
        }
        if let Some(session) = self.caller_text(reading, "session_id")
            && uuid::Uuid::try_parse(&session).is_ok_and(|uuid| uuid.get_version_num() == 7)
        {
            self.derive("$session_id", &session);
        }
    }

    /// The same value under a second key, if the caller gave text or a number under the first.
    pub(super) fn derive_twin(&mut self, reading: &Reading<'_, '_>, key: &str, twin: &'static str) {
        let is_plain =
            |json: &&str| *json != "\"\"" && json.starts_with(|first| matches!(first, '"' | '-' | '0'..='9'));
        if let Some(json) = self.caller_value(reading, key).filter(is_plain) {
            let json = json.as_bytes().to_vec();
            self.derived.push((twin, json));
        }
    }

    /// Takes out a property that stands for a parameter, if it is text or null. Gives the text, unless it is blank.
    pub(super) fn take_property_text(&mut self, key: &str) -> Option<String> {
        let text = match self.properties.value_of(key)? {
            "null" => None,
            _ => Some(self.properties.text_of(key)?),
        };
        self.properties.remove(key);
        text.filter(|text| !text.trim().is_empty())
    }

    /// The caller's text under a key, unless it is empty.
    pub(super) fn caller_text(&self, reading: &Reading<'_, '_>, key: &str) -> Option<String> {
        let text: String = serde_json::from_str(self.caller_value(reading, key)?).ok()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// The JSON text of the caller's value under a key: the event's own properties, else the client's.
    #[inline]
    fn caller_value<'v, 'k>(&'v self, reading: &'v Reading<'_, '_>, key: impl Into<Key<'k>>) -> Option<&'v str> {
        let key = key.into();
        let own = self.properties.value_of(key);
        own.or_else(|| reading.additions?.properties.value_of(key))
    }

    /// Reads the parameters every operation has and puts the event together; `None` when it lacks a name or id, which is already noted.
    pub(super) fn assemble(
        mut self,
        mut reading: Reading<'_, 'a>,
        fresh_uuid: impl FnOnce() -> uuid::Uuid,
    ) -> (Option<Event>, Findings) {
        let timestamp = reading.timestamp(&mut self.properties);
        let uuid = reading.uuid();
        let groups = reading.groups();
        if !groups.is_empty() {
            self.set_json(Parameter::Groups, "$groups", groups.to_string().into_bytes());
        }
        let process_person = reading.boolean(Parameter::ProcessPersonProfile);
        if let Some(process) = process_person {
            self.set(Parameter::ProcessPersonProfile, PROCESS_PERSON_PROFILE.name, &process);
        }
        self.resolve_conflicts(&mut reading);
        let (Some(name), Some(distinct_id)) = (self.name.take(), self.distinct_id.take()) else {
            return (None, reading.findings);
        };
        let declined = || self.caller_value(&reading, PROCESS_PERSON_PROFILE) == Some("false");
        if process_person.map_or_else(declined, |process| !process) {
            self.warn_without_person(&mut reading, &name);
        }
        let root = Root {
            name: &name,
            distinct_id: &distinct_id,
            uuid: uuid.unwrap_or_else(fresh_uuid),
            timestamp,
        };
        let event = self.write(&root, reading.additions, reading.config.library);
        self.check_size(&mut reading, &root, &event);
        (Some(event), reading.findings)
    }

    /// Takes out of the caller's properties what a parameter or hogwire itself decides, and says so where they differ.
    fn resolve_conflicts(&mut self, reading: &mut Reading<'_, '_>) {
        for (parameter, (key, json)) in &self.parameters {
            if let Some(given) = self.properties.remove(*key)
                && says_something(&given)
                && !is_same_json(given.as_bytes(), json)
            {
                reading.warn_conflict(*parameter, key);
            }
        }
        for reserved in RESERVED {
            if self.properties.remove(reserved).is_some() {
                reading.warn_reserved(reserved.name);
            }
        }
    }

    /// Writes the event with its properties: parameters, the caller's, the client's, derived, and what every event carries.
    fn write(&self, root: &Root<'_>, additions: Option<&Config>, library: Library) -> Event {
        let added = additions.map_or(0, |config| config.properties.len_bytes());
        let mut writer = EventWriter::new(root, self.properties.len_bytes() + added + ROOM_FOR_OTHERS);
        for (_, (key, json)) in &self.parameters {
            writer.pair(key, json);
        }
        writer.pairs(&self.properties);
        if let Some(config) = additions {
            self.write_additions(&mut writer, config);
        }
        writer.finish(library)
    }

    #[inline]
    fn write_additions(&self, writer: &mut EventWriter, config: &Config) {
        writer.pairs_but(&config.properties, |key| {
            self.properties.contains(key)
                || self.comes_from_parameter(key)
                || RESERVED.iter().any(|reserved| reserved.name == key)
        });
        let is_free = |key: Key<'_>| {
            !self.properties.contains(key) && !config.properties.contains(key) && !self.comes_from_parameter(key.name)
        };
        for (key, json) in &self.derived {
            if is_free(Key::new(key)) {
                writer.pair(key, json);
            }
        }
        if config.is_server && is_free(IS_SERVER) {
            writer.own_pair("\"$is_server\":true");
        }
        let ip = self.properties.value_of(IP).or_else(|| config.properties.value_of(IP));
        if config.geoip_disable && is_free(GEOIP_DISABLE) && !ip.is_some_and(says_something) {
            writer.own_pair("\"$geoip_disable\":true");
        }
        // The server is not to shift the times of an import by how wrong this machine's clock is now (protocol.md §7).
        if config.historical_migration && is_free(IGNORE_SENT_AT) {
            writer.pair(IGNORE_SENT_AT.name, b"true");
        }
    }

    fn comes_from_parameter(&self, key: &str) -> bool {
        self.parameters.iter().any(|(_, (name, _))| *name == key)
    }

    /// Whether a parameter or the caller gave something under a key.
    fn is_given(&self, reading: &Reading<'_, '_>, key: Key<'_>) -> bool {
        let given = self.caller_value(reading, key);
        self.comes_from_parameter(key.name) || given.is_some_and(|json| says_something(json) && !is_empty(json))
    }

    /// What is lost without person processing. The server's answer does not show it, on any protocol: it is the ingestion behind it that
    /// drops the event, or a part of it.
    #[cold]
    fn warn_without_person(&self, reading: &mut Reading<'_, '_>, name: &str) {
        let (lost, what) = match ABOUT_PERSONS.contains(&name) {
            true => (format!("drops a {name} event"), "it"),
            false => {
                let given = OF_PERSONS.into_iter().filter(|key| self.is_given(reading, *key));
                let names: Vec<_> = given.map(|key| key.name).collect();
                if names.is_empty() {
                    return;
                }
                (
                    format!("ignores {} of an event", names.join(" and ")),
                    "one or the other",
                )
            }
        };
        let message = format!(
            "PostHog {lost} whose {} is false, though it answers 200. Leave {what} out.",
            PROCESS_PERSON_PROFILE.name
        );
        reading.warn(WarningCode::PersonRequired, Parameter::ProcessPersonProfile, message);
    }

    fn check_size(&self, reading: &mut Reading<'_, '_>, root: &Root<'_>, event: &Event) {
        let bytes = event.broker_bytes();
        if bytes > MAX_EVENT_BYTES {
            self.refuse_size(reading, root, bytes);
        }
    }

    /// The largest part of a parameter's value: all of it, or a key inside it, under the name of the parameter it comes from.
    fn largest_of(&self, parameter: Parameter, json: &[u8]) -> (String, usize) {
        let object = std::str::from_utf8(json).ok().filter(|json| json.starts_with('{'));
        let Some((key, bytes)) = object.and_then(|object| Properties::from_valid_json(object).largest()) else {
            return (parameter.to_string(), json.len());
        };
        let is_it = |(object, name, _): &(Parameter, &str, Parameter)| *object == parameter && *name == key;
        let named = NAMED.into_iter().find(is_it).map(|(.., named)| named);
        match named.filter(|named| self.named.contains(*named)) {
            Some(named) => (named.to_string(), bytes),
            None => (format!("{parameter}.{}", step(&key)), bytes),
        }
    }

    #[cold]
    fn refuse_size(&self, reading: &mut Reading<'_, '_>, root: &Root<'_>, bytes: usize) {
        let is_too_large = |finding: &Finding| finding.code == FindingCode::TooLarge;
        if reading.findings.refusals().iter().any(is_too_large) {
            return;
        }
        let own = self
            .properties
            .iter()
            .map(|(key, value)| (format!("Properties.{}", step(&key)), key.len() + value.len()));
        let parameters = self
            .parameters
            .iter()
            .map(|(parameter, (_, json))| self.largest_of(*parameter, json));
        let added = reading
            .additions
            .into_iter()
            .flat_map(|config| config.properties.iter());
        // In small letters, as the option is spelled: `Properties` would be the event's own.
        let added = added.map(|(key, value)| (format!("properties.{}", step(&key)), key.len() + value.len()));
        let names = [
            (Parameter::DistinctId, root.distinct_id),
            (Parameter::EventName, root.name),
        ]
        .map(|(parameter, text)| (parameter.to_string(), text.len()));
        let largest = own
            .chain(parameters)
            .chain(added)
            .chain(names)
            .max_by_key(|(_, length)| *length);
        let (largest, length) = largest.unwrap_or_else(|| ("Input".to_owned(), bytes));
        let message = format!(
            "The event has {bytes} bytes as PostHog stores it (JSON, escaped once more, plus {EVENT_WRAPPING_BYTES}); \
             at most {MAX_EVENT_BYTES} are allowed. The largest value is {}; {}.",
            shortened(&largest),
            size_advice(length)
        );
        reading.findings.refuse(FindingCode::TooLarge, largest, message);
    }
}

/// What to do about an event that is too large, whose largest value has so many bytes.
pub(super) fn size_advice(bytes_of_largest: usize) -> &'static str {
    match bytes_of_largest < MAX_EVENT_BYTES / 10 {
        true => "no value is large by itself, so send fewer of them",
        false => "shorten it or leave it out",
    }
}

/// Whether a JSON value is neither null nor empty text, which both count as not given.
pub(super) fn says_something(json: &str) -> bool {
    json != "null" && json != "\"\""
}

/// Whether a JSON value is an object or a list without anything in it.
fn is_empty(json: &str) -> bool {
    json == "{}" || json == "[]"
}

/// Whether two JSON texts mean the same, however they are spelled.
fn is_same_json(left: &[u8], right: &[u8]) -> bool {
    let value = |json| serde_json::from_slice::<Value>(json).ok();
    left == right || value(left).is_some_and(|left| value(right).is_some_and(|right| left == right))
}
