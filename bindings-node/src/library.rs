//! What the library says about itself, and the core's own sentences for `lib/`: published lists, and texts that are safe to show.

use hogwire::binding;
use hogwire::{Delivery, DropReason, ErrorCode, FindingCode, Operation, Outcome, Parameter, WarningCode};
use napi_derive::napi;
use serde_json::{Map, Value, json};

use crate::input;

/// The sentence about a name that no operation has.
#[napi(catch_unwind)]
pub fn unknown_operation(name: String) -> String {
    input::operation(&name)
        .err()
        .map(|error| error.reason)
        .unwrap_or_default()
}

/// A text without anything that looks like a key of PostHog's.
#[napi(catch_unwind)]
pub fn without_keys(text: String) -> String {
    binding::without_keys(&text)
}

/// Enough of a long text to recognise it, without keys: these are taken out first, because half of one would not look like a key any more.
#[napi(catch_unwind)]
pub fn shortened(text: String) -> String {
    binding::shortened(&binding::without_keys(&text))
}

/// A key as a step of a finding's path.
#[napi(catch_unwind)]
pub fn step(key: String) -> String {
    binding::step(&key).into_owned()
}

/// What a caller's own code said, as outcomes repeat it.
#[napi(catch_unwind)]
pub fn retold(text: String) -> String {
    binding::retold(&text)
}

/// The outcome of a call that panicked.
#[napi(catch_unwind)]
pub fn internal_outcome(message: String) -> String {
    Outcome::unsent(ErrorCode::Internal, message).to_json()
}

/// The uuid of a key.
#[napi(catch_unwind)]
pub fn uuid_from(key: String) -> String {
    hogwire::uuid_from(&key).to_string()
}

/// Every closed list of words, as JSON text.
#[napi(catch_unwind)]
pub fn catalogue() -> String {
    let parameters = |operation: &Operation| -> Map<String, Value> {
        let named = |parameter: &Parameter| (parameter.camel_case(), parameter.as_str().into());
        operation.parameters().iter().map(named).collect()
    };
    let operations: Map<String, Value> = Operation::ALL
        .iter()
        .map(|operation| (operation.to_string(), parameters(operation).into()))
        .collect();
    let chosen = |is_chosen: fn(Parameter) -> bool| -> Vec<_> {
        let all = Parameter::ALL.iter().copied();
        all.filter(|parameter| is_chosen(*parameter)).collect()
    };
    json!({
        "version": hogwire::VERSION,
        "options": hogwire::OPTIONS,
        "queueOptions": hogwire::QUEUE_OPTIONS,
        "operations": operations,
        "parameters": Parameter::ALL,
        "idParameters": chosen(Parameter::takes_ids),
        "dateParameters": chosen(|parameter| parameter.takes_moments() || parameter.takes_properties()),
        "errorCodes": ErrorCode::ALL,
        "deliveries": Delivery::ALL,
        "findings": FindingCode::ALL,
        "warnings": WarningCode::ALL,
        "dropReasons": DropReason::ALL,
    })
    .to_string()
}
