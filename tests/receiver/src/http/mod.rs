//! HTTP/1.1 as far as a test server needs it: reading one request at a time, writing one answer. It knows nothing of routes or events.

mod answer;
mod read;
mod wire;

pub(crate) use answer::Answer;
pub(crate) use read::{Body, Head, HeadError, Reader};
pub(crate) use wire::Wire;

/// The first header of that name, in any case.
pub(crate) fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}
