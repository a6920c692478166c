//! The vectors as data: what a file of cases may hold, key by key. Unknown keys are refused by every type here.
//!
//! This module knows the spelling and nothing else: [`load`](crate::load) checks what spelling cannot say,
//! [`judge`](crate::judge) gives the expectations their meaning. `schema/vector.schema.json` says the same for editors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One file: one behaviour, several cases.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// The schema's path, for editors.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The behaviour in one sentence.
    pub behaviour: String,
    /// Where the contract asks for it.
    pub contract: String,
    /// What every case of the file has in common; a case's own `given` is laid over it.
    #[serde(default)]
    pub base: Given,
    /// The cases; at least one.
    pub cases: Vec<Case>,
}

/// One case: one line to the adapter, one expectation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Short name, unique in its file; the full id is `area/file/id`.
    pub id: String,
    /// Why the case is there, as a sentence.
    pub why: String,
    /// Which adapters it is for, when it is not for all.
    pub only: Option<Only>,
    /// What is asked.
    #[serde(default)]
    pub given: Given,
    /// What has to come of it.
    pub expect: Expect,
}

/// Adapters a case is limited to, with the reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// Their names.
    pub adapters: Vec<String>,
    /// Why the others cannot run it.
    pub why: String,
}

/// What an adapter is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make the request, without sending it.
    Build,
    /// Make the request and read the answer given with it.
    Interpret,
    /// Send it to the receiver through a client.
    Call,
    /// Check a configuration.
    Config,
    /// Render the request as a `curl` command.
    Curl,
    /// Send several inputs at once to the receiver through a client.
    Batch,
    /// Take steps with a queue whose client sends to the receiver.
    Queue,
    /// Make a uuid of a key.
    UuidFrom,
    /// Publish the lists of codes and parameters.
    Catalogue,
}

/// Everything that can be given; what is left out has the defaults of [`crate::line`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What to do.
    #[serde(rename = "do")]
    pub action: Option<Action>,
    /// The operation's JSON name.
    pub operation: Option<String>,
    /// The input's parameters; keys are laid over those of the base.
    pub input: Option<Map<String, Value>>,
    /// The input as JSON text, sent as it stands: for what a parsed value cannot hold (half surrogate pairs, repeated keys).
    pub input_json: Option<String>,
    /// The input as text that may be no JSON at all; only for languages that hand in text.
    pub input_text: Option<String>,
    /// Options; keys are laid over those of the base.
    pub config: Option<Map<String, Value>>,
    /// The present, in Unix milliseconds.
    pub now_ms: Option<i64>,
    /// The seed of the event's uuid.
    pub seed: Option<u64>,
    /// Which attempt this is.
    pub attempt: Option<u32>,
    /// The answer to read.
    pub response: Option<Response>,
    /// The failure to read instead of an answer.
    pub failure: Option<Failure>,
    /// Whether a byte had gone out before the failure.
    pub sent: Option<bool>,
    /// Client methods to run before the call.
    pub before: Option<Vec<Before>>,
    /// Named hooks, in order.
    pub before_send: Option<Vec<Hook>>,
    /// The receiver's script: one step for each request, in the receiver's own spelling.
    pub receiver: Option<Vec<Value>>,
    /// The inputs of a batch, each with its `Operation`.
    pub items: Option<Vec<Map<String, Value>>>,
    /// Options of the queue; keys are laid over those of the base.
    pub options: Option<Map<String, Value>>,
    /// What to do with the queue, in order.
    pub steps: Option<Vec<Step>>,
    /// Whether every hook of the queue raises.
    pub raising: Option<bool>,
    /// The key of a uuid.
    pub key: Option<String>,
}

/// One thing to do with a queue; exactly one of the keys, and `times` beside `push`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Hand in an event.
    pub push: Option<Push>,
    /// That many events; `{n}` in the text of the input counts from 1.
    pub times: Option<usize>,
    /// Flush, with so many milliseconds.
    pub flush: Option<u64>,
    /// Close, with so many milliseconds; the last step always is one.
    pub close: Option<u64>,
    /// Wait until these counters of `stats()` are at least that.
    pub wait: Option<Map<String, Value>>,
    /// Stop sending.
    pub opt_out: Option<bool>,
    /// Send again.
    pub opt_in: Option<bool>,
}

/// An event for a queue.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The operation's JSON name; `event` when left out.
    #[serde(default = "event_operation")]
    pub operation: String,
    /// The parameters; of an event, those left out are `DistinctId` u-1 and `EventName` e.
    #[serde(default)]
    pub input: Map<String, Value>,
}

fn event_operation() -> String {
    "event".to_owned()
}

/// An answer for `interpret`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The HTTP status.
    pub status: i64,
    /// The headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body's bytes in base 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
}

/// What a transport can report instead of an answer.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Our time ran out.
    Timeout,
    /// No connection, or a broken one.
    Network,
    /// TLS could not be agreed on.
    Tls,
}

/// Client methods that run before a call.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Stop sending.
    OptOut,
    /// Send again.
    OptIn,
}

/// The `before_send` hooks that every adapter brings.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// Sets the event's name to `renamed`.
    Rename,
    /// Sets the distinct id to `reassigned`.
    Reassign,
    /// Adds the property `hook: true`.
    AddProperty,
    /// Returns nothing.
    Drop,
    /// Raises.
    Raise,
    /// Removes the distinct id.
    Break,
}

/// What has to come back: exactly one of the answers, and for calls what the receiver saw.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// A request was made.
    pub request: Option<Box<RequestExpected>>,
    /// The input was refused with these findings.
    pub refused: Option<Refused>,
    /// An outcome.
    pub outcome: Option<Box<OutcomeExpected>>,
    /// What happened between client and receiver; needed for every call that is not refused.
    pub exchange: Option<Box<ExchangeExpected>>,
    /// The configuration is accepted: `"ok"`.
    pub config: Option<Value>,
    /// Misuse was raised: `{"Option", "Message"}` for a configuration, `{"Message"}` otherwise.
    pub error: Option<Value>,
    /// The `curl` command.
    pub curl: Option<Value>,
    /// The published lists.
    pub catalogue: Option<Value>,
    /// One answer for each item of a batch.
    pub outcomes: Option<Vec<Answer>>,
    /// What each step of a queue gave, and what was counted.
    pub queue: Option<QueueExpected>,
    /// A uuid.
    pub uuid: Option<Value>,
}

/// What became of one item of a batch: exactly one of the two.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// It was sent.
    pub outcome: Option<OutcomeExpected>,
    /// It was refused.
    pub refused: Option<Refused>,
}

/// What a queue gave. What is not said here has to be as [`crate::judge`] says of every queue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueExpected {
    /// An entry for each step as written: `"queued"`, or keys of a receipt; keys of a report; `"done"` for the others.
    pub steps: Vec<Value>,
    /// Some of the counters.
    #[serde(default)]
    pub stats: Map<String, Value>,
    /// Some keys of each outcome `on_error` was told.
    pub on_error: Option<Vec<Map<String, Value>>>,
}

/// A request. What is not said here has to be as [`crate::judge`] says every request is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestExpected {
    /// The whole URL; needed when the configuration names a host.
    pub url: Option<Value>,
    /// Headers beyond those of every request.
    pub headers: Option<Headers>,
    /// Keys of the envelope that differ from the usual ones.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// Keys of the event that differ from the usual ones.
    #[serde(default)]
    pub event: Map<String, Value>,
    /// For a request with several events: the keys of each that differ; `event` is laid under all of them.
    pub events: Option<Vec<Map<String, Value>>>,
    /// The protocol; when left out, what the configuration asks for first.
    pub protocol: Option<String>,
    /// Every property but the four that stand on each event; any other property is a failure.
    pub properties: Option<Map<String, Value>>,
    /// Some of the properties; others may be there.
    pub some_properties: Option<Map<String, Value>>,
    /// Every warning, in any order.
    #[serde(default)]
    pub warnings: Vec<Note>,
}

/// Headers that have to be there or must not; names in any case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// Name to pattern.
    #[serde(default)]
    pub required: Map<String, Value>,
    /// Names.
    #[serde(default)]
    pub forbidden: Vec<String>,
}

/// A finding or warning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Note {
    /// The stable code.
    pub code: String,
    /// The parameter in the reference's spelling.
    pub parameter: String,
    /// A pattern for the sentence; any sentence when left out.
    pub message: Option<Value>,
}

/// A refusal: nothing is sent, `StatusCode` is -1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Every finding, in any order; at least one.
    pub findings: Vec<Note>,
    /// Every warning, in any order.
    #[serde(default)]
    pub warnings: Vec<Note>,
}

/// An outcome: the six fields that every case has to name, and those with a usual value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct OutcomeExpected {
    /// The parsed answer; `{}` when left out.
    #[serde(default = "empty_object")]
    pub data: Value,
    /// The status received.
    pub original_status_code: i64,
    /// The reference's status.
    pub status_code: i64,
    /// A pattern for the message; only "empty exactly at 200" when left out.
    pub error_message: Option<Value>,
    /// The catalogue's word.
    pub error_code: String,
    /// What became of the event.
    pub delivery: String,
    /// Whether asking again can help.
    pub retryable: bool,
    /// The server's hint; null when left out.
    #[serde(default)]
    pub retry_after_ms: Value,
    /// Requests made; the attempt given (or 1) when left out.
    pub attempts: Option<Value>,
    /// The event's uuid; any uuid when left out, null where there is no event.
    #[serde(default = "any_uuid")]
    pub event_uuid: Value,
    /// Every warning, in any order.
    #[serde(default)]
    pub warnings: Vec<Note>,
}

/// What happened between client and receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeExpected {
    /// Requests the receiver saw. Over several, uuid and timestamp must stay and `sent_at` must move.
    pub requests: usize,
    /// What each request has to be.
    pub each: Option<RequestExpected>,
    /// What each request has to be, one after the other.
    pub all: Option<Vec<RequestExpected>>,
    /// Events the receiver kept.
    pub stored: Option<usize>,
    /// Different events in all the requests; an event is known by its uuid.
    pub events: Option<usize>,
    /// Time from each request to the next, in milliseconds.
    pub gaps_ms: Option<Vec<Span>>,
    /// How long the whole call took.
    pub took_ms: Option<Span>,
}

/// A span of milliseconds.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// No less.
    pub at_least: Option<u64>,
    /// No more; generous, for a machine under load.
    pub at_most: Option<u64>,
}

impl Span {
    /// Whether this many milliseconds are within.
    #[must_use]
    pub fn holds(&self, ms: u64) -> bool {
        self.at_least.is_none_or(|least| ms >= least) && self.at_most.is_none_or(|most| ms <= most)
    }
}

fn empty_object() -> Value {
    Value::Object(Map::new())
}

fn any_uuid() -> Value {
    json!({"$match": "uuid"})
}

impl Action {
    /// Whether requests go to the receiver, and a clock tells the time.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::Call | Self::Batch | Self::Queue)
    }

    /// Whether one input of one operation is given.
    #[must_use]
    pub fn has_input(self) -> bool {
        matches!(self, Self::Build | Self::Interpret | Self::Curl | Self::Call)
    }
}

impl Step {
    /// How many of the keys that say what to do are there.
    #[must_use]
    pub fn kinds(&self) -> usize {
        [
            self.push.is_some(),
            self.flush.is_some(),
            self.close.is_some(),
            self.wait.is_some(),
            self.opt_out.is_some(),
            self.opt_in.is_some(),
        ]
        .iter()
        .filter(|given| **given)
        .count()
    }

    /// How many steps of the adapter this is.
    #[must_use]
    pub fn count(&self) -> usize {
        self.times.unwrap_or(1)
    }
}

impl Given {
    /// This, laid over what the file's cases have in common.
    #[must_use]
    pub fn over(mut self, base: &Self) -> Self {
        self.input = overlay(base.input.as_ref(), self.input);
        self.config = overlay(base.config.as_ref(), self.config);
        self.action = self.action.or(base.action);
        self.operation = self.operation.or_else(|| base.operation.clone());
        self.input_json = self.input_json.or_else(|| base.input_json.clone());
        self.input_text = self.input_text.or_else(|| base.input_text.clone());
        self.now_ms = self.now_ms.or(base.now_ms);
        self.seed = self.seed.or(base.seed);
        self.attempt = self.attempt.or(base.attempt);
        self.response = self.response.or_else(|| base.response.clone());
        self.failure = self.failure.or(base.failure);
        self.sent = self.sent.or(base.sent);
        self.before = self.before.or_else(|| base.before.clone());
        self.before_send = self.before_send.or_else(|| base.before_send.clone());
        self.receiver = self.receiver.or_else(|| base.receiver.clone());
        self.items = self.items.or_else(|| base.items.clone());
        self.options = overlay(base.options.as_ref(), self.options);
        self.steps = self.steps.or_else(|| base.steps.clone());
        self.raising = self.raising.or(base.raising);
        self.key = self.key.or_else(|| base.key.clone());
        self
    }
}

fn overlay(base: Option<&Map<String, Value>>, own: Option<Map<String, Value>>) -> Option<Map<String, Value>> {
    let mut all = base.cloned();
    if let Some(own) = own {
        all.get_or_insert_default().extend(own);
    }
    all
}
