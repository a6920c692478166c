//! Closing: how a queue ends. What the state machine gives up is told, the worker threads leave, and what was lost is said on stderr.

use std::sync::Arc;
use std::time::Duration;

use super::super::clock::Deadline;
use super::engine::Engine;
use super::tell::say_lost;

/// How long a close waits, past its time, for hooks that are being told what it gave up.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How long the end of a queue waits, past its time, for hooks that run.
const LAST_HOOKS: Duration = Duration::from_secs(5);

impl Engine {
    /// Waits for the end of what `begin_close` of a [`Handle`](super::Handle) began. `None` as [`telling`](Self::telling) gives it.
    pub(super) fn end_close(self: &Arc<Self>, deadline: Deadline) -> Option<()> {
        // Waits for the hooks as well: at the end of a program, what they would be told later is lost.
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

    /// Runs `end`, which ends a queue: in the background where this thread is one of the queue's own, because such a one cannot wait for
    /// the queue.
    pub(super) fn at_the_end(self: Arc<Self>, end: impl FnOnce(&Arc<Self>) -> Option<()> + Send + 'static) {
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
    pub(super) fn end(self: &Arc<Self>, deadline: Deadline) -> Option<()> {
        self.end_close(deadline)?;
        // Another close may have given the queue more time; here there is no more.
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
            if !state.has_printed_loss {
                lost = state.delivery.lost();
                state.has_printed_loss = lost > 0;
            }
        }
        // Before the hooks are told, and as a telling of its own, so that whoever waits until everything is told waits for this line, too.
        if lost > 0 {
            state = self.telling(state, || say_lost(lost))?;
        }
        self.told(state).map(drop)
    }

    /// Waits until the threads of a closed queue have ended, so that nothing of it runs any more. It does not wait for threads that are
    /// stuck in a request: they end when that does, and tell nobody.
    fn see_off(self: &Arc<Self>, deadline: Deadline) {
        if self.works_here() {
            return;
        }
        // Threads that are about to leave need a moment, however little time is left.
        let ended = Deadline::after(deadline.left().max(LAST_WORDS));
        self.wait(ended, |state| {
            state.threads == state.sending && state.tellings.is_empty()
        });
        self.lock().muted = true;
        // When this returns, what the hooks use may be freed.
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
}
