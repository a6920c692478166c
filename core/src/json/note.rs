//! Notes: what a language found in a call's values that JSON text cannot carry, told beside that text in words.

use crate::finding::{FindingCode, WarningCode};
use crate::operation::{Argument, Input, Parameter};

/// The code of the note that says how many further refusals there were.
const MORE: &str = "more";

impl Input<'_> {
    /// Takes a note: the code of a finding or warning, the parameter or dotted path it is about, and what was found there. For bindings that
    /// hand inputs over as JSON text.
    #[doc(hidden)]
    pub fn note(&mut self, code: &str, path: &str, found: &str) {
        match FindingCode::from_word(code) {
            Some(code) => self.note_refusal(code, path, found),
            None if code == WarningCode::ValueOmitted.as_str() => self.note_omission(path, found),
            // More than are kept came before, so these are only counted.
            None if code == MORE => {
                (0..found.parse().unwrap_or(0_usize)).for_each(|_| self.refuse(FindingCode::InvalidType, path, found));
            }
            None => {}
        }
    }

    fn note_omission(&mut self, path: &str, found: &str) {
        match Parameter::from_word(path).filter(|parameter| self.operation().required().contains(parameter)) {
            // It was given, if only as something that JSON leaves out: it must not be called missing.
            Some(parameter) => self.set(parameter, Argument::Unsupported(found.to_owned())),
            None => self.omit(path, found),
        }
    }

    fn note_refusal(&mut self, code: FindingCode, path: &str, found: &str) {
        match (code, Parameter::from_word(path)) {
            (FindingCode::InvalidJson, _) if path == "Batch" => *self = Self::of_no_list(found),
            (FindingCode::InvalidJson, _) => *self = Self::of_another_kind(self.operation(), found),
            (FindingCode::InvalidType, _) if path == "Operation" => {
                *self = Self::unknown_operation(Argument::Unsupported(found.to_owned()));
            }
            // `path` is the unknown name, and `found` are the names that would have been right.
            (FindingCode::UnknownParameter, _) => self.unknown_among(path, &found.split(' ').collect::<Vec<_>>()),
            // A whole parameter gets the operation's own sentence, which says what to give instead.
            (FindingCode::UnreadableValue, Some(parameter)) => {
                self.set(parameter, Argument::Unreadable(found.to_owned()));
            }
            (FindingCode::InvalidType | FindingCode::NotFinite, Some(parameter)) => {
                self.set(parameter, Argument::Unsupported(found.to_owned()));
            }
            (FindingCode::NumberOutOfRange, Some(parameter)) => {
                let found = format!("{found}, a number of more than 64 bits");
                self.set(parameter, Argument::Unsupported(found));
            }
            // Where a moment may stand there is a sentence about moments; elsewhere one is a wrong type.
            (FindingCode::InvalidTimestamp, Some(parameter)) if !parameter.takes_moments() => {
                self.set(parameter, Argument::Unsupported(found.to_owned()));
            }
            (code, _) => self.refuse(code, path, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Operation;

    /// The findings and the warnings of an otherwise valid event with these notes, as `code parameter: message`.
    fn noted(notes: &[(&str, &str, &str)]) -> Vec<String> {
        let mut input = Input::from_json(Operation::Event, br#"{"DistinctId": "u", "EventName": "e"}"#);
        for (code, path, found) in notes {
            input.note(code, path, found);
        }
        let config = crate::Config::builder("phc_x").build().unwrap();
        let spelled = |code: &str, parameter: &str, message: &str| format!("{code} {parameter}: {message}");
        match crate::build(input, &config, 1_795_420_800_000, 1, 1) {
            Ok(request) => request
                .warnings
                .iter()
                .map(|warning| spelled(warning.code.as_str(), &warning.parameter, &warning.message))
                .collect(),
            Err(refused) => refused
                .findings
                .iter()
                .map(|finding| spelled(finding.code.as_str(), &finding.parameter, &finding.message))
                .collect(),
        }
    }

    #[test]
    fn a_note_becomes_the_finding_that_fits_its_place() {
        for (note, expected) in [
            (
                ("invalid_type", "EventName", "a Date"),
                "invalid_type EventName: EventName is a Date",
            ),
            (
                ("invalid_type", "Operation", "a Map"),
                "invalid_type Operation: Operation is a Map;",
            ),
            (
                ("invalid_type", "Properties.a", "a Buffer"),
                "invalid_type Properties.a: Properties.a: ",
            ),
            (
                ("invalid_json", "Input", "a Promise"),
                "invalid_json Input: The input is a Promise;",
            ),
            (
                ("invalid_json", "Batch", "a Promise"),
                "invalid_json Input: The batch is a Promise;",
            ),
            (
                ("unknown_parameter", "Uuid", "uuid timestamp"),
                "unknown_parameter Uuid: The operation event has no parameter Uuid; did you mean uuid?",
            ),
            (("unreadable_value", "EventName", "no"), "unreadable_value EventName: "),
            (
                ("number_out_of_range", "DistinctId", "9"),
                "invalid_type DistinctId: DistinctId is 9, a number of more than 64 bits",
            ),
            (
                ("invalid_timestamp", "Timestamp", "an invalid Date"),
                "invalid_timestamp Timestamp: Timestamp is an invalid Date; give ",
            ),
            (
                ("invalid_timestamp", "EventName", "an invalid Date"),
                "invalid_type EventName: EventName is an invalid Date",
            ),
            (
                ("value_omitted", "Properties.a", "a function"),
                "value_omitted Properties.a: ",
            ),
            (
                ("value_omitted", "DistinctId", "a function"),
                "invalid_type DistinctId: DistinctId is a function",
            ),
        ] {
            let found = noted(&[note]);
            assert!(
                found.len() == 1 && found[0].starts_with(expected),
                "{note:?}: {found:?}"
            );
        }
        assert!(noted(&[("no code at all", "EventName", "")]).is_empty());
    }

    #[test]
    fn refusals_beyond_those_kept_are_counted() {
        let mut input = Input::new(Operation::Event);
        for place in 0..100 {
            input.note("invalid_type", &format!("Properties.{place}"), "a Buffer");
        }
        input.note(MORE, "", "7");
        assert_eq!(input.take_findings().more(), 7);
    }
}
