//! Configuration as the JavaScript side sends it, and the error that says what is wrong with it.

use std::collections::HashMap;

use hogwire::{AssembledEvent, Config, ConfigError, Library};
use napi::Status;

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
