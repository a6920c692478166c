//! Python text as UTF-8. Python text may hold half surrogate pairs, which are no characters.

use std::borrow::Cow;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::misuse;

/// Text, and whether half surrogate pairs in it were replaced by U+FFFD.
pub(crate) struct Text<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) repaired: bool,
}

pub(crate) fn text<'a>(value: &'a Bound<'_, PyString>) -> Text<'a> {
    match value.to_str() {
        Ok(text) => Text {
            text: Cow::Borrowed(text),
            repaired: false,
        },
        Err(error) => owned_and_repaired(value, error),
    }
}

/// Owns the text before the error, which refers to it, is dropped: from then on Python code may run and free the text.
#[cold]
fn owned_and_repaired(value: &Bound<'_, PyString>, error: PyErr) -> Text<'static> {
    let value = value.clone();
    drop(error);
    repaired(&value)
}

/// Halves that stand side by side make a whole character, as in JSON text; the others become U+FFFD.
fn repaired(value: &Bound<'_, PyString>) -> Text<'static> {
    let units = utf16(value).unwrap_or_default();
    let mut repaired = false;
    let text = char::decode_utf16(units)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                repaired = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect::<String>();
    Text {
        text: Cow::Owned(text),
        repaired,
    }
}

/// JSON text as bytes. Half surrogate pairs, which UTF-8 cannot hold, become the escapes they stand for in JSON.
pub(crate) fn json(value: &Bound<'_, PyString>) -> Vec<u8> {
    if let Ok(text) = value.to_str() {
        return text.as_bytes().to_vec();
    }
    let mut json = String::new();
    for unit in char::decode_utf16(utf16(value).unwrap_or_default()) {
        match unit {
            Ok(character) => json.push(character),
            Err(half) => json.push_str(&format!("\\u{:04x}", half.unpaired_surrogate())),
        }
    }
    json.into_bytes()
}

fn utf16(value: &Bound<'_, PyString>) -> PyResult<Vec<u16>> {
    // SAFETY: the pointer is a live str, the words are NUL-terminated, and the call returns a new reference or null with an error set.
    let encoded = unsafe {
        let encoded = ffi::PyUnicode_AsEncodedString(value.as_ptr(), c"utf-16-le".as_ptr(), c"surrogatepass".as_ptr());
        Bound::from_owned_ptr_or_err(value.py(), encoded)?
    };
    let bytes = encoded.cast_into::<PyBytes>()?;
    let units = bytes.as_bytes().chunks_exact(2);
    Ok(units
        .map(|unit| u16::from_le_bytes([unit.first().copied().unwrap_or(0), unit.last().copied().unwrap_or(0)]))
        .collect())
}

/// Text as Python writes it in programs: `'it'`.
pub(crate) fn quoted(py: Python<'_>, text: &str) -> PyResult<String> {
    Ok(PyString::new(py, text).repr()?.to_string())
}

/// A uuid made of a key of yours, always the same for the same key, so that an import that is run again does not duplicate its events:
/// as long as each event's timestamp, name and distinct id are the same again too.
///
/// >>> hogwire.uuid_from("order-1234-paid") == hogwire.uuid_from("order-1234-paid")
/// True
#[pyfunction]
pub(crate) fn uuid_from(key: &Bound<'_, PyAny>) -> PyResult<String> {
    let key = misuse::text_of("key", "text", key)?;
    Ok(hogwire::uuid_from(&key.text).to_string())
}
