//! Moments as text: RFC 3339 in UTC with three digits, the one spelling hogwire sends.

use jiff::fmt::temporal::DateTimePrinter;

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// Unix milliseconds as text, for example `2026-11-23T08:00:00.123Z`.
#[must_use]
pub fn text(unix_ms: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_millisecond(unix_ms).ok()?;
    Some(PRINTER.timestamp_to_string(&moment))
}

/// Unix milliseconds of a text in exactly that spelling.
#[must_use]
pub fn unix_ms(spelled: &str) -> Option<i64> {
    let unix_ms = spelled.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    (text(unix_ms).as_deref() == Some(spelled)).then_some(unix_ms)
}

/// Whether this is a moment in exactly that spelling.
#[must_use]
pub fn is_text(spelled: &str) -> bool {
    unix_ms(spelled).is_some()
}
