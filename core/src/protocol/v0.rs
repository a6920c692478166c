//! v0: `POST {host}/batch/`, which every server version has (protocol.md §1). One event is a batch of one.

use serde_json::{Map, Value};

use super::{Batch, Body, answer, write_events};
use crate::config::Config;
use crate::json::write::write_json_text;
use crate::outcome::Outcome;

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
    if !answer::judge_quota(outcome, data) && !data.contains_key("status") {
        answer::unexpected_answer(outcome);
    }
}
