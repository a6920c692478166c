//! The receiver's own pages for programs in other languages, on every port it listens on. All answers are JSON.
//!
//! | request | does |
//! |---|---|
//! | `POST /_receiver/script` | appends a [`Step`] or an array of them |
//! | `GET /_receiver/stored` | the events stored |
//! | `GET /_receiver/requests` | the requests seen |
//! | `GET /_receiver/stats` | the counts |
//! | `GET /_receiver/wait?requests=2&stored=2&within_ms=5000` | waits until there are at least so many; `reached` says whether |
//! | `POST /_receiver/reset` | forgets everything but open connections |
//! | `POST /_receiver/stop` | ends the program |

use crate::http::{Answer, Head};
use crate::script::Step;
use crate::store::{SeenRequest, State, Stats, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// Scripts may carry large raw answers.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

const PREFIX: &str = "/_receiver/";

pub(crate) fn is_control(path: &str) -> bool {
    path.starts_with(PREFIX)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Script {
    Several(Vec<Step>),
    One(Box<Step>),
}

/// What to wait for: at least so many of each, and at most so many open connections.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Wanted {
    requests: usize,
    stored: usize,
    connections: usize,
    open_connections: usize,
    script_left: usize,
    within_ms: u64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            requests: 0,
            stored: 0,
            connections: 0,
            open_connections: usize::MAX,
            script_left: usize::MAX,
            within_ms: 5_000,
        }
    }
}

impl Wanted {
    fn reached(&self, stats: &Stats) -> bool {
        stats.requests >= self.requests
            && stats.stored >= self.stored
            && stats.connections >= self.connections
            && stats.open_connections <= self.open_connections
            && stats.script_left <= self.script_left
    }
}

pub(crate) fn answer(store: &Store, head: &Head, body: &[u8]) -> Answer {
    match (
        head.method.as_str(),
        head.path().strip_prefix(PREFIX).unwrap_or_default(),
    ) {
        ("POST", "script") => script(store, body),
        ("GET", "stored") => store.read(|state| page(&state.stored())),
        ("GET", "requests") => page(&store.read(|state| state.requests().iter().map(Page::of).collect::<Vec<_>>())),
        ("GET", "stats") => page(&store.read(State::stats)),
        ("GET", "wait") => wait(store, head.query()),
        ("POST", "reset") => {
            store.reset();
            page(&json!({}))
        }
        ("POST", "stop") => {
            store.stop();
            page(&json!({}))
        }
        _ => refuse(404, "no such page"),
    }
}

/// A request with its text beside its bytes.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    request: SeenRequest,
    text: Option<String>,
}

impl Page {
    fn of(request: &SeenRequest) -> Self {
        Self {
            text: request.text(),
            request: request.clone(),
        }
    }
}

fn script(store: &Store, body: &[u8]) -> Answer {
    // Parsed in two moves, because an untagged enum would not say which field is wrong.
    let steps = match serde_json::from_slice::<Script>(body) {
        Ok(Script::Several(steps)) => steps,
        Ok(Script::One(step)) => vec![*step],
        Err(_) => {
            let reason = serde_json::from_slice::<Vec<Step>>(body)
                .err()
                .map(|error| error.to_string());
            return refuse(400, &reason.unwrap_or_default());
        }
    };
    if let Some(fault) = steps.iter().find_map(|step| step.check().err()) {
        return refuse(400, &fault);
    }
    let count = steps.len();
    store.script(steps);
    page(&json!({ "steps": count }))
}

fn wait(store: &Store, query: &str) -> Answer {
    match serde_urlencoded::from_str::<Wanted>(query) {
        Ok(wanted) => {
            let reached = store.wait_for(Duration::from_millis(wanted.within_ms), |state| {
                wanted.reached(&state.stats())
            });
            page(&json!({ "reached": reached, "stats": store.read(State::stats) }))
        }
        Err(error) => refuse(400, &error.to_string()),
    }
}

fn page(value: &impl Serialize) -> Answer {
    match serde_json::to_string(value) {
        Ok(text) => Answer::json(200, text),
        Err(error) => refuse(500, &error.to_string()),
    }
}

fn refuse(status: u16, reason: &str) -> Answer {
    Answer::json(status, json!({ "error": reason }).to_string())
}
