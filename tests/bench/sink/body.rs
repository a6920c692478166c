//! What stands in a body: its events' uuids.

use std::collections::HashSet;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
struct Event {
    uuid: Uuid,
}

/// Both protocols' batches, and the single event of older routes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Events {
    Batch { batch: Vec<Event> },
    Single(Event),
}

/// A body as it came, and whether it is gzip.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) gzip: bool,
}

impl Body {
    pub(crate) fn decoded(&self) -> io::Result<Vec<u8>> {
        if !self.gzip {
            return Ok(self.bytes.clone());
        }
        let mut text = Vec::with_capacity(self.bytes.len().saturating_mul(8));
        MultiGzDecoder::new(self.bytes.as_slice()).read_to_end(&mut text)?;
        Ok(text)
    }
}

/// The uuids in a decoded body, in order; an error for what cannot be read.
pub(crate) fn uuids(text: &[u8]) -> io::Result<Vec<Uuid>> {
    Ok(match serde_json::from_slice(text)? {
        Events::Batch { batch } => batch.into_iter().map(|event| event.uuid).collect(),
        Events::Single(event) => vec![event.uuid],
    })
}

/// What the bodies hold together.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) events: u64,
    /// Bytes of JSON.
    pub(crate) bytes: u64,
    pub(crate) uuids: HashSet<Uuid>,
    pub(crate) unreadable: u64,
}

impl Contents {
    pub(crate) fn add(&mut self, body: &Body) {
        let decoded = body.decoded();
        match decoded.and_then(|text| Ok((text.len(), uuids(&text)?))) {
            Ok((bytes, uuids)) => {
                self.bytes += bytes as u64;
                self.events += uuids.len() as u64;
                self.uuids.extend(uuids);
            }
            Err(_) => self.unreadable += 1,
        }
    }
}
