//! Bodies: whether and how they are compressed, and back again for looking at them.

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

/// zstd's own default: about gzip's time for a third less bytes.
const ZSTD_LEVEL: i32 = 3;

/// The coding of a body; `None` is none at all.
pub(super) fn coding(
    asked: Option<Compression>,
    protocol: Protocol,
    queued: bool,
    bytes: usize,
) -> Option<Compression> {
    match asked {
        Some(Compression::None) => None,
        // v0 takes no other coding (protocol.md §1, S); this happens after `auto` has fallen back.
        Some(_) if protocol == Protocol::V0 => Some(Compression::Gzip),
        Some(coding) => Some(coding),
        None => (queued && bytes >= COMPRESS_QUEUED_FROM).then_some(Compression::Gzip),
    }
}

/// Makes bodies compressed, one after the other, with memory that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Compressor {
    gzip: Option<Compress>,
    deflate: Option<Compress>,
}

impl Compressor {
    /// The body in its coding. Compressing into memory has no error to report.
    pub(super) fn compressed(&mut self, coding: Option<Compression>, plain: Vec<u8>) -> Vec<u8> {
        let level = Level::fast();
        match coding {
            None | Some(Compression::None) => plain,
            Some(Compression::Gzip) => {
                let gzip = self.gzip.get_or_insert_with(|| Compress::new_gzip(level, WINDOW_BITS));
                deflated(gzip, &plain)
            }
            Some(Compression::Deflate) => {
                let deflate = self.deflate.get_or_insert_with(|| Compress::new(level, false));
                deflated(deflate, &plain)
            }
            Some(Compression::Zstd) => zstd::bulk::compress(&plain, ZSTD_LEVEL).unwrap_or_default(),
        }
    }
}

fn deflated(compress: &mut Compress, plain: &[u8]) -> Vec<u8> {
    compress.reset();
    let mut out = Vec::with_capacity(plain.len() / 4 + 64);
    loop {
        let taken = usize::try_from(compress.total_in()).unwrap_or(plain.len());
        let rest = plain.get(taken..).unwrap_or_default();
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) | Err(_) => return out,
            Ok(Status::Ok | Status::BufError) => out.reserve(plain.len() / 8 + 64),
        }
    }
}

/// A request's body without its coding; a body that was not built here shows as far as it decompresses.
pub(crate) fn decompressed(request: &Request) -> Option<Vec<u8>> {
    let body = request.body.as_slice();
    let mut plain = Vec::new();
    match request.header("content-encoding").and_then(Compression::from_word)? {
        Compression::None => return None,
        Compression::Gzip => {
            let _ = GzDecoder::new(body).read_to_end(&mut plain);
        }
        Compression::Deflate => {
            let _ = DeflateDecoder::new(body).read_to_end(&mut plain);
        }
        Compression::Zstd => plain = zstd::stream::decode_all(body).unwrap_or_default(),
    }
    Some(plain)
}
