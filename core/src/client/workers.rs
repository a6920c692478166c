//! Workers: a bounded number of threads that carry out submitted calls. They start when there is work and leave when there is none.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::process::Birth;

/// How long a thread without work stays.
pub(super) const LINGER: Duration = Duration::from_secs(10);

pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Threads that share one list of jobs, first come, first served.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    limit: usize,
}

struct Shared {
    /// Of the process whose threads these are.
    birth: Birth,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Workers {
    pub(super) fn new(limit: usize, birth: Birth) -> Self {
        let shared = Shared {
            birth,
            state: Mutex::default(),
            changed: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
            limit,
        }
    }

    /// Hands over a job. It comes back when there is no thread to do it and none can be started.
    pub(crate) fn submit(&self, job: Job) -> Result<(), Job> {
        let mut state = self.shared.lock();
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() {
            // First, so that the thread that wakes up finds the lock free.
            drop(state);
            self.shared.changed.notify_one();
        } else if state.threads < self.limit {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new()
                .name("hogwire".to_owned())
                .spawn(move || shared.work());
            if started.is_ok() {
                state.threads += 1;
            } else if state.threads == 0 {
                return state.jobs.pop_back().map_or(Ok(()), Err);
            }
        }
        Ok(())
    }

    /// Lets the threads leave as soon as the jobs are done.
    pub(crate) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                // A job answers its caller itself, even if its call panics. This is for panics of the caller's own code.
                let _ = catch_unwind(AssertUnwindSafe(job));
                if !self.birth.is_of_this_process() {
                    // The caller's code has forked, and this is the child: the lock may be held by a thread that was not copied.
                    return;
                }
                state = self.lock();
                continue;
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let (woken, waited) = self
                .changed
                .wait_timeout(state, LINGER)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.jobs.is_empty() {
                break;
            }
        }
        state.threads -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn every_job_is_done_by_few_threads_and_panics_are_survived() {
        let workers = Workers::new(3, Birth::now());
        let (sender, receiver) = mpsc::channel();
        for number in 0..100 {
            let sender = sender.clone();
            let job: Job = Box::new(move || {
                sender.send((number, thread::current().id())).unwrap();
                assert!(number % 10 != 0, "planned");
            });
            assert!(workers.submit(job).is_ok());
        }
        let done: Vec<_> = receiver.iter().take(100).collect();
        let threads: std::collections::HashSet<_> = done.iter().map(|(_, thread)| thread).collect();
        assert!(threads.len() <= 3);
    }
}
