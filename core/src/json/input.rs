//! Inputs as JSON text: an operation's parameters in PascalCase. The usual text is read in one pass.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::quick::{Quick, bare};
use super::scan::{Scanner, Token, repair_surrogates};
use crate::operation::{Argument, Input, Operation, Parameter};
use crate::properties::Properties;

impl<'a> Input<'a> {
    /// Gives an argument as JSON text. Never fails; text that is no JSON becomes a finding.
    pub fn set_json(&mut self, parameter: Parameter, json: &'a [u8]) {
        if let Some(object) = quick_object(json) {
            return self.set(parameter, object);
        }
        match valid_json(json) {
            Ok(value) => self.set(parameter, argument(value)),
            Err(problem) => {
                self.refuse_json(parameter, &problem);
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

    /// Sets the arguments in an object of valid JSON, by their names. Any other name becomes a finding, except those that `is_known` holds for,
    /// which are left to the caller.
    pub(crate) fn read_members(&mut self, object: &'a str, is_known: impl Fn(&str) -> bool) {
        let mut scanner = Scanner::new(object);
        scanner.next();
        while let Some(Token::Text(key) | Token::EscapedText(key)) = scanner.next() {
            let name = decode_text(key);
            match Parameter::from_word(&name).filter(|parameter| self.operation().takes(*parameter)) {
                Some(parameter) => {
                    let argument = scanned(&mut scanner);
                    self.set(parameter, argument);
                }
                None => {
                    scanner.value_text();
                    if !is_known(&name) {
                        self.unknown(&name);
                    }
                }
            }
        }
    }
}

/// An input that holds nothing unusual, read quickly; `None` when it has to be read by its tokens.
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

/// An object that holds nothing unusual, read quickly; `None` when it has to be read by its tokens.
pub(super) fn quick_object(json: &[u8]) -> Option<Properties> {
    let mut quick = Quick::new(std::str::from_utf8(json).ok()?);
    let object = Properties::quick(&mut quick)?;
    quick.is_at_end().then_some(object)
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
        let repaired = || decode_text(&repair_surrogates(token)?).into_owned().into();
        Cow::Owned(serde_json::from_str(token).ok().or_else(repaired).unwrap_or_default())
    } else {
        Cow::Borrowed(bare(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FindingCode;

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
