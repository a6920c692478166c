//! Legible: what was seen, as it is read: unpacked, and without the api key, which must not show in what is said of a request.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::str::Utf8Chunk;

use serde_json::Value;

use super::Seen;
use super::packed::unpacked;
use crate::http::{Request, Response};
use crate::redaction::{is_distinctive, without_key};
use crate::rules::MAX_ANSWER_BYTES;

/// What PostHog says to nearly every request (protocol.md §1), and to look for the key takes reading the request again.
const USUAL_SUCCESSES: [&[u8]; 2] = [br#"{"status":"Ok"}"#, br#"{"status":1}"#];

/// A request with the api key that must not show in what is said of it, looked for at most once.
pub(super) struct Sent<'r> {
    pub(super) request: &'r Request,
    api_key: OnceCell<Option<String>>,
}

impl<'r> Sent<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        Self {
            request,
            api_key: OnceCell::new(),
        }
    }

    fn api_key(&self) -> Option<&str> {
        let find = || self.request.api_key().filter(|key| is_distinctive(key));
        self.api_key.get_or_init(find).as_deref()
    }

    /// A text without the api key.
    pub(super) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        without_key(text, self.api_key())
    }

    /// What was seen, as it is read: unpacked, and without the api key where a server sends back what it got.
    pub(super) fn legible<'s>(&self, seen: &'s Seen) -> Cow<'s, Seen> {
        match seen.as_ref().ok().and_then(unpacked) {
            None => self.without_key_echoed(seen),
            Some(response) => Cow::Owned(self.without_key_echoed(&Ok(response)).into_owned()),
        }
    }

    fn without_key_echoed<'s>(&self, seen: &'s Seen) -> Cow<'s, Seen> {
        let may_echo = |response: &Response| !USUAL_SUCCESSES.contains(&&response.body[..]);
        match seen {
            Ok(response) if may_echo(response) && self.api_key().is_some() => match self.redacted(&response.body) {
                None => Cow::Borrowed(seen),
                Some(body) => Cow::Owned(Ok(Response {
                    body,
                    truncated: response.truncated || response.body.len() > MAX_ANSWER_BYTES,
                    ..response.clone_head()
                })),
            },
            _ => Cow::Borrowed(seen),
        }
    }

    /// A body without the api key, also where its characters stand there as JSON escapes; `None`: it has none.
    fn redacted(&self, body: &[u8]) -> Option<Vec<u8>> {
        let spelled_out = || serde_json::from_slice::<Value>(without_mark(body)).ok();
        self.changed(body).or_else(|| {
            let spelled_out = body.contains(&b'\\').then(spelled_out).flatten()?;
            self.changed(spelled_out.to_string().as_bytes())
        })
    }

    /// The same for an api key that stands there as it is. What is no UTF-8 stays so: without it, the rest might be JSON.
    fn changed(&self, body: &[u8]) -> Option<Vec<u8>> {
        let holds_key = |chunk: Utf8Chunk<'_>| matches!(self.redact(chunk.valid()), Cow::Owned(_));
        let redacted = |chunk: Utf8Chunk<'_>| [self.redact(chunk.valid()).as_bytes(), chunk.invalid()].concat();
        let is_changed = body.utf8_chunks().any(holds_key);
        is_changed.then(|| body.utf8_chunks().flat_map(redacted).collect())
    }
}

/// A body without the byte order mark that some gateways put before it; whoever reads JSON may pass it over (RFC 8259 §8.1).
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}
