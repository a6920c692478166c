//! Verdicts: what an answer means for the events of a batch, as far as delivery has to know.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::{Protocol, Seen, answer, v1};
use crate::finding::{Warning, WarningCode};
use crate::http::Request;
use crate::outcome::{Delivery, Outcome};
use crate::time::Timestamp;

/// What the server says of one event (protocol.md §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// `ok`, `warning`, or `limited` as older servers say.
    Stored { warning: Option<String> },
    /// Final; the server's own words.
    Dropped { detail: String },
    /// To be sent again.
    Retry,
    /// A word that is not known: accepted, never sent again.
    Unknown { word: String },
}

impl Verdict {
    pub(super) fn read(result: &Value) -> Self {
        let text = |key: &str| result.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let word = text("result").unwrap_or_default();
        let detail = text("details").map(str::to_owned);
        match word {
            "ok" => Self::Stored { warning: detail },
            "warning" | "limited" => Self::Stored {
                warning: Some(detail.unwrap_or_else(|| word.to_owned())),
            },
            "drop" => Self::Dropped {
                detail: detail.unwrap_or_else(|| "it gave no reason".to_owned()),
            },
            "retry" => Self::Retry,
            other => Self::Unknown { word: other.to_owned() },
        }
    }
}

/// What an answer means for a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// All of it was accepted.
    Accepted,
    /// A verdict for each event.
    Verdicts(HashMap<Uuid, Verdict>),
    /// All of it is to be sent again.
    Again,
    /// Refused because of some event in it: to be divided until that one stands alone.
    Divide,
    /// Refused for good.
    Refused,
    /// The server does not know this protocol.
    NoSuchRoute,
}

/// An answer, read.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    /// When to send again, as far as the server says.
    pub(crate) retry_after: Option<Duration>,
    /// The same as an outcome: for messages and for `on_error`.
    pub(crate) outcome: Outcome,
    /// Bytes of the request's body.
    pub(crate) body_bytes: usize,
}

/// Reads what came of a batch. Total, like `interpret`.
pub(crate) fn read_batch(request: &Request, seen: &Seen, now: Timestamp) -> Answered {
    let mut outcome = answer::interpret_whole(request, seen, now);
    let retry_after = match seen {
        Ok(response) => answer::retry_after(response, now),
        Err(_) => None,
    };
    let answer = match seen {
        Err(_) => Answer::Again,
        Ok(response) => match (response.status, request.protocol) {
            (200..=299, Protocol::V1) => match v1::results(&outcome.data) {
                Some(results) => Answer::Verdicts(read_results(results)),
                None => Answer::Accepted,
            },
            (200..=299, _) if outcome.is_ok() => Answer::Accepted,
            (400 | 413, _) => Answer::Divide,
            (404, Protocol::V1) => Answer::NoSuchRoute,
            (429, Protocol::V0) => Answer::Again,
            _ if answer::is_worth_retrying(seen) => Answer::Again,
            _ => Answer::Refused,
        },
    };
    if let Answer::Verdicts(verdicts) = &answer {
        outcome.delivery = Delivery::Stored;
        // The verdicts stand in the report; a thousand of them would only burden whoever listens for errors.
        outcome.data.clear();
        if verdicts.is_empty() {
            let message = "the answer has a verdict on no event";
            let warning = Warning::new(WarningCode::UnexpectedAnswer, "Data", message);
            outcome.warnings.push(warning);
        }
    }
    Answered {
        answer,
        retry_after,
        outcome,
        body_bytes: request.body.len(),
    }
}

fn read_results(results: &serde_json::Map<String, Value>) -> HashMap<Uuid, Verdict> {
    results
        .iter()
        .filter_map(|(uuid, result)| Some((Uuid::try_parse(uuid).ok()?, Verdict::read(result))))
        .collect()
}
