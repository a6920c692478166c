//! Bodies: writing them, compressed while they are written, and decompressing them to show a request.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder};
use flate2::{Compress, Compression as Level, FlushCompress, Status};

use crate::config::Compression;
use crate::http::Request;
use crate::protocol::Protocol;

/// Queued bodies from this size are compressed without being asked; below it there is little to gain.
const COMPRESS_QUEUED_FROM: usize = 1_024;

/// The largest window there is, and zlib's default.
const WINDOW_BITS: u8 = 15;

/// zstd's own default: about gzip's time for a third fewer bytes.
const ZSTD_LEVEL: i32 = 3;

/// How one body may be compressed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codings {
    pub(super) asked: Option<Compression>,
    pub(super) protocol: Protocol,
    pub(super) queued: bool,
}

impl Codings {
    /// The coding of a body of so many bytes; `None` is none at all.
    fn of(self, bytes: usize) -> Option<Compression> {
        match self.asked {
            Some(Compression::None) => None,
            // v0 takes no other coding (protocol.md §1, S); this happens after `auto` has fallen back.
            Some(_) if self.protocol == Protocol::V0 => Some(Compression::Gzip),
            Some(coding) => Some(coding),
            None => (self.queued && bytes >= COMPRESS_QUEUED_FROM).then_some(Compression::Gzip),
        }
    }
}

/// Compresses bodies one after the other, in memory that it keeps for the next.
#[derive(Debug, Default)]
pub(crate) struct Compressor {
    gzip: Option<Compress>,
    deflate: Option<Compress>,
}

impl Compressor {
    /// The compressor of a coding that works piece by piece; `None` for other codings.
    fn deflating(&mut self, coding: Option<Compression>) -> Option<&mut Compress> {
        let level = Level::fast();
        match coding? {
            Compression::Gzip => Some(self.gzip.get_or_insert_with(|| Compress::new_gzip(level, WINDOW_BITS))),
            Compression::Deflate => Some(self.deflate.get_or_insert_with(|| Compress::new(level, false))),
            Compression::None | Compression::Zstd => None,
        }
    }
}

/// Bytes that are compressed at a time: so few that they are still in the processor's caches, and that a large body needs little memory.
const PIECE_BYTES: usize = 32 << 10;

/// A body being written. With gzip and deflate it is compressed piece by piece.
#[derive(Debug)]
pub(super) struct Body<'c> {
    /// What is not compressed yet.
    pub(super) plain: Vec<u8>,
    compressed: Vec<u8>,
    /// Whether some of it is compressed.
    has_begun: bool,
    codings: Codings,
    compressor: &'c mut Compressor,
}

impl<'c> Body<'c> {
    /// A body of about so many bytes.
    pub(super) fn new(codings: Codings, bytes: usize, compressor: &'c mut Compressor) -> Self {
        let (plain, compressed) = match codings.of(bytes) {
            Some(Compression::Gzip | Compression::Deflate) => (bytes.min(2 * PIECE_BYTES), bytes / 4),
            _ => (bytes, 0),
        };
        Self {
            plain: Vec::with_capacity(plain),
            compressed: Vec::with_capacity(compressed),
            has_begun: false,
            codings,
            compressor,
        }
    }

    /// Says that one part of the body has ended.
    pub(super) fn end_part(&mut self) {
        if self.plain.len() >= PIECE_BYTES {
            self.compress(self.codings.of(self.plain.len()), FlushCompress::None);
        }
    }

    /// The whole body and its coding. Compressing into memory has no error to report.
    pub(super) fn finish(mut self) -> (Option<Compression>, Vec<u8>) {
        let bytes = if self.has_begun { usize::MAX } else { self.plain.len() };
        let coding = self.codings.of(bytes);
        if self.compress(coding, FlushCompress::Finish) {
            return (coding, self.compressed);
        }
        let body = match coding {
            Some(Compression::Zstd) => zstd::bulk::compress(&self.plain, ZSTD_LEVEL).unwrap_or_default(),
            _ => self.plain,
        };
        (coding, body)
    }

    /// Compresses what is plain, if it is compressed by pieces.
    fn compress(&mut self, coding: Option<Compression>, flush: FlushCompress) -> bool {
        let Some(deflating) = self.compressor.deflating(coding) else {
            return false;
        };
        if !self.has_begun {
            deflating.reset();
            self.has_begun = true;
        }
        let before = deflating.total_in();
        loop {
            let taken = usize::try_from(deflating.total_in() - before).unwrap_or(self.plain.len());
            let rest = self.plain.get(taken..).unwrap_or_default();
            if rest.is_empty() && flush == FlushCompress::None {
                break;
            }
            match deflating.compress_vec(rest, &mut self.compressed, flush) {
                Ok(Status::StreamEnd) | Err(_) => break,
                Ok(Status::Ok | Status::BufError) => self.compressed.reserve(rest.len() / 8 + 64),
            }
        }
        self.plain.clear();
        true
    }
}

/// Most bytes a body is decompressed to: more than any body built here has (the largest `max_batch_bytes` is 20 MiB). A request may come
/// from another program, and a few compressed bytes may stand for any number of others.
const MAX_PLAIN_BYTES: u64 = 32 << 20;

/// A request's body, decompressed; `None` when it has no coding. A body that was not built here is given as far as it decompresses.
pub(crate) fn decompressed(request: &Request) -> Option<Vec<u8>> {
    let body = request.body.as_slice();
    let mut plain = Vec::new();
    let limit = MAX_PLAIN_BYTES;
    match request.header("content-encoding").and_then(Compression::from_word)? {
        Compression::None => return None,
        Compression::Gzip => {
            let _ = GzDecoder::new(body).take(limit).read_to_end(&mut plain);
        }
        Compression::Deflate => {
            let _ = DeflateDecoder::new(body).take(limit).read_to_end(&mut plain);
        }
        Compression::Zstd => {
            if let Ok(decoder) = zstd::stream::read::Decoder::new(body) {
                let _ = decoder.take(limit).read_to_end(&mut plain);
            }
        }
    }
    Some(plain)
}
