//! The C library: every function of `include/hogwire.h`, which is generated from these files.
//!
//! It parses, calls and converts; what a call means is decided in the core. Each file is a chapter of the header:
//!
//! | file | chapter |
//! |---|---|
//! | `status` | what a function returns, the last error, and the guard that no panic passes |
//! | `config` | options, hooks and transports, before a client is made of them |
//! | `client`, `operations`, `batch` | the calls |
//! | `outcome` | the answer |
//! | `queue_options`, `queue`, `queue_operations` | delivery in the background |
//! | `receipt`, `report` | what a queue answers |
//! | `request`, `own_http` | requests for HTTP clients of the caller's |
//! | `transport`, `before_send` | callbacks |
//! | `recording` | a test double for programs that use the library |
//! | `library` | versions and published lists |
//! | `exit` | no chapter: what a normal end of the program does for queues |
//! | `pointers`, `text` | no chapter: the only file that reads through pointers, and the one that makes C strings |
//! | `input`, `finding` | no chapter: plain arguments as inputs, and findings as C strings, for several chapters |
#![allow(
    non_camel_case_types,
    clippy::upper_case_acronyms,
    reason = "types and constants carry the names they have in the header"
)]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header's first comment states once what every pointer has to be"
)]

pub mod batch;
pub mod before_send;
pub mod client;
pub mod config;
mod exit;
mod finding;
mod input;
pub mod library;
pub mod operations;
pub mod outcome;
pub mod own_http;
mod pointers;
pub mod queue;
pub mod queue_operations;
pub mod queue_options;
pub mod receipt;
pub mod recording;
pub mod report;
pub mod request;
pub mod status;
mod text;
pub mod transport;
