//! The built-in transport: ureq with rustls, a keep-alive pool and the platform's certificates.
//!
//! Nothing outside of this folder knows ureq. A connection is made by `proxy` (which way), `resolver`, `tcp`, `tls` and `forward`; `watch` and
//! `held` see what becomes of a request, and `failure` says what ureq's errors mean.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use ureq::{Agent, Error};

use super::Transport;
use crate::config::Config;
use crate::error::ConfigError;
use crate::http::{Failure, Request, Response, TransportError};
use crate::protocol::packed::{start_of, unpacked};
use crate::rules::MAX_ANSWER_BYTES;

mod failure;
mod forward;
mod held;
mod no_proxy;
mod proxy;
mod resolver;
mod semaphore;
mod tcp;
mod tls;
mod watch;

use failure::Failed;
use forward::{Forward, PROXY_AUTHENTICATION_REQUIRED};
use proxy::Route;
use resolver::{CachingResolver, LookUps};
use semaphore::Semaphore;
use watch::WatchedConnector;

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
    connections: Semaphore,
    /// Whether there is a proxy of whatever kind.
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
            connections: Semaphore::new(config.max_connections()),
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

/// Makes a first request, without a host, so that it goes nowhere. ureq then makes what it keeps for the whole process: if the process
/// forked in the middle of that, every request of the child would wait for ever.
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
    // ureq takes a reset for the end of an answer that does not tell its length. For an error status, the status is enough.
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
        let Some(_permit) = self.connections.acquire(deadline) else {
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
        // After a panic of ureq's, too, it is known whether a byte was sent.
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
                let failed = Failed {
                    request,
                    trace,
                    proxied: self.proxied,
                    library: self.config.library,
                };
                let failure = failed.explain(&error);
                let is_pooled = trace.sent && !trace.connected;
                let stale = is_pooled && !trace.answered && failure.failure == Failure::Network;
                if stale {
                    // The other idle connections are as old, or older.
                    self.close();
                }
                Err(failure.with_stale(stale))
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
