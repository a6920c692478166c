//! Bring your own HTTP: the request out, the answer in. No sockets, no threads.

use hogwire::binding::{shortened, without_keys};
use hogwire::{Failure, TransportError};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict};

use crate::input::{Held, operation};
use crate::misuse::{integer, text_of, wrong_type};
use crate::options::{Options, Use};
use crate::outcome::Outcome;
use crate::request::{Request, request};
use crate::text::quoted;
use crate::{guard, transport};

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
    let build = || {
        let held = Held::of(input)?;
        let input = held.input(operation)?;
        Ok(py.detach(|| hogwire::build(input, &config, now_ms, seed, attempt)))
    };
    match guard::operations(build, |outcome| Ok(Err(Box::new(outcome))))? {
        Ok(request) => Ok(Bound::new(py, Request::from(request))?.into_any()),
        Err(outcome) => Ok(Bound::new(py, Outcome::from(*outcome))?.into_any()),
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
    guard::operation(|| Ok(hogwire::interpret(request.get().core(), &seen, now_ms))).map(Outcome::from)
}

/// The given time, or now.
fn now_ms(given: Option<&Bound<'_, PyAny>>) -> PyResult<i64> {
    let wanted = "an int of 64 bits, Unix milliseconds";
    Ok(integer("now_ms", wanted, i64::MIN.into(), given)?.unwrap_or_else(hogwire::now_ms))
}

/// The failure that `interpret` is given by name.
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
