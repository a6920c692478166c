//! From body bytes to JSON text: form data, gzip, UTF-8. The server looks at the bytes, never at Content-Encoding.

use super::Refusal;
use crate::http::Head;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::io::Read;

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

/// A body as text for whoever reads the record.
pub(crate) fn gunzipped_text(body: &[u8]) -> Option<String> {
    plain(body).ok()
}
