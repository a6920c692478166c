//! Reading: typed access to an input's arguments, with the rules every operation shares.
//!
//! Each method takes one argument, notes what is wrong with it, and gives what can be used; an operation reads all of its parameters,
//! so that all findings of a call come together.

use std::borrow::Cow;

use super::assemble::{Source, says_something};
use super::{Argument, Input, Operation, Parameter, nested_value};
use crate::config::{Config, ProtocolChoice};
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::json::input::argument;
use crate::properties::{Key, Properties, shortened, step};
use crate::rules::{MAX_NAME_BYTES, MAX_NAME_CHARACTERS, is_placeholder_id};
use crate::time::{Timestamp, TimestampProblem};

/// The property that stands for the parameter of its name.
const TIMESTAMP: Key<'_> = Key::new("timestamp");

/// One call being read.
#[derive(Debug)]
pub(crate) struct Reading<'r, 'a> {
    input: &'r mut Input<'a>,
    pub(super) config: &'r Config,
    /// Where what every event of a client gets comes from; `None`: this one has it already, as far as nobody took it out.
    pub(super) additions: Option<&'r Config>,
    pub(super) now: Timestamp,
    pub(super) findings: Findings,
}

impl<'r, 'a> Reading<'r, 'a> {
    pub(super) fn new(
        input: &'r mut Input<'a>,
        config: &'r Config,
        additions: Option<&'r Config>,
        now: Timestamp,
    ) -> Self {
        Self {
            input,
            config,
            additions,
            now,
            findings: Findings::default(),
        }
    }

    pub(super) fn operation(&self) -> Operation {
        self.input.operation()
    }

    #[cold]
    pub(super) fn refuse(&mut self, code: FindingCode, parameter: Parameter, message: impl Into<String>) {
        self.findings.refuse(code, parameter.as_str(), message);
    }

    #[cold]
    pub(super) fn warn(&mut self, code: WarningCode, parameter: Parameter, message: impl Into<String>) {
        self.findings.warn(code, parameter.as_str(), message);
    }

    /// Takes out an argument of a type that this parameter does not have.
    #[cold]
    fn refuse_type(&mut self, parameter: Parameter, wanted: &str) {
        let (code, message) = match self.input.take(parameter) {
            Argument::Unreadable(message) => (
                FindingCode::UnreadableValue,
                format!("{parameter} could not be read: {message}"),
            ),
            other => (
                FindingCode::InvalidType,
                format!("{parameter} is {}; give {wanted}.", other.kind()),
            ),
        };
        self.refuse(code, parameter, message);
    }

    fn is_required(&self, parameter: Parameter) -> bool {
        self.operation().required().contains(&parameter)
    }

    #[cold]
    fn refuse_missing(&mut self, parameter: Parameter) {
        if self.is_required(parameter) {
            let message = format!(
                "{parameter} is missing or empty; the operation {} needs it.",
                self.operation()
            );
            self.refuse(FindingCode::Required, parameter, message);
        }
    }

    /// Text as given; empty counts as not given.
    #[inline]
    pub(super) fn text(&mut self, parameter: Parameter) -> Option<Cow<'a, str>> {
        match self.input.given(parameter)? {
            Argument::Text(text) => Some(std::mem::take(text)),
            _ => self.other_text(parameter),
        }
    }

    /// What was given where text is wanted, and is no plain text.
    #[cold]
    fn other_text(&mut self, parameter: Parameter) -> Option<Cow<'a, str>> {
        if let Some(Argument::RepairedText(text)) = self.input.argument_mut(parameter) {
            let text = std::mem::take(text);
            let message = format!("{parameter}: {REPAIRED}");
            self.warn(WarningCode::LoneSurrogate, parameter, message);
            return Some(Cow::Owned(text));
        }
        self.refuse_type(parameter, "text");
        None
    }

    /// Text without white space around it, missing when required.
    pub(super) fn trimmed(&mut self, parameter: Parameter) -> Option<Cow<'a, str>> {
        let refused = self.findings.refusals().len();
        let text = self
            .text(parameter)
            .map(|text| self.trim(parameter, text))
            .filter(|text| !text.is_empty());
        if text.is_none() && self.findings.refusals().len() == refused {
            self.refuse_missing(parameter);
        }
        text
    }

    pub(super) fn trim(&mut self, parameter: Parameter, text: Cow<'a, str>) -> Cow<'a, str> {
        let is_bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        let (first, last) = (text.as_bytes().first(), text.as_bytes().last());
        if is_bare(first) && is_bare(last) || text.trim().len() == text.len() {
            return text;
        }
        self.without_white_space(parameter, text)
    }

    #[cold]
    fn without_white_space(&mut self, parameter: Parameter, text: Cow<'a, str>) -> Cow<'a, str> {
        self.warn(
            WarningCode::Trimmed,
            parameter,
            format!("{parameter}: white space around the value was removed."),
        );
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }

    /// A name of at most 200 characters.
    pub(super) fn name(&mut self, parameter: Parameter) -> Option<Cow<'a, str>> {
        let name = self.trimmed(parameter)?;
        self.check_length(parameter, &name);
        Some(name)
    }

    /// An id: text or an integer, of at most 200 characters.
    pub(super) fn id(&mut self, parameter: Parameter) -> Option<Cow<'a, str>> {
        match self.input.argument_mut(parameter) {
            None | Some(Argument::Absent | Argument::Text(_) | Argument::RepairedText(_)) => {}
            Some(argument) => {
                let Argument::Integer(number) = argument else {
                    self.refuse_type(parameter, "text or an integer");
                    return None;
                };
                *argument = Argument::Text(Cow::Owned(number.to_string()));
            }
        }
        self.name(parameter)
    }

    #[inline]
    pub(super) fn check_length(&mut self, parameter: Parameter, text: &str) {
        // No text has more characters than bytes, so the count is rarely needed.
        if text.len() > MAX_NAME_CHARACTERS {
            self.count_length(parameter, text);
        }
    }

    #[cold]
    fn count_length(&mut self, parameter: Parameter, text: &str) {
        let counts_bytes = matches!(parameter, Parameter::DistinctId | Parameter::EventName);
        if counts_bytes && self.config.protocol != ProtocolChoice::V0 {
            let message = format!(
                "{parameter} has {} bytes in UTF-8; at most {MAX_NAME_BYTES} are allowed with protocol {}. Use a shorter one.",
                text.len(),
                self.config.protocol
            );
            return self.refuse(FindingCode::TooLong, parameter, message);
        }
        let characters = text.chars().count();
        if characters > MAX_NAME_CHARACTERS {
            let message = format!(
                "{parameter} has {characters} characters; at most {MAX_NAME_CHARACTERS} are allowed. Use a shorter one."
            );
            self.refuse(FindingCode::TooLong, parameter, message);
        }
    }

    /// The rules for two ids that are to become one person (protocol.md §3 and §4).
    pub(super) fn check_merge(
        &mut self,
        distinct_id: Option<&str>,
        absorbed_parameter: Parameter,
        absorbed: Option<&str>,
    ) {
        for (parameter, id) in [(Parameter::DistinctId, distinct_id), (absorbed_parameter, absorbed)] {
            if let Some(id) = id {
                self.check_placeholder(parameter, id, true);
            }
        }
        if distinct_id.is_some() && distinct_id == absorbed {
            let message = format!("{absorbed_parameter} is the same as DistinctId; a merge needs two different ids.");
            self.refuse(FindingCode::SameId, absorbed_parameter, message);
        }
    }

    /// An id that stands for nobody: refused where ids are merged, a warning elsewhere.
    pub(super) fn check_placeholder(&mut self, parameter: Parameter, id: &str, merges: bool) {
        if is_placeholder_id(id) {
            self.note_placeholder(parameter, id, merges);
        }
    }

    #[cold]
    fn note_placeholder(&mut self, parameter: Parameter, id: &str, merges: bool) {
        if merges {
            let message = format!("{parameter} is the placeholder \"{id}\"; PostHog never merges it. Give a real id.");
            self.refuse(FindingCode::PlaceholderId, parameter, message);
        } else {
            let message = format!(
                "{parameter} is the placeholder \"{id}\"; PostHog stores the event without a person. Give a real id."
            );
            self.warn(WarningCode::PlaceholderId, parameter, message);
        }
    }

    pub(super) fn boolean(&mut self, parameter: Parameter) -> Option<bool> {
        match self.input.given(parameter)? {
            Argument::Boolean(value) => Some(*value),
            _ => {
                self.refuse_type(parameter, "true or false");
                None
            }
        }
    }

    /// An object as given, without repeated keys; `None` when there is none.
    fn given_object(&mut self, parameter: Parameter, wanted: &str) -> Option<Properties> {
        let Argument::Object(properties) = self.input.given(parameter)? else {
            self.refuse_type(parameter, wanted);
            return None;
        };
        let mut properties = std::mem::take(properties);
        properties.remove_repeated_keys();
        if properties.has_notes() {
            self.adopt_notes(parameter, &mut properties);
        }
        Some(properties)
    }

    /// An object of plain values (anything with `nested_properties`, and under keys that begin with `$`).
    pub(super) fn object(&mut self, parameter: Parameter) -> Properties {
        let Some(properties) = self.given_object(parameter, "an object of names and values") else {
            return Properties::new();
        };
        if !self.config.nested_properties {
            for key in properties.nested_keys().filter(|key| !key.starts_with('$')) {
                let path = format!("{parameter}.{key}");
                let message = format!("{}: {}", shortened(&path), nested_value(self.config.library));
                self.findings.refuse(FindingCode::NestedValue, path, message);
            }
        }
        properties
    }

    #[cold]
    fn adopt_notes(&mut self, parameter: Parameter, properties: &mut Properties) {
        // What is said about the object itself has no path inside it.
        let path = |inner: &str| match inner {
            "" => parameter.to_string(),
            inner => format!("{parameter}.{inner}"),
        };
        let mut findings = properties.take_findings();
        if let Some(found) = findings.found_mut() {
            for finding in &mut found.refusals {
                finding.parameter = path(&finding.parameter);
                finding.message = format!("{}: {}", shortened(&finding.parameter), finding.message);
            }
            for warning in &mut found.warnings {
                warning.parameter = path(&warning.parameter);
                warning.message = format!("{}: {}", shortened(&warning.parameter), warning.message);
            }
        }
        self.findings.append(findings);
        if properties.has_overflowed() {
            self.refuse_size(parameter, properties);
        }
    }

    #[cold]
    pub(super) fn refuse_size(&mut self, parameter: Parameter, properties: &Properties) {
        let path = format!("{parameter}.{}", properties.largest_key().unwrap_or_default());
        let message = format!(
            "the event is larger than the 1,000,000 bytes PostHog takes; the largest value is {}. Shorten it or leave it out.",
            shortened(&path)
        );
        self.findings.refuse(FindingCode::TooLarge, path, message);
    }

    /// A list of names.
    pub(super) fn names(&mut self, parameter: Parameter) -> Vec<String> {
        let items = match self.input.given(parameter) {
            None => return Vec::new(),
            Some(Argument::List(items)) => std::mem::take(items),
            Some(_) => {
                self.refuse_type(parameter, "a list of names");
                return Vec::new();
            }
        };
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{parameter}.{index}");
            let problem = match item {
                Argument::Text(text) if text.is_empty() => "is empty; leave it out or give a name.".to_owned(),
                Argument::Text(text) => {
                    names.push(text.into_owned());
                    continue;
                }
                Argument::RepairedText(text) => {
                    let message = format!("{path}: {REPAIRED}");
                    self.findings.warn(WarningCode::LoneSurrogate, path, message);
                    names.push(text);
                    continue;
                }
                other => format!("is {}; every name must be text.", describe(&other)),
            };
            let message = format!("{path} {problem}");
            self.findings.refuse(FindingCode::InvalidType, path, message);
        }
        names
    }

    /// Group types and their keys, which are text or integers.
    pub(super) fn groups(&mut self) -> Properties {
        let Some(groups) = self.given_object(Parameter::Groups, "an object of group types and keys") else {
            return Properties::new();
        };
        let mut is_bare = true;
        for (group, key) in groups.iter() {
            let is_blank = serde_json::from_str::<String>(key).is_ok_and(|text| text.trim().is_empty());
            let is_id = key.starts_with('"') || key.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
            let (path, shown) = (format!("Groups.{}", step(&group)), shortened(&group));
            if group.trim().is_empty() || is_blank {
                let message = format!(
                    "Groups.{shown}: a group needs a type and a key, and one of them is empty; leave it out or give both."
                );
                self.findings.refuse(FindingCode::Required, path, message);
                continue;
            }
            is_bare &= group.trim() == group && is_trimmed(key);
            // What is refused already stands here as null.
            let is_told = self.findings.refusals().iter().any(|finding| finding.parameter == path);
            if !is_id && !is_told {
                let message = format!(
                    "Groups.{shown} is {}; a group key is text or an integer.",
                    shortened(key)
                );
                self.findings.refuse(FindingCode::InvalidType, path, message);
            }
        }
        if is_bare { groups } else { self.trimmed_groups(&groups) }
    }

    #[cold]
    fn trimmed_groups(&mut self, groups: &Properties) -> Properties {
        let mut trimmed = Properties::new();
        for (group, key) in groups.iter() {
            match serde_json::from_str::<String>(key) {
                Ok(text) => trimmed.insert(group.trim(), text.trim()),
                // Its bounds are those of the object it comes from.
                Err(_) => drop(trimmed.key(group.trim()).and_then(|()| trimmed.json_value(key))),
            }
        }
        trimmed.remove_repeated_keys();
        let message = "Groups: white space around types and keys was removed.";
        self.warn(WarningCode::Trimmed, Parameter::Groups, message);
        trimmed
    }

    /// The event's time: the parameter, else the property `timestamp` (which then leaves the properties), else now.
    pub(super) fn timestamp(&mut self, properties: &mut Properties) -> Timestamp {
        let timestamp = self.given_timestamp(properties);
        let age = self.now.unix_ms().saturating_sub(timestamp.unix_ms());
        if self.config.historical_migration && age < HISTORICAL_AGE_MS {
            let message = "a historical import is for events at least 48 hours old; give each its own Timestamp.";
            self.warn(WarningCode::HistoricalTimestamp, Parameter::Timestamp, message);
        }
        timestamp
    }

    fn given_timestamp(&mut self, properties: &mut Properties) -> Timestamp {
        if self.input.given(Parameter::Timestamp).is_none() {
            return match properties.remove(TIMESTAMP) {
                Some(value) if says_something(&value) => {
                    let source = Source::Property("timestamp");
                    self.read_timestamp(&argument(&value), &source).unwrap_or(self.now)
                }
                _ => self.now,
            };
        }
        let given = self.input.take(Parameter::Timestamp);
        let timestamp = self.read_timestamp(&given, &Source::Parameter(Parameter::Timestamp));
        if let Some(value) = properties.value_of(TIMESTAMP).filter(|value| says_something(value)) {
            let other = parse_timestamp(&argument(value)).ok();
            if other != timestamp {
                self.warn_conflict(Parameter::Timestamp, "timestamp");
            }
        }
        timestamp.unwrap_or(self.now)
    }

    #[cold]
    pub(super) fn warn_conflict(&mut self, parameter: Parameter, property: &str) {
        let message = format!("{parameter} and the property {property} differ; {parameter} was used.");
        self.warn(WarningCode::Conflict, parameter, message);
    }

    #[cold]
    pub(super) fn warn_reserved(&mut self, key: &str) {
        let message = format!("{key} is always hogwire's own; the given value was left out.");
        let path = format!("Properties.{key}");
        self.findings.warn(WarningCode::ReservedProperty, path, message);
    }

    fn read_timestamp(&mut self, argument: &Argument<'_>, source: &Source) -> Option<Timestamp> {
        let (code, problem) = match parse_timestamp(argument) {
            Ok(timestamp) if timestamp.is_too_far_ahead_of(self.now) => (
                FindingCode::FutureTimestamp,
                "is more than 23 hours in the future, and PostHog would silently replace it by now; give the time when it happened, or leave it out"
                    .to_owned(),
            ),
            Ok(timestamp) => return Some(timestamp),
            Err(None) => match argument {
                Argument::Unreadable(message) => {
                    (FindingCode::UnreadableValue, format!("could not be read: {message}"))
                }
                _ => (
                    FindingCode::InvalidType,
                    format!("is {}; give {TIMESTAMP_HINT}", describe(argument)),
                ),
            },
            Err(Some(problem)) => timestamp_problem(problem),
        };
        self.findings
            .refuse(code, source.to_string(), format!("{source} {problem}."));
        None
    }

    pub(super) fn uuid(&mut self) -> Option<uuid::Uuid> {
        let parameter = Parameter::Uuid;
        let text = self.text(parameter)?;
        match uuid::Uuid::try_parse(text.trim()) {
            Ok(uuid) if uuid.is_nil() => {
                self.refuse(
                    FindingCode::NilUuid,
                    parameter,
                    "Uuid is all zeros; leave it out to get a fresh one.",
                );
                None
            }
            Ok(uuid) => Some(uuid),
            Err(_) => {
                let message =
                    "Uuid is not a UUID; write it like 0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e, or leave it out.";
                self.refuse(FindingCode::InvalidUuid, parameter, message);
                None
            }
        }
    }
}

/// Younger events do not belong into a historical import (protocol.md §7).
const HISTORICAL_AGE_MS: i64 = 48 * 60 * 60 * 1_000;

const REPAIRED: &str = "half a surrogate pair is no character and was replaced by U+FFFD.";

/// What a time is given as.
pub(super) const TIMESTAMP_HINT: &str =
    "Unix milliseconds or RFC 3339 text with a zone, for example 2026-11-23T08:00:00Z";

fn describe(argument: &Argument<'_>) -> String {
    match argument {
        Argument::Text(text) => format!("the text \"{text}\""),
        other => other.kind(),
    }
}

/// Whether JSON text is none, or has no white space around it.
fn is_trimmed(json: &str) -> bool {
    !json.starts_with('"') || serde_json::from_str::<String>(json).is_ok_and(|text| text.trim() == text)
}

/// `Err(None)`: a type no timestamp comes in.
fn parse_timestamp(argument: &Argument<'_>) -> Result<Timestamp, Option<TimestampProblem>> {
    match argument {
        Argument::Timestamp(timestamp) => Ok(*timestamp),
        Argument::Text(text) => Timestamp::parse(text.trim()).map_err(Some),
        Argument::Integer(number) => Timestamp::from_number(*number).map_err(Some),
        // Whole floats are what languages without integers have; 2^53 is far above any millisecond.
        #[allow(clippy::cast_possible_truncation, reason = "the range is checked in the guard")]
        Argument::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
            Timestamp::from_number(*number as i128).map_err(Some)
        }
        Argument::Float(number) if number.is_finite() => Err(Some(TimestampProblem::of_number(*number))),
        _ => Err(None),
    }
}

fn timestamp_problem(problem: TimestampProblem) -> (FindingCode, String) {
    let (code, sentence) = match problem {
        TimestampProblem::Invalid => (FindingCode::InvalidTimestamp, "is no date and time"),
        TimestampProblem::Naive => (FindingCode::NaiveTimestamp, "has no time zone; add Z or an offset"),
        TimestampProblem::LooksLikeSeconds => (
            FindingCode::TimestampNotMilliseconds,
            "looks like seconds since 1970; give milliseconds: multiply by 1,000",
        ),
        TimestampProblem::Fraction => (
            FindingCode::TimestampNotMilliseconds,
            "is no whole number of milliseconds since 1970; round it",
        ),
        TimestampProblem::LooksLikeMicroseconds => (
            FindingCode::TimestampNotMilliseconds,
            "looks like microseconds or finer since 1970; give milliseconds: divide",
        ),
    };
    (code, format!("{sentence}; give {TIMESTAMP_HINT}"))
}
