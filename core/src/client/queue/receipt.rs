//! Receipt: what is known of an event at once.

use serde::Serialize;
use uuid::Uuid;

use crate::finding::{Finding, Warning};
use crate::outcome::{ErrorCode, Outcome};

/// What became of handing one event to a queue. Serializes in PascalCase: `EventUuid`, `Queued`, ...
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Receipt {
    /// The event's uuid, under which reports and hooks speak of it; `None` when there is no event.
    #[serde(serialize_with = "crate::outcome::hyphenated")]
    pub event_uuid: Option<Uuid>,
    /// Whether it is in the queue.
    pub queued: bool,
    /// What kind of thing went wrong: `ok`, `invalid_input`, `dropped`, `queue_full`, `closed`, `disabled`, `opted_out`, `internal`.
    pub error_code: ErrorCode,
    /// A sentence; empty exactly when `queued`.
    pub error_message: String,
    /// Why the input was refused.
    pub findings: Vec<Finding>,
    /// What was changed or is doubtful.
    pub warnings: Vec<Warning>,
}

impl Receipt {
    pub(super) fn queued(uuid: Uuid, warnings: Vec<Warning>) -> Self {
        Self {
            event_uuid: Some(uuid),
            queued: true,
            error_code: ErrorCode::Ok,
            error_message: String::new(),
            findings: Vec::new(),
            warnings,
        }
    }

    pub(super) fn refused(uuid: Uuid, error_code: ErrorCode, message: &str, warnings: Vec<Warning>) -> Self {
        Self {
            queued: false,
            error_code,
            error_message: message.to_owned(),
            ..Self::queued(uuid, warnings)
        }
    }

    /// The receipt as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists of them always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Outcome> for Receipt {
    fn from(outcome: Outcome) -> Self {
        Self {
            event_uuid: outcome.event_uuid,
            queued: false,
            error_code: outcome.error_code,
            error_message: outcome.error_message,
            findings: outcome.findings,
            warnings: outcome.warnings,
        }
    }
}
