//! What holds for every outcome: its exact keys, an empty message exactly at 200, the shape of a refusal.

use serde_json::{Value, json};

use super::notes;
use crate::vector::{OutcomeExpected, Refused};

/// The pattern for an outcome of a request that was made.
pub(super) fn pattern(expected: &OutcomeExpected, attempt: u32) -> Value {
    let message = match &expected.error_message {
        Some(pattern) => pattern.clone(),
        None if expected.status_code == 200 => json!(""),
        None => json!({"$match": "text"}),
    };
    json!({
        "Data": expected.data,
        "OriginalStatusCode": expected.original_status_code,
        "StatusCode": expected.status_code,
        "ErrorMessage": message,
        "ErrorCode": expected.error_code,
        "Delivery": expected.delivery,
        "Retryable": expected.retryable,
        "RetryAfterMs": expected.retry_after_ms,
        "Attempts": expected.attempts.clone().unwrap_or_else(|| attempt.into()),
        "EventUuid": expected.event_uuid,
        "Findings": [],
        "Warnings": notes(&expected.warnings),
    })
}

/// The pattern for an outcome of an input that was refused: the same for every operation.
pub(super) fn refusal(refused: &Refused) -> Value {
    json!({
        "Data": {},
        "OriginalStatusCode": 0,
        "StatusCode": -1,
        "ErrorMessage": {"$match": "text"},
        "ErrorCode": "invalid_input",
        "Delivery": "not_sent",
        "Retryable": false,
        "RetryAfterMs": null,
        "Attempts": 0,
        "EventUuid": null,
        "Findings": notes(&refused.findings),
        "Warnings": notes(&refused.warnings),
    })
}
