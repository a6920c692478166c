//! Clients, and the call of any operation by its name.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::{Client, Input, Operation, UnknownOperation};

use crate::config::hogwire_config;
use crate::outcome::hogwire_outcome;
use crate::pointers::{Place, array, required, terminated};
use crate::status::{Refusal, guarded, guarded_drop, hogwire_status};

/**
 * Sends calls and answers each. Any number of threads may use one client at a time; they share its connections. After
 * fork() the child's client has connections of its own.
 */
pub struct hogwire_client {
    pub(crate) client: Client,
}

fn client(config: &hogwire_config) -> Result<hogwire_client, Refusal> {
    let parts = config.parts();
    let client = match parts.transport {
        Some(transport) => Client::with_shared_transport(parts.config, transport),
        None => Client::new((*parts.config).clone())?,
    };
    Ok(hogwire_client { client })
}

/// # Safety
/// `name` is NULL or NUL-terminated.
pub(crate) unsafe fn operation_named(name: *const c_char) -> Result<Operation, Refusal> {
    // SAFETY: the caller's promise is the same.
    let name = String::from_utf8_lossy(required(unsafe { terminated(name) }, "operation")?);
    name.parse().map_err(|unknown: UnknownOperation| {
        Refusal::new(hogwire_status::HOGWIRE_UNKNOWN_OPERATION, unknown.to_string())
    })
}

/**
 * Makes a client of options, which the caller frees. It connects on the first call. options_json is as of
 * hogwire_config_new().
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option ("proxy" for the environment's, too),
 * hogwire_last_error() the limit and the fix. HOGWIRE_NULL_ARGUMENT: options_json with a length, or client.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_client_new(
    options_json: *const c_char,
    length: usize,
    client: Option<&mut MaybeUninit<*mut hogwire_client>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(client, "client")?;
        // SAFETY: the header asks for `length` readable bytes.
        let config = unsafe { hogwire_config::read(options_json, length, false) }?;
        place.give(self::client(&config)?);
        Ok(())
    })
}

/**
 * As hogwire_client_new(), with the api key from POSTHOG_API_KEY and the host from POSTHOG_HOST where the options do not
 * give them; options_json may be NULL with a length of 0. Without a key the client is disabled, and its outcomes say why.
 *
 * Reads the environment, so no other thread may change it meanwhile.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_client_from_env(
    options_json: *const c_char,
    length: usize,
    client: Option<&mut MaybeUninit<*mut hogwire_client>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(client, "client")?;
        // SAFETY: the header asks for `length` readable bytes.
        let config = unsafe { hogwire_config::read(options_json, length, true) }?;
        place.give(self::client(&config)?);
        Ok(())
    })
}

/**
 * Makes a client of a configuration, with its hooks and its transport. The caller frees the client; the configuration
 * may be freed before it.
 *
 * HOGWIRE_INVALID_CONFIG: ca_file or client_cert cannot be read or holds no certificates that can be used, or the proxy, the
 * environment's included, is no proxy's URL; hogwire_last_error_option() says which. HOGWIRE_NULL_ARGUMENT: config or client.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_client_with_config(
    config: Option<&hogwire_config>,
    client: Option<&mut MaybeUninit<*mut hogwire_client>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(client, "client")?;
        place.give(self::client(required(config, "config")?)?);
        Ok(())
    })
}

/**
 * Frees a client. No other thread may be using it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_client_free(client: Option<Box<hogwire_client>>) {
    guarded_drop(client);
}

/**
 * Ends the client: later calls are answered "closed", calls under way finish their attempt but are not retried. Its queues
 * take nothing more either: close them first. It may be called again, and from any thread. HOGWIRE_NULL_ARGUMENT: client.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_client_close(client: Option<&hogwire_client>) -> hogwire_status {
    guarded(|| required(client, "client").map(|client| client.client.close()))
}

/**
 * Stops sending until hogwire_client_opt_in(): outcomes and receipts say "opted_out", calls under way are not retried, and
 * queues keep what waits in them; one that is closed meanwhile drops it as "shutdown". A request that is on its way already
 * cannot be called back. HOGWIRE_NULL_ARGUMENT: client.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_client_opt_out(client: Option<&hogwire_client>) -> hogwire_status {
    guarded(|| required(client, "client").map(|client| client.client.opt_out()))
}

/**
 * Sends again after hogwire_client_opt_out(), and what waits in queues. HOGWIRE_NULL_ARGUMENT: client.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_client_opt_in(client: Option<&hogwire_client>) -> hogwire_status {
    guarded(|| required(client, "client").map(|client| client.client.opt_in()))
}

/**
 * Calls any operation by its name ("alias", "event", "group", "identity", "page", "screen") with its parameters as a JSON
 * object of `length` bytes in PascalCase, and waits for the answer, at most for timeout_ms. The outcome is
 * new, and the caller frees it.
 *
 * Beside the parameters of the functions below, every operation takes Timestamp, Uuid, Groups and ProcessPersonProfile, and
 * identity also AnonymousId and PropertiesUnset.
 *
 *   const char *json = "{\"DistinctId\": \"user-12345\", \"EventName\": \"User Signed Up\"}";
 *   hogwire_execute(client, "event", json, strlen(json), &outcome);   status code 200, delivery "accepted"
 *   hogwire_execute(client, "event", "{}", 2, &outcome);              status code -1, findings "required" for DistinctId
 *                                                                     and EventName; nothing was sent
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: client, operation, json with a length, or outcome. Input never fails
 * the call.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_execute(
    client: Option<&hogwire_client>,
    operation: *const c_char,
    json: *const c_char,
    length: usize,
    outcome: Option<&mut MaybeUninit<*mut hogwire_outcome>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(outcome, "outcome")?;
        let client = required(client, "client")?;
        // SAFETY: the header asks for a NUL-terminated text.
        let operation = unsafe { operation_named(operation) }?;
        // SAFETY: the header asks for `length` readable bytes.
        let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
        place.give(client.client.send(Input::from_json(operation, json)).into());
        Ok(())
    })
}
