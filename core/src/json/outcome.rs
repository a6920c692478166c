//! Outcomes and receipts out of the JSON they were written as, for languages that keep them as text: a pickle is one.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::client::Receipt;
use crate::finding::{Finding, FindingCode, WarningCode};
use crate::outcome::{Delivery, ErrorCode, Outcome};

impl Outcome {
    /// Reads what [`to_json`](Self::to_json) wrote. For bindings whose outcomes outlive the process.
    ///
    /// # Errors
    /// A sentence about text that is no outcome's.
    #[doc(hidden)]
    pub fn from_json(json: &str) -> Result<Self, String> {
        outcome(&object(json)?).ok_or_else(|| "not the text of an outcome".to_owned())
    }
}

impl Receipt {
    /// Reads what [`to_json`](Self::to_json) wrote. For bindings whose receipts outlive the process.
    ///
    /// # Errors
    /// A sentence about text that is no receipt's.
    #[doc(hidden)]
    pub fn from_json(json: &str) -> Result<Self, String> {
        receipt(&object(json)?).ok_or_else(|| "not the text of a receipt".to_owned())
    }
}

fn object(json: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn outcome(object: &Map<String, Value>) -> Option<Outcome> {
    let number = |key: &str| object.get(key)?.as_i64();
    Some(Outcome {
        data: object.get("Data")?.as_object()?.clone(),
        original_status_code: number("OriginalStatusCode")?.try_into().ok()?,
        status_code: number("StatusCode")?.try_into().ok()?,
        error_message: text(object, "ErrorMessage")?.to_owned(),
        error_code: ErrorCode::from_word(text(object, "ErrorCode")?)?,
        delivery: Delivery::from_word(text(object, "Delivery")?)?,
        retryable: object.get("Retryable")?.as_bool()?,
        retry_after: object.get("RetryAfterMs")?.as_u64().map(Duration::from_millis),
        attempts: number("Attempts")?.try_into().ok()?,
        event_uuid: text(object, "EventUuid").and_then(|uuid| uuid.parse().ok()),
        findings: findings(object.get("Findings")?, FindingCode::from_word)?,
        warnings: findings(object.get("Warnings")?, WarningCode::from_word)?,
    })
}

fn receipt(object: &Map<String, Value>) -> Option<Receipt> {
    Some(Receipt {
        event_uuid: text(object, "EventUuid").and_then(|uuid| uuid.parse().ok()),
        queued: object.get("Queued")?.as_bool()?,
        error_code: ErrorCode::from_word(text(object, "ErrorCode")?)?,
        error_message: text(object, "ErrorMessage")?.to_owned(),
        findings: findings(object.get("Findings")?, FindingCode::from_word)?,
        warnings: findings(object.get("Warnings")?, WarningCode::from_word)?,
    })
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// The findings or warnings of a list; `None` when it is none of theirs.
pub(super) fn findings<Code>(list: &Value, code: impl Fn(&str) -> Option<Code>) -> Option<Vec<Finding<Code>>> {
    let finding = |found: &Value| {
        let found = found.as_object()?;
        Some(Finding::new(
            code(text(found, "Code")?)?,
            text(found, "Parameter")?,
            text(found, "Message")?,
        ))
    };
    list.as_array()?.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Warning;

    fn full() -> Outcome {
        let mut outcome = Outcome::lost(Some(uuid::Uuid::from_u128(7)));
        outcome.data.insert("status".to_owned(), 1.into());
        (outcome.original_status_code, outcome.attempts) = (503, 4);
        (outcome.retryable, outcome.retry_after) = (true, Some(Duration::from_millis(1_877)));
        outcome.findings = vec![Finding::new(FindingCode::TooLong, "EventName", "too \"long\"")];
        outcome.warnings = vec![Warning::new(WarningCode::Trimmed, "DistinctId", "trimmed")];
        outcome
    }

    #[test]
    fn what_was_written_is_read() {
        for outcome in [full(), Outcome::unsent(ErrorCode::Closed, "closed")] {
            assert_eq!(Outcome::from_json(&outcome.to_json()), Ok(outcome.clone()));
            let mut receipt = Receipt::from(outcome);
            for queued in [false, true] {
                receipt.queued = queued;
                assert_eq!(Receipt::from_json(&receipt.to_json()), Ok(receipt.clone()));
            }
        }
    }

    #[test]
    fn what_lacks_anything_is_refused() {
        let whole: Map<String, Value> = serde_json::from_str(&full().to_json()).unwrap();
        for key in whole.keys().filter(|key| *key != "EventUuid") {
            let mut part = whole.clone();
            part.remove(key);
            let refused = Outcome::from_json(&Value::from(part).to_string());
            assert_eq!(refused, Err("not the text of an outcome".to_owned()), "{key}");
        }
        let refused = Receipt::from_json(&full().to_json());
        assert_eq!(refused, Err("not the text of a receipt".to_owned()));
        assert!(Outcome::from_json("{").is_err() && Receipt::from_json("[]").is_err());
    }
}
