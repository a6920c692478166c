//! Engine: one process's part of a queue. It joins the state machine, its lock, the clock and the worker threads; what a worker does is in
//! `worker`, and how a queue ends is in `closing`.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::super::clock::{Clock, Deadline};
use super::super::process::{Birth, PerProcess};
use super::super::{Client, Shared};
use super::state::{Locked, State};
use crate::config::Config;
use crate::delivery::Delivery;
use crate::queue_options::QueueOptions;
use crate::time::Timestamp;

/// How often a thread that waits for the workers tries again to start one, as long as the system starts none.
const ANOTHER_TRY: Duration = Duration::from_millis(50);

thread_local! {
    /// The engine whose worker this thread is.
    static WORKS_FOR: Cell<*const Engine> = const { Cell::new(std::ptr::null()) };
    /// The engine whose hooks this thread is telling something.
    static TELLS_FOR: Cell<*const Engine> = const { Cell::new(std::ptr::null()) };
}

/// One process's part of a queue.
pub(in super::super) struct Engine {
    birth: Birth,
    pub(super) process: Arc<PerProcess>,
    pub(super) client: Arc<Shared>,
    pub(super) config: Arc<Config>,
    pub(super) options: Arc<QueueOptions>,
    clock: Clock,
    state: Mutex<State>,
    /// For callers that are blocked: there may be room.
    pub(super) room: Condvar,
    /// For callers that wait for a flush or a close: something was settled.
    pub(super) settled: Condvar,
}

impl Engine {
    pub(super) fn new(client: &Client, config: &Arc<Config>, options: &Arc<QueueOptions>) -> Arc<Self> {
        let shared = Arc::clone(&client.shared);
        let delivery = Delivery::new(options.policy.clone(), shared.protocol(), options.hooks.listening());
        let engine = Arc::new(Self {
            birth: Birth::now(),
            process: shared.processes.current(),
            client: shared,
            config: Arc::clone(config),
            options: Arc::clone(options),
            clock: Clock::start(),
            state: Mutex::new(State::new(delivery)),
            room: Condvar::new(),
            settled: Condvar::new(),
        });
        // Added to the client's list first, so that no opt-out from now on is missed.
        engine.client.engines.add(&engine);
        engine.heed_standing();
        engine
    }

    /// Pauses or goes on, as the client has opted out or in. Does nothing for the parent's engine in a forked child: its lock may be held
    /// by a thread that was not copied.
    pub(in super::super) fn heed_standing(self: &Arc<Self>) {
        if !self.is_of_this_process() {
            return;
        }
        let mut state = self.lock();
        state.delivery.pause(self.client.standing.is_opted_out(), self.now());
        self.see_to(&mut state);
        state.announce();
        self.tell(state);
    }

    pub(super) fn is_of_this_process(&self) -> bool {
        self.birth.is_of_this_process()
    }

    pub(super) fn lock(&self) -> Locked<'_> {
        Locked::new(self, self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that this thread is one of the queue's workers.
    pub(super) fn note_worker(&self) {
        WORKS_FOR.set(self);
    }

    /// Whether this thread is one of the queue's workers, or tells its hooks. It must never wait for the queue then, because the queue
    /// waits for it.
    pub(super) fn works_here(&self) -> bool {
        std::ptr::eq(WORKS_FOR.get(), self) || self.tells_here()
    }

    /// Whether this thread is telling the queue's hooks something.
    pub(super) fn tells_here(&self) -> bool {
        std::ptr::eq(TELLS_FOR.get(), self)
    }

    /// Runs `tell` with this thread noted as one that tells the queue's hooks something.
    pub(super) fn as_teller(&self, tell: impl FnOnce()) {
        let before = TELLS_FOR.replace(self);
        tell();
        TELLS_FOR.set(before);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes sure that a worker does what is due, now or later. Wakes or starts none when one will do it anyway.
    pub(super) fn see_to(self: &Arc<Self>, state: &mut Locked<'_>) {
        let now = self.now();
        let Some(due) = state.delivery.next_step(now) else {
            return;
        };
        if due > now && state.alarm().is_some_and(|alarm| alarm <= due) {
            return;
        }
        // The end of a close needs no worker: the thread that closes waits until then itself.
        if state.closers > 0 && state.delivery.ends_at() == Some(due) {
            return;
        }
        if state.coming > 0 || state.call_one() {
            return;
        }
        if state.threads < self.options.policy.max_in_flight {
            let engine = Arc::clone(self);
            let started = thread::Builder::new()
                .name("hogwire-queue".to_owned())
                .spawn(move || engine.run());
            match started {
                Ok(handle) => {
                    state.threads += 1;
                    state.coming += 1;
                    state.handles.retain(|handle| !handle.is_finished());
                    state.handles.push(handle);
                }
                // The events wait for the next push, or whoever waits for them, to try again.
                Err(error) if state.threads == 0 => state.delivery.hindered(&format!(
                    "no thread could be started to send the events: {error}; \
                     raise the limit of threads or of memory (ulimit, or the container's)"
                )),
                Err(_) => {}
            }
        }
    }

    /// Waits until `is_so` holds, or the time is up. A worker never waits: it is what the others wait for.
    pub(super) fn wait(self: &Arc<Self>, deadline: Deadline, mut is_so: impl FnMut(&State) -> bool) {
        if self.works_here() {
            return;
        }
        let mut state = self.lock();
        state.watchers += 1;
        while !is_so(&state) {
            let left = deadline.left();
            if left.is_zero() {
                break;
            }
            state = self.watch(state, left);
        }
        state.watchers -= 1;
    }

    /// Waits until something was settled, for at most this time.
    pub(super) fn watch<'e>(self: &'e Arc<Self>, state: Locked<'e>, time: Duration) -> Locked<'e> {
        if state.threads > 0 {
            return state.wait(&self.settled, time);
        }
        let mut state = state.wait(&self.settled, time.min(ANOTHER_TRY));
        self.see_to(&mut state);
        state
    }
}
