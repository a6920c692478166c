//! Options, hooks and a transport, before a client is made of them.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, PoisonError};

use hogwire::binding::Library;
use hogwire::{Config, ConfigBuilder, Transport};

use crate::before_send::{Hook, hogwire_before_send_function};
use crate::pointers::{Place, array, required};
use crate::status::{Refusal, guarded, guarded_drop, hogwire_status};
use crate::transport::{CallbackTransport, hogwire_transport_function};

/**
 * A configuration that has been checked. Only needed for hogwire_build(), for hooks, and for a transport of one's own or a
 * recording; hogwire_client_new() does without. Any number of threads may use it at a time.
 */
pub struct hogwire_config {
    parts: Mutex<Parts>,
}

#[derive(Clone)]
pub(crate) struct Parts {
    builder: ConfigBuilder,
    /// What the builder builds, kept so that `hogwire_build` need not check every option each time.
    pub(crate) config: Arc<Config>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
}

/**
 * Frees the user data of a callback. It is called exactly once (in a process that was forked later, at most once), when neither
 * the configuration nor any client or queue made of it needs the data any more, on the thread that freed the last of them or on
 * one of a queue's. May be NULL.
 */
pub type hogwire_destroy_function = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// User data of a callback, and how to free it.
pub(crate) struct UserData {
    pub(crate) pointer: *mut c_void,
    destroy: hogwire_destroy_function,
}

// SAFETY: the pointer is only ever handed back to the caller's own functions, which the header asks to be safe on any thread.
unsafe impl Send for UserData {}
// SAFETY: as above, also for several threads at a time.
unsafe impl Sync for UserData {}

impl UserData {
    pub(crate) fn new(pointer: *mut c_void, destroy: hogwire_destroy_function) -> Self {
        Self { pointer, destroy }
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the caller gave the function for this pointer, and it is called once.
            unsafe { destroy(self.pointer) };
        }
    }
}

impl hogwire_config {
    /// # Safety
    /// `json` is NULL, or points to `length` bytes.
    pub(crate) unsafe fn read(json: *const c_char, length: usize, environment: bool) -> Result<Self, Refusal> {
        // SAFETY: the caller's promise is the same.
        let json = unsafe { array(json.cast::<u8>(), length, "options_json") }?;
        let json = if json.is_empty() { b"{}" } else { json };
        let builder = Config::from_json(&String::from_utf8_lossy(json))?.library(Library::C);
        let builder = if environment { builder.or_from_env() } else { builder };
        let config = Arc::new(builder.clone().build()?);
        let parts = Parts {
            builder,
            config,
            transport: None,
        };
        Ok(Self {
            parts: Mutex::new(parts),
        })
    }

    /// Replaces the transport. No lock is held while a callback runs.
    pub(crate) fn set_transport(&self, transport: Arc<dyn Transport>) {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = parts.transport.replace(transport);
        drop(parts);
        // Outside of the lock: this may call the caller's code that frees user data, and that may use this very configuration.
        drop(previous);
    }

    /// A copy of what it holds now.
    pub(crate) fn parts(&self) -> Parts {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/**
 * Checks options and makes a configuration of them, which the caller frees.
 *
 * options_json is a JSON object of `length` bytes, with times in milliseconds:
 *
 *   api_key            text, required: the project API key (phc_...)
 *   host               text, https://us.i.posthog.com: the server's URL, at most 2048 bytes
 *   timeout_ms         number, 10000: a whole call, retries included; in queues each request; 1 to 86400000
 *   connect_timeout_ms number, 5000: connecting, name look-up included; 1 to 86400000
 *   max_retries        number, 2: retries after the first attempt; 0 to 100
 *   max_connections    number, 32: connections at a time; waiting for one counts against timeout_ms; 1 to 1024
 *   protocol           "v0", "v1" or "auto", v0: v1 answers for each event; auto is v1, and v0 once a server has none
 *   compression        "none" or "gzip", with v1 or auto also "deflate" and "zstd", unset: how to compress every body; when
 *                      unset, queues use "gzip" from 1 KiB on
 *   nested_properties  boolean, false: allow objects and arrays as property values
 *   geoip_disable      boolean, true: send $geoip_disable, unless $ip is given
 *   is_server          boolean, true: send $is_server
 *   properties         object, none: added to every event; the event's own win; at most 500000 bytes of JSON
 *   headers            object of texts, none: extra request headers, values of at most 8192 bytes
 *   app_info           text, none: suffix of the User-Agent, at most 256 bytes of printable ASCII
 *   historical_migration boolean, false: events are an import of past ones, whose times the server keeps as they are
 *   disabled           boolean, false: send nothing; outcomes say "disabled"
 *   proxy              text, the environment's: the proxy's URL
 *   ca_file            text, the system's: a PEM file of certificate authorities
 *   client_cert        text, none: a PEM file of the client's certificate chain and key
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option, hogwire_last_error() the limit and the
 * fix. Files and the environment's proxy are not looked at before hogwire_client_with_config(). HOGWIRE_NULL_ARGUMENT:
 * options_json with a length, or config.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_config_new(
    options_json: *const c_char,
    length: usize,
    config: Option<&mut MaybeUninit<*mut hogwire_config>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(config, "config")?;
        // SAFETY: the header asks for `length` readable bytes.
        place.give(unsafe { hogwire_config::read(options_json, length, false) }?);
        Ok(())
    })
}

/**
 * As hogwire_config_new(), with the api key from POSTHOG_API_KEY and the host from POSTHOG_HOST where the options do not
 * give them. Without a key the configuration is a disabled one, and outcomes say why. options_json may be NULL with a
 * length of 0.
 *
 * Reads the environment, so no other thread may change it meanwhile.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_config_from_env(
    options_json: *const c_char,
    length: usize,
    config: Option<&mut MaybeUninit<*mut hogwire_config>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(config, "config")?;
        // SAFETY: the header asks for `length` readable bytes.
        place.give(unsafe { hogwire_config::read(options_json, length, true) }?);
        Ok(())
    })
}

/**
 * Frees a configuration. Clients made of it stay. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_config_free(config: Option<Box<hogwire_config>>) {
    guarded_drop(config);
}

/**
 * Adds a hook that sees every event before it is encoded, after the hooks added before. Clients made earlier do not get
 * it.
 *
 * user_data is handed to every call of function; destroy frees it, except after HOGWIRE_NULL_ARGUMENT: the data is then
 * still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: config or function.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_config_add_before_send(
    config: Option<&hogwire_config>,
    function: hogwire_before_send_function,
    user_data: *mut c_void,
    destroy: hogwire_destroy_function,
) -> hogwire_status {
    guarded(|| {
        let config = required(config, "config")?;
        let function = required(function, "function")?;
        let hook = Hook::new(function, UserData::new(user_data, destroy));
        let mut parts = config.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let builder = parts.builder.clone().before_send(move |event| hook.run(event));
        parts.config = Arc::new(builder.clone().build()?);
        parts.builder = builder;
        Ok(())
    })
}

/**
 * Makes clients send through a function instead of the built-in transport. Clients made earlier do not get it; a second
 * transport replaces the first.
 *
 * user_data is handed to every call of function; destroy frees it, except after HOGWIRE_NULL_ARGUMENT: the data is then
 * still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: config or function.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_config_set_transport(
    config: Option<&hogwire_config>,
    function: hogwire_transport_function,
    user_data: *mut c_void,
    destroy: hogwire_destroy_function,
) -> hogwire_status {
    guarded(|| {
        let config = required(config, "config")?;
        let function = required(function, "function")?;
        let transport = CallbackTransport::new(function, UserData::new(user_data, destroy));
        config.set_transport(Arc::new(transport));
        Ok(())
    })
}
