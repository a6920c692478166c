//! A transport of the caller's: a function that is handed a request and says what came of it.

use std::ffi::{c_char, c_void};
use std::time::Duration;

use hogwire::binding::{retold, shortened, without_keys};
use hogwire::{Failure, Request, Response, Seen, Transport, TransportError};

use crate::config::UserData;
use crate::pointers::{array, required, required_text, terminated};
use crate::request::hogwire_request;
use crate::status::{Refusal, guarded, hogwire_status};

/**
 * A name and a value, NUL-terminated.
 */
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct hogwire_header {
    /**
     * The name, in any case.
     */
    pub name: *const c_char,
    /**
     * The value.
     */
    pub value: *const c_char,
}

/**
 * For `sent`: it is not known whether a byte of the request went out. A TLS failure is then taken as not sent, every
 * other one as sent.
 */
pub const HOGWIRE_SENT_UNKNOWN: i32 = -1;

/**
 * What a transport saw. It exists only while the transport's function runs.
 */
pub struct hogwire_answer {
    seen: Seen,
}

/**
 * Sends one request and waits for its answer, for at most time_left_ms milliseconds; redirects are not followed. It says
 * what came with exactly one call of hogwire_answer_respond() or hogwire_answer_fail().
 *
 * Runs on the thread of the call or on those of a queue, on several at a time. request and answer are only valid until it
 * returns. It must neither throw nor longjmp out.
 */
pub type hogwire_transport_function = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        request: *const hogwire_request,
        time_left_ms: u64,
        answer: *mut hogwire_answer,
    ),
>;

type TransportFunction = unsafe extern "C" fn(*mut c_void, *const hogwire_request, u64, *mut hogwire_answer);

pub(crate) struct CallbackTransport {
    function: TransportFunction,
    user_data: UserData,
}

impl CallbackTransport {
    pub(crate) fn new(function: TransportFunction, user_data: UserData) -> Self {
        Self { function, user_data }
    }
}

impl Transport for CallbackTransport {
    fn send(&self, request: &Request, time_left: Duration) -> Result<Response, TransportError> {
        let request = hogwire_request::from(request.clone());
        let milliseconds = u64::try_from(time_left.as_millis()).unwrap_or(u64::MAX);
        let mut answer = hogwire_answer {
            seen: Err(nonsense(
                "it returned without an answer; it has to call hogwire_answer_respond() or hogwire_answer_fail()",
            )),
        };
        // SAFETY: the function is the caller's for this user data; both pointers are valid while it runs.
        unsafe {
            (self.function)(
                self.user_data.pointer,
                &raw const request,
                milliseconds,
                &raw mut answer,
            );
        }
        answer.seen
    }
}

fn nonsense(problem: &str) -> TransportError {
    TransportError::new(Failure::Internal).with_message(format!("the transport's function is at fault: {problem}"))
}

/// Reads an answer; a status that cannot be one makes it a broken answer.
///
/// # Safety
/// The pointers are as the header asks of `hogwire_interpret`.
pub(crate) unsafe fn response(
    status: i32,
    headers: *const hogwire_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
) -> Result<Seen, Refusal> {
    // SAFETY: the caller's promise is the same.
    let (headers, body) = unsafe {
        (
            array(headers, header_count, "headers")?,
            array(body, body_length, "body")?,
        )
    };
    let mut seen = Response::of_any_status(status.into(), body);
    for header in headers {
        // SAFETY: the header asks for NUL-terminated texts.
        let (name, value) = unsafe { (terminated(header.name), terminated(header.value)) };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (name, value) = (
            text(required(name, "a header's name")?),
            text(required(value, "a header's value")?),
        );
        seen = seen.map(|response| response.with_header(name, value));
    }
    Ok(seen)
}

/// Reads a failure.
///
/// # Safety
/// `failure` and `message` are NULL or NUL-terminated.
pub(crate) unsafe fn failure(
    failure: *const c_char,
    sent: i32,
    message: *const c_char,
) -> Result<TransportError, Refusal> {
    // SAFETY: the caller's promise is the same.
    let (word, message) = unsafe { (required_text(failure, "failure")?, terminated(message)) };
    let failure = Failure::from_word(word).filter(|failure| Failure::FOR_CALLERS.contains(failure));
    let failure = failure.ok_or_else(|| unknown_failure(word))?;
    let mut error = TransportError::new(failure);
    if sent >= 0 {
        error = error.with_sent(sent > 0);
    }
    Ok(match message {
        Some(message) if !message.is_empty() => error.with_message(retold(&String::from_utf8_lossy(message))),
        _ => error,
    })
}

fn unknown_failure(word: &str) -> Refusal {
    let known: Vec<_> = Failure::FOR_CALLERS.iter().map(|failure| failure.as_str()).collect();
    let (shown, known) = (shortened(&without_keys(word)), known.join(", "));
    Refusal::invalid(format!("unknown failure \"{shown}\"; use one of {known}"))
}

impl hogwire_answer {
    /// Keeps what was read; what could not be read makes the whole call an internal failure.
    fn keep(&mut self, seen: Result<Seen, Refusal>) -> Result<(), Refusal> {
        match seen {
            Ok(seen) => self.seen = seen,
            Err(refusal) => {
                self.seen = Err(nonsense(refusal.message()));
                return Err(refusal);
            }
        }
        Ok(())
    }
}

/**
 * Says that an answer came: its HTTP status, its headers (only Retry-After, Location and Content-Encoding are read) and its
 * whole body, decompressed or marked as gzip. All are copied. headers and body may be NULL when there are none.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: the call then ends with the error code "internal".
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_answer_respond(
    answer: Option<&mut hogwire_answer>,
    status: i32,
    headers: *const hogwire_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
) -> hogwire_status {
    guarded(|| {
        let answer = required(answer, "answer")?;
        // SAFETY: the header asks for the same.
        answer.keep(unsafe { response(status, headers, header_count, body, body_length) })
    })
}

/**
 * Says that no complete answer came. failure is "timeout", "network" or "tls". sent says whether a byte of the request
 * went out: 1 yes, 0 no, HOGWIRE_SENT_UNKNOWN. message is a sentence for people, of which the first 1,000 characters are told,
 * or NULL.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: the call then ends with the error code "internal".
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_answer_fail(
    answer: Option<&mut hogwire_answer>,
    failure: *const c_char,
    sent: i32,
    message: *const c_char,
) -> hogwire_status {
    guarded(|| {
        let answer = required(answer, "answer")?;
        // SAFETY: the header asks for the same.
        let error = unsafe { self::failure(failure, sent, message) };
        answer.keep(error.map(Err))
    })
}
