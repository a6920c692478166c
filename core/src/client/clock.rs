//! The host's clocks and randomness, as values for the pure part, and deadlines of waits.

use std::time::{Duration, Instant, SystemTime};

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use crate::time::Timestamp;

/// The present as Unix milliseconds.
pub(crate) fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp::from_unix_ms(since_1970.map_or(0, crate::time::milliseconds))
}

/// A clock that starts at the wall clock's time and then never jumps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started_at: Timestamp,
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            started_at: now(),
            started: Instant::now(),
        }
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.started_at.after(self.started.elapsed())
    }
}

/// The end of a wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    began: Instant,
    timeout: Duration,
}

impl Deadline {
    /// So long from now on.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self {
            began: Instant::now(),
            timeout,
        }
    }

    /// What is left of the time.
    pub(crate) fn left(self) -> Duration {
        self.timeout.saturating_sub(self.began.elapsed())
    }
}

/// A generator seeded by the operating system.
pub(crate) fn fresh_rng() -> Pcg64 {
    let mut seed = [0; 32];
    if getrandom::fill(&mut seed).is_err() {
        // No system that can open a socket lacks randomness; the number of the process and the clock still tell processes apart.
        let clock = now().unix_ms().unsigned_abs() ^ u64::from(std::process::id()).rotate_left(40);
        return Pcg64::seed_from_u64(clock);
    }
    Pcg64::from_seed(seed)
}
