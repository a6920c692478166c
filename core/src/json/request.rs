//! Requests as JSON: everything `interpret` needs, so that a request can pass through another process and come back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::outcome::findings;
use crate::finding::WarningCode;
use crate::http::Request;
use crate::operation::Operation;
use crate::protocol::Protocol;
use crate::redaction::without_keys;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, expecting = "what `to_json` writes")]
struct Shape {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body_base64: Option<String>,
    operation: String,
    protocol: String,
    event_uuid: String,
    timestamp: String,
    attempt: u32,
    #[serde(default = "no_warnings")]
    warnings: Value,
}

fn no_warnings() -> Value {
    Value::Array(Vec::new())
}

impl Request {
    /// The request as JSON text, to pass through another process; a body that is not UTF-8 stands under `BodyBase64` instead of `Body`.
    /// It holds the api key, in the body (v0) or a header (v1): not for logs.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = std::str::from_utf8(&self.body).ok().map(str::to_owned);
        let shape = Shape {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body_base64: text.is_none().then(|| STANDARD.encode(&self.body)),
            body: text,
            operation: self.operation.to_string(),
            protocol: self.protocol.to_string(),
            event_uuid: self.event_uuid.to_string(),
            timestamp: self.timestamp.to_string(),
            attempt: self.attempt,
            warnings: serde_json::to_value(&self.warnings).unwrap_or_default(),
        };
        // Texts and numbers always serialize.
        serde_json::to_string(&shape).unwrap_or_default()
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// A sentence that says what is no request of ours.
    pub fn from_json(json: &str) -> Result<Self, String> {
        Self::read(json).map_err(|problem| without_keys(&problem))
    }

    fn read(json: &str) -> Result<Self, String> {
        let shape: Shape = serde_json::from_str(json).map_err(|error| format!("not a request: {error}"))?;
        let body = match (shape.body, shape.body_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(encoded)) => STANDARD
                .decode(encoded)
                .map_err(|error| format!("BodyBase64: {error}"))?,
            _ => return Err("not a request: it needs Body or BodyBase64".to_owned()),
        };
        let unknown = |name: &str, value: &str| format!("{name}: unknown value \"{value}\"");
        Ok(Self {
            method: shape.method,
            url: shape.url,
            headers: shape.headers,
            body,
            operation: Operation::from_word(&shape.operation).ok_or_else(|| unknown("Operation", &shape.operation))?,
            protocol: Protocol::from_word(&shape.protocol).ok_or_else(|| unknown("Protocol", &shape.protocol))?,
            event_uuid: Uuid::try_parse(&shape.event_uuid).map_err(|_| unknown("EventUuid", &shape.event_uuid))?,
            timestamp: Timestamp::parse(&shape.timestamp).map_err(|_| unknown("Timestamp", &shape.timestamp))?,
            attempt: shape.attempt,
            warnings: findings(&shape.warnings, WarningCode::from_word)
                .ok_or("Warnings: not as `to_json` writes them")?,
        })
    }
}
