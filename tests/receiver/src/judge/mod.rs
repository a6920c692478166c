//! The rules of the recorded server, as a pure function from a request to an answer and the events kept. The order of the checks is part of the
//! rules: route, method, query string, body size, decoding, parsing, token, emptiness, quota, then the events one by one.

mod client_address;
mod decode;
mod event;
mod query;
mod raw;
mod refusal;
mod text;
mod v1;

use crate::http::{Answer, Body, Head, find_header};
use crate::settings::Settings;
use crate::store::StoredEvent;
use refusal::Refusal;
use serde_json::Value;
use std::net::IpAddr;

pub(crate) use decode::readable_text;

/// What the recorded server says of itself: with its print sink, one of its components never reports.
const LIVENESS: &str = "HealthStatus { healthy: false, components: {\"print_sink\": Unhealthy} }";

/// An answer and what was kept.
pub(crate) struct Verdict {
    pub(crate) answer: Answer,
    pub(crate) stored: Vec<StoredEvent>,
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            stored: Vec::new(),
        }
    }
}

/// A request to be judged.
pub(crate) struct Case<'a> {
    pub(crate) head: &'a Head,
    pub(crate) body: &'a Body,
    pub(crate) peer: IpAddr,
    /// Scripted v1 verdicts by position in the batch.
    pub(crate) results: &'a [Value],
}

/// The answer to an accepted v0 request.
pub(crate) fn accepted() -> Answer {
    Answer::json(200, "{\"status\":\"Ok\"}")
}

/// Judges one request.
pub(crate) fn judge(settings: &Settings, case: &Case<'_>) -> Verdict {
    let mut verdict = route(settings, case);
    share_across_origins(case.head, &mut verdict.answer);
    if case.head.method == "HEAD" {
        verdict
            .answer
            .headers
            .push(("content-length".into(), verdict.answer.body.len().to_string()));
        verdict.answer.body.clear();
    }
    verdict
}

fn route(settings: &Settings, case: &Case<'_>) -> Verdict {
    // The server's cross-origin layer answers every OPTIONS before the routes are looked at.
    if case.head.method == "OPTIONS" {
        return Answer::empty(200).into();
    }
    let method = case.head.method.as_str();
    let reads = matches!(method, "GET" | "HEAD");
    match case
        .head
        .path()
        .strip_prefix(settings.path_prefix.as_str())
        .unwrap_or_default()
    {
        "/" | "/_readiness" | "/_liveness" if !reads => not_allowed("GET,HEAD"),
        "/" | "/_readiness" => Answer::text(200, "capture").into(),
        "/_liveness" => Answer::text(500, LIVENESS).into(),
        "/i/v0/e" | "/i/v0/e/" | "/e" | "/e/" | "/batch" | "/batch/" => match reads || method == "POST" {
            true => v0(settings, case),
            false => not_allowed("POST,GET,HEAD,OPTIONS"),
        },
        v1::PATH if settings.v1 => match method {
            "POST" => v1::judge(settings, case),
            _ => not_allowed("POST,OPTIONS"),
        },
        _ => Answer::empty(404).into(),
    }
}

fn not_allowed(methods: &str) -> Verdict {
    Answer::empty(405).header("allow", methods).into()
}

fn v0(settings: &Settings, case: &Case<'_>) -> Verdict {
    match event::accept(settings, case) {
        Ok(stored) => Verdict {
            answer: accepted(),
            stored,
        },
        Err((refusal, stored)) => Verdict {
            answer: refusal.answer(),
            stored,
        },
    }
}

/// The permissive headers of the server for browsers.
fn share_across_origins(head: &Head, answer: &mut Answer) {
    let mut add = |name: &str, value: &str| answer.headers.push((name.into(), value.into()));
    if let Some(origin) = find_header(&head.headers, "origin") {
        add("access-control-allow-origin", origin);
        add("access-control-allow-credentials", "true");
    }
    if head.method == "OPTIONS" {
        add("access-control-allow-methods", "GET,POST,OPTIONS");
        if let Some(wanted) = head.header("access-control-request-headers") {
            add("access-control-allow-headers", wanted);
        }
    }
}
