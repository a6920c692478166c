//! Configuration as the JavaScript side sends it, and the error that says what is wrong with it.

use std::collections::HashMap;

use hogwire::binding::{self, Library};
use hogwire::{AssembledEvent, Config, ConfigError, FindingCode, Properties};
use napi::Status;
use napi_derive::napi;

use crate::hook;

/// The `code` of a thrown error: the wrong option in the JSON boundary's spelling.
pub struct Code(String);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Status> for Code {
    fn from(status: Status) -> Self {
        Self(status.as_ref().to_owned())
    }
}

/// An error whose `code` is the wrong option.
pub fn wrong_option(error: &ConfigError) -> napi::Error<Code> {
    napi::Error::new(Code(error.option().to_owned()), error.problem())
}

/// Another error, in the shape of one about an option.
pub fn broken(error: napi::Error) -> napi::Error<Code> {
    napi::Error::new(Code::from(error.status), error.reason)
}

/// The environment of the calling thread: a worker of Node's may have one of its own.
pub type Environment = HashMap<String, String>;

/// Reads options; `has_hook` says whether a hook will be lent to each call.
pub fn config(options: &str, environment: Option<&Environment>, has_hook: bool) -> Result<Config, ConfigError> {
    let mut builder = Config::from_json(options)?.library(Library::Node);
    if let Some(environment) = environment {
        builder = builder.or_from_variables(|name| environment.get(name).cloned());
    }
    if has_hook {
        builder = builder.before_send(|event: AssembledEvent| hook::run_lent(event));
    }
    builder.build()
}

/// The sentence about an option that holds, at this path inside it, something that JSON text cannot carry.
#[napi(catch_unwind)]
pub fn wrong_value(option: String, code: String, path: String, found: String) -> String {
    let code = FindingCode::from_word(&code).unwrap_or(FindingCode::InvalidType);
    match (option.as_str(), code, path.as_str()) {
        (_, FindingCode::UnreadableValue, "") => format!("could not be read: {found}"),
        ("properties", _, path) if !path.is_empty() => wrong_property(code, path, &found),
        _ => binding::wrong_option_value(&option, &path, &found),
    }
}

/// The core's sentence about a name that is none of the options there are.
#[napi(catch_unwind)]
pub fn unknown_option(option: String, known: Vec<String>) -> String {
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    binding::unknown_option(&option, &known)
}

/// The core's sentence about one of a client's properties.
fn wrong_property(code: FindingCode, path: &str, found: &str) -> String {
    let mut properties = Properties::new();
    // Neither fails: an empty object has room for one key.
    let _ = properties.key(path).and_then(|()| properties.refuse(code, found));
    let refused = Config::builder("phc_any").properties(properties).build().err();
    refused.map(|error| error.problem().to_owned()).unwrap_or_default()
}
