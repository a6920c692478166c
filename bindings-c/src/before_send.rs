//! Hooks of the caller's: a function that sees each event before it is encoded, and may change or drop it.

use std::ffi::{c_char, c_void};

use hogwire::AssembledEvent;
use hogwire::binding::{read_assembled, retold};
use serde_json::{Map, Value};

use crate::config::UserData;
use crate::pointers::{array, required, required_text, terminated};
use crate::status::{Refusal, guarded, guarded_or, hogwire_status, read};
use crate::text::{NOTHING, Text};

/**
 * An event in the hands of a hook. It exists only while the hook's function runs.
 */
pub struct hogwire_event {
    event: AssembledEvent,
    verdict: Verdict,
    json: Text,
}

enum Verdict {
    Keep,
    Drop,
    Fail(String),
}

/**
 * Sees one event before it is encoded. It may change it (hogwire_event_set(), hogwire_event_set_property(),
 * hogwire_event_replace()), drop it (hogwire_event_drop()) or report that it failed (hogwire_event_fail()); an event it
 * does nothing about is sent as it is. What it changed is checked like any input.
 *
 * Runs on the thread of the call, on several at a time. event is only valid until it returns. It must neither throw nor
 * longjmp out.
 */
pub type hogwire_before_send_function = Option<unsafe extern "C" fn(user_data: *mut c_void, event: *mut hogwire_event)>;

type HookFunction = unsafe extern "C" fn(*mut c_void, *mut hogwire_event);

pub(crate) struct Hook {
    function: HookFunction,
    user_data: UserData,
}

impl Hook {
    pub(crate) fn new(function: HookFunction, user_data: UserData) -> Self {
        Self { function, user_data }
    }

    pub(crate) fn run(&self, event: AssembledEvent) -> Result<Option<AssembledEvent>, String> {
        let mut event = hogwire_event {
            event,
            verdict: Verdict::Keep,
            json: Text::default(),
        };
        // SAFETY: the function is the caller's for this user data; the event is valid while it runs.
        unsafe { (self.function)(self.user_data.pointer, &raw mut event) };
        match event.verdict {
            Verdict::Keep => Ok(Some(event.event)),
            Verdict::Drop => Ok(None),
            Verdict::Fail(message) => Err(retold(&message)),
        }
    }
}

impl hogwire_event {
    /// Changes the event. A change that cannot be made fails the hook: the event must not go out as it was.
    fn change(&mut self, change: impl FnOnce(&mut AssembledEvent) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let changed =
            change(&mut self.event).inspect_err(|refusal| self.verdict = Verdict::Fail(refusal.message().to_owned()));
        // Not before: the change may have been made from this very text.
        self.json = Text::default();
        changed
    }
}

/// Puts a JSON value under a key, or removes the key.
///
/// # Safety
/// `key` and `json` are NULL or NUL-terminated.
unsafe fn put(object: &mut Map<String, Value>, key: *const c_char, json: *const c_char) -> Result<(), Refusal> {
    // SAFETY: the caller's promise is the same.
    let (key, json) = unsafe { (required_text(key, "key")?, terminated(json)) };
    match json {
        None => {
            object.shift_remove(key);
        }
        Some(json) => {
            let value = read_assembled(json)
                .map_err(|problem| Refusal::invalid(format!("the value of {key} cannot be used: {problem}")))?;
            object.insert(key.to_owned(), value);
        }
    }
    Ok(())
}

/**
 * The event as a JSON object: event, distinct_id, uuid, timestamp and properties.
 * Borrowed from the event, until it is changed. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_event_json(event: Option<&hogwire_event>) -> *const c_char {
    read(event, NOTHING, |event| {
        event
            .json
            .get(|| serde_json::to_string(&event.event).unwrap_or_default())
    })
}

/**
 * Sets event, distinct_id, uuid, timestamp or properties to a JSON value ("\"renamed\"", with its quotes); a json of NULL
 * removes it. An event has no other key: it is refused with one ("unknown_parameter").
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON, or has a number that no event may hold. HOGWIRE_NULL_ARGUMENT: event or key.
 * Of an event that is not NULL, the hook has then failed, and it is dropped.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_event_set(
    event: Option<&mut hogwire_event>,
    key: *const c_char,
    json: *const c_char,
) -> hogwire_status {
    guarded(|| {
        // SAFETY: the header asks for NUL-terminated texts.
        required(event, "event")?.change(|event| unsafe { put(event, key, json) })
    })
}

/**
 * Sets one property to a JSON value; a json of NULL removes it.
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON or has a number that no event may hold, or properties is no object.
 * HOGWIRE_NULL_ARGUMENT: event or key. The hook has then failed, and the event is dropped.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_event_set_property(
    event: Option<&mut hogwire_event>,
    key: *const c_char,
    json: *const c_char,
) -> hogwire_status {
    guarded(|| {
        required(event, "event")?.change(|event| {
            let properties = event.entry("properties").or_insert_with(|| Map::new().into());
            let properties = properties
                .as_object_mut()
                .ok_or_else(|| Refusal::invalid("properties is no object"))?;
            // SAFETY: the header asks for NUL-terminated texts.
            unsafe { put(properties, key, json) }
        })
    })
}

/**
 * Puts another event, a JSON object of `length` bytes, in its place.
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON object, or has a number that no event may hold. HOGWIRE_NULL_ARGUMENT: event,
 * or json with a length. The hook has then failed, and the event is dropped.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_event_replace(
    event: Option<&mut hogwire_event>,
    json: *const c_char,
    length: usize,
) -> hogwire_status {
    guarded(|| {
        required(event, "event")?.change(|event| {
            // SAFETY: the header asks for `length` readable bytes.
            let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
            *event = match read_assembled(json) {
                Ok(Value::Object(event)) => event,
                Ok(_) => return Err(Refusal::invalid("the event is not a JSON object")),
                Err(problem) => return Err(Refusal::invalid(format!("the event cannot be used: {problem}"))),
            };
            Ok(())
        })
    })
}

/**
 * Drops the event: nothing is sent, and the outcome says "dropped". NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_event_drop(event: Option<&mut hogwire_event>) {
    if let Some(event) = event {
        event.verdict = Verdict::Drop;
    }
}

/**
 * Reports that the hook failed: the event is dropped, the outcome has the warning "before_send_failed" with this message,
 * and later hooks do not run. Of a long message the first 1,000 characters are told. Where it is NULL or empty, the message
 * is "it gave no reason"; event NULL is ignored.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_event_fail(event: Option<&mut hogwire_event>, message: *const c_char) {
    guarded_or((), || {
        // SAFETY: the header asks for a NUL-terminated text.
        let message = unsafe { terminated(message) }.filter(|message| !message.is_empty());
        let message = message.unwrap_or(b"it gave no reason");
        if let Some(event) = event {
            event.verdict = Verdict::Fail(String::from_utf8_lossy(message).into_owned());
        }
    });
}
