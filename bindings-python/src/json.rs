//! JSON values and Python values, for what is small and crosses whole: answers, options, and events on their way through hooks.

use hogwire::binding::{shortened, without_keys};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyNone, PyString};
use serde_json::{Map, Number, Value};

use crate::entries::items;
use crate::kind::{Kind, kind};
use crate::number::{self, digits};
use crate::raised;
use crate::text::text;

/// Levels of containers that are followed; a value that contains itself ends here.
const MAX_DEPTH: usize = 110;

pub(crate) fn object_to_python<'py>(py: Python<'py>, object: &Map<String, Value>) -> PyResult<Bound<'py, PyDict>> {
    let dictionary = PyDict::new(py);
    for (key, value) in object {
        dictionary.set_item(key, to_python(py, value)?)?;
    }
    Ok(dictionary)
}

pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => PyNone::get(py).to_owned().into_any(),
        Value::Bool(value) => PyBool::new(py, *value).to_owned().into_any(),
        Value::Number(number) => number_to_python(py, number)?,
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let list = PyList::empty(py);
            items.iter().try_for_each(|item| list.append(to_python(py, item)?))?;
            list.into_any()
        }
        Value::Object(object) => object_to_python(py, object)?.into_any(),
    })
}

/// What serde_json made of something of the core's, as Python values.
pub(crate) fn read_to_python(py: Python<'_>, read: serde_json::Result<Value>) -> PyResult<Bound<'_, PyAny>> {
    to_python(py, &read.map_err(|error| PyValueError::new_err(error.to_string()))?)
}

fn number_to_python<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    if let Some(value) = number.as_i64() {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    if let Some(value) = number.as_u64() {
        return Ok(value.into_pyobject(py)?.into_any());
    }
    Ok(PyFloat::new(py, number.as_f64().unwrap_or(f64::NAN)).into_any())
}

/// Why a Python value is no JSON.
pub(crate) enum Unfit {
    /// In words: `"plan" is bytes`.
    Because(String),
    /// An order to stop came out of the value's code.
    Raised(PyErr),
}

fn unfit<T>(because: impl Into<String>) -> Result<T, Unfit> {
    Err(Unfit::Because(because.into()))
}

/// A Python value as JSON; what no event can hold is refused.
pub(crate) fn from_python(value: &Bound<'_, PyAny>) -> Result<Value, Unfit> {
    convert(value, 0)
}

fn convert(value: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Unfit> {
    if depth > MAX_DEPTH {
        return unfit("it is nested too deep, or contains itself");
    }
    match kind(value) {
        Ok(Kind::None) => Ok(Value::Null),
        Ok(Kind::Boolean(value)) => Ok(Value::Bool(value)),
        Ok(Kind::Integer(value)) => integer(&value),
        Ok(Kind::Float(value)) => float(value),
        Ok(Kind::Decimal(digits)) => decimal(&digits),
        Ok(Kind::Text(value) | Kind::Moment(value) | Kind::Path(value)) => {
            Ok(Value::String(text(&value).text.into_owned()))
        }
        Ok(Kind::Dictionary(value)) => object(&value, depth),
        Ok(Kind::Mapping(value)) => object(&value, depth),
        Ok(Kind::List(list)) => array(list.iter(), depth),
        Ok(Kind::Tuple(tuple)) => array(tuple.iter(), depth),
        Ok(Kind::Unsupported(found)) => unfit(format!("it is {found}")),
        Err(error) => unreadable(value, error),
    }
}

fn unreadable<T>(value: &Bound<'_, PyAny>, error: PyErr) -> Result<T, Unfit> {
    match raised::words(value.py(), error) {
        Ok(words) => unfit(format!("it cannot be read: {words}")),
        Err(order) => Err(Unfit::Raised(order)),
    }
}

fn integer(value: &Bound<'_, PyInt>) -> Result<Value, Unfit> {
    match (value.extract::<i64>(), value.extract::<u64>()) {
        (Ok(value), _) => Ok(value.into()),
        (_, Ok(value)) => Ok(value.into()),
        _ => unfit(format!("{} is out of range", shortened(&digits(value)))),
    }
}

fn decimal(digits: &str) -> Result<Value, Unfit> {
    let out_of_range = || unfit(format!("{} is out of range", shortened(digits)));
    match number::decimal(digits) {
        number::Number::Integer(text) => {
            let number = text.parse().ok().and_then(serde_json::Number::from_i128);
            number.map_or_else(out_of_range, |number| Ok(Value::Number(number)))
        }
        number::Number::Float(value) if value.is_finite() => float(value),
        number::Number::Float(_) => out_of_range(),
        number::Number::None => unfit(format!("{} is no number JSON can hold", shortened(digits))),
    }
}

fn float(value: f64) -> Result<Value, Unfit> {
    Number::from_f64(value).map_or_else(
        || unfit(format!("{value} is no number JSON can hold")),
        |number| Ok(number.into()),
    )
}

fn array<'py>(items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) -> Result<Value, Unfit> {
    items
        .map(|item| convert(&item, depth + 1))
        .collect::<Result<_, _>>()
        .map(Value::Array)
}

fn object(mapping: &Bound<'_, PyAny>, depth: usize) -> Result<Value, Unfit> {
    let pairs = items(mapping).or_else(|error| unreadable(mapping, error))?;
    let mut object = Map::with_capacity(pairs.len());
    for (key, value) in &pairs {
        let Ok(key) = key.cast::<PyString>() else {
            return unfit("a key is no text");
        };
        let key = text(key).text.into_owned();
        match convert(value, depth + 1) {
            Ok(value) => object.insert(key, value),
            Err(Unfit::Because(words)) => {
                return unfit(format!("{}: {words}", shortened(&without_keys(&key))));
            }
            raised => return raised,
        };
    }
    Ok(Value::Object(object))
}
