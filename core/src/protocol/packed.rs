//! Packed: answers that came as gzip. No coding is asked for, but a server may then choose any (RFC 9110 §12.5.3), and some choose gzip. A
//! caller's own HTTP client may leave such a body as it is.

use std::io::Read;

use flate2::read::{GzDecoder, MultiGzDecoder};

use crate::http::Response;
use crate::rules::MAX_ANSWER_BYTES;

/// How every gzip file begins (RFC 1952 §2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The answer unpacked; `None` where it is not packed. One that cannot be unpacked stays as it came: the status tells more than the body.
pub(crate) fn unpacked(response: &Response) -> Option<Response> {
    let body = response.body.as_slice();
    // An answer may be marked as gzip and be unpacked already, by the caller's HTTP client.
    if !body.starts_with(&MAGIC) || !response.headers.iter().any(is_gzip) {
        return None;
    }
    // All members; only the first where what follows it is none.
    let body = start_of(MultiGzDecoder::new(body))
        .or_else(|_| start_of(GzDecoder::new(body)))
        .ok()?;
    let is_of_packed =
        |name: &str| ["content-encoding", "content-length"].contains(&name.to_ascii_lowercase().as_str());
    let mut response = response.clone_head();
    response.headers.retain(|(name, _)| !is_of_packed(name));
    Some(Response { body, ..response })
}

/// The first [`MAX_ANSWER_BYTES`] of a body, and one byte more when there are more.
pub(crate) fn start_of(body: impl Read) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_ANSWER_BYTES).unwrap_or(u64::MAX);
    let mut start = Vec::new();
    body.take(limit.saturating_add(1)).read_to_end(&mut start)?;
    Ok(start)
}

fn is_gzip((name, value): &(String, String)) -> bool {
    name.eq_ignore_ascii_case("content-encoding")
        && ["gzip", "x-gzip"].contains(&value.trim().to_ascii_lowercase().as_str())
}
