//! One Python argument as the core's [`Argument`]. Total: whatever is wrong with it becomes a finding later, in the core.

use std::borrow::Cow;

use hogwire::{Argument, Properties};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use crate::kind::{Kind, described, exactly, kind};
use crate::raised;
use crate::text::{Text, text};
use crate::walk::{self, Number};

/// What was given for a parameter; only an order to stop is raised.
pub(crate) fn argument<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Argument<'a>> {
    if let Some(value) = exactly::<PyString>(value) {
        return Ok(of_text(text(value)));
    }
    let read = match exactly::<PyDict>(value) {
        Some(dictionary) => walk::dictionary(dictionary).map(Argument::Object),
        None => kind(value).and_then(of_kind),
    };
    match read {
        Ok(argument) => Ok(argument),
        Err(error) => raised::words(value.py(), error).map(Argument::Unreadable),
    }
}

fn of_text(text: Text<'_>) -> Argument<'_> {
    match text.repaired {
        false => Argument::Text(text.text),
        true => Argument::RepairedText(text.text.into_owned()),
    }
}

fn of_kind(kind: Kind<'_>) -> PyResult<Argument<'static>> {
    Ok(match kind {
        Kind::Dictionary(dictionary) => Argument::Object(walk::dictionary(&dictionary)?),
        Kind::Mapping(mapping) => Argument::Object(walk::mapping(&mapping)?),
        Kind::List(list) => Argument::List(list.iter().map(|item| of_item(&item)).collect::<PyResult<_>>()?),
        Kind::Tuple(tuple) => Argument::List(tuple.iter().map(|item| of_item(&item)).collect::<PyResult<_>>()?),
        other => of_plain(other),
    })
}

/// An item of a list; lists are only ever lists of plain values, so deeper ones are not looked into.
fn of_item(item: &Bound<'_, PyAny>) -> PyResult<Argument<'static>> {
    match kind(item) {
        Ok(Kind::Dictionary(_) | Kind::Mapping(_) | Kind::List(_) | Kind::Tuple(_)) => {
            Ok(Argument::Unsupported(described(item)))
        }
        Ok(plain) => Ok(of_plain(plain)),
        Err(error) => raised::words(item.py(), error).map(Argument::Unreadable),
    }
}

fn of_plain(kind: Kind<'_>) -> Argument<'static> {
    match kind {
        Kind::None => Argument::Absent,
        Kind::Boolean(value) => Argument::Boolean(value),
        Kind::Integer(value) => integer(&value),
        Kind::Float(value) => Argument::Float(value),
        Kind::Text(value) => owned(text(&value)),
        Kind::Decimal(digits) => match walk::decimal(&digits) {
            Number::Integer(digits) => digits
                .parse()
                .map_or(Argument::Unsupported(digits.to_owned()), Argument::Integer),
            Number::Float(value) => Argument::Float(value),
            Number::None => Argument::Unsupported(format!("the Decimal {digits}")),
        },
        Kind::Unsupported(found) => Argument::Unsupported(found),
        // Containers are taken apart before.
        Kind::Dictionary(_) | Kind::Mapping(_) => Argument::Object(Properties::new()),
        Kind::List(_) | Kind::Tuple(_) => Argument::List(Vec::new()),
    }
}

fn owned(text: Text<'_>) -> Argument<'static> {
    match text.repaired {
        false => Argument::Text(Cow::Owned(text.text.into_owned())),
        true => Argument::RepairedText(text.text.into_owned()),
    }
}

fn integer(value: &Bound<'_, PyInt>) -> Argument<'static> {
    match value.extract::<i128>() {
        Ok(value) => Argument::Integer(value),
        Err(_) => Argument::Unsupported("an int of more than 128 bits".to_owned()),
    }
}
