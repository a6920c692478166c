//! Standing: whether a client sends at all. Waiting calls hear at once when it stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::outcome::ErrorCode;
use crate::time::Timestamp;

/// What is said of a client that sends nothing: the code and a sentence.
pub(super) type Reason = (ErrorCode, &'static str);

pub(super) const CLOSED: Reason = (ErrorCode::Closed, "the client is closed; make a new one");
pub(super) const OPTED_OUT: Reason = (ErrorCode::OptedOut, "the client opted out; opt_in() sends again");

/// Whether the client is closed or opted out.
#[derive(Default)]
pub(super) struct Standing {
    closed: AtomicBool,
    opted_out: AtomicBool,
    /// Held while one of them is set, so that no waiting call misses it.
    waiting: Mutex<()>,
    changed: Condvar,
}

impl Standing {
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn is_opted_out(&self) -> bool {
        self.opted_out.load(Ordering::SeqCst)
    }

    pub(super) fn close(&self) {
        self.change(&self.closed, true);
    }

    pub(super) fn opt(&self, out: bool) {
        self.change(&self.opted_out, out);
    }

    fn change(&self, flag: &AtomicBool, value: bool) {
        let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        flag.store(value, Ordering::SeqCst);
        self.changed.notify_all();
    }

    /// Waits until then, or until the client sends no more.
    pub(super) fn wait(&self, clock: &Clock, until: Timestamp) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = u64::try_from(until.unix_ms().saturating_sub(clock.now().unix_ms())).unwrap_or(0);
            if self.is_closed() || self.is_opted_out() || left == 0 {
                return;
            }
            waiting = self
                .changed
                .wait_timeout(waiting, Duration::from_millis(left))
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}
