//! Bring your own HTTP: requests as Python sees them, `build` and `interpret`.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use hogwire::{Failure, TransportError, shortened, without_keys};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyTuple};

use crate::guard;
use crate::input::{Held, operation};
use crate::json::{self, Unfit};
use crate::kind::described;
use crate::misuse::{integer, text_of, wrong_type};
use crate::options::{Options, Use};
use crate::outcome::Outcome;
use crate::text::quoted;
use crate::{finding, transport};

/// An exact request, and what `interpret` needs to read its answer. Frozen; true in a condition, unlike a refusal's `Outcome`.
#[pyclass(frozen, eq, module = "hogwire")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request(hogwire::Request);

impl From<hogwire::Request> for Request {
    fn from(request: hogwire::Request) -> Self {
        Self(request)
    }
}

#[pymethods]
impl Request {
    /// Always `POST`.
    #[getter]
    fn method(&self) -> &str {
        &self.0.method
    }

    /// The whole URL.
    #[getter]
    fn url(&self) -> &str {
        &self.0.url
    }

    /// Header names and values, in the order to send them; `dict(request.headers)` fits most HTTP clients. With v1, `Authorization` is
    /// among them, with the api key in full.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.headers)
    }

    /// The body's bytes, compressed when a header says so. With v0 it holds the api key in full.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.body)
    }

    /// Which operation it carries, a key of `hogwire.OPERATIONS`.
    #[getter]
    fn operation(&self) -> &'static str {
        self.0.operation.as_str()
    }

    /// Which protocol it speaks.
    #[getter]
    fn protocol(&self) -> &'static str {
        self.0.protocol.as_str()
    }

    /// The event's uuid; stays the same over attempts.
    #[getter]
    fn event_uuid(&self) -> String {
        self.0.event_uuid.to_string()
    }

    /// The event's timestamp (RFC 3339, UTC); stays the same over attempts.
    #[getter]
    fn timestamp(&self) -> String {
        self.0.timestamp.to_string()
    }

    /// Which attempt it is, from 1.
    #[getter]
    fn attempt(&self) -> u32 {
        self.0.attempt
    }

    /// What was changed or is doubtful about the input; carried into the outcome.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        finding::tuple(py, &self.0.warnings, |code| code.as_str())
    }

    /// Always true: tells a request from the outcome of a refusal.
    #[getter]
    fn ok(&self) -> bool {
        true
    }

    /// The request as a `curl` command, uncompressed and with the api key redacted: to look at, not to run as it is.
    fn to_curl(&self) -> PyResult<String> {
        guard::function(|| Ok(self.0.to_curl()))
    }

    /// The request in PascalCase, as `from_dict` takes it. Holds the api key in full: in `Body` or `BodyBase64` with v0,
    /// among `Headers` with v1. So does a pickle.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::read_to_python(py, serde_json::from_str(&self.0.to_json()))
    }

    /// The request that `to_dict` made this of. Raises `ValueError` for anything else.
    #[staticmethod]
    fn from_dict(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        guard::function(|| match json::from_python(value) {
            Ok(read) if !read.is_object() => Err(PyValueError::new_err(format!(
                "not a request: value must be a mapping, as to_dict gives it, not {}",
                described(value)
            ))),
            Ok(value) => hogwire::Request::from_json(&value.to_string())
                .map(Self)
                .map_err(PyValueError::new_err),
            Err(Unfit::Because(words)) => Err(PyValueError::new_err(format!("not a request: {words}"))),
            Err(Unfit::Raised(order)) => Err(order),
        })
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let [method, url] = [&self.0.method, &self.0.url].map(|text| quoted(py, text));
        let (method, url) = (method?, url?);
        Ok(format!(
            "Request(method={method}, url={url}, operation='{}', event_uuid='{}', attempt={})",
            self.0.operation, self.0.event_uuid, self.0.attempt
        ))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.event_uuid, self.0.attempt).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let restore = py.get_type::<Self>().getattr("from_dict")?;
        Ok((restore, (self.to_dict(py)?,)))
    }
}

/// Builds the exact request for an operation, without sending it.
///
/// `input` is a mapping in PascalCase or its JSON text; the options are those of `Client`. The same input, options,
/// `now_ms` (Unix milliseconds) and `seed` give the same bytes; both are supplied when left out. Gives the `Outcome` that says why,
/// when nothing is to be sent: `invalid_input`, `dropped` (by a `before_send` function) or `disabled`.
///
/// Raises `ConfigError` for a wrong option and `ValueError` for an unknown operation.
#[pyfunction]
#[pyo3(
    signature = (operation, input, *, api_key, now_ms=None, seed=None, attempt=None, **options),
    text_signature = "(operation, input, *, api_key, now_ms=None, seed=None, attempt=1, host=None, timeout=10.0, connect_timeout=5.0, max_retries=2, max_connections=32, protocol='v0', compression=None, nested_properties=False, geoip_disable=True, is_server=True, properties=None, headers=None, app_info=None, before_send=None, disabled=False, historical_migration=False, proxy=None, ca_file=None, client_cert=None)"
)]
#[allow(clippy::too_many_arguments, reason = "one for each of the function's keywords")]
pub(crate) fn build<'py>(
    py: Python<'py>,
    operation: &Bound<'py, PyAny>,
    input: &Bound<'py, PyAny>,
    api_key: &Bound<'py, PyAny>,
    now_ms: Option<&Bound<'py, PyAny>>,
    seed: Option<&Bound<'py, PyAny>>,
    attempt: Option<&Bound<'py, PyAny>>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let operation = self::operation(operation)?;
    let now_ms = self::now_ms(now_ms)?;
    let seed = integer("seed", "an int from 0 to 18446744073709551615", 0, seed)?.unwrap_or_else(hogwire::random_seed);
    let attempt = integer("attempt", "an int from 1 to 4294967295", 1, attempt)?.unwrap_or(1);
    let config = guard::function(|| Options::read(api_key, options, Use::Build)?.config(false))?;
    let mut request = None;
    let outcome = guard::operation(|| {
        let held = Held::of(input)?;
        let input = held.input(operation)?;
        py.detach(|| match hogwire::build(input, &config, now_ms, seed, attempt) {
            Ok(built) => {
                request = Some(built);
                Ok(hogwire::Outcome::unsent(hogwire::ErrorCode::Ok, ""))
            }
            Err(outcome) => Ok(*outcome),
        })
    })?;
    match request {
        Some(request) => Ok(Bound::new(py, Request(request))?.into_any()),
        None => Ok(Bound::new(py, Outcome::from(outcome))?.into_any()),
    }
}

/// Reads what came of a request: an answer (`status`, `headers`, `body`) or a `failure` (`timeout`, `network` or `tls`; `sent` says
/// whether any byte went out, if that is known).
///
/// Any status, headers and body give an outcome. `now_ms` is only needed to understand a Retry-After that is a date.
#[pyfunction]
#[pyo3(signature = (request, *, status=None, headers=None, body=None, failure=None, sent=None, now_ms=None))]
#[allow(clippy::too_many_arguments, reason = "one for each of the function's keywords")]
pub(crate) fn interpret(
    py: Python<'_>,
    request: &Bound<'_, PyAny>,
    status: Option<&Bound<'_, PyAny>>,
    headers: Option<&Bound<'_, PyAny>>,
    body: Option<&Bound<'_, PyAny>>,
    failure: Option<&Bound<'_, PyAny>>,
    sent: Option<&Bound<'_, PyAny>>,
    now_ms: Option<&Bound<'_, PyAny>>,
) -> PyResult<Outcome> {
    let request = self::request(request)?;
    let none = py.None().into_bound(py);
    let seen = match (status, failure) {
        (Some(status), None) => transport::read(status, headers.unwrap_or(&none), body.unwrap_or(&none))?,
        (None, Some(failure)) => Err(transport_error(failure, sent)?),
        _ => {
            return Err(PyTypeError::new_err(
                "interpret() takes either status (with headers and body) or failure",
            ));
        }
    };
    let now_ms = self::now_ms(now_ms)?;
    guard::operation(|| Ok(hogwire::interpret(&request.get().0, &seen, now_ms))).map(Outcome::from)
}

/// The events a request carries, decoded: for `hogwire.testing`.
#[pyfunction(name = "_events_of")]
pub(crate) fn events_of<'py>(py: Python<'py>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    json::to_python(
        py,
        &hogwire::testing::events_of(&self::request(request)?.get().0).into(),
    )
}

/// The body PostHog answers to a request when all is well: for `hogwire.testing`.
#[pyfunction(name = "_success_body")]
pub(crate) fn success_body<'py>(py: Python<'py>, request: &Bound<'py, Request>) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &hogwire::testing::success(&request.get().0).body)
}

fn request<'a, 'py>(value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, Request>> {
    value
        .cast()
        .map_err(|_| wrong_type("request", "a Request, as build gives it", value))
}

/// The given time, or now.
fn now_ms(given: Option<&Bound<'_, PyAny>>) -> PyResult<i64> {
    let wanted = "an int of 64 bits, Unix milliseconds";
    Ok(integer("now_ms", wanted, i64::MIN.into(), given)?.unwrap_or_else(hogwire::now_ms))
}

fn transport_error(failure: &Bound<'_, PyAny>, sent: Option<&Bound<'_, PyAny>>) -> PyResult<TransportError> {
    let known: Vec<_> = Failure::FOR_CALLERS.iter().map(|failure| failure.as_str()).collect();
    let words = known.join(", ");
    let word = text_of("failure", &format!("text, one of {words}"), failure)?.text;
    let Some(known) = Failure::from_word(&word).filter(|known| Failure::FOR_CALLERS.contains(known)) else {
        let shown = quoted(failure.py(), &shortened(&without_keys(&word)))?;
        let problem = format!("unknown failure {shown}; use one of {words}");
        return Err(PyValueError::new_err(problem));
    };
    let error = TransportError::new(known);
    let Some(sent) = sent else {
        return Ok(error);
    };
    match sent.cast::<PyBool>() {
        Ok(sent) => Ok(error.with_sent(sent.is_true())),
        Err(_) => Err(wrong_type("sent", "True, False or None", sent)),
    }
}
