//! Create an Alias: says that two ids are one person.

use std::borrow::Cow;

use super::assemble::Draft;
use super::input::{Input, builder};
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::event::ALIAS_EVENT;
use crate::finding::FindingCode;

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
    check_merge(reading, distinct_id.as_deref(), Parameter::Alias, alias.as_deref());
    let mut draft = Draft::new(Some(Cow::Borrowed(ALIAS_EVENT)), distinct_id);
    if let Some(alias) = &alias {
        draft.set(Parameter::Alias, "alias", alias);
    }
    if let Some(distinct_id) = draft.distinct_id.clone() {
        draft.set(Parameter::DistinctId, "distinct_id", &distinct_id);
    }
    draft
}

/// The rules for two ids that are to become one person (protocol.md §3 and §4).
pub(super) fn check_merge(
    reading: &mut Reading<'_, '_>,
    distinct_id: Option<&str>,
    absorbed_parameter: Parameter,
    absorbed: Option<&str>,
) {
    for (parameter, id) in [(Parameter::DistinctId, distinct_id), (absorbed_parameter, absorbed)] {
        if let Some(id) = id {
            reading.check_placeholder(parameter, id, true);
        }
    }
    if distinct_id.is_some() && distinct_id == absorbed {
        let message = format!("{absorbed_parameter} is the same as DistinctId; a merge needs two different ids.");
        reading.refuse(FindingCode::SameId, absorbed_parameter, message);
    }
}
