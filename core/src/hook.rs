//! `before_send`: user code that sees each assembled event before it is encoded.
//!
//! A hook runs on the caller's thread. Whatever it does, even panicking, ends in keeping, changing or dropping that one event.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::{Map, Value};

/// An assembled event as hooks see it: `event`, `distinct_id`, `uuid`, `timestamp` and `properties`.
pub type AssembledEvent = Map<String, Value>;

type HookFunction = dyn Fn(AssembledEvent) -> Result<Option<AssembledEvent>, String> + Send + Sync;

/// One hook; a type of its own so that a configuration can be printed.
#[derive(Clone)]
pub(crate) struct BeforeSend(pub(crate) Arc<HookFunction>);

impl std::fmt::Debug for BeforeSend {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BeforeSend")
    }
}

/// Why a chain of hooks dropped an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    ByHook,
    HookFailed(String),
}

/// Runs the hooks in order; the first that drops or fails ends the chain.
pub(crate) fn run(hooks: &[BeforeSend], event: AssembledEvent) -> Result<AssembledEvent, Dropped> {
    hooks.iter().try_fold(event, |event, hook| {
        // The event is moved in and lost on a panic, so no half-changed state can be seen afterwards.
        match catch_unwind(AssertUnwindSafe(|| (hook.0)(event))) {
            Ok(Ok(Some(event))) => Ok(event),
            Ok(Ok(None)) => Err(Dropped::ByHook),
            Ok(Err(message)) => Err(Dropped::HookFailed(message)),
            Err(_) => Err(Dropped::HookFailed("it panicked".to_owned())),
        }
    })
}
