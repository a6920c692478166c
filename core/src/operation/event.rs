//! Create an Event: an event under the caller's own name.

use super::assemble::Draft;
use super::builder::builder;
use super::identity::{ANONYMOUS_ID, IDENTIFY_EVENT};
use super::input::Input;
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::event::ALIAS_EVENT;
use crate::finding::FindingCode;

builder! {
    /// Create an Event (`event`): records that something happened.
    ///
    /// ```
    /// # use hogwire::{Client, Config, CreateEvent};
    /// # let client = Client::new(Config::builder("").disabled(true).build()?)?;
    /// let outcome = client.send(CreateEvent::new("user-12345", "User Signed Up").property("plan", "premium"));
    /// # assert_eq!(outcome.error_code.as_str(), "disabled");
    ///
    /// let refused = hogwire::build(CreateEvent::new("", "User Signed Up"), &Config::builder("phc_x").build()?, 0, 0, 1);
    /// assert_eq!(refused.unwrap_err().status_code, -1);
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct CreateEvent: Event {
        new(distinct_id: DistinctId, event_name: EventName);
        + with_properties
    }
}

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let distinct_id = reading.id(Parameter::DistinctId);
    let name = reading.name(Parameter::EventName);
    let mut draft = Draft::new(name, distinct_id);
    draft.properties = reading.object(Parameter::Properties);
    if reading.additions.is_none() && keeps_to_merge_rules(reading, &mut draft) {
        return draft;
    }
    if let Some(id) = &draft.distinct_id {
        reading.check_placeholder(Parameter::DistinctId, id, false);
    }
    draft
}

/// Checks a merge (`$create_alias`, or `$identify` with an anonymous id) that comes out of a hook against the rules of merges. Gives whether
/// the event is a merge.
#[cold]
fn keeps_to_merge_rules(reading: &mut Reading<'_, '_>, draft: &mut Draft<'_>) -> bool {
    let (parameter, key) = match draft.name.as_deref() {
        Some(ALIAS_EVENT) => (Parameter::Alias, "alias"),
        Some(IDENTIFY_EVENT) => (Parameter::AnonymousId, ANONYMOUS_ID),
        _ => return false,
    };
    let Some(absorbed) = draft.properties.text_of(key).filter(|id| !id.is_empty()) else {
        // An identify event may have no anonymous id, and is then no merge.
        if parameter == Parameter::Alias {
            let message =
                format!("{parameter} is missing; an event {ALIAS_EVENT} needs the other id as text, in alias.");
            reading.refuse(FindingCode::Required, parameter, message);
        }
        return false;
    };
    reading.check_merge(draft.distinct_id.as_deref(), parameter, Some(&absorbed));
    if parameter == Parameter::Alias
        && let Some(id) = draft.distinct_id.clone()
    {
        // The properties hold a copy of the distinct id, which a hook may have changed at the root only.
        draft.properties.remove("distinct_id");
        draft.set(Parameter::DistinctId, "distinct_id", &id);
    }
    true
}
