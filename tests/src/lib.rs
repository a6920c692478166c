//! One suite of vectors, run through the public API of every binding.
//!
//! ```text
//! vectors/<area>/<behaviour>.json   adapters/adapters.json
//!            | load                          | adapter: a child process for each language
//!            v                               v
//!          Vector ---- line (one JSON line) --> adapter --> one JSON line back
//!            |          stage (a receiver for each call)         |
//!            +------------------ judge <-------------------------+
//!                                  | digest: compared between adapters
//!                                  v
//!                               report
//!
//! outage: the one story that needs real time, through every adapter, beside the vectors
//! ```
//!
//! The suite knows the contract (product.md) and nothing of how hogwire fulfils it: only the Rust adapter uses the core crate.
//! How to write a vector, and the adapters' protocol, is in this folder's README.

pub mod adapter;
pub mod digest;
pub mod judge;
pub mod line;
pub mod load;
pub mod moment;
pub mod outage;
pub mod pattern;
pub mod report;
pub mod run;
pub mod stage;
pub mod text;
pub mod vector;

use std::path::{Path, PathBuf};

/// A path in this crate's folder, wherever the program is run from.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
