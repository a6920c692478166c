//! PostHog from any language, with an answer for every call.
//!
//! This crate is the one brain behind the Rust, C, Python and Node libraries: it builds and validates payloads, reads the server's
//! answer, and says for every event what happened: not sent, accepted, stored, dropped, and why.
//!
//! ```text
//!   Input ── rules ──► Event ── protocol ──► Request ──► any HTTP ──► Response ── protocol ──► Outcome
//!   (operation)        (frozen)              (bytes)                  or failure               (four fields and more)
//! ```
//!
//! # Bring your own HTTP
//!
//! The pure part has no socket, clock, thread or environment: time and seed are arguments.
//!
//! ```
//! use hogwire::{Config, CreateEvent, Response, build, interpret};
//!
//! let config = Config::builder("phc_example").build()?;
//! let (now_ms, seed, attempt) = (1_795_420_800_000, 7, 1);
//! let event = CreateEvent::new("user-12345", "User Signed Up").property("plan", "premium");
//! let request = build(event, &config, now_ms, seed, attempt).expect("the input is valid");
//! assert_eq!(request.url, "https://us.i.posthog.com/batch/");
//!
//! // Send `request` with any HTTP client, then hand back what came:
//! let outcome = interpret(&request, &Ok(Response::new(200, r#"{"status":"Ok"}"#)), now_ms);
//! assert_eq!((outcome.status_code, outcome.delivery.as_str()), (200, "accepted"));
//! # Ok::<(), hogwire::ConfigError>(())
//! ```
//!
//! # Direct
//!
//! [`Client`] sends and answers in one call; see there.
//!
//! # Queued
//!
//! [`Queue`] takes events at once, delivers them in the background, and reports what became of each; see there.
//!
//! # Test your program
//!
//! [`testing::RecordingTransport`] sends nothing, records what would have been sent, and answers as told.
//!
//! # Features
//!
//! * `ureq`, on by default: `UreqTransport`, HTTP and TLS over ureq and rustls, and with it `Client::new`. Without it, the crate has no
//!   transport of its own: [`build`] and [`interpret`] do all of their work, and [`Client::with_transport`] takes yours.
#![forbid(unsafe_code)]

mod backoff;
#[doc(hidden)]
pub mod binding;
mod call;
mod client;
mod config;
mod delivery;
mod error;
mod event;
mod finding;
mod hook;
mod http;
mod json;
mod operation;
mod outcome;
mod prepared;
mod properties;
mod protocol;
mod queue_options;
mod redaction;
mod rules;
mod serialize;
pub mod testing;
mod time;
pub mod transport;
mod uuids;
mod words;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

pub use client::{Client, Queue, Receipt, now_ms, random_seed};
pub use config::{Compression, Config, ConfigBuilder, DEFAULT_HOST, ProtocolChoice};
pub use delivery::{DropCounts, DropReason, Dropped, Report, Stats};
pub use error::{ConfigError, UnknownOperation};
pub use finding::{Finding, FindingCode, Warning, WarningCode};
pub use hook::AssembledEvent;
pub use http::{Failure, Request, Response, TransportError};
pub use json::config::OPTIONS;
pub use json::queue::QUEUE_OPTIONS;
pub use operation::alias::CreateAlias;
pub use operation::event::CreateEvent;
pub use operation::group::IdentifyGroup;
pub use operation::identity::CreateIdentity;
pub use operation::page::TrackPage;
pub use operation::screen::TrackScreen;
pub use operation::{Argument, Input, Operation, Parameter};
pub use outcome::{Delivery, ErrorCode, Outcome};
pub use properties::{Full, Properties, Written};
pub use protocol::{Protocol, Seen};
pub use queue_options::{Overflow, QueueOptions};
pub use time::Timestamp;
pub use transport::Transport;
pub use uuids::{UUID_NAMESPACE, uuid_from};

/// The version of this library, and of every package made of it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds the exact request for an input. Pure: the same input, configuration, `now_ms` (Unix milliseconds) and `seed` give the
/// same bytes.
///
/// To try again after a failed attempt, build once more with the first request's `event_uuid` and `timestamp` as parameters, the
/// new time and the next `attempt`.
///
/// # Errors
/// The outcome that says why nothing is to be sent: `invalid_input` (StatusCode -1) with all findings, `dropped` by a
/// `before_send` hook, or `disabled`.
pub fn build<'a>(
    input: impl Into<Input<'a>>,
    config: &Config,
    now_ms: i64,
    seed: u64,
    attempt: u32,
) -> Result<Request, Box<Outcome>> {
    if let Some(reason) = &config.disabled {
        return Err(Box::new(Outcome::unsent(ErrorCode::Disabled, reason)));
    }
    let now = Timestamp::from_unix_ms(now_ms);
    let mut rng = Pcg64::seed_from_u64(seed);
    let prepared = prepared::Prepared::new(input.into(), config, now, &mut rng)?;
    Ok(prepared.request(config, config.protocol.first(), now, attempt.max(1)))
}

/// Reads what came of a request. Total: any status, any bytes, any failure give an outcome. `now_ms` is only needed to
/// understand a Retry-After that is a date.
#[must_use]
pub fn interpret(request: &Request, seen: &Seen, now_ms: i64) -> Outcome {
    protocol::interpret(request, seen, Timestamp::from_unix_ms(now_ms))
}
