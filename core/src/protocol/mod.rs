//! Protocols: events to requests, answers to outcomes, and which answers are worth another attempt.
//!
//! What all versions share stands here and in `answer`; each version has a file for its own requests and verdicts.

use uuid::Uuid;

use crate::config::Config;
use crate::event::Event;
use crate::finding::Warning;
use crate::http::{Request, Response, TransportError};
use crate::operation::Operation;
use crate::time::Timestamp;
use crate::words::words;

pub(crate) mod answer;
mod body;
mod legible;
pub(crate) mod packed;
mod v0;
mod v1;
pub(crate) mod verdict;

pub(crate) use answer::interpret;
use body::{Body, Codings};
pub(crate) use body::{Compressor, decompressed};
pub(crate) use v1::split_repeated_uuids;

words! {
    /// The protocols PostHog's servers speak.
    pub enum Protocol {
        /// `POST /batch/`: every server version; answers for a whole request.
        V0 = "v0",
        /// `POST /i/v1/analytics/events`: answers for each event.
        V1 = "v1",
    }
}

/// The paths of all protocols' routes.
pub(crate) const PATHS: [&str; 2] = [v0::PATH, v1::PATH];

/// What a transport saw: an answer or a failure.
pub type Seen = Result<Response, TransportError>;

/// What one request carries.
#[derive(Clone, Debug)]
pub(crate) struct Batch<'b> {
    pub(crate) protocol: Protocol,
    pub(crate) events: &'b [&'b Event],
    /// Stays the same over the attempts of one batch.
    pub(crate) request_id: Uuid,
    pub(crate) attempt: u32,
    /// When the batch was made: the same over its attempts, too. Only v1 names it.
    pub(crate) created: Timestamp,
    /// The moment of this attempt: the server corrects event times by it (protocol.md §1, S).
    pub(crate) now: Timestamp,
    /// Queued bodies are compressed by default, direct ones are not.
    pub(crate) queued: bool,
}

/// The event a request is described by; of a batch of many, its first.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'s> {
    pub(crate) operation: Operation,
    pub(crate) event_uuid: Uuid,
    pub(crate) timestamp: Timestamp,
    pub(crate) warnings: &'s [Warning],
}

/// The request that carries a batch.
pub(crate) fn request(
    config: &Config,
    batch: &Batch<'_>,
    subject: &Subject<'_>,
    compressor: &mut Compressor,
) -> Request {
    let events: usize = batch.events.iter().map(|event| event.len() + 1).sum();
    let codings = Codings {
        asked: config.compression,
        protocol: batch.protocol,
        queued: batch.queued,
    };
    let mut body = Body::new(codings, events + ENVELOPE_BYTES, compressor);
    let (path, mut headers) = match batch.protocol {
        Protocol::V0 => {
            v0::write(config, batch, &mut body);
            (v0::PATH, v0::headers(config))
        }
        Protocol::V1 => {
            v1::write(config, batch, &mut body);
            (v1::PATH, v1::headers(config, batch))
        }
    };
    let (coding, body) = body.finish();
    if let Some(coding) = coding {
        headers.push(("Content-Encoding".to_owned(), coding.to_string()));
    }
    let own = config
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.reveal().to_owned()));
    headers.extend(own);
    Request {
        method: "POST".to_owned(),
        url: format!("{}{path}", config.base_url),
        headers,
        body,
        operation: subject.operation,
        protocol: batch.protocol,
        event_uuid: subject.event_uuid,
        timestamp: subject.timestamp,
        attempt: batch.attempt,
        warnings: subject.warnings.to_vec(),
    }
}

/// The events of a batch, one after the other.
fn write_events(body: &mut Body<'_>, batch: &Batch<'_>) {
    for (index, event) in batch.events.iter().enumerate() {
        if index > 0 {
            body.plain.push(b',');
        }
        event.write(batch.protocol, &mut body.plain);
        body.end_part();
    }
}

/// Room for what a protocol wraps around the events of a request.
pub(crate) const ENVELOPE_BYTES: usize = 256;
