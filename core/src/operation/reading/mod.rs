//! Reading: typed access to an input's arguments, with the rules every operation shares.
//!
//! Each method takes one argument, notes what is wrong with it, and gives what can be used; an operation reads all of its parameters,
//! so that all findings of a call come together.

use std::borrow::Cow;

use super::assemble::size_advice;
use super::{Argument, Input, Operation, Parameter, nested_value};
use crate::config::{Config, ProtocolChoice};
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::properties::{Properties, REPAIRED, shortened, step};
use crate::rules::{MAX_NAME_BYTES, MAX_NAME_CHARACTERS, is_placeholder_id};
use crate::time::Timestamp;

mod groups;
mod timestamp;

use groups::GROUP_KEYS;
pub(super) use timestamp::TIMESTAMP_HINT;

/// One call being read.
#[derive(Debug)]
pub(crate) struct Reading<'r, 'a> {
    input: &'r mut Input<'a>,
    pub(super) config: &'r Config,
    /// The configuration with what the client adds to every event; `None` for an event that has this already, as far as no hook took it out.
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

    /// Refuses an argument of a type that this parameter does not take, and removes it.
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

    /// The rest of [`text`](Self::text), for an argument that is not plain text.
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

    /// Text without white space around it. If nothing is left of a required one, that is a finding.
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

    /// Whom an event belongs to that merges nobody.
    pub(super) fn distinct_id(&mut self) -> Option<Cow<'a, str>> {
        let id = self.id(Parameter::DistinctId)?;
        self.check_placeholder(Parameter::DistinctId, &id, false);
        Some(id)
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
                "{parameter} is the placeholder \"{id}\", which names nobody; PostHog makes one person of all its events (v0), or none (v1). Give a real id."
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
        properties.remove_repeated_keys();
        let mut properties = std::mem::take(properties);
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
                let path = format!("{parameter}.{}", step(&key));
                let message = format!("{}: {}", shortened(&path), nested_value(self.config.library));
                self.findings.refuse(FindingCode::NestedValue, path, message);
            }
        }
        properties
    }

    #[cold]
    fn adopt_notes(&mut self, parameter: Parameter, properties: &mut Properties) {
        // A note about the object itself has an empty path.
        let path = |inner: &str| match inner {
            "" => parameter.to_string(),
            inner => format!("{parameter}.{inner}"),
        };
        let mut findings = properties.take_findings();
        if let Some(found) = findings.found_mut() {
            for finding in &mut found.refusals {
                finding.parameter = path(&finding.parameter);
                // The advice is about properties, which may be more than ids.
                if parameter == Parameter::Groups
                    && matches!(finding.code, FindingCode::InvalidType | FindingCode::NotFinite)
                    && let Some((found, _)) = finding.message.rsplit_once("; ")
                {
                    finding.message = format!("{found}; {GROUP_KEYS}");
                }
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
        let (key, bytes) = properties.largest().unwrap_or_default();
        let path = format!("{parameter}.{}", step(&key));
        let message = format!(
            "The event is larger than the 1,000,000 bytes PostHog takes; the largest value is {}; {}.",
            shortened(&path),
            size_advice(bytes)
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
                other => format!("is {}; every name must be text.", other.kind()),
            };
            let message = format!("{path} {problem}");
            self.findings.refuse(FindingCode::InvalidType, path, message);
        }
        names
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
