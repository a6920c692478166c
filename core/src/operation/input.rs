//! Input: one call's arguments as the caller gave them, before any rule has looked at them.
//!
//! Every language fills the same structure; wrong types are kept and become findings, so that nothing the caller passes can raise.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde::de::IgnoredAny;

use super::reading::TIMESTAMP_HINT;
use super::{Operation, Parameter, ParameterSet};
use crate::error::{UnknownOperation, known_operations, without_keys};
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::json::quick::{Quick, bare};
use crate::json::scan::{Scanner, Token, repair_surrogates};
use crate::properties::{Properties, shortened, step};
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
    /// Something that raised when it was read, with what it said.
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
    /// The operation's parameters of which there is no argument yet.
    open: ParameterSet,
    findings: Findings,
    /// Nothing could be read at all, so that missing parameters mean nothing.
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

    /// Adds a key to an object argument.
    pub(crate) fn insert(&mut self, parameter: Parameter, key: &str, value: impl serde::Serialize) {
        if !matches!(self.argument_mut(parameter), Some(Argument::Object(_))) {
            self.set(parameter, Properties::new());
        }
        if let Some(Argument::Object(properties)) = self.argument_mut(parameter) {
            properties.insert(key, value);
        }
    }

    /// An argument that says something: not null, and no empty text.
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

    /// Notes a name that is no parameter of the operation.
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

    /// The same in a language that spells parameters its own way: `known` are the names that would have been right.
    ///
    /// ```
    /// use hogwire::{Config, Input, Operation};
    /// let mut input = Input::new(Operation::Event);
    /// input.unknown_among("DistinctId", &["distinctId", "eventName"]);
    /// let refused = hogwire::build(input, &Config::builder("phc_x").build()?, 1_795_420_800_000, 1, 1).unwrap_err();
    /// assert!(refused.error_message.contains("no parameter DistinctId; did you mean distinctId?"));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn unknown_among(&mut self, name: &str, known: &[&str]) {
        if self.findings.only_counts() {
            return;
        }
        let name = &without_keys(name);
        let advice = match known.iter().find(|known| is_respelled(name, known)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("it takes {}.", known.join(", ")),
        };
        let message = format!(
            "The operation {} has no parameter {}; {advice}",
            self.operation,
            shortened(name)
        );
        self.findings.refuse(FindingCode::UnknownParameter, step(name), message);
    }

    /// The input of a batch's item that names no operation, refused for that alone: with `required` where nothing is given, with
    /// `invalid_type` what is no text, and with `unknown_parameter` a name no operation has.
    ///
    /// ```
    /// # let client = hogwire::Client::new(hogwire::Config::builder("phc_x").build()?)?;
    /// let outcomes = client.send_batch([hogwire::Input::unknown_operation("capture")]);
    /// assert_eq!((outcomes[0].status_code, outcomes[0].findings[0].parameter.as_str()), (-1, "Operation"));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
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

    /// Notes what a language saw and JSON text cannot carry, under a parameter or a dotted path inside it.
    ///
    /// `found` is what stands there, in the caller's words: `a Buffer`.
    pub fn refuse(&mut self, code: FindingCode, path: &str, found: &str) {
        let message = match (code, wanted_at(path)) {
            (FindingCode::InvalidType | FindingCode::NotFinite | FindingCode::InvalidTimestamp, Some(wanted)) => {
                format!("{} is {found}; give {wanted}.", shortened(path))
            }
            _ => format!("{}: {}", shortened(path), crate::properties::refusal(code, found)),
        };
        self.findings.refuse(code, path, message);
        self.unreadable |= path == "Input";
    }

    /// Notes a value that was left out, as JSON leaves out what it has no word for.
    pub fn omit(&mut self, path: &str, found: &str) {
        let message = format!("{}: {}", shortened(path), crate::properties::omission(found));
        self.findings.warn(WarningCode::ValueOmitted, path, message);
    }

    /// Gives an argument as JSON text. Never fails; text that is no JSON becomes a finding.
    pub fn set_json(&mut self, parameter: Parameter, json: &'a [u8]) {
        if let Some(object) = quick_object(json) {
            return self.set(parameter, object);
        }
        match valid_json(json) {
            Ok(value) => self.set(parameter, argument(value)),
            Err(problem) => {
                let message = format!("{parameter} is not JSON: {problem}.");
                self.findings
                    .refuse(FindingCode::InvalidJson, parameter.as_str(), message);
            }
        }
    }

    /// Reads JSON text: an object whose names are the parameters'. Never fails; what is wrong becomes findings.
    ///
    /// ```
    /// use hogwire::{Input, Operation};
    /// let input = Input::from_json(Operation::Event, br#"{"DistinctId": "user-1", "EventName": "signed up"}"#);
    /// assert_eq!(input.operation(), Operation::Event);
    /// ```
    #[must_use]
    pub fn from_json(operation: Operation, json: &'a [u8]) -> Self {
        if let Some(input) = quick_input(operation, json) {
            return input;
        }
        match valid_json(json) {
            Ok(value) => match value.as_bytes().first() {
                Some(b'{') => {
                    let mut input = Self::new(operation);
                    input.read_members(value, |_| false);
                    input
                }
                _ => Self::of_another_kind(operation, &argument(value).kind()),
            },
            Err(problem) => Self::unread(
                operation,
                format!("The input is not a JSON object: {problem}; give one of parameters and values."),
            ),
        }
    }

    /// The input of a call that was given something else instead, refused with `invalid_json`.
    ///
    /// `found` is what was given, in the caller's words: `a Promise`.
    #[must_use]
    pub fn of_another_kind(operation: Operation, found: &str) -> Self {
        let message = format!("The input is {found}; give an object of parameters and values.");
        Self::unread(operation, message)
    }

    /// The one input of a batch that is no list, refused with `invalid_json`; `found` as in [`of_another_kind`](Self::of_another_kind).
    #[must_use]
    pub fn of_no_list(found: &str) -> Self {
        let message = format!("The batch is {found}; give a list of objects, each with its operation.");
        Self::unread(Operation::Event, message)
    }

    pub(crate) fn unread(operation: Operation, message: String) -> Self {
        let mut input = Self::new(operation);
        input.findings.refuse(FindingCode::InvalidJson, "Input", message);
        input.unreadable = true;
        input
    }

    /// Gives arguments by the names they have at the JSON boundary, leaving out those that mean something else; any other name
    /// becomes a finding. The object was validated as a whole.
    pub(crate) fn read_members(&mut self, object: &'a str, means_else: impl Fn(&str) -> bool) {
        let mut scanner = Scanner::new(object);
        scanner.next();
        while let Some(Token::Text(key) | Token::EscapedText(key)) = scanner.next() {
            let name = decode_text(key);
            match Parameter::from_word(&name).filter(|parameter| self.operation.takes(*parameter)) {
                Some(parameter) => {
                    let argument = scanned(&mut scanner);
                    self.set(parameter, argument);
                }
                None => {
                    scanner.value_text();
                    if !means_else(&name) {
                        self.unknown(&name);
                    }
                }
            }
        }
    }
}

/// The usual input, read quickly; `None`: look closer.
fn quick_input(operation: Operation, json: &[u8]) -> Option<Input<'_>> {
    let mut quick = Quick::new(std::str::from_utf8(json).ok()?);
    let mut input = Input::new(operation);
    quick.take(b'{')?;
    loop {
        let parameter = Parameter::from_word(bare(quick.text()?))?;
        operation.takes(parameter).then_some(())?;
        quick.take(b':')?;
        let argument = match quick.peek()? {
            b'"' => Argument::Text(Cow::Borrowed(bare(quick.text()?))),
            b'{' => Argument::Object(Properties::quick(&mut quick)?),
            b't' => quick.word("true").map(|()| Argument::Boolean(true))?,
            b'f' => quick.word("false").map(|()| Argument::Boolean(false))?,
            b'n' => quick.word("null").map(|()| Argument::Absent)?,
            _ => argument_of_number(quick.number()?),
        };
        input.set(parameter, argument);
        if !quick.goes_on(b'}')? {
            return quick.is_at_end().then_some(input);
        }
    }
}

/// The usual object, read quickly; `None`: look closer.
fn quick_object(json: &[u8]) -> Option<Properties> {
    let mut quick = Quick::new(std::str::from_utf8(json).ok()?);
    let object = Properties::quick(&mut quick)?;
    quick.is_at_end().then_some(object)
}

/// Whether two names differ only in case and in underscores, as those of two languages do.
fn is_respelled(name: &str, known: &str) -> bool {
    let letters = |name: &str| {
        name.chars()
            .filter(|c| *c != '_')
            .map(|c| c.to_ascii_lowercase())
            .collect::<String>()
    };
    name.len() <= 2 * known.len() && letters(name) == letters(known)
}

/// The text of a JSON value without the white space around it, checked by serde_json.
pub(crate) fn valid_json(json: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(json).map_err(|error| error.to_string())?;
    let _: IgnoredAny = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(text.trim_ascii())
}

/// The argument in this text of one valid JSON value.
pub(crate) fn argument(value: &str) -> Argument<'_> {
    scanned(&mut Scanner::new(value))
}

/// The argument that comes next.
fn scanned<'a>(scanner: &mut Scanner<'a>) -> Argument<'a> {
    match scanner.next() {
        Some(Token::Text(token)) => Argument::Text(decode_text(token)),
        Some(Token::EscapedText(token)) => match repair_surrogates(token) {
            None => Argument::Text(decode_text(token)),
            Some(repaired) => Argument::RepairedText(decode_text(&repaired).into_owned()),
        },
        Some(Token::Number(number)) => argument_of_number(number),
        Some(Token::Boolean(value)) => Argument::Boolean(value),
        Some(Token::ObjectStart) => Argument::Object(Properties::scanned(scanner)),
        Some(Token::ArrayStart) => {
            let items = std::iter::from_fn(|| {
                let item = scanner.value_text();
                (!item.is_empty()).then(|| argument_of_item(item))
            });
            Argument::List(items.collect())
        }
        _ => Argument::Absent,
    }
}

/// An item of a list; lists are only ever lists of plain values, so deeper ones are not looked into.
fn argument_of_item(item: &str) -> Argument<'_> {
    match item.as_bytes().first() {
        Some(b'[') => Argument::Unsupported("a list".to_owned()),
        Some(b'{') => Argument::Unsupported("an object".to_owned()),
        _ => argument(item),
    }
}

fn argument_of_number(number: &str) -> Argument<'_> {
    match (number.parse::<i128>(), number.parse::<f64>()) {
        (Ok(integer), _) => Argument::Integer(integer),
        (_, Ok(float)) => Argument::Float(float),
        _ => Argument::Unsupported(number.to_owned()),
    }
}

/// The text a valid JSON text token stands for.
pub(crate) fn decode_text(token: &str) -> Cow<'_, str> {
    if token.contains('\\') {
        Cow::Owned(serde_json::from_str(token).unwrap_or_default())
    } else {
        Cow::Borrowed(bare(token))
    }
}

/// Makes an operation's builder: a thin, typed face of [`Input`].
///
/// `new(...)` takes the required parameters, each further line one text parameter; what every operation has is added.
macro_rules! builder {
    (
        $(#[$meta:meta])*
        pub struct $name:ident: $operation:ident {
            new($($required:ident: $required_parameter:ident),+);
            $( $(#[$text_meta:meta])* $text:ident: $text_parameter:ident, )*
            $( + $with_properties:ident )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[must_use]
        pub struct $name<'a> {
            input: Input<'a>,
        }

        impl<'a> $name<'a> {
            /// Starts with the required parameters.
            pub fn new($($required: impl Into<std::borrow::Cow<'a, str>>),+) -> Self {
                let mut input = Input::new(Operation::$operation);
                $( input.set(Parameter::$required_parameter, crate::Argument::Text($required.into())); )+
                Self { input }
            }

            $(
                $(#[$text_meta])*
                pub fn $text(mut self, $text: impl Into<std::borrow::Cow<'a, str>>) -> Self {
                    self.input.set(Parameter::$text_parameter, crate::Argument::Text($text.into()));
                    self
                }
            )*

            $( crate::operation::input::$with_properties!(); )?

            /// When it happened: RFC 3339 text with a zone, Unix milliseconds, a [`Timestamp`](crate::Timestamp) or a
            /// `SystemTime`. Default: now.
            pub fn timestamp(mut self, timestamp: impl Into<crate::Argument<'a>>) -> Self {
                self.input.set(Parameter::Timestamp, timestamp);
                self
            }

            /// The event's own uuid; the server drops repeats of the same uuid, name, time and distinct id. Default: a fresh v7.
            pub fn uuid(mut self, uuid: impl Into<std::borrow::Cow<'a, str>>) -> Self {
                self.input.set(Parameter::Uuid, crate::Argument::Text(uuid.into()));
                self
            }

            /// A group the event belongs to, sent in `$groups`.
            pub fn group(self, group_type: &str, group_key: &str) -> Self {
                self.insert(Parameter::Groups, group_type, group_key)
            }

            /// Whether the event creates or updates a person. Default: the project's setting.
            pub fn process_person_profile(mut self, process: bool) -> Self {
                self.input.set(Parameter::ProcessPersonProfile, process);
                self
            }

            fn insert(mut self, parameter: Parameter, key: &str, value: impl serde::Serialize) -> Self {
                self.input.insert(parameter, key, value);
                self
            }
        }

        impl<'a> From<$name<'a>> for Input<'a> {
            fn from(builder: $name<'a>) -> Self {
                builder.input
            }
        }
    };
}

/// The part of a builder whose operation has `Properties`.
macro_rules! with_properties {
    () => {
        /// One property, of any serializable value.
        pub fn property(self, key: &str, value: impl serde::Serialize) -> Self {
            self.insert(Parameter::Properties, key, value)
        }

        /// All properties at once, in place of those set before.
        pub fn properties(mut self, properties: crate::Properties) -> Self {
            self.input.set(Parameter::Properties, properties);
            self
        }
    };
}

pub(crate) use {builder, with_properties};

/// What may stand at a path where not every value may.
fn wanted_at(path: &str) -> Option<&'static str> {
    if path == "Properties.timestamp" {
        return Some(TIMESTAMP_HINT);
    }
    match Parameter::from_word(path.split('.').next().unwrap_or_default())? {
        Parameter::Properties | Parameter::PropertiesSet | Parameter::PropertiesSetOnce => None,
        Parameter::Timestamp => Some(TIMESTAMP_HINT),
        Parameter::DistinctId | Parameter::Alias | Parameter::AnonymousId | Parameter::GroupKey | Parameter::Groups => {
            Some("text or an integer")
        }
        Parameter::ProcessPersonProfile => Some("true or false"),
        _ => Some("text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_is_one_finding() {
        for json in [
            &b"[1]"[..],
            b"",
            b"{\"a\":1",
            b"null",
            b"{\"DistinctId\":\"\xff\"}",
            b"{}x",
        ] {
            let mut input = Input::from_json(Operation::Event, json);
            let codes: Vec<_> = input
                .take_findings()
                .refusals()
                .iter()
                .map(|finding| finding.code)
                .collect();
            assert_eq!(codes, [FindingCode::InvalidJson], "{json:?}");
        }
    }

    #[test]
    fn an_argument_that_is_no_json_is_one_finding() {
        let mut input = Input::new(Operation::Event);
        input.set_json(Parameter::Properties, b" {\"a\": 1} ");
        assert!(matches!(input.take(Parameter::Properties), Argument::Object(_)));
        input.set_json(Parameter::Properties, b"{\"a\": ");
        let findings = input.take_findings().into_found().refusals;
        assert_eq!(findings[0].code, FindingCode::InvalidJson);
        assert_eq!(findings[0].parameter, "Properties");
    }

    #[test]
    fn lists_hold_plain_arguments() {
        let mut input = Input::from_json(Operation::Identity, br#"{"PropertiesUnset": ["a", 1, ["b"], {}]}"#);
        let Argument::List(items) = input.take(Parameter::PropertiesUnset) else {
            panic!("a list")
        };
        let kinds: Vec<_> = items.iter().map(Argument::kind).collect();
        assert_eq!(kinds, ["text", "the number 1", "a list", "an object"]);
    }
}
