//! Create an Event: an event under the caller's own name.

use super::assemble::Draft;
use super::input::{Input, builder};
use super::reading::Reading;
use super::{Operation, Parameter};

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
    if let Some(id) = &distinct_id {
        reading.check_placeholder(Parameter::DistinctId, id, false);
    }
    let name = reading.name(Parameter::EventName);
    let mut draft = Draft::new(name, distinct_id);
    draft.properties = reading.object(Parameter::Properties);
    draft
}
