//! Inputs: JSON text, and beside it notes about what JSON text cannot carry.

use hogwire::{Argument, FindingCode, Input, Operation, Parameter, UnknownOperation, WarningCode};
use napi::bindgen_prelude::{Error, Result};

/// Notes are a flat list of code, path and what was found there.
pub type Notes = Option<Vec<String>>;

/// The operation of this name.
pub fn operation(name: &str) -> Result<Operation> {
    name.parse()
        .map_err(|unknown: UnknownOperation| Error::from_reason(unknown.to_string()))
}

/// Reads text and notes into an input.
pub fn read<'a>(operation: Operation, text: &'a str, notes: &Notes) -> Input<'a> {
    let mut input = Input::from_json(operation, text.as_bytes());
    for note in notes.as_deref().unwrap_or_default().chunks_exact(3) {
        if let [code, path, found] = note {
            apply(&mut input, code, path, found);
        }
    }
    input
}

#[allow(clippy::panic, reason = "the way to show in a test that a panic becomes an outcome")]
fn apply(input: &mut Input<'_>, code: &str, path: &str, found: &str) {
    match (FindingCode::from_word(code), Parameter::from_word(path)) {
        // A required parameter was given, if only as something that JSON leaves out: it must not be called missing.
        (None, Some(parameter))
            if code == WarningCode::ValueOmitted.as_str() && input.operation().required().contains(&parameter) =>
        {
            input.set(parameter, Argument::Unsupported(found.to_owned()));
        }
        _ if code == WarningCode::ValueOmitted.as_str() => input.omit(path, found),
        _ if code == "panic" => panic!("provoked by a test"),
        // `found` is how many further refusals there were. More than the core keeps came before, so these are only counted.
        _ if code == "more" => {
            (0..found.parse().unwrap_or(0_usize)).for_each(|_| input.refuse(FindingCode::InvalidType, path, found));
        }
        (Some(FindingCode::InvalidJson), _) if path == "Batch" => *input = Input::of_no_list(found),
        (Some(FindingCode::InvalidType), _) if path == "Operation" => {
            *input = Input::unknown_operation(Argument::Unsupported(found.to_owned()));
        }
        (Some(FindingCode::InvalidJson), _) => *input = Input::of_another_kind(input.operation(), found),
        // `path` is the unknown name, and `found` are the names that would have been right.
        (Some(FindingCode::UnknownParameter), _) => input.unknown_among(path, &found.split(' ').collect::<Vec<_>>()),
        // A whole parameter gets the core's own sentence, which says what to give instead.
        (Some(FindingCode::UnreadableValue), Some(parameter)) => {
            input.set(parameter, Argument::Unreadable(found.to_owned()));
        }
        (Some(FindingCode::InvalidType | FindingCode::NotFinite), Some(parameter)) => {
            input.set(parameter, Argument::Unsupported(found.to_owned()));
        }
        (Some(FindingCode::NumberOutOfRange), Some(parameter)) => {
            let found = format!("{found}, a number of more than 64 bits");
            input.set(parameter, Argument::Unsupported(found));
        }
        // Parameters that may be a date get the core's sentence about dates; for any other, a date is a wrong type.
        (Some(FindingCode::InvalidTimestamp), Some(parameter))
            if !matches!(parameter, Parameter::Timestamp | Parameter::SignupDate) =>
        {
            input.set(parameter, Argument::Unsupported(found.to_owned()));
        }
        (Some(code), _) => input.refuse(code, path, found),
        (None, _) => {}
    }
}
