//! The running receiver: listeners, threads and their end. Every accepted socket is on a list, so that stopping can wake its thread.

use crate::connection::Connection;
use crate::http::Wire;
use crate::script::Step;
use crate::settings::Settings;
use crate::store::{SeenRequest, State, Stats, Store, StoredEvent};
use crate::tls::{Identity, TlsError};
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Why a receiver did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address could not be bound.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The certificates could not be made.
    #[error("cannot make certificates: {0}")]
    Tls(#[from] TlsError),
}

/// An embedded server; its threads stop when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    control: SocketAddr,
    identity: Option<Identity>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    store: Store,
    connections: Mutex<BTreeMap<usize, Open>>,
}

#[derive(Debug)]
struct Open {
    socket: TcpStream,
    thread: JoinHandle<()>,
}

impl Receiver {
    /// Binds and serves.
    ///
    /// # Errors
    /// [`StartError`] when the address cannot be bound or certificates cannot be made.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let identity = settings
            .tls
            .map(|tls| Identity::new(tls, settings.client_certificate))
            .transpose()?;
        let tls = identity.as_ref().map(Identity::server_config);
        let (listener, address) = listen(&settings.bind)?;
        // Control also has a port of its own: it stays plain when the main one speaks TLS.
        let (control_listener, control) = listen("127.0.0.1:0")?;
        let shared = Arc::new(Shared {
            settings,
            store: Store::default(),
            connections: Mutex::default(),
        });
        let threads = vec![
            accept_on(listener, Arc::clone(&shared), tls, true),
            accept_on(control_listener, Arc::clone(&shared), None, false),
        ];
        Ok(Self {
            shared,
            address,
            control,
            identity,
            threads,
        })
    }

    /// Where clients send to, with the path prefix and without a trailing slash. Under TLS the host is `localhost`.
    pub fn url(&self) -> String {
        let prefix = &self.shared.settings.path_prefix;
        match self.identity {
            Some(_) if self.address.is_ipv4() => format!("https://localhost:{}{prefix}", self.address.port()),
            Some(_) => format!("https://{}{prefix}", self.address),
            None => format!("http://{}{prefix}", self.address),
        }
    }

    /// A plain URL where `/_receiver/` is served too, also when the main one speaks TLS.
    pub fn control_url(&self) -> String {
        format!("http://{}", self.control)
    }

    /// Appends steps; one is consumed by each judged request, in order. Without steps, requests are judged normally.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.shared.store.script(steps);
    }

    /// Requests seen so far, in order of arrival.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.shared.store.read(|state| state.requests().to_vec())
    }

    /// Events stored so far.
    pub fn stored(&self) -> Vec<StoredEvent> {
        self.shared.store.read(|state| state.stored().to_vec())
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        self.shared.store.read(State::stats)
    }

    /// Connections opened so far.
    pub fn connections(&self) -> usize {
        self.stats().connections
    }

    /// Connections open now.
    pub fn open_connections(&self) -> usize {
        self.stats().open_connections
    }

    /// The highest number of connections open at once.
    pub fn peak_connections(&self) -> usize {
        self.stats().peak_connections
    }

    /// Forgets requests, events and script; connections are counted anew from those open now.
    pub fn reset(&self) {
        self.shared.store.reset();
    }

    /// Waits at most `within` for a condition on what is remembered, and says whether it came true.
    pub fn wait_for(&self, within: Duration, condition: impl Fn(&State) -> bool) -> bool {
        self.shared.store.wait_for(within, condition)
    }

    /// Waits until someone posts to `/_receiver/stop`.
    pub fn wait_until_stopped(&self) {
        self.shared.store.wait_for_stop();
    }

    /// Something to stop the receiver with from another thread.
    pub fn stopper(&self) -> impl Fn() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.store.stop()
    }

    /// Closes all connections that are open now, as a restarting server does. It goes on listening.
    pub fn drop_connections(&self) {
        for open in self.shared.open().values() {
            let _ = open.socket.shutdown(Shutdown::Both);
        }
    }

    /// The authority clients should trust, when the receiver speaks TLS.
    pub fn certificate_authority_pem(&self) -> Option<&str> {
        self.identity.as_ref().map(Identity::authority_pem)
    }

    /// A client certificate and its key, when the receiver speaks TLS.
    pub fn client_certificate_pem(&self) -> Option<(&str, &str)> {
        self.identity.as_ref().map(Identity::client_pem)
    }

    /// Its own certificate and key, when the receiver speaks TLS: for another server that is to show the same.
    pub fn server_certificate_pem(&self) -> Option<(&str, &str)> {
        self.identity.as_ref().map(Identity::server_pem)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.store.stop();
        // An accepting thread only notices when somebody knocks.
        for address in [self.address, self.control] {
            let _ = TcpStream::connect_timeout(&reachable(address), Duration::from_secs(1));
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
        self.drop_connections();
        let open = std::mem::take(&mut *self.shared.open());
        for open in open.into_values() {
            let _ = open.thread.join();
        }
    }
}

impl Shared {
    fn open(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, Open>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen {
        address: address.to_owned(),
        source,
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Where a listener on "any address" can be reached from here.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(address) if address.ip().is_unspecified() => ([127, 0, 0, 1], address.port()).into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => {
            (std::net::Ipv6Addr::LOCALHOST, address.port()).into()
        }
        known => known,
    }
}

fn accept_on(
    listener: TcpListener,
    shared: Arc<Shared>,
    tls: Option<Arc<ServerConfig>>,
    counted: bool,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        // Odd and even, so that the two listeners never use the same number.
        let mut number = usize::from(counted);
        for socket in listener.incoming() {
            if shared.store.is_stopping() {
                break;
            }
            let Ok(socket) = socket else { continue };
            open(&shared, socket, tls.as_ref(), number, counted);
            number += 2;
        }
    })
}

fn open(shared: &Arc<Shared>, socket: TcpStream, tls: Option<&Arc<ServerConfig>>, number: usize, counted: bool) {
    let (Ok(copy), Ok(wire)) = (socket.try_clone(), Wire::new(socket, tls)) else {
        return;
    };
    let counted = counted.then(|| shared.store.opened());
    // Held while the thread starts, so that it cannot take itself off the list before it is on it.
    let mut list = shared.open();
    let mine = Arc::clone(shared);
    let thread = std::thread::spawn(move || {
        let (settings, store) = (&mine.settings, &mine.store);
        let mut connection = Connection {
            wire,
            number: number.div_ceil(2),
            settings,
            store,
            counted,
        };
        connection.serve();
        let counted = connection.counted.is_some();
        // Both copies of the socket go first: when the count says closed, it is.
        drop(connection);
        mine.open().remove(&number);
        if counted {
            store.closed();
        }
    });
    list.insert(number, Open { socket: copy, thread });
}
