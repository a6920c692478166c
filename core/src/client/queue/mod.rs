//! Queue: takes events at once and delivers them in the background. Holds the clock, threads and lock that `delivery` does without.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use uuid::Uuid;

use super::clock::Deadline;
use super::{Client, clock};
use crate::config::Config;
use crate::delivery::{DropReason, Pushed, Report, Stats};
use crate::error::{ConfigError, UnknownOperation};
use crate::event::Event;
use crate::finding::Warning;
use crate::operation::Input;
use crate::outcome::{ErrorCode, Outcome};
use crate::prepared::Prepared;
use crate::queue_options::{Overflow, QueueOptions};

mod closing;
mod engine;
mod receipt;
mod set;
mod state;
mod tell;
mod tellings;
mod waits;
mod worker;

pub use receipt::Receipt;
pub use set::QueueSet;

pub(super) use engine::Engine;
use state::Locked;
use waits::Wait;

/// A queue of a [`Client`]: events go out in batches, in the background, and `flush` and `close` say what became of each.
///
/// Cheap to clone. Dropping the last clone delivers what is left, for at most `close_timeout`; hooks that hold a clone of their own
/// queue keep it from ever being the last. Statics are never dropped, and `std::process::exit` drops nothing: close a queue that would
/// live that long at the end of `main`. After `fork`, the child's queue is empty and the parent's events are sent once.
///
/// ```
/// use hogwire::{Client, Config, CreateEvent, QueueOptions, Request, Response};
/// use std::time::Duration;
/// # let transport = |_: &Request, _: Duration| Ok(Response::new(200, r#"{"status":"Ok"}"#));
/// # let client = Client::with_transport(Config::builder("phc_x").build()?, transport);
///
/// let queue = client.queue(QueueOptions::default())?;
/// let receipt = queue.push(CreateEvent::new("user-12345", "User Signed Up"));
/// assert!(receipt.queued);
///
/// let report = queue.close(Duration::from_secs(5));
/// assert_eq!((report.delivered, report.pending), (1, 0));
/// assert_eq!(queue.push(CreateEvent::new("user-12345", "late")).error_code.as_str(), "closed");
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Queue {
    handle: Arc<Handle>,
}

/// What all clones of a queue share. The workers do not hold it, so that the queue ends when the last clone does.
struct Handle {
    client: Client,
    /// The client's configuration with the queue's compression.
    config: Arc<Config>,
    options: Arc<QueueOptions>,
    current: ArcSwap<Engine>,
    closed: AtomicBool,
}

impl Client {
    /// A queue for this client's events. Nothing is started before the first event.
    ///
    /// # Errors
    /// [`ConfigError`] names the first wrong option, the limit and the fix.
    pub fn queue(&self, options: QueueOptions) -> Result<Queue, ConfigError> {
        let options = Arc::new(options.checked(&self.shared.config)?);
        let mut config = Config::clone(&self.shared.config);
        config.compression = options.compression.or(config.compression);
        let config = Arc::new(config);
        let engine = Engine::new(self, &config, &options);
        let handle = Handle {
            client: self.clone(),
            config,
            options,
            current: ArcSwap::new(engine),
            closed: AtomicBool::new(false),
        };
        Ok(Queue {
            handle: Arc::new(handle),
        })
    }
}

impl Queue {
    /// Takes in one event. Returns at once (but for [`Overflow::Block`]); the event is encoded before this returns, so what the
    /// caller does to its data afterwards does not matter.
    pub fn push<'a>(&self, input: impl Into<Input<'a>>) -> Receipt {
        let shared = &self.handle.client.shared;
        if self.handle.closed.load(Ordering::SeqCst) {
            return Receipt::from(closed());
        }
        let mut engine = self.handle.engine();
        let prepared = shared.prepare(&engine.process, input.into(), clock::now());
        if !shared.config.before_send.is_empty() {
            // A hook may have forked: the child's queue is its own.
            engine = self.handle.engine();
        }
        match prepared {
            Ok(prepared) => self.handle.admit(&engine, prepared),
            Err(outcome) => refused(&engine, *outcome),
        }
    }

    /// Takes in any operation by name, with the input as JSON text in PascalCase.
    ///
    /// # Errors
    /// [`UnknownOperation`] when there is no such operation. Whatever is wrong with the input is in the receipt.
    pub fn execute(&self, operation: &str, json: impl AsRef<[u8]>) -> Result<Receipt, UnknownOperation> {
        Ok(self.push(Input::from_json(operation.parse()?, json.as_ref())))
    }

    /// Sends everything pushed so far and waits until each event is delivered, dropped, or has used up a round of retries, and the
    /// hooks were told, for at most this time. What is left stays in the queue and is counted as pending. Inside a hook it does not wait.
    pub fn flush(&self, timeout: Duration) -> Report {
        let engine = self.handle.engine();
        let deadline = Deadline::after(timeout);
        engine.end_flush(&mut engine.begin_flush(), deadline);
        self.report()
    }

    /// [`flush`](Self::flush) for languages whose signals wait for the thread that waits here: as long as it `goes_on`, which is asked
    /// now and then. `None` when it does not: the events stay on their way, and what became of them is in the next report.
    #[doc(hidden)]
    pub fn flush_while(&self, timeout: Duration, mut goes_on: impl FnMut() -> bool) -> Option<Report> {
        /// How often it is asked.
        const LOOK: Duration = Duration::from_millis(50);
        let deadline = Deadline::after(timeout);
        let mut flush = self.handle.engine().begin_flush();
        loop {
            let look = Deadline::after(deadline.left().min(LOOK));
            // Code that was asked may have forked: the child's queue is its own, and empty.
            let is_over = self.handle.engine().end_flush(&mut flush, look);
            if is_over || deadline.left().is_zero() {
                return Some(self.report());
            }
            if !goes_on() {
                return None;
            }
        }
    }

    /// Takes nothing more, delivers what is there for at most this time, and says what became of it. What could not be delivered is
    /// dropped as `shutdown`, with one line on stderr. Idempotent.
    pub fn close(&self, timeout: Duration) -> Report {
        self.handle.close(timeout);
        self.report()
    }

    /// What became of the events since the last report, without waiting: for `on_done` of [`submit_flush`](Self::submit_flush) and
    /// [`submit_close`](Self::submit_close).
    #[must_use]
    pub fn report(&self) -> Report {
        self.handle.engine().lock().delivery.report()
    }

    /// [`flush`](Self::flush) in the background; `on_done` is called on a thread of the client, and takes the
    /// [`report`](Self::report) if anybody still waits for it.
    pub fn submit_flush(&self, timeout: Duration, on_done: impl FnOnce(&Self) + Send + 'static) {
        let (queue, engine) = (self.clone(), self.handle.engine());
        engine.wait_in_background(Wait {
            flush: engine.begin_flush(),
            deadline: Deadline::after(timeout),
            on_done: Box::new(move || on_done(&queue)),
        });
    }

    /// [`close`](Self::close) in the background, as [`submit_flush`](Self::submit_flush). Later events are answered `closed` as soon
    /// as this returns.
    pub fn submit_close(&self, timeout: Duration, on_done: impl FnOnce(&Self) + Send + 'static) {
        let deadline = self.handle.begin_close(timeout);
        let queue = self.clone();
        let process = self.handle.client.shared.processes.current();
        process.in_background(Box::new(move || {
            match queue.handle.engine().end_close(deadline) {
                Some(()) => on_done(&queue),
                // A child that a hook has forked: who waits for it is not there.
                None => std::mem::forget((queue, on_done)),
            }
        }));
    }

    /// All counters since the queue was made, and where events stand now.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.handle.engine().lock().delivery.stats()
    }

    /// Whether neither the transport nor a hook will be called any more for what was pushed: for bindings that free what these use.
    #[doc(hidden)]
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.handle.engine().lock().is_idle()
    }

    /// The option `close_timeout`: for bindings that close a queue at the end of a scope or a program.
    #[doc(hidden)]
    #[must_use]
    pub fn close_timeout(&self) -> Duration {
        self.handle.options.close_timeout
    }

    /// The client it belongs to.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.handle.client
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Queue")
            .field("options", &self.handle.options)
            .finish_non_exhaustive()
    }
}

#[cold]
fn closed() -> Outcome {
    Outcome::unsent(ErrorCode::Closed, "the queue is closed; make a new one")
}

/// The receipt of an event that validation refused, or a hook dropped.
#[cold]
fn refused(engine: &Engine, outcome: Outcome) -> Receipt {
    if let (ErrorCode::Dropped, Some(uuid)) = (outcome.error_code, outcome.event_uuid) {
        let mut state = engine.lock();
        state
            .delivery
            .refuse(uuid, DropReason::BeforeSend, &outcome.error_message);
        engine.tell(state);
    }
    Receipt::from(outcome)
}

fn push(engine: &Arc<Engine>, state: &mut Locked<'_>, event: Event) -> Pushed {
    // Reading the clock is a good part of what a push costs.
    let now = state.delivery.needs_time().then(|| engine.now());
    let pushed = state.delivery.push(event, now);
    let may_be_due = match pushed {
        // No thread could be started when one was needed: try again.
        Pushed::Queued { wake } => wake || state.threads == 0,
        Pushed::Full(_) => true,
        Pushed::Closed => false,
    };
    if may_be_due {
        engine.see_to(state);
    }
    pushed
}

impl Handle {
    /// The current process's engine, borrowed: threads that push do not all change its reference count. A forked child gets a fresh engine,
    /// as in `process`.
    fn engine(&self) -> Guard<Arc<Engine>> {
        let current = self.current.load();
        if current.is_of_this_process() {
            return current;
        }
        Guard::from_inner(self.engine_after_fork(Guard::into_inner(current)))
    }

    #[cold]
    fn engine_after_fork(&self, current: Arc<Engine>) -> Arc<Engine> {
        let fresh = Engine::new(&self.client, &self.config, &self.options);
        let previous = self.current.compare_and_swap(&current, Arc::clone(&fresh));
        let was_first = Arc::ptr_eq(&previous, &current);
        // Never dropped here: its lock may be held by a thread that was not copied, and its events are the parent's.
        std::mem::forget(current);
        if was_first { fresh } else { self.current.load_full() }
    }

    fn admit(&self, engine: &Arc<Engine>, prepared: Prepared) -> Receipt {
        let uuid = prepared.event.uuid;
        let mut state = engine.lock();
        match push(engine, &mut state, prepared.event) {
            Pushed::Queued { .. } => self.queued(engine, state, uuid, prepared.warnings),
            Pushed::Full(event) => self.admit_when_there_is_room(engine, state, event, prepared.warnings),
            Pushed::Closed => Receipt::from(closed()),
        }
    }

    fn queued(&self, engine: &Engine, state: Locked<'_>, uuid: Uuid, warnings: Vec<Warning>) -> Receipt {
        if self.options.overflow == Overflow::DropOldest {
            engine.tell(state);
        } else {
            drop(state);
        }
        Receipt::queued(uuid, warnings)
    }

    /// Takes the event in as soon as there is room, with the overflow `block`; refuses it otherwise, or when there is none in time.
    #[cold]
    fn admit_when_there_is_room(
        &self,
        engine: &Arc<Engine>,
        mut state: Locked<'_>,
        mut event: Event,
        warnings: Vec<Warning>,
    ) -> Receipt {
        let uuid = event.uuid;
        let deadline = Deadline::after(self.options.block_timeout);
        loop {
            let left = deadline.left();
            let can_fit = self.options.policy.can_hold(&event);
            // A hook must not wait for room that its own thread would have to make.
            if self.options.overflow != Overflow::Block || left.is_zero() || engine.works_here() || !can_fit {
                drop(state);
                return self.overflowed(engine, uuid, warnings, Some(event.len()).filter(|_| !can_fit));
            }
            state.blocked += 1;
            state = state.wait(&engine.room, left);
            state.blocked -= 1;
            event = match push(engine, &mut state, event) {
                Pushed::Queued { .. } => return self.queued(engine, state, uuid, warnings),
                Pushed::Full(event) => event,
                Pushed::Closed => return Receipt::from(closed()),
            };
        }
    }

    /// The receipt of an event for which there is no room. `too_large`: its bytes, if even an empty queue would not take it.
    fn overflowed(&self, engine: &Engine, uuid: Uuid, warnings: Vec<Warning>, too_large: Option<usize>) -> Receipt {
        let policy = &self.options.policy;
        let (events, bytes) = (policy.max_queue_events, policy.max_queue_bytes);
        let [max_events, max_bytes] =
            ["max_queue_events", "max_queue_bytes"].map(|option| self.config.library.spelled(option));
        let message = match too_large {
            Some(event) => {
                format!("the event has {event} bytes, more than a queue of {bytes} takes; raise {max_bytes}")
            }
            None => format!(
                "the queue is full (events that wait: at most {events}, and {bytes} bytes); raise {max_events} or {max_bytes}, or choose another overflow"
            ),
        };
        let mut state = engine.lock();
        state.delivery.refuse(uuid, DropReason::Overflow, &message);
        engine.tell(state);
        Receipt::refused(uuid, ErrorCode::QueueFull, &message, warnings)
    }

    fn close(&self, timeout: Duration) {
        let deadline = self.begin_close(timeout);
        Guard::into_inner(self.engine()).at_the_end(move |engine| engine.end_close(deadline));
    }

    /// Takes nothing more and lets everything go out, for this long.
    fn begin_close(&self, timeout: Duration) -> Deadline {
        self.closed.store(true, Ordering::SeqCst);
        let engine = self.engine();
        let mut state = engine.lock();
        state.closers += 1;
        state.delivery.close(engine.now(), timeout);
        engine.see_to(&mut state);
        state.call_all();
        // Callers that wait for room need not wait any more.
        state.announce();
        Deadline::after(timeout)
    }

    /// Ends without waiting for anything. `None` in a child that a hook has forked.
    fn abandon(&self) -> Option<()> {
        self.closed.store(true, Ordering::SeqCst);
        self.engine().abandon()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // In a forked child, the parent's engine is not this process's to close.
        let engine = self.current.load_full();
        if !engine.is_of_this_process() {
            std::mem::forget(engine);
            return;
        }
        let deadline = self.begin_close(self.options.close_timeout);
        engine.at_the_end(move |engine| engine.end(deadline));
    }
}
