//! Queues: events in at once, out in the background, and a report of what became of each.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::time::Duration;

use hogwire::{Input, Queue, QueueOptions, Report};
use serde_json::Value;

use crate::client::{hogwire_client, operation_named};
use crate::exit;
use crate::pointers::{Place, array, required, required_text};
use crate::queue_options::hogwire_queue_options;
use crate::receipt::hogwire_receipt;
use crate::report::hogwire_report;
use crate::status::{Refusal, guarded, guarded_drop, hogwire_status, read};
use crate::text::{LastText, NOTHING};

/**
 * Takes events at once and delivers them in batches, in the background. Any number of threads may use one queue at a time.
 *
 * After fork() the child's queue is empty, with threads and connections of its own; the parent's events are sent once, by
 * the parent.
 *
 * A program that ends normally (main returns, or exit() is called) delivers what queues hold that were not freed, all of them
 * at once, each for at most its close_timeout_ms; what could not be delivered is told in one line on stderr. Hooks and
 * transports may be called until then, so what they use must outlive main. _exit(), abort() and signals deliver nothing, and
 * neither does the end of a Go program; nor is this done on Windows.
 */
pub struct hogwire_queue {
    pub(crate) queue: Queue,
}

fn make(client: Option<&hogwire_client>, options: QueueOptions) -> Result<hogwire_queue, Refusal> {
    let queue = required(client, "client")?.client.queue(options)?;
    exit::watch(&queue);
    Ok(hogwire_queue { queue })
}

/**
 * Makes a queue for a client's events, which the caller frees; the client may be freed before it. Nothing is started
 * before the first event. options_json is as of hogwire_queue_options_new().
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option, hogwire_last_error() the limit and the fix.
 * HOGWIRE_NULL_ARGUMENT: client, options_json with a length, or queue.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_new(
    client: Option<&hogwire_client>,
    options_json: *const c_char,
    length: usize,
    queue: Option<&mut MaybeUninit<*mut hogwire_queue>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(queue, "queue")?;
        // SAFETY: the header asks for `length` readable bytes.
        let options = unsafe { hogwire_queue_options::read(options_json, length) }?;
        place.give(make(client, options)?);
        Ok(())
    })
}

/**
 * Makes a queue with options that have hooks; they may be freed before it. Otherwise as hogwire_queue_new().
 *
 * HOGWIRE_INVALID_CONFIG. HOGWIRE_NULL_ARGUMENT: client, options or queue.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_with_options(
    client: Option<&hogwire_client>,
    options: Option<&hogwire_queue_options>,
    queue: Option<&mut MaybeUninit<*mut hogwire_queue>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(queue, "queue")?;
        place.give(make(client, required(options, "options")?.options())?);
        Ok(())
    })
}

/**
 * Frees a queue. Delivers what is left first, for at most close_timeout_ms; what could not be delivered is dropped as
 * "shutdown", with one line on stderr. Hooks that run are waited for, at most 5 seconds more; afterwards none is called. No
 * other thread may be using it. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_free(queue: Option<Box<hogwire_queue>>) {
    guarded_drop(queue);
}

/// Takes in one event.
pub(crate) fn push<'a>(
    queue: Option<&hogwire_queue>,
    input: impl FnOnce() -> Result<Input<'a>, Refusal>,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(receipt, "receipt")?;
        let queue = required(queue, "queue")?;
        place.give(queue.queue.push(input()?).into());
        Ok(())
    })
}

/**
 * Takes in any operation by its name, with its parameters as of hogwire_execute(), and returns at once (but for the overflow
 * "block"). The event is copied before this returns. The receipt is new, and the caller frees it.
 *
 *   const char *json = "{\"DistinctId\": \"user-12345\", \"EventName\": \"User Signed Up\"}";
 *   hogwire_queue_execute(queue, "event", json, strlen(json), &receipt);   queued
 *   hogwire_queue_execute(queue, "event", "{}", 2, &receipt);              not queued, findings "required" for DistinctId
 *                                                                          and EventName
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: queue, operation, json with a length, or receipt. Input never fails
 * the call.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_execute(
    queue: Option<&hogwire_queue>,
    operation: *const c_char,
    json: *const c_char,
    length: usize,
    receipt: Option<&mut MaybeUninit<*mut hogwire_receipt>>,
) -> hogwire_status {
    let input = || {
        // SAFETY: the header asks for a NUL-terminated text.
        let operation = unsafe { operation_named(operation) }?;
        // SAFETY: the header asks for `length` readable bytes.
        let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
        Ok(Input::from_json(operation, json))
    };
    push(queue, input, receipt)
}

fn settle(
    queue: Option<&hogwire_queue>,
    settle: impl FnOnce(&Queue) -> Report,
    report: Option<&mut MaybeUninit<*mut hogwire_report>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(report, "report")?;
        let queue = required(queue, "queue")?;
        place.give(settle(&queue.queue).into());
        Ok(())
    })
}

/**
 * Sends everything pushed so far and waits until each event is delivered, dropped, or has used up a round of retries, and
 * hooks were told, at most for timeout_ms. What is left stays in the queue and is counted as pending. The report is new, and
 * the caller frees it.
 *
 * In hooks of a queue, on whatever thread, and on a queue's own threads it does not wait. HOGWIRE_NULL_ARGUMENT: queue or
 * report.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_flush(
    queue: Option<&hogwire_queue>,
    timeout_ms: u64,
    report: Option<&mut MaybeUninit<*mut hogwire_report>>,
) -> hogwire_status {
    let time = Duration::from_millis(timeout_ms);
    settle(queue, |queue| queue.flush(time), report)
}

/**
 * Takes nothing more: later events are answered "closed". Delivers what is there, at most for timeout_ms; what could not be
 * delivered is dropped as "shutdown", with one line on stderr. It may be called again, and from any thread. The report is
 * new, and the caller frees it.
 *
 * In hooks of a queue, on whatever thread, and on a queue's own threads it does not wait. HOGWIRE_NULL_ARGUMENT: queue or
 * report.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_close(
    queue: Option<&hogwire_queue>,
    timeout_ms: u64,
    report: Option<&mut MaybeUninit<*mut hogwire_report>>,
) -> hogwire_status {
    let time = Duration::from_millis(timeout_ms);
    settle(queue, |queue| queue.close(time), report)
}

thread_local! {
    static LAST_STATS: LastText = LastText::default();
}

/**
 * All counters since the queue was made, and where events stand now, as a JSON object:
 *
 *   events_pushed_total      valid events handed to the queue, those included that it had to drop at once
 *   events_delivered_total   events the server took
 *   events_accepted_total    of these, accepted for storage
 *   events_stored_total      of these, stored
 *   events_unconfirmed_total of the accepted ones, those of which a success said nothing
 *   events_dropped_total     events dropped, an object with a number for each reason
 *   events_retried_total     events sent again, but for those of a divided batch
 *   requests_total           requests made
 *   requests_failed_total    requests that failed
 *   request_bytes_total      bytes of request bodies, as sent, once their answers came
 *   batches_divided_total    batches divided to find the event the server refuses
 *   late_answers_total       answers to requests the queue no longer waited for
 *   events_waiting           events that wait for a batch
 *   bytes_waiting            bytes of the events that wait for a batch
 *   events_in_flight         events in batches, on their way or waiting for another attempt
 *   requests_in_flight       requests whose answer is awaited
 *
 * Borrowed: valid until the next call of this function on this thread. NULL: "".
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_queue_stats_json(queue: Option<&hogwire_queue>) -> *const c_char {
    read(queue, NOTHING, |queue| {
        let stats = stats(queue).to_string();
        LAST_STATS.with(|last| last.keep(stats))
    })
}

/**
 * One number of the stats by its name; "events_dropped_total" is the sum over all reasons, and a drop reason ("overflow")
 * the number dropped for it. NULL, or no such number: -1.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_queue_stat(queue: Option<&hogwire_queue>, name: *const c_char) -> i64 {
    read(queue, -1, |queue| {
        // SAFETY: the header asks for a NUL-terminated text.
        let Ok(name) = (unsafe { required_text(name, "name") }) else {
            return -1;
        };
        let stats = stats(queue);
        let dropped = stats.get("events_dropped_total").and_then(Value::as_object);
        match stats.get(name).or_else(|| dropped?.get(name)) {
            Some(Value::Object(reasons)) => reasons.values().filter_map(Value::as_i64).sum(),
            Some(number) => number.as_i64().unwrap_or(-1),
            None => -1,
        }
    })
}

fn stats(queue: &hogwire_queue) -> Value {
    serde_json::to_value(queue.queue.stats()).unwrap_or_default()
}
