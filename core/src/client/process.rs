//! What belongs to one process: connections, threads and randomness. A forked child gets its own and never touches its parent's.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::clock::fresh_rng;
use super::workers::Workers;
use crate::transport::Transport;

/// The parts of a client that must not cross a fork.
pub(super) struct PerProcess {
    id: u32,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) workers: Workers,
    rng: Mutex<Pcg64>,
}

impl PerProcess {
    fn new(transport: Arc<dyn Transport>, threads: usize) -> Self {
        Self {
            id: std::process::id(),
            transport,
            workers: Workers::new(threads),
            rng: Mutex::new(fresh_rng()),
        }
    }

    /// A generator for one call, drawn from the process's own.
    pub(super) fn draw_rng(&self) -> Pcg64 {
        let mut seed = [0; 32];
        self.rng
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut seed);
        Pcg64::from_seed(seed)
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
        if current.id == std::process::id() {
            return current;
        }
        let transport = current
            .transport
            .after_fork()
            .unwrap_or_else(|| Arc::clone(&current.transport));
        let fresh = Arc::new(PerProcess::new(transport, self.threads));
        let previous = self.current.compare_and_swap(&current, Arc::clone(&fresh));
        let was_first = Arc::ptr_eq(&previous, &current);
        // The parent's part is never dropped here: closing its connections would speak on them (TLS says goodbye), and its locks may
        // be held by threads that were not copied.
        std::mem::forget(current);
        if was_first { fresh } else { self.current.load_full() }
    }
}
