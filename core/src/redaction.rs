//! Redaction: what may be shown of api keys and other secrets, wherever text leaves the library.

use std::borrow::Cow;
use std::fmt;

use crate::rules::MAX_API_KEY_BYTES;

/// Text that is not printed with a configuration: the api key, a header's value, a proxy's URL, which may hold a password, a client
/// certificate's path, in whose place the certificate and its key may have been given.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

impl Secret {
    /// The text itself, for requests only.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(redacted_key(&self.0))
    }
}

/// What may be shown of a key: `phc_***`.
pub(crate) fn redacted_key(key: &str) -> &'static str {
    if key.starts_with("phc_") { "phc_***" } else { "***" }
}

/// A text without anything that looks like a key of PostHog's: arguments get swapped, and sentences repeat what was given. For the
/// bindings' own sentences; the core's hold no key.
///
/// ```
/// assert_eq!(hogwire::binding::without_keys("no option phc_0123"), "no option phc_***");
/// assert_eq!(hogwire::binding::without_keys("a key starts with phc_"), "a key starts with phc_");
/// ```
#[must_use]
pub fn without_keys(text: &str) -> String {
    let is_of_key = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    // One search for both prefixes, because the text may be long and hold many of them.
    while let Some((start, _)) = rest.match_indices("ph").find(|(start, _)| begins_key(rest, *start)) {
        let (before, key) = rest.split_at(start);
        let end = key.find(|character| !is_of_key(character)).unwrap_or(key.len());
        let (key, after) = key.split_at(end);
        shown.push_str(before);
        // A bare `phc_` is not a key, but the example in a sentence.
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

/// Longest part of a caller's own message that is repeated: enough for the chains of causes that HTTP clients report.
const MAX_RETOLD_CHARACTERS: usize = 1_000;

/// The message of a caller's own code (an exception, or a hook's complaint) as outcomes repeat it: without keys, and at most 1,000
/// characters of it.
///
/// ```
/// assert_eq!(hogwire::binding::retold("no route for phc_0123"), "no route for phc_***");
/// assert_eq!(hogwire::binding::retold(&"長".repeat(2_000)), "長".repeat(1_000) + "...");
/// ```
#[must_use]
pub fn retold(text: &str) -> String {
    let said = without_keys(text);
    match said.char_indices().nth(MAX_RETOLD_CHARACTERS) {
        Some((end, _)) => format!("{}...", without_half_a_key(said.get(..end).unwrap_or_default())),
        None => said,
    }
}

/// The beginning of a text, without a last word that may be the first part of a key. A key that does not look like PostHog's is redacted
/// later, by code that knows it, and only where it stands whole.
fn without_half_a_key(beginning: &str) -> &str {
    let last = beginning.bytes().rev().take(MAX_API_KEY_BYTES - 1);
    let part = last.take_while(u8::is_ascii_graphic).count();
    beginning.get(..beginning.len() - part).unwrap_or_default().trim_end()
}

/// Part of a request with its key redacted. A key that is too short to be told from other words is redacted only in the places where a
/// request has its key.
pub(crate) fn redacted(text: &str, api_key: Option<&str>) -> String {
    match api_key {
        Some(key) if !is_distinctive(key) => {
            let field = |key: &str| format!("\"api_key\":{}", serde_json::Value::from(key));
            let token = |key: &str| format!("Bearer {key}");
            let shown = redacted_key(key);
            text.replace(&field(key), &field(shown))
                .replace(&token(key), &token(shown))
        }
        key => without_key(text, key).into_owned(),
    }
}

/// Shorter keys, which no server gives out, would be found in many a text by chance.
const MIN_DISTINCTIVE_KEY_BYTES: usize = 5;

/// A text of somebody else's, without the api key. A key that is too short to be told from other words is left.
pub(crate) fn without_distinctive_key<'t>(text: &'t str, api_key: &str) -> Cow<'t, str> {
    without_key(text, Some(api_key).filter(|key| is_distinctive(key)))
}

/// Whether the key is long enough that a text which contains it surely means the key.
pub(crate) fn is_distinctive(api_key: &str) -> bool {
    api_key.len() >= MIN_DISTINCTIVE_KEY_BYTES
}

/// A text with the api key redacted wherever it stands, as it is or as JSON spells it.
pub(crate) fn without_key<'t>(text: &'t str, api_key: Option<&str>) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    let Some(key) = api_key.filter(|key| !key.is_empty()) else {
        return text;
    };
    if key.contains(['"', '\\']) {
        let spelled = serde_json::Value::from(key).to_string();
        let bare = spelled.strip_prefix('"').and_then(|spelled| spelled.strip_suffix('"'));
        if let Some(bare) = bare.filter(|bare| text.contains(bare)) {
            text = Cow::Owned(text.replace(bare, redacted_key(key)));
        }
    }
    if text.contains(key) {
        text = Cow::Owned(text.replace(key, redacted_key(key)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_key_is_taken_out_of_a_sentence() {
        for (said, shown) in [
            (
                "no photo, phone or phcase of phc_a",
                "no photo, phone or phcase of phc_***",
            ),
            ("phx_0123é, phc_長", "***é, phc_長"),
            ("phc_a1_B2-rest, xphc_a", "phc_***-rest, xphc_***"),
            ("phc_, phx_ and ph", "phc_, phx_ and ph"),
        ] {
            assert_eq!(without_keys(said), shown);
        }
    }

    #[test]
    fn a_key_of_a_few_letters_is_redacted_only_where_it_stands_as_the_key() {
        assert_eq!(without_distinctive_key("users", "user"), "users");
        assert_eq!(without_distinctive_key("users", "users"), "***");
        for (key, spelled) in [("use", "use"), ("u\"s\\", r#"u\"s\\"#)] {
            let sent = format!(r#"{{"api_key":"{spelled}","event":"{spelled}"}}"#);
            let shown = format!(r#"{{"api_key":"***","event":"{spelled}"}}"#);
            assert_eq!(redacted(&sent, Some(key)), shown);
            let sent = format!("Authorization: Bearer {key}");
            assert_eq!(redacted(&sent, Some(key)), "Authorization: Bearer ***");
        }
    }

    #[test]
    fn a_key_is_found_as_json_spells_it_too() {
        for key in ["phc_\"quoted", "phc_\\back"] {
            let spelled = serde_json::Value::from(key).to_string();
            assert_eq!(
                without_key(&format!("{spelled}, {key}"), Some(key)),
                "\"phc_***\", phc_***"
            );
        }
    }

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
}
