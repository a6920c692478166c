//! What the receiver remembers: requests seen, events stored, connections counted, script left. It owns the only lock and the only condition
//! variable, so that waiting for something is never polling.

use crate::script::Step;
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Longer than any test runs.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// One request as it arrived. Requests to `/_receiver/` are not recorded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenRequest {
    /// Method, as sent.
    pub method: String,
    /// Request target with its query, as sent.
    pub path: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body bytes as received, after undoing chunking and nothing else.
    #[serde(serialize_with = "as_base64", rename = "body_base64")]
    pub body: Vec<u8>,
    /// Whether the body was read to its end.
    pub complete: bool,
    /// When it arrived, in Unix milliseconds.
    pub received_at_ms: u64,
    /// Number of the connection it came on, from 1.
    pub connection: usize,
}

impl SeenRequest {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::http::find_header(&self.headers, name)
    }

    /// The body as text, decompressed where it is gzip, or what Content-Encoding says; `None` where it is no text.
    pub fn text(&self) -> Option<String> {
        crate::judge::readable_text(self.header("content-encoding"), &self.body)
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        self.text()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or(Value::Null)
    }
}

/// One event as the real server would have handed it to its broker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredEvent {
    /// `AnalyticsMain` or `AnalyticsHistorical`.
    pub data_type: &'static str,
    /// The event's uuid; made by the receiver (version 7) where the client sent none.
    pub uuid: String,
    /// The distinct id, cut to 200 characters.
    pub distinct_id: String,
    /// The client's address.
    pub ip: String,
    /// The event as kept.
    pub data: Value,
    /// `sent_at` of the envelope or the query, written as the recorded server's log writes it.
    pub sent_at: Option<String>,
    /// The token of the request.
    pub token: String,
    /// Size of `data` as the server's JSON text.
    pub data_bytes: usize,
    /// Size of the broker message around it.
    pub message_bytes: usize,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Connections opened so far, without those used for `/_receiver/`.
    pub connections: usize,
    /// Connections open now.
    pub open_connections: usize,
    /// The highest number open at once.
    pub peak_connections: usize,
    /// Requests recorded.
    pub requests: usize,
    /// Events stored.
    pub stored: usize,
    /// Steps of the script not used yet.
    pub script_left: usize,
}

/// A view of everything remembered, for conditions.
#[derive(Debug, Default)]
pub struct State {
    requests: Vec<SeenRequest>,
    stored: Vec<StoredEvent>,
    script: VecDeque<Step>,
    opened: usize,
    open: usize,
    peak: usize,
    stopping: bool,
}

impl State {
    /// Requests seen.
    pub fn requests(&self) -> &[SeenRequest] {
        &self.requests
    }

    /// Events stored.
    pub fn stored(&self) -> &[StoredEvent] {
        &self.stored
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        Stats {
            connections: self.opened,
            open_connections: self.open,
            peak_connections: self.peak,
            requests: self.requests.len(),
            stored: self.stored.len(),
            script_left: self.script.len(),
        }
    }
}

/// The shared memory of all connections.
#[derive(Debug, Default)]
pub(crate) struct Store {
    state: Mutex<State>,
    changed: Condvar,
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panicking condition of a test must not take the receiver down with it: every change below is complete in itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.notify_all();
        result
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.lock())
    }

    pub(crate) fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.change(|state| state.script.extend(steps));
    }

    pub(crate) fn next_step(&self) -> Step {
        self.change(|state| state.script.pop_front()).unwrap_or_default()
    }

    pub(crate) fn saw(&self, request: SeenRequest) {
        self.change(|state| state.requests.push(request));
    }

    pub(crate) fn keep(&self, events: impl IntoIterator<Item = StoredEvent>) {
        self.change(|state| state.stored.extend(events));
    }

    /// Forgets requests, events and script, and counts connections anew from those open now.
    pub(crate) fn reset(&self) {
        self.change(|state| {
            let open = state.open;
            *state = State {
                opened: open,
                open,
                peak: open,
                stopping: state.stopping,
                ..State::default()
            };
        });
    }

    /// Counts a connection; says whether there were never so many before.
    pub(crate) fn opened(&self) -> bool {
        self.change(|state| {
            state.opened += 1;
            state.open += 1;
            let most = state.open > state.peak;
            state.peak = state.peak.max(state.open);
            most
        })
    }

    /// Takes back the counting of a connection that turned out to be for `/_receiver/`.
    pub(crate) fn never_opened(&self, was_most: bool) {
        self.change(|state| {
            state.opened = state.opened.saturating_sub(1);
            state.open = state.open.saturating_sub(1);
            state.peak = state.peak.saturating_sub(usize::from(was_most)).max(state.open);
        });
    }

    pub(crate) fn closed(&self) {
        self.change(|state| state.open = state.open.saturating_sub(1));
    }

    pub(crate) fn stop(&self) {
        self.change(|state| state.stopping = true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Waits until the receiver is told to stop.
    pub(crate) fn wait_for_stop(&self) {
        let mut state = self.lock();
        while !state.stopping {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits at most `within` for a condition; says whether it came true.
    pub(crate) fn wait_for(&self, within: Duration, condition: impl Fn(&State) -> bool) -> bool {
        // Capped, because adding an endless time to a clock is a panic.
        let deadline = Instant::now() + within.min(LONGEST_WAIT);
        let mut state = self.lock();
        loop {
            if condition(&state) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Lets time pass, unless the receiver is told to stop meanwhile.
    pub(crate) fn pause(&self, milliseconds: u64) {
        self.wait_for(Duration::from_millis(milliseconds), |state| state.stopping);
    }
}

fn as_base64<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use base64::Engine as _;
    serializer.serialize_str(&base64::engine::general_purpose::STANDARD.encode(bytes))
}
