//! Bell: a wait that can be ended early.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Rung when something has happened that threads may be waiting for.
#[derive(Default)]
pub(super) struct Bell {
    /// Held while the bell is rung, so that a thread which is about to wait does not miss it.
    waiting: Mutex<()>,
    rung: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        let _waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.rung.notify_all();
    }

    /// Waits until `is_so` holds, which is looked at after each ring, for at most this time.
    pub(super) fn wait(&self, time: Duration, is_so: impl Fn() -> bool) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // A poisoned lock guards nothing.
        let _ = self.rung.wait_timeout_while(waiting, time, |_| !is_so());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    #[test]
    fn who_waits_goes_on_when_it_is_so() {
        let (bell, is_so) = (Bell::default(), AtomicBool::new(false));
        let (looks, looked) = channel();
        let began = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                bell.wait(Duration::from_secs(60), || {
                    looks.send(()).unwrap();
                    is_so.load(Ordering::SeqCst)
                });
            });
            // It looks under the lock, so it sleeps by the time the bell can be rung.
            looked.recv().unwrap();
            bell.ring();
            looked.recv().unwrap();
            is_so.store(true, Ordering::SeqCst);
            bell.ring();
        });
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
