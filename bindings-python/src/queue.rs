//! Queue: the core's queue under Python's names. What queues of both kinds, plain and asyncio's, have in common is `Queued`.

use std::mem::ManuallyDrop;
use std::time::Duration;

use hogwire::{Input, Operation};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use crate::client::Client;
use crate::collector::Shared;
use crate::input::{Given, Held, of_keywords};
use crate::kind::described;
use crate::operations::with_operations;
use crate::options::of_core;
use crate::receipt::Receipt;
use crate::report::Report;
use crate::{collector, exit, gate, guard, json, log, queue_options, raised};

/// Longest time to wait that is taken literally: as long as an option may be.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a flush waits unless told otherwise.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(10);

/// What every queue can do. Make queues with `Client.queue` and `AsyncClient.queue`.
#[pyclass(frozen, subclass, weakref, module = "hogwire._native")]
pub(crate) struct Queued {
    /// Dropped by [`exit::finish`], never in place.
    core: ManuallyDrop<hogwire::Queue>,
    /// The client and the hooks.
    shared: Vec<Shared>,
    /// Tells whether this is a forked child, whose end is still to be watched.
    forks: forkguard::Guard,
    /// Whether a push may wait for room, and must let other threads run meanwhile.
    may_block: bool,
}

impl Queued {
    fn of(client: &Bound<'_, Client>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        guard::function(|| {
            let py = client.py();
            let read = queue_options::read(client, options)?;
            let core = client
                .get()
                .core
                .queue(read.options)
                .map_err(|error| of_core(py, &error))?;
            exit::add(py, &core)?;
            Ok(Self {
                core: ManuallyDrop::new(core),
                shared: read.shared,
                forks: forkguard::new(),
                may_block: read.may_block,
            })
        })
    }

    fn push(&self, py: Python<'_>, input: Input<'_>) -> PyResult<hogwire::Receipt> {
        if self.forks.clone().detected_fork() {
            exit::watch_after_fork(py)?;
        }
        Ok(match self.may_block {
            true => py.detach(|| self.core.push(input)),
            false => self.core.push(input),
        })
    }

    fn call(&self, py: Python<'_>, operation: Operation, given: &[Given<'_, '_>]) -> PyResult<Receipt> {
        told(py, guard::operation(|| self.push(py, of_keywords(operation, given)?))?)
    }

    fn call_by_name(&self, py: Python<'_>, operation: Operation, input: &Bound<'_, PyAny>) -> PyResult<Receipt> {
        told(
            py,
            guard::operation(|| self.push(py, Held::of(input)?.input(operation)?))?,
        )
    }
}

/// A receipt as the call's answer; of an event that was not taken, once the log has it.
fn told(py: Python<'_>, receipt: hogwire::Receipt) -> PyResult<Receipt> {
    if !receipt.queued {
        log::refused(py, &receipt);
        raised::raise_kept()?;
    }
    Ok(receipt.into())
}

impl Drop for Queued {
    fn drop(&mut self) {
        // SAFETY: this is the end of the queue's owner; nothing looks at the field again.
        let core = unsafe { ManuallyDrop::take(&mut self.core) };
        // Detached, because the core waits for hooks, and these need the interpreter.
        Python::attach(|py| py.detach(|| exit::finish(core)));
    }
}

with_operations! {
    impl Queued -> Receipt {
        #[new]
        #[pyo3(signature = (client, **options))]
        fn new(client: &Bound<'_, Client>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
            Self::of(client, options)
        }

        /// All counters since the queue was made, and where its events stand now.
        ///
        /// The names fit Prometheus and OpenTelemetry:
        ///
        ///     events_pushed_total: valid events handed to the queue, those included that it had to drop at once.
        ///     events_delivered_total: events the server took.
        ///     events_accepted_total: of these, accepted for storage.
        ///     events_stored_total: of these, stored (v1).
        ///     events_unconfirmed_total: of the accepted ones, those of which the answer said nothing.
        ///     events_dropped_total: events dropped, a dictionary with a number for each of `hogwire.DROP_REASONS`.
        ///     events_retried_total: events sent again, but for those of a divided batch.
        ///     requests_total: requests made.
        ///     requests_failed_total: requests that failed.
        ///     request_bytes_total: bytes of request bodies, as sent, once their answers came.
        ///     batches_divided_total: batches divided to find the event the server refuses.
        ///     late_answers_total: answers to requests the queue no longer waited for.
        ///     events_waiting: events that wait for a batch.
        ///     bytes_waiting: bytes of the events that wait for a batch.
        ///     events_in_flight: events in batches, on their way or waiting for another attempt.
        ///     requests_in_flight: requests whose answer is awaited.
        fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
            json::read_to_python(py, serde_json::to_value(self.core.stats()))
        }

        /// A flush in the background: `on_done` is called when it is over, on any thread, and the report is there to be taken. For
        /// `AsyncQueue`.
        fn _submit_flush(&self, py: Python<'_>, timeout: &Bound<'_, PyAny>, on_done: Py<PyAny>) -> PyResult<()> {
            guard::function(|| {
                let timeout = time(timeout, FLUSH_TIMEOUT)?;
                py.detach(|| self.core.submit_flush(timeout, move |_| gate::call_back(&on_done, |_| ())));
                raised::raise_kept()
            })
        }

        /// A close in the background, as `_submit_flush`. The queue takes nothing more as soon as this returns.
        fn _submit_close(&self, py: Python<'_>, timeout: &Bound<'_, PyAny>, on_done: Py<PyAny>) -> PyResult<()> {
            guard::function(|| {
                let timeout = time(timeout, self.core.close_timeout())?;
                py.detach(|| self.core.submit_close(timeout, move |_| gate::call_back(&on_done, |_| ())));
                raised::raise_kept()
            })
        }

        /// What became of the events since the last report, without waiting. For `AsyncQueue`.
        fn _report(&self, py: Python<'_>) -> PyResult<Report> {
            Report::of(py, &self.core.report())
        }

        fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
            collector::show(&self.shared, &visit)
        }

        /// What the garbage collector calls, once, of a queue to which only circles refer: it is kept, with all that its hooks use, until
        /// it is closed. A later collection frees it.
        fn __del__(this: &Bound<'_, Self>) -> PyResult<()> {
            guard::function(|| {
                let (core, kept) = (&this.get().core, this.clone().unbind());
                this.py().detach(|| exit::finish_and_release(core, kept));
                Ok(())
            })
        }

        fn __repr__(this: &Bound<'_, Self>) -> PyResult<String> {
            let stats = this.get().core.stats();
            let pending = stats.events_waiting + stats.events_in_flight;
            Ok(format!("{}(pending={pending})", this.get_type().name()?))
        }

        fn __reduce__(&self) -> PyResult<()> {
            Err(PyTypeError::new_err(
                "a queue cannot be pickled, because its events belong to this process; pickle the client, and make a queue of it where it arrives",
            ))
        }
    }
}

/// Takes events at once and delivers them in the background, in batches; `flush` and `close` say what became of them. Made by
/// `Client.queue`. Safe to share between threads, and across `fork`: the child's queue is empty, the parent's events are sent once.
///
/// Leaving a `with` block closes it, and so does the end of the interpreter, both for at most `close_timeout`.
///
/// >>> with client.queue(flush_at=100) as queue:
/// ...     receipt = queue.create_event(distinct_id="user-12345", event_name="User Signed Up")
/// ...     report = queue.flush()
#[pyclass(frozen, extends = Queued, module = "hogwire")]
pub(crate) struct Queue;

impl Queue {
    pub(crate) fn make(client: &Bound<'_, Client>, options: Option<&Bound<'_, PyDict>>) -> PyResult<Py<Self>> {
        let common = Queued::of(client, options)?;
        Py::new(client.py(), PyClassInitializer::from(common).add_subclass(Self))
    }
}

#[pymethods]
impl Queue {
    /// Sends everything pushed so far and waits, for at most `timeout` seconds, until each event is delivered, dropped, or has used up
    /// its retries, and hooks were told. What is left stays in the queue and is counted as pending. Never raises for a delivery.
    #[pyo3(signature = (timeout=None), text_signature = "($self, timeout=10.0)")]
    fn flush(this: &Bound<'_, Self>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Report> {
        let (py, timeout) = (this.py(), optional_time(timeout, FLUSH_TIMEOUT)?);
        guard::function(|| {
            let core = &this.as_super().get().core;
            // Signals are Python's to handle, and wait until this thread asks: a script may flush for a minute.
            let report = py.detach(|| core.flush_while(timeout, || !raised::signal_raised()));
            raised::raise_kept()?;
            Report::of(py, &report.unwrap_or_default())
        })
    }

    /// Takes nothing more, delivers what is there for at most `timeout` seconds (left out: `close_timeout`), and says what became of
    /// it. What could not be delivered is dropped as `shutdown`, with one line on stderr. May be repeated.
    #[pyo3(signature = (timeout=None))]
    fn close(this: &Bound<'_, Self>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<Report> {
        let timeout = optional_time(timeout, this.as_super().get().core.close_timeout())?;
        report(this, |core| core.close(timeout))
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(this: &Bound<'_, Self>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        Self::close(this, None).map(drop)
    }
}

fn report(queue: &Bound<'_, Queue>, wait: impl FnOnce(&hogwire::Queue) -> hogwire::Report + Send) -> PyResult<Report> {
    guard::function(|| {
        let core = &queue.as_super().get().core;
        let report = queue.py().detach(|| wait(core));
        raised::raise_kept()?;
        Report::of(queue.py(), &report)
    })
}

fn optional_time(given: Option<&Bound<'_, PyAny>>, otherwise: Duration) -> PyResult<Duration> {
    given.map_or(Ok(otherwise), |given| time(given, otherwise))
}

/// Seconds as a time to wait.
fn time(given: &Bound<'_, PyAny>, otherwise: Duration) -> PyResult<Duration> {
    if given.is_none() {
        return Ok(otherwise);
    }
    let seconds = match given.extract::<f64>() {
        Ok(seconds) if !given.is_instance_of::<PyBool>() => seconds,
        Err(error) if raised::is_order(given.py(), &error) => return Err(error),
        // Too large for a float.
        Err(_) if given.is_instance_of::<PyInt>() => f64::INFINITY.copysign(if given.lt(0)? { -1.0 } else { 1.0 }),
        _ => {
            let found = described(given);
            return Err(PyTypeError::new_err(format!(
                "timeout must be a number of seconds, not {found}"
            )));
        }
    };
    if seconds.is_nan() || seconds < 0.0 {
        return Err(PyValueError::new_err(
            "timeout must be a number of seconds that is not negative",
        ));
    }
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST))
}
