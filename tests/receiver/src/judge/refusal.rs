//! Every way in which the recorded server refuses a v0 request, with its status and its exact words.

use crate::http::Answer;

/// A refused request.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Failed to deserialize query string: {0}")]
    Query(serde_urlencoded::de::Error),
    #[error("Failed to buffer the request body: length limit exceeded")]
    BodyTooLong,
    #[error("failed to decode request: {0}")]
    Undecodable(&'static str),
    #[error("failed to parse request: {0}")]
    Unparsable(#[from] serde_json::Error),
    #[error("event submitted without an api_key")]
    NoToken,
    #[error("batch submitted with inconsistent api_key values")]
    SeveralTokens,
    #[error("API key is not valid: {0}")]
    InvalidToken(&'static str),
    #[error("request holds no event")]
    NoEvent,
    #[error("event submitted with an empty event name")]
    EmptyName,
    #[error("event submitted without a distinct_id")]
    NoDistinctId,
    #[error("event submitted with an empty distinct_id")]
    EmptyDistinctId,
    #[error("maximum event size exceeded")]
    EventTooLong,
}

impl Refusal {
    pub(super) fn answer(&self) -> Answer {
        let status = match self {
            Self::NoToken | Self::SeveralTokens | Self::InvalidToken(_) => 401,
            Self::BodyTooLong => 413,
            _ => 400,
        };
        Answer::text(status, self.to_string())
    }
}
