//! An embedded PostHog-like server for tests: it judges requests by the rules of PostHog's real `capture` server (June 2024), and misbehaves on
//! demand.
//!
//! It is an independent judge, so it knows nothing of the `hogwire` crate. What it does without a script is what the recordings in
//! `recordings/` show; `tests/replay.rs` holds it to that. Everything else (broken answers, cut connections, delays, quotas) is asked for, one
//! [`Step`] a request:
//!
//! ```
//! use hogwire_receiver::{Receiver, Settings, Step};
//! use std::time::Duration;
//!
//! let receiver = Receiver::start(Settings::default())?;
//! receiver.script([Step::status(503).header("Retry-After", "1"), Step::judged()]);
//! // ... point a client at `receiver.url()` ...
//! let arrived = receiver.wait_for(Duration::ZERO, |state| state.requests().len() == 2);
//! assert!(!arrived);
//! # Ok::<(), hogwire_receiver::StartError>(())
//! ```
//!
//! The same is served under `/_receiver/` for other languages: see [`control`].

mod connection;
pub mod control;
mod delivery;
mod http;
mod judge;
mod receiver;
mod script;
mod settings;
mod store;
mod tls;

pub use receiver::{Receiver, StartError};
pub use script::{Cut, Step};
pub use settings::{Settings, Tls};
pub use store::{SeenRequest, State, Stats, StoredEvent};
