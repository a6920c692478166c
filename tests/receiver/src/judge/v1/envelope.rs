//! The headers of a v1 request, all of which are required, and its content coding.

use super::Fault;
use crate::http::Head;
use crate::judge::decode::coded_text;
use crate::judge::raw::check_token;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const REQUEST_ID: &str = "PostHog-Request-Id";
const ATTEMPT: &str = "PostHog-Attempt";
const TIMESTAMP: &str = "PostHog-Request-Timestamp";

/// As the server spells and orders them where it names those that are missing. What PostHog-Sdk-Info says may be anything.
const REQUIRED: [&str; 6] = [
    "PostHog-Sdk-Info",
    ATTEMPT,
    REQUEST_ID,
    TIMESTAMP,
    "content-type",
    "user-agent",
];

/// What the headers say.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) token: String,
    coding: Option<String>,
}

impl Envelope {
    pub(super) fn read(head: &Head) -> Result<Self, Fault> {
        let value = |name: &str| head.header(&name.to_ascii_lowercase());
        let authorization = value("authorization").ok_or(Fault::MissingAuthorization)?;
        let missing: Vec<_> = REQUIRED.into_iter().filter(|name| value(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(Fault::MissingHeaders(missing));
        }
        let token = match authorization.split_at_checked(7) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer ") => token.trim(),
            _ => return Err(Fault::InvalidHeader("Authorization must use Bearer scheme".into())),
        };
        check_token(token).map_err(|_| Fault::InvalidToken)?;
        let kind = value("content-type").unwrap_or_default();
        let mime = kind.split(';').next().unwrap_or_default().trim();
        if !mime.eq_ignore_ascii_case("application/json") {
            return Err(Fault::ContentType(kind.to_owned()));
        }
        let coding = value("content-encoding").map(str::to_ascii_lowercase);
        if coding
            .as_deref()
            .is_some_and(|coding| coded_text(Some(coding), b"").is_none())
        {
            return Err(Fault::Coding(coding.unwrap_or_default()));
        }
        let check = |name, wanted, good: &dyn Fn(&str) -> bool| match value(name).unwrap_or_default() {
            value if good(value) => Ok(()),
            value => Err(Fault::InvalidHeader(format!("{name} {wanted}: {value}"))),
        };
        let is_count = |value: &str| value.parse::<u32>().is_ok_and(|attempt| attempt > 0);
        check(REQUEST_ID, "is not a valid UUID", &|value| {
            uuid::Uuid::parse_str(value).is_ok()
        })?;
        check(ATTEMPT, "must be a positive integer", &is_count)?;
        check(TIMESTAMP, "is not valid RFC 3339", &|value| {
            OffsetDateTime::parse(value, &Rfc3339).is_ok()
        })?;
        Ok(Self {
            token: token.to_owned(),
            coding,
        })
    }

    /// Undoes the content coding.
    pub(super) fn decode(&self, body: &[u8]) -> Result<String, Fault> {
        if body.is_empty() {
            return Err(Fault::EmptyBody);
        }
        let text = coded_text(self.coding.as_deref(), body);
        text.and_then(Result::ok).ok_or(Fault::Undecodable)
    }
}
