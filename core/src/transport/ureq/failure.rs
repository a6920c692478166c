//! Failures: what ureq's errors mean, and what is said of them.

use rustls::AlertDescription as Alert;
use ureq::{Error, Timeout};
use url::{Position, Url};

use super::watch::Trace;
use crate::config::Library;
use crate::http::{Failure, Request, TransportError};

/// A request that failed, and what was seen of it.
pub(super) struct Failed<'r> {
    pub(super) request: &'r Request,
    pub(super) trace: Trace,
    /// Whether there is a proxy of whatever kind.
    pub(super) proxied: bool,
    pub(super) library: Library,
}

impl Failed<'_> {
    /// The failure that this error of ureq's means, with a sentence that names the option to look at.
    pub(super) fn explain(&self, error: &Error) -> TransportError {
        let failure = failure_after(self.trace, error);
        let url = Url::parse(&self.request.url).ok();
        let server = Server::of(url.as_ref());
        let message = match (failure, error) {
            (Failure::Timeout, _) => self.timeout(error, &server),
            (_, Error::ConnectProxyFailed(reason)) => no_tunnel(reason, &server),
            (_, Error::HostNotFound) => {
                let name = if self.proxied { " or that of the proxy" } else { "" };
                let (host, options) = (server.host, self.options());
                format!("the host name {host}{name} could not be resolved; check {options}")
            }
            (Failure::Tls, _) => {
                let advice =
                    tls_error(error).map_or_else(String::new, |error| tls_advice(error, self.proxied, self.library));
                let (address, by_proxy, words) = (server.address, self.by_proxy(), words(error));
                format!("no secure connection to {address}{by_proxy}: {words}{advice}")
            }
            (Failure::Network, _) => self.network(error, &server),
            (Failure::Internal, _) => format!("the request could not be sent: {error}"),
        };
        TransportError::new(failure)
            .with_sent(self.trace.sent && failure != Failure::Tls)
            .with_message(message)
    }

    fn timeout(&self, error: &Error, server: &Server<'_>) -> String {
        if self.trace.sent {
            let (host, time) = (server.host, self.library.spelled("timeout_ms"));
            return format!("{host} did not answer in time; raise {time} if it needs longer");
        }
        let is_whole = matches!(error, Error::Timeout(Timeout::Global | Timeout::PerCall));
        let time = if is_whole { "timeout_ms" } else { "connect_timeout_ms" };
        let (address, by_proxy, options) = (server.address, self.by_proxy(), self.options());
        format!(
            "no connection to {address}{by_proxy} could be made in time; check {options}, or raise {}",
            self.library.spelled(time)
        )
    }

    fn network(&self, error: &Error, server: &Server<'_>) -> String {
        let (host, words) = (server.host, words(error));
        match error {
            Error::Protocol(_) if self.trace.answered && server.is_plain => format!(
                "the answer of {host} is no HTTP: {error}; if the server speaks TLS, write https:// in the option host"
            ),
            _ if self.trace.answered => format!("the answer of {host} broke off or is no HTTP: {words}"),
            _ if self.trace.sent => format!("the connection to {host} was lost before an answer came: {words}"),
            Error::Io(error) if wants_file(error) => {
                let (address, by_proxy) = (server.address, self.by_proxy());
                let connections = self.library.spelled("max_connections");
                format!(
                    "no connection to {address}{by_proxy}: {words}; raise the limit of open files (ulimit -n), or lower {connections}"
                )
            }
            _ => {
                let (address, by_proxy, options) = (server.address, self.by_proxy(), self.options());
                format!("no connection to {address}{by_proxy}: {words}; check {options}")
            }
        }
    }

    const fn by_proxy(&self) -> &'static str {
        if self.proxied { " through the proxy" } else { "" }
    }

    /// The options that say where a connection goes.
    const fn options(&self) -> &'static str {
        if self.proxied {
            "the options host and proxy"
        } else {
            "the option host"
        }
    }
}

/// The server, as sentences name it.
struct Server<'u> {
    host: &'u str,
    /// With the port, where one was given.
    address: &'u str,
    /// Whether it is asked without TLS.
    is_plain: bool,
}

impl<'u> Server<'u> {
    fn of(url: Option<&'u Url>) -> Self {
        Self {
            host: url.and_then(Url::host_str).unwrap_or_default(),
            address: url.map_or("", |url| &url[Position::BeforeHost..Position::AfterPort]),
            is_plain: url.is_some_and(|url| url.scheme() == "http"),
        }
    }
}

/// What the error says, without ureq's word for where it came up.
fn words(error: &Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// Whether the process, or the system, has no file left for a connection: EMFILE and ENFILE, and what Windows calls the former.
pub(super) fn wants_file(error: &std::io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[10_024] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// The sentence about a proxy that made no connection to the server.
fn no_tunnel(reason: &str, server: &Server<'_>) -> String {
    // ureq gives the status twice: 407/407.
    let reason = reason.split('/').next().unwrap_or_default();
    let advice = match reason.contains("407") {
        true => "check the user and the password in the option proxy",
        false => "check the option proxy",
    };
    format!("the proxy made no connection to {}: {reason}; {advice}", server.address)
}

/// What failed. Once the request is out, TLS that breaks is a lost connection: the server may have read what came before. But a server that
/// refuses our certificate says so after our first bytes (TLS 1.3), and has read none of them.
fn failure_after(trace: Trace, error: &Error) -> Failure {
    match failure_of(error) {
        Failure::Tls if trace.sent && (trace.answered || !trace.connected || !is_refusal(error)) => Failure::Network,
        failure => failure,
    }
}

/// Whether the server has ended the handshake because it refuses us.
fn is_refusal(error: &Error) -> bool {
    let refusals = [
        Alert::HandshakeFailure,
        Alert::NoCertificate,
        Alert::BadCertificate,
        Alert::UnsupportedCertificate,
        Alert::CertificateRevoked,
        Alert::CertificateExpired,
        Alert::CertificateUnknown,
        Alert::UnknownCA,
        Alert::AccessDenied,
        Alert::CertificateRequired,
    ];
    matches!(tls_error(error), Some(rustls::Error::AlertReceived(alert)) if refusals.contains(alert))
}

fn tls_error(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(io) => {
            let inner = io.get_ref()?;
            let of_ureq = || tls_error(inner.downcast_ref::<Error>()?);
            inner.downcast_ref::<rustls::Error>().or_else(of_ureq)
        }
        _ => None,
    }
}

pub(super) fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Timeout(_) => Failure::Timeout,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) | Error::TlsRequired => Failure::Tls,
        // The operating system's own time-out, which has a number, means that the peer has vanished.
        Error::Io(io) if io.kind() == std::io::ErrorKind::TimedOut && io.raw_os_error().is_none() => Failure::Timeout,
        Error::Io(io) if is_tls(io) => Failure::Tls,
        Error::Http(_) | Error::BadUri(_) => Failure::Internal,
        // Everything else is a connection that failed or an answer that is no HTTP.
        _ => Failure::Network,
    }
}

fn is_tls(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>()
            || inner
                .downcast_ref::<Error>()
                .is_some_and(|error| failure_of(error) == Failure::Tls)
    })
}

/// What a program can do about TLS that fails, where that can be told.
fn tls_advice(error: &rustls::Error, proxied: bool, library: Library) -> String {
    use rustls::{CertificateError, Error};
    match error {
        // Either of the two may speak plain HTTP; nobody is to give up TLS to the server because the proxy has none.
        Error::InvalidMessage(_) if proxied => {
            "; if the proxy speaks plain HTTP, write http:// in the option proxy; if the server does, in the option host".to_owned()
        }
        Error::InvalidMessage(_) => "; if the server speaks plain HTTP, write http:// in the option host".to_owned(),
        Error::AlertReceived(Alert::CertificateRequired) => {
            let client_cert = library.spelled("client_cert");
            format!("; the server asks for a certificate of yours, so give one that it takes as the option {client_cert}")
        }
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            let ca_file = library.spelled("ca_file");
            format!("; if its certificate is of an authority of your own, give that as the option {ca_file}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_refuses_us_has_read_nothing_only_while_the_connection_is_new() {
        let trace = |sent: bool, connected: bool, answered: bool| Trace {
            sent,
            connected,
            answered,
            ..Trace::default()
        };
        let refusal = Error::Rustls(rustls::Error::AlertReceived(Alert::AccessDenied));
        let other = Error::Rustls(rustls::Error::AlertReceived(Alert::InternalError));
        for (trace, error, expected) in [
            (trace(false, true, false), &refusal, Failure::Tls),
            (trace(false, true, false), &other, Failure::Tls),
            (trace(true, true, false), &refusal, Failure::Tls),
            (trace(true, true, false), &other, Failure::Network),
            (trace(true, true, true), &refusal, Failure::Network),
            // Who refuses us on a connection that has served before may have read the request.
            (trace(true, false, false), &refusal, Failure::Network),
        ] {
            assert_eq!(failure_after(trace, error), expected, "{trace:?}: {error}");
        }
    }
}
