//! Input: one call's arguments as the caller gave them, before any rule has looked at them.
//!
//! Every language fills the same structure; wrong types are kept and become findings, so that nothing the caller passes can raise.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use super::reading::TIMESTAMP_HINT;
use super::{Operation, Parameter, ParameterSet};
use crate::error::{UnknownOperation, known_operations};
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::properties::{Properties, shortened, step};
use crate::redaction::without_keys;
use crate::time::Timestamp;

/// One argument, of whatever type the caller's language had.
#[derive(Clone, Debug)]
pub enum Argument<'a> {
    /// Null, None, undefined: not given.
    Absent,
    /// Text.
    Text(Cow<'a, str>),
    /// Text whose lone surrogates were replaced by U+FFFD.
    RepairedText(String),
    /// An integer.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A moment, in a type that can mean nothing else.
    Timestamp(Timestamp),
    /// An object.
    Object(Properties),
    /// A list of plain arguments.
    List(Vec<Argument<'a>>),
    /// Something no parameter takes, in the caller's words: `bytes`, `a set`.
    Unsupported(String),
    /// Something that raised an error when it was read, with the error's message.
    Unreadable(String),
}

impl Argument<'_> {
    /// What it is, for a sentence.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Absent => "null".to_owned(),
            Self::Text(_) | Self::RepairedText(_) => "text".to_owned(),
            Self::Integer(value) => format!("the number {value}"),
            // With its point, which tells 1.0 from the integer.
            Self::Float(value) => format!("the number {value:?}"),
            Self::Boolean(value) => format!("the boolean {value}"),
            Self::Timestamp(value) => format!("the moment {value}"),
            Self::Object(_) => "an object".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Unsupported(kind) => kind.clone(),
            Self::Unreadable(message) => format!("unreadable ({message})"),
        }
    }
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Argument<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Argument<'_> {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Argument<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<Timestamp> for Argument<'_> {
    fn from(timestamp: Timestamp) -> Self {
        Self::Timestamp(timestamp)
    }
}

impl From<SystemTime> for Argument<'_> {
    fn from(time: SystemTime) -> Self {
        let ms = |since: Duration| i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let ms = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => ms(since),
            Err(before) => -ms(before.duration()),
        };
        Self::Timestamp(Timestamp::from_unix_ms(ms))
    }
}

impl From<Properties> for Argument<'_> {
    fn from(properties: Properties) -> Self {
        Self::Object(properties)
    }
}

/// One call: the operation and its arguments.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    operation: Operation,
    arguments: Vec<(Parameter, Argument<'a>)>,
    /// The operation's parameters that have no argument yet.
    open: ParameterSet,
    findings: Findings,
    /// Whether nothing could be read at all, so that no parameter is to be called missing.
    unreadable: bool,
}

impl<'a> Input<'a> {
    /// A call without arguments.
    #[must_use]
    pub fn new(operation: Operation) -> Self {
        Self {
            operation,
            arguments: Vec::with_capacity(4),
            open: operation.parameter_set(),
            findings: Findings::default(),
            unreadable: false,
        }
    }

    /// Which operation it is.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Gives an argument; the last one of a parameter counts. A parameter the operation does not take becomes a finding.
    #[inline]
    pub fn set(&mut self, parameter: Parameter, argument: impl Into<Argument<'a>>) {
        if self.open.contains(parameter) {
            self.open.remove(parameter);
            self.arguments.push((parameter, argument.into()));
        } else {
            self.set_again(parameter, argument.into());
        }
    }

    #[cold]
    fn set_again(&mut self, parameter: Parameter, argument: Argument<'a>) {
        match self.arguments.iter_mut().find(|(name, _)| *name == parameter) {
            Some((_, given)) => *given = argument,
            None => self.unknown(parameter.as_str()),
        }
    }

    /// Gives an empty object and returns it, to be filled: quicker than [`set`](Self::set) with a complete one. `None`, with a finding, when
    /// the operation does not take the parameter.
    ///
    /// ```
    /// use hogwire::{Input, Operation, Parameter};
    /// let mut input = Input::new(Operation::Event);
    /// let properties = input.begin_object(Parameter::Properties).unwrap();
    /// properties.key("plan").and_then(|()| properties.text("pro")).unwrap();
    /// assert!(input.begin_object(Parameter::Alias).is_none());
    /// ```
    #[inline]
    pub fn begin_object(&mut self, parameter: Parameter) -> Option<&mut Properties> {
        self.set(parameter, Properties::new());
        self.object_mut(parameter)
    }

    #[inline]
    fn object_mut(&mut self, parameter: Parameter) -> Option<&mut Properties> {
        match self.argument_mut(parameter)? {
            Argument::Object(properties) => Some(properties),
            _ => None,
        }
    }

    /// Adds a key to an object argument.
    pub(crate) fn insert(&mut self, parameter: Parameter, key: &str, value: impl serde::Serialize) {
        if self.object_mut(parameter).is_none() {
            self.set(parameter, Properties::new());
        }
        if let Some(properties) = self.object_mut(parameter) {
            properties.insert(key, value);
        }
    }

    /// The argument of a parameter, unless it is null or empty text.
    #[inline]
    pub(crate) fn given(&mut self, parameter: Parameter) -> Option<&mut Argument<'a>> {
        match self.argument_mut(parameter)? {
            Argument::Absent => None,
            Argument::Text(text) if text.is_empty() => None,
            argument => Some(argument),
        }
    }

    /// An argument, for changing; `None` when it was never given.
    #[inline]
    pub(crate) fn argument_mut(&mut self, parameter: Parameter) -> Option<&mut Argument<'a>> {
        if self.open.contains(parameter) {
            return None;
        }
        self.arguments
            .iter_mut()
            .find(|(name, _)| *name == parameter)
            .map(|(_, argument)| argument)
    }

    #[inline]
    pub(crate) fn take(&mut self, parameter: Parameter) -> Argument<'a> {
        self.argument_mut(parameter).map_or(Argument::Absent, |argument| {
            std::mem::replace(argument, Argument::Absent)
        })
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        self.unreadable
    }

    pub(crate) fn take_findings(&mut self) -> Findings {
        std::mem::take(&mut self.findings)
    }

    /// Notes a name that is no parameter of the operation. For bindings that read names themselves.
    #[doc(hidden)]
    pub fn unknown(&mut self, name: &str) {
        if self.findings.only_counts() {
            return;
        }
        let known: Vec<_> = self
            .operation
            .parameters()
            .iter()
            .map(|parameter| parameter.as_str())
            .collect();
        self.unknown_among(name, &known);
    }

    /// As [`unknown`](Self::unknown), for a language that spells parameters in its own way: `known` are the names that would have been right.
    ///
    /// ```
    /// use hogwire::{Config, Input, Operation};
    /// let mut input = Input::new(Operation::Event);
    /// input.unknown_among("DistinctId", &["distinctId", "eventName"]);
    /// let refused = hogwire::build(input, &Config::builder("phc_x").build()?, 1_795_420_800_000, 1, 1).unwrap_err();
    /// assert!(refused.error_message.contains("no parameter DistinctId; did you mean distinctId?"));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    #[doc(hidden)]
    pub fn unknown_among(&mut self, name: &str, known: &[&str]) {
        if self.findings.only_counts() {
            return;
        }
        let name = &without_keys(name);
        let advice = match known.iter().find(|known| is_respelled(name, known)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("it takes {}.", known.join(", ")),
        };
        let name = step(name);
        let message = format!(
            "The operation {} has no parameter {}; {advice}",
            self.operation,
            shortened(&name)
        );
        self.findings.refuse(FindingCode::UnknownParameter, name, message);
    }

    /// The input for a batch's item that names no operation, refused for that alone: with `required` when nothing is given, with
    /// `invalid_type` when it is not text, and with `unknown_parameter` when no operation has this name. For bindings that
    /// read the items themselves.
    ///
    /// ```
    /// # let client = hogwire::Client::new(hogwire::Config::builder("phc_x").build()?)?;
    /// let outcomes = client.send_batch([hogwire::Input::unknown_operation("capture")]);
    /// assert_eq!((outcomes[0].status_code, outcomes[0].findings[0].parameter.as_str()), (-1, "Operation"));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn unknown_operation(given: impl Into<Argument<'a>>) -> Self {
        let mut input = Self::new(Operation::Event);
        let known = known_operations();
        let (code, message) = match given.into() {
            Argument::Text(name) if !name.is_empty() => {
                let unknown = UnknownOperation(name.into_owned());
                (FindingCode::UnknownParameter, format!("{unknown}."))
            }
            Argument::RepairedText(name) => (FindingCode::UnknownParameter, format!("{}.", UnknownOperation(name))),
            Argument::Absent | Argument::Text(_) => (
                FindingCode::Required,
                format!("Operation is missing; use one of {known}."),
            ),
            other => {
                let found = other.kind();
                (
                    FindingCode::InvalidType,
                    format!("Operation is {found}; use one of {known}."),
                )
            }
        };
        input.findings.refuse(code, "Operation", message);
        input.unreadable = true;
        input
    }

    /// Refuses a value that JSON text cannot carry, at a parameter or a dotted path inside it. For bindings, which meet values of any type.
    ///
    /// `found` says what the value is, in the caller's language: `a Buffer`.
    #[doc(hidden)]
    pub fn refuse(&mut self, code: FindingCode, path: &str, found: &str) {
        let message = match (code, wanted_at(path)) {
            (FindingCode::InvalidType | FindingCode::NotFinite | FindingCode::InvalidTimestamp, Some(wanted)) => {
                format!("{} is {found}; give {wanted}.", shortened(path))
            }
            _ => format!("{}: {}", shortened(path), crate::properties::refusal(code, found)),
        };
        self.findings.refuse(code, path, message);
        // One name that is not text does not make the other parameters unreadable.
        self.unreadable |= path == "Input" && code != FindingCode::InvalidKey;
    }

    /// Warns of a value that was left out because JSON has no form for it.
    pub(crate) fn omit(&mut self, path: &str, found: &str) {
        let message = format!("{}: {}", shortened(path), crate::properties::omission(found));
        self.findings.warn(WarningCode::ValueOmitted, path, message);
    }

    /// The input of a call that was given something else than an object of parameters, refused with `invalid_json`. For
    /// bindings, which are given anything.
    ///
    /// `found` says what was given, in the caller's language: `a Promise`.
    #[doc(hidden)]
    #[must_use]
    pub fn of_another_kind(operation: Operation, found: &str) -> Self {
        let message = format!("The input is {found}; give an object of parameters and values.");
        Self::unread(operation, message)
    }

    /// The one input of a batch that is no list, refused with `invalid_json`; `found` as in [`of_another_kind`](Self::of_another_kind).
    #[must_use]
    pub(crate) fn of_no_list(found: &str) -> Self {
        let message = format!("The batch is {found}; give a list of objects, each with its operation.");
        Self::unread(Operation::Event, message)
    }

    /// Notes an argument whose text is no JSON.
    pub(crate) fn refuse_json(&mut self, parameter: Parameter, problem: &str) {
        let message = format!("{parameter} is not JSON: {problem}.");
        self.findings
            .refuse(FindingCode::InvalidJson, parameter.as_str(), message);
    }

    pub(crate) fn unread(operation: Operation, message: String) -> Self {
        let mut input = Self::new(operation);
        input.findings.refuse(FindingCode::InvalidJson, "Input", message);
        input.unreadable = true;
        input
    }
}

/// Whether two names differ only in case and in underscores, as those of two languages do.
pub(crate) fn is_respelled(name: &str, known: &str) -> bool {
    let letters = |name: &str| {
        name.chars()
            .filter(|c| *c != '_')
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    name.len() <= 2 * known.len() && letters(name) == letters(known)
}

/// What is wanted at a path; `None` where any value may stand.
fn wanted_at(path: &str) -> Option<&'static str> {
    if path == "Properties.timestamp" {
        return Some(TIMESTAMP_HINT);
    }
    match Parameter::from_word(path.split('.').next().unwrap_or_default())? {
        parameter if parameter.takes_properties() => None,
        parameter if parameter.takes_ids() => Some("text or an integer"),
        Parameter::Timestamp => Some(TIMESTAMP_HINT),
        Parameter::ProcessPersonProfile => Some("true or false"),
        _ => Some("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, CreateEvent};

    #[test]
    fn a_moment_may_be_before_1970() {
        let moment = SystemTime::UNIX_EPOCH - Duration::from_millis(1_500);
        let config = Config::builder("phc_x").build().unwrap();
        let event = CreateEvent::new("u", "e").timestamp(moment);
        let request = crate::build(event, &config, 1_795_420_800_000, 1, 1).unwrap();
        assert_eq!(request.timestamp.to_string(), "1969-12-31T23:59:58.500Z");
    }

    #[test]
    fn a_name_as_other_languages_spell_it_is_recognised() {
        let config = Config::builder("phc_x").build().unwrap();
        for name in ["distinct_id", "distinctId", "DISTINCT_ID"] {
            let json = format!(r#"{{"{name}":"u","EventName":"e"}}"#);
            let input = Input::from_json(Operation::Event, json.as_bytes());
            let refused = crate::build(input, &config, 1_795_420_800_000, 1, 1).unwrap_err();
            assert!(
                refused.error_message.contains("did you mean DistinctId?"),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn of_an_input_that_could_not_be_read_nothing_is_missing() {
        let config = Config::builder("phc_x").build().unwrap();
        for (path, codes) in [("Input", 1), ("DistinctId", 3)] {
            let mut input = Input::new(Operation::Event);
            input.refuse(FindingCode::UnreadableValue, path, "it raised");
            let refused = crate::build(input, &config, 1_795_420_800_000, 1, 1).unwrap_err();
            assert_eq!(refused.findings.len(), codes, "{refused:?}");
        }
    }
}
