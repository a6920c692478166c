//! Create an Alias: says that two ids are one person.

use std::borrow::Cow;

use super::assemble::Draft;
use super::builder::builder;
use super::input::Input;
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::event::ALIAS_EVENT;

builder! {
    /// Create an Alias (`alias`): the person behind `alias` is merged *into* the person of `distinct_id`.
    ///
    /// PostHog refuses the merge later, silently, when the alias side is already identified (protocol.md §4). To join an
    /// anonymous visitor to a known user, prefer [`CreateIdentity::anonymous_id`](crate::CreateIdentity::anonymous_id).
    ///
    /// ```
    /// # use hogwire::{Config, CreateAlias};
    /// let config = Config::builder("phc_x").build()?;
    /// let request = hogwire::build(CreateAlias::new("user-1", "visitor-7"), &config, 1_795_420_800_000, 1, 1).unwrap();
    /// assert!(request.body_text().contains(r#""event":"$create_alias""#));
    ///
    /// let refused = hogwire::build(CreateAlias::new("user-1", "user-1"), &config, 1_795_420_800_000, 1, 1).unwrap_err();
    /// assert_eq!(refused.findings[0].code.as_str(), "same_id");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct CreateAlias: Alias {
        new(distinct_id: DistinctId, alias: Alias);
    }
}

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let distinct_id = reading.id(Parameter::DistinctId);
    let alias = reading.id(Parameter::Alias);
    reading.check_merge(distinct_id.as_deref(), Parameter::Alias, alias.as_deref());
    let mut draft = Draft::new(Some(Cow::Borrowed(ALIAS_EVENT)), distinct_id);
    if let Some(alias) = &alias {
        draft.set(Parameter::Alias, "alias", alias);
    }
    if let Some(distinct_id) = draft.distinct_id.clone() {
        draft.set(Parameter::DistinctId, "distinct_id", &distinct_id);
    }
    draft
}
