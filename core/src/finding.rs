//! Findings: what validation says about one parameter, as a stable code, the parameter's name and a sentence.
//!
//! Refusals and warnings have the same shape and separate code lists, so that no list can hold a code of the other.

use std::borrow::Cow;

use serde::Serialize;

use crate::redaction::without_distinctive_key;
use crate::words::words;

words! {
    /// Why an input was refused. Nothing was sent; the outcome's `StatusCode` is -1.
    pub enum FindingCode {
        /// A required parameter is missing, empty or null.
        Required = "required",
        /// The operation has no parameter of this name.
        UnknownParameter = "unknown_parameter",
        /// The value has a type that this place cannot hold.
        InvalidType = "invalid_type",
        /// More characters than the server keeps.
        TooLong = "too_long",
        /// An id the server treats as nobody (protocol.md §3), on either side of a merge.
        PlaceholderId = "placeholder_id",
        /// Both ids of a merge are the same.
        SameId = "same_id",
        /// An object or array as a property value without the option `nested_properties`.
        NestedValue = "nested_value",
        /// NaN or an infinity.
        NotFinite = "not_finite",
        /// An integer outside -2^63..2^64-1, or a number too large for a 64-bit float.
        NumberOutOfRange = "number_out_of_range",
        /// Objects and arrays nested more than 100 deep.
        TooDeep = "too_deep",
        /// A value that contains itself.
        Cycle = "cycle",
        /// A key that is not text.
        InvalidKey = "invalid_key",
        /// Not a date and time.
        InvalidTimestamp = "invalid_timestamp",
        /// A number that is no Unix time in milliseconds, most often seconds or microseconds.
        TimestampNotMilliseconds = "timestamp_not_milliseconds",
        /// A date and time without a zone.
        NaiveTimestamp = "naive_timestamp",
        /// More than 23 hours in the future: the server would silently replace it by now.
        FutureTimestamp = "future_timestamp",
        /// Not a UUID.
        InvalidUuid = "invalid_uuid",
        /// The UUID of all zeros.
        NilUuid = "nil_uuid",
        /// Not a URL with a scheme and a host.
        InvalidUrl = "invalid_url",
        /// The event is larger than the server's broker takes.
        TooLarge = "too_large",
        /// The input is not the text of one JSON object.
        InvalidJson = "invalid_json",
        /// A value could not be read: a getter, `toJSON` or iterator of the caller's raised.
        UnreadableValue = "unreadable_value",
    }
}

words! {
    /// What was changed or is doubtful, though the call went on.
    pub enum WarningCode {
        /// White space around the value was removed.
        Trimmed = "trimmed",
        /// An id that stands for nobody (protocol.md §3): all its events share one person, or have none.
        PlaceholderId = "placeholder_id",
        /// Half a UTF-16 surrogate pair became U+FFFD.
        LoneSurrogate = "lone_surrogate",
        /// A parameter and a property of the same meaning differ; the parameter won.
        Conflict = "conflict",
        /// A user name or password was removed from a URL.
        UserinfoRemoved = "userinfo_removed",
        /// The referrer is kept, but has no host to take a domain from.
        ReferrerWithoutHost = "referrer_without_host",
        /// A value JSON cannot hold (undefined, a function) was left out, as JSON does.
        ValueOmitted = "value_omitted",
        /// `$lib` and `$lib_version` are always hogwire's own.
        ReservedProperty = "reserved_property",
        /// A success status whose body is not what this protocol answers: perhaps a wrong host.
        UnexpectedAnswer = "unexpected_answer",
        /// The answer was longer than 1 MiB and was cut; or it was the answer to a batch and longer than 4 KiB, of which `Data` has the
        /// beginning.
        AnswerTruncated = "answer_truncated",
        /// The server stored the event, but says something about it (v1).
        ServerWarning = "server_warning",
        /// A historical import needs events at least 48 hours old, each with its own Timestamp.
        HistoricalTimestamp = "historical_timestamp",
        /// PostHog drops this kind of event, or ignores a part of it, without person processing (protocol.md §4).
        PersonRequired = "person_required",
        /// A `before_send` hook raised; the event was dropped.
        BeforeSendFailed = "before_send_failed",
    }
}

/// One thing validation found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Finding<Code = FindingCode> {
    /// The stable code.
    pub code: Code,
    /// The parameter in PascalCase; keys inside it follow after dots: `Properties.plan`.
    pub parameter: String,
    /// A sentence with the limit and the fix.
    pub message: String,
}

/// One thing that was changed or is doubtful.
pub type Warning = Finding<WarningCode>;

impl<Code> Finding<Code> {
    pub(crate) fn new(code: Code, parameter: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            parameter: parameter.into(),
            message: message.into(),
        }
    }

    fn texts_mut(&mut self) -> [&mut String; 2] {
        [&mut self.parameter, &mut self.message]
    }
}

/// Everything found in one call: refusals and warnings. Boxed, because there is nearly never anything to say, and every call moves one of
/// these through all its steps.
///
/// Bounded, so that a hostile input of a million bad values does not become a million sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings(Option<Box<Found>>);

/// What was found, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) refusals: Vec<Finding>,
    pub(crate) warnings: Vec<Warning>,
    /// Refusals beyond those kept.
    pub(crate) more: usize,
}

/// How many findings, and how many warnings, are kept of one call: far more than a person reads. The message says how many more findings
/// there are.
const KEPT: usize = 100;

impl Findings {
    #[cold]
    pub(crate) fn refuse(&mut self, code: FindingCode, parameter: impl Into<String>, message: impl Into<String>) {
        let found = self.found();
        if found.refusals.len() < KEPT {
            found.refusals.push(Finding::new(code, parameter, message));
        } else {
            found.more += 1;
        }
    }

    /// Whether no more refusals are kept. If so, counts one more, so that the caller need not make its sentence: there may be a million.
    #[cold]
    pub(crate) fn only_counts(&mut self) -> bool {
        let is_full = self.refusals().len() >= KEPT;
        if is_full {
            self.found().more += 1;
        }
        is_full
    }

    /// Whether no more warnings are kept.
    pub(crate) fn keeps_no_more_warnings(&self) -> bool {
        self.warnings().len() >= KEPT
    }

    #[cold]
    pub(crate) fn warn(&mut self, code: WarningCode, parameter: impl Into<String>, message: impl Into<String>) {
        let found = self.found();
        if found.warnings.len() < KEPT {
            found.warnings.push(Finding::new(code, parameter, message));
        }
    }

    /// Adds what was found elsewhere.
    #[inline]
    pub(crate) fn append(&mut self, other: Self) {
        if let Some(other) = other.0 {
            self.append_found(*other);
        }
    }

    #[cold]
    fn append_found(&mut self, mut other: Found) {
        let found = self.found();
        found.refusals.append(&mut other.refusals);
        found.warnings.append(&mut other.warnings);
        found.more += other.more + found.refusals.len().saturating_sub(KEPT);
        found.refusals.truncate(KEPT);
        found.warnings.truncate(KEPT);
    }

    pub(crate) fn refusals(&self) -> &[Finding] {
        self.0.as_ref().map_or(&[], |found| &found.refusals)
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        self.0.as_ref().map_or(&[], |found| &found.warnings)
    }

    /// How many refusals there are beyond those.
    pub(crate) fn more(&self) -> usize {
        self.0.as_ref().map_or(0, |found| found.more)
    }

    pub(crate) fn into_found(self) -> Found {
        self.0.map_or_else(Found::default, |found| *found)
    }

    pub(crate) fn into_warnings(self) -> Vec<Warning> {
        self.0.map_or_else(Vec::new, |found| found.warnings)
    }

    /// Removes the api key from all sentences, which may repeat it out of the input, or out of what a hook or a getter said.
    #[inline]
    pub(crate) fn redact(&mut self, api_key: &str) {
        if let Some(found) = self.found_mut() {
            found.redact(api_key);
        }
    }

    /// What was found, for changing it; `None` when nothing was.
    pub(crate) fn found_mut(&mut self) -> Option<&mut Found> {
        self.0.as_deref_mut()
    }

    fn found(&mut self) -> &mut Found {
        self.0.get_or_insert_default()
    }
}

impl Found {
    #[cold]
    fn redact(&mut self, api_key: &str) {
        let refusals = self.refusals.iter_mut().map(Finding::texts_mut);
        let warnings = self.warnings.iter_mut().map(Finding::texts_mut);
        for text in refusals.chain(warnings).flatten() {
            if let Cow::Owned(redacted) = without_distinctive_key(text, api_key) {
                *text = redacted;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(whose: &str, refusals: usize, warnings: usize) -> Findings {
        let mut findings = Findings::default();
        for number in 0..refusals {
            findings.refuse(FindingCode::InvalidType, format!("{whose} {number}"), "");
        }
        for number in 0..warnings {
            findings.warn(WarningCode::Trimmed, format!("{whose} {number}"), "");
        }
        findings
    }

    fn counts(findings: &Findings) -> [usize; 3] {
        [findings.refusals().len(), findings.more(), findings.warnings().len()]
    }

    #[test]
    fn a_hundred_of_each_are_kept() {
        for (number, expected) in [
            (99, [99, 0, 99]),
            (100, [100, 0, 100]),
            (101, [100, 1, 100]),
            (150, [100, 50, 100]),
        ] {
            let mut findings = found("", number, number);
            assert_eq!(counts(&findings), expected);
            assert_eq!(findings.keeps_no_more_warnings(), number >= 100);
            assert_eq!(findings.only_counts(), number >= 100);
            assert_eq!(findings.more(), number.saturating_sub(99));
        }
    }

    #[test]
    fn what_was_found_elsewhere_comes_after_and_is_counted_with_it() {
        let mut findings = found("here", 60, 60);
        findings.append(Findings::default());
        findings.append(found("there", 103, 103));
        assert_eq!(counts(&findings), [100, 63, 100]);
        findings.append(found("yonder", 1, 1));
        assert_eq!(counts(&findings), [100, 64, 100]);
        let places = |index: usize| {
            [
                &findings.refusals()[index].parameter,
                &findings.warnings()[index].parameter,
            ]
        };
        assert_eq!(places(59), ["here 59"; 2]);
        assert_eq!(places(60), ["there 0"; 2]);
    }
}
