//! Watching a request on its way: whether a byte went out, whether one came back, and whether its connection was a pooled one.
//! ureq's errors do not tell, and on this rest `not_sent` and `unknown`.
//!
//! ureq does a request's work on the caller's thread, so what is seen belongs to the request that runs on this thread.

use std::cell::Cell;
use std::fmt;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport, time,
};

use super::forward::{Forward, ForwardingTransport};
use super::resolver::LookUps;
use super::ureq::failure_of;
use crate::http::Failure;

/// What was seen of the request that runs on this thread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace {
    /// A byte of the request was handed to the operating system.
    pub(super) sent: bool,
    /// A byte of the answer arrived.
    pub(super) answered: bool,
    /// A connection was made for it; otherwise it took a pooled one.
    pub(super) connected: bool,
    /// Time the name look-up took.
    resolved_in: Duration,
}

thread_local! {
    static TRACE: Cell<Trace> = const { Cell::new(Trace { sent: false, answered: false, connected: false, resolved_in: Duration::ZERO }) };
}

fn note(change: impl FnOnce(&mut Trace)) {
    let mut trace = TRACE.get();
    change(&mut trace);
    TRACE.set(trace);
}

pub(super) fn start() {
    TRACE.set(Trace::default());
}

pub(super) fn seen() -> Trace {
    TRACE.get()
}

pub(super) fn note_resolved(took: Duration) {
    note(|trace| trace.resolved_in = took);
}

/// ureq's own connector, watched; led to the proxy that requests are handed to, if there is one.
#[derive(Debug)]
pub(super) struct WatchedConnector {
    inner: DefaultConnector,
    forward: Option<Forward>,
    look_ups: LookUps,
}

impl WatchedConnector {
    pub(super) fn new(forward: Option<Forward>, look_ups: LookUps) -> Self {
        Self {
            inner: DefaultConnector::default(),
            forward,
            look_ups,
        }
    }
}

impl Connector for WatchedConnector {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<WatchedTransport>, Error> {
        note(|trace| trace.connected = true);
        let mut timeout = details.timeout;
        // The look-up and the connection share one time-out; ureq gives each its own.
        if let time::Duration::Exact(after) = timeout.after {
            timeout.after = time::Duration::Exact(after.saturating_sub(seen().resolved_in));
        }
        let details = ConnectionDetails {
            uri: self.forward.as_ref().map_or(details.uri, |forward| &forward.proxy),
            addrs: details.addrs.clone(),
            config: details.config,
            // Requests differ from the agent only in their time-outs, so the agent's TLS configuration can be shared; otherwise
            // every connection would load the system's certificates anew.
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let connected = self.inner.connect(&details, None);
        // What was said to a proxy to get this far is not the request's.
        note(|trace| (trace.sent, trace.answered) = (false, false));
        if connected.is_err() {
            // It may mean that the name has moved.
            self.look_ups.forget();
        }
        Ok(connected?.map(|inner| WatchedTransport {
            inner: match &self.forward {
                Some(forward) => Box::new(ForwardingTransport::new(inner, forward)),
                None => inner,
            },
            broken: None,
        }))
    }
}

/// A connection, watched. A server that refuses a large request answers and closes while the client still sends: a failed write is
/// therefore held back until it is clear that no answer came either.
pub(super) struct WatchedTransport {
    inner: Box<dyn Transport>,
    broken: Option<Error>,
}

impl fmt::Debug for WatchedTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("WatchedTransport").field(&self.inner).finish()
    }
}

/// Below this, the system's time-outs are as long as they were asked for.
const PRECISE: Duration = Duration::from_millis(100);

/// Waits for input, at most as long as asked. Linux makes a socket's time-out longer by up to an eighth, so the greater part of the
/// time is waited for first, and then what is left.
fn await_in_time(inner: &mut dyn Transport, timeout: NextTimeout) -> Result<bool, Error> {
    let time::Duration::Exact(whole) = timeout.after else {
        return inner.await_input(timeout);
    };
    let began = Instant::now();
    loop {
        let waited = began.elapsed();
        let left = whole.saturating_sub(waited);
        let part = if left > PRECISE { left * 7 / 8 } else { left };
        let after = time::Duration::Exact(part);
        match inner.await_input(NextTimeout { after, ..timeout }) {
            Err(error) if failure_of(&error) == Failure::Timeout && part < left && began.elapsed() >= waited + part => {
            }
            other => return other,
        }
    }
}

fn is_closed_by_peer(error: &Error) -> bool {
    let closed = [
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
    ];
    matches!(error, Error::Io(io) if closed.contains(&io.kind()))
}

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.broken.is_some() {
            return Ok(());
        }
        note(|trace| trace.sent |= amount > 0);
        match self.inner.transmit_output(amount, timeout) {
            Err(error) if is_closed_by_peer(&error) => {
                self.broken = Some(error);
                Ok(())
            }
            other => other,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let awaited = await_in_time(&mut *self.inner, timeout);
        match (awaited, self.broken.take()) {
            (Ok(true), _) => {
                note(|trace| trace.answered = true);
                Ok(true)
            }
            // Why TLS broke says more than that it did.
            (Err(error), Some(_)) if failure_of(&error) == Failure::Tls => Err(error),
            (Err(_) | Ok(false), Some(broken)) => Err(broken),
            (other, None) => other,
        }
    }

    fn is_open(&mut self) -> bool {
        self.broken.is_none() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
