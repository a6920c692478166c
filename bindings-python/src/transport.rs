//! `transport=`: a Python function as the core's transport.
//!
//! It is called with a request and the seconds left, and answers with `(status, headers, body)` or with any object that has a status,
//! headers and a body under the names that urllib, requests and httpx use. An exception that has them is an answer too, as urllib raises
//! it; any other is a failure, told apart by its class.

use std::time::Duration;

use hogwire::{Failure, Response, Seen, Transport, TransportError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::collector::Shared;
use crate::entries::items;
use crate::kind::described;
use crate::misuse::wrong_type;
use crate::request::Request;
use crate::text::text;
use crate::{gate, raised};

const WANTED: &str = "return (status, headers, body), or a response with status, headers and body";

/// Calls a Python function for each request.
pub(crate) struct Callback(pub(crate) Shared);

impl Transport for Callback {
    fn send(&self, request: &hogwire::Request, time_left: Duration) -> Result<Response, TransportError> {
        let seen = gate::attached(|py| {
            let request = Request::from(request.clone());
            match self.0.bind(py).call1((request, time_left.as_secs_f64())) {
                Ok(answer) => response(&answer),
                Err(error) if is_response(error.value(py)) => response(error.value(py)),
                Err(error) => Err(failure(py, error)),
            }
        });
        seen.unwrap_or_else(|| Err(internal("the interpreter is ending").with_sent(false)))
    }
}

fn internal(message: impl Into<String>) -> TransportError {
    TransportError::new(Failure::Internal).with_message(message)
}

fn nonsense(py: Python<'_>, error: PyErr) -> TransportError {
    internal(format!(
        "the transport's answer cannot be read: {}",
        raised::words_or_keep(py, error)
    ))
}

fn response(answer: &Bound<'_, PyAny>) -> Result<Response, TransportError> {
    let py = answer.py();
    let nonsense = |error| nonsense(py, error);
    let (status, headers, body) = match answer.cast::<PyTuple>() {
        Ok(tuple) => tuple.extract().map_err(|_| nonsense(unreadable(answer)))?,
        Err(_) => {
            let [status, headers, body] = parts(answer).map_err(nonsense)?;
            // What comes up here is still the network's.
            let body = if body.is_callable() {
                body.call0().map_err(|error| failure(py, error))?
            } else {
                body
            };
            (status, headers, body)
        }
    };
    read(&status, &headers, &body).map_err(nonsense)?
}

/// Status, headers and body of an answer: `body`, `content` (requests, httpx), or the function `read` (urllib).
fn parts<'py>(answer: &Bound<'py, PyAny>) -> PyResult<[Bound<'py, PyAny>; 3]> {
    const NAMES: [&[&str]; 3] = [&["status", "status_code"], &["headers"], &["body", "content", "read"]];
    let [status, headers, body] = NAMES.map(|names| attribute(answer, names));
    Ok([status?, headers?, body?])
}

/// Whether what was raised is an answer, as urllib's `HTTPError`.
fn is_response(raised: &Bound<'_, PyAny>) -> bool {
    parts(raised).is_ok()
}

/// An answer made of its three parts.
pub(crate) fn read(status: &Bound<'_, PyAny>, headers: &Bound<'_, PyAny>, body: &Bound<'_, PyAny>) -> PyResult<Seen> {
    let status = status.extract().map_err(|_| wrong_type("status", "a number", status))?;
    let (body, headers) = (bytes(body)?, pairs(headers)?);
    let seen = Response::of_any_status(status, body);
    Ok(seen.map(|response| Response { headers, ..response }))
}

fn unreadable(answer: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("it is {}; {WANTED}", described(answer)))
}

fn attribute<'py>(answer: &Bound<'py, PyAny>, names: &[&str]) -> PyResult<Bound<'py, PyAny>> {
    for name in names {
        if let Some(found) = answer.getattr_opt(*name)? {
            return Ok(found);
        }
    }
    Err(unreadable(answer))
}

fn bytes(body: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if body.is_none() {
        return Ok(Vec::new());
    }
    if let Ok(text_body) = body.cast::<PyString>() {
        return Ok(text(text_body).text.into_owned().into_bytes());
    }
    match (body.cast::<PyBytes>(), body.cast::<PyByteArray>()) {
        (Ok(bytes), _) => Ok(bytes.as_bytes().to_vec()),
        (_, Ok(bytes)) => Ok(bytes.to_vec()),
        _ => Err(wrong_type("body", "bytes or text", body)),
    }
}

/// Headers of a mapping, or of an iterable of pairs.
fn pairs(headers: &Bound<'_, PyAny>) -> PyResult<Vec<(String, String)>> {
    if headers.is_none() {
        return Ok(Vec::new());
    }
    let read = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| Ok((header_text(&name)?, header_text(&value)?));
    let is_list = headers.is_instance_of::<PyList>() || headers.is_instance_of::<PyTuple>();
    if headers.is_instance_of::<PyDict>() || (!is_list && headers.hasattr("items")?) {
        return items(headers)?.into_iter().map(read).collect();
    }
    let unpaired = || wrong_type("headers", "a mapping or pairs", headers);
    let pairs = headers.try_iter().map_err(|_| unpaired())?;
    pairs.map(|pair| read(two(&pair?).ok_or_else(unpaired)?)).collect()
}

/// The two things in a tuple or list.
fn two<'py>(pair: &Bound<'py, PyAny>) -> Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    match pair.cast::<PyList>() {
        Ok(list) => list.to_tuple().extract().ok(),
        Err(_) => pair.extract().ok(),
    }
}

fn header_text(part: &Bound<'_, PyAny>) -> PyResult<String> {
    match (part.cast::<PyString>(), part.cast::<PyBytes>()) {
        (Ok(part), _) => Ok(text(part).text.into_owned()),
        (_, Ok(part)) => Ok(String::from_utf8_lossy(part.as_bytes()).into_owned()),
        _ => Err(wrong_type("headers", "text", part)),
    }
}

/// Words in the names of exception classes, most telling first, and what they mean: the failure, and whether nothing was sent yet.
const CLASSES: &[(&str, Failure, bool)] = &[
    ("ConnectTimeout", Failure::Timeout, true),
    ("Timeout", Failure::Timeout, false),
    ("SSL", Failure::Tls, true),
    ("Certificate", Failure::Tls, true),
    ("TLS", Failure::Tls, true),
    ("ConnectionRefused", Failure::Network, true),
    ("gaierror", Failure::Network, true),
    ("ConnectError", Failure::Network, true),
    ("NewConnectionError", Failure::Network, true),
    ("NameResolution", Failure::Network, true),
];

fn failure(py: Python<'_>, error: PyErr) -> TransportError {
    let classes = class_names(py, &error);
    // urllib keeps what really happened in `reason`.
    let reason = error
        .value(py)
        .getattr("reason")
        .ok()
        .filter(|reason| reason.getattr("__traceback__").is_ok());
    let reasons = reason
        .map(|reason| class_names(py, &PyErr::from_value(reason)))
        .unwrap_or_default();
    let known = CLASSES
        .iter()
        .find(|(word, ..)| classes.iter().chain(&reasons).any(|class| class.contains(word)))
        .map(|(_, failure, unsent)| (*failure, *unsent));
    let is_order = raised::is_order(py, &error);
    let words = raised::words_or_keep(py, error);
    if is_order {
        return internal(words);
    }
    let (failure, unsent) = known.unwrap_or((Failure::Network, false));
    TransportError::new(failure)
        .with_sent(!unsent)
        .with_message(format!("the transport raised {words}"))
}

fn class_names(py: Python<'_>, error: &PyErr) -> Vec<String> {
    let classes = error.get_type(py).mro();
    classes
        .iter()
        .filter_map(|class| class.getattr("__name__").ok()?.extract().ok())
        .collect()
}
