//! Requests and answers as plain data, so that any HTTP client can carry them. Rendering never shows the api key.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use uuid::Uuid;

use crate::finding::Warning;
use crate::operation::Operation;
use crate::protocol::{Protocol, Seen, decompressed};
use crate::redaction::redacted;
use crate::time::Timestamp;
use crate::words::words;

/// An exact request, and what [`interpret`](crate::interpret) needs to read its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Always `POST`.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header names and values, in the order to send them. The HTTP client adds Host and Content-Length.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, compressed when a header says so.
    pub body: Vec<u8>,
    /// Which operation it carries; of a batch of many, the first event's, as are the uuid and the timestamp. A queue's requests all
    /// say [`Operation::Event`]: it keeps events, not calls.
    pub operation: Operation,
    /// Which protocol it speaks.
    pub protocol: Protocol,
    /// The event's uuid; stays the same over attempts.
    pub event_uuid: Uuid,
    /// The event's timestamp; stays the same over attempts.
    pub timestamp: Timestamp,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// What was changed or is doubtful about the input; carried into the outcome.
    pub warnings: Vec<Warning>,
}

impl Request {
    /// A header's value, by name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as text, decompressed.
    #[must_use]
    pub fn body_text(&self) -> Cow<'_, str> {
        match decompressed(self) {
            Some(plain) => Cow::Owned(String::from_utf8_lossy(&plain).into_owned()),
            None => String::from_utf8_lossy(&self.body),
        }
    }

    /// The body as text, decompressed, with the api key redacted.
    #[must_use]
    pub fn redacted_body(&self) -> String {
        redacted(&self.body_text(), self.api_key().as_deref())
    }

    /// The request as a shell command for `curl`, uncompressed and with the api key redacted: to look at, not to run as it is.
    ///
    /// ```
    /// use hogwire::{Config, CreateEvent};
    /// let config = Config::builder("phc_secret").build()?;
    /// let request = hogwire::build(CreateEvent::new("user-1", "it's done"), &config, 1_795_420_800_000, 1, 1).unwrap();
    /// let curl = request.to_curl();
    /// assert!(curl.starts_with("curl -X POST 'https://us.i.posthog.com/batch/'"));
    /// assert!(!curl.contains("phc_secret"));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    #[must_use]
    pub fn to_curl(&self) -> String {
        let key = self.api_key();
        let mut command = format!("curl -X {} {}", self.method, quoted(&self.url));
        for (name, value) in &self.headers {
            if !name.eq_ignore_ascii_case("content-encoding") {
                let header = format!("{name}: {value}");
                command.push_str(&format!(" \\\n  -H {}", quoted(&redacted(&header, key.as_deref()))));
            }
        }
        let body = redacted(&self.body_text(), key.as_deref());
        command.push_str(&format!(" \\\n  --data-binary {}", quoted(&body)));
        command
    }

    /// The api key it carries: in a header (v1) or in the body (v0).
    pub(crate) fn api_key(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            api_key: Cow<'a, str>,
        }
        if let Some(key) = self
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
        {
            return Some(key.to_owned());
        }
        let body = self.body_text();
        let envelope: Envelope<'_> = serde_json::from_str(&body).ok()?;
        Some(envelope.api_key.into_owned())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("operation", &self.operation)
            .field("event_uuid", &self.event_uuid)
            .field("attempt", &self.attempt)
            .field("body", &self.redacted_body())
            .finish_non_exhaustive()
    }
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

pub(crate) fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// An answer, as far as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, decompressed (what is marked gzip and still is will be unpacked), at most 1 MiB of them.
    pub body: Vec<u8>,
    /// Whether the body was longer and was cut.
    pub truncated: bool,
}

impl Response {
    /// The same answer without its body.
    pub(crate) fn clone_head(&self) -> Self {
        Self {
            status: self.status,
            headers: self.headers.clone(),
            body: Vec::new(),
            truncated: self.truncated,
        }
    }

    /// An answer with this status and body and no headers.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            ..Self::default()
        }
    }

    /// An answer whose status is whatever number a caller's HTTP gave. For bindings: Rust's HTTP clients give what fits.
    ///
    /// ```
    /// use hogwire::Response;
    /// assert_eq!(Response::of_any_status(503, "busy"), Ok(Response::new(503, "busy")));
    /// let error = Response::of_any_status(70_000, "").unwrap_err();
    /// assert_eq!(error.to_string(), "the answer has the impossible HTTP status 70000; is this the right host?");
    /// ```
    ///
    /// # Errors
    /// A number that does not fit into [`status`](Self::status) gives a `network` failure that names it, instead of an answer.
    #[doc(hidden)]
    pub fn of_any_status(status: i128, body: impl Into<Vec<u8>>) -> Seen {
        match u16::try_from(status) {
            Ok(status) => Ok(Self::new(status, body)),
            Err(_) => Err(TransportError::new(Failure::Network).with_message(impossible_status(status))),
        }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The sentence about a status outside 200..599.
pub(crate) fn impossible_status(status: i128) -> String {
    format!("the answer has the impossible HTTP status {status}; is this the right host?")
}

words! {
    /// How a request failed to get an answer.
    pub enum Failure {
        /// Time ran out.
        Timeout = "timeout",
        /// No connection, a lost one, or an answer that is no HTTP.
        Network = "network",
        /// The TLS handshake or certificate failed.
        Tls = "tls",
        /// The transport itself is at fault, for example a callback that answered nonsense.
        Internal = "internal",
    }
}

impl Failure {
    /// Those that callers may report, in the order in which sentences name them. For bindings, where a failure is a word.
    ///
    /// ```
    /// use hogwire::Failure;
    /// let words: Vec<_> = Failure::FOR_CALLERS.iter().map(|failure| failure.as_str()).collect();
    /// assert_eq!(words, ["timeout", "network", "tls"]);
    /// ```
    #[doc(hidden)]
    pub const FOR_CALLERS: &'static [Self] = &[Self::Timeout, Self::Network, Self::Tls];
}

/// No answer: what a transport saw instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// Which kind of failure.
    pub failure: Failure,
    /// Whether any byte of the request went out, so that the server may have kept the event.
    pub sent: bool,
    /// A sentence for people.
    pub message: String,
    /// Whether the connection that was lost had been left over from an earlier request. The server has then probably not seen this one, so
    /// it is made again at once.
    pub(crate) stale: bool,
}

impl TransportError {
    /// A failure of which it is not known whether a byte went out: a TLS failure is taken as not sent, every other one as sent.
    #[must_use]
    pub fn new(failure: Failure) -> Self {
        let message = match failure {
            Failure::Timeout => "no answer came in time",
            Failure::Network => "the connection failed",
            Failure::Tls => "the secure connection could not be made",
            Failure::Internal => "the transport failed",
        };
        Self {
            failure,
            sent: failure != Failure::Tls,
            message: message.to_owned(),
            stale: false,
        }
    }

    /// The same failure, with what is known about whether a byte of the request went out.
    #[must_use]
    pub fn with_sent(mut self, sent: bool) -> Self {
        self.sent = sent;
        self
    }

    /// The same failure, with whether its connection had been left over from an earlier request.
    #[cfg(any(test, feature = "ureq"))]
    pub(crate) fn with_stale(mut self, stale: bool) -> Self {
        self.stale = stale;
        self
    }

    /// The same failure, with a sentence.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compression, Config, CreateEvent};

    #[test]
    fn of_failures_only_tls_is_taken_as_not_sent() {
        for failure in Failure::ALL {
            assert_eq!(TransportError::new(*failure).sent, *failure != Failure::Tls);
        }
    }

    #[test]
    fn a_request_that_is_looked_at_shows_no_key() {
        let config = Config::builder("phc_0123")
            .compression(Compression::Gzip)
            .build()
            .unwrap();
        let input = CreateEvent::new("user-1", "paid").property("said", "phc_0123");
        let request = crate::build(input, &config, 0, 1, 1).unwrap();
        assert!(request.body_text().contains("phc_0123"));
        for shown in [request.redacted_body(), format!("{request:?}"), request.to_curl()] {
            assert!(shown.contains("phc_***") && !shown.contains("phc_0123"), "{shown}");
        }
    }
}
