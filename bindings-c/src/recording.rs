//! For tests of programs that use hogwire: a transport that records, and answers as told.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Arc;

use hogwire::testing::RecordingTransport;
use serde_json::Value;

use crate::config::hogwire_config;
use crate::pointers::{Place, required};
use crate::request::hogwire_request;
use crate::status::{guarded, guarded_drop, hogwire_status, read};
use crate::text::{LastText, NOTHING};
use crate::transport::{failure, hogwire_header, response};

/**
 * For tests: a transport that sends nothing, records every request, and answers as a PostHog that takes everything, unless
 * told otherwise. Any number of threads may use it at a time.
 */
pub struct hogwire_recording {
    transport: RecordingTransport,
}

/**
 * Makes a recording, which the caller frees. HOGWIRE_NULL_ARGUMENT: recording.
 *
 *   hogwire_recording_new(&recording);
 *   hogwire_config_set_recording(config, recording);   before hogwire_client_with_config()
 *   ...                                                 the program under test
 *   hogwire_recording_events_json(recording);          what it would have sent
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_new(recording: Option<&mut MaybeUninit<*mut hogwire_recording>>) -> hogwire_status {
    guarded(|| {
        let transport = RecordingTransport::new();
        Place::clear(recording, "recording")?.give(hogwire_recording { transport });
        Ok(())
    })
}

/**
 * Frees a recording. Clients that use it go on recording, for nobody. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_free(recording: Option<Box<hogwire_recording>>) {
    guarded_drop(recording);
}

/**
 * Makes clients hand their requests to a recording instead of the built-in transport. Otherwise as
 * hogwire_config_set_transport(), of which it takes the place.
 *
 * HOGWIRE_NULL_ARGUMENT: config or recording.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_config_set_recording(
    config: Option<&hogwire_config>,
    recording: Option<&hogwire_recording>,
) -> hogwire_status {
    guarded(|| {
        let config = required(config, "config")?;
        let transport = required(recording, "recording")?.transport.clone();
        config.set_transport(Arc::new(transport));
        Ok(())
    })
}

/**
 * Answers the next request so, after those that are set already; the answer is as of hogwire_answer_respond(). May be
 * repeated. Requests for which nothing is set succeed.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: nothing was set.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_recording_answer(
    recording: Option<&hogwire_recording>,
    status: i32,
    headers: *const hogwire_header,
    header_count: usize,
    body: *const u8,
    body_length: usize,
) -> hogwire_status {
    guarded(|| {
        let recording = required(recording, "recording")?;
        // SAFETY: the header asks for the same.
        match unsafe { response(status, headers, header_count, body, body_length) }? {
            Ok(answer) => recording.transport.answer(answer),
            Err(broken) => recording.transport.fail(broken),
        }
        Ok(())
    })
}

/**
 * Lets the next request fail so, after those that are set already; the failure is as of hogwire_answer_fail(). May be
 * repeated.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: nothing was set.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_recording_fail(
    recording: Option<&hogwire_recording>,
    failure: *const c_char,
    sent: i32,
    message: *const c_char,
) -> hogwire_status {
    guarded(|| {
        let recording = required(recording, "recording")?;
        // SAFETY: the header asks for NUL-terminated texts.
        recording
            .transport
            .fail(unsafe { self::failure(failure, sent, message) }?);
        Ok(())
    })
}

/**
 * How many requests there were so far, repeated attempts included. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_request_count(recording: Option<&hogwire_recording>) -> usize {
    read(recording, 0, |recording| recording.transport.request_count())
}

/**
 * A copy of the request at an index, from 0; it is new, and the caller frees it. *request is NULL where there is none.
 *
 * HOGWIRE_NULL_ARGUMENT: recording or request.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_request(
    recording: Option<&hogwire_recording>,
    index: usize,
    request: Option<&mut MaybeUninit<*mut hogwire_request>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(request, "request")?;
        if let Some(found) = required(recording, "recording")?.transport.request(index) {
            place.give(found.into());
        }
        Ok(())
    })
}

/**
 * How many events there were so far; one that was sent several times is one. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_event_count(recording: Option<&hogwire_recording>) -> usize {
    read(recording, 0, |recording| recording.transport.events().len())
}

thread_local! {
    static LAST_EVENTS: LastText = LastText::default();
}

/**
 * Every event so far as a JSON array of objects (event, distinct_id, uuid, timestamp, properties, with v1 also options), in
 * order; one that was sent several times stands once, where it was sent first.
 *
 * Borrowed: valid until the next call of this function on this thread. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_events_json(recording: Option<&hogwire_recording>) -> *const c_char {
    read(recording, NOTHING, |recording| {
        let events = Value::from(recording.transport.events());
        LAST_EVENTS.with(|last| last.keep(events.to_string()))
    })
}

/**
 * Forgets the requests so far, and the answers that were not given. HOGWIRE_NULL_ARGUMENT: recording.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_recording_clear(recording: Option<&hogwire_recording>) -> hogwire_status {
    guarded(|| {
        required(recording, "recording")?.transport.clear();
        Ok(())
    })
}
