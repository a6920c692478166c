//! What a script can ask for: one [`Step`] a judged request. A step is plain data; `delivery` and `connection` carry it out.

use serde::{Deserialize, Serialize};

/// What to do with one request. An empty step judges it normally.
///
/// A step that neither answers by itself (`status`, `raw`, `raw_base64`, `quota`) nor cuts the connection lets the judge answer and keeps the
/// events. A step that does either keeps nothing, unless `store` says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Judge normally; only says aloud what an empty step does.
    #[serde(skip_serializing_if = "is_default")]
    pub judge: bool,
    /// Keep the events although the client is told something else, or nothing.
    #[serde(skip_serializing_if = "is_default")]
    pub store: bool,
    /// Answer as for a project over its quota: 200, nothing stored.
    #[serde(skip_serializing_if = "is_default")]
    pub quota: bool,
    /// Wait this long before answering (or cutting).
    #[serde(skip_serializing_if = "is_default")]
    pub delay_ms: u64,
    /// Answer with this status.
    #[serde(skip_serializing_if = "is_default")]
    pub status: Option<u16>,
    /// Headers of the answer (added to the judge's, when the judge answers). Content-Length is added unless it, or Transfer-Encoding, is given here.
    #[serde(skip_serializing_if = "is_default")]
    pub headers: Vec<(String, String)>,
    /// Body of the answer, as text.
    #[serde(skip_serializing_if = "is_default")]
    pub body: Option<String>,
    /// Body of the answer, as base64.
    #[serde(skip_serializing_if = "is_default")]
    pub body_base64: Option<String>,
    /// Everything that goes onto the wire, as text; the connection is closed afterwards.
    #[serde(skip_serializing_if = "is_default")]
    pub raw: Option<String>,
    /// Everything that goes onto the wire, as base64; the connection is closed afterwards.
    #[serde(skip_serializing_if = "is_default")]
    pub raw_base64: Option<String>,
    /// Pause this long between the bytes of the body (of the whole answer, when it is raw).
    #[serde(skip_serializing_if = "is_default")]
    pub drip_ms: u64,
    /// Repeat the body until the client leaves; no Content-Length is sent.
    #[serde(skip_serializing_if = "is_default")]
    pub endless: bool,
    /// Break the connection at this point.
    #[serde(skip_serializing_if = "is_default")]
    pub cut: Option<Cut>,
    /// Close the connection after the answer.
    #[serde(skip_serializing_if = "is_default")]
    pub close: bool,
    /// Close without the `Connection: close` header that would announce it.
    #[serde(skip_serializing_if = "is_default")]
    pub silent: bool,
    /// Answer once the request's head is read, without reading the body, then close: what a client sees while it is still sending.
    #[serde(skip_serializing_if = "is_default")]
    pub early: bool,
    /// The verdicts of a v1 answer by position in the batch, in place of `{"result":"ok"}`; `null` leaves the event out of the answer.
    #[serde(skip_serializing_if = "is_default")]
    pub results: Vec<serde_json::Value>,
}

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// As soon as the first bytes arrive; the request is not recorded.
    BeforeRequestRead,
    /// When about half of the request's body has been read.
    DuringRequest,
    /// When the whole request has been read.
    BeforeAnswer,
    /// In the middle of the answer's head.
    InHeaders,
    /// In the middle of the answer's body.
    InBody,
}

impl Step {
    /// A step that judges normally.
    pub fn judged() -> Self {
        Self {
            judge: true,
            ..Self::default()
        }
    }

    /// A step that answers with a status and stores nothing.
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }

    /// A step that breaks the connection.
    pub fn cut(cut: Cut) -> Self {
        Self {
            cut: Some(cut),
            ..Self::default()
        }
    }

    /// A step that answers as for a project over its quota.
    pub fn quota() -> Self {
        Self {
            quota: true,
            ..Self::default()
        }
    }

    /// A step that puts exactly these bytes onto the wire and closes.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        use base64::Engine as _;
        Self {
            raw_base64: Some(base64::engine::general_purpose::STANDARD.encode(bytes)),
            ..Self::default()
        }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body of the answer.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Waits before answering.
    #[must_use]
    pub fn delayed(mut self, milliseconds: u64) -> Self {
        self.delay_ms = milliseconds;
        self
    }

    /// Keeps the events although the client is told something else.
    #[must_use]
    pub fn stored(mut self) -> Self {
        self.store = true;
        self
    }

    /// Closes the connection after the answer; `announced` says whether with a `Connection: close` header.
    #[must_use]
    pub fn closed(mut self, announced: bool) -> Self {
        self.close = true;
        self.silent = !announced;
        self
    }

    /// Says what is wrong with the step, or nothing.
    ///
    /// # Errors
    /// A sentence when a base64 field does not decode.
    pub fn check(&self) -> Result<(), String> {
        for text in [&self.body_base64, &self.raw_base64].into_iter().flatten() {
            decode(text).ok_or_else(|| format!("not base64: {text}"))?;
        }
        Ok(())
    }

    pub(crate) fn answers_itself(&self) -> bool {
        self.status.is_some() || self.quota || self.raw_bytes().is_some()
    }

    pub(crate) fn keeps_events(&self) -> bool {
        self.store || !(self.answers_itself() || self.cut.is_some())
    }

    pub(crate) fn raw_bytes(&self) -> Option<Vec<u8>> {
        bytes(self.raw.as_deref(), self.raw_base64.as_deref())
    }

    pub(crate) fn body_bytes(&self) -> Option<Vec<u8>> {
        bytes(self.body.as_deref(), self.body_base64.as_deref())
    }
}

fn bytes(text: Option<&str>, base64: Option<&str>) -> Option<Vec<u8>> {
    text.map(|text| text.as_bytes().to_vec())
        .or_else(|| base64.and_then(decode))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
