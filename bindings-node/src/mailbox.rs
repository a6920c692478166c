//! The mailbox: how outcomes and reports get from the core's threads to promises.
//!
//! One threadsafe function per client carries them in batches. It keeps the event loop alive exactly while calls are pending.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use napi::bindgen_prelude::{FnArgs, Function, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, sys};

/// Ticket numbers and, at the same places, answers as JSON text.
pub type Delivery = FnArgs<(Vec<u32>, Vec<String>)>;
/// The function that settles promises.
pub type Deliver<'call> = Function<'call, Delivery, ()>;
type Bell = ThreadsafeFunction<Arc<Mailbox>, (), Delivery, Status, false, true>;

/// Answers on their way to JavaScript.
pub struct Mailbox {
    answered: Mutex<Vec<(u32, String)>>,
    pending: AtomicU32,
    bell: OnceLock<Bell>,
}

impl Mailbox {
    /// A mailbox that delivers to this function.
    pub fn new(deliver: &Deliver<'_>) -> Result<Arc<Self>> {
        let mailbox = Arc::new(Self {
            answered: Mutex::default(),
            pending: AtomicU32::new(0),
            bell: OnceLock::new(),
        });
        let bell = deliver
            .build_threadsafe_function::<Arc<Self>>()
            .weak::<true>()
            .build_callback(|context| Ok(context.value.empty(&context.env)))?;
        // The cell was empty: the mailbox is new.
        let _ = mailbox.bell.set(bell);
        Ok(mailbox)
    }

    /// Takes everything out, on the JavaScript thread.
    fn empty(&self, env: &Env) -> Delivery {
        let answered = std::mem::take(&mut *self.answered.lock().unwrap_or_else(PoisonError::into_inner));
        let count = u32::try_from(answered.len()).unwrap_or(u32::MAX);
        if count > 0 && self.pending.fetch_sub(count, Ordering::Relaxed) == count {
            self.keep_alive(env, false);
        }
        let (tickets, answers) = answered.into_iter().unzip();
        (tickets, answers).into()
    }

    /// A call under way. Its promise is settled however the call ends; after a panic, with what `lost` gives.
    pub fn ticket(self: &Arc<Self>, env: &Env, number: u32, lost: impl FnOnce() -> String + Send + 'static) -> Ticket {
        if self.pending.fetch_add(1, Ordering::Relaxed) == 0 {
            self.keep_alive(env, true);
        }
        Ticket {
            number,
            open: Some((Arc::clone(self), Box::new(lost))),
        }
    }

    fn post(self: Arc<Self>, number: u32, answer: String) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.push((number, answer));
        // Only the first answer rings; one ring delivers everything that has come by then.
        if answered.len() > 1 {
            return;
        }
        drop(answered);
        if let Some(bell) = self.bell.get() {
            // Any other status than ok means that the environment is gone, and its promises with it.
            bell.call(Arc::clone(&self), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn keep_alive(&self, env: &Env, alive: bool) {
        let Some(bell) = self.bell.get().filter(|bell| !bell.aborted()) else {
            return;
        };
        let change = if alive {
            sys::napi_ref_threadsafe_function
        } else {
            sys::napi_unref_threadsafe_function
        };
        // SAFETY: called on the JavaScript thread with its own environment; the function is not released before the mailbox
        // is dropped. The status can be ignored: both calls only fail on null.
        unsafe { change(env.raw(), bell.raw()) };
    }
}

/// What to answer when nobody else does.
type Lost = Box<dyn FnOnce() -> String + Send>;

/// The promise of one call.
pub struct Ticket {
    number: u32,
    open: Option<(Arc<Mailbox>, Lost)>,
}

impl Ticket {
    /// Settles it with JSON text.
    pub fn answer(mut self, text: String) {
        if let Some((mailbox, _)) = self.open.take() {
            mailbox.post(self.number, text);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some((mailbox, lost)) = self.open.take() {
            mailbox.post(self.number, lost());
        }
    }
}
