//! The six operations with plain arguments: the parameters of the product's reference, in its order.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::Input;

use crate::client::hogwire_client;
use crate::input;
use crate::outcome::hogwire_outcome;
use crate::pointers::{Place, required};
use crate::status::{guarded, hogwire_status};

/// Sends one call.
fn send<'a>(
    client: Option<&hogwire_client>,
    input: impl FnOnce() -> Input<'a>,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(outcome, "outcome")?;
        let client = required(client, "client")?;
        place.give(client.client.send(input()).into());
        Ok(())
    })
}

/**
 * Makes `alias` another id of the person `distinct_id`.
 *
 * On the server the person behind alias is merged into the person of distinct_id. The merge is refused later, silently,
 * when the alias side is already identified; to merge an anonymous visitor into a known user, call identity with
 * AnonymousId through hogwire_execute() instead.
 *
 *   hogwire_create_alias(client, "user-12345", "visitor-678", &outcome);   200, "accepted"
 *   hogwire_create_alias(client, "user-12345", "user-12345", &outcome);    -1, finding "same_id" for Alias
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_create_alias(
    client: Option<&hogwire_client>,
    distinct_id: *const c_char,
    alias: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::alias(distinct_id, alias) };
    send(client, input, outcome)
}

/**
 * Records that something happened. properties_json is a JSON object of plain values, or NULL.
 *
 *   hogwire_create_event(client, "user-12345", "User Signed Up", "{\"plan\": \"premium\"}", &outcome);   200, "accepted"
 *   hogwire_create_event(client, "user-12345", NULL, NULL, &outcome);   -1, finding "required" for EventName
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_create_event(
    client: Option<&hogwire_client>,
    distinct_id: *const c_char,
    event_name: *const c_char,
    properties_json: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::event(distinct_id, event_name, properties_json) };
    send(client, input, outcome)
}

/**
 * Says who a person is. All but distinct_id may be NULL; properties_set_json and properties_set_once_json are JSON
 * objects of plain values.
 *
 *   hogwire_create_identity(client, "user-12345", "Ada", "ada@example.com", "premium", NULL, NULL, NULL, NULL,
 *                           &outcome);                                                  200, "accepted"
 *   hogwire_create_identity(client, NULL, "Ada", NULL, NULL, NULL, NULL, NULL, NULL,
 *                           &outcome);                                -1, finding "required" for DistinctId
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_create_identity(
    client: Option<&hogwire_client>,
    distinct_id: *const c_char,
    name: *const c_char,
    email: *const c_char,
    plan: *const c_char,
    signup_date: *const c_char,
    referral_source: *const c_char,
    properties_set_json: *const c_char,
    properties_set_once_json: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    let texts = [distinct_id, name, email, plan, signup_date, referral_source];
    let objects = [properties_set_json, properties_set_once_json];
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::identity(texts, objects) };
    send(client, input, outcome)
}

/**
 * Records that a page was viewed. page_name, referrer and properties_json (a JSON object of plain values) may be NULL.
 *
 *   hogwire_track_page(client, "user-12345", "https://example.com/pricing", "Pricing", NULL, NULL, &outcome);   200
 *   hogwire_track_page(client, "user-12345", "/pricing", NULL, NULL, NULL, &outcome);
 *                                                                     -1, finding "invalid_url" for PageUrl
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_track_page(
    client: Option<&hogwire_client>,
    distinct_id: *const c_char,
    page_url: *const c_char,
    page_name: *const c_char,
    referrer: *const c_char,
    properties_json: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::page(distinct_id, page_url, page_name, referrer, properties_json) };
    send(client, input, outcome)
}

/**
 * Records that a screen of an app was viewed. screen_category, app_version, device_type and properties_json (a JSON object
 * of plain values) may be NULL.
 *
 *   hogwire_track_screen(client, "user-12345", "Home", "Main", "2.1.0", "ios", NULL, &outcome);   200, "accepted"
 *   hogwire_track_screen(client, "user-12345", "", NULL, NULL, NULL, NULL, &outcome);
 *                                                                     -1, finding "required" for ScreenViewName
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_track_screen(
    client: Option<&hogwire_client>,
    distinct_id: *const c_char,
    screen_view_name: *const c_char,
    screen_category: *const c_char,
    app_version: *const c_char,
    device_type: *const c_char,
    properties_json: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
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
    send(client, input, outcome)
}

/**
 * Gives a group its properties: group_key of the kind group_type ("company", "acme"). properties_set_json is a JSON object
 * of plain values, or NULL. distinct_id is whom the event belongs to; NULL: "$<group_type>_<group_key>", which is nobody.
 *
 * Events belong to a group by the parameter Groups of hogwire_execute(): {"Groups": {"company": "acme"}}.
 *
 *   hogwire_identify_group(client, "company", "acme", "{\"plan\": \"enterprise\"}", NULL, &outcome);   200, "accepted"
 *   hogwire_identify_group(client, "company", NULL, NULL, NULL, &outcome);   -1, finding "required" for GroupKey
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_identify_group(
    client: Option<&hogwire_client>,
    group_type: *const c_char,
    group_key: *const c_char,
    properties_set_json: *const c_char,
    distinct_id: *const c_char,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    // SAFETY: the header asks for NUL-terminated texts.
    let input = || unsafe { input::group(group_type, group_key, properties_set_json, distinct_id) };
    send(client, input, outcome)
}
