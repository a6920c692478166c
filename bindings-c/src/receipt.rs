//! What is known of an event at once, field by field.

use std::ffi::c_char;

use hogwire::Receipt;

use crate::finding::Findings;
use crate::status::{guarded_drop, read};
use crate::text::{NOTHING, Text};

/**
 * What became of handing one event to a queue. Never changes; any number of threads may read it at a time.
 */
pub struct hogwire_receipt {
    receipt: Receipt,
    event_uuid: Text,
    error_code: Text,
    error_message: Text,
    json: Text,
    findings: Findings,
    warnings: Findings,
}

impl From<Receipt> for hogwire_receipt {
    fn from(receipt: Receipt) -> Self {
        Self {
            findings: Findings::of(&receipt.findings),
            warnings: Findings::of(&receipt.warnings),
            event_uuid: Text::default(),
            error_code: Text::default(),
            error_message: Text::default(),
            json: Text::default(),
            receipt,
        }
    }
}

/**
 * Frees a receipt and every text read from it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_free(receipt: Option<Box<hogwire_receipt>>) {
    guarded_drop(receipt);
}

/**
 * Whether the event is in the queue. NULL: false.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_queued(receipt: Option<&hogwire_receipt>) -> bool {
    read(receipt, false, |receipt| receipt.receipt.queued)
}

/**
 * The event's uuid, under which reports and hooks speak of it, lower-case with hyphens; NULL when there is no event.
 * Borrowed from the receipt. NULL: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_event_uuid(receipt: Option<&hogwire_receipt>) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| match receipt.receipt.event_uuid {
        Some(uuid) => receipt.event_uuid.get(|| uuid.to_string()),
        None => std::ptr::null(),
    })
}

/**
 * What kind of thing went wrong, one of: ok, invalid_input, dropped, queue_full, closed, disabled, opted_out, internal.
 * Borrowed from the receipt. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_error_code(receipt: Option<&hogwire_receipt>) -> *const c_char {
    read(receipt, NOTHING, |receipt| {
        receipt.error_code.get(|| receipt.receipt.error_code.to_string())
    })
}

/**
 * A sentence; empty exactly when the event is in the queue. Borrowed from the receipt. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_error_message(receipt: Option<&hogwire_receipt>) -> *const c_char {
    read(receipt, NOTHING, |receipt| {
        receipt.error_message.get(|| receipt.receipt.error_message.clone())
    })
}

/**
 * The whole receipt as a JSON object in PascalCase: EventUuid, Queued, ErrorCode, ErrorMessage, Findings,
 * Warnings. Borrowed from the receipt. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_json(receipt: Option<&hogwire_receipt>) -> *const c_char {
    read(receipt, NOTHING, |receipt| {
        receipt.json.get(|| receipt.receipt.to_json())
    })
}

/**
 * How many findings there are: why the input was refused. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_finding_count(receipt: Option<&hogwire_receipt>) -> usize {
    read(receipt, 0, |receipt| receipt.findings.count())
}

/**
 * A finding's code, for example "required"; hogwire_catalogue_json() lists them all.
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_finding_code(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.findings.code(index))
}

/**
 * The parameter a finding is about in PascalCase, for example "DistinctId" or "Properties.plan".
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_finding_parameter(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.findings.parameter(index))
}

/**
 * A finding's sentence, with the limit and the fix.
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_finding_message(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.findings.message(index))
}

/**
 * How many warnings there are: what was changed or is doubtful although the event was taken. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_warning_count(receipt: Option<&hogwire_receipt>) -> usize {
    read(receipt, 0, |receipt| receipt.warnings.count())
}

/**
 * A warning's code, for example "trimmed"; hogwire_catalogue_json() lists them all.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_warning_code(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.warnings.code(index))
}

/**
 * The parameter a warning is about in PascalCase.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_warning_parameter(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.warnings.parameter(index))
}

/**
 * A warning's sentence.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_receipt_warning_message(receipt: Option<&hogwire_receipt>, index: usize) -> *const c_char {
    read(receipt, std::ptr::null(), |receipt| receipt.warnings.message(index))
}
