//! Outcome: what happened to one call, and the status table of all operations (product.md §2).

use std::time::Duration;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::finding::{Finding, Findings, Warning};
use crate::operation::Operation;
use crate::words::words;

words! {
    /// What kind of thing happened; a closed catalogue.
    pub enum ErrorCode {
        /// Nothing went wrong.
        Ok = "ok",
        /// The input was refused; nothing was sent.
        InvalidInput = "invalid_input",
        /// Our own time-out.
        Timeout = "timeout",
        /// No connection, a lost one, or a broken answer.
        Network = "network",
        /// The TLS handshake or certificate failed.
        Tls = "tls",
        /// A 3xx, which is never followed.
        Redirected = "redirected",
        /// 401 or 403: the server does not take this api key.
        Unauthorized = "unauthorized",
        /// 402, or a success that says events are over quota: the event is not kept.
        QuotaExceeded = "quota_exceeded",
        /// 413: the request is larger than the server takes.
        TooLarge = "too_large",
        /// 429: too many requests.
        RateLimited = "rate_limited",
        /// Any other 4xx.
        Rejected = "rejected",
        /// 408, 5xx, or v1's verdict `retry`.
        ServerError = "server_error",
        /// Dropped on purpose: by a `before_send` hook or the server's verdict.
        Dropped = "dropped",
        /// The queue is full.
        QueueFull = "queue_full",
        /// The client or queue is closed.
        Closed = "closed",
        /// The client is disabled.
        Disabled = "disabled",
        /// The client opted out.
        OptedOut = "opted_out",
        /// hogwire or a custom transport is at fault.
        Internal = "internal",
    }
}

words! {
    /// What is known about the event's whereabouts.
    pub enum Delivery {
        /// No byte of it went out.
        NotSent = "not_sent",
        /// It went out; the server may or may not have kept it.
        Unknown = "unknown",
        /// The server accepted it for storage.
        Accepted = "accepted",
        /// The server stored it.
        Stored = "stored",
        /// The server said it does not keep it.
        Dropped = "dropped",
        /// The server refused the request.
        Rejected = "rejected",
    }
}

/// What happened to one call. Serializes in PascalCase: `Data`, `OriginalStatusCode`, `StatusCode`, `ErrorMessage`, ...
///
/// ```
/// use hogwire::{Config, CreateEvent, Response};
/// let config = Config::builder("phc_x").build()?;
/// let request = hogwire::build(CreateEvent::new("user-1", "signed up"), &config, 1_795_420_800_000, 1, 1).unwrap();
///
/// let outcome = hogwire::interpret(&request, &Ok(Response::new(200, r#"{"status":"Ok"}"#)), 1_795_420_800_000);
/// assert!(outcome.is_ok());
/// assert_eq!(outcome.delivery.as_str(), "accepted");
///
/// let outcome = hogwire::interpret(&request, &Ok(Response::new(503, "transient error")), 1_795_420_800_000);
/// assert_eq!((outcome.status_code, outcome.original_status_code), (500, 503));
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Outcome {
    /// The answer when it is a JSON object, `{"raw_content": text}` when it is anything else, `{}` when there is none.
    pub data: Map<String, Value>,
    /// The HTTP status received; 0 when no answer was received.
    pub original_status_code: u16,
    /// 200, -1 for refused input, or by the operation's status table.
    pub status_code: i32,
    /// A sentence; empty exactly when `status_code` is 200.
    pub error_message: String,
    /// What kind of thing happened.
    pub error_code: ErrorCode,
    /// What is known about the event's whereabouts.
    pub delivery: Delivery,
    /// Whether sending the same event again may help.
    pub retryable: bool,
    /// How long the server asks to wait.
    #[serde(rename = "RetryAfterMs", serialize_with = "milliseconds")]
    pub retry_after: Option<Duration>,
    /// Requests made.
    pub attempts: u32,
    /// The event's uuid; `None` when there is no event.
    #[serde(serialize_with = "hyphenated")]
    pub event_uuid: Option<Uuid>,
    /// Why the input was refused.
    pub findings: Vec<Finding>,
    /// What was changed or is doubtful.
    pub warnings: Vec<Warning>,
}

fn milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
        .serialize(serializer)
}

pub(crate) fn hyphenated<S: Serializer>(uuid: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
    uuid.map(|uuid| uuid.to_string()).serialize(serializer)
}

/// The columns of the status table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Success,
    Validation,
    TooMany,
    Timeout,
    /// No connection, TLS, broken answer.
    NoAnswer,
    /// A status from 500.
    Server,
    /// Any other status below 500.
    Other,
    /// A call that never reached the network, or was dropped: 500 for every operation.
    Local,
}

/// The status table (product.md §2): the `StatusCode` of an operation. `original` is the status received.
pub(crate) fn status_code(operation: Operation, column: Column, original: u16) -> i32 {
    match (column, operation) {
        (Column::Success, _) => 200,
        (Column::Validation, _) => -1,
        (Column::TooMany, _) => 429,
        (Column::Timeout, Operation::Page) => 504,
        (Column::Server, Operation::Identity) | (Column::Other, Operation::Identity | Operation::Page) => {
            original.into()
        }
        (Column::Timeout | Column::NoAnswer | Column::Server | Column::Other | Column::Local, _) => 500,
    }
}

impl Outcome {
    /// Whether `status_code` is 200.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status_code == 200
    }

    /// The outcome as JSON text in PascalCase.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every part is text, numbers and string-keyed maps, which always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// An outcome without an answer, for an event that may exist.
    pub(crate) fn local(
        error_code: ErrorCode,
        status_code: i32,
        message: impl Into<String>,
        findings: Findings,
    ) -> Self {
        let found = findings.into_found();
        Self {
            data: Map::new(),
            original_status_code: 0,
            status_code,
            error_message: message.into(),
            error_code,
            delivery: Delivery::NotSent,
            retryable: false,
            retry_after: None,
            attempts: 0,
            event_uuid: None,
            findings: found.refusals,
            warnings: found.warnings,
        }
    }

    /// The input was refused; the message is made of the findings.
    pub(crate) fn refused(operation: Operation, findings: Findings) -> Self {
        let mut message = String::new();
        for finding in findings.refusals() {
            // One that ends with a caller's own words may have no full stop.
            message.push_str(match message.chars().last() {
                None => "",
                Some('.' | '?' | '!') => " ",
                Some(_) => ". ",
            });
            message.push_str(&finding.message);
        }
        match findings.more() {
            0 => {}
            1 => message.push_str(" And 1 more finding."),
            more => message.push_str(&format!(" And {more} more findings.")),
        }
        let code = status_code(operation, Column::Validation, 0);
        Self::local(ErrorCode::InvalidInput, code, message, findings)
    }

    /// Nothing was tried: the client is closed, disabled, opted out, or at fault.
    #[must_use]
    pub fn unsent(error_code: ErrorCode, message: impl Into<String>) -> Self {
        Self::local(error_code, 500, message, Findings::default())
    }

    /// The outcome of an event whose call panicked. Bindings answer with it when a call would end without any other answer.
    #[doc(hidden)]
    #[must_use]
    pub fn lost(event_uuid: Option<Uuid>) -> Self {
        let message = "a thread of hogwire panicked; what became of the event is unknown";
        let mut outcome = Self::unsent(ErrorCode::Internal, message);
        outcome.delivery = Delivery::Unknown;
        outcome.event_uuid = event_uuid;
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FindingCode;
    use crate::http::{Failure, TransportError};
    use crate::{Config, TrackPage};

    #[test]
    fn a_transport_at_fault_is_no_status_of_anybody() {
        let config = Config::builder("phc_x").build().unwrap();
        let request = crate::build(TrackPage::new("user-1", "https://shop.example"), &config, 0, 1, 1).unwrap();
        let outcome = crate::interpret(&request, &Err(TransportError::new(Failure::Internal)), 0);
        assert_eq!((outcome.status_code, outcome.original_status_code), (500, 0));
        assert_eq!(
            (outcome.error_code, outcome.delivery),
            (ErrorCode::Internal, Delivery::Unknown)
        );
    }

    #[test]
    fn a_delay_is_told_to_the_millisecond() {
        let mut outcome = Outcome::unsent(ErrorCode::Closed, "closed");
        outcome.retry_after = Some(Duration::from_millis(1_877));
        assert!(outcome.to_json().contains("\"RetryAfterMs\":1877"));
    }

    #[test]
    fn sentences_of_a_message_end_before_the_next_begins() {
        let mut findings = Findings::default();
        for message in [
            "Name: the value could not be read: no luck",
            "Did you mean Name?",
            "No.",
        ] {
            findings.refuse(FindingCode::UnreadableValue, "Name", message);
        }
        let message = Outcome::refused(Operation::Event, findings).error_message;
        assert_eq!(
            message,
            "Name: the value could not be read: no luck. Did you mean Name? No."
        );
    }

    #[test]
    fn findings_that_are_not_kept_are_counted_in_the_message() {
        for (number, end) in [
            (100, " No. No."),
            (101, " No. And 1 more finding."),
            (250, " No. And 150 more findings."),
        ] {
            let mut findings = Findings::default();
            for _ in 0..number {
                findings.refuse(FindingCode::InvalidType, "Properties", "No.");
            }
            let message = Outcome::refused(Operation::Event, findings).error_message;
            assert!(message.ends_with(end), "{number}: {message}");
        }
    }
}
