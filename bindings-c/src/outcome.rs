//! The answer, field by field, for programs that have no JSON parser.

use std::ffi::c_char;

use hogwire::Outcome;

use crate::finding::Findings;
use crate::status::{guarded_drop, read};
use crate::text::{NOTHING, Text};

/**
 * What happened to one call. Never changes; any number of threads may read it at a time.
 */
pub struct hogwire_outcome {
    outcome: Outcome,
    error_message: Text,
    error_code: Text,
    delivery: Text,
    event_uuid: Text,
    data: Text,
    json: Text,
    findings: Findings,
    warnings: Findings,
}

impl From<Outcome> for hogwire_outcome {
    fn from(outcome: Outcome) -> Self {
        Self {
            findings: Findings::of(&outcome.findings),
            warnings: Findings::of(&outcome.warnings),
            error_message: Text::default(),
            error_code: Text::default(),
            delivery: Text::default(),
            event_uuid: Text::default(),
            data: Text::default(),
            json: Text::default(),
            outcome,
        }
    }
}

/**
 * Frees an outcome and every text read from it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_free(outcome: Option<Box<hogwire_outcome>>) {
    guarded_drop(outcome);
}

/**
 * Whether the status code is 200. NULL: false.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_ok(outcome: Option<&hogwire_outcome>) -> bool {
    read(outcome, false, |outcome| outcome.outcome.is_ok())
}

/**
 * 200, -1 for refused input, or by the operation's status table. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_status_code(outcome: Option<&hogwire_outcome>) -> i32 {
    read(outcome, 0, |outcome| outcome.outcome.status_code)
}

/**
 * The HTTP status received; 0 when no answer was received, or one whose number is beyond any status. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_original_status_code(outcome: Option<&hogwire_outcome>) -> i32 {
    read(outcome, 0, |outcome| outcome.outcome.original_status_code.into())
}

/**
 * A sentence; empty exactly when the status code is 200. A NUL in it is replaced by U+FFFD.
 * Borrowed from the outcome. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_error_message(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, NOTHING, |outcome| {
        outcome.error_message.get(|| outcome.outcome.error_message.clone())
    })
}

/**
 * The parsed answer as JSON text: the server's object, {"raw_content": "..."} for any other answer, {} for none.
 * Borrowed from the outcome. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_data_json(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, NOTHING, |outcome| {
        outcome
            .data
            .get(|| serde_json::to_string(&outcome.outcome.data).unwrap_or_default())
    })
}

/**
 * What kind of thing happened, one of: ok, invalid_input, timeout, network, tls, redirected, unauthorized,
 * quota_exceeded, too_large, rate_limited, rejected, server_error, dropped, queue_full, closed, disabled, opted_out,
 * internal. Borrowed from the outcome. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_error_code(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, NOTHING, |outcome| {
        outcome.error_code.get(|| outcome.outcome.error_code.to_string())
    })
}

/**
 * What is known about the event's whereabouts, one of: not_sent, unknown, accepted, stored, dropped, rejected.
 * Borrowed from the outcome. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_delivery(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, NOTHING, |outcome| {
        outcome.delivery.get(|| outcome.outcome.delivery.to_string())
    })
}

/**
 * Whether sending the same event again may help. NULL: false.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_retryable(outcome: Option<&hogwire_outcome>) -> bool {
    read(outcome, false, |outcome| outcome.outcome.retryable)
}

/**
 * How long the server asks to wait, in milliseconds; -1 without a hint. NULL: -1.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_retry_after_ms(outcome: Option<&hogwire_outcome>) -> i64 {
    read(outcome, -1, |outcome| match outcome.outcome.retry_after {
        Some(delay) => i64::try_from(delay.as_millis()).unwrap_or(i64::MAX),
        None => -1,
    })
}

/**
 * The number of requests made. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_attempts(outcome: Option<&hogwire_outcome>) -> u32 {
    read(outcome, 0, |outcome| outcome.outcome.attempts)
}

/**
 * The event's uuid, lower-case with hyphens; NULL when there is no event.
 * Borrowed from the outcome. NULL: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_event_uuid(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| match outcome.outcome.event_uuid {
        Some(uuid) => outcome.event_uuid.get(|| uuid.to_string()),
        None => std::ptr::null(),
    })
}

/**
 * The whole outcome as a JSON object in PascalCase: Data, OriginalStatusCode, StatusCode, ErrorMessage,
 * ErrorCode, Delivery, Retryable, RetryAfterMs, Attempts, EventUuid, Findings, Warnings.
 * Borrowed from the outcome. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_json(outcome: Option<&hogwire_outcome>) -> *const c_char {
    read(outcome, NOTHING, |outcome| {
        outcome.json.get(|| outcome.outcome.to_json())
    })
}

/**
 * How many findings there are: why the input was refused. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_finding_count(outcome: Option<&hogwire_outcome>) -> usize {
    read(outcome, 0, |outcome| outcome.findings.count())
}

/**
 * A finding's code, for example "required"; hogwire_catalogue_json() lists them all.
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_finding_code(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.findings.code(index))
}

/**
 * The parameter a finding is about in PascalCase, for example "DistinctId" or "Properties.plan".
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_finding_parameter(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.findings.parameter(index))
}

/**
 * A finding's sentence, with the limit and the fix.
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_finding_message(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.findings.message(index))
}

/**
 * How many warnings there are: what was changed or is doubtful although the call went on. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_warning_count(outcome: Option<&hogwire_outcome>) -> usize {
    read(outcome, 0, |outcome| outcome.warnings.count())
}

/**
 * A warning's code, for example "trimmed"; hogwire_catalogue_json() lists them all.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_warning_code(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.warnings.code(index))
}

/**
 * The parameter a warning is about in PascalCase.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_warning_parameter(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.warnings.parameter(index))
}

/**
 * A warning's sentence.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcome_warning_message(outcome: Option<&hogwire_outcome>, index: usize) -> *const c_char {
    read(outcome, std::ptr::null(), |outcome| outcome.warnings.message(index))
}
