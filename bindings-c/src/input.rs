//! Inputs made of plain arguments: what the functions of clients and those of queues have in common.

use std::ffi::c_char;

use hogwire::{Argument, Input, Operation, Parameter};

use crate::pointers::{argument, terminated};

type Arguments<'a> = &'a [(Parameter, *const c_char)];

/// The input of one call. `texts` are arguments as they stand, `objects` are JSON texts.
///
/// # Safety
/// Every pointer is NULL or NUL-terminated, and stays unchanged for `'a`. The same holds for all functions of this file.
unsafe fn input<'a>(operation: Operation, texts: Arguments<'_>, objects: Arguments<'_>) -> Input<'a> {
    let mut input = Input::new(operation);
    for (parameter, text) in texts {
        // SAFETY: the caller's promise is the same.
        input.set(*parameter, unsafe { argument(*text) });
    }
    for (parameter, json) in objects {
        // SAFETY: the caller's promise is the same.
        match unsafe { terminated(*json) } {
            None | Some(b"") => input.set(*parameter, Argument::Absent),
            Some(json) => input.set_json(*parameter, json),
        }
    }
    input
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn alias<'a>(distinct_id: *const c_char, alias: *const c_char) -> Input<'a> {
    let texts = [(Parameter::DistinctId, distinct_id), (Parameter::Alias, alias)];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Alias, &texts, &[]) }
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn event<'a>(
    distinct_id: *const c_char,
    event_name: *const c_char,
    properties_json: *const c_char,
) -> Input<'a> {
    let texts = [(Parameter::DistinctId, distinct_id), (Parameter::EventName, event_name)];
    let objects = [(Parameter::Properties, properties_json)];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Event, &texts, &objects) }
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn group<'a>(
    group_type: *const c_char,
    group_key: *const c_char,
    properties_set_json: *const c_char,
    distinct_id: *const c_char,
) -> Input<'a> {
    let texts = [
        (Parameter::GroupType, group_type),
        (Parameter::GroupKey, group_key),
        (Parameter::DistinctId, distinct_id),
    ];
    let objects = [(Parameter::PropertiesSet, properties_set_json)];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Group, &texts, &objects) }
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn identity<'a>(texts: [*const c_char; 6], objects: [*const c_char; 2]) -> Input<'a> {
    let [distinct_id, name, email, plan, signup_date, referral_source] = texts;
    let [properties_set, properties_set_once] = objects;
    let texts = [
        (Parameter::DistinctId, distinct_id),
        (Parameter::Name, name),
        (Parameter::Email, email),
        (Parameter::Plan, plan),
        (Parameter::SignupDate, signup_date),
        (Parameter::ReferralSource, referral_source),
    ];
    let objects = [
        (Parameter::PropertiesSet, properties_set),
        (Parameter::PropertiesSetOnce, properties_set_once),
    ];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Identity, &texts, &objects) }
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn page<'a>(
    distinct_id: *const c_char,
    page_url: *const c_char,
    page_name: *const c_char,
    referrer: *const c_char,
    properties_json: *const c_char,
) -> Input<'a> {
    let texts = [
        (Parameter::DistinctId, distinct_id),
        (Parameter::PageUrl, page_url),
        (Parameter::PageName, page_name),
        (Parameter::Referrer, referrer),
    ];
    let objects = [(Parameter::Properties, properties_json)];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Page, &texts, &objects) }
}

/// # Safety
/// As of [`input`].
pub(crate) unsafe fn screen<'a>(
    distinct_id: *const c_char,
    screen_view_name: *const c_char,
    screen_category: *const c_char,
    app_version: *const c_char,
    device_type: *const c_char,
    properties_json: *const c_char,
) -> Input<'a> {
    let texts = [
        (Parameter::DistinctId, distinct_id),
        (Parameter::ScreenViewName, screen_view_name),
        (Parameter::ScreenCategory, screen_category),
        (Parameter::AppVersion, app_version),
        (Parameter::DeviceType, device_type),
    ];
    let objects = [(Parameter::Properties, properties_json)];
    // SAFETY: the caller's promise is the same.
    unsafe { input(Operation::Screen, &texts, &objects) }
}
