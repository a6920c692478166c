//! `before_send`: user code that sees each assembled event before it is encoded.
//!
//! A hook runs on the caller's thread. Whatever it does, even panicking, ends in keeping, changing or dropping that one event.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::config::Config;
use crate::event::Event;
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::json::input::valid_json;
use crate::json::scan::{Scanner, Token};
use crate::operation::{Input, Operation, Parameter};
use crate::properties::{is_in_range, refusal};
use crate::redaction::without_distinctive_key;
use crate::time::Timestamp;

/// An assembled event as hooks see it: `event`, `distinct_id`, `uuid`, `timestamp` and `properties`.
pub type AssembledEvent = Map<String, Value>;

/// What an assembled event consists of.
const MEMBERS: &[&str] = &["event", "distinct_id", "uuid", "timestamp", "properties"];

/// The beginning of keys to which serde_json gives a meaning of its own, in programs that enable its `arbitrary_precision` or `raw_value`:
/// it would read something else than what stands there.
const OF_SERDE_JSON: &str = "\"$serde_json::private::";

type HookFunction = dyn Fn(AssembledEvent) -> Result<Option<AssembledEvent>, String> + Send + Sync;

/// One hook; a type of its own so that a configuration can be printed.
#[derive(Clone)]
pub(crate) struct BeforeSend(pub(crate) Arc<HookFunction>);

impl std::fmt::Debug for BeforeSend {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BeforeSend")
    }
}

/// Reads the JSON text that a hook in another language returned: an event, or a value in one.
///
/// # Errors
/// A sentence about text that is not JSON, or about a number in it that no event may hold, which reading would change.
///
/// ```
/// let event = hogwire::binding::read_assembled(br#"{"event": "paid"}"#)?;
/// assert_eq!(event["event"], "paid");
///
/// let refused = hogwire::binding::read_assembled(b"123456789012345678901").unwrap_err();
/// assert!(refused.contains("send it as text"));
/// # Ok::<(), String>(())
/// ```
pub fn read_assembled(json: &[u8]) -> Result<Value, String> {
    let not_json = |problem: &dyn std::fmt::Display| format!("it is not JSON: {problem}");
    let text = valid_json(json).map_err(|problem| not_json(&problem))?;
    for token in Scanner::new(text) {
        if let Token::Number(number) = token
            && !is_in_range(number)
        {
            return Err(refusal(FindingCode::NumberOutOfRange, number));
        }
    }
    serde_json::from_str(text).map_err(|error| not_json(&error))
}

/// Why a chain of hooks gave no event.
enum NoEvent {
    Dropped,
    Failed(String),
}

/// Runs the hooks in order; the first that drops or fails ends the chain.
fn run(hooks: &[BeforeSend], event: AssembledEvent) -> Result<AssembledEvent, NoEvent> {
    hooks.iter().try_fold(event, |event, hook| {
        // The event is moved in and lost on a panic, so no half-changed state can be seen afterwards.
        match catch_unwind(AssertUnwindSafe(|| (hook.0)(event))) {
            Ok(Ok(Some(event))) => Ok(event),
            Ok(Ok(None)) => Err(NoEvent::Dropped),
            Ok(Err(message)) => Err(NoEvent::Failed(message)),
            Err(_) => Err(NoEvent::Failed("it panicked".to_owned())),
        }
    })
}

/// Why an event is not sent after its hooks ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The findings say why.
    Refused,
    /// `reason` completes "the event was dropped ...".
    Dropped { uuid: Uuid, reason: String },
}

impl Event {
    /// Lets the hooks see and change it. What a hook returns is checked like any caller's input.
    pub(crate) fn after_hooks(self, config: &Config, now: Timestamp, findings: &mut Findings) -> Result<Self, Stopped> {
        if config.before_send.is_empty() {
            return Ok(self);
        }
        let option = config.library.spelled("before_send");
        let dropped = |reason: String| {
            let uuid = self.uuid;
            Err(Stopped::Dropped { uuid, reason })
        };
        let Some(assembled) = self.assembled() else {
            let beginning = OF_SERDE_JSON.trim_start_matches('"');
            return dropped(format!(
                "because a {option} hook cannot be shown keys that begin with {beginning}"
            ));
        };
        match run(&config.before_send, assembled) {
            Ok(changed) => self.read_back(&changed, config, now, findings),
            Err(NoEvent::Dropped) => dropped(format!("by a {option} hook")),
            Err(NoEvent::Failed(message)) => {
                let message = without_distinctive_key(&message, config.api_key.reveal());
                let warning = format!("a hook failed: {message}");
                findings.warn(WarningCode::BeforeSendFailed, "before_send", warning);
                dropped(format!("because a {option} hook failed: {message}"))
            }
        }
    }

    /// The event as hooks see it; `None` when serde_json would read something else than what stands there.
    fn assembled(&self) -> Option<AssembledEvent> {
        let text = std::str::from_utf8(self.json()).ok()?;
        let is_shown_as_it_stands = !text.contains(OF_SERDE_JSON);
        is_shown_as_it_stands.then(|| serde_json::from_str(text).ok())?
    }

    /// Reads a hook's event back through the rules of `create_event`; `$lib` stays ours.
    fn read_back(
        &self,
        changed: &AssembledEvent,
        config: &Config,
        now: Timestamp,
        findings: &mut Findings,
    ) -> Result<Self, Stopped> {
        let mut unknown = Vec::new();
        let mut input = serde_json::Map::new();
        // A hook that removes or empties the time does not mean another time.
        input.insert(
            Parameter::Timestamp.as_str().to_owned(),
            self.timestamp.to_string().into(),
        );
        for (name, value) in changed {
            let parameter = match name.as_str() {
                "event" => Parameter::EventName,
                "distinct_id" => Parameter::DistinctId,
                "uuid" => Parameter::Uuid,
                "properties" => Parameter::Properties,
                _ if value.is_null() || *value == "" => continue,
                "timestamp" => Parameter::Timestamp,
                // Discarded, here or by the server (protocol.md §1, S), it would leave the event as it was before the hook.
                _ => {
                    unknown.push(name);
                    continue;
                }
            };
            input.insert(parameter.as_str().to_owned(), value.clone());
        }
        if let Some(Value::Object(properties)) = input.get_mut(Parameter::Properties.as_str()) {
            properties.retain(|key, _| key != "$lib" && key != "$lib_version");
        }
        let json = Value::Object(input).to_string();
        let mut input = Input::from_json(Operation::Event, json.as_bytes());
        for name in unknown {
            input.unknown_among(name, MEMBERS);
        }
        // Nothing is added again: what the client adds was there when the hook saw the event, and it may have removed some on purpose.
        let (event, mut found) = crate::operation::read(input, config, None, now, || self.uuid);
        if let Some(added) = found.found_mut() {
            let option = config.library.spelled("before_send");
            for finding in &mut added.refusals {
                finding.message = format!("after {option}: {}", finding.message);
            }
            // Warnings that the event had before the hook saw it are not given twice.
            added.warnings.retain(|warning| !findings.warnings().contains(warning));
        }
        found.redact(config.api_key.reveal());
        findings.append(found);
        event.ok_or(Stopped::Refused)
    }
}
