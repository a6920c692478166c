//! Misuse of a function's own parameters: what is raised names the parameter, what it must be, and what came.

use hogwire::binding::shortened;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString, PyTuple};

use crate::kind::described;
use crate::number::digits;
use crate::text::{Text, text};

/// The `TypeError` for a value of another type.
pub(crate) fn wrong_type(parameter: &str, wanted: &str, found: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{parameter} must be {wanted}, not {}", described(found)))
}

/// The `TypeError` for options without their names, after the api key.
pub(crate) fn refuse_unnamed(function: &str, unnamed: &Bound<'_, PyTuple>) -> PyResult<()> {
    match unnamed.is_empty() {
        true => Ok(()),
        false => Err(PyTypeError::new_err(format!(
            "{function}() takes its options by name: {function}(\"phc_...\", host=\"https://...\")"
        ))),
    }
}

/// The text given for a parameter.
pub(crate) fn text_of<'a>(parameter: &str, wanted: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Text<'a>> {
    match value.cast::<PyString>() {
        Ok(value) => Ok(text(value)),
        Err(_) => Err(wrong_type(parameter, wanted, value)),
    }
}

/// The integer given for a parameter, if one was: from `least` to the largest of its type.
pub(crate) fn integer<T: TryFrom<i128>>(
    parameter: &str,
    wanted: &str,
    least: i128,
    value: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<T>> {
    let Some(value) = value else {
        return Ok(None);
    };
    // A bool is an int to Python, and a mistake to everybody else.
    if value.is_instance_of::<PyBool>() {
        return Err(wrong_type(parameter, wanted, value));
    }
    let number = value.extract::<i128>().ok().filter(|number| *number >= least);
    match (
        number.and_then(|number| T::try_from(number).ok()),
        value.cast::<PyInt>(),
    ) {
        (Some(number), _) => Ok(Some(number)),
        (None, Ok(beyond)) => {
            let digits = shortened(&digits(beyond));
            Err(PyValueError::new_err(format!(
                "{parameter} must be {wanted}, not {digits}"
            )))
        }
        (None, Err(_)) => Err(wrong_type(parameter, wanted, value)),
    }
}
