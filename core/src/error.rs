//! The errors that are raised: misuse of the API itself. Whatever happens to an event is an [`Outcome`](crate::Outcome), never one of these.

use thiserror::Error;

use crate::operation::Operation;
use crate::properties::shortened;

/// A wrong option given to [`Config`](crate::Config): it names the option, the limit and the fix, and never holds the api key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{option}: {problem}")]
pub struct ConfigError {
    option: String,
    problem: String,
}

impl ConfigError {
    pub(crate) fn new(option: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            problem: problem.into(),
        }
    }

    /// The option as the JSON boundary spells it, for example `timeout_ms`.
    #[must_use]
    pub fn option(&self) -> &str {
        &self.option
    }

    /// What is wrong with it and what to do; does not repeat the option's name.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

/// A call that names no operation of hogwire.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no operation {:?}; use one of {}", shortened(.0), known_operations())]
pub struct UnknownOperation(pub(crate) String);

/// The operations there are, for sentences.
pub(crate) fn known_operations() -> String {
    let known: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    known.join(", ")
}
