//! Transports: whatever carries a [`Request`] to the server and brings back what came.
//!
//! The rest of the library never learns more about the network than [`Seen`](crate::Seen) says.
#![allow(
    clippy::disallowed_methods,
    reason = "this is a host: it has the clocks, threads, files and sockets the pure part must not have"
)]

use std::sync::Arc;
use std::time::Duration;

use crate::http::{Request, Response, TransportError};

pub(crate) mod signals;
#[cfg(feature = "ureq")]
mod ureq;

#[cfg(feature = "ureq")]
pub use self::ureq::UreqTransport;

/// Carries requests. One transport serves all threads of a client.
///
/// Any `Fn(&Request, Duration) -> Result<Response, TransportError>` is one:
///
/// ```
/// use hogwire::{Client, Config, CreateEvent, Request, Response};
/// use std::time::Duration;
///
/// let transport = |_: &Request, _: Duration| Ok(Response::new(200, r#"{"status":"Ok"}"#));
/// let client = Client::with_transport(Config::builder("phc_x").build()?, transport);
/// assert!(client.send(CreateEvent::new("user-1", "signed up")).is_ok());
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
pub trait Transport: Send + Sync {
    /// Sends one request and waits for its answer, for at most `time_left`. Redirects are not followed.
    ///
    /// # Errors
    /// [`TransportError`] when no complete answer came, with whether any byte of the request went out.
    fn send(&self, request: &Request, time_left: Duration) -> Result<Response, TransportError>;

    /// The client was closed: lets go of connections that nobody uses. Calls under way may still finish.
    fn close(&self) {}

    /// What a forked child is to use instead, so that it never touches its parent's sockets. `None`: this same transport.
    fn after_fork(&self) -> Option<Arc<dyn Transport>> {
        None
    }
}

impl<F> Transport for F
where
    F: Fn(&Request, Duration) -> Result<Response, TransportError> + Send + Sync,
{
    fn send(&self, request: &Request, time_left: Duration) -> Result<Response, TransportError> {
        self(request, time_left)
    }
}
