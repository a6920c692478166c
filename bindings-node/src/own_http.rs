//! Bring your own HTTP: the request out, the answer in, as functions from text to text. No sockets, no threads.

use hogwire::{Request, Seen};
use napi::Env;
use napi::bindgen_prelude::{BigInt, Error, Result, Uint8Array};
use napi_derive::napi;

use crate::hook::{self, Hook};
use crate::input::{self, Notes};
use crate::options::{self, Code, wrong_option};
use crate::transport::{response, transport_error};

/// Exactly one of the two, as JSON text.
#[napi(object, object_from_js = false)]
pub struct Built {
    /// The request.
    pub request: Option<String>,
    /// Why there is none.
    pub outcome: Option<String>,
}

/// When, with which randomness, and at which attempt a request is built.
#[napi(object, object_to_js = false)]
pub struct Moment {
    /// Unix milliseconds; now when left out.
    pub now_ms: Option<i64>,
    /// Random when left out.
    pub seed: Option<BigInt>,
    /// From 1.
    pub attempt: Option<u32>,
}

/// Builds a request, or says why not.
#[napi(catch_unwind)]
pub fn build(
    env: Env,
    operation: String,
    text: String,
    notes: Notes,
    options: String,
    moment: Moment,
    hook: Option<Hook<'_>>,
) -> Result<Built, Code> {
    let config = options::config(&options, None, hook.is_some()).map_err(|error| wrong_option(&error))?;
    let operation = input::operation(&operation).map_err(|error| Error::new(Code::from(error.status), error.reason))?;
    let _loan = hook::lend(&env, hook.as_ref());
    let now_ms = moment.now_ms.unwrap_or_else(hogwire::now_ms);
    let seed = moment.seed.map_or_else(hogwire::random_seed, |seed| seed.get_u64().1);
    let input = input::read(operation, &text, &notes);
    Ok(
        match hogwire::build(input, &config, now_ms, seed, moment.attempt.unwrap_or(1)) {
            Ok(request) => Built {
                request: Some(request.to_json()),
                outcome: None,
            },
            Err(outcome) => Built {
                request: None,
                outcome: Some(outcome.to_json()),
            },
        },
    )
}

fn request(text: &str) -> Result<Request> {
    Request::from_json(text).map_err(Error::from_reason)
}

fn interpret(text: &str, seen: &Seen, now_ms: Option<i64>) -> Result<String> {
    Ok(hogwire::interpret(&request(text)?, seen, now_ms.unwrap_or_else(hogwire::now_ms)).to_json())
}

/// Reads an answer.
#[napi(catch_unwind)]
pub fn interpret_answer(
    request: String,
    status: u16,
    headers: Vec<String>,
    body: Uint8Array,
    now_ms: Option<i64>,
) -> Result<String> {
    interpret(&request, &Ok(response(status, headers, &body)), now_ms)
}

/// Reads a failure.
#[napi(catch_unwind)]
pub fn interpret_failure(
    request: String,
    failure: String,
    sent: Option<bool>,
    message: Option<String>,
    now_ms: Option<i64>,
) -> Result<String> {
    interpret(&request, &Err(transport_error(&failure, sent, message)), now_ms)
}

/// The request in this JSON text, as JSON text of the core's; an error when it is not one.
#[napi(catch_unwind)]
pub fn check_request(text: String) -> Result<String> {
    Ok(request(&text)?.to_json())
}

/// The request as a shell command.
#[napi(catch_unwind)]
pub fn to_curl(text: String) -> Result<String> {
    Ok(request(&text)?.to_curl())
}

/// The request's body without the api key.
#[napi(catch_unwind)]
pub fn redacted_body(text: String) -> Result<String> {
    Ok(request(&text)?.redacted_body())
}
