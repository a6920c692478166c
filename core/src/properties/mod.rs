//! Properties: user data, walked once and kept as JSON text.
//!
//! Whoever holds the data (a Python dict, JSON text, a Rust value) plays it into a [`Properties`] key by key. This is the one place that
//! looks at user data: it escapes, bounds depth and size, and notes what cannot be sent under the path where it stands. What may stand
//! under which key of which operation is decided later, by the operation.

use std::collections::HashSet;
use std::ops::Range;

use crate::finding::Findings;
use crate::json::write::separate_pair;

mod key;
mod known;
mod play;
mod spare;
mod text;

pub(crate) use key::{Key, KeySet};
use key::{TagSet, bit, tag};
pub use known::KnownKey;
pub(crate) use play::{REPAIRED, omission, refusal};
pub use play::{shortened, step};
pub(crate) use text::is_in_range;

/// Bytes of JSON after which an object is no longer taken in: several times what any event may hold, so that the key which is
/// too large can still be named, while endless input stays bounded.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// Up to here, comparing all keys with each other is cheaper than hashing them.
const FEW_ENTRIES: usize = 32;

/// The object is already far larger than any event may be. Nothing more needs to be played in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The result of one step of playing data in.
pub type Written = Result<(), Full>;

/// One validated JSON object of user data.
///
/// [`insert`](Self::insert) takes any value that serializes. Data of another kind is played in step by step: each [`key`](Self::key) must be
/// followed by exactly one value, and each container that is opened must be closed. Otherwise the event is not JSON, and the server
/// refuses it.
///
/// ```
/// let mut properties = hogwire::Properties::new();
/// properties.key("plan").and_then(|()| properties.text("pro")).unwrap();
/// properties.key("seats").and_then(|()| properties.integer(3)).unwrap();
/// assert_eq!(properties.to_string(), r#"{"plan":"pro","seats":3}"#);
/// ```
#[derive(Clone, Default)]
pub struct Properties {
    /// `"key":value` after `"key":value`, with commas between them.
    text: Vec<u8>,
    entries: Vec<Entry>,
    open: Vec<Container>,
    /// One bit for each entry's tag, so that most keys that are not there need not be looked for.
    tags: u128,
    /// Whether two entries may have the same key, because they have the same tag.
    may_repeat: bool,
    /// Whether some entry was taken out.
    has_gaps: bool,
    /// Boxed, because there is nearly never anything to note, and every call moves one of these around.
    notes: Option<Box<Notes>>,
}

/// What was noted while data was played in.
#[derive(Clone, Debug, Default)]
struct Notes {
    findings: Findings,
    /// The key at which [`MAX_TEXT_BYTES`] was passed, and the bytes that passed it.
    overflow: Option<(String, usize)>,
}

/// Where one top-level `"key":value` stands in the text. It ends before the comma of the next entry, or at the end of the text.
#[derive(Clone, Debug)]
struct Entry {
    start: u32,
    key_end: u32,
    /// Tells most different keys apart without looking at them.
    tag: u32,
    nested: bool,
    removed: bool,
}

impl Entry {
    /// The key as it is written, quotes included.
    fn key_token(&self) -> Range<usize> {
        self.start as usize..self.key_end as usize
    }
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

    /// Whether nothing is left in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| entry.removed)
    }

    fn key_of(&self, entry: &Entry) -> String {
        decode_key(self.text.get(entry.key_token()))
    }

    fn last_key(&self) -> String {
        self.entries.last().map(|entry| self.key_of(entry)).unwrap_or_default()
    }

    /// The key as it is written, without its quotes.
    fn key_bytes(&self, entry: &Entry) -> &[u8] {
        let Range { start, end } = entry.key_token();
        self.text.get(start + 1..end.saturating_sub(1)).unwrap_or_default()
    }

    fn key_text(&self, entry: &Entry) -> &str {
        std::str::from_utf8(self.key_bytes(entry)).unwrap_or_default()
    }

    /// The place of the last entry with this key.
    #[inline]
    fn position(&self, key: &Key<'_>) -> Option<usize> {
        if self.tags & key.bit == 0 {
            return None;
        }
        self.position_by_tag(key)
    }

    fn position_by_tag(&self, key: &Key<'_>) -> Option<usize> {
        self.entries
            .iter()
            .rposition(|entry| entry.tag == key.tag && !entry.removed && self.key_bytes(entry) == key.name.as_bytes())
    }

    /// Where the value of the entry at this position ends.
    fn end_of(&self, position: usize) -> usize {
        let next = self.entries.get(position + 1);
        next.map_or(self.text.len(), |next| (next.start as usize).saturating_sub(1))
    }

    /// The entries that were not removed, each with the place where it ends.
    fn kept(&self) -> impl Iterator<Item = (&Entry, usize)> {
        let entries = self.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| !entry.removed)
            .map(|(position, entry)| (entry, self.end_of(position)))
    }

    fn value_between(&self, entry: &Entry, end: usize) -> Option<&str> {
        std::str::from_utf8(self.text.get(entry.key_end as usize + 1..end)?).ok()
    }

    fn value_at(&self, position: usize) -> Option<&str> {
        self.value_between(self.entries.get(position)?, self.end_of(position))
    }

    /// The JSON text of the value under a key.
    pub(crate) fn value_of<'k>(&self, key: impl Into<Key<'k>>) -> Option<&str> {
        self.value_at(self.position(&key.into())?)
    }

    /// Whether it is worth looking for these keys.
    #[inline]
    pub(crate) fn may_contain_any(&self, keys: KeySet) -> bool {
        self.tags & keys.0 != 0
    }

    #[inline]
    pub(crate) fn contains<'k>(&self, key: impl Into<Key<'k>>) -> bool {
        self.position(&key.into()).is_some()
    }

    /// The text under a key; `None` when it is absent or not text.
    pub(crate) fn text_of<'k>(&self, key: impl Into<Key<'k>>) -> Option<String> {
        serde_json::from_str(self.value_of(key)?).ok()
    }

    /// Takes a key out; the JSON text of its value, if it was there.
    #[inline]
    pub(crate) fn remove<'k>(&mut self, key: impl Into<Key<'k>>) -> Option<String> {
        let position = self.position(&key.into())?;
        self.remove_at(position)
    }

    fn remove_at(&mut self, position: usize) -> Option<String> {
        let value = self.value_at(position)?.to_owned();
        if let Some(entry) = self.entries.get_mut(position) {
            entry.removed = true;
            self.has_gaps = true;
        }
        Some(value)
    }

    /// Keeps the last of each repeated key, as parsers of JSON do. Whoever reads an object that was played in calls this first.
    pub(crate) fn remove_repeated_keys(&mut self) {
        if !std::mem::take(&mut self.may_repeat) {
            return;
        }
        let repeated = if self.entries.len() <= FEW_ENTRIES {
            self.repeated_of_few()
        } else {
            self.repeated_of_many()
        };
        self.has_gaps |= !repeated.is_empty();
        for position in repeated {
            if let Some(entry) = self.entries.get_mut(position) {
                entry.removed = true;
            }
        }
    }

    /// Positions of entries whose key comes again later; for few, comparing them all needs no memory.
    fn repeated_of_few(&self) -> Vec<usize> {
        let comes_again = |(position, entry): (usize, &Entry)| {
            let mut later = self.entries.get(position + 1..).unwrap_or_default().iter();
            let again = later.any(|other| {
                other.tag == entry.tag && !other.removed && self.key_bytes(other) == self.key_bytes(entry)
            });
            (again && !entry.removed).then_some(position)
        };
        self.entries.iter().enumerate().filter_map(comes_again).collect()
    }

    /// As [`repeated_of_few`](Self::repeated_of_few), for many entries: only keys that share a tag with another are hashed.
    fn repeated_of_many(&self) -> Vec<usize> {
        let (mut tags, mut shared) = (
            TagSet::for_many(self.entries.len()),
            TagSet::for_many(self.entries.len()),
        );
        for entry in &self.entries {
            if !tags.insert(entry.tag) {
                shared.insert(entry.tag);
            }
        }
        let mut seen = HashSet::new();
        let from_the_end = self.entries.iter().enumerate().rev();
        from_the_end
            .filter(|(_, entry)| shared.contains(entry.tag) && !entry.removed && !seen.insert(self.key_bytes(entry)))
            .map(|(position, _)| position)
            .collect()
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
        self.kept()
            .map(|(entry, end)| (self.key_of(entry), self.value_between(entry, end).unwrap_or_default()))
    }

    /// The key whose value takes the most bytes, and how many it takes with it.
    pub(crate) fn largest(&self) -> Option<(String, usize)> {
        let overflow = self.notes.as_ref().and_then(|notes| notes.overflow.clone());
        let kept = self.kept().map(|(entry, end)| (entry, end - entry.start as usize));
        let kept = kept.max_by_key(|(_, bytes)| *bytes);
        let kept = kept.map(|(entry, bytes)| (self.key_of(entry), bytes));
        overflow.into_iter().chain(kept).max_by_key(|(_, bytes)| *bytes)
    }

    /// Whether anything was noted while data was played in.
    pub(crate) fn has_notes(&self) -> bool {
        self.notes.is_some()
    }

    pub(crate) fn has_overflowed(&self) -> bool {
        self.notes.as_ref().is_some_and(|notes| notes.overflow.is_some())
    }

    /// What was noted while data was played in; paths are relative to this object.
    pub(crate) fn take_findings(&mut self) -> Findings {
        let notes = self.notes.as_mut();
        notes
            .map(|notes| std::mem::take(&mut notes.findings))
            .unwrap_or_default()
    }

    pub(crate) fn len_bytes(&self) -> usize {
        self.text.len()
    }

    /// Writes `"key":value` pairs after what `out` holds, with a comma first where it needs one.
    pub(crate) fn write_pairs(&self, out: &mut Vec<u8>) {
        if self.has_gaps {
            return self.write_pairs_but(out, |_| false);
        }
        if !self.text.is_empty() {
            separate_pair(out);
            out.extend_from_slice(&self.text);
        }
    }

    /// The same, leaving out keys that `skip` has.
    pub(crate) fn write_pairs_but(&self, out: &mut Vec<u8>, skip: impl Fn(&str) -> bool) {
        for (entry, end) in self.kept().filter(|(entry, _)| !skip(self.key_text(entry))) {
            separate_pair(out);
            out.extend_from_slice(self.text.get(entry.start as usize..end).unwrap_or_default());
        }
    }
}

/// A place in the text, which stays far below 4 GiB: [`MAX_TEXT_BYTES`] and one more token, escaped.
fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl std::fmt::Display for Properties {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut object = self.clone();
        object.remove_repeated_keys();
        let mut text = vec![b'{'];
        object.write_pairs(&mut text);
        text.push(b'}');
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

impl std::fmt::Debug for Properties {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Properties({self})")
    }
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
        assert_eq!(format!("{properties:?}"), format!("Properties({properties})"));
        assert_eq!(properties.nested_keys().collect::<Vec<_>>(), ["b"]);
        assert_eq!(properties.value_of("b"), Some(r#"["x",{"y":null}]"#));
    }

    #[test]
    fn the_last_of_a_repeated_key_stays() {
        assert_eq!(parsed(r#"{"k":1,"j":2,"k":3}"#).to_string(), r#"{"j":2,"k":3}"#);
        for count in [1, FEW_ENTRIES, 2 * FEW_ENTRIES, 5_000] {
            let mut properties = Properties::new();
            for value in 0..3 {
                (0..count).for_each(|number| properties.insert(&format!("key {number}"), value));
                (0..count).for_each(|number| properties.insert(&format!("{value} only, {number}"), value));
            }
            properties.remove_repeated_keys();
            let left: Vec<_> = properties.iter().collect();
            assert_eq!(left.len(), 4 * count);
            let last = left.iter().filter(|(key, _)| key.starts_with("key"));
            assert_eq!(last.filter(|(_, value)| *value == "2").count(), count);
        }
    }

    #[test]
    fn findings_name_the_path() {
        let mut properties = parsed(r#"{"a":{"b":[0,1e999]},"c":123456789012345678901234567890,"d":"\ud800"}"#);
        let findings = properties.take_findings();
        let refused: Vec<_> = findings
            .refusals()
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
        assert_eq!(findings.warnings().first().map(|f| f.parameter.as_str()), Some("d"));
    }

    #[test]
    fn a_number_is_infinite_without_an_exponent_too() {
        for (digits, refused) in [(300, 0), (308, 0), (310, 1), (1_000, 1)] {
            let mut properties = parsed(&format!(r#"{{"n":{}.5}}"#, "1".repeat(digits)));
            assert_eq!(properties.take_findings().refusals().len(), refused, "{digits}");
        }
    }

    #[test]
    fn depth_is_bounded_and_the_neighbours_live() {
        let deep = format!("{{\"deep\":{}1{},\"next\":2}}", "[".repeat(101), "]".repeat(101));
        let mut properties = parsed(&deep);
        assert_eq!(
            properties.take_findings().refusals().first().map(|f| f.code),
            Some(FindingCode::TooDeep)
        );
        assert_eq!(properties.value_of("next"), Some("2"));
        let allowed = format!("{{\"deep\":{}1{}}}", "[".repeat(100), "]".repeat(100));
        assert!(parsed(&allowed).take_findings().refusals().is_empty());
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
        assert_eq!(properties.largest().unwrap().0, "log");
    }

    #[test]
    fn what_stands_deep_inside_is_told_under_its_whole_path() {
        let mut properties = Properties::new();
        properties.key("a").and_then(|()| properties.begin_array()).unwrap();
        assert!(properties.begin_object().unwrap());
        properties.key("b").and_then(|()| properties.begin_object()).unwrap();
        properties.refuse_key("a number");
        let found = properties.take_findings().into_found();
        assert_eq!(found.refusals[0].parameter, "a.0.b");
        // The key that is too large is the outermost.
        assert_eq!(properties.key(&"k".repeat(MAX_TEXT_BYTES)), Err(Full));
        assert_eq!(properties.largest().unwrap().0, "a");
    }

    #[test]
    fn a_million_bad_values_under_a_long_key_are_a_hundred_short_findings() {
        let (key, numbers) = ("k".repeat(1 << 20), "1e999,".repeat(400_000));
        let mut properties = parsed(&format!(r#"{{"{key}":[{numbers}0],"next":{{"{key}":1e999}}}}"#));
        let findings = properties.take_findings();
        assert_eq!((findings.refusals().len(), findings.more()), (100, 399_901));
        let longest = findings.refusals().iter().map(|finding| finding.parameter.len()).max();
        assert!(longest < Some(300), "{longest:?}");
    }

    #[test]
    fn a_key_that_is_too_large_is_named_itself() {
        let long = "k".repeat(MAX_TEXT_BYTES + 1);
        let mut properties = Properties::new();
        properties.key("first").and_then(|()| properties.integer(1)).unwrap();
        assert_eq!(properties.key(&long), Err(Full));
        assert_eq!(properties.key("next"), Err(Full));
        let (named, _) = properties.largest().unwrap();
        assert!(named.starts_with("kkk") && named.ends_with("...") && named.len() == 60);
    }
}
