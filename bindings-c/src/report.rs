//! What became of a queue's events, field by field.

use std::ffi::c_char;

use hogwire::{Dropped, Report};

use crate::status::{guarded_drop, read};
use crate::text::{NOTHING, Text};

/**
 * What became of a queue's events since its last report. Never changes; any number of threads may read it at a time.
 */
pub struct hogwire_report {
    report: Report,
    last_error: Text,
    json: Text,
    dropped: Vec<[Text; 3]>,
}

impl From<Report> for hogwire_report {
    fn from(report: Report) -> Self {
        Self {
            dropped: report.dropped.iter().map(|_| Default::default()).collect(),
            last_error: Text::default(),
            json: Text::default(),
            report,
        }
    }
}

/**
 * Frees a report and every text read from it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_free(report: Option<Box<hogwire_report>>) {
    guarded_drop(report);
}

/**
 * Events the server took: accepted and stored together. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_delivered(report: Option<&hogwire_report>) -> u64 {
    read(report, 0, |report| report.report.delivered)
}

/**
 * Events the server accepted for storage, and those of which a success said nothing: hogwire_report_last_error() tells of
 * these. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_accepted(report: Option<&hogwire_report>) -> u64 {
    read(report, 0, |report| report.report.accepted)
}

/**
 * Events the server stored (protocol "v1"). NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_stored(report: Option<&hogwire_report>) -> u64 {
    read(report, 0, |report| report.report.stored)
}

/**
 * Events that are still to be delivered, as of then. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_pending(report: Option<&hogwire_report>) -> u64 {
    read(report, 0, |report| report.report.pending)
}

/**
 * How many events were dropped, those included that hogwire_report_dropped_count() leaves out. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_dropped_total(report: Option<&hogwire_report>) -> u64 {
    read(report, 0, |report| report.report.dropped_total)
}

/**
 * How many dropped events are named here: all, up to 100,000. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_dropped_count(report: Option<&hogwire_report>) -> usize {
    read(report, 0, |report| report.dropped.len())
}

/**
 * The uuid of a dropped event, as its receipt has it.
 * Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_dropped_uuid(report: Option<&hogwire_report>, index: usize) -> *const c_char {
    dropped(report, index, |dropped, [uuid, ..]| {
        uuid.get(|| dropped.uuid.to_string())
    })
}

/**
 * Why an event was dropped, one of: overflow, before_send, rejected, too_large, server_drop, unauthorized, quota_exceeded,
 * rate_limited, shutdown. Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_dropped_reason(report: Option<&hogwire_report>, index: usize) -> *const c_char {
    dropped(report, index, |dropped, [_, reason, _]| {
        reason.get(|| dropped.reason.to_string())
    })
}

/**
 * Why an event was dropped as a sentence, with the server's own words where there are any.
 * Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_dropped_message(report: Option<&hogwire_report>, index: usize) -> *const c_char {
    dropped(report, index, |dropped, [.., message]| {
        message.get(|| dropped.message.to_string())
    })
}

/**
 * The message of the last request that failed or had a doubtful answer, or why none could be made; without these, why a close
 * gave events up; "" when none of that happened. Borrowed from the report. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_last_error(report: Option<&hogwire_report>) -> *const c_char {
    read(report, NOTHING, |report| {
        report.last_error.get(|| report.report.last_error.clone())
    })
}

/**
 * The whole report as a JSON object in PascalCase: Delivered, Accepted, Stored, Pending, Dropped (a list of
 * Uuid, Reason, Message), DroppedTotal, LastError. Borrowed from the report. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_report_json(report: Option<&hogwire_report>) -> *const c_char {
    read(report, NOTHING, |report| report.json.get(|| report.report.to_json()))
}

fn dropped(
    report: Option<&hogwire_report>,
    index: usize,
    text: impl FnOnce(&Dropped, &[Text; 3]) -> *const c_char,
) -> *const c_char {
    read(report, std::ptr::null(), |report| {
        let found = report.report.dropped.get(index).zip(report.dropped.get(index));
        found.map_or(std::ptr::null(), |(dropped, texts)| text(dropped, texts))
    })
}
