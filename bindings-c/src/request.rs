//! The exact request, for programs that bring their own HTTP client.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::Request;

use crate::pointers::{Place, array};
use crate::status::{Refusal, guarded, guarded_drop, hogwire_status, read};
use crate::text::{NOTHING, Text};

/**
 * A request, ready to be sent by any HTTP client, and what hogwire_interpret() needs to read its answer. It holds the api
 * key; to show it to people there is hogwire_request_to_curl(). Never changes; any number of threads may read it at a time.
 */
pub struct hogwire_request {
    pub(crate) request: Request,
    method: Text,
    url: Text,
    event_uuid: Text,
    timestamp: Text,
    json: Text,
    curl: Text,
    headers: Vec<[Text; 2]>,
}

impl From<Request> for hogwire_request {
    fn from(request: Request) -> Self {
        Self {
            headers: request.headers.iter().map(|_| Default::default()).collect(),
            method: Text::default(),
            url: Text::default(),
            event_uuid: Text::default(),
            timestamp: Text::default(),
            json: Text::default(),
            curl: Text::default(),
            request,
        }
    }
}

/**
 * Frees a request and every text read from it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_free(request: Option<Box<hogwire_request>>) {
    guarded_drop(request);
}

/**
 * Always "POST". Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_method(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.method.get(|| request.request.method.clone())
    })
}

/**
 * The whole URL. Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_url(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.url.get(|| request.request.url.clone())
    })
}

/**
 * How many headers there are, in the order to send them. The HTTP client adds Host and Content-Length. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_header_count(request: Option<&hogwire_request>) -> usize {
    read(request, 0, |request| request.headers.len())
}

/**
 * A header's name. Borrowed from the request. NULL, or no header at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_header_name(request: Option<&hogwire_request>, index: usize) -> *const c_char {
    header(request, index, |(name, _), [text, _]| text.get(|| name.clone()))
}

/**
 * A header's value. That of Authorization, which requests of "v1" have, holds the api key.
 * Borrowed from the request. NULL, or no header at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_header_value(request: Option<&hogwire_request>, index: usize) -> *const c_char {
    header(request, index, |(_, value), [_, text]| text.get(|| value.clone()))
}

fn header(
    request: Option<&hogwire_request>,
    index: usize,
    text: impl FnOnce(&(String, String), &[Text; 2]) -> *const c_char,
) -> *const c_char {
    read(request, std::ptr::null(), |request| {
        let found = request.request.headers.get(index).zip(request.headers.get(index));
        found.map_or(std::ptr::null(), |(header, texts)| text(header, texts))
    })
}

/**
 * The body's bytes, compressed when a header says so; not NUL-terminated. With "v0" they hold the api key. Their number is
 * written to *length, where length is not NULL. Borrowed from the request. NULL: NULL, and a length of 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_body(request: Option<&hogwire_request>, length: Option<&mut usize>) -> *const u8 {
    let body = request.map(|request| request.request.body.as_slice());
    if let Some(length) = length {
        *length = body.map_or(0, <[u8]>::len);
    }
    body.map_or(std::ptr::null(), <[u8]>::as_ptr)
}

/**
 * The event's uuid. To build another attempt of the same event, give it as Uuid. Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_event_uuid(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.event_uuid.get(|| request.request.event_uuid.to_string())
    })
}

/**
 * The event's timestamp, RFC 3339 in UTC. To build another attempt of the same event, give it as Timestamp.
 * Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_timestamp(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.timestamp.get(|| request.request.timestamp.to_string())
    })
}

/**
 * The whole request as JSON text, so that it can pass through another process; hogwire_request_from_json() reads it.
 * It holds the api key. Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_json(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.json.get(|| request.request.to_json())
    })
}

/**
 * The request as a shell command for curl, uncompressed and with the api key redacted: to look at, not to run as it is.
 * Borrowed from the request. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_request_to_curl(request: Option<&hogwire_request>) -> *const c_char {
    read(request, NOTHING, |request| {
        request.curl.get(|| request.request.to_curl())
    })
}

/**
 * Reads what hogwire_request_json() wrote into a new request, which the caller frees.
 *
 * HOGWIRE_INVALID_ARGUMENT: the text is no request. HOGWIRE_NULL_ARGUMENT: json with a length, or request.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_request_from_json(
    json: *const c_char,
    length: usize,
    request: Option<&mut MaybeUninit<*mut hogwire_request>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(request, "request")?;
        // SAFETY: the header asks for `length` readable bytes.
        let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
        let json = std::str::from_utf8(json).map_err(|_| Refusal::invalid("json is not UTF-8"))?;
        place.give(Request::from_json(json).map_err(Refusal::invalid)?.into());
        Ok(())
    })
}
