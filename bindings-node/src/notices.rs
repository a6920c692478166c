//! Notices: what a queue's hooks are told, on its way from the core's threads to the JavaScript thread.
//!
//! One threadsafe function per queue that has hooks carries them in batches. It never keeps the event loop alive; a flush or a close that is
//! waited for does.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hogwire::QueueOptions;
use napi::Status;
use napi::bindgen_prelude::{Function, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use serde_json::{Value, json};

/// The function that runs hooks; each text is a JSON list of the hook's name and its arguments.
pub type Tell<'call> = Function<'call, Vec<String>, ()>;
type Bell = ThreadsafeFunction<Arc<Notices>, (), Vec<String>, Status, false, true>;

/// Notices that no hook was told yet.
#[derive(Default)]
pub struct Notices {
    waiting: Mutex<Vec<String>>,
    bell: OnceLock<Bell>,
}

impl Notices {
    /// Notices for this function.
    pub fn new(tell: &Tell<'_>) -> Result<Arc<Self>> {
        let notices = Arc::<Self>::default();
        let bell = tell
            .build_threadsafe_function::<Arc<Self>>()
            .weak::<true>()
            .build_callback(|context| Ok(context.value.take()))?;
        // The cell was empty: the notices are new.
        let _ = notices.bell.set(bell);
        Ok(notices)
    }

    /// Takes all of them.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Sets the hooks of these names.
    pub fn listen(self: &Arc<Self>, options: QueueOptions, hooks: &[String]) -> QueueOptions {
        hooks.iter().fold(options, |options, hook| {
            let notices = Arc::clone(self);
            match hook.as_str() {
                "onDrop" => options.on_drop(move |dropped| notices.post(&json!(["onDrop", dropped]))),
                "onError" => options.on_error(move |outcome| notices.post(&json!(["onError", outcome]))),
                "onDelivered" => options.on_delivered(move |uuids, delivery| {
                    let uuids: Vec<_> = uuids.iter().map(ToString::to_string).collect();
                    notices.post(&json!(["onDelivered", uuids, delivery]));
                }),
                _ => options,
            }
        })
    }

    fn post(self: &Arc<Self>, notice: &Value) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(notice.to_string());
        // Only the first notice rings; one ring delivers everything that has come by then.
        if waiting.len() > 1 {
            return;
        }
        drop(waiting);
        if let Some(bell) = self.bell.get() {
            // Any other status than ok means that the environment is gone, and its hooks with it.
            bell.call(Arc::clone(self), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}
