//! From body bytes to JSON text: form data, gzip, UTF-8. On v0 the server looks at the bytes, never at Content-Encoding; on v1 at nothing else.

use super::Refusal;
use crate::http::Head;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::{DeflateDecoder, GzDecoder};
use serde::Deserialize;
use std::io::{self, Read};

const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// Compared as a whole: with a charset behind it, the server takes the body for JSON.
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Deserialize)]
struct Form {
    data: String,
}

/// The JSON text of a request.
pub(super) fn text(head: &Head, body: &[u8]) -> Result<String, Refusal> {
    if head.header("content-type") == Some(FORM) {
        let form: Form = serde_urlencoded::from_bytes(body).map_err(|_| Refusal::Undecodable("invalid form data"))?;
        let data = STANDARD
            .decode(form.data)
            .map_err(|_| Refusal::Undecodable("missing data field"))?;
        return plain(&data);
    }
    plain(body)
}

fn plain(bytes: &[u8]) -> Result<String, Refusal> {
    if bytes.starts_with(&GZIP_MAGIC) {
        let mut text = String::new();
        return match GzDecoder::new(bytes).read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(_) => Err(Refusal::Undecodable("invalid gzip data")),
        };
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::Undecodable("invalid body encoding"))
}

/// A v1 body's text. `None` for a coding that is not understood; brotli, which the real server also takes, is one: no client of this house sends it.
pub(super) fn coded_text(coding: Option<&str>, body: &[u8]) -> Option<io::Result<String>> {
    let mut text = String::new();
    let read = match coding {
        None => {
            let mut plain = body;
            plain.read_to_string(&mut text)
        }
        Some("gzip") => GzDecoder::new(body).read_to_string(&mut text),
        // Raw, without zlib's frame (protocol.md §2).
        Some("deflate") => DeflateDecoder::new(body).read_to_string(&mut text),
        Some("zstd") => zstd::stream::read::Decoder::new(body).and_then(|mut plain| plain.read_to_string(&mut text)),
        Some(_) => return None,
    };
    Some(read.map(|_| text))
}

/// A body as text for whoever reads the record, whatever route it was sent to.
pub(crate) fn readable_text(coding: Option<&str>, body: &[u8]) -> Option<String> {
    match coding {
        Some("deflate" | "zstd") => coded_text(coding, body)?.ok(),
        _ => plain(body).ok(),
    }
}
