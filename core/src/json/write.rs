//! Writing JSON: the few steps that all JSON here is written with. Usual text is written quickly, the rest by serde_json.

/// A comma, unless `out` is at the beginning of an object.
pub(crate) fn separate_pair(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'{')) {
        out.push(b',');
    }
}

/// Writes text as JSON. Most text needs no escaping, and finding that out eight bytes at a time is several times faster.
#[inline]
pub(crate) fn write_json_text(out: &mut Vec<u8>, text: &str) {
    if needs_escape(text.as_bytes()) {
        return write_json(out, text);
    }
    write_quoted(out, text, b"\"");
}

/// A quote, text without anything to escape, and what ends it.
#[inline]
pub(crate) fn write_quoted(out: &mut Vec<u8>, text: &str, end: &[u8]) {
    out.reserve(1 + text.len() + end.len());
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(end);
}

/// Where the first quote, backslash or control character stands; `None` when there is none.
pub(crate) fn special_in(bytes: &[u8]) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks();
    for (index, chunk) in chunks.iter().enumerate() {
        let found = escapes_in(*chunk);
        if found != 0 {
            // A found byte may mark the bytes above it, too, by the borrow of its subtraction; the lowest mark is right.
            return Some(8 * index + found.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(is_special).map(|place| 8 * chunks.len() + place)
}

fn is_special(byte: &u8) -> bool {
    *byte < 0x20 || matches!(byte, b'"' | b'\\')
}

/// Whether JSON text escapes one of these bytes: quotes, backslashes and control characters.
pub(crate) fn needs_escape(bytes: &[u8]) -> bool {
    // The last eight bytes are looked at by themselves; they overlap the chunks before, so that no byte is left over.
    match (bytes.first_chunk(), bytes.last_chunk(), bytes.last_chunk()) {
        (_, _, Some(last)) => {
            let (chunks, _) = bytes.as_chunks();
            chunks
                .iter()
                .fold(escapes_in(*last), |found, chunk| found | escapes_in(*chunk))
                != 0
        }
        (Some([a, b, c, d]), Some([e, f, g, h]), None) => escapes_in([*a, *b, *c, *d, *e, *f, *g, *h]) != 0,
        _ => bytes.iter().any(is_special),
    }
}

/// Not zero when JSON escapes one of eight bytes: the high bit of a byte is set where subtracting the limit from it made it negative.
fn escapes_in(bytes: [u8; 8]) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(bytes);
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word;
    // With this bit flipped, the quote (0x22) becomes 0x20 and so stands right above the control characters: one limit finds both.
    let controls_and_quote = below(word ^ (EACH * 0x02), 0x21);
    let backslash = below(word ^ (EACH * u64::from(b'\\')), 1);
    (controls_and_quote | backslash) & (EACH << 7)
}

/// Writes plain data as JSON. Only numbers, texts and their like come here, and a `Vec` takes every byte, so there is no error to handle.
pub(crate) fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_wherever_the_special_byte_stands() {
        for special in [
            '"', '\\', '\n', '\0', '\u{1f}', ' ', '!', '#', '[', ']', '\u{7f}', 'é', '界',
        ] {
            for length in 0..20 {
                for place in 0..=length {
                    let mut text = "x".repeat(length);
                    text.insert(place, special);
                    let mut written = Vec::new();
                    write_json_text(&mut written, &text);
                    assert_eq!(written, serde_json::to_vec(&text).unwrap(), "{text:?}");
                    let is_special = special < ' ' || matches!(special, '"' | '\\');
                    assert_eq!(special_in(text.as_bytes()), is_special.then_some(place), "{text:?}");
                }
            }
        }
    }
}
