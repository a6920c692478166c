//! Testing: for tests of programs that use hogwire. A transport that sends nothing, records everything, and answers as told.
//!
//! Knows nothing of the network, and nothing of how a test looks at what was recorded.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::http::{Request, Response, TransportError};
use crate::protocol::{Protocol, Seen};
use crate::transport::Transport;

/// A transport for tests: answers each request as a PostHog that takes everything, unless told otherwise.
///
/// Clones share what is recorded, so that a test keeps one and gives another to the client. Safe to use from several threads, as
/// queues do.
///
/// ```
/// use hogwire::testing::RecordingTransport;
/// use hogwire::{Client, Config, CreateEvent, Failure, QueueOptions, Response, TransportError};
///
/// let transport = RecordingTransport::new();
/// let client = Client::with_transport(Config::builder("phc_test").build()?, transport.clone());
///
/// // What would have been sent:
/// let queue = client.queue(QueueOptions::default())?;
/// queue.push(CreateEvent::new("user-12345", "Order Placed").property("total", 19.99));
/// drop(queue);
/// assert_eq!(transport.events()[0]["properties"]["total"], 19.99);
///
/// // What the next requests are answered; those after them succeed again:
/// transport.answer(Response::new(429, "").with_header("Retry-After", "30"));
/// transport.fail(TransportError::new(Failure::Timeout));
/// assert_eq!(client.send(CreateEvent::new("user-12345", "Order Placed")).status_code, 429);
/// assert_eq!(client.send(CreateEvent::new("user-12345", "Order Placed")).error_code.as_str(), "timeout");
/// assert!(client.send(CreateEvent::new("user-12345", "Order Placed")).is_ok());
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecordingTransport {
    recorded: Arc<Mutex<Recorded>>,
}

#[derive(Debug, Default)]
struct Recorded {
    requests: Vec<Request>,
    answers: VecDeque<Seen>,
}

impl RecordingTransport {
    /// A transport that has recorded nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the next request so, after those that are set already. May be repeated.
    pub fn answer(&self, response: Response) {
        self.lock().answers.push_back(Ok(response));
    }

    /// Lets the next request fail so, after those that are set already. May be repeated.
    pub fn fail(&self, error: TransportError) {
        self.lock().answers.push_back(Err(error));
    }

    /// Every request so far, repeated attempts included.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.lock().requests.clone()
    }

    /// How many requests there were so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.lock().requests.len()
    }

    /// The request at this index, from 0; `None` where there is none.
    #[must_use]
    pub fn request(&self, index: usize) -> Option<Request> {
        self.lock().requests.get(index).cloned()
    }

    /// Every event so far, decoded, in order; one that was sent several times stands once, where it was sent first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let mut seen = HashSet::new();
        let events = self.requests().into_iter().flat_map(|request| events_of(&request));
        events.filter(|event| seen.insert(event.get("uuid").cloned())).collect()
    }

    /// Forgets the requests so far, and the answers that were not given.
    pub fn clear(&self) {
        *self.lock() = Recorded::default();
    }
}

impl Transport for RecordingTransport {
    fn send(&self, request: &Request, _: Duration) -> Seen {
        let mut recorded = self.lock();
        recorded.requests.push(request.clone());
        let planned = recorded.answers.pop_front();
        drop(recorded);
        planned.unwrap_or_else(|| Ok(success(request)))
    }
}

/// The events a request carries, decoded; none when its body is not one of ours.
///
/// ```
/// use hogwire::{Config, CreateEvent, testing};
/// let config = Config::builder("phc_x").build()?;
/// let request = hogwire::build(CreateEvent::new("user-1", "signed up"), &config, 1_795_420_800_000, 1, 1).unwrap();
/// assert_eq!(testing::events_of(&request)[0]["event"], "signed up");
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[must_use]
pub fn events_of(request: &Request) -> Vec<Value> {
    let mut body: Value = serde_json::from_str(&request.body_text()).unwrap_or_default();
    match body.get_mut("batch").map(Value::take) {
        Some(Value::Array(events)) => events,
        _ => Vec::new(),
    }
}

/// What PostHog answers to a request when all is well: over v1, `ok` for each of its events.
#[must_use]
pub fn success(request: &Request) -> Response {
    let body = match request.protocol {
        Protocol::V0 => json!({"status": "Ok"}),
        Protocol::V1 => {
            let verdicts = events_of(request).into_iter().filter_map(|event| {
                let uuid = event.get("uuid")?.as_str()?;
                Some((uuid.to_owned(), json!({"result": "ok"})))
            });
            json!({"results": verdicts.collect::<Map<_, _>>()})
        }
    };
    Response::new(200, body.to_string())
}
