//! Bring your own HTTP: the request out, the answer in. No sockets, no threads.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::{Input, Seen, now_ms as present, random_seed};

use crate::client::operation_named;
use crate::config::hogwire_config;
use crate::outcome::hogwire_outcome;
use crate::pointers::{Place, array, optional, required};
use crate::request::hogwire_request;
use crate::status::{Refusal, guarded, hogwire_status};
use crate::transport::{failure as read_failure, hogwire_header, response};

/**
 * Builds the exact request for an operation, without sending it. With HOGWIRE_OK exactly one of *request and *outcome
 * is set, and the caller frees it: the outcome when nothing is to be sent (refused input, a hook that dropped the event,
 * a disabled configuration).
 *
 * operation and json are as of hogwire_execute(). now_ms (Unix milliseconds) and seed may be NULL: the present, and a
 * random one. The same input, configuration, time and seed give the same bytes. attempt counts from 1; 0 means 1.
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: config, operation, json with a length, request or outcome.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_build(
    config: Option<&hogwire_config>,
    operation: *const c_char,
    json: *const c_char,
    length: usize,
    now_ms: *const i64,
    seed: *const u64,
    attempt: u32,
    request: Option<&mut MaybeUninit<*mut hogwire_request>>,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    guarded(|| {
        let (request, outcome) = (Place::clear(request, "request"), Place::clear(outcome, "outcome"));
        let (request, outcome) = (request?, outcome?);
        let config = required(config, "config")?.parts().config;
        // SAFETY: the header asks for the same.
        let operation = unsafe { operation_named(operation) }?;
        // SAFETY: the header asks for `length` readable bytes.
        let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
        // SAFETY: each is NULL or points to a number.
        let (now_ms, seed) = unsafe { (optional(now_ms), optional(seed)) };
        let input = Input::from_json(operation, json);
        match hogwire::build(
            input,
            &config,
            now_ms.unwrap_or_else(present),
            seed.unwrap_or_else(random_seed),
            attempt,
        ) {
            Ok(built) => request.give(built.into()),
            Err(refused) => outcome.give((*refused).into()),
        }
        Ok(())
    })
}

/**
 * Reads the answer to a request into a new outcome, which the caller frees. Any status and any bytes give an outcome.
 *
 * headers (only Retry-After, Location and Content-Encoding are read) and body may be NULL when there are none. now_ms is
 * needed only for a Retry-After that is a date, and may be NULL: the present.
 *
 * HOGWIRE_NULL_ARGUMENT: request, outcome, headers or body with a length, a header's name or value.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_interpret(
    request: Option<&hogwire_request>,
    status: i32,
    headers: *const hogwire_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
    now_ms: *const i64,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(outcome, "outcome")?;
        // SAFETY: the header asks for the same.
        let seen = unsafe { response(status, headers, header_count, body, body_length) }?;
        // SAFETY: NULL or a number.
        interpret(request, &seen, unsafe { optional(now_ms) }, place)
    })
}

/**
 * Reads a failure to get an answer into a new outcome, which the caller frees. failure is "timeout", "network" or "tls".
 * sent and message are as of hogwire_answer_fail().
 *
 * HOGWIRE_INVALID_ARGUMENT: another word as failure. HOGWIRE_NULL_ARGUMENT: request, failure or outcome.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_interpret_failure(
    request: Option<&hogwire_request>,
    failure: *const c_char,
    sent: i32,
    message: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(outcome, "outcome")?;
        // SAFETY: the header asks for the same.
        let error = unsafe { read_failure(failure, sent, message) }?;
        interpret(request, &Err(error), None, place)
    })
}

fn interpret(
    request: Option<&hogwire_request>,
    seen: &Seen,
    now_ms: Option<i64>,
    outcome: Place<'_, hogwire_outcome>,
) -> Result<(), Refusal> {
    let request = required(request, "request")?;
    let now_ms = now_ms.unwrap_or_else(present);
    outcome.give(hogwire::interpret(&request.request, seen, now_ms).into());
    Ok(())
}
