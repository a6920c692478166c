//! Known keys: made ready once, for the many objects they stand in.

use super::key;
use crate::json::write::{needs_escape, write_quoted};

/// Bytes that are copied whatever a key's length is: a copy of a fixed size is what makes this quick.
const TOKEN_BYTES: usize = 32;

/// A key made ready once for many objects: checked, and as it is written in JSON. [`Properties::known_key`](super::Properties::known_key)
/// takes it.
#[derive(Clone, Copy, Debug)]
pub struct KnownKey {
    /// `"key":` and zeros.
    token: [u8; TOKEN_BYTES],
    length: u8,
    pub(super) tag: u32,
}

impl KnownKey {
    /// Makes a key ready. `None` for keys of more than 29 bytes, and for those that JSON escapes: nothing would be gained.
    ///
    /// ```
    /// use hogwire::binding::KnownKey;
    /// use hogwire::Properties;
    ///
    /// let plan = KnownKey::new("plan").unwrap();
    /// let mut properties = Properties::new();
    /// properties.known_key(&plan).and_then(|()| properties.text("pro")).unwrap();
    /// assert_eq!(properties.to_string(), r#"{"plan":"pro"}"#);
    ///
    /// assert!(KnownKey::new("a \"quoted\" key").is_none());
    /// ```
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        if needs_escape(key.as_bytes()) {
            return None;
        }
        let (mut written, mut token) = (Vec::with_capacity(TOKEN_BYTES), [0; TOKEN_BYTES]);
        write_quoted(&mut written, key, b"\":");
        token.get_mut(..written.len())?.copy_from_slice(&written);
        Some(Self {
            token,
            length: u8::try_from(written.len()).ok()?,
            tag: key::tag(key.as_bytes()),
        })
    }

    /// Bytes of the key with its quotes and colon.
    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// The key itself.
    pub(super) fn name(&self) -> &str {
        let name = self.token.get(1..self.len().saturating_sub(2)).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len();
        out.extend_from_slice(&self.token);
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Properties, Written};
    use super::*;

    #[test]
    fn known_keys_are_written_like_others_and_meet_them() {
        for key in ["", "a", "plan", "clé", "exactly twenty-nine bytes all"] {
            let known = KnownKey::new(key).unwrap();
            assert_eq!(known.name(), key);
            let played = |write: &dyn Fn(&mut Properties) -> Written| {
                let mut properties = Properties::new();
                for value in 0..2 {
                    write(&mut properties).and_then(|()| properties.integer(value)).unwrap();
                    properties.key(key).and_then(|()| properties.begin_object()).unwrap();
                    write(&mut properties).and_then(|()| properties.null()).unwrap();
                    write(&mut properties).and_then(|()| properties.null()).unwrap();
                    properties.end_object().unwrap();
                }
                properties.to_string()
            };
            let with_known = played(&|properties| properties.known_key(&known));
            let with_others = played(&|properties| properties.key(key));
            assert_eq!(with_known, with_others);
        }
    }

    #[test]
    fn what_gains_nothing_is_not_made_ready() {
        for key in ["thirty bytes are just too many", "tab\t", "\"", "\\"] {
            assert!(KnownKey::new(key).is_none(), "{key}");
        }
    }
}
