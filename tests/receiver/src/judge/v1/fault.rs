//! Every way in which the server refuses a v1 request as a whole, with its status and its words (protocol.md §2, R).

use crate::http::Answer;
use serde_json::json;

#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("missing Authorization header")]
    MissingAuthorization,
    #[error("request is missing required headers: {0:?}")]
    MissingHeaders(Vec<&'static str>),
    #[error("invalid header value: {0}")]
    InvalidHeader(String),
    #[error("The provided API token is not valid.")]
    InvalidToken,
    #[error("unsupported content type: {0}")]
    ContentType(String),
    #[error("unsupported content encoding: {0}")]
    Coding(String),
    #[error("payload too large: Request body exceeds limit of {0} bytes")]
    BodyTooLong(usize),
    #[error("request body is empty")]
    EmptyBody,
    #[error("Failed to decode request body.")]
    Undecodable,
    #[error("Failed to parse request body.")]
    Unparsable,
    #[error("request batch is empty")]
    NoEvent,
    #[error("invalid batch: created_at is not valid RFC 3339: {0}")]
    CreatedAt(String),
    #[error("event submitted without a uuid")]
    NoUuid,
    #[error("event uuid is not valid: {0}")]
    InvalidUuid(String),
    #[error("duplicate event uuid: {0}")]
    SameUuid(String),
    #[error("Billing quota exceeded. Events are being dropped. Upgrade your plan to resume ingestion.")]
    OverQuota,
}

impl Fault {
    fn status_and_word(&self) -> (u16, &'static str) {
        match self {
            Self::MissingAuthorization => (401, "missing_authorization"),
            Self::MissingHeaders(_) => (400, "missing_required_headers"),
            Self::InvalidHeader(_) => (400, "invalid_header_value"),
            Self::InvalidToken => (401, "invalid_api_token"),
            Self::ContentType(_) => (415, "unsupported_content_type"),
            Self::Coding(_) => (415, "unsupported_encoding"),
            Self::BodyTooLong(_) => (413, "payload_too_large"),
            Self::EmptyBody => (400, "empty_body"),
            Self::Undecodable => (400, "request_decoding_error"),
            Self::Unparsable => (400, "request_parsing_error"),
            Self::NoEvent => (400, "empty_batch"),
            Self::CreatedAt(_) => (400, "invalid_batch"),
            Self::NoUuid => (400, "missing_event_uuid"),
            Self::InvalidUuid(_) => (400, "invalid_event_uuid"),
            Self::SameUuid(_) => (400, "duplicate_event_uuid"),
            Self::OverQuota => (402, "billing_limit_exceeded"),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        let (status, word) = self.status_and_word();
        let about = match self {
            Self::OverQuota => "https://posthog.com/docs/billing/limits",
            _ => "https://posthog.com/docs/api",
        };
        let body = json!({"error": word, "error_description": self.to_string(), "error_uri": about});
        Answer::json(status, body.to_string())
    }
}
