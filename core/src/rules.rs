//! What the server refuses or silently changes, as numbers and lists, each with its reason and source.
//!
//! Sections are those of docs/protocol.md; S was seen on a running server, R read in its source.

use std::time::Duration;

/// Characters (Unicode scalars) of a distinct id, an event name, a screen name: the server cuts a longer distinct id silently (§1, S).
pub(crate) const MAX_NAME_CHARACTERS: usize = 200;

/// Bytes of a distinct id and an event name on v1, which drops events with longer ones (§2, R).
pub(crate) const MAX_NAME_BYTES: usize = 200;

/// Bytes of an event as the server hands it to its broker: the event's JSON escaped once more as a JSON string, plus its wrapping (§1, S).
pub(crate) const MAX_EVENT_BYTES: usize = 1_000_000;

/// Room for what the server wraps around an event in its broker message (product.md §1, Size).
pub(crate) const EVENT_WRAPPING_BYTES: usize = 1_024;

/// Objects and arrays inside one another. The server's parser stops at 124 inside a batch (§1, S).
pub(crate) const MAX_DEPTH: usize = 100;

/// A timestamp further ahead than this is silently replaced by the server's own clock (§1, R).
pub(crate) const MAX_FUTURE: Duration = Duration::from_secs(23 * 60 * 60);

/// The lowest number taken as Unix milliseconds (March 1973); anything smaller is most likely seconds.
pub(crate) const MIN_TIMESTAMP_MS: i64 = 100_000_000_000;

/// The first number too large for Unix milliseconds (year 5138); anything from here on is most likely microseconds.
pub(crate) const MAX_TIMESTAMP_MS: i64 = 100_000_000_000_000;

/// Bytes of an api key the server accepts (§1, S: `API key is not valid: too_long`).
pub(crate) const MAX_API_KEY_BYTES: usize = 64;

/// Events of one request, unless a queue is told otherwise.
pub(crate) const MAX_BATCH_EVENTS: usize = 1_000;

/// Bytes of JSON of one request, unless a queue is told otherwise: half of what the old server takes (§1, S).
pub(crate) const MAX_BATCH_BYTES: usize = 1 << 20;

/// Bytes of an answer that are read; real answers have a few hundred, and on v1 about a hundred for each event.
pub(crate) const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Events of one request on v1, at most: so many verdicts of 200 bytes each fit into an answer.
pub(crate) const MAX_JUDGED_EVENTS: usize = 5_000;

/// A Retry-After longer than this is treated as this much, so that a wrong header cannot stall a caller for days.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Query keys that a page's URL hands on as properties: the campaign parameters and click ids PostHog knows.
pub(crate) const CAMPAIGN_PARAMETERS: &[&str] = &[
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "twclid",
    "li_fat_id",
    "igshid",
    "ttclid",
    "rdt_cid",
    "epik",
    "qclid",
    "sccid",
    "irclid",
    "_kx",
    "gad_source",
    "mc_cid",
];

/// Distinct ids that stand for nobody (§3, R), by their length.
const fn placeholder_ids(bytes: usize) -> &'static [&'static str] {
    match bytes {
        1 => &["0"],
        2 => &["id"],
        3 => &["nan"],
        4 => &["none", "null", "true", "user"],
        5 => &["email", "false", "guest"],
        6 => &["system"],
        7 => &["backend"],
        9 => &["anonymous", "undefined"],
        10 => &["distinctid"],
        11 => &["distinct_id"],
        14 => &["anonymous-user"],
        15 => &["[object object]"],
        17 => &["not_authenticated"],
        36 => &["00000000-0000-0000-0000-000000000000"],
        _ => &[],
    }
}

/// Whether this id stands for nobody, in any case and inside single or double quotes (§3, R).
pub(crate) fn is_placeholder_id(id: &str) -> bool {
    let bare = ['"', '\'']
        .iter()
        .find_map(|quote| id.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(id);
    placeholder_ids(bare.len())
        .iter()
        .any(|placeholder| bare.eq_ignore_ascii_case(placeholder))
}

/// Device types as PostHog names them, and the operating system where the word implies one (product.md §1).
const DEVICE_TYPES: &[(&str, &str, Option<&str>)] = &[
    ("ios", "Mobile", Some("iOS")),
    ("iphone", "Mobile", Some("iOS")),
    ("android", "Mobile", Some("Android")),
    ("phone", "Mobile", None),
    ("mobile", "Mobile", None),
    ("ipad", "Tablet", Some("iOS")),
    ("tablet", "Tablet", None),
    ("android tablet", "Tablet", Some("Android")),
    ("mac", "Desktop", Some("macOS")),
    ("macos", "Desktop", Some("macOS")),
    ("windows", "Desktop", Some("Windows")),
    ("linux", "Desktop", Some("Linux")),
    ("desktop", "Desktop", None),
    ("console", "Console", None),
    ("watch", "Wearable", None),
    ("wearable", "Wearable", None),
];

/// PostHog's `$device_type` and `$os` for a device type in the caller's words.
pub(crate) fn device_type(given: &str) -> Option<(&'static str, Option<&'static str>)> {
    let given = given.trim();
    DEVICE_TYPES
        .iter()
        .find(|(word, _, _)| given.eq_ignore_ascii_case(word))
        .map(|(_, device, system)| (*device, *system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_in_any_case_and_in_quotes() {
        for id in ["null", "NULL", "\"None\"", "'guest'", "[Object Object]", "0"] {
            assert!(is_placeholder_id(id), "{id}");
        }
        for id in ["", "user-1", "00", "\"null'", "guests"] {
            assert!(!is_placeholder_id(id), "{id}");
        }
    }

    #[test]
    fn placeholders_stand_under_their_length() {
        let all: Vec<_> = (0..64)
            .flat_map(|bytes| placeholder_ids(bytes).iter().map(move |id| (bytes, *id)))
            .collect();
        assert_eq!(all.len(), 20);
        for (bytes, id) in all {
            assert_eq!(id.len(), bytes, "{id}");
        }
    }
}
