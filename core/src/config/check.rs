//! Checks: what the values of options may be, each with the limit and the fix.

use std::time::Duration;

use url::Url;

use super::{Compression, Config, DEFAULT_HOST, Library, ProtocolChoice};
use crate::error::ConfigError;
use crate::operation::nested_value;
use crate::properties::shortened;
use crate::protocol::PATHS;
use crate::redaction::Secret;
use crate::rules::MAX_API_KEY_BYTES;

/// App hosts people copy from their browser, and the ingestion hosts that take events for them (protocol.md §5).
const APP_HOSTS: &[(&str, &str)] = &[
    ("app.posthog.com", "us.i.posthog.com"),
    ("us.posthog.com", "us.i.posthog.com"),
    ("eu.posthog.com", "eu.i.posthog.com"),
];

/// The longest time-out there may be: a day. More is most likely a mistake of units.
pub(crate) const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn check_api_key(given: &str, disabled: bool) -> Result<Secret, ConfigError> {
    let refuse = |problem: &str| Err(ConfigError::new("api_key", problem));
    let key = given.trim();
    if key.is_empty() && !disabled {
        return refuse("is missing; give the project API key (phc_...), found in PostHog under Settings > Project");
    }
    if key.starts_with("phx_") {
        return refuse(
            "is a personal API key (phx_...), which the server refuses for events; give the project API key (phc_...)",
        );
    }
    if key.len() > MAX_API_KEY_BYTES {
        return refuse("is longer than 64 characters; give the project API key (phc_...)");
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("holds spaces, control or non-ASCII characters; copy the project API key (phc_...) again");
    }
    Ok(Secret(key.to_owned()))
}

/// Where other clients send events, besides [`PATHS`].
const OTHER_PATHS: [&str; 2] = ["/i/v0/e/", "/capture/"];

pub(super) fn check_host(given: &str, library: Library) -> Result<String, ConfigError> {
    let refuse = |problem: String| Err(ConfigError::new("host", problem));
    let given = given.trim();
    if given.is_empty() {
        return Ok(DEFAULT_HOST.to_owned());
    }
    if given.len() > MAX_HOST_BYTES {
        let bytes = given.len();
        return refuse(format!("has {bytes} bytes; servers take at most {MAX_HOST_BYTES}"));
    }
    if !given.contains("://") {
        return refuse(without_scheme(given, library));
    }
    let Ok(mut url) = Url::parse(given) else {
        let quotes = if given.starts_with(['"', '\'']) {
            ", without quotes"
        } else {
            ""
        };
        return refuse(format!("is not a URL; write it like {DEFAULT_HOST}{quotes}"));
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("must start with http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user name or password; send such things with the option headers".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must end before ? and #".to_owned());
    }
    if let Some((_, ingestion)) = APP_HOSTS.iter().find(|(app, _)| url.host_str() == Some(app)) {
        // The host is known to be valid, so replacing it cannot fail. What stood after it was the app's page.
        let _ = url.set_host(Some(ingestion));
        url.set_path("");
    }
    let path = url.path().trim_end_matches('/');
    let is_posthogs = url.host_str().is_some_and(|host| host.ends_with(".posthog.com"));
    // Only PostHog's own hosts: somebody's proxy may well have such a path as its prefix.
    let mut routes = PATHS.iter().chain(&OTHER_PATHS).map(|path| path.trim_end_matches('/'));
    if let Some(route) = routes.find(|route| is_posthogs && path.ends_with(route)) {
        return refuse(format!("ends with {route}, which is added to it; leave that out"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// The sentence about a host without a scheme. It repeats only what is surely a host: a swapped argument may be a key, and a URL may hold a
/// password.
fn without_scheme(given: &str, library: Library) -> String {
    if given.starts_with("phc_") || given.starts_with("phx_") {
        let api_key = library.spelled("api_key");
        return format!("looks like an api key; give that as {api_key}, and a URL like {DEFAULT_HOST} as host");
    }
    if given.contains('@') || !given.contains(['.', ':']) {
        return format!("has no scheme; write it like {DEFAULT_HOST}");
    }
    let (problem, bare) = match given.split_once(':') {
        Some(("http" | "https", bare)) => ("is no whole URL", bare),
        _ => ("has no scheme", given),
    };
    let bare = bare.trim_start_matches(['/', '\\']);
    let is_local = ["localhost", "127.", "[::1]"]
        .iter()
        .any(|local| bare.starts_with(local));
    let scheme = if is_local { "http" } else { "https" };
    format!("{problem}; write {scheme}://{}", shortened(bare))
}

pub(super) fn check_timeout(option: &str, timeout: Duration) -> Result<(), ConfigError> {
    if timeout < Duration::from_millis(1) || timeout > MAX_TIME {
        return Err(ConfigError::new(
            option,
            "must be longer than zero (at least a millisecond) and at most a day",
        ));
    }
    Ok(())
}

/// v0 takes gzip and nothing else (protocol.md §1, S). With `auto` it falls back to gzip together with the protocol.
pub(crate) fn check_compression(compression: Option<Compression>, protocol: ProtocolChoice) -> Result<(), ConfigError> {
    match compression {
        Some(coding @ (Compression::Deflate | Compression::Zstd)) if protocol == ProtocolChoice::V0 => {
            let problem = format!("{coding} needs the option protocol to be v1 or auto; v0 takes only gzip");
            Err(ConfigError::new("compression", problem))
        }
        _ => Ok(()),
    }
}

/// Retries of a direct call, or of a queue's batch.
pub(crate) fn check_max_retries(retries: u32) -> Result<(), ConfigError> {
    match retries {
        0..=100 => Ok(()),
        _ => Err(ConfigError::new("max_retries", "must be 0 to 100")),
    }
}

pub(super) fn check_properties(config: &mut Config) -> Result<(), ConfigError> {
    let properties = &mut config.properties;
    let refuse = |key: &str, problem: &str| {
        let problem = match key {
            "" => problem.to_owned(),
            _ => format!("{key}: {problem}"),
        };
        Err(ConfigError::new("properties", problem))
    };
    properties.remove_repeated_keys();
    if let Some(finding) = properties.take_findings().refusals().first() {
        return refuse(&finding.parameter, &finding.message);
    }
    if !config.nested_properties
        && let Some(key) = properties.nested_keys().find(|key| !key.starts_with('$'))
    {
        return refuse(&key, &nested_value(config.library));
    }
    if properties.has_overflowed() || properties.len_bytes() > crate::rules::MAX_EVENT_BYTES / 2 {
        return Err(ConfigError::new(
            "properties",
            "hold more than 500,000 bytes of JSON; every event would be too large",
        ));
    }
    Ok(())
}

/// Longest URL that usual servers take.
const MAX_HOST_BYTES: usize = 2_048;

/// Longest value of a header: what usual servers take for all headers together.
const MAX_HEADER_BYTES: usize = 8_192;

/// Longest suffix of the User-Agent: far more than the name of an app needs, and far less than what servers take.
const MAX_APP_INFO_BYTES: usize = 256;

/// Headers that say what the body is and who sends it; replacing them would break the protocol.
const PROTOCOL_HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

pub(super) fn check_header(name: &str, value: &str) -> Result<(), ConfigError> {
    let refuse = |problem: String| Err(ConfigError::new("headers", problem));
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return refuse(format!(
            "{:?} is no header name; use letters, digits and -",
            shortened(name)
        ));
    }
    let lower = name.to_ascii_lowercase();
    if PROTOCOL_HEADERS.contains(&lower.as_str()) || lower.starts_with("posthog-") {
        return refuse(format!("{name} belongs to the protocol and cannot be replaced"));
    }
    if has_control_characters(value) {
        return refuse(format!("the value of {name} holds control characters"));
    }
    if value.len() > MAX_HEADER_BYTES {
        let bytes = value.len();
        return refuse(format!(
            "the value of {name} has {bytes} bytes; servers take few of more than {MAX_HEADER_BYTES}"
        ));
    }
    Ok(())
}

fn has_control_characters(value: &str) -> bool {
    value.chars().any(char::is_control)
}

pub(super) fn check_proxy(proxy: &str) -> Result<(), ConfigError> {
    let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    match Url::parse(proxy.trim()) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => Ok(()),
        _ => Err(ConfigError::new(
            "proxy",
            "must be a URL like http://proxy.example:3128 (http, https, socks4, socks4a, socks5 or socks5h)",
        )),
    }
}

/// Checks a file's path. The text of a PEM file, given in place of its path, is not repeated: it may hold a private key.
pub(super) fn check_path(option: &str, path: Option<&str>) -> Result<(), ConfigError> {
    match path {
        Some(path) if path.trim().is_empty() => Err(ConfigError::new(
            option,
            "is empty; give the path of a PEM file, or leave it out",
        )),
        Some(path) if path.contains("-----BEGIN") => Err(ConfigError::new(
            option,
            "is the text of a PEM file; keep that in a file, and give its path",
        )),
        _ => Ok(()),
    }
}

pub(super) fn user_agent(library: Library, app_info: Option<&str>) -> Result<String, ConfigError> {
    let own = format!("{library}/{}", crate::VERSION);
    match app_info.map(str::trim) {
        None | Some("") => Ok(own),
        Some(info) if !info.is_ascii() || has_control_characters(info) => Err(ConfigError::new(
            "app_info",
            "must be printable ASCII, for example my-app/2.1",
        )),
        Some(info) if info.len() > MAX_APP_INFO_BYTES => Err(ConfigError::new(
            "app_info",
            format!(
                "has {} bytes; at most {MAX_APP_INFO_BYTES} are allowed, for example my-app/2.1",
                info.len()
            ),
        )),
        Some(info) => Ok(format!("{own} {info}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_protocol_cannot_be_replaced_nor_those_of_others_be_endless() {
        for name in [
            "Accept",
            "Accept-Encoding",
            "Authorization",
            "Connection",
            "Content-Encoding",
            "Content-Length",
            "Content-Type",
            "Expect",
            "Host",
            "TE",
            "Trailer",
            "Transfer-Encoding",
            "Upgrade",
            "User-Agent",
            "PostHog-Attempt",
        ] {
            let refused = check_header(name, "x").unwrap_err();
            assert!(refused.problem().contains("belongs to the protocol"), "{name}");
        }
        assert!(check_header("Post-Hog", "x").is_ok());
        assert!(check_header("X-A", &"x".repeat(MAX_HEADER_BYTES)).is_ok());
        assert!(check_header("X-A", &"x".repeat(MAX_HEADER_BYTES + 1)).is_err());
    }

    #[test]
    fn hosts_are_mapped_and_trimmed() {
        for (given, expected) in [
            ("", DEFAULT_HOST),
            (" https://eu.posthog.com/ ", "https://eu.i.posthog.com"),
            ("https://app.posthog.com", "https://us.i.posthog.com"),
            ("https://eu.posthog.com/project/5", "https://eu.i.posthog.com"),
            (
                "http://Posthog.Internal:8000/prefix//",
                "http://posthog.internal:8000/prefix",
            ),
        ] {
            assert_eq!(check_host(given, Library::Rust).unwrap(), expected);
        }
        assert!(
            check_host("us.i.posthog.com", Library::Rust)
                .unwrap_err()
                .problem()
                .contains("https://us.i.posthog.com")
        );
        let slipped = check_host(r"https:\\us.i.posthog.com", Library::Rust).unwrap_err();
        assert_eq!(slipped.problem(), "is no whole URL; write https://us.i.posthog.com");
        assert!(check_host("localhost:8000", Library::Rust).is_err());
        assert!(check_host("ftp://posthog.internal", Library::Rust).is_err());
    }
}
