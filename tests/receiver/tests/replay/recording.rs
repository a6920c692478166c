//! One recorded exchange, as the file has it.

use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

/// The token all padded bodies carry.
const TOKEN: &str = "phc_oracle_probe_token_000000000000000000000001";

/// Event names the recorder gave its padded events; the hash tells which.
const PADDED_NAMES: [&str; 2] = ["custom event", "big"];

/// What was written down of a stored event, field by field.
#[derive(Debug, Deserialize)]
#[serde(from = "BTreeMap<String, Box<RawValue>>")]
pub(crate) struct Message(BTreeMap<String, Value>);

impl From<BTreeMap<String, Box<RawValue>>> for Message {
    /// Each field is parsed on its own: some events are nested as deep as the parser goes, and the file nests them deeper still.
    fn from(fields: BTreeMap<String, Box<RawValue>>) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, text)| (name, serde_json::from_str(text.get()).unwrap()))
                .collect(),
        )
    }
}

impl Message {
    pub(crate) fn field(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) request: Request,
    pub(crate) response: Response,
    pub(crate) stored: Option<Vec<Message>>,
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    body: Option<String>,
    body_base64: Option<String>,
    body_description: Option<String>,
    body_bytes: Option<usize>,
    body_sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

pub(crate) fn load(path: &Path) -> Vec<Recording> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl Recording {
    /// Two servers were recorded; what they stored, or the note, tells which.
    pub(crate) fn ran_on_the_broker_server(&self) -> bool {
        let noted = self
            .note
            .as_deref()
            .is_some_and(|note| note.contains("Kafka") || note.contains("quota"));
        let topic = self
            .stored
            .iter()
            .flatten()
            .any(|message| !message.field("topic").is_null());
        noted
            || topic
            || self
                .request
                .body
                .as_deref()
                .is_some_and(|body| body.contains("over_quota"))
    }
}

impl Request {
    /// How many events a described batch holds.
    pub(crate) fn described_events(&self) -> Option<usize> {
        number(self.body_description.as_deref()?, "batch of ", " minimal events")
    }

    /// The body, rebuilt from its description where only that was kept.
    pub(crate) fn body_bytes(&self) -> Result<Vec<u8>, String> {
        if let Some(description) = &self.body_description {
            return self.rebuild(description);
        }
        match (&self.body, &self.body_base64) {
            (Some(text), _) => Ok(text.clone().into_bytes()),
            (None, Some(text)) => base64::engine::general_purpose::STANDARD
                .decode(text)
                .map_err(|error| error.to_string()),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn rebuild(&self, description: &str) -> Result<Vec<u8>, String> {
        if description.starts_with("gzip of") {
            let size = number(description, "padded to ", " MiB").ok_or("unknown description")? * 1024 * 1024;
            // Another compressor made the recorded bytes, so only the content can be the same.
            return Ok(gzip(&padded_event("custom event", size)));
        }
        let candidates = match (self.described_events(), number(description, "padded to ", " bytes")) {
            (Some(count), _) => vec![batch(count)],
            (None, Some(size)) => PADDED_NAMES.iter().map(|name| padded_event(name, size)).collect(),
            (None, None) => Vec::new(),
        };
        let recorded = |body: &Vec<u8>| {
            self.body_bytes == Some(body.len()) && self.body_sha256.as_deref() == Some(sha256(body).as_str())
        };
        candidates
            .into_iter()
            .find(recorded)
            .ok_or_else(|| format!("cannot rebuild the body from {description:?}"))
    }
}

/// The number between two pieces of a text.
fn number(text: &str, before: &str, after: &str) -> Option<usize> {
    text.split_once(before)?.1.split_once(after)?.0.parse().ok()
}

fn padded_event(name: &str, size: usize) -> Vec<u8> {
    let before = format!(
        "{{\"api_key\": \"{TOKEN}\", \"event\": \"{name}\", \"distinct_id\": \"user-1\", \"properties\": {{\"big\": \""
    );
    let after = "\"}}";
    let padding = "a".repeat(size - before.len() - after.len());
    [before.as_str(), &padding, after].concat().into_bytes()
}

fn batch(count: usize) -> Vec<u8> {
    let events: Vec<String> = (0..count)
        .map(|number| format!("{{\"event\": \"e{number}\", \"distinct_id\": \"user-1\"}}"))
        .collect();
    format!("{{\"api_key\": \"{TOKEN}\", \"batch\": [{}]}}", events.join(", ")).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// SHA-256 by way of a TLS cipher suite: the digest is in the tree already, a crate of its own is not.
fn sha256(bytes: &[u8]) -> String {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256
        .tls13()
        .unwrap();
    let digest = suite.common.hash_provider.hash(bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
