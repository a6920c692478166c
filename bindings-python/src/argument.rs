//! One Python argument as the core's [`Argument`]. Total: whatever is wrong with it becomes a finding later, in the core.

use std::borrow::Cow;

use hogwire::binding::shortened;
use hogwire::{Argument, Input, Parameter, Properties};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyString};

use crate::kind::{Kind, described, exactly, kind};
use crate::number::{self, Number};
use crate::raised;
use crate::text::{Text, text};
use crate::walk::{self, Values};

/// Gives the input what was given for a parameter; only an order to stop is raised.
pub(crate) fn give<'a>(input: &mut Input<'a>, parameter: Parameter, value: &'a Bound<'_, PyAny>) -> PyResult<()> {
    if let Some(value) = exactly::<PyString>(value) {
        input.set(parameter, of_text(text(value)));
        return Ok(());
    }
    let given = match exactly::<PyDict>(value) {
        Some(dictionary) => give_dictionary(input, parameter, dictionary),
        None => kind(value).and_then(|kind| give_kind(input, parameter, kind, value)),
    };
    if let Err(error) = given {
        let words = raised::words(value.py(), error)?;
        input.set(parameter, Argument::Unreadable(words));
    }
    Ok(())
}

/// Plays a dictionary in where it stays.
fn give_dictionary(input: &mut Input<'_>, parameter: Parameter, dictionary: &Bound<'_, PyDict>) -> PyResult<()> {
    match input.begin_object(parameter) {
        Some(object) => walk::dictionary(object, dictionary, values(parameter)),
        None => Ok(()),
    }
}

fn of_text(text: Text<'_>) -> Argument<'_> {
    match text.repaired {
        false => Argument::Text(text.text),
        true => Argument::RepairedText(text.text.into_owned()),
    }
}

fn give_kind(input: &mut Input<'_>, parameter: Parameter, kind: Kind<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let argument = match kind {
        Kind::Dictionary(dictionary) => return give_dictionary(input, parameter, &dictionary),
        Kind::Mapping(mapping) => {
            let mut object = Properties::new();
            walk::mapping(&mut object, &mapping, values(parameter))?;
            Argument::Object(object)
        }
        Kind::List(list) => Argument::List(list.iter().map(|item| of_item(&item)).collect::<PyResult<_>>()?),
        Kind::Tuple(tuple) => Argument::List(tuple.iter().map(|item| of_item(&item)).collect::<PyResult<_>>()?),
        Kind::Moment(moment) if parameter.takes_moments() => owned(text(&moment)),
        Kind::Decimal(digits) if parameter == Parameter::Timestamp => of_decimal(&digits),
        other => of_plain(other, value),
    };
    input.set(parameter, argument);
    Ok(())
}

/// Groups are ids under the names of their types.
const fn values(parameter: Parameter) -> Values {
    match parameter {
        Parameter::Groups => Values::Ids,
        _ => Values::Any,
    }
}

/// An item of a list; lists are only ever lists of plain values, so deeper ones are not looked into.
fn of_item(item: &Bound<'_, PyAny>) -> PyResult<Argument<'static>> {
    match kind(item) {
        Ok(plain) => Ok(of_plain(plain, item)),
        Err(error) => raised::words(item.py(), error).map(Argument::Unreadable),
    }
}

/// What may be an id, a name, a number or a switch.
fn of_plain(kind: Kind<'_>, value: &Bound<'_, PyAny>) -> Argument<'static> {
    match kind {
        Kind::None => Argument::Absent,
        Kind::Boolean(value) => Argument::Boolean(value),
        Kind::Integer(value) => integer(&value),
        Kind::Float(value) => Argument::Float(value),
        Kind::Text(value) => owned(text(&value)),
        Kind::Unsupported(found) => Argument::Unsupported(found),
        Kind::Decimal(_)
        | Kind::Moment(_)
        | Kind::Path(_)
        | Kind::Dictionary(_)
        | Kind::Mapping(_)
        | Kind::List(_)
        | Kind::Tuple(_) => Argument::Unsupported(described(value)),
    }
}

fn of_decimal(digits: &str) -> Argument<'static> {
    match number::decimal(digits) {
        Number::Integer(digits) => digits
            .parse()
            .map_or_else(|_| Argument::Unsupported(shortened(digits)), Argument::Integer),
        Number::Float(value) => Argument::Float(value),
        Number::None => Argument::Unsupported(format!("the Decimal {}", shortened(digits))),
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
