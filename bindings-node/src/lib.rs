//! The native half of the Node package `hogwire`: it parses, calls and converts; everything else is in the core.
//!
//! Inputs come in and outcomes go out as JSON text (`lib/values.js` makes the one, `lib/outcome.js` reads the other); what JSON text
//! cannot carry comes beside it as notes. Promises are settled through one mailbox per client, so that no call takes a slot of
//! libuv's thread pool. Nothing here is public: users see `index.js` and `index.d.ts`.
//!
//! Every export carries `catch_unwind`: a panic becomes a JavaScript error, which `lib/client.js` turns into an `internal` outcome.
#![allow(clippy::needless_pass_by_value, reason = "napi hands arguments over by value")]

pub mod client;
mod exit;
pub mod hook;
pub mod input;
pub mod library;
pub mod mailbox;
pub mod notices;
pub mod options;
pub mod outside;
pub mod own_http;
mod plain;
pub mod queue;
pub mod transport;
