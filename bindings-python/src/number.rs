//! Numbers of Python's that have no limit: what a `Decimal` stands for, and how an int is written.

use pyo3::prelude::*;
use pyo3::types::PyInt;

/// What the text of a `Decimal` stands for.
pub(crate) enum Number<'a> {
    Integer(&'a str),
    Float(f64),
    None,
}

pub(crate) fn decimal(digits: &str) -> Number<'_> {
    let bare = digits.strip_prefix('-').unwrap_or(digits);
    if !bare.starts_with(|first: char| first.is_ascii_digit()) {
        return Number::None;
    }
    if bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Number::Integer(digits);
    }
    digits.parse().map_or(Number::None, Number::Float)
}

/// An integer's digits. Python itself refuses to write very long ones.
pub(crate) fn digits(value: &Bound<'_, PyInt>) -> String {
    match value.as_any().str() {
        Ok(digits) => digits.to_string_lossy().into_owned(),
        Err(_) => "an int of thousands of digits".to_owned(),
    }
}
