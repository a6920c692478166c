//! The operations as methods with keywords: written once, for clients, which answer with an outcome, and for queues, which answer with
//! a receipt.

/// Puts the operations into a class's `#[pymethods]`, of which Python's binding takes one block only. The class has `call` and
/// `call_by_name`, which give `$answer`.
macro_rules! with_operations {
    (impl $class:ident -> $answer:ty { $($own:tt)* }) => {
        #[pymethods]
        impl $class {
            $($own)*

        /// Sends `$create_alias`: the person behind `alias` is merged into the person of `distinct_id`.
        ///
        /// PostHog refuses the merge later, silently, when the alias side has already been identified. To merge an anonymous visitor into
        /// a known user, the `anonymous_id` of `create_identity` is the safe way.
        #[pyo3(signature = (*, distinct_id, alias, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn create_alias(
            &self,
            py: Python<'_>,
            distinct_id: &Bound<'_, PyAny>,
            alias: &Bound<'_, PyAny>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::DistinctId, Some(distinct_id)),
                (::hogwire::Parameter::Alias, Some(alias)),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Alias, &given)
        }

        /// Sends an event of your own name.
        ///
        /// Property values are text, numbers, booleans and None, and whatever Python has for them: dates, UUIDs, paths, Decimals, enums,
        /// numpy scalars. Objects and lists need the option `nested_properties`.
        #[pyo3(signature = (*, distinct_id, event_name, properties=None, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn create_event(
            &self,
            py: Python<'_>,
            distinct_id: &Bound<'_, PyAny>,
            event_name: &Bound<'_, PyAny>,
            properties: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::DistinctId, Some(distinct_id)),
                (::hogwire::Parameter::EventName, Some(event_name)),
                (::hogwire::Parameter::Properties, properties),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Event, &given)
        }

        /// Sends `$identify`: what is known about the person of `distinct_id`.
        ///
        /// `name`, `email`, `plan` and `properties_set` overwrite; `signup_date`, `referral_source` and `properties_set_once` do not;
        /// `properties_unset` lists names to remove. `anonymous_id` is merged into `distinct_id`.
        #[pyo3(signature = (*, distinct_id, name=None, email=None, plan=None, signup_date=None, referral_source=None, properties_set=None, properties_set_once=None, properties_unset=None, anonymous_id=None, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn create_identity(
            &self,
            py: Python<'_>,
            distinct_id: &Bound<'_, PyAny>,
            name: Option<&Bound<'_, PyAny>>,
            email: Option<&Bound<'_, PyAny>>,
            plan: Option<&Bound<'_, PyAny>>,
            signup_date: Option<&Bound<'_, PyAny>>,
            referral_source: Option<&Bound<'_, PyAny>>,
            properties_set: Option<&Bound<'_, PyAny>>,
            properties_set_once: Option<&Bound<'_, PyAny>>,
            properties_unset: Option<&Bound<'_, PyAny>>,
            anonymous_id: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::DistinctId, Some(distinct_id)),
                (::hogwire::Parameter::Name, name),
                (::hogwire::Parameter::Email, email),
                (::hogwire::Parameter::Plan, plan),
                (::hogwire::Parameter::SignupDate, signup_date),
                (::hogwire::Parameter::ReferralSource, referral_source),
                (::hogwire::Parameter::PropertiesSet, properties_set),
                (::hogwire::Parameter::PropertiesSetOnce, properties_set_once),
                (::hogwire::Parameter::PropertiesUnset, properties_unset),
                (::hogwire::Parameter::AnonymousId, anonymous_id),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Identity, &given)
        }

        /// Sends `$pageview`. `page_url` needs a scheme and a host; campaign parameters in it become properties.
        #[pyo3(signature = (*, distinct_id, page_url, page_name=None, referrer=None, properties=None, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn track_page(
            &self,
            py: Python<'_>,
            distinct_id: &Bound<'_, PyAny>,
            page_url: &Bound<'_, PyAny>,
            page_name: Option<&Bound<'_, PyAny>>,
            referrer: Option<&Bound<'_, PyAny>>,
            properties: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::DistinctId, Some(distinct_id)),
                (::hogwire::Parameter::PageUrl, Some(page_url)),
                (::hogwire::Parameter::PageName, page_name),
                (::hogwire::Parameter::Referrer, referrer),
                (::hogwire::Parameter::Properties, properties),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Page, &given)
        }

        /// Sends `$screen`: an app's screen. `device_type` is also sent in PostHog's own vocabulary, where it maps.
        #[pyo3(signature = (*, distinct_id, screen_view_name, screen_category=None, app_version=None, device_type=None, properties=None, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn track_screen(
            &self,
            py: Python<'_>,
            distinct_id: &Bound<'_, PyAny>,
            screen_view_name: &Bound<'_, PyAny>,
            screen_category: Option<&Bound<'_, PyAny>>,
            app_version: Option<&Bound<'_, PyAny>>,
            device_type: Option<&Bound<'_, PyAny>>,
            properties: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::DistinctId, Some(distinct_id)),
                (::hogwire::Parameter::ScreenViewName, Some(screen_view_name)),
                (::hogwire::Parameter::ScreenCategory, screen_category),
                (::hogwire::Parameter::AppVersion, app_version),
                (::hogwire::Parameter::DeviceType, device_type),
                (::hogwire::Parameter::Properties, properties),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Screen, &given)
        }

        /// Sends `$groupidentify`: what is known about the group `group_key` of the kind `group_type`.
        ///
        /// Without a `distinct_id` the event belongs to `$<group_type>_<group_key>`, which is nobody.
        #[pyo3(signature = (*, group_type, group_key, properties_set=None, distinct_id=None, timestamp=None, uuid=None, groups=None, process_person_profile=None))]
        #[allow(clippy::too_many_arguments, reason = "one for each of the operation's parameters")]
        fn identify_group(
            &self,
            py: Python<'_>,
            group_type: &Bound<'_, PyAny>,
            group_key: &Bound<'_, PyAny>,
            properties_set: Option<&Bound<'_, PyAny>>,
            distinct_id: Option<&Bound<'_, PyAny>>,
            timestamp: Option<&Bound<'_, PyAny>>,
            uuid: Option<&Bound<'_, PyAny>>,
            groups: Option<&Bound<'_, PyAny>>,
            process_person_profile: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<$answer> {
            let given = [
                (::hogwire::Parameter::GroupType, Some(group_type)),
                (::hogwire::Parameter::GroupKey, Some(group_key)),
                (::hogwire::Parameter::PropertiesSet, properties_set),
                (::hogwire::Parameter::DistinctId, distinct_id),
                (::hogwire::Parameter::Timestamp, timestamp),
                (::hogwire::Parameter::Uuid, uuid),
                (::hogwire::Parameter::Groups, groups),
                (::hogwire::Parameter::ProcessPersonProfile, process_person_profile),
            ];
            self.call(py, ::hogwire::Operation::Group, &given)
        }

        /// Sends any operation by name (a key of `hogwire.OPERATIONS`), with the input in PascalCase, as a mapping or as JSON
        /// text: `execute("event", {"DistinctId": "user-12345", "EventName": "User Signed Up"})`.
        ///
        /// Raises `ValueError` for an unknown operation; whatever is wrong with the input is in the answer.
        fn execute(&self, py: Python<'_>, operation: &Bound<'_, PyAny>, input: &Bound<'_, PyAny>) -> PyResult<$answer> {
            let operation = crate::input::operation(operation)?;
            self.call_by_name(py, operation, input)
        }
        }
    };
}

pub(crate) use with_operations;
