//! What came since the last reset.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::body::{Body, Contents};

#[derive(Debug, Default)]
struct Entries {
    delay: Duration,
    bodies: Vec<Body>,
    requests: u64,
    connections: u64,
    bytes: u64,
    last_request: Vec<u8>,
}

/// Shared by all connections.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Entries>,
}

impl Ledger {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reset(&self, delay: Duration) {
        *self.lock() = Entries {
            delay,
            ..Entries::default()
        };
    }

    /// Takes in one request, and says how long its answer is to wait. `is_first`: of its connection.
    pub(crate) fn add(&self, head: &[u8], body: Body, is_first: bool) -> Duration {
        let mut entries = self.lock();
        entries.requests += 1;
        entries.connections += u64::from(is_first);
        entries.bytes += body.bytes.len() as u64;
        entries.last_request.clear();
        entries.last_request.extend_from_slice(head);
        // Only direct calls are asked for, and they are small; copying each batch would cost time.
        if body.bytes.len() < 16 << 10 {
            entries.last_request.extend_from_slice(&body.bytes);
        }
        entries.bodies.push(body);
        entries.delay
    }

    pub(crate) fn last_request(&self) -> Vec<u8> {
        self.lock().last_request.clone()
    }

    /// Decodes everything and counts.
    pub(crate) fn report(&self) -> String {
        let entries = self.lock();
        let mut contents = Contents::default();
        for body in &entries.bodies {
            contents.add(body);
        }
        json!({
            "requests": entries.requests,
            "connections": entries.connections,
            "body_bytes": entries.bytes,
            "events": contents.events,
            "json_bytes": contents.bytes,
            "distinct_uuids": contents.uuids.len(),
            "unreadable_bodies": contents.unreadable,
        })
        .to_string()
    }
}
