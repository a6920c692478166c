//! Watching a request on its way: whether a byte went out, whether one came back, and whether its connection was a pooled one.
//! ureq's errors do not tell, and `not_sent` and `unknown` depend on it. What lies below TLS is in `held`.
//!
//! ureq does a request's work on the caller's thread, so what is seen belongs to the request that runs on this thread.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, SocksConnector,
    Transport, time,
};

use super::forward::{Forward, ForwardingTransport};
use super::held::HoldingConnector;
use super::resolver::LookUps;
use super::tcp::TcpConnector;

/// What was seen of the request that runs on this thread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace {
    /// A byte of the request was handed to the operating system.
    pub(super) sent: bool,
    /// A byte of the answer arrived.
    pub(super) answered: bool,
    /// The connection broke while the answer came.
    pub(super) broke_off: bool,
    /// A connection was made for it; otherwise it took a pooled one.
    pub(super) connected: bool,
    /// While a connection is being made: when that has to be over.
    pub(super) connects_until: Option<Instant>,
    /// Time the name look-up took.
    pub(super) resolved_in: Duration,
}

thread_local! {
    static TRACE: Cell<Trace> = const { Cell::new(Trace { sent: false, answered: false, broke_off: false, connected: false, connects_until: None, resolved_in: Duration::ZERO }) };
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

/// Everything that makes a connection: proxies, TCP, TLS.
type Way = Box<dyn Connector<(), Out = Box<dyn Transport>>>;

/// Connects through whatever proxy there is, and watches.
#[derive(Debug)]
pub(super) struct WatchedConnector {
    way: Way,
    forward: Option<Forward>,
    look_ups: LookUps,
}

impl WatchedConnector {
    pub(super) fn new(forward: Option<Forward>, look_ups: LookUps) -> Self {
        let way =
            ().chain(SocksConnector::default())
                .chain(ConnectProxyConnector::default())
                .chain(TcpConnector)
                .chain(HoldingConnector)
                .chain(RustlsConnector::default())
                .chain(Boxing);
        Self {
            way: Box::new(way),
            forward,
            look_ups,
        }
    }
}

/// The end of the way: a connection of whichever kind.
#[derive(Debug)]
struct Boxing;

impl<In: Transport> Connector<In> for Boxing {
    type Out = Box<dyn Transport>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|connected| Box::new(connected) as Self::Out))
    }
}

impl Connector for WatchedConnector {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<WatchedTransport>, Error> {
        let before = seen();
        let mut timeout = details.timeout;
        // The look-up and the connection share one time-out; ureq gives each its own.
        if let time::Duration::Exact(after) = timeout.after {
            timeout.after = time::Duration::Exact(after.saturating_sub(before.resolved_in));
        }
        let until = [before.connects_until, Instant::now().checked_add(*timeout.after)];
        note(|trace| {
            trace.connected = true;
            trace.connects_until = until.into_iter().flatten().min();
        });
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
        let connected = self.way.connect(&details, None);
        note(|trace| trace.connects_until = before.connects_until);
        if connected.is_err() {
            // The name may have new addresses.
            self.look_ups.forget();
        }
        Ok(connected?.map(|inner| WatchedTransport {
            inner: match &self.forward {
                Some(forward) => Box::new(ForwardingTransport::new(inner, forward)),
                None => inner,
            },
            // A connection to a proxy is made in the middle of making one through it.
            is_inner: before.connected,
        }))
    }
}

/// A connection, watched.
pub(super) struct WatchedTransport {
    inner: Box<dyn Transport>,
    /// Whether another watched connection goes through this one, which leads to a proxy: what is sent to the proxy, and the TLS inside, is
    /// not the request.
    is_inner: bool,
}

impl fmt::Debug for WatchedTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("WatchedTransport").field(&self.inner).finish()
    }
}

impl Transport for WatchedTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if !self.is_inner {
            note(|trace| trace.sent |= amount > 0);
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let awaited = self.inner.await_input(timeout);
        if !self.is_inner {
            note(|trace| match awaited {
                Ok(has_come) => trace.answered |= has_come,
                Err(_) => trace.broke_off |= trace.answered,
            });
        }
        awaited
    }

    fn is_open(&mut self) -> bool {
        // Bytes that are left here belong to no answer, and would be taken for the beginning of the next one.
        self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::transport::ureq::resolver::CachingResolver;
    use ureq::Timeout;
    use ureq::unversioned::resolver::Resolver;

    /// How much time there is, and until when.
    type Given = (Duration, Option<Instant>);

    /// A way that leads nowhere, and notes what time it was given.
    #[derive(Clone, Debug, Default)]
    struct Nowhere(Arc<Mutex<Option<Given>>>);

    impl Connector for Nowhere {
        type Out = Box<dyn Transport>;

        fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
            *self.0.lock().unwrap() = Some((*details.timeout.after, seen().connects_until));
            Err(Error::ConnectionFailed)
        }
    }

    #[test]
    fn connecting_has_what_the_look_up_left_and_never_longer_than_what_it_is_a_part_of() {
        let (nowhere, look_ups) = (Nowhere::default(), LookUps::default());
        let resolver = CachingResolver::new(None, look_ups.clone());
        let connector = WatchedConnector {
            way: Box::new(nowhere.clone()),
            forward: None,
            look_ups,
        };
        let config = ureq::config::Config::builder().build();
        let connect = || {
            let details = ConnectionDetails {
                uri: &"http://ingest.invalid".parse().unwrap(),
                addrs: resolver.empty(),
                config: &config,
                request_level: true,
                resolver: &resolver,
                now: time::Instant::now(),
                timeout: NextTimeout {
                    after: time::Duration::from_secs(600),
                    reason: Timeout::Connect,
                    ..NextTimeout::default()
                },
                current_time: Arc::new(time::Instant::now),
                run_connector: Arc::new(|_| Err(Error::ConnectionFailed)),
                register_shutdown: Arc::new(|_| Ok(())),
            };
            assert!(connector.connect(&details, None).is_err());
            nowhere.0.lock().unwrap().take().unwrap()
        };
        start();
        note_resolved(Duration::from_secs(200));
        let began = Instant::now();
        let (time, until) = connect();
        assert_eq!(time, Duration::from_secs(400));
        assert!(until.unwrap() >= began + time);
        assert_eq!(seen().connects_until, None);
        for earlier in [began, began + time / 2] {
            note(|trace| trace.connects_until = Some(earlier));
            assert_eq!(connect().1, Some(earlier));
            assert_eq!(seen().connects_until, Some(earlier));
        }
        // A name that nobody could be reached under is looked up again.
        for round in 1..=2 {
            start();
            let timeout = NextTimeout {
                after: time::Duration::from_secs(60),
                ..NextTimeout::default()
            };
            let localhost = "http://localhost".parse().unwrap();
            resolver.resolve(&localhost, &config, timeout).unwrap();
            assert!(seen().resolved_in > Duration::ZERO, "{round}");
            connect();
        }
    }
}
