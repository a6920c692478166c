//! Forwarding: plain HTTP through an HTTP proxy, which wants the whole URL in the request line (RFC 9112 §3.2.2).
//!
//! ureq asks every proxy for a tunnel (`CONNECT`), but proxies commonly allow tunnels to port 443 only: squid and tinyproxy do, as
//! they come. So here the connection is made to the proxy as to a server, and the request line is completed on its way out.

use std::fmt;

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

/// The proxy's status for a client that has shown no user and password it knows.
pub(super) const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;

/// A proxy that requests are handed to.
#[derive(Clone)]
pub(super) struct Forward {
    /// Where it is.
    pub(super) proxy: Uri,
    /// The server, as `http://host:port`: what the request line lacks.
    pub(super) origin: String,
    /// The header `Proxy-Authorization`.
    pub(super) authorization: Option<String>,
}

impl fmt::Debug for Forward {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the user and the password.
        let proxy = (self.proxy.host(), self.proxy.port_u16());
        formatter.debug_tuple("Forward").field(&proxy).finish()
    }
}

/// A connection to the proxy.
#[derive(Debug)]
pub(super) struct ForwardingTransport {
    inner: Box<dyn Transport>,
    origin: String,
    /// The next bytes to go out begin a request.
    at_request_line: bool,
}

impl ForwardingTransport {
    pub(super) fn new(inner: Box<dyn Transport>, forward: &Forward) -> Self {
        Self {
            inner,
            origin: forward.origin.clone(),
            at_request_line: true,
        }
    }
}

impl Transport for ForwardingTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.at_request_line || amount == 0 {
            return self.inner.transmit_output(amount, timeout);
        }
        self.at_request_line = false;
        let request = self.inner.buffers().output().get(..amount).unwrap_or_default();
        let completed = with_origin(request, &self.origin);
        let mut rest = completed.as_slice();
        while !rest.is_empty() {
            let output = self.inner.buffers().output();
            let (piece, later) = rest.split_at(rest.len().min(output.len()));
            for (place, byte) in output.iter_mut().zip(piece) {
                *place = *byte;
            }
            self.inner.transmit_output(piece.len(), timeout)?;
            rest = later;
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.at_request_line = true;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// `POST /batch/ HTTP/1.1...` becomes `POST http://host/batch/ HTTP/1.1...`.
fn with_origin(request: &[u8], origin: &str) -> Vec<u8> {
    let method = request
        .iter()
        .position(|byte| *byte == b' ')
        .map_or(0, |space| space + 1);
    let (method, rest) = request.split_at(method);
    [method, origin.as_bytes(), rest].concat()
}
