//! Identify a Group: gives a group its properties. Not in the product's reference; the parameter `Groups` is of little use without it.

use std::borrow::Cow;

use super::assemble::Draft;
use super::builder::builder;
use super::input::Input;
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::rules::MAX_NAME_BYTES;

builder! {
    /// Identify a Group (`group`): sets properties of the group `group_key` of the kind `group_type`.
    ///
    /// ```
    /// # use hogwire::{Config, IdentifyGroup};
    /// let config = Config::builder("phc_x").build()?;
    /// let group = IdentifyGroup::new("company", "acme").set("plan", "enterprise");
    /// let request = hogwire::build(group, &config, 1_795_420_800_000, 1, 1).unwrap();
    /// assert!(request.body_text().contains(r#""$group_type":"company","$group_key":"acme","$group_set":{"plan":"enterprise"}"#));
    ///
    /// let refused = hogwire::build(IdentifyGroup::new("company", ""), &config, 1_795_420_800_000, 1, 1);
    /// assert_eq!(refused.unwrap_err().findings[0].parameter, "GroupKey");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct IdentifyGroup: Group {
        new(group_type: GroupType, group_key: GroupKey);
        /// Whom the event belongs to. Default: `$<group_type>_<group_key>`, which is nobody.
        distinct_id: DistinctId,
    }
}

impl IdentifyGroup<'_> {
    /// A property of the group to set.
    pub fn set(self, key: &str, value: impl serde::Serialize) -> Self {
        self.insert(Parameter::PropertiesSet, key, value)
    }
}

/// The event of a group.
pub(super) const GROUP_EVENT: &str = "$groupidentify";

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let given = reading.distinct_id();
    let group_type = reading.name(Parameter::GroupType);
    let group_key = reading.id(Parameter::GroupKey);
    let set = reading.object(Parameter::PropertiesSet);
    let distinct_id = match (given, &group_type, &group_key) {
        (Some(given), _, _) => Some(given),
        (None, Some(group_type), Some(group_key)) => Some(made_of(group_type, group_key)),
        _ => None,
    };

    let mut draft = Draft::new(Some(Cow::Borrowed(GROUP_EVENT)), distinct_id);
    if let Some(group_type) = &group_type {
        draft.set(Parameter::GroupType, "$group_type", group_type);
    }
    if let Some(group_key) = &group_key {
        draft.set(Parameter::GroupKey, "$group_key", group_key);
    }
    draft.set_json(Parameter::PropertiesSet, "$group_set", set.to_string().into_bytes());
    draft
}

/// The distinct id of an event that belongs to a group and to no person. It is cut to what every protocol takes; nothing is lost, because
/// it names nobody.
fn made_of<'a>(group_type: &str, group_key: &str) -> Cow<'a, str> {
    let mut id = format!("${group_type}_{group_key}");
    while id.len() > MAX_NAME_BYTES {
        id.pop();
    }
    Cow::Owned(id)
}
