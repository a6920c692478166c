//! The built-in transport: ureq with rustls, a keep-alive pool and the platform's certificates.
//!
//! With its helpers beside it (`watch`, `held`, `tcp`, `resolver`, `tls`, `proxy`, `forward`), the only file that knows ureq.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use ureq::{Agent, Error, Timeout};
use url::{Position, Url};

use super::forward::{Forward, PROXY_AUTHENTICATION_REQUIRED};
use super::proxy::Route;
use super::resolver::{CachingResolver, LookUps};
use super::slots::Slots;
use super::watch::{self, Trace, WatchedConnector};
use super::{Transport, proxy, tls};
use crate::config::{Config, Library};
use crate::error::ConfigError;
use crate::http::{Failure, Request, Response, TransportError};
use crate::protocol::packed::{start_of, unpacked};
use crate::rules::MAX_ANSWER_BYTES;

/// Idle connections older than this are not used again; load balancers commonly close theirs after 60 s.
const MAX_IDLE_AGE: Duration = Duration::from_secs(50);

/// Bytes of a connection's buffers. The head of an answer has to fit into one; requests go out through the other in pieces, which
/// the processor's cache is to hold.
const INPUT_BUFFER_BYTES: usize = 64 << 10;
const OUTPUT_BUFFER_BYTES: usize = 32 << 10;

/// Sends over HTTP/1.1 and TLS, with at most `max_connections` connections at a time.
#[derive(Debug)]
pub struct UreqTransport {
    /// Replaced when the client is closed: the old one's idle connections go with the last call that still uses it, and a queue
    /// that is not closed yet can go on.
    agent: ArcSwap<Agent>,
    slots: Slots,
    /// There is a proxy of whatever kind.
    proxied: bool,
    /// The proxy that requests are handed to.
    forward: Option<Forward>,
    config: Arc<Config>,
}

impl UreqTransport {
    /// A transport of its own: nothing is connected yet.
    ///
    /// # Errors
    /// [`ConfigError`] for `ca_file`, `client_cert` and `proxy` (the environment's too) when they cannot be used.
    pub fn new(config: &Arc<Config>) -> Result<Self, ConfigError> {
        let (tunnel, forward) = match proxy::route(config)? {
            Route::Direct => (None, None),
            Route::Tunnel(proxy) => (Some(proxy), None),
            Route::Forward(forward) => (None, Some(forward)),
        };
        let proxied = tunnel.is_some() || forward.is_some();
        let agent_config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(config.max_connections())
            .max_idle_connections_per_host(config.max_connections())
            .max_idle_age(MAX_IDLE_AGE)
            .input_buffer_size(INPUT_BUFFER_BYTES)
            .output_buffer_size(OUTPUT_BUFFER_BYTES)
            .user_agent(config.user_agent.as_str())
            .tls_config(tls::tls_config(config)?)
            .proxy(tunnel)
            .build();
        let agent = agent(agent_config, forward.clone());
        make_ready(&agent);
        Ok(Self {
            agent: ArcSwap::from_pointee(agent),
            slots: Slots::new(config.max_connections()),
            proxied,
            forward,
            config: Arc::clone(config),
        })
    }

    fn attempt(&self, agent: &Agent, request: &Request, deadline: Instant) -> Result<Response, Error> {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut builder = ureq::http::Request::builder()
            .method(request.method.as_str())
            .uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(authorization) = self.forward.as_ref().and_then(|forward| forward.authorization.as_ref()) {
            builder = builder.header("Proxy-Authorization", authorization);
        }
        let message = builder.body(request.body.as_slice())?;
        let message = agent
            .configure_request(message)
            .timeout_global(Some(left))
            .timeout_resolve(Some(self.config.connect_timeout()))
            .timeout_connect(Some(self.config.connect_timeout()))
            .build();
        read(agent.run(message)?)
    }
}

fn agent(config: ureq::config::Config, forward: Option<Forward>) -> Agent {
    let look_ups = LookUps::default();
    let resolver = CachingResolver::new(forward.as_ref().map(|forward| forward.proxy.clone()), look_ups.clone());
    Agent::with_parts(config, WatchedConnector::new(forward, look_ups), resolver)
}

/// Has ureq make what it makes at its first request, for the whole process: were it forked in the middle of that, every request of the
/// child would wait for ever. A request without a host goes nowhere.
fn make_ready(agent: &Agent) {
    let _ = agent.run(ureq::http::Request::new(()));
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Result<Response, Error> {
    let headers: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let status = answer.status().as_u16();
    let body = start_of(answer.body_mut().as_reader()).map_err(Error::from)?;
    // ureq takes a reset for the end of an answer that does not tell its length. Of an error, the status is enough.
    if (200..=299).contains(&status) && watch::seen().broke_off {
        return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into());
    }
    let came = Response {
        status,
        headers,
        body,
        truncated: false,
    };
    let mut response = unpacked(&came).unwrap_or(came);
    response.truncated = response.body.len() > MAX_ANSWER_BYTES;
    response.body.truncate(MAX_ANSWER_BYTES);
    Ok(response)
}

impl Transport for UreqTransport {
    fn send(&self, request: &Request, time_left: Duration) -> Result<Response, TransportError> {
        let started = Instant::now();
        let deadline = started.checked_add(time_left).unwrap_or(started);
        let Some(_slot) = self.slots.take(deadline) else {
            let [max_connections, timeout] =
                ["max_connections", "timeout_ms"].map(|option| self.config.library.spelled(option));
            let message = format!(
                "all {} connections were in use until time ran out; raise {max_connections} or {timeout}",
                self.config.max_connections()
            );
            return Err(TransportError::new(Failure::Timeout)
                .with_sent(false)
                .with_message(message));
        };
        let agent = self.agent.load_full();
        watch::start();
        // ureq's panics, and those of what it starts, are no reason to forget what was seen.
        let attempt = catch_unwind(AssertUnwindSafe(|| self.attempt(&agent, request, deadline)));
        let Ok(attempted) = attempt else {
            let message = "the built-in transport panicked; please report it";
            let sent = watch::seen().sent;
            return Err(TransportError::new(Failure::Internal)
                .with_sent(sent)
                .with_message(message));
        };
        match attempted {
            // This status is the proxy's own: the server has not seen the request.
            Ok(answer) if self.forward.is_some() && answer.status == PROXY_AUTHENTICATION_REQUIRED => {
                Err(TransportError::new(Failure::Network).with_sent(false).with_message(
                    "the proxy wants a user and a password it knows (407); check those in the option proxy",
                ))
            }
            Ok(answer) => Ok(answer),
            Err(error) => {
                let trace = watch::seen();
                let is_pooled = trace.sent && !trace.connected;
                let failure = failure_after(trace, &error);
                let stale = is_pooled && !trace.answered && failure == Failure::Network;
                if stale {
                    // The other idle connections are as old, or older.
                    self.close();
                }
                Err(self.explain(&error, failure, trace, request).with_stale(stale))
            }
        }
    }

    fn close(&self) {
        let config = self.agent.load().config().clone();
        self.agent.store(Arc::new(agent(config, self.forward.clone())));
    }

    fn after_fork(&self) -> Option<Arc<dyn Transport>> {
        // Files that could be read once can fail now; the parent's sockets must still not be used.
        match Self::new(&self.config) {
            Ok(fresh) => Some(Arc::new(fresh)),
            Err(error) => Some(Arc::new(move |_: &Request, _: Duration| {
                Err(TransportError::new(Failure::Internal)
                    .with_sent(false)
                    .with_message(error.to_string()))
            })),
        }
    }
}

/// What failed. Once the request is out, TLS that breaks is a lost connection: the server may have read what came before. But who
/// refuses our certificate says so after our first bytes (TLS 1.3), and has read none of them.
fn failure_after(trace: Trace, error: &Error) -> Failure {
    match failure_of(error) {
        Failure::Tls if trace.sent && (trace.answered || !trace.connected || !is_refusal(error)) => Failure::Network,
        failure => failure,
    }
}

/// Whether the server has refused to speak with us.
fn is_refusal(error: &Error) -> bool {
    use rustls::AlertDescription as Alert;
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
        // The system's own means that the peer has vanished.
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
    use rustls::{AlertDescription, CertificateError, Error};
    match error {
        // It came of the proxy or of the server, and nobody is to give up TLS for the proxy's sake.
        Error::InvalidMessage(_) if proxied => {
            "; if the proxy speaks plain HTTP, write http:// in the option proxy; if the server does, in the option host".to_owned()
        }
        Error::InvalidMessage(_) => "; if the server speaks plain HTTP, write http:// in the option host".to_owned(),
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
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

impl UreqTransport {
    fn explain(&self, error: &Error, failure: Failure, trace: Trace, request: &Request) -> TransportError {
        let (proxied, library) = (self.proxied, self.config.library);
        let sent = trace.sent && failure != Failure::Tls;
        let url = Url::parse(&request.url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        // With the port that was given.
        let address = url
            .as_ref()
            .map_or("", |url| &url[Position::BeforeHost..Position::AfterPort]);
        let is_plain = url.as_ref().is_some_and(|url| url.scheme() == "http");
        // Without ureq's word for where it came up.
        let words = match error {
            Error::Io(error) => error.to_string(),
            error => error.to_string(),
        };
        let (by_proxy, options) = match proxied {
            true => (" through the proxy", "the options host and proxy"),
            false => ("", "the option host"),
        };
        let message = match (failure, error) {
            (Failure::Timeout, _) if !trace.sent => {
                let is_whole = matches!(error, Error::Timeout(Timeout::Global | Timeout::PerCall));
                let time = library.spelled(if is_whole { "timeout_ms" } else { "connect_timeout_ms" });
                format!("no connection to {address}{by_proxy} could be made in time; check {options}, or raise {time}")
            }
            (Failure::Timeout, _) => {
                let time = library.spelled("timeout_ms");
                format!("{host} did not answer in time; raise {time} if it needs longer")
            }
            (_, Error::ConnectProxyFailed(reason)) => {
                // ureq gives the status twice: 407/407.
                let reason = reason.split('/').next().unwrap_or_default();
                let advice = match reason.contains("407") {
                    true => "check the user and the password in the option proxy",
                    false => "check the option proxy",
                };
                format!("the proxy made no connection to {address}: {reason}; {advice}")
            }
            (_, Error::HostNotFound) => {
                let name = if proxied { " or that of the proxy" } else { "" };
                format!("the host name {host}{name} could not be resolved; check {options}")
            }
            (Failure::Tls, _) => {
                let advice = tls_error(error).map_or_else(String::new, |error| tls_advice(error, proxied, library));
                format!("no secure connection to {address}{by_proxy}: {words}{advice}")
            }
            (Failure::Network, Error::Protocol(_)) if trace.answered && is_plain => {
                format!(
                    "the answer of {host} is no HTTP: {error}; if the server speaks TLS, write https:// in the option host"
                )
            }
            (Failure::Network, _) if trace.answered => {
                format!("the answer of {host} broke off or is no HTTP: {words}")
            }
            (Failure::Network, _) if trace.sent => {
                format!("the connection to {host} was lost before an answer came: {words}")
            }
            (Failure::Network, _) => format!("no connection to {address}{by_proxy}: {words}; check {options}"),
            (Failure::Internal, _) => format!("the request could not be sent: {error}"),
        };
        TransportError::new(failure).with_sent(sent).with_message(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::AlertDescription;

    #[test]
    fn a_server_that_refuses_us_has_read_nothing_only_while_the_connection_is_new() {
        let trace = |sent: bool, connected: bool, answered: bool| Trace {
            sent,
            connected,
            answered,
            ..Trace::default()
        };
        let refusal = Error::Rustls(rustls::Error::AlertReceived(AlertDescription::AccessDenied));
        let other = Error::Rustls(rustls::Error::AlertReceived(AlertDescription::InternalError));
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
