//! State: what an engine's lock protects, and whom its holder wakes. Threads are woken only after the lock has been given back: so they
//! find it free, and nobody waits for it while the system wakes somebody.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use super::engine::Engine;
use super::tellings::Tellings;
use super::waits::Wait;
use crate::delivery::Delivery;
use crate::time::Timestamp;

pub(super) struct State {
    pub(super) delivery: Delivery,
    /// Callers that wait for room.
    pub(super) blocked: usize,
    /// Threads that send.
    pub(super) threads: usize,
    /// Of these, the ones that were started or called and have still to look at what is due.
    pub(super) coming: usize,
    /// Of these, the ones that sleep until they are called. The last one to fall asleep is called first: its memory is still in the caches.
    sleepers: Vec<Sleeper>,
    /// Callers that wait on `settled`.
    pub(super) watchers: usize,
    /// Flushes that are waited for in the background.
    pub(super) waits: Vec<Wait>,
    pub(super) waits_are_seen_to: bool,
    /// Callers that close the queue; they also tell the hooks what is given up.
    pub(super) closers: usize,
    /// Threads that wait for the answer to a request.
    pub(super) sending: usize,
    /// The calls of hooks under way.
    pub(super) tellings: Tellings,
    /// Whether hooks are told nothing any more.
    pub(super) muted: bool,
    /// Of the threads, to be joined at the end of the queue; those that have left are cleared away when another one starts.
    pub(super) handles: Vec<JoinHandle<()>>,
    /// Whether the line about lost events was printed.
    pub(super) has_printed_loss: bool,
}

/// A thread that waits to be called.
struct Sleeper {
    thread: Thread,
    /// When it wakes up by itself. Usually one sleeper has an alarm; a second one has if something earlier became due after it fell asleep.
    alarm: Option<Timestamp>,
}

impl State {
    pub(super) fn new(delivery: Delivery) -> Self {
        Self {
            delivery,
            blocked: 0,
            threads: 0,
            coming: 0,
            sleepers: Vec::new(),
            watchers: 0,
            waits: Vec::new(),
            waits_are_seen_to: false,
            closers: 0,
            sending: 0,
            tellings: Tellings::default(),
            muted: false,
            handles: Vec::new(),
            has_printed_loss: false,
        }
    }

    /// Whether no event is pending, no request is on its way, given up or not, and no hook is told anything now or later.
    pub(super) fn is_idle(&self) -> bool {
        let tells = !self.tellings.is_empty() || self.closers > 0 || self.delivery.has_notes();
        self.delivery.pending() == 0 && self.sending == 0 && !tells
    }

    /// When the first thread wakes up by itself.
    pub(super) fn alarm(&self) -> Option<Timestamp> {
        self.sleepers.iter().filter_map(|sleeper| sleeper.alarm).min()
    }

    /// The waits that are over.
    pub(super) fn take_finished_waits(&mut self) -> Vec<Wait> {
        let Self {
            waits,
            delivery,
            tellings,
            ..
        } = self;
        let is_over = |wait: &mut Wait| wait.flush.is_over(delivery, tellings) || wait.deadline.left().is_zero();
        waits.extract_if(.., is_over).collect()
    }
}

/// The state, and who is to be called afterwards.
pub(super) struct Locked<'e> {
    // Fields are dropped in this order: the lock is given back first.
    state: MutexGuard<'e, State>,
    calls: Calls<'e>,
}

struct Calls<'e> {
    engine: &'e Engine,
    /// Boxed, because most holders of the lock call nobody.
    called: Option<Box<Called>>,
}

#[derive(Default)]
struct Called {
    workers: Vec<Thread>,
    room: bool,
    settled: bool,
}

impl<'e> Locked<'e> {
    pub(super) fn new(engine: &'e Engine, state: MutexGuard<'e, State>) -> Self {
        let calls = Calls { engine, called: None };
        Self { state, calls }
    }

    fn called(&mut self) -> &mut Called {
        self.calls.called.get_or_insert_default()
    }

    /// Calls a sleeping worker, because something is due. Gives whether there was one.
    pub(super) fn call_one(&mut self) -> bool {
        let Some(sleeper) = self.state.sleepers.pop() else {
            return false;
        };
        self.state.coming += 1;
        self.called().workers.push(sleeper.thread);
        true
    }

    /// Calls all workers that sleep, because everything ends.
    pub(super) fn call_all(&mut self) {
        while self.call_one() {}
    }

    /// Lets callers that wait for a flush, a close or room look again.
    pub(super) fn announce(&mut self) {
        if self.state.watchers > 0 {
            self.called().settled = true;
        }
        self.offer_room();
    }

    /// Lets callers that are blocked look again.
    pub(super) fn offer_room(&mut self) {
        if self.state.blocked > 0 {
            self.called().room = true;
        }
    }

    /// Lets this thread sleep without the lock, until it is called or `time` is over. Gives whether it was called.
    pub(super) fn sleep(mut self, alarm: Option<Timestamp>, time: Duration) -> (Self, bool) {
        let engine = self.calls.engine;
        let thread = thread::current();
        let id = thread.id();
        self.state.sleepers.push(Sleeper { thread, alarm });
        drop(self);
        thread::park_timeout(time);
        let mut state = engine.lock();
        let place = state.sleepers.iter().position(|sleeper| sleeper.thread.id() == id);
        match place {
            Some(place) => drop(state.sleepers.remove(place)),
            None => state.coming -= 1,
        }
        (state, place.is_none())
    }

    /// Waits without the lock until `announced` is notified, for at most `time`.
    pub(super) fn wait(self, announced: &Condvar, time: Duration) -> Self {
        let Self { state, calls } = self;
        let engine = calls.engine;
        // Calls whom it has to call now, and not after the wait.
        drop(calls);
        let (state, _) = announced
            .wait_timeout(state, time)
            .unwrap_or_else(PoisonError::into_inner);
        Self::new(engine, state)
    }
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Calls<'_> {
    #[inline]
    fn drop(&mut self) {
        let Some(called) = self.called.take() else { return };
        for worker in called.workers {
            worker.unpark();
        }
        if called.room {
            self.engine.room.notify_all();
        }
        if called.settled {
            self.engine.settled.notify_all();
        }
    }
}
