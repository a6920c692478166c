//! Many calls in one request, with one outcome each.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use hogwire::{Input, Outcome};

use crate::client::hogwire_client;
use crate::outcome::hogwire_outcome;
use crate::pointers::{Place, array, required};
use crate::status::{guarded, guarded_drop, hogwire_status};

/**
 * The outcomes of a batch, in the order of its items. Never changes; any number of threads may read it at a time.
 */
pub struct hogwire_outcomes {
    outcomes: Vec<hogwire_outcome>,
}

impl From<Vec<Outcome>> for hogwire_outcomes {
    fn from(outcomes: Vec<Outcome>) -> Self {
        Self {
            outcomes: outcomes.into_iter().map(hogwire_outcome::from).collect(),
        }
    }
}

/**
 * Sends many calls in one request and waits for the answer, at most for timeout_ms. There is one outcome for each item, in
 * order: what is invalid is answered and not sent, and takes no good neighbour with it. A request that the server refuses
 * because of one event is divided until that event stands alone. More than 1,000 events or 1 MiB of JSON go out in several
 * requests, one after the other.
 *
 * json is a JSON array of `length` bytes; each item is an object with the parameters of hogwire_execute() and its
 * operation beside them. The outcomes are new, and the caller frees them.
 *
 *   [{"Operation": "event", "DistinctId": "user-12345", "EventName": "paid"},     200, "accepted"
 *    {"Operation": "alias", "DistinctId": "user-12345"},                          -1, finding "required" for Alias
 *    {"Operation": "capture"}]                                         -1, finding "unknown_parameter" for Operation
 *
 * HOGWIRE_NULL_ARGUMENT: client, json with a length, or outcomes. Input never fails the call: text that is no JSON array
 * gives one outcome, which says so.
 */
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hogwire_send_batch(
    client: Option<&hogwire_client>,
    json: *const c_char,
    length: usize,
    outcomes: Option<&mut MaybeUninit<*mut hogwire_outcomes>>,
) -> hogwire_status {
    guarded(|| {
        let place = Place::clear(outcomes, "outcomes")?;
        let client = required(client, "client")?;
        // SAFETY: the header asks for `length` readable bytes.
        let json = unsafe { array(json.cast::<u8>(), length, "json") }?;
        place.give(client.client.send_batch(Input::list_from_json(json)).into());
        Ok(())
    })
}

/**
 * How many outcomes there are. NULL: 0.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcomes_count(outcomes: Option<&hogwire_outcomes>) -> usize {
    outcomes.map_or(0, |outcomes| outcomes.outcomes.len())
}

/**
 * One outcome. It belongs to the list and is not freed by itself. NULL, or no outcome at this index: NULL.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcomes_at(outcomes: Option<&hogwire_outcomes>, index: usize) -> *const hogwire_outcome {
    let found = outcomes.and_then(|outcomes| outcomes.outcomes.get(index));
    found.map_or(std::ptr::null(), std::ptr::from_ref)
}

/**
 * Frees a list of outcomes and every text read from them. NULL is ignored.
 */
#[unsafe(no_mangle)]
pub extern "C" fn hogwire_outcomes_free(outcomes: Option<Box<hogwire_outcomes>>) {
    guarded_drop(outcomes);
}
