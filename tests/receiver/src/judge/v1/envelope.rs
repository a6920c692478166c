//! The headers of a v1 request, all of which are required, and its content coding.

use super::Fault;
use crate::http::Head;
use crate::judge::decode::coded_text;
use crate::judge::raw::check_token;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What the headers say.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) token: String,
    coding: Option<String>,
}

impl Envelope {
    pub(super) fn read(head: &Head) -> Result<Self, Fault> {
        let unauthorized = |reason: &str| Fault::new(401, "unauthorized", reason);
        let authorization = head
            .header("authorization")
            .ok_or_else(|| unauthorized("Authorization is missing"))?;
        let token = authorization
            .strip_prefix("Bearer ")
            .ok_or_else(|| unauthorized("not a Bearer token"))?;
        check_token(token).map_err(unauthorized)?;
        let kind = head.header("content-type").unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Fault::new(
                415,
                "unsupported_media_type",
                "Content-Type must be application/json",
            ));
        }
        check(head, "user-agent", |value| !value.is_empty())?;
        check(head, "posthog-sdk-info", |value| {
            value
                .split_once('/')
                .is_some_and(|(name, version)| !name.is_empty() && !version.is_empty())
        })?;
        check(head, "posthog-attempt", |value| {
            value.parse::<u32>().is_ok_and(|attempt| attempt > 0)
        })?;
        check(head, "posthog-request-id", |value| uuid::Uuid::parse_str(value).is_ok())?;
        check(head, "posthog-request-timestamp", |value| {
            OffsetDateTime::parse(value, &Rfc3339).is_ok()
        })?;
        Ok(Self {
            token: token.to_owned(),
            coding: head.header("content-encoding").map(str::to_ascii_lowercase),
        })
    }

    /// Undoes the content coding.
    pub(super) fn decode(&self, body: &[u8]) -> Result<String, Fault> {
        let coding = self.coding.as_deref();
        match coded_text(coding, body) {
            Some(Ok(text)) => Ok(text),
            Some(Err(error)) => Err(Fault::invalid(format!("the body does not decode: {error}"))),
            None => Err(Fault::new(
                415,
                "unsupported_media_type",
                format!("unknown Content-Encoding {}", coding.unwrap_or_default()),
            )),
        }
    }
}

fn check(head: &Head, name: &str, good: impl Fn(&str) -> bool) -> Result<(), Fault> {
    match head.header(name) {
        Some(value) if good(value) => Ok(()),
        Some(value) => Err(Fault::invalid(format!("{name} is malformed: {value}"))),
        None => Err(Fault::invalid(format!("{name} is missing"))),
    }
}
