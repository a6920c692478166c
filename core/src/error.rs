//! The errors that are raised: misuse of the API itself. Whatever happens to an event is an [`Outcome`](crate::Outcome), never one of these.

use thiserror::Error;

use crate::config::redacted_key;
use crate::operation::Operation;
use crate::properties::shortened;
use crate::rules::MAX_API_KEY_BYTES;

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

    /// The same, where the value is from a variable of the environment.
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

/// A text without anything that looks like a key of PostHog's: arguments get swapped, and what is misused is repeated. For sentences of
/// a language's own; the core's have none.
///
/// ```
/// assert_eq!(hogwire::without_keys("no option phc_0123"), "no option phc_***");
/// assert_eq!(hogwire::without_keys("a key starts with phc_"), "a key starts with phc_");
/// ```
#[must_use]
pub fn without_keys(text: &str) -> String {
    let is_of_key = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    // Both prefixes in one search: what is given may be long, and hold many.
    while let Some((start, _)) = rest.match_indices("ph").find(|(start, _)| begins_key(rest, *start)) {
        let (before, key) = rest.split_at(start);
        let end = key.find(|character| !is_of_key(character)).unwrap_or(key.len());
        let (key, after) = key.split_at(end);
        shown.push_str(before);
        // Shorter ones are no keys, but the examples in sentences.
        shown.push_str(if key.len() > "phc_".len() {
            redacted_key(key)
        } else {
            key
        });
        rest = after;
    }
    shown + rest
}

fn begins_key(text: &str, start: usize) -> bool {
    let rest = text.get(start..).unwrap_or_default();
    rest.starts_with("phc_") || rest.starts_with("phx_")
}

/// Characters that are repeated of what a caller's code said: enough for the chains of causes that HTTP clients tell.
const MAX_RETOLD_CHARACTERS: usize = 1_000;

/// What a caller's own code said, an exception or a hook's complaint, as outcomes repeat it: without keys, and not at length.
///
/// ```
/// assert_eq!(hogwire::retold("no route for phc_0123"), "no route for phc_***");
/// assert_eq!(hogwire::retold(&"長".repeat(2_000)), "長".repeat(1_000) + "...");
/// ```
#[must_use]
pub fn retold(text: &str) -> String {
    let said = without_keys(text);
    match said.char_indices().nth(MAX_RETOLD_CHARACTERS) {
        Some((end, _)) => format!("{}...", without_half_a_key(said.get(..end).unwrap_or_default())),
        None => said,
    }
}

/// The beginning of a text, without what may be the first part of a key: of one that does not look like PostHog's only its owner knows,
/// who redacts it later, and would not find a part of it.
fn without_half_a_key(beginning: &str) -> &str {
    let last = beginning.bytes().rev().take(MAX_API_KEY_BYTES - 1);
    let part = last.take_while(u8::is_ascii_graphic).count();
    beginning.get(..beginning.len() - part).unwrap_or_default().trim_end()
}

/// The operations there are, for sentences.
pub(crate) fn known_operations() -> String {
    let known: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    known.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_retold_up_to_a_thousand_characters() {
        let exact = "é".repeat(MAX_RETOLD_CHARACTERS);
        assert_eq!(retold(&exact), exact);
        assert_eq!(retold(&(exact.clone() + "é")), exact + "...");
        let words = "because ".repeat(124) + "of";
        assert_eq!(retold(&(words.clone() + " everything")), words + "...");
        assert_eq!(retold(&"y".repeat(1_000_000)), "y".repeat(1_000 - 63) + "...");
        assert_eq!(retold(""), "");
    }

    #[test]
    fn no_part_of_a_key_is_left_where_words_are_cut() {
        let own = "0wn-key.".repeat(MAX_API_KEY_BYTES / 8);
        for before in 900..1_001 {
            for key in ["phc_aB3aB3aB3aB3", &own] {
                let told = retold(&("語".repeat(before) + key + &" and more".repeat(100)));
                let rest = told.replace("phc_***", "").replace(&own, "");
                assert!(!rest.contains("phc") && !rest.contains("0wn"), "{before}: {told}");
            }
        }
    }

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
