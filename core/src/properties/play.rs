//! Playing data in: one call for each key, value and bracket, made by whoever holds the data. Only JSON text and findings are kept.

use std::borrow::Cow;

use super::{
    Container, Entry, FEW_ENTRIES, Full, KnownKey, MAX_TEXT_BYTES, Properties, Written, bit, decode_key, place, tag,
};
use crate::finding::{FindingCode, Findings, WarningCode};
use crate::json::quick::bare;
use crate::json::write::{needs_escape, write_json, write_json_text, write_quoted};
use crate::rules::MAX_DEPTH;

/// Characters of a key that are kept in a path.
const MAX_STEP: usize = 200;

impl Properties {
    /// A key of the innermost open object; its value must follow.
    ///
    /// # Errors
    /// [`Full`] when the object is already far too large, here and in every other step.
    #[inline]
    pub fn key(&mut self, key: &str) -> Written {
        if needs_escape(key.as_bytes()) {
            return self.escaped_key(key);
        }
        self.plain_key(key)
    }

    /// A key of the innermost open object that was made ready before: several times as quick as [`key`](Self::key).
    /// For bindings, which meet the same key object again and again.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    #[doc(hidden)]
    #[inline]
    pub fn known_key(&mut self, key: &KnownKey) -> Written {
        if !self.has_room(key.len()) {
            return self.key(key.name());
        }
        let start = self.begin_key();
        key.write(&mut self.text);
        self.end_key(start, || key.tag);
        Ok(())
    }

    /// A key whose lone surrogates the caller has replaced by U+FFFD; a warning says so.
    /// For bindings: Rust's text has none.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    #[doc(hidden)]
    pub fn repaired_key(&mut self, key: &str) -> Written {
        self.key(key)?;
        self.warn_lone_surrogate();
        Ok(())
    }

    /// A key without escapes, or with those it has in JSON.
    #[inline]
    pub(super) fn plain_key(&mut self, key: &str) -> Written {
        self.check_room(key.len(), Some(key))?;
        let start = self.begin_key();
        write_quoted(&mut self.text, key, b"\":");
        self.end_key(start, || tag(key.as_bytes()));
        Ok(())
    }

    /// Writes what stands before a key; the place where the key will stand.
    #[inline]
    fn begin_key(&mut self) -> usize {
        let is_first = match self.open.last() {
            None | Some(Container::Array(_)) => self.text.is_empty(),
            Some(Container::Object(key)) => key.is_none(),
        };
        if is_first {
            self.make_room();
        } else {
            self.text.push(b',');
        }
        self.text.len()
    }

    /// Notes a key that was just written, with its colon.
    #[inline]
    fn end_key(&mut self, start: usize, tag: impl FnOnce() -> u32) {
        let key_end = self.text.len() - 1;
        match self.open.last_mut() {
            None => self.add_entry(tag(), start, key_end),
            Some(Container::Object(key)) => *key = Some((start, key_end)),
            Some(Container::Array(_)) => {}
        }
    }

    #[cold]
    fn escaped_key(&mut self, key: &str) -> Written {
        self.check_room(key.len(), Some(key))?;
        let token = serde_json::to_string(key).unwrap_or_default();
        self.plain_key(bare(&token))
    }

    #[inline]
    pub(super) fn make_room(&mut self) {
        if self.text.capacity() == 0 {
            self.make_first_room();
        }
    }

    /// Notes where a key stands in the text; its value follows.
    #[inline]
    pub(super) fn add_entry(&mut self, tag: u32, start: usize, key_end: usize) {
        if self.tags & bit(tag) != 0 {
            // Different tags may share a bit. Of many entries, the tags are not compared here, but at the end, by hashing.
            self.may_repeat |= self.entries.len() > FEW_ENTRIES || self.entries.iter().any(|entry| entry.tag == tag);
        }
        self.tags |= bit(tag);
        self.entries.push(Entry {
            start: place(start),
            key_end: place(key_end),
            tag,
            nested: false,
            removed: false,
        });
    }

    /// Text as a value.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    #[inline]
    pub fn text(&mut self, value: &str) -> Written {
        self.value(value.len(), |text| write_json_text(text, value))
    }

    /// Text whose lone surrogates the caller has replaced by U+FFFD; a warning says so.
    /// For bindings: Rust's text has none.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    #[doc(hidden)]
    pub fn repaired_text(&mut self, value: &str) -> Written {
        self.text(value)?;
        self.warn_lone_surrogate();
        Ok(())
    }

    /// An integer as a value.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn integer(&mut self, value: i64) -> Written {
        self.value(20, |text| write_json(text, &value))
    }

    /// An integer that may be above 2^63 - 1 as a value.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn unsigned(&mut self, value: u64) -> Written {
        self.value(20, |text| write_json(text, &value))
    }

    /// A number as a value; NaN and infinities are refused.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn float(&mut self, value: f64) -> Written {
        if value.is_finite() {
            self.value(24, |text| write_json(text, &value))
        } else {
            self.refuse(FindingCode::NotFinite, &value.to_string())
        }
    }

    /// True or false as a value.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn boolean(&mut self, value: bool) -> Written {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.value(5, |text| text.extend_from_slice(word))
    }

    /// Null as a value.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn null(&mut self) -> Written {
        self.value(4, |text| text.extend_from_slice(b"null"))
    }

    /// Opens an object as a value. `false`: it stands too deep, has been noted, and its content and end must be left out.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn begin_object(&mut self) -> Result<bool, Full> {
        self.begin(b'{', Container::Object(None))
    }

    /// Closes the innermost object.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn end_object(&mut self) -> Written {
        self.end(b'}')
    }

    /// Opens an array as a value. `false`: it stands too deep, has been noted, and its content and end must be left out.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn begin_array(&mut self) -> Result<bool, Full> {
        self.begin(b'[', Container::Array(0))
    }

    /// Closes the innermost array.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    pub fn end_array(&mut self) -> Written {
        self.end(b']')
    }

    /// Notes, in place of a value, that the value cannot be sent. `found` is what stands there, in the caller's words.
    /// For bindings, which meet values of any type.
    ///
    /// # Errors
    /// [`Full`], as [`key`](Self::key).
    #[doc(hidden)]
    #[cold]
    pub fn refuse(&mut self, code: FindingCode, found: &str) -> Written {
        self.null()?;
        if !self.findings().only_counts() {
            let path = self.path();
            self.findings().refuse(code, path, refusal(code, found));
        }
        Ok(())
    }

    /// Notes that a key of the innermost open object is no text; neither it nor its value is taken in. For
    /// bindings, as [`refuse`](Self::refuse).
    #[doc(hidden)]
    #[cold]
    pub fn refuse_key(&mut self, found: &str) {
        if self.findings().only_counts() {
            return;
        }
        let message = refusal(FindingCode::InvalidKey, found);
        let path = self.path_of_open_container();
        self.findings().refuse(FindingCode::InvalidKey, path, message);
    }

    /// Forgets the containers left open when the caller's data ended early; the refusal that follows keeps the text from being sent.
    pub(crate) fn close_all(&mut self) {
        self.open.clear();
    }

    #[cold]
    pub(super) fn warn_lone_surrogate(&mut self) {
        if self.findings().keeps_no_more_warnings() {
            return;
        }
        let path = self.path();
        self.findings().warn(WarningCode::LoneSurrogate, path, REPAIRED);
    }

    fn findings(&mut self) -> &mut Findings {
        &mut self.notes.get_or_insert_default().findings
    }

    fn begin(&mut self, bracket: u8, container: Container) -> Result<bool, Full> {
        if self.open.len() + 1 > MAX_DEPTH {
            return self.refuse_depth().map(|()| false);
        }
        if self.open.is_empty() {
            self.mark_nested();
        }
        self.check_room(1, None)?;
        self.separate_array_value();
        self.text.push(bracket);
        self.open.push(container);
        Ok(true)
    }

    #[cold]
    fn refuse_depth(&mut self) -> Written {
        self.null()?;
        if self.findings().only_counts() {
            return Ok(());
        }
        // The path would be a hundred steps long; the key it starts with says enough.
        let key = step(&self.last_key()).into_owned();
        let found = format!("more than {MAX_DEPTH} levels");
        self.findings()
            .refuse(FindingCode::TooDeep, key, refusal(FindingCode::TooDeep, &found));
        Ok(())
    }

    fn end(&mut self, bracket: u8) -> Written {
        self.open.pop();
        self.text.push(bracket);
        Ok(())
    }

    #[inline]
    pub(super) fn value(&mut self, bytes: usize, write: impl FnOnce(&mut Vec<u8>)) -> Written {
        self.check_room(bytes, None)?;
        self.separate_array_value();
        write(&mut self.text);
        Ok(())
    }

    #[inline]
    fn separate_array_value(&mut self) {
        if let Some(Container::Array(count)) = self.open.last_mut() {
            if *count > 0 {
                self.text.push(b',');
            }
            *count += 1;
        }
    }

    /// Notes that the last key's value is an object or array.
    pub(super) fn mark_nested(&mut self) {
        if let Some(entry) = self.entries.last_mut() {
            entry.nested = true;
        }
    }

    /// Checks that there is room for so many bytes. `key` is given when they are a key.
    #[inline]
    fn check_room(&mut self, bytes: usize, key: Option<&str>) -> Written {
        if self.has_room(bytes) {
            return Ok(());
        }
        self.check_overflow(bytes, key)
    }

    /// Whether there is surely room; otherwise [`check_overflow`](Self::check_overflow) decides.
    #[inline]
    fn has_room(&self, bytes: usize) -> bool {
        self.text.len() + bytes <= MAX_TEXT_BYTES && self.notes.is_none()
    }

    #[cold]
    fn check_overflow(&mut self, bytes: usize, key: Option<&str>) -> Written {
        if self.text.len() + bytes <= MAX_TEXT_BYTES && !self.has_overflowed() {
            return Ok(());
        }
        if !self.has_overflowed() {
            let key = match key.filter(|_| self.open.is_empty()) {
                Some(key) => shortened(key),
                None => self.last_key(),
            };
            self.notes.get_or_insert_default().overflow = Some((key, bytes));
        }
        Err(Full)
    }

    /// The dotted path of the value being written.
    fn path(&self) -> String {
        self.path_through(&self.open)
    }

    fn path_of_open_container(&self) -> String {
        match self.open.split_last() {
            Some((_, around)) => self.path_through(around),
            None => String::new(),
        }
    }

    /// The top-level key, and the step each of these containers is at.
    fn path_through(&self, containers: &[Container]) -> String {
        let mut path = step(&self.last_key()).into_owned();
        for container in containers {
            path.push('.');
            match container {
                Container::Object(Some((start, end))) => path.push_str(&step(&decode_key(self.text.get(*start..*end)))),
                Container::Object(None) => {}
                Container::Array(count) => path.push_str(&count.saturating_sub(1).to_string()),
            }
        }
        path
    }
}

/// The sentence about text in which a lone surrogate was replaced.
pub(crate) const REPAIRED: &str = "half a surrogate pair is no character and was replaced by U+FFFD.";

/// The sentence for a value that cannot be sent.
pub(crate) fn refusal(code: FindingCode, found: &str) -> String {
    match code {
        FindingCode::NotFinite => format!("{found} is not a number JSON can hold; leave the key out or send null."),
        FindingCode::NumberOutOfRange if found.contains(['.', 'e', 'E']) => format!(
            "{} is beyond what a 64-bit number can hold; send it as text.",
            shortened(found)
        ),
        FindingCode::NumberOutOfRange => format!(
            "{} is outside what can be stored exactly (-9223372036854775808 to 18446744073709551615); send it as text.",
            shortened(found)
        ),
        FindingCode::TooDeep => {
            format!("objects and arrays stand {found} deep; at most {MAX_DEPTH} are allowed. Flatten the value.")
        }
        FindingCode::Cycle => format!("the {found} contains itself; send a copy without the cycle."),
        FindingCode::InvalidKey => format!("a key is {found}; keys must be text."),
        FindingCode::UnreadableValue => format!("the value could not be read: {}", shortened(found)),
        _ => format!("the value is {found}; send text, a number, a boolean or null."),
    }
}

/// The sentence for a value that was left out.
pub(crate) fn omission(found: &str) -> String {
    format!("{found} has no form in JSON and was left out, as JSON does.")
}

/// A key as a step of a path. Long keys are cut, because a hundred findings may repeat one; the empty key is written as `""`.
#[must_use]
pub fn step(key: &str) -> Cow<'_, str> {
    if key.is_empty() {
        return Cow::Borrowed("\"\"");
    }
    match key.char_indices().nth(MAX_STEP) {
        None => Cow::Borrowed(key),
        Some((end, _)) => Cow::Owned(format!("{}...", key.get(..end).unwrap_or_default())),
    }
}

/// Enough of a long value to recognise it: 60 characters at most. In the bindings' own sentences too.
///
/// ```
/// assert_eq!(hogwire::binding::shortened("plan"), "plan");
/// assert_eq!(hogwire::binding::shortened(&"long ".repeat(50)).chars().count(), 60);
/// ```
#[must_use]
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        None => text.to_owned(),
        Some(_) => text.chars().take(57).chain("...".chars()).collect(),
    }
}
