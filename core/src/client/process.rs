//! What belongs to one process: connections, threads and randomness. A forked child gets its own and never touches its parent's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Infallible, TryRng};

use super::bell::Bell;
use super::clock::fresh_rng;
use super::workers::{Job, Workers};
use crate::transport::Transport;

/// The parts of a client that must not cross a fork.
pub(super) struct PerProcess {
    birth: Birth,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) workers: Workers,
    /// Threads for jobs that mostly wait, so that those take no thread from direct calls.
    waiters: Workers,
    /// Rung for calls that wait for their next attempt, when the client's standing has changed.
    pub(super) bell: Bell,
    rng: Mutex<Pcg64>,
}

impl PerProcess {
    fn new(transport: Arc<dyn Transport>, threads: usize) -> Self {
        let birth = Birth::now();
        Self {
            transport,
            workers: Workers::new(threads, birth.clone()),
            waiters: Workers::new(usize::MAX, birth.clone()),
            birth,
            bell: Bell::default(),
            rng: Mutex::new(fresh_rng()),
        }
    }

    /// Does something that mostly waits, in the background.
    pub(super) fn in_background(&self, job: Job) {
        if let Err(job) = self.waiters.submit(job) {
            // The system starts no more threads; answering late is better than never.
            job();
        }
    }

    /// Lets the threads leave as soon as nothing is left to be done.
    pub(super) fn close(&self) {
        self.workers.close();
        self.waiters.close();
    }

    /// The process's generator, for whoever needs a few numbers. It is locked for each of them, never in between.
    pub(super) fn rng(&self) -> SharedRng<'_> {
        SharedRng(&self.rng)
    }
}

/// A generator that all threads of a process draw from.
pub(super) struct SharedRng<'p>(&'p Mutex<Pcg64>);

impl SharedRng<'_> {
    fn lock(&self) -> MutexGuard<'_, Pcg64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TryRng for SharedRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.lock().try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.lock().try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.lock().try_fill_bytes(bytes)
    }
}

/// Which process something was made in.
#[derive(Clone)]
pub(super) struct Birth(forkguard::Guard);

impl Birth {
    pub(super) fn now() -> Self {
        Self(forkguard::new())
    }

    /// Whether it was made in this process, and not in one that this one was forked from.
    pub(super) fn is_of_this_process(&self) -> bool {
        !self.0.clone().detected_fork()
    }
}

/// The current process's part. Swapped without a lock: after a fork, a lock could be held by a thread that no longer exists.
pub(super) struct Processes {
    current: ArcSwap<PerProcess>,
    threads: usize,
}

impl Processes {
    pub(super) fn new(transport: Arc<dyn Transport>, threads: usize) -> Self {
        Self {
            current: ArcSwap::from_pointee(PerProcess::new(transport, threads)),
            threads,
        }
    }

    pub(super) fn current(&self) -> Arc<PerProcess> {
        let current = self.current.load_full();
        if current.birth.is_of_this_process() {
            return current;
        }
        let transport = current
            .transport
            .after_fork()
            .unwrap_or_else(|| Arc::clone(&current.transport));
        let fresh = Arc::new(PerProcess::new(transport, self.threads));
        let previous = self.current.compare_and_swap(&current, Arc::clone(&fresh));
        let was_first = Arc::ptr_eq(&previous, &current);
        // The parent's part is never dropped here: its locks may be held by threads that were not copied.
        std::mem::forget(current);
        if was_first { fresh } else { self.current.load_full() }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let current = self.current.load_full();
        if !current.birth.is_of_this_process() {
            // The parent's, as above.
            std::mem::forget(current);
        }
    }
}
