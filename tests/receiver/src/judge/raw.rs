//! The shapes a v0 request may have. The names and the order of types, variants and fields are the recorded server's, because serde's error texts
//! and its reading of arrays as structs follow from them.

use super::{Refusal, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use uuid::Uuid;

/// Longest token the server takes.
const MAX_TOKEN_BYTES: usize = 64;
/// Longest distinct id; what is longer is cut, with a 200.
const MAX_DISTINCT_ID: usize = 200;

/// A parsed request.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum RawRequest {
    Array(Vec<RawEvent>),
    Batch(Batch),
    One(Box<RawEvent>),
}

/// The envelope of `/batch/`.
#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    #[serde(alias = "api_key")]
    token: String,
    historical_migration: Option<bool>,
    sent_at: Option<String>,
    batch: Vec<RawEvent>,
}

/// One event. Other fields are dropped without a word.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RawEvent {
    #[serde(alias = "$token", alias = "api_key", skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(alias = "$distinct_id", skip_serializing_if = "Option::is_none")]
    distinct_id: Option<Value>,
    pub(super) uuid: Option<Uuid>,
    pub(super) event: String,
    // A map that refuses `null`, which `serde_json::Map` would take for an empty one.
    #[serde(default)]
    properties: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    #[serde(rename = "$set", skip_serializing_if = "Option::is_none")]
    set: Option<BTreeMap<String, Value>>,
    #[serde(rename = "$set_once", skip_serializing_if = "Option::is_none")]
    set_once: Option<BTreeMap<String, Value>>,
}

impl RawRequest {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        Ok(serde_json::from_str(text)?)
    }

    /// The one token of the request, checked for its shape.
    pub(super) fn token(&self) -> Result<String, Refusal> {
        let token = match self {
            Self::Batch(batch) => batch.token.clone(),
            Self::One(event) => event.token().ok_or(Refusal::NoToken)?.to_owned(),
            Self::Array(events) => {
                let mut tokens: BTreeSet<&str> = events.iter().filter_map(RawEvent::token).collect();
                let token = tokens.pop_first().ok_or(Refusal::NoToken)?;
                if !tokens.is_empty() {
                    return Err(Refusal::SeveralTokens);
                }
                token.to_owned()
            }
        };
        check_token(&token).map_err(Refusal::InvalidToken)?;
        Ok(token)
    }

    /// The envelope's moment of sending; what does not parse counts as absent.
    pub(super) fn sent_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Batch(batch) => OffsetDateTime::parse(batch.sent_at.as_deref()?, &Iso8601::DEFAULT).ok(),
            Self::Array(_) | Self::One(_) => None,
        }
    }

    pub(super) fn is_historical(&self) -> bool {
        matches!(self, Self::Batch(batch) if batch.historical_migration == Some(true))
    }

    pub(super) fn events(&self) -> &[RawEvent] {
        match self {
            Self::Array(events) => events,
            Self::Batch(batch) => &batch.batch,
            Self::One(event) => std::slice::from_ref(event),
        }
    }
}

impl RawEvent {
    fn token(&self) -> Option<&str> {
        self.token.as_deref().or_else(|| self.properties.get("token")?.as_str())
    }

    /// The distinct id as text: strings as they are, anything else as JSON; the event's own wins over the one in its properties.
    pub(super) fn distinct_id(&self) -> Result<String, Refusal> {
        let given = |value: &&Value| !value.is_null();
        let value = self
            .distinct_id
            .as_ref()
            .filter(given)
            .or_else(|| self.properties.get("distinct_id").filter(given))
            .ok_or(Refusal::NoDistinctId)?;
        let text = match value {
            Value::String(text) => text.clone(),
            other => {
                // The server's maps are sorted by key; ours may keep the order of arrival.
                let mut sorted = other.clone();
                sorted.sort_all_objects();
                text::of(&sorted)?
            }
        };
        match text.len() {
            0 => Err(Refusal::EmptyDistinctId),
            1..=MAX_DISTINCT_ID => Ok(text),
            _ => Ok(text.chars().take(MAX_DISTINCT_ID).collect()),
        }
    }
}

/// Says what is wrong with a token, in the server's word.
pub(super) fn check_token(token: &str) -> Result<(), &'static str> {
    match token {
        "" => Err("empty"),
        _ if token.len() > MAX_TOKEN_BYTES => Err("too_long"),
        _ if !token.is_ascii() => Err("not_ascii"),
        _ if token.starts_with("phx_") => Err("personal_api_key"),
        _ => Ok(()),
    }
}
