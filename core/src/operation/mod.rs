//! The operations: what a caller asks, by name and parameter, and how each becomes an [`Event`](crate::Event).
//!
//! One file each holds an operation's builder and its mapping. This module holds what they share: the two tables of names and the
//! one way from an [`Input`] to an event.

use crate::config::{Config, Library};
use crate::error::UnknownOperation;
use crate::event::Event;
use crate::finding::Findings;
use crate::time::Timestamp;
use crate::words::words;

pub(crate) mod alias;
pub(crate) mod assemble;
pub(crate) mod builder;
pub(crate) mod event;
pub(crate) mod group;
pub(crate) mod identity;
pub(crate) mod input;
pub(crate) mod page;
pub(crate) mod reading;
pub(crate) mod screen;

pub(crate) use input::is_respelled;
pub use input::{Argument, Input};

use assemble::Draft;
use reading::Reading;

/// The sentence about an object or array where only plain values are allowed.
pub(crate) fn nested_value(library: Library) -> String {
    let option = library.spelled("nested_properties");
    format!("objects and arrays are not allowed here; flatten the value, or allow them with the option {option}.")
}

words! {
    /// The operations, under the name `execute` knows them by.
    pub enum Operation {
        /// `create_alias`: sends `$create_alias`.
        Alias = "alias",
        /// `create_event`: sends the caller's event name.
        Event = "event",
        /// `identify_group`: sends `$groupidentify`.
        Group = "group",
        /// `create_identity`: sends `$identify`.
        Identity = "identity",
        /// `track_page`: sends `$pageview`.
        Page = "page",
        /// `track_screen`: sends `$screen`.
        Screen = "screen",
    }
}

words! {
    /// Every parameter of every operation, in PascalCase.
    pub enum Parameter {
        /// Whom the event belongs to.
        DistinctId = "DistinctId",
        /// The other id of an alias; its person is merged into that of `DistinctId`.
        Alias = "Alias",
        /// The event's name.
        EventName = "EventName",
        /// The event's properties.
        Properties = "Properties",
        /// The person's `name`.
        Name = "Name",
        /// The person's `email`.
        Email = "Email",
        /// The person's `plan`.
        Plan = "Plan",
        /// The person's `signup_date`, set once.
        SignupDate = "SignupDate",
        /// The person's `referral_source`, set once.
        ReferralSource = "ReferralSource",
        /// Person properties to set; of `group`, the group's.
        PropertiesSet = "PropertiesSet",
        /// Person properties to set unless they are there.
        PropertiesSetOnce = "PropertiesSetOnce",
        /// Names of person properties to remove.
        PropertiesUnset = "PropertiesUnset",
        /// The anonymous id to merge into `DistinctId`.
        AnonymousId = "AnonymousId",
        /// The page's URL.
        PageUrl = "PageUrl",
        /// The page's title.
        PageName = "PageName",
        /// Where the visitor came from.
        Referrer = "Referrer",
        /// The screen's name.
        ScreenViewName = "ScreenViewName",
        /// The screen's category.
        ScreenCategory = "ScreenCategory",
        /// The app's version.
        AppVersion = "AppVersion",
        /// The kind of device.
        DeviceType = "DeviceType",
        /// The kind of group: `company`.
        GroupType = "GroupType",
        /// Which group of its kind.
        GroupKey = "GroupKey",
        /// When it happened.
        Timestamp = "Timestamp",
        /// The event's own uuid.
        Uuid = "Uuid",
        /// Group type to group key.
        Groups = "Groups",
        /// Whether the event creates or updates a person.
        ProcessPersonProfile = "ProcessPersonProfile",
    }
}

impl std::str::FromStr for Operation {
    type Err = UnknownOperation;

    /// The operation of this name, as `execute` takes it.
    fn from_str(name: &str) -> Result<Self, UnknownOperation> {
        Self::from_word(name).ok_or_else(|| UnknownOperation(name.to_owned()))
    }
}

impl Parameter {
    /// The name in Node: `distinctId`.
    #[doc(hidden)]
    #[must_use]
    pub fn camel_case(self) -> String {
        let mut name = self.as_str().to_owned();
        if let Some(first) = name.get_mut(0..1) {
            first.make_ascii_lowercase();
        }
        name
    }

    /// Whether a moment may stand here, as the value itself. Elsewhere one is a mistake: an id or a name is wanted, and it only happens to
    /// have a text.
    #[doc(hidden)]
    #[must_use]
    pub const fn takes_moments(self) -> bool {
        matches!(self, Self::Timestamp | Self::SignupDate)
    }

    /// Whether ids stand here: an integer is one, if every digit of it is there.
    #[doc(hidden)]
    #[must_use]
    pub const fn takes_ids(self) -> bool {
        matches!(
            self,
            Self::DistinctId | Self::Alias | Self::AnonymousId | Self::GroupKey | Self::Groups
        )
    }

    /// Whether it is an object of values of any kind.
    #[doc(hidden)]
    #[must_use]
    pub const fn takes_properties(self) -> bool {
        matches!(self, Self::Properties | Self::PropertiesSet | Self::PropertiesSetOnce)
    }
}

/// Some of the parameters, one bit each.
#[derive(Clone, Copy, Debug, Default)]
struct ParameterSet(u32);

impl ParameterSet {
    const EMPTY: Self = Self(0);

    const fn of(mut parameters: &[Parameter]) -> Self {
        let mut set = Self::EMPTY;
        while let [parameter, others @ ..] = parameters {
            set.insert(*parameter);
            parameters = others;
        }
        set
    }

    const fn insert(&mut self, parameter: Parameter) {
        self.0 |= 1 << parameter as u32;
    }

    fn remove(&mut self, parameter: Parameter) {
        self.0 &= !(1 << parameter as u32);
    }

    const fn contains(self, parameter: Parameter) -> bool {
        self.0 & 1 << parameter as u32 != 0
    }
}

/// An operation's own parameters, between those that every operation takes.
macro_rules! with_common {
    ($($parameter:ident),*) => {
        &[
            Parameter::DistinctId,
            $(Parameter::$parameter,)*
            Parameter::Timestamp,
            Parameter::Uuid,
            Parameter::Groups,
            Parameter::ProcessPersonProfile,
        ]
    };
}

impl Operation {
    /// The parameters it takes: its own, then those that every operation takes.
    #[must_use]
    pub const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Alias => with_common!(Alias),
            Self::Event => with_common!(EventName, Properties),
            Self::Group => with_common!(GroupType, GroupKey, PropertiesSet),
            Self::Identity => with_common!(
                Name,
                Email,
                Plan,
                SignupDate,
                ReferralSource,
                PropertiesSet,
                PropertiesSetOnce,
                PropertiesUnset,
                AnonymousId
            ),
            Self::Page => with_common!(PageUrl, PageName, Referrer, Properties),
            Self::Screen => with_common!(ScreenViewName, ScreenCategory, AppVersion, DeviceType, Properties),
        }
    }

    /// The parameters it cannot do without.
    #[must_use]
    pub const fn required(self) -> &'static [Parameter] {
        match self {
            Self::Alias => &[Parameter::DistinctId, Parameter::Alias],
            Self::Event => &[Parameter::DistinctId, Parameter::EventName],
            Self::Group => &[Parameter::GroupType, Parameter::GroupKey],
            Self::Identity => &[Parameter::DistinctId],
            Self::Page => &[Parameter::DistinctId, Parameter::PageUrl],
            Self::Screen => &[Parameter::DistinctId, Parameter::ScreenViewName],
        }
    }

    pub(crate) fn takes(self, parameter: Parameter) -> bool {
        self.parameter_set().contains(parameter)
    }

    fn parameter_set(self) -> ParameterSet {
        match self {
            Self::Alias => const { ParameterSet::of(Self::Alias.parameters()) },
            Self::Event => const { ParameterSet::of(Self::Event.parameters()) },
            Self::Group => const { ParameterSet::of(Self::Group.parameters()) },
            Self::Identity => const { ParameterSet::of(Self::Identity.parameters()) },
            Self::Page => const { ParameterSet::of(Self::Page.parameters()) },
            Self::Screen => const { ParameterSet::of(Self::Screen.parameters()) },
        }
    }

    fn draft<'a>(self, reading: &mut Reading<'_, 'a>) -> Draft<'a> {
        match self {
            Self::Alias => alias::draft(reading),
            Self::Event => event::draft(reading),
            Self::Group => group::draft(reading),
            Self::Identity => identity::draft(reading),
            Self::Page => page::draft(reading),
            Self::Screen => screen::draft(reading),
        }
    }
}

/// Reads an input into an event, and all findings with it; there is no event when one of them refuses it. `additions` is the client's
/// configuration with what it adds to every event; `None` for an event that has this already.
pub(crate) fn read(
    mut input: Input<'_>,
    config: &Config,
    additions: Option<&Config>,
    now: Timestamp,
    uuid: impl FnOnce() -> uuid::Uuid,
) -> (Option<Event>, Findings) {
    if input.is_unreadable() {
        return (None, input.take_findings());
    }
    let operation = input.operation();
    let mut reading = Reading::new(&mut input, config, additions, now);
    let draft = operation.draft(&mut reading);
    let (event, mut findings) = draft.assemble(reading, uuid);
    findings.append(input.take_findings());
    let event = event.filter(|_| findings.refusals().is_empty());
    (event, findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_languages_case() {
        assert_eq!(Parameter::PropertiesSetOnce.camel_case(), "propertiesSetOnce");
        assert_eq!(Parameter::Uuid.camel_case(), "uuid");
    }

    #[test]
    fn required_parameters_are_parameters() {
        for operation in Operation::ALL {
            assert!(
                operation
                    .required()
                    .iter()
                    .all(|parameter| operation.parameters().contains(parameter))
            );
        }
    }
}
