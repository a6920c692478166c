//! Track a Page: a page view, with what PostHog's own page views carry taken from the URL.

use std::borrow::Cow;

use url::Url;

use super::assemble::{Draft, says_something};
use super::builder::builder;
use super::input::Input;
use super::reading::Reading;
use super::{Operation, Parameter};
use crate::finding::{FindingCode, WarningCode};
use crate::rules::CAMPAIGN_PARAMETERS;

builder! {
    /// Track a Page (`page`): a `$pageview` with host, path, referrer and campaign parameters taken from the URLs.
    ///
    /// ```
    /// # use hogwire::{Config, TrackPage};
    /// let config = Config::builder("phc_x").build()?;
    /// let page = TrackPage::new("user-1", "https://shop.example/cart?utm_source=mail").page_name("Cart");
    /// let request = hogwire::build(page, &config, 1_795_420_800_000, 1, 1).unwrap();
    /// assert!(request.body_text().contains(r#""utm_source":"mail""#));
    ///
    /// let refused = hogwire::build(TrackPage::new("user-1", "/cart"), &config, 1_795_420_800_000, 1, 1);
    /// assert_eq!(refused.unwrap_err().findings[0].code.as_str(), "invalid_url");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub struct TrackPage: Page {
        new(distinct_id: DistinctId, page_url: PageUrl);
        /// The page's title.
        page_name: PageName,
        /// The URL the visitor came from.
        referrer: Referrer,
        + with_properties
    }
}

/// What stands for "no referrer" in PostHog.
const DIRECT: &str = "$direct";

pub(super) fn draft<'a>(reading: &mut Reading<'_, 'a>) -> Draft<'a> {
    let distinct_id = reading.distinct_id();
    let mut draft = Draft::new(Some(Cow::Borrowed("$pageview")), distinct_id);
    let page_url = reading.trimmed(Parameter::PageUrl);
    let page_name = reading.trimmed(Parameter::PageName);
    let referrer = reading.trimmed(Parameter::Referrer);
    draft.properties = reading.object(Parameter::Properties);

    if let Some(url) = page_url {
        derive_from_page_url(reading, &mut draft, &url);
    }
    if let Some(title) = page_name {
        draft.set(Parameter::PageName, "title", &title);
    }
    derive_from_referrer(reading, &mut draft, referrer);
    draft.derive_twins(reading);
    draft
}

fn derive_from_page_url(reading: &mut Reading<'_, '_>, draft: &mut Draft<'_>, given: &str) {
    let Some(url) = with_host(given) else {
        let problem = match Url::parse(given) {
            Err(error) if given.contains("://") => format!("cannot be read as a URL: {error}"),
            _ => "is no URL with a scheme and a host".to_owned(),
        };
        let message = format!("PageUrl {problem}; give the whole one, for example https://example.com/pricing.");
        return reading.refuse(FindingCode::InvalidUrl, Parameter::PageUrl, message);
    };
    let clean = without_userinfo(given, &url).inspect(|_| warn_userinfo(reading, Parameter::PageUrl.as_str()));
    draft.set(Parameter::PageUrl, "$current_url", clean.as_deref().unwrap_or(given));
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => draft.derive("$host", &format!("{host}:{port}")),
        None => draft.derive("$host", host),
    }
    draft.derive("$pathname", if url.path().is_empty() { "/" } else { url.path() });
    let is_campaign = |name: &str| CAMPAIGN_PARAMETERS.contains(&name);
    let campaign: Vec<_> = url.query_pairs().filter(|(name, _)| is_campaign(name)).collect();
    for key in CAMPAIGN_PARAMETERS {
        if let Some((_, value)) = campaign.iter().find(|(name, _)| name == key)
            && !value.is_empty()
        {
            draft.derive(key, value);
        }
    }
}

/// A URL with a scheme and a host. Read as browsers do, `https:///pricing` would have the host `pricing`.
fn with_host(given: &str) -> Option<Url> {
    let (_, rest) = given.split_once(':')?;
    rest.strip_prefix("//").filter(|rest| !rest.starts_with(['/', '\\']))?;
    let url = Url::parse(given).ok()?;
    url.host_str().is_some_and(|host| !host.is_empty()).then_some(url)
}

/// The referrer: the parameter, else the properties `referrer` (which then leaves) or `$referrer`, else `$direct`.
fn derive_from_referrer(reading: &mut Reading<'_, '_>, draft: &mut Draft<'_>, given: Option<Cow<'_, str>>) {
    if let Some(given) = given {
        if let Some(property) = draft.properties.text_of("referrer") {
            if !property.trim().is_empty() && property.trim() != given {
                reading.warn_conflict(Parameter::Referrer, "referrer");
            }
            // The property is kept beside the parameter, but without a password.
            if let Some(clean) = referrer_without_userinfo(&property) {
                warn_userinfo(reading, "Properties.referrer");
                draft.properties.remove("referrer");
                draft.properties.insert("referrer", clean);
            }
        }
        return set_referrer(reading, draft, &given);
    }
    if let Some(property) = draft.take_property_text("referrer") {
        let property = reading.trim(Parameter::Referrer, property.into());
        return set_referrer(reading, draft, &property);
    }
    if draft
        .properties
        .value_of("$referrer")
        .is_some_and(|given| !says_something(given))
    {
        draft.properties.remove("$referrer");
    }
    match draft.caller_text(reading, "$referrer") {
        Some(referrer) => {
            if let Some(domain) = referring_domain(reading, &referrer) {
                draft.derive("$referring_domain", &domain);
            }
        }
        None => {
            draft.derive("$referrer", DIRECT);
            draft.derive("$referring_domain", DIRECT);
        }
    }
}

fn set_referrer(reading: &mut Reading<'_, '_>, draft: &mut Draft<'_>, referrer: &str) {
    let clean = referrer_without_userinfo(referrer).inspect(|_| warn_userinfo(reading, Parameter::Referrer.as_str()));
    let clean = clean.as_deref().unwrap_or(referrer);
    draft.set(Parameter::Referrer, "$referrer", clean);
    if let Some(domain) = referring_domain(reading, clean) {
        draft.derive("$referring_domain", &domain);
    }
}

fn referring_domain(reading: &mut Reading<'_, '_>, referrer: &str) -> Option<String> {
    if referrer == DIRECT {
        return Some(DIRECT.to_owned());
    }
    let host = with_host(referrer).and_then(|url| url.host_str().map(str::to_owned));
    if host.is_none() {
        let message =
            "Referrer has no host, so no $referring_domain was derived; give the whole URL of the referring page.";
        reading.warn(WarningCode::ReferrerWithoutHost, Parameter::Referrer, message);
    }
    host
}

/// The referrer without its user name and password; `None` when it has neither.
fn referrer_without_userinfo(given: &str) -> Option<String> {
    match Url::parse(given) {
        Ok(url) if url.has_host() => without_userinfo(given, &url),
        _ => cut_userinfo(given),
    }
}

/// A URL without its user name and password; `None` when it has neither. The rest stays spelled as given, if that is still read as the same
/// URL.
fn without_userinfo(given: &str, url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut clean = url.clone();
    // Only URLs without a host refuse this, and those have no user name either.
    let _ = clean.set_username("");
    let _ = clean.set_password(None);
    let cut = cut_userinfo(given).filter(|cut| Url::parse(cut).as_ref() == Ok(&clean));
    Some(cut.unwrap_or_else(|| clean.into()))
}

/// Schemes after which `name@host` is an address, and holds no password.
const NAMING_SCHEMES: &[&str] = &[
    "mailto", "tel", "sms", "sip", "sips", "xmpp", "acct", "mid", "cid", "news",
];

/// Cuts a user name and password out of a text, which may hold them even if it is not a URL because its port is invalid or its scheme is
/// missing. `None` when there is nothing to cut.
fn cut_userinfo(given: &str) -> Option<String> {
    let (scheme, rest) = given.split_at(given.find("//").map_or(0, |slashes| slashes + 2));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@')?;
    // Without `//`, a name without a password is a mail address.
    let has_password = |(name, _): (&str, &str)| {
        let is_naming = |scheme: &&str| scheme.eq_ignore_ascii_case(name);
        !NAMING_SCHEMES.iter().any(is_naming) && !user.contains(char::is_whitespace)
    };
    let is_secret = !scheme.is_empty() || user.split_once(':').is_some_and(has_password);
    is_secret.then(|| format!("{scheme}{host}{path}"))
}

fn warn_userinfo(reading: &mut Reading<'_, '_>, path: &str) {
    let message = format!("{path}: the user name and password in the URL were removed.");
    reading.findings.warn(WarningCode::UserinfoRemoved, path, message);
}
