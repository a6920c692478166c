//! A queue's options and hooks, before a queue is made of them.

use std::ffi::{CString, c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::{Mutex, PoisonError};

use hogwire::{Delivery, Dropped, Outcome, QueueOptions};

use crate::config::{UserData, hogwire_destroy_function};
use crate::outcome::hogwire_outcome;
use crate::pointers::{Place, array, required};
use crate::status::{Refusal, guarded, guarded_drop, hogwire_status};
use crate::text::c_string;

/**
 * Options of a queue, with hooks. Only needed for hooks; hogwire_queue_new() does without. Any number of threads may use
 * it at a time.
 */
pub struct hogwire_queue_options {
    options: Mutex<QueueOptions>,
}

/**
 * Told of an event that was dropped: its uuid, the reason as a word (those of hogwire_report_dropped_reason()), and a
 * sentence. The texts are only valid until it returns.
 *
 * Hooks run on the queue's threads or on that of a call, several at a time, without a lock held: they may use the queue and
 * the client, except to free them. They must neither throw nor longjmp out.
 */
pub type hogwire_on_drop_function = Option<
    unsafe extern "C" fn(user_data: *mut c_void, uuid: *const c_char, reason: *const c_char, message: *const c_char),
>;

/**
 * Told of a request that failed, as an outcome without an event, which is only valid until it returns.
 *
 * Runs as hogwire_on_drop_function does.
 */
pub type hogwire_on_error_function =
    Option<unsafe extern "C" fn(user_data: *mut c_void, outcome: *const hogwire_outcome)>;

/**
 * Told of events that were delivered: their `count` uuids, and whether they are "accepted", "stored", or "unknown" where the
 * answer says nothing of them (a host that is not PostHog's answers 200 perhaps). All are only valid until it returns.
 *
 * Runs as hogwire_on_drop_function does.
 */
pub type hogwire_on_delivered_function = Option<
    unsafe extern "C" fn(user_data: *mut c_void, uuids: *const *const c_char, count: usize, delivery: *const c_char),
>;

impl hogwire_queue_options {
    /// # Safety
    /// `json` is NULL, or points to `length` bytes.
    pub(crate) unsafe fn read(json: *const c_char, length: usize) -> Result<QueueOptions, Refusal> {
        // SAFETY: the caller's promise is the same.
        let json = unsafe { array(json.cast::<u8>(), length, "options_json") }?;
        let json = if json.is_empty() { b"{}" } else { json };
        Ok(QueueOptions::from_json(&String::from_utf8_lossy(json))?)
    }

    /// A copy of what it holds now.
    pub(crate) fn options(&self) -> QueueOptions {
        self.options.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(QueueOptions) -> QueueOptions) {
        let mut options = self.options.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = options.clone();
        *options = change(previous.clone());
        drop(options);
        // Outside of the lock: this may call the caller's code that frees user data, and that may use these very options.
        drop(previous);
    }
}

/**
 * Checks options of a queue and keeps them for hogwire_queue_with_options(). The caller frees them.
 *
 * options_json is a JSON object of `length` bytes, with times in milliseconds; it may be NULL with a length of 0:
 *
 *   flush_at           number, 100: events that make a batch go out; doubled by each request under way, up to max_batch_events;
 *                      1 to 1000000
 *   flush_interval_ms  number, 5000: age of the oldest event that makes a batch go out; 0 to 86400000
 *   max_batch_events   number, 1000: most events of a request; 1 to 100000, with protocol v1 or auto at most 5000 are sent
 *   max_batch_bytes    number, 1048576: most bytes of JSON of a request; 1 to 20971520
 *   max_in_flight      number, 4: most requests at a time; 1 to 64
 *   max_queue_events   number, 100000: most events that may wait; a full queue is sent at once; 1 to 100000000
 *   max_queue_bytes    number, 134217728: most bytes of the events that may wait; 1 to 1099511627776
 *   overflow           "reject", "drop_oldest" or "block", reject: what happens when there is no room
 *   block_timeout_ms   number, 5000: how long "block" waits for room; 0 to 86400000
 *   close_timeout_ms   number, 5000: how long hogwire_queue_free() may take; 0 to 86400000
 *   max_retries        number, 3: retries of a batch after its first attempt; 0 to 100
 *   compression        the client's words; left out here and in the client's options: "gzip" from 1 KiB
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names an option that does not exist, has the wrong type or is an
 * unknown word; limits are checked when a queue is made. HOGWIRE_NULL_ARGUMENT: options_json with a length, or options.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_options_new(
    options_json: *const c_char,
    length: usize,
    options: Option<&mut MaybeUninit<*mut hogwire_queue_options>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(options, "options")?;
        // SAFETY: the header asks for `length` readable bytes.
        let options = Mutex::new(unsafe { hogwire_queue_options::read(options_json, length) }?);
        place.give(hogwire_queue_options { options });
        Ok(())
    })
}

/**
 * Frees options. Queues made of them stay. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_options_free(options: Option<Box<hogwire_queue_options>>) {
    guarded_drop(options);
}

/**
 * Sets the function that is told of every dropped event, in place of an earlier one. Queues made earlier do not get it.
 *
 * user_data is handed to every call of function. destroy frees it, when neither the options nor a queue made of them needs
 * it any more, perhaps on a thread of the queue and shortly after hogwire_queue_free(); except after HOGWIRE_NULL_ARGUMENT:
 * the data is then still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: options or function.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_options_set_on_drop(
    options: Option<&hogwire_queue_options>,
    function: hogwire_on_drop_function,
    user_data: *mut c_void,
    destroy: hogwire_destroy_function,
) -> hogwire_status {
    guarded(|| {
        let options = required(options, "options")?;
        let function = required(function, "function")?;
        let data = UserData::new(user_data, destroy);
        options.change(|options| options.on_drop(move |dropped| tell_drop(function, &data, &dropped)));
        Ok(())
    })
}

/**
 * Sets the function that is told of every request that failed. Otherwise as hogwire_queue_options_set_on_drop().
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_options_set_on_error(
    options: Option<&hogwire_queue_options>,
    function: hogwire_on_error_function,
    user_data: *mut c_void,
    destroy: hogwire_destroy_function,
) -> hogwire_status {
    guarded(|| {
        let options = required(options, "options")?;
        let function = required(function, "function")?;
        let data = UserData::new(user_data, destroy);
        options.change(|options| options.on_error(move |outcome| tell_error(function, &data, outcome)));
        Ok(())
    })
}

/**
 * Sets the function that is told of every delivery. Otherwise as hogwire_queue_options_set_on_drop().
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_options_set_on_delivered(
    options: Option<&hogwire_queue_options>,
    function: hogwire_on_delivered_function,
    user_data: *mut c_void,
    destroy: hogwire_destroy_function,
) -> hogwire_status {
    guarded(|| {
        let options = required(options, "options")?;
        let function = required(function, "function")?;
        let data = UserData::new(user_data, destroy);
        options.change(|options| {
            options.on_delivered(move |uuids, delivery| {
                let uuids: Vec<_> = uuids.iter().map(|uuid| c_string(uuid.to_string())).collect();
                tell_delivered(function, &data, &uuids, delivery);
            })
        });
        Ok(())
    })
}

type OnDrop = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, *const c_char);
type OnError = unsafe extern "C" fn(*mut c_void, *const hogwire_outcome);
type OnDelivered = unsafe extern "C" fn(*mut c_void, *const *const c_char, usize, *const c_char);

fn tell_drop(function: OnDrop, data: &UserData, dropped: &Dropped) {
    let [uuid, reason, message] = [
        dropped.uuid.to_string(),
        dropped.reason.to_string(),
        dropped.message.to_string(),
    ]
    .map(c_string);
    // SAFETY: the function is the caller's for this user data; the texts are valid while it runs.
    unsafe { function(data.pointer, uuid.as_ptr(), reason.as_ptr(), message.as_ptr()) };
}

fn tell_error(function: OnError, data: &UserData, outcome: Outcome) {
    let outcome = hogwire_outcome::from(outcome);
    // SAFETY: the function is the caller's for this user data; the outcome is valid while it runs.
    unsafe { function(data.pointer, &raw const outcome) };
}

fn tell_delivered(function: OnDelivered, data: &UserData, uuids: &[CString], delivery: Delivery) {
    let uuids: Vec<_> = uuids.iter().map(|uuid| uuid.as_ptr()).collect();
    let delivery = c_string(delivery.to_string());
    // SAFETY: the function is the caller's for this user data; the texts are valid while it runs.
    unsafe { function(data.pointer, uuids.as_ptr(), uuids.len(), delivery.as_ptr()) };
}
