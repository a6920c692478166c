//! v0: `POST {host}/batch/`, which every server version has (protocol.md §1). One event is a batch of one.

use serde_json::{Map, Value};

use super::{Batch, Body, write_events};
use crate::config::Config;
use crate::finding::{Warning, WarningCode};
use crate::outcome::{Delivery, ErrorCode, Outcome};
use crate::properties::write_json_text;

pub(super) const PATH: &str = "/batch/";

pub(super) fn headers(config: &Config) -> Vec<(String, String)> {
    vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("User-Agent".to_owned(), config.user_agent.clone()),
    ]
}

pub(super) fn write(config: &Config, batch: &Batch<'_>, body: &mut Body<'_>) {
    body.plain.extend_from_slice(b"{\"api_key\":");
    write_json_text(&mut body.plain, config.api_key.reveal());
    body.plain.extend_from_slice(b",\"batch\":[");
    write_events(body, batch);
    body.plain.extend_from_slice(b"],\"sent_at\":");
    write_json_text(&mut body.plain, &batch.now.to_string());
    if config.historical_migration {
        body.plain.extend_from_slice(b",\"historical_migration\":true");
    }
    body.plain.push(b'}');
}

/// Reads a 2xx: over quota, accepted, or something no v0 server says.
pub(super) fn judge_success(outcome: &mut Outcome, data: &Map<String, Value>) {
    if !judge_quota(outcome, data) && !data.contains_key("status") {
        unexpected_answer(outcome);
    }
}

/// Whether a success says that the project is over its quota of events; the outcome then says so too.
pub(super) fn judge_quota(outcome: &mut Outcome, data: &Map<String, Value>) -> bool {
    let limited = data.get("quota_limited").and_then(Value::as_array);
    let is_over = limited.is_some_and(|limited| limited.iter().any(|resource| resource == "events"));
    if is_over {
        outcome.status_code = 429;
        outcome.error_code = ErrorCode::QuotaExceeded;
        outcome.delivery = Delivery::Dropped;
    }
    is_over
}

/// A success that is not PostHog's, on any protocol.
pub(super) fn unexpected_answer(outcome: &mut Outcome) {
    outcome.delivery = Delivery::Unknown;
    let message = "the server answered with a success status, but not as PostHog does; check the host.";
    outcome
        .warnings
        .push(Warning::new(WarningCode::UnexpectedAnswer, "Data", message));
}
