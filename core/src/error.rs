//! The errors that are raised: misuse of the API itself. Whatever happens to an event is an [`Outcome`](crate::Outcome), never one of these.

use thiserror::Error;

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
#[error("unknown operation `{0}`; use one of alias, event, group, identity, page, screen")]
pub struct UnknownOperation(pub(crate) String);
