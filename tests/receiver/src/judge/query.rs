//! The query string of a v0 request. The server reads it before anything else, so its faults win over all others.

use super::Refusal;
use serde::de::{Deserialize, Deserializer, Error as _};
use time::OffsetDateTime;

/// Parameters the server knows; others are ignored.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Query {
    /// Only checked: whether the body is gzip is seen from the body itself.
    #[serde(rename = "compression")]
    _compression: Option<Compression>,
    #[serde(rename = "lib_version", alias = "ver")]
    _lib_version: Option<String>,
    #[serde(alias = "_")]
    sent_at: Option<i64>,
}

/// A word for gzip. Written by hand, because serde now lists aliases in its error and the recorded server's serde did not.
#[derive(Debug)]
struct Compression;

impl<'de> Deserialize<'de> for Compression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        match word.as_str() {
            "Unsupported" | "gzip" | "gzip-js" => Ok(Self),
            _ => Err(D::Error::unknown_variant(&word, &["Unsupported", "gzip"])),
        }
    }
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        serde_urlencoded::from_str(text).map_err(Refusal::Query)
    }

    /// The moment of sending in milliseconds. What lands before 2021 was meant as seconds, and is dropped as the server drops it.
    pub(super) fn sent_at(&self) -> Option<OffsetDateTime> {
        let nanoseconds = i128::from(self.sent_at?) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
            .ok()
            .filter(|moment| moment.year() > 2020)
    }
}
