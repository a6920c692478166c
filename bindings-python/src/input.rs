//! One call's input: keyword arguments, a mapping in PascalCase, or JSON text.

use hogwire::{FindingCode, Input, Operation, Parameter, UnknownOperation};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyString};

use crate::argument::give;
use crate::entries::{Pair, items};
use crate::kind::{Kind, described, kind};
use crate::text::{json, text};
use crate::{misuse, raised};

/// A keyword argument; `None` when it was left out.
pub(crate) type Given<'a, 'py> = (Parameter, Option<&'a Bound<'py, PyAny>>);

/// The input of a method called with keywords.
pub(crate) fn of_keywords<'a>(operation: Operation, given: &[Given<'a, '_>]) -> PyResult<Input<'a>> {
    let mut input = Input::new(operation);
    for (parameter, value) in given {
        if let Some(value) = value {
            give(&mut input, *parameter, value)?;
        }
    }
    Ok(input)
}

/// The operation of this name.
pub(crate) fn operation(name: &Bound<'_, PyAny>) -> PyResult<Operation> {
    let known: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    misuse::text_of("operation", &format!("text, one of {}", known.join(", ")), name)?
        .text
        .parse()
        .map_err(|unknown: UnknownOperation| PyValueError::new_err(unknown.to_string()))
}

/// The input of `execute` and `build`, held so that the core can borrow from it while other threads run.
pub(crate) enum Held<'py> {
    Json(Vec<u8>),
    Named(Vec<Pair<'py>>),
    Unreadable(String),
    /// No mapping and no text, in words.
    OfAnotherKind(String),
}

impl<'py> Held<'py> {
    pub(crate) fn of(input: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = input.cast::<PyBytes>() {
            return Ok(Self::Json(bytes.as_bytes().to_vec()));
        }
        if let Ok(bytes) = input.cast::<PyByteArray>() {
            return Ok(Self::Json(bytes.to_vec()));
        }
        let read = match kind(input) {
            Ok(Kind::Text(text)) => return Ok(Self::Json(json(&text))),
            Ok(Kind::Dictionary(_) | Kind::Mapping(_)) => items(input),
            Ok(_) => return Ok(Self::OfAnotherKind(described(input))),
            Err(error) => Err(error),
        };
        match read {
            Ok(pairs) => Ok(Self::Named(pairs)),
            Err(error) => raised::words(input.py(), error).map(Self::Unreadable),
        }
    }

    pub(crate) fn input(&self, operation: Operation) -> PyResult<Input<'_>> {
        let mut input = Input::new(operation);
        match self {
            Self::Json(json) => return Ok(Input::from_json(operation, json)),
            Self::OfAnotherKind(found) => return Ok(Input::of_another_kind(operation, found)),
            Self::Unreadable(message) => input.refuse(FindingCode::UnreadableValue, "Input", message),
            Self::Named(pairs) => {
                for (name, value) in pairs {
                    set(&mut input, name, value)?;
                }
            }
        }
        Ok(input)
    }
}

fn set<'a>(input: &mut Input<'a>, name: &Bound<'_, PyAny>, value: &'a Bound<'_, PyAny>) -> PyResult<()> {
    let Ok(name) = name.cast::<PyString>() else {
        input.refuse(FindingCode::InvalidKey, "Input", &described(name));
        return Ok(());
    };
    let name = text(name).text;
    match Parameter::from_word(&name) {
        Some(parameter) => give(input, parameter, value)?,
        None => input.unknown(&name),
    }
    Ok(())
}
