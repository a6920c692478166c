//! The six operations with plain arguments, into a queue.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::Input;

use crate::input;
use crate::queue::{hogwire_queue, push};
use crate::receipt::hogwire_receipt;
use crate::status::hogwire_status;

/// Takes in one event.
fn take<'a>(
    queue: Option<&hogwire_queue>,
    input: impl FnOnce() -> Input<'a>,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    push(queue, || Ok(input()), receipt)
}

/**
 * As hogwire_create_alias(), into a queue: returns at once, with a receipt.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_create_alias(
    queue: Option<&hogwire_queue>,
    distinct_id: *const c_char,
    alias: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::alias(distinct_id, alias) };
    take(queue, input, receipt)
}

/**
 * As hogwire_create_event(), into a queue: returns at once, with a receipt.
 *
 *   hogwire_queue_create_event(queue, "user-12345", "User Signed Up", "{\"plan\": \"premium\"}", &receipt);   queued
 *   hogwire_queue_create_event(queue, "user-12345", NULL, NULL, &receipt);   not queued, "required" for EventName
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_create_event(
    queue: Option<&hogwire_queue>,
    distinct_id: *const c_char,
    event_name: *const c_char,
    properties_json: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::event(distinct_id, event_name, properties_json) };
    take(queue, input, receipt)
}

/**
 * As hogwire_create_identity(), into a queue: returns at once, with a receipt.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_create_identity(
    queue: Option<&hogwire_queue>,
    distinct_id: *const c_char,
    name: *const c_char,
    email: *const c_char,
    plan: *const c_char,
    signup_date: *const c_char,
    referral_source: *const c_char,
    properties_set_json: *const c_char,
    properties_set_once_json: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    let texts = [distinct_id, name, email, plan, signup_date, referral_source];
    let objects = [properties_set_json, properties_set_once_json];
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::identity(texts, objects) };
    take(queue, input, receipt)
}

/**
 * As hogwire_identify_group(), into a queue: returns at once, with a receipt.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_identify_group(
    queue: Option<&hogwire_queue>,
    group_type: *const c_char,
    group_key: *const c_char,
    properties_set_json: *const c_char,
    distinct_id: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::group(group_type, group_key, properties_set_json, distinct_id) };
    take(queue, input, receipt)
}

/**
 * As hogwire_track_page(), into a queue: returns at once, with a receipt.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_track_page(
    queue: Option<&hogwire_queue>,
    distinct_id: *const c_char,
    page_url: *const c_char,
    page_name: *const c_char,
    referrer: *const c_char,
    properties_json: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::page(distinct_id, page_url, page_name, referrer, properties_json) };
    take(queue, input, receipt)
}

/**
 * As hogwire_track_screen(), into a queue: returns at once, with a receipt.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_track_screen(
    queue: Option<&hogwire_queue>,
    distinct_id: *const c_char,
    screen_view_name: *const c_char,
    screen_category: *const c_char,
    app_version: *const c_char,
    device_type: *const c_char,
    properties_json: *const c_char,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe {
        input::screen(
            distinct_id,
            screen_view_name,
            screen_category,
            app_version,
            device_type,
            properties_json,
        )
    };
    take(queue, input, receipt)
}
