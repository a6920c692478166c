//! Client: the core's client under Python's names. The interpreter's lock is released while the core works.

use hogwire::Operation;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use crate::batch::HeldBatch;
use crate::collector::Shared;
use crate::input::{Given, Held, of_keywords, operation};
use crate::operations::with_operations;
use crate::options::{Options, Use, of_core};
use crate::outcome::Outcome;
use crate::queue::Queue;
use crate::text::quoted;
use crate::transport::Callback;
use crate::{collector, gate, guard, log, misuse, raised};

/// Sends operations to PostHog and answers each with an `Outcome`. Safe to share between threads, and across `fork`.
///
/// Wrong values are answered with `status_code` -1, never with an exception. Wrong options raise `ConfigError`. Pickling a client
/// carries its options (the api key in full), not its connections.
///
/// Options, each None for its default:
///
///     host: the server's http(s) URL, a path prefix allowed, up to 2,048 bytes. Default: PostHog's US cloud.
///     timeout: seconds for a call, retries included, and in queues for a request, 0.001 to 86,400. Default: 10.0.
///     connect_timeout: seconds for connecting, name look-up included, 0.001 to 86,400. Default: 5.0.
///     max_retries: retries after the first attempt of a call, 0 to 100. Default: 2.
///     max_connections: connections open at a time, 1 to 1,024; waiting counts against timeout. Default: 32.
///     protocol: "v0", "v1" (an answer for each event) or "auto" (v1 where the server has it). Default: "v0".
///     compression: "none", "gzip", with v1 or auto also "deflate", "zstd". Default: queues gzip from 1 KiB on.
///     nested_properties: whether objects and lists may be property values. Default: False.
///     geoip_disable: whether to send $geoip_disable, unless $ip is given. Default: True.
///     is_server: whether to send $is_server. Default: True.
///     properties: added to every event, up to 500,000 bytes of JSON; the event's own win. Default: none.
///     headers: a mapping of extra request headers, values up to 8,192 bytes. Default: none.
///     app_info: a suffix for the User-Agent, up to 256 bytes of printable ASCII. Default: none.
///     before_send: synchronous functions that get each event and return it, or None to drop it. Default: none.
///     disabled: whether to send nothing. Default: False.
///     historical_migration: whether events are an import, whose old times are to be kept. Default: False.
///     proxy: a proxy's URL (http, https, socks4, socks4a, socks5, socks5h). Default: the environment's.
///     ca_file: a PEM file of certificate authorities. Default: the system's.
///     client_cert: a PEM file with the client's certificate chain and key. Default: none.
///     transport: a synchronous function of a request and the seconds left, to carry it. Default: the library's own.
///
/// >>> with hogwire.Client("phc_...", timeout=5.0) as client:
/// ...     outcome = client.create_event(distinct_id="user-12345", event_name="User Signed Up")
#[pyclass(frozen, module = "hogwire")]
pub(crate) struct Client {
    pub(crate) core: hogwire::Client,
    /// The transport and the `before_send` functions.
    shared: Vec<Shared>,
    /// What it was made with, for pickling.
    made_with: MadeWith,
}

struct MadeWith {
    api_key: Py<PyAny>,
    options: Option<Py<PyDict>>,
    from_env: bool,
}

impl Client {
    fn make(api_key: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>, from_env: bool) -> PyResult<Self> {
        guard::function(|| {
            let py = api_key.py();
            let place = if from_env { Use::FromEnv } else { Use::Client };
            let read = Options::read(api_key, options, place)?;
            let transport = read.transport.clone();
            let shared = transport.iter().chain(&read.before_send).cloned().collect();
            let config = read.config(from_env)?;
            let core = match transport {
                Some(transport) => hogwire::Client::with_transport(config, Callback(transport)),
                None => hogwire::Client::new(config).map_err(|error| of_core(py, &error))?,
            };
            let made_with = MadeWith {
                api_key: api_key.clone().unbind(),
                options: options.map(|options| options.copy().map(Bound::unbind)).transpose()?,
                from_env,
            };
            Ok(Self {
                core,
                shared,
                made_with,
            })
        })
    }

    fn call(&self, py: Python<'_>, operation: Operation, given: &[Given<'_, '_>]) -> PyResult<Outcome> {
        let outcome = guard::operation(|| {
            let input = of_keywords(operation, given)?;
            Ok(py.detach(|| self.core.send(input)))
        })?;
        logged(py, outcome)
    }

    fn call_by_name(&self, py: Python<'_>, operation: Operation, input: &Bound<'_, PyAny>) -> PyResult<Outcome> {
        let outcome = guard::operation(|| {
            let held = Held::of(input)?;
            let input = held.input(operation)?;
            Ok(py.detach(|| self.core.send(input)))
        })?;
        logged(py, outcome)
    }
}

with_operations! {
    impl Client -> Outcome {
        #[new]
        #[pyo3(
            signature = (api_key, *unnamed, **options),
            text_signature = "(api_key, *, host=None, timeout=10.0, connect_timeout=5.0, max_retries=2, max_connections=32, protocol='v0', compression=None, nested_properties=False, geoip_disable=True, is_server=True, properties=None, headers=None, app_info=None, before_send=None, disabled=False, historical_migration=False, proxy=None, ca_file=None, client_cert=None, transport=None)"
        )]
        fn new(
            api_key: &Bound<'_, PyAny>,
            unnamed: &Bound<'_, PyTuple>,
            options: Option<&Bound<'_, PyDict>>,
        ) -> PyResult<Self> {
            misuse::refuse_unnamed("Client", unnamed)?;
            Self::make(api_key, options, false)
        }

        /// A client whose key and host, unless given, come from `POSTHOG_API_KEY` and `POSTHOG_HOST`.
        ///
        /// Without a key the client is disabled, and its outcomes say why.
        #[staticmethod]
        #[pyo3(
            signature = (api_key=None, *unnamed, **options),
            text_signature = "(api_key=None, *, host=None, timeout=10.0, connect_timeout=5.0, max_retries=2, max_connections=32, protocol='v0', compression=None, nested_properties=False, geoip_disable=True, is_server=True, properties=None, headers=None, app_info=None, before_send=None, disabled=False, historical_migration=False, proxy=None, ca_file=None, client_cert=None, transport=None)"
        )]
        fn from_env(
            py: Python<'_>,
            api_key: Option<&Bound<'_, PyAny>>,
            unnamed: &Bound<'_, PyTuple>,
            options: Option<&Bound<'_, PyDict>>,
        ) -> PyResult<Self> {
            misuse::refuse_unnamed("Client.from_env", unnamed)?;
            let none = py.None().into_bound(py);
            Self::make(api_key.unwrap_or(&none), options, true)
        }

        /// As `execute`, in the background: `on_done` is called with the outcome, on any thread. For `AsyncClient`.
        fn _submit(this: &Bound<'_, Self>, operation: &Bound<'_, PyAny>, input: &Bound<'_, PyAny>, on_done: Py<PyAny>) -> PyResult<()> {
            let operation = self::operation(operation)?;
            let on_panic = on_done.clone_ref(this.py());
            let submit = || {
                let held = Held::of(input)?;
                let input = held.input(operation)?;
                let (core, client) = (&this.get().core, this.clone().unbind());
                this.py().detach(|| core.submit(input, move |outcome| {
                    deliver(&on_done, outcome);
                    gate::release((on_done, client));
                }));
                Ok(())
            };
            guard::operations(submit, |outcome| {
                deliver(&on_panic, outcome);
                Ok(())
            })
        }

        /// Sends many operations together, and gives one outcome for each, in order. Up to 1,000 events or 1 MiB of JSON go out in one
        /// request, more in several, one after the other, all within `timeout`; a request that the server refuses because of one event is
        /// divided until that event stands alone.
        ///
        /// Each is a mapping in PascalCase, with its operation: `{"Operation": "event", "DistinctId": ..., ...}`. What is
        /// wrong with one is in its outcome; the others are sent. What is no list, nor anything else to iterate, raises `TypeError`.
        fn send_batch(&self, py: Python<'_>, operations: &Bound<'_, PyAny>) -> PyResult<Vec<Outcome>> {
            let held = HeldBatch::of(operations)?;
            let send = || {
                let inputs = held.inputs()?;
                Ok(py.detach(|| self.core.send_batch(inputs)))
            };
            let outcomes = guard::operations(send, |outcome| Ok(held.all(&outcome)))?;
            outcomes.into_iter().map(|outcome| logged(py, outcome)).collect()
        }

        /// As `send_batch`, in the background: `on_done` is called with the outcomes, on any thread. For `AsyncClient`.
        fn _submit_batch(this: &Bound<'_, Self>, operations: &Bound<'_, PyAny>, on_done: Py<PyAny>) -> PyResult<()> {
            let held = HeldBatch::of(operations)?;
            let on_panic = on_done.clone_ref(this.py());
            let submit = || {
                let inputs = held.inputs()?;
                let (core, client) = (&this.get().core, this.clone().unbind());
                this.py().detach(|| core.submit_batch(inputs, move |outcomes| {
                    deliver_all(&on_done, outcomes);
                    gate::release((on_done, client));
                }));
                Ok(())
            };
            guard::operations(submit, |outcome| {
                deliver_all(&on_panic, held.all(&outcome));
                Ok(())
            })
        }

        /// A queue for this client's events: takes them at once and delivers them in the background.
        ///
        /// `on_drop` is told of every event dropped, with a `Dropped`; `on_error` of every request that failed, with an `Outcome`;
        /// `on_delivered` of every delivery, with the events' uuids and `"accepted"`, `"stored"`, or `"unknown"`, where the answer says
        /// nothing of them (a host that is not PostHog's answers 200, perhaps).
        ///
        /// Hooks run on the queue's own threads; but what a `before_send` function or a full queue drops, or a close whose time is over,
        /// is told on the thread that caused it, inside that call. There no lock may be held that `on_drop` takes, unless it is
        /// reentrant. A hook must not wait for the queue: `flush` and `close` return at once there.
        ///
        /// Options, each None for its default:
        ///
        ///     flush_at: events that make a batch go out, 1 to 1,000,000; doubled by each request under way. Default: 100.
        ///     flush_interval: seconds after which the oldest event makes a batch go out, 0 to 86,400. Default: 5.0.
        ///     max_batch_events: events of a request, 1 to 100,000; with protocol v1 or auto at most 5,000. Default: 1,000.
        ///     max_batch_bytes: bytes of JSON of a request, uncompressed, 1 to 20,971,520. Default: 1,048,576.
        ///     max_in_flight: requests at a time, 1 to 64. Default: 4.
        ///     max_queue_events: events that may wait, 1 to 100,000,000. Default: 100,000.
        ///     max_queue_bytes: bytes of the events that may wait, 1 to 1,099,511,627,776. Default: 134,217,728.
        ///     overflow: without room, "reject" the event, "drop_oldest", or "block" the caller. Default: "reject".
        ///     block_timeout: seconds that "block" waits for room, 0 to 86,400. Default: 5.0.
        ///     close_timeout: seconds for the end of a with block and of the program, 0 to 86,400. Default: 5.0.
        ///     max_retries: retries of a request, 0 to 100; then its events wait for a later round. Default: 3.
        ///     compression: as the client's. Default: the client's, or gzip from 1 KiB on.
        #[pyo3(
            signature = (**options),
            text_signature = "($self, *, flush_at=100, flush_interval=5.0, max_batch_events=1000, max_batch_bytes=1048576, max_in_flight=4, max_queue_events=100000, max_queue_bytes=134217728, overflow='reject', block_timeout=5.0, close_timeout=5.0, max_retries=3, compression=None, on_drop=None, on_error=None, on_delivered=None)"
        )]
        fn queue(this: &Bound<'_, Self>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Queue>> {
            Queue::make(this, options)
        }

        /// Stops sending until `opt_in`: outcomes and receipts say `opted_out`, calls under way are not retried, and queues keep what
        /// waits in them; one that is closed meanwhile drops it as `shutdown`. A request that is on its way cannot be called back.
        fn opt_out(&self, py: Python<'_>) -> PyResult<()> {
            opt(py, || self.core.opt_out())
        }

        /// Sends again after `opt_out`, and what waits in queues.
        fn opt_in(&self, py: Python<'_>) -> PyResult<()> {
            opt(py, || self.core.opt_in())
        }

        /// Ends the client: later calls are answered `closed`, calls under way finish their attempt but are not retried. Its queues take
        /// nothing more either: close them first. May be repeated.
        fn close(&self, py: Python<'_>) {
            py.detach(|| self.core.close());
        }

        fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
            visit.call(&self.made_with.api_key)?;
            visit.call(&self.made_with.options)?;
            collector::show(&self.shared, &visit)
        }

        fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
            this
        }

        #[pyo3(signature = (*_exception))]
        fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
            self.close(py);
        }

        fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
            Ok(format!("Client(host={})", quoted(py, self.core.config().host())?))
        }

        #[allow(clippy::type_complexity, reason = "the shape pickle asks for")]
        fn __reduce__<'py>(
            &self,
            py: Python<'py>,
        ) -> PyResult<(Bound<'py, PyAny>, (&Py<PyAny>, Option<&Py<PyDict>>, bool, bool))> {
            let restore = py.import("hogwire._native")?.getattr("_restore_client")?;
            let MadeWith {
                api_key,
                options,
                from_env,
            } = &self.made_with;
            Ok((
                restore,
                (api_key, options.as_ref(), *from_env, self.core.is_opted_out()),
            ))
        }
    }
}

/// A client from what pickling kept of it.
#[pyfunction(name = "_restore_client")]
pub(crate) fn restore_client(
    api_key: &Bound<'_, PyAny>,
    options: Option<&Bound<'_, PyDict>>,
    from_env: bool,
    opted_out: bool,
) -> PyResult<Client> {
    let client = Client::make(api_key, options, from_env)?;
    if opted_out {
        client.core.opt_out();
    }
    Ok(client)
}

/// Opts out or in. Hooks of queues may be called meanwhile, and an order to stop that one of them raised is raised here.
fn opt(py: Python<'_>, change: impl FnOnce() + Send) -> PyResult<()> {
    guard::function(|| {
        py.detach(change);
        raised::raise_kept()
    })
}

/// An outcome as the call's answer, once the log has it; a signal that came while the call waited is raised instead.
fn logged(py: Python<'_>, outcome: hogwire::Outcome) -> PyResult<Outcome> {
    log::log(py, &outcome);
    raised::raise_kept()?;
    Ok(outcome.into())
}

/// Hands an outcome to Python, from whichever thread has it.
fn deliver(on_done: &Py<PyAny>, outcome: hogwire::Outcome) {
    gate::call_back(on_done, |py| {
        log::log(py, &outcome);
        (Outcome::from(outcome),)
    });
}

/// As [`deliver`], for a batch.
fn deliver_all(on_done: &Py<PyAny>, outcomes: Vec<hogwire::Outcome>) {
    gate::call_back(on_done, |py| {
        outcomes.iter().for_each(|outcome| log::log(py, outcome));
        (outcomes.into_iter().map(Outcome::from).collect::<Vec<_>>(),)
    });
}
