//! How a receiver is set up. It is plain data with serde names, because the program's flags and other languages use the same words.

use serde::{Deserialize, Serialize};

/// What a receiver listens on and which limits it holds clients to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Address to bind; port 0 takes a free one, `[::1]:0` is IPv6.
    pub bind: String,
    /// Serve everything below this path, as behind a reverse proxy; "" or for example "/ingest".
    pub path_prefix: String,
    /// Largest request body. The old server takes exactly 2 MiB (protocol.md §1).
    pub max_body_bytes: usize,
    /// Largest broker message, which holds the event as a JSON string inside JSON; `None` is the recorded server's print sink, which has no limit.
    pub max_event_bytes: Option<usize>,
    /// Tokens whose project is over its billing quota: answered 200, nothing stored.
    pub over_quota_tokens: Vec<String>,
    /// Also judge `POST /i/v1/analytics/events`; the recorded server answers 404 there.
    pub v1: bool,
    /// Serve TLS with a certificate of this kind.
    pub tls: Option<Tls>,
    /// Under TLS, refuse clients without a certificate of the receiver's own authority.
    pub client_certificate: bool,
}

/// The server certificate to present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Valid for `localhost`, `127.0.0.1` and `::1`, signed by the authority the receiver hands out.
    Trusted,
    /// As `Trusted`, but no longer valid.
    Expired,
    /// As `Trusted`, but for another host.
    WrongName,
    /// Signed by an authority other than the one handed out.
    UnknownAuthority,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bind: "127.0.0.1:0".into(),
            path_prefix: String::new(),
            max_body_bytes: 2 * 1024 * 1024,
            max_event_bytes: Some(1_000_000),
            over_quota_tokens: Vec::new(),
            v1: false,
            tls: None,
            client_certificate: false,
        }
    }
}
