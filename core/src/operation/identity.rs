//! Create an Identity: person properties, and the safe way to merge an anonymous visitor into a known user.

use std::borrow::Cow;

use super::assemble::{Draft, says_something};
use super::builder::builder;
use super::input::Input;
use super::reading::Reading;
use super::{Argument, Operation, Parameter};
use crate::properties::Properties;

builder! {
    /// Create an Identity (`identity`): sets properties of the person behind `distinct_id`.
    ///
    /// ```
    /// # use hogwire::{Config, CreateIdentity};
    /// let config = Config::builder("phc_x").build()?;
    /// let identity = CreateIdentity::new("user-1").email("ada@example.com").anonymous_id("visitor-7");
    /// let request = hogwire::build(identity, &config, 1_795_420_800_000, 1, 1).unwrap();
    /// assert!(request.body_text().contains(r#""$set":{"email":"ada@example.com"}"#));
    ///
    /// let refused = hogwire::build(CreateIdentity::new("null").anonymous_id("v"), &config, 1_795_420_800_000, 1, 1);
    /// assert_eq!(refused.unwrap_err().findings[0].code.as_str(), "placeholder_id");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct CreateIdentity: Identity {
        new(distinct_id: DistinctId);
        /// The person's `name`.
        name: Name,
        /// The person's `email`.
        email: Email,
        /// The person's `plan`.
        plan: Plan,
        /// The person's `signup_date`; a value already there stays.
        signup_date: SignupDate,
        /// The person's `referral_source`; a value already there stays.
        referral_source: ReferralSource,
        /// The anonymous id to merge into `distinct_id`.
        anonymous_id: AnonymousId,
    }
}

impl<'a> CreateIdentity<'a> {
    /// A person property to set.
    pub fn set(self, key: &str, value: impl serde::Serialize) -> Self {
        self.insert(Parameter::PropertiesSet, key, value)
    }

    /// A person property to set unless the person already has it.
    pub fn set_once(self, key: &str, value: impl serde::Serialize) -> Self {
        self.insert(Parameter::PropertiesSetOnce, key, value)
    }

    /// A person property to remove.
    pub fn unset(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        let name = Argument::Text(key.into());
        match self.input.argument_mut(Parameter::PropertiesUnset) {
            Some(Argument::List(names)) => names.push(name),
            _ => self.input.set(Parameter::PropertiesUnset, Argument::List(vec![name])),
        }
        self
    }
}

pub(super) const IDENTIFY_EVENT: &str = "$identify";

/// Person properties with a parameter of their own: the object they stand in, the key, the parameter.
pub(super) const NAMED: [(Parameter, &str, Parameter); 5] = [
    (Parameter::PropertiesSet, "name", Parameter::Name),
    (Parameter::PropertiesSet, "email", Parameter::Email),
    (Parameter::PropertiesSet, "plan", Parameter::Plan),
    (Parameter::PropertiesSetOnce, "signup_date", Parameter::SignupDate),
    (
        Parameter::PropertiesSetOnce,
        "referral_source",
        Parameter::ReferralSource,
    ),
];

/// The property that names the visitor who is merged.
pub(super) const ANONYMOUS_ID: &str = "$anon_distinct_id";

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let distinct_id = reading.id(Parameter::DistinctId);
    let anonymous_id = reading.id(Parameter::AnonymousId);
    if anonymous_id.is_some() {
        reading.check_merge(distinct_id.as_deref(), Parameter::AnonymousId, anonymous_id.as_deref());
    } else if let Some(id) = &distinct_id {
        reading.check_placeholder(Parameter::DistinctId, id, false);
    }

    let mut draft = Draft::new(Some(Cow::Borrowed(IDENTIFY_EVENT)), distinct_id);
    let set = person_properties(reading, &mut draft, Parameter::PropertiesSet);
    let set_once = person_properties(reading, &mut draft, Parameter::PropertiesSetOnce);
    let unset = reading.names(Parameter::PropertiesUnset);

    if let Some(anonymous_id) = &anonymous_id {
        draft.set(Parameter::AnonymousId, ANONYMOUS_ID, anonymous_id);
    }
    for (parameter, key, properties) in [
        (Parameter::PropertiesSet, "$set", set),
        (Parameter::PropertiesSetOnce, "$set_once", set_once),
    ] {
        if !properties.is_empty() {
            draft.set_json(parameter, key, properties.to_string().into_bytes());
        }
    }
    if !unset.is_empty() {
        draft.set(Parameter::PropertiesUnset, "$unset", &unset);
    }
    draft
}

/// The properties of an object parameter, overwritten by those that have a parameter of their own.
fn person_properties(reading: &mut Reading<'_, '_>, draft: &mut Draft<'_>, object: Parameter) -> Properties {
    let mut properties = reading.object(object);
    for (_, key, parameter) in NAMED.into_iter().filter(|(inside, ..)| *inside == object) {
        let Some(text) = reading.text(parameter) else { continue };
        if properties.value_of(key).is_some_and(says_something) && properties.text_of(key).as_deref() != Some(&text) {
            reading.warn_conflict(parameter, &format!("{object}.{key}"));
        }
        properties.insert(key, text);
        draft.named.insert(parameter);
    }
    properties
}
