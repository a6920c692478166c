//! Standing: whether a client sends at all, and why not.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::outcome::ErrorCode;

/// What is said of a client that sends nothing: the code and a sentence.
pub(super) type Reason = (ErrorCode, &'static str);

pub(super) const CLOSED: Reason = (ErrorCode::Closed, "the client is closed; make a new one");
pub(super) const OPTED_OUT: Reason = (ErrorCode::OptedOut, "the client has opted out; opt in to send again");

/// Whether the client is closed or opted out.
#[derive(Default)]
pub(super) struct Standing {
    closed: AtomicBool,
    opted_out: AtomicBool,
}

impl Standing {
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn is_opted_out(&self) -> bool {
        self.opted_out.load(Ordering::SeqCst)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(super) fn opt(&self, out: bool) {
        self.opted_out.store(out, Ordering::SeqCst);
    }

    /// Whether calls under way are not to be tried again.
    pub(super) fn ends_calls(&self) -> bool {
        self.is_closed() || self.is_opted_out()
    }
}
