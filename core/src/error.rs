//! The errors that are raised: misuse of the API itself. Whatever happens to an event is an [`Outcome`](crate::Outcome), never one of these.

use thiserror::Error;

use crate::operation::Operation;
use crate::properties::shortened;
use crate::redaction::without_keys;

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
            option: without_keys(&option.into()),
            problem: without_keys(&problem.into()),
        }
    }

    /// The same error, for a value that came from this environment variable, if any.
    pub(crate) fn of_variable(mut self, variable: Option<&str>) -> Self {
        if let Some(variable) = variable {
            self.problem = format!("{variable} {}", self.problem);
        }
        self
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
#[error("there is no operation {:?}; use one of {}", shortened(&without_keys(.0)), known_operations())]
pub struct UnknownOperation(pub(crate) String);

/// The operations there are, for sentences.
pub(crate) fn known_operations() -> String {
    let known: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_repeated_wherever_they_were_put_by_mistake() {
        let said = ConfigError::new(
            "properties",
            "phc_aB3: and phx_9 and phc_aB3, but phc_... is an example",
        );
        let shown = "properties: phc_***: and *** and phc_***, but phc_... is an example";
        assert_eq!(said.to_string(), shown);
        let unknown = UnknownOperation("phc_aB3".to_owned());
        assert!(
            unknown
                .to_string()
                .starts_with("there is no operation \"phc_***\"; use one of alias")
        );
    }
}
