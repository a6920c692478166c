//! Queue options: what a queue is told once, checked when it is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::config::{Compression, Config, MAX_TIME, ProtocolChoice, check_compression, check_max_retries};
use crate::delivery::{Dropped, Listening, Policy};
use crate::error::ConfigError;
use crate::outcome::{Delivery, Outcome};
use crate::rules::MAX_JUDGED_EVENTS;
use crate::words::words;

words! {
    /// What happens to an event for which the queue has no room.
    pub enum Overflow {
        /// It is refused: the receipt says `queue_full`.
        Reject = "reject",
        /// The oldest waiting event makes room for it.
        DropOldest = "drop_oldest",
        /// The caller waits for room, for `block_timeout` at most; then it is refused.
        Block = "block",
    }
}

type Hook<T> = Option<Arc<dyn Fn(T) + Send + Sync>>;
type DeliveredHook = Option<Arc<dyn Fn(&[Uuid], Delivery) + Send + Sync>>;

/// Hooks of a queue. They run without any lock, may use the queue and the client, and may panic without breaking anything.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) on_drop: Hook<Dropped>,
    pub(crate) on_error: Hook<Outcome>,
    pub(crate) on_delivered: DeliveredHook,
}

impl Hooks {
    pub(crate) fn listening(&self) -> Listening {
        Listening {
            delivered: self.on_delivered.is_some(),
            dropped: self.on_drop.is_some(),
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.listening())
    }
}

/// A tebibyte, or all memory that a 32-bit machine can address.
const MOST_QUEUE_BYTES: usize = if usize::BITS > 40 { 1 << 40 } else { usize::MAX };

/// How a queue batches, bounds, retries and reports. Every setter replaces what was set before, and names its default.
///
/// ```
/// use hogwire::{Client, Config, QueueOptions};
/// let client = Client::new(Config::builder("phc_x").build()?)?;
/// let queue = client.queue(QueueOptions::default().flush_at(20))?;
///
/// let refused = client.queue(QueueOptions::default().flush_at(0)).unwrap_err();
/// assert_eq!(refused.option(), "flush_at");
/// # Ok::<(), hogwire::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct QueueOptions {
    pub(crate) policy: Policy,
    pub(crate) overflow: Overflow,
    pub(crate) block_timeout: Duration,
    pub(crate) close_timeout: Duration,
    pub(crate) compression: Option<Compression>,
    pub(crate) hooks: Hooks,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            overflow: Overflow::Reject,
            block_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(5),
            compression: None,
            hooks: Hooks::default(),
        }
    }
}

macro_rules! setters {
    ($( $(#[$meta:meta])* $name:ident: $type:ty => $($field:ident).+ = $value:expr; )+) => {
        $( $(#[$meta])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.$($field).+ = $value;
            self
        } )+
    };
}

impl QueueOptions {
    setters! {
        /// Events that make a batch go out. Each request under way doubles it, up to `max_batch_events`, so that a burst leaves in few
        /// large requests. 1 to 1,000,000, default 100.
        flush_at: usize => policy.flush_at = flush_at;
        /// Age of the oldest event that makes a batch go out. At most a day, default 5 s.
        flush_interval: Duration => policy.flush_interval = flush_interval;
        /// Most events of a request. 1 to 100,000, default 1,000. With `protocol` v1 or auto, 5,000 at most are sent, so that an answer holds
        /// a verdict on each.
        max_batch_events: usize => policy.max_batch_events = max_batch_events;
        /// Most bytes of JSON of a request, uncompressed. 1 to 20,971,520 (20 MiB), default 1 MiB.
        max_batch_bytes: usize => policy.max_batch_bytes = max_batch_bytes;
        /// Most requests at a time. Order is kept inside a batch; across batches PostHog orders by timestamp. 1 to 64, default 4.
        max_in_flight: usize => policy.max_in_flight = max_in_flight;
        /// Most events that may wait, for their first request or after all retries; those of batches under way come on top. A full queue is
        /// sent at once. 1 to 100,000,000, default 100,000.
        max_queue_events: usize => policy.max_queue_events = max_queue_events;
        /// Most bytes of the events that may wait; those of batches under way come on top. 1 to 1 TiB (on 32-bit machines: to all memory),
        /// default 128 MiB.
        max_queue_bytes: usize => policy.max_queue_bytes = max_queue_bytes;
        /// What happens when there is no room. Default [`Overflow::Reject`].
        overflow: Overflow => overflow = overflow;
        /// How long a caller waits for room with [`Overflow::Block`]. At most a day, default 5 s.
        block_timeout: Duration => block_timeout = block_timeout;
        /// How long the events of a queue may still be delivered when its last clone is dropped; hooks that run then may take 5 s more. At
        /// most a day, default 5 s.
        close_timeout: Duration => close_timeout = close_timeout;
        /// Retries of a batch after its first attempt; a batch that has used them up is kept for a later round. 0 to 100, default 3.
        max_retries: u32 => policy.max_retries = max_retries;
        /// How bodies are compressed. Default: as the client's; when that has no compression set, gzip from 1 KiB.
        compression: Compression => compression = Some(compression);
    }

    /// A hook that is told of every dropped event. It runs on the queue's own threads, or on the thread that caused the drop (by a
    /// `before_send` hook, a full queue, or a close that ran out of time), several at a time. No hook may wait for its queue: `flush` and
    /// `close` return at once there. Default none.
    pub fn on_drop(mut self, hook: impl Fn(Dropped) + Send + Sync + 'static) -> Self {
        self.hooks.on_drop = Some(Arc::new(hook));
        self
    }

    /// A hook that is told of every request that failed, as an outcome without an event. It runs on the queue's own threads. Default none.
    pub fn on_error(mut self, hook: impl Fn(Outcome) + Send + Sync + 'static) -> Self {
        self.hooks.on_error = Some(Arc::new(hook));
        self
    }

    /// A hook that is told of every delivery: which events, and whether they are `accepted`, `stored`, or `unknown`, when the answer says
    /// nothing about them (perhaps from a host that is not PostHog's). It runs on the queue's own threads. Default none.
    pub fn on_delivered(mut self, hook: impl Fn(&[Uuid], Delivery) + Send + Sync + 'static) -> Self {
        self.hooks.on_delivered = Some(Arc::new(hook));
        self
    }

    /// Checks everything against the client it is for.
    pub(crate) fn checked(mut self, config: &Config) -> Result<Self, ConfigError> {
        let policy = &mut self.policy;
        for (option, value, most) in [
            ("flush_at", policy.flush_at, 1_000_000),
            ("max_batch_events", policy.max_batch_events, 100_000),
            // The newest server takes 20 MiB (protocol.md §1, R).
            ("max_batch_bytes", policy.max_batch_bytes, 20 << 20),
            ("max_in_flight", policy.max_in_flight, 64),
            ("max_queue_events", policy.max_queue_events, 100_000_000),
            ("max_queue_bytes", policy.max_queue_bytes, MOST_QUEUE_BYTES),
        ] {
            if value == 0 || value > most {
                return Err(ConfigError::new(option, format!("must be 1 to {most}")));
            }
        }
        check_max_retries(policy.max_retries)?;
        for (option, time) in [
            ("flush_interval_ms", policy.flush_interval),
            ("block_timeout_ms", self.block_timeout),
            ("close_timeout_ms", self.close_timeout),
        ] {
            if time > MAX_TIME {
                return Err(ConfigError::new(option, "must be at most a day"));
            }
        }
        if config.protocol != ProtocolChoice::V0 {
            policy.max_batch_events = policy.max_batch_events.min(MAX_JUDGED_EVENTS);
        }
        check_compression(self.compression, config.protocol)?;
        policy.drop_oldest = self.overflow == Overflow::DropOldest;
        policy.falls_back = config.protocol == ProtocolChoice::Auto;
        Ok(self)
    }
}
