//! Worker: the threads that drive one process's part of a queue. They are all alike, start when something is due, and leave when
//! nothing has been for a while.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::super::clock::{self, Clock, Deadline};
use super::super::direct::transmit;
use super::super::process::{Birth, PerProcess};
use super::super::workers::LINGER;
use super::super::{Client, Shared};
use super::state::{Locked, State};
use crate::config::Config;
use crate::delivery::{Delivery, Job, Step};
use crate::operation::Operation;
use crate::protocol::verdict::{Answered, read_batch};
use crate::protocol::{self, Batch, Compressor, Subject};
use crate::queue_options::QueueOptions;
use crate::time::Timestamp;

/// How long a close waits, past its time, for hooks that are being told what it gave up.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How long the end of a queue waits, past its time, for hooks that run.
const LAST_HOOKS: Duration = Duration::from_secs(5);

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
    client: Arc<Shared>,
    config: Arc<Config>,
    pub(super) options: Arc<QueueOptions>,
    clock: Clock,
    state: Mutex<State>,
    /// For callers that are blocked: there may be room.
    pub(super) room: Condvar,
    /// For those who flush and close: something was settled.
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
        // Known first, so that nothing the client is told from now on is missed.
        engine.client.engines.add(&engine);
        engine.heed_standing();
        engine
    }

    /// Stops or goes on, as the client does. Not the parent's part in a forked child: its lock may be held by a thread that was not
    /// copied.
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

    /// Whether this thread is one of the queue's workers, or tells its hooks: it must never wait for the queue, which waits for it.
    pub(super) fn works_here(&self) -> bool {
        std::ptr::eq(WORKS_FOR.get(), self) || self.tells_here()
    }

    /// Whether this thread is telling the queue's hooks something.
    pub(super) fn tells_here(&self) -> bool {
        std::ptr::eq(TELLS_FOR.get(), self)
    }

    /// Tells the queue's hooks something, and knows it meanwhile.
    pub(super) fn as_teller(&self, tell: impl FnOnce()) {
        let before = TELLS_FOR.replace(self);
        tell();
        TELLS_FOR.set(before);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes sure that somebody does what is due, now or later. Wakes nobody when somebody already will.
    pub(super) fn see_to(self: &Arc<Self>, state: &mut Locked<'_>) {
        let now = self.now();
        let Some(due) = state.delivery.next_step(now) else {
            return;
        };
        if due > now && state.alarm().is_some_and(|alarm| alarm <= due) {
            return;
        }
        // Whoever closes the queue waits for its end and keeps that time.
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
                // The events wait for the next push, flush or close to try again.
                Err(error) if state.threads == 0 => state.delivery.hindered(&format!(
                    "no thread could be started to send the events: {error}; \
                     raise the limit of threads or of memory (ulimit, or the container's)"
                )),
                Err(_) => {}
            }
        }
    }

    fn run(self: Arc<Self>) {
        WORKS_FOR.set(Arc::as_ptr(&self));
        let mut rng = self.process.rng();
        let mut compressor = Compressor::default();
        let mut state = self.lock();
        state.coming -= 1;
        // Whether it has waited in vain. It still looks once more before it leaves, in case it was called just then.
        let mut tired = false;
        loop {
            state.delivery.learn(self.client.protocol());
            let step = state.delivery.step(self.now(), &mut rng);
            let until = match step {
                Step::Send(job) => {
                    self.see_to(&mut state);
                    state.offer_room();
                    state.sending += 1;
                    drop(state);
                    let answered = self.carry_out(&job, &mut compressor);
                    state = self.lock();
                    state.sending -= 1;
                    let notes = state.delivery.complete(job.id, &answered, self.now(), &mut rng);
                    self.client.learn(state.delivery.protocol());
                    if !notes.is_empty() || !answered.outcome.is_ok() {
                        // Hooks may take their time; what the answer made due does not wait for them.
                        self.see_to(&mut state);
                    }
                    let told = self.telling(state, || {
                        // Giving its memory back takes a while.
                        drop(job);
                        self.as_teller(|| {
                            self.tell_error(answered);
                            self.tell_notes(notes);
                        });
                    });
                    let Some(told) = told.and_then(|state| self.told_at_work(state)) else {
                        // A forked child: the queue is its parent's, and must not be touched, not even for the last time.
                        std::mem::forget(self);
                        return;
                    };
                    state = told;
                    tired = false;
                    continue;
                }
                Step::Wait { until } => Some(until),
                Step::Idle => None,
                Step::Closed => break,
            };
            state.announce();
            let keeps_time = until.is_some_and(|until| state.alarm().is_none_or(|alarm| until < alarm));
            if tired && !keeps_time {
                break;
            }
            (state, tired) = self.rest(state, until.filter(|_| keeps_time));
        }
        state.threads -= 1;
        if state.closers > 0 {
            // What is given up is told inside the call that closes.
            state.call_all();
            state.announce();
            return;
        }
        let finish = || {
            self.finish();
        };
        if self.telling(state, finish).is_none() {
            std::mem::forget(self);
        }
    }

    /// Waits until the threads of a closed queue have ended, so that nothing of it runs any more. Not for those that are stuck in a
    /// request: they end with it, and nobody is told.
    pub(super) fn see_off(&self, deadline: Deadline) {
        if self.works_here() {
            return;
        }
        // Those who are on their way out need a moment, however little time there was.
        let ended = Deadline::after(deadline.left().max(LAST_WORDS));
        self.wait(ended, |state| {
            state.threads == state.sending && state.tellings.is_empty()
        });
        self.lock().muted = true;
        // What hooks use may be gone when this returns.
        self.wait(Deadline::after(LAST_HOOKS), |state| state.tellings.is_empty());
        let handles = {
            let mut state = self.lock();
            if state.threads > 0 || !state.tellings.is_empty() {
                return;
            }
            std::mem::take(&mut state.handles)
        };
        for handle in handles {
            // Its panics were caught where they happened.
            let _ = handle.join();
        }
    }

    /// Waits for work. One thread at a time keeps the time, with an alarm; another one is tired when nothing has come for a while.
    fn rest<'s>(&self, state: Locked<'s>, alarm: Option<Timestamp>) -> (Locked<'s>, bool) {
        let time = alarm.map_or(LINGER, |alarm| self.now().until(alarm));
        let (state, was_called) = state.sleep(alarm, time);
        (state, alarm.is_none() && !was_called)
    }

    /// Makes and sends one request. No lock is held.
    fn carry_out(&self, job: &Job, compressor: &mut Compressor) -> Answered {
        let now = clock::now();
        let events: Vec<_> = job.events.iter().collect();
        let batch = Batch {
            protocol: job.protocol,
            events: &events,
            request_id: job.request_id,
            attempt: job.attempt,
            now,
            queued: true,
        };
        let subject = Subject {
            operation: Operation::Event,
            event_uuid: job.events.first().map(|event| event.uuid).unwrap_or_default(),
            timestamp: job.events.first().map_or(now, |event| event.timestamp),
            warnings: &[],
        };
        let request = protocol::request(&self.config, &batch, &subject, compressor);
        let timeout = self.config.timeout();
        let time_left = job.time_left.map_or(timeout, |left| left.min(timeout));
        let seen = transmit(self.process.transport.as_ref(), &request, time_left);
        read_batch(&request, &seen, clock::now())
    }

    /// Waits until something is so, or the time is up. A worker never waits: it is what the others wait for.
    pub(super) fn wait(&self, deadline: Deadline, mut is_so: impl FnMut(&State) -> bool) {
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
            state = state.wait(&self.settled, left);
        }
        state.watchers -= 1;
    }

    /// Waits for the end of what [`Handle::begin_close`](super::Handle) began. `None` as [`telling`](Self::telling) gives it.
    pub(super) fn end_close(&self, deadline: Deadline) -> Option<()> {
        // Not before the hooks were told: at the end of a program, what they are told later is lost.
        self.wait(deadline, |state| {
            state.delivery.is_closed() && state.tellings.is_empty()
        });
        self.finish()?;
        // What was given up in the last moment may still be on its way to the hooks, on another thread.
        self.wait(Deadline::after(LAST_WORDS), |state| state.tellings.is_empty());
        self.lock().closers -= 1;
        // What was given up may have been left to whoever closes.
        self.finish()
    }

    /// Does what ends a queue: in the background where this thread is one of the queue's own, which cannot wait for it.
    pub(super) fn at_the_end(self: Arc<Self>, end: impl FnOnce(&Self) -> Option<()> + Send + 'static) {
        let (process, works_here) = (Arc::clone(&self.process), self.works_here());
        let end = move || {
            if end(&self).is_none() {
                // In a forked child: as in `run`.
                std::mem::forget(self);
            }
        };
        if works_here {
            process.in_background(Box::new(end));
        } else {
            end();
        }
    }

    /// Ends without waiting for anything. `None` as [`telling`](Self::telling) gives it.
    pub(super) fn abandon(&self) -> Option<()> {
        self.lock().delivery.abandon(self.now());
        self.finish()
    }

    /// Closes for good: afterwards no thread of the queue's runs any more, but for requests that are stuck, and no hook is told. `None` as
    /// [`telling`](Self::telling) gives it.
    pub(super) fn end(&self, deadline: Deadline) -> Option<()> {
        self.end_close(deadline)?;
        // Somebody else's close may have given it more time, which there is not.
        self.abandon()?;
        self.see_off(deadline);
        Some(())
    }

    /// Drops what is left when the time of a close is up, and says so once. `None` as [`telling`](Self::telling) gives it.
    pub(super) fn finish(&self) -> Option<()> {
        let mut state = self.lock();
        state.delivery.pass_time(self.now());
        state.announce();
        let mut lost = 0;
        if state.delivery.is_closed() {
            state.call_all();
            if !state.said {
                lost = state.delivery.lost();
                state.said = lost > 0;
            }
        }
        // Said before the hooks are told, and as something that is told: whoever waits for the end of that waits for this, too.
        if lost > 0 {
            state = self.telling(state, || super::tell::say_lost(lost))?;
        }
        self.told(state).map(drop)
    }
}
