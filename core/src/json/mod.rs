//! The JSON boundary: how inputs, options, requests and outcomes are spelled wherever they cross a language border as text.

mod batch;
pub(crate) mod config;
pub(crate) mod input;
mod note;
mod outcome;
pub(crate) mod queue;
pub(crate) mod quick;
pub(crate) mod request;
pub(crate) mod scan;
pub(crate) mod write;
