//! Below TLS: a connection whose failed writes are held back, and whose waits are as long as they were asked for.
//!
//! A server that refuses a large request answers and closes while the client still sends. So a failed write counts only when it is clear
//! that no answer came either; above TLS it could not be held back, because TLS writes what it still has before it reads.

use std::io::ErrorKind;
use std::time::Instant;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport, time};

use super::failure::failure_of;
use super::tcp::step;
use super::watch;
use crate::http::Failure;

/// Makes a connection one whose failed writes are held back.
#[derive(Debug)]
pub(super) struct HoldingConnector;

impl<In: Transport> Connector<In> for HoldingConnector {
    type Out = HeldTransport<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| HeldTransport { inner, broken: None }))
    }
}

/// A connection, and the failure of the last write.
#[derive(Debug)]
pub(super) struct HeldTransport<In> {
    inner: In,
    broken: Option<Error>,
}

/// Waits for input, at most as long as asked, in steps that make up for how the system lengthens time-outs (see [`step`]).
fn await_in_time(inner: &mut impl Transport, timeout: NextTimeout) -> Result<bool, Error> {
    let time::Duration::Exact(whole) = timeout.after else {
        return inner.await_input(timeout);
    };
    let began = Instant::now();
    loop {
        let waited = began.elapsed();
        let left = whole.saturating_sub(waited);
        let part = step(left);
        let after = time::Duration::Exact(part);
        match inner.await_input(NextTimeout { after, ..timeout }) {
            Err(error) if failure_of(&error) == Failure::Timeout && part < left && began.elapsed() >= waited + part => {
            }
            other => return other,
        }
    }
}

/// A time-out that ends with the time for making a connection: a proxy may answer byte by byte, and each byte would begin a new one.
fn within_connecting(timeout: NextTimeout) -> Result<NextTimeout, Error> {
    let Some(until) = watch::seen().connects_until else {
        return Ok(timeout);
    };
    let left = until.saturating_duration_since(Instant::now()).min(*timeout.after);
    match left.is_zero() {
        true => Err(Error::Timeout(timeout.reason)),
        false => Ok(NextTimeout {
            after: time::Duration::Exact(left),
            ..timeout
        }),
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

impl<In: Transport> Transport for HeldTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.broken.is_some() {
            return Ok(());
        }
        match self.inner.transmit_output(amount, within_connecting(timeout)?) {
            Err(error) if is_closed_by_peer(&error) => {
                self.broken = Some(error);
                Ok(())
            }
            other => other,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = within_connecting(timeout)?;
        let mut awaited = await_in_time(&mut self.inner, timeout);
        // A small write goes out only here (see `tcp`), and so may fail only here; an answer may still have come.
        if self.broken.is_none()
            && let Err(error) = &awaited
            && is_closed_by_peer(error)
        {
            self.broken = awaited.err();
            awaited = await_in_time(&mut self.inner, timeout);
        }
        match awaited {
            Ok(true) => Ok(true),
            ended => self.broken.take().map_or(ended, Err),
        }
    }

    fn is_open(&mut self) -> bool {
        // Bytes that TLS has not read yet belong to no answer: the server has said something unasked.
        self.broken.is_none() && self.inner.buffers().input().is_empty() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::unversioned::transport::LazyBuffers;

    /// A connection to nobody.
    #[derive(Debug)]
    struct Silent(LazyBuffers);

    impl Transport for Silent {
        fn buffers(&mut self) -> &mut dyn Buffers {
            &mut self.0
        }

        fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
            Err(std::io::Error::from(ErrorKind::BrokenPipe).into())
        }

        fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
            Ok(false)
        }

        fn is_open(&mut self) -> bool {
            true
        }
    }

    fn held() -> HeldTransport<Silent> {
        HeldTransport {
            inner: Silent(LazyBuffers::new(8, 8)),
            broken: None,
        }
    }

    #[test]
    fn a_connection_with_something_unread_or_a_failed_write_is_not_used_again() {
        assert!(held().is_open());
        let mut unread = held();
        unread.buffers().input_append_buf();
        unread.buffers().input_appended(1);
        assert!(!unread.is_open());
        let mut broken = held();
        assert!(broken.transmit_output(1, NextTimeout::default()).is_ok());
        assert!(!broken.is_open());
        assert!(broken.await_input(NextTimeout::default()).is_err());
    }
}
