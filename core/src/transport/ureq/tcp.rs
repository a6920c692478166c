//! TCP connections whose time-outs hold for a whole write. ureq's own time-out starts again whenever a part has gone out, so that a server
//! which stops reading could hold a call for several times its time.
//!
//! The head of a request goes out with its body, not in a packet of its own: a small request is one write here, and one read there.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use crate::transport::signals::signal_ends_call;

/// Connects to the first address that answers.
#[derive(Debug)]
pub(super) struct TcpConnector;

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, TcpTransport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        // Already connected, through a proxy.
        if let Some(connected) = chained {
            return Ok(Some(Either::A(connected)));
        }
        let stream = connect(&details.addrs, details.timeout, TcpStream::connect_timeout)?;
        stream.set_nodelay(true)?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Either::B(TcpTransport::new(stream, buffers))))
    }
}

fn connect<S>(
    addresses: &ResolvedSocketAddrs,
    timeout: NextTimeout,
    dial: impl Fn(&SocketAddr, Duration) -> std::io::Result<S>,
) -> Result<S, Error> {
    let began = Instant::now();
    let mut failure = Error::ConnectionFailed;
    let mut others = addresses.len();
    for address in addresses {
        others -= 1;
        let left = left(timeout, began)?;
        // Half of the time, as long as there are other addresses to try.
        let time = if others > 0 { left / 2 } else { left };
        match dial(address, time) {
            Ok(stream) => return Ok(stream),
            Err(error) if is_timeout(&error) => failure = Error::Timeout(timeout.reason),
            Err(error) => failure = error.into(),
        }
    }
    Err(failure)
}

/// Whether a socket's own time-out is over. Unix reports that as "would block"; there, `ETIMEDOUT` means that the peer has vanished.
fn is_timeout(error: &std::io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock => true,
        ErrorKind::TimedOut => cfg!(windows) || error.raw_os_error().is_none(),
        _ => false,
    }
}

/// Below this, the system's time-outs are as long as they were asked for.
const PRECISE: Duration = Duration::from_millis(100);

/// How long to ask the system to wait. Linux makes a socket's time-out longer by up to an eighth, so the greater part of the time is
/// waited for first, and then what is left.
pub(super) fn step(left: Duration) -> Duration {
    if left > PRECISE { left * 7 / 8 } else { left }
}

/// What is left of a time-out, which is more than nothing.
fn left(timeout: NextTimeout, began: Instant) -> Result<Duration, Error> {
    let left = timeout.after.saturating_sub(began.elapsed());
    match left.is_zero() {
        true => Err(Error::Timeout(timeout.reason)),
        false => Ok(left),
    }
}

/// A signal has come. If the program ends the call for it, the call's time is over, and nothing is tried again.
fn heed_signal(timeout: NextTimeout) -> Result<(), Error> {
    match signal_ends_call() {
        true => Err(Error::Timeout(timeout.reason)),
        false => Ok(()),
    }
}

/// macOS may refuse to change a time-out once the peer has closed, though its answer can still be read.
fn settled(set: std::io::Result<()>) -> std::io::Result<()> {
    match set {
        Err(error) if cfg!(target_os = "macos") && error.kind() == ErrorKind::InvalidInput => Ok(()),
        set => set,
    }
}

/// A write of at most so many bytes waits and goes out with the next write, or before input is awaited.
const WAITING_BYTES: usize = 2 << 10;

/// A connection.
#[derive(Debug)]
pub(super) struct TcpTransport {
    stream: TcpStream,
    buffers: LazyBuffers,
    /// The last write, if it was small.
    waiting: Vec<u8>,
}

impl TcpTransport {
    const fn new(stream: TcpStream, buffers: LazyBuffers) -> Self {
        Self {
            stream,
            buffers,
            waiting: Vec::new(),
        }
    }

    /// Writes what waits, and so many bytes of the output, copied together: a vectored write to a server that has hung up would raise
    /// SIGPIPE, which ends a C program. The standard library holds that back for plain writes only.
    fn write(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let began = Instant::now();
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        let mut joined = std::mem::take(&mut self.waiting);
        let mut rest = match joined.is_empty() {
            true => output,
            false => {
                joined.extend_from_slice(output);
                joined.as_slice()
            }
        };
        while !rest.is_empty() {
            settled(self.stream.set_write_timeout(Some(step(left(timeout, began)?))))?;
            match self.stream.write(rest) {
                Ok(0) => return Err(std::io::Error::from(ErrorKind::WriteZero).into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => heed_signal(timeout)?,
                // The time that is left is looked at before the next try.
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        joined.clear();
        joined.shrink_to(WAITING_BYTES);
        self.waiting = joined;
        Ok(())
    }

    /// Whether nothing has come, not even the end.
    fn is_silent(&mut self) -> std::io::Result<bool> {
        self.stream.set_nonblocking(true)?;
        let found = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false)?;
        Ok(found.is_err_and(|error| error.kind() == ErrorKind::WouldBlock))
    }
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        if self.waiting.is_empty() && amount <= WAITING_BYTES {
            self.waiting.extend_from_slice(output);
            return Ok(());
        }
        self.write(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let began = Instant::now();
        self.write(0, timeout)?;
        loop {
            settled(self.stream.set_read_timeout(Some(left(timeout, began)?)))?;
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => heed_signal(timeout)?,
                Err(error) if is_timeout(&error) => return Err(Error::Timeout(timeout.reason)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.is_silent().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::net::TcpListener;

    use super::*;
    use ureq::Timeout;
    use ureq::unversioned::resolver::ArrayVec;
    use ureq::unversioned::transport::time;

    fn within(millis: u64) -> NextTimeout {
        NextTimeout {
            after: time::Duration::from_millis(millis),
            reason: Timeout::Global,
            ..NextTimeout::default()
        }
    }

    #[test]
    fn an_address_that_does_not_answer_leaves_time_for_the_others() {
        let mut addresses: ResolvedSocketAddrs = ArrayVec::from_fn(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        (1..=3).for_each(|port| addresses.push(SocketAddr::from(([127, 0, 0, 1], port))));
        let whole = Duration::from_secs(600);
        let times = RefCell::new(Vec::new());
        let dial = |up: u16| {
            times.borrow_mut().clear();
            connect(&addresses, within(600_000), |address, time| {
                times.borrow_mut().push(time);
                match address.port() {
                    port if port == up => Ok(port),
                    1 => Err(ErrorKind::ConnectionRefused.into()),
                    _ => Err(ErrorKind::TimedOut.into()),
                }
            })
        };
        // No time passes here, so the last has all of it.
        assert!(matches!(dial(4), Err(Error::Timeout(Timeout::Global))));
        assert_eq!(times.borrow().len(), 3);
        assert!(times.borrow()[..2].iter().all(|time| *time <= whole / 2));
        assert!(times.borrow()[2] > whole / 2);
        assert_eq!(dial(2).unwrap(), 2);
        assert_eq!(times.borrow().len(), 2);
    }

    #[test]
    fn a_small_write_goes_out_with_what_follows() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let mut transport = TcpTransport::new(stream, LazyBuffers::new(8, 8));
        let mut write = |transport: &mut TcpTransport, text: &[u8]| {
            transport.buffers.output()[..text.len()].copy_from_slice(text);
            transport.transmit_output(text.len(), within(2_000)).unwrap();
            let mut came = [0; 16];
            // What is written on loopback is there when the write returns.
            server.read(&mut came).map(|amount| came[..amount].to_vec()).ok()
        };
        assert_eq!(write(&mut transport, b"head"), None);
        assert_eq!(write(&mut transport, b"body"), Some(b"headbody".to_vec()));
        assert_eq!(write(&mut transport, b"last"), None);
        assert!(transport.await_input(within(1)).is_err());
        assert_eq!(write(&mut transport, b"next"), Some(b"last".to_vec()));
    }

    #[test]
    fn a_write_that_nobody_reads_ends_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let amount = 64 << 20;
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut transport = TcpTransport::new(stream, LazyBuffers::new(1, amount));
        let began = Instant::now();
        let written = transport.transmit_output(amount, within(3_000));
        assert!(matches!(written, Err(Error::Timeout(Timeout::Global))));
        // One that begins anew when a part has gone out takes twice as long. The time is long enough for a busy machine to be told apart.
        assert!(began.elapsed() < Duration::from_millis(5_800), "{:?}", began.elapsed());
    }
}
