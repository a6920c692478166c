//! What the library says about itself: versions and published lists.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use hogwire::{Delivery, DropReason, ErrorCode, FindingCode, Operation, QUEUE_OPTIONS, WarningCode};
use serde_json::{Map, Value, json};

use crate::pointers::{required_text, write_text};
use crate::status::{guarded, guarded_or, hogwire_status};
use crate::text::{NOTHING, c_string};

/**
 * The ABI this header was written for. It changes only when a program has to be compiled again, and is the number in
 * libhogwire.so.0.
 */
pub const HOGWIRE_ABI_VERSION: u32 = 0;

/**
 * The library's version, for example "0.1.0". Lives as long as the library.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_version() -> *const c_char {
    static VERSION: OnceLock<CString> = OnceLock::new();
    guarded_or(NOTHING, || {
        VERSION.get_or_init(|| c_string(hogwire::VERSION.to_owned())).as_ptr()
    })
}

/**
 * The ABI the library has; programs that load it at run time compare it with HOGWIRE_ABI_VERSION.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_abi_version() -> u32 {
    HOGWIRE_ABI_VERSION
}

/**
 * Every word this library can answer with, and every parameter it takes, as a JSON object: ErrorCodes, Deliveries,
 * Findings, Warnings, DropReasons and QueueOptions are lists of words, Operations maps a name to its parameters. Lives
 * as long as the library.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_catalogue_json() -> *const c_char {
    static CATALOGUE: OnceLock<CString> = OnceLock::new();
    guarded_or(NOTHING, || {
        CATALOGUE.get_or_init(|| c_string(catalogue().to_string())).as_ptr()
    })
}

fn catalogue() -> Value {
    let operations: Map<String, Value> = Operation::ALL
        .iter()
        .map(|operation| (operation.to_string(), json!(operation.parameters())))
        .collect();
    json!({
        "ErrorCodes": ErrorCode::ALL,
        "Deliveries": Delivery::ALL,
        "Findings": FindingCode::ALL,
        "Warnings": WarningCode::ALL,
        "DropReasons": DropReason::ALL,
        "QueueOptions": QUEUE_OPTIONS,
        "Operations": operations,
    })
}

/**
 * Bytes of a uuid as text, its NUL included.
 */
pub const HOGWIRE_UUID_SIZE: usize = 37;

/**
 * A uuid made of a key of the caller's, always the same for the same key: a UUIDv5 in the published namespace
 * c01386c0-6d19-5603-8487-dc4903a8d854. uuid has room for HOGWIRE_UUID_SIZE bytes.
 *
 * An import that gives each event such a Uuid can be run again without duplicates, as long as the events' Timestamp, name
 * and distinct id are the same again too.
 *
 * HOGWIRE_NULL_ARGUMENT: key or uuid. HOGWIRE_INVALID_ARGUMENT: key is not UTF-8. uuid is then left as it is.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_uuid_from(key: *const c_char, uuid: *mut c_char) -> hogwire_status {
    guarded(|| {
        // SAFETY: the header asks for a NUL-terminated text.
        let key = unsafe { required_text(key, "key") }?;
        let made = c_string(hogwire::uuid_from(key).to_string());
        // SAFETY: the header asks for room for this many bytes.
        unsafe { write_text::<HOGWIRE_UUID_SIZE>(&made, uuid, "uuid") }
    })
}
