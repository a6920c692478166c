//! Client: sends one call and answers it. Holds the clocks, threads and connections that the pure part does without.
#![allow(
    clippy::disallowed_methods,
    reason = "this is a host: it has the clocks, threads, files and sockets the pure part must not have"
)]

mod bell;
mod clock;
mod direct;
mod environment;
mod process;
mod queue;
mod standing;
mod weak_list;
mod workers;

pub use queue::{Queue, QueueSet, Receipt};

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::config::Config;
#[cfg(feature = "ureq")]
use crate::error::ConfigError;
use crate::error::UnknownOperation;
use crate::operation::{Input, Operation};
use crate::outcome::Outcome;
use crate::transport::Transport;

use process::Processes;
use queue::Engine;
use standing::Standing;
use weak_list::WeakList;

/// The present in Unix milliseconds, for callers of [`build`](crate::build) and [`interpret`](crate::interpret).
#[must_use]
pub fn now_ms() -> i64 {
    clock::now().unix_ms()
}

/// A random seed, for callers of [`build`](crate::build).
#[must_use]
pub fn random_seed() -> u64 {
    getrandom::u64().unwrap_or_else(|_| now_ms().unsigned_abs())
}

/// Sends calls and answers each. Cheap to clone; all clones and threads share one connection pool.
///
/// ```no_run
/// use hogwire::{Client, Config, CreateEvent};
///
/// let client = Client::new(Config::builder("phc_...").build()?)?;
/// let outcome = client.send(CreateEvent::new("user-12345", "User Signed Up").property("plan", "premium"));
/// if !outcome.is_ok() {
///     eprintln!("{}: {}", outcome.error_code, outcome.error_message);
/// }
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
///
/// After `fork`, the child's client has its own connections, threads and randomness.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    config: Arc<Config>,
    processes: Processes,
    standing: Standing,
    /// The engines of its queues, which pause while it is opted out.
    engines: WeakList<Engine>,
    /// Whether v0 is spoken, by choice or, with `auto`, since the server has shown that it has no v1.
    lacks_v1: AtomicBool,
}

impl Client {
    /// A client with the built-in transport. Connects on the first call.
    ///
    /// # Errors
    /// [`ConfigError`] when `ca_file`, `client_cert` or `proxy` cannot be used.
    #[cfg(feature = "ureq")]
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let config = Arc::new(config);
        let transport = Arc::new(crate::transport::UreqTransport::new(&config)?);
        Ok(Self::with_shared_transport(config, transport))
    }

    /// A client with a transport of the caller's.
    #[must_use]
    pub fn with_transport(config: Config, transport: impl Transport + 'static) -> Self {
        Self::with_shared_transport(Arc::new(config), Arc::new(transport))
    }

    /// As [`with_transport`](Self::with_transport), for bindings in which clients may share one.
    #[doc(hidden)]
    #[must_use]
    pub fn with_shared_transport(config: Arc<Config>, transport: Arc<dyn Transport>) -> Self {
        let processes = Processes::new(transport, config.max_connections());
        let shared = Shared {
            config,
            processes,
            standing: Standing::default(),
            engines: WeakList::new(),
            lacks_v1: AtomicBool::new(false),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The configuration it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Sends any operation by name, with the input as JSON text in PascalCase.
    ///
    /// # Errors
    /// [`UnknownOperation`] when there is no such operation. Whatever is wrong with the input is in the outcome.
    ///
    /// ```
    /// use hogwire::{Client, Config};
    /// let client = Client::new(Config::builder("phc_x").build()?)?;
    /// let outcome = client.execute("event", r#"{"DistinctId": "user-1"}"#).unwrap();
    /// assert_eq!(outcome.findings[0].parameter, "EventName");
    /// assert!(client.execute("capture", "{}").is_err());
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn execute(&self, operation: &str, json: impl AsRef<[u8]>) -> Result<Outcome, UnknownOperation> {
        let operation: Operation = operation.parse()?;
        Ok(self.send(Input::from_json(operation, json.as_ref())))
    }

    /// Stops sending until [`opt_in`](Self::opt_in): outcomes say `opted_out`, calls under way are not retried, and queues keep what
    /// waits in them. One that is closed meanwhile drops it as `shutdown`. A request that is on its way already cannot be called back.
    pub fn opt_out(&self) {
        self.opt(true);
    }

    /// Sends again after [`opt_out`](Self::opt_out), and what waits in queues.
    pub fn opt_in(&self) {
        self.opt(false);
    }

    /// Whether it was opted out: for bindings whose clients are pickled.
    #[doc(hidden)]
    #[must_use]
    pub fn is_opted_out(&self) -> bool {
        self.shared.standing.is_opted_out()
    }

    fn opt(&self, out: bool) {
        self.shared.standing.opt(out);
        self.shared.processes.current().bell.ring();
        for engine in self.shared.engines.alive() {
            engine.heed_standing();
        }
    }

    /// Ends the client: later calls are answered `closed`, calls under way finish their attempt but are not retried, idle
    /// connections are closed. Its queues take nothing more either: close them first. Idempotent.
    pub fn close(&self) {
        self.shared.standing.close();
        let process = self.shared.processes.current();
        process.bell.ring();
        process.close();
        process.transport.close();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::testing::RecordingTransport;

    #[test]
    fn who_waits_for_the_next_attempt_goes_on_when_the_client_stops() {
        let stops: [fn(&Client); 2] = [Client::close, Client::opt_out];
        for stop in stops {
            let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), RecordingTransport::new());
            let process = client.shared.processes.current();
            let (looks, looked) = channel();
            let began = Instant::now();
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    process.bell.wait(Duration::from_secs(60), || {
                        let ends = client.shared.standing.ends_calls();
                        looks.send(()).unwrap();
                        ends
                    });
                });
                // It looks under the lock, so it sleeps by the time the bell can be rung.
                looked.recv().unwrap();
                stop(&client);
            });
            assert!(began.elapsed() < Duration::from_secs(30));
        }
    }
}
