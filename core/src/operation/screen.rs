//! Track a Screen: a screen view of an app.

use std::borrow::Cow;

use super::assemble::Draft;
use super::builder::builder;
use super::input::Input;
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::rules::device_type;

builder! {
    /// Track a Screen (`screen`): a `$screen` event, with device type and system in PostHog's vocabulary.
    ///
    /// ```
    /// # use hogwire::{Config, TrackScreen};
    /// let config = Config::builder("phc_x").build()?;
    /// let screen = TrackScreen::new("user-1", "Checkout").device_type("iPhone").app_version("2.1");
    /// let request = hogwire::build(screen, &config, 1_795_420_800_000, 1, 1).unwrap();
    /// assert!(request.body_text().contains(r#""$device_type":"Mobile""#));
    ///
    /// let refused = hogwire::build(TrackScreen::new("user-1", " "), &config, 1_795_420_800_000, 1, 1);
    /// assert_eq!(refused.unwrap_err().findings[0].code.as_str(), "required");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct TrackScreen: Screen {
        new(distinct_id: DistinctId, screen_view_name: ScreenViewName);
        /// The screen's category.
        screen_category: ScreenCategory,
        /// The app's version.
        app_version: AppVersion,
        /// The kind of device, in the caller's words; known ones are also sent in PostHog's.
        device_type: DeviceType,
        + with_properties
    }
}

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let distinct_id = reading.distinct_id();
    let mut draft = Draft::new(Some(Cow::Borrowed("$screen")), distinct_id);
    let name = reading.name(Parameter::ScreenViewName);
    let category = reading.text(Parameter::ScreenCategory);
    let version = reading.text(Parameter::AppVersion);
    let device = reading.text(Parameter::DeviceType);
    draft.properties = reading.object(Parameter::Properties);

    if let Some(name) = name {
        draft.set(Parameter::ScreenViewName, "$screen_name", &name);
    }
    if let Some(category) = category {
        draft.set(Parameter::ScreenCategory, "screen_category", &category);
    }
    match version {
        Some(version) => {
            draft.set(Parameter::AppVersion, "app_version", &version);
            draft.set(Parameter::AppVersion, "$app_version", &version);
        }
        None => draft.derive_twin(reading, "app_version", "$app_version"),
    }
    if let Some(device) = &device {
        draft.set(Parameter::DeviceType, "device_type", device);
    }
    let device = device
        .map(Cow::into_owned)
        .or_else(|| draft.caller_text(reading, "device_type"));
    if let Some((kind, system)) = device.as_deref().and_then(device_type) {
        draft.derive("$device_type", kind);
        if let Some(system) = system {
            draft.derive("$os", system);
        }
    }
    draft.derive_twins(reading);
    draft
}
