//! Properties: user data, walked once and kept as JSON text.
//!
//! Whoever holds the data (a Python dict, JSON text, a Rust value) plays it into a [`Properties`] key by key. This is the one place that
//! looks at user data: it escapes, bounds depth and size, and notes what cannot be sent under the path where it stands. What may stand
//! under which key of which operation is decided later, by the operation.

use crate::finding::Findings;

mod play;
mod text;

pub(crate) use play::{omission, refusal};

/// Bytes of JSON after which an object is no longer taken in: several times what any event may hold, so that the key which is
/// too large can still be named, while endless input stays bounded.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// Said when an object is far larger than any event may be. Nothing more needs to be played in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The result of one step of playing data in.
pub type Written = Result<(), Full>;

/// One validated JSON object of user data.
///
/// Keys come in with [`key`](Self::key), each followed by exactly one value; containers open and close.
///
/// ```
/// let mut properties = hogwire::Properties::new();
/// properties.key("plan").and_then(|()| properties.text("pro")).unwrap();
/// properties.key("seats").and_then(|()| properties.integer(3)).unwrap();
/// assert_eq!(properties.to_string(), r#"{"plan":"pro","seats":3}"#);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// `"key":value` after `"key":value`, with commas between them.
    text: Vec<u8>,
    entries: Vec<Entry>,
    open: Vec<Container>,
    findings: Findings,
    /// The key at which [`MAX_TEXT_BYTES`] was passed.
    overflow: Option<String>,
}

/// Where one top-level `"key":value` stands in the text.
#[derive(Clone, Debug)]
struct Entry {
    start: usize,
    key_end: usize,
    end: usize,
    nested: bool,
    removed: bool,
}

#[derive(Clone, Debug)]
enum Container {
    /// The current key's place in the text, quotes included; `None` before the first key.
    Object(Option<(usize, usize)>),
    /// Values so far.
    Array(usize),
}

impl Properties {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty object with room for this many bytes of JSON.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: Vec::with_capacity(bytes.min(MAX_TEXT_BYTES)),
            ..Self::default()
        }
    }

    /// Whether nothing is left in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.removed)
    }

    fn key_of(&self, entry: &Entry) -> String {
        decode_key(self.text.get(entry.start..entry.key_end))
    }

    fn key_bytes(&self, entry: &Entry) -> &[u8] {
        self.text
            .get(entry.start + 1..entry.key_end.saturating_sub(1))
            .unwrap_or_default()
    }

    fn find(&self, key: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| !entry.removed && self.key_bytes(entry) == key.as_bytes())
    }

    /// The JSON text of the value under a key that needs no escaping.
    pub(crate) fn value_of(&self, key: &str) -> Option<&str> {
        let entry = self.find(key)?;
        std::str::from_utf8(self.text.get(entry.key_end + 1..entry.end)?).ok()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.has_key(key.as_bytes())
    }

    /// The text under a key; `None` when it is absent or not text.
    pub(crate) fn text_of(&self, key: &str) -> Option<String> {
        let value = self.value_of(key)?;
        serde_json::from_str(value).ok()
    }

    /// Takes a key out; the JSON text of its value, if it was there.
    pub(crate) fn remove(&mut self, key: &str) -> Option<String> {
        let value = self.value_of(key)?.to_owned();
        let index = self
            .entries
            .iter()
            .position(|entry| !entry.removed && self.key_bytes(entry) == key.as_bytes())?;
        if let Some(entry) = self.entries.get_mut(index) {
            entry.removed = true;
        }
        Some(value)
    }

    /// Keys (unescaped) whose value is an object or array.
    pub(crate) fn nested_keys(&self) -> impl Iterator<Item = String> + '_ {
        self.entries
            .iter()
            .filter(|entry| entry.nested && !entry.removed)
            .map(|entry| self.key_of(entry))
    }

    /// Every key with the JSON text of its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (String, &str)> + '_ {
        self.entries.iter().filter(|entry| !entry.removed).map(|entry| {
            let value = self.text.get(entry.key_end + 1..entry.end).unwrap_or_default();
            (self.key_of(entry), std::str::from_utf8(value).unwrap_or_default())
        })
    }

    /// The key whose value takes the most bytes.
    pub(crate) fn largest_key(&self) -> Option<String> {
        if let Some(key) = &self.overflow {
            return Some(key.clone());
        }
        let largest = self
            .entries
            .iter()
            .filter(|entry| !entry.removed)
            .max_by_key(|entry| entry.end - entry.start)?;
        Some(self.key_of(largest))
    }

    pub(crate) fn has_overflowed(&self) -> bool {
        self.overflow.is_some()
    }

    /// What was noted while data was played in; paths are relative to this object.
    pub(crate) fn take_findings(&mut self) -> Findings {
        std::mem::take(&mut self.findings)
    }

    pub(crate) fn len_bytes(&self) -> usize {
        self.text.len()
    }

    /// Writes `"key":value` pairs after what `out` holds (a comma first where it needs one), leaving out keys that `skip` has.
    pub(crate) fn write_pairs(&self, out: &mut Vec<u8>, skip: impl Fn(&[u8]) -> bool) {
        for entry in &self.entries {
            if !entry.removed && !skip(self.key_bytes(entry)) {
                separate_pair(out);
                out.extend_from_slice(self.text.get(entry.start..entry.end).unwrap_or_default());
            }
        }
    }

    /// Whether `other` has a key of this object; used to let one object's keys win over another's.
    pub(crate) fn has_key(&self, key: &[u8]) -> bool {
        self.entries
            .iter()
            .any(|entry| !entry.removed && self.key_bytes(entry) == key)
    }
}

impl std::fmt::Display for Properties {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = vec![b'{'];
        self.write_pairs(&mut text, |_| false);
        text.push(b'}');
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// A comma, unless `out` is at the beginning of an object.
pub(crate) fn separate_pair(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'{')) {
        out.push(b',');
    }
}

pub(crate) fn write_json_text(out: &mut Vec<u8>, text: &str) {
    write_json(out, text);
}

/// Writes plain data as JSON. Only numbers, texts and their like come here, and a `Vec` takes every byte, so there is no error to handle.
pub(crate) fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

fn decode_key(token: Option<&[u8]>) -> String {
    token
        .and_then(|token| serde_json::from_slice(token).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FindingCode;

    fn parsed(text: &str) -> Properties {
        Properties::from_valid_json(text)
    }

    #[test]
    fn json_text_is_taken_over_compactly() {
        let properties = parsed(r#" { "a" : 1.50 , "\u0062":["x", {"y":null}], "a2":-0 } "#);
        assert_eq!(properties.to_string(), r#"{"a":1.50,"b":["x",{"y":null}],"a2":-0}"#);
        assert_eq!(properties.nested_keys().collect::<Vec<_>>(), ["b"]);
        assert_eq!(properties.value_of("b"), Some(r#"["x",{"y":null}]"#));
    }

    #[test]
    fn the_last_of_a_repeated_key_stays() {
        assert_eq!(parsed(r#"{"k":1,"j":2,"k":3}"#).to_string(), r#"{"j":2,"k":3}"#);
    }

    #[test]
    fn findings_name_the_path() {
        let mut properties = parsed(r#"{"a":{"b":[0,1e999]},"c":123456789012345678901234567890,"d":"\ud800"}"#);
        let findings = properties.take_findings();
        let refused: Vec<_> = findings
            .refusals
            .iter()
            .map(|f| (f.parameter.as_str(), f.code))
            .collect();
        assert_eq!(
            refused,
            [
                ("a.b.1", FindingCode::NumberOutOfRange),
                ("c", FindingCode::NumberOutOfRange)
            ]
        );
        assert_eq!(findings.warnings.first().map(|f| f.parameter.as_str()), Some("d"));
    }

    #[test]
    fn depth_is_bounded_and_the_neighbours_live() {
        let deep = format!("{{\"deep\":{}1{},\"next\":2}}", "[".repeat(101), "]".repeat(101));
        let mut properties = parsed(&deep);
        assert_eq!(
            properties.take_findings().refusals.first().map(|f| f.code),
            Some(FindingCode::TooDeep)
        );
        assert_eq!(properties.value_of("next"), Some("2"));
        let allowed = format!("{{\"deep\":{}1{}}}", "[".repeat(100), "]".repeat(100));
        assert!(parsed(&allowed).take_findings().refusals.is_empty());
    }

    #[test]
    fn endless_input_is_bounded() {
        let mut properties = Properties::new();
        properties.key("log").unwrap();
        assert!(properties.begin_array().unwrap());
        let mut rounds = 0;
        while properties.text("0123456789").is_ok() {
            rounds += 1;
        }
        assert!(rounds < 1 << 20);
        assert_eq!(properties.largest_key().as_deref(), Some("log"));
    }
}
