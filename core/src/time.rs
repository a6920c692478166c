//! Timestamps: Unix milliseconds inside, RFC 3339 in UTC outside. Knows no clock; the present is always an argument.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use jiff::fmt::strtime;
use jiff::fmt::temporal::{DateTimePrinter, Pieces};

use crate::rules::{MAX_FUTURE, MAX_TIMESTAMP_MS, MIN_TIMESTAMP_MS};

/// A moment in Unix milliseconds; prints as RFC 3339 in UTC with three digits: `2026-11-23T08:00:00.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 0000-01-01T00:00:00Z.
const YEAR_0_MS: i64 = -62_167_219_200_000;

static PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

thread_local! {
    /// The second that this thread wrote last, and its text without the fraction: many events fall into the same second.
    static SECOND: Cell<(i64, [u8; 19])> = const { Cell::new((i64::MIN, [0; 19])) };
}

/// Why something is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampProblem {
    Invalid,
    Naive,
    LooksLikeSeconds,
    LooksLikeMicroseconds,
    Fraction,
}

/// A duration in milliseconds, to be added to timestamps.
pub(crate) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl TimestampProblem {
    /// What is wrong with a number that is not whole, or far too large.
    #[allow(clippy::cast_precision_loss, reason = "both limits are far below 2^53")]
    pub(crate) fn of_number(number: f64) -> Self {
        if number < MIN_TIMESTAMP_MS as f64 {
            Self::LooksLikeSeconds
        } else if number < MAX_TIMESTAMP_MS as f64 {
            Self::Fraction
        } else {
            Self::LooksLikeMicroseconds
        }
    }
}

impl Timestamp {
    /// From Unix milliseconds, cut to the years 0 to 9999, because RFC 3339 has no others.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(YEAR_0_MS, jiff::Timestamp::MAX.as_millisecond()))
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// So long after this one.
    pub(crate) fn after(self, time: Duration) -> Self {
        Self::from_unix_ms(self.0.saturating_add(milliseconds(time)))
    }

    /// How long it is from this moment to a later one; zero when that is not later.
    pub(crate) fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// A number that a caller gave as a timestamp.
    pub(crate) fn from_number(ms: i128) -> Result<Self, TimestampProblem> {
        if ms < i128::from(MIN_TIMESTAMP_MS) {
            return Err(TimestampProblem::LooksLikeSeconds);
        }
        match i64::try_from(ms) {
            Ok(ms) if ms < MAX_TIMESTAMP_MS => Ok(Self(ms)),
            _ => Err(TimestampProblem::LooksLikeMicroseconds),
        }
    }

    /// RFC 3339 text with a zone; finer parts than milliseconds are cut.
    pub(crate) fn parse(text: &str) -> Result<Self, TimestampProblem> {
        let text = &*without_finest_digits(text);
        if has_offset_of_a_day(text) {
            return Err(TimestampProblem::Invalid);
        }
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            let ms = i64::try_from(moment.as_nanosecond().div_euclid(1_000_000));
            // RFC 3339 has no years before 0.
            return match ms {
                Ok(ms) if ms >= YEAR_0_MS => Ok(Self::from_unix_ms(ms)),
                _ => Err(TimestampProblem::Invalid),
            };
        }
        // The last day of the year 9999 is beyond jiff's last moment. A time without a zone gets a sentence of its own.
        match Pieces::parse(text) {
            Ok(pieces) if pieces.offset().is_some() && pieces.date().year() == 9999 => Ok(Self::from_unix_ms(i64::MAX)),
            Ok(pieces) if pieces.offset().is_none() && pieces.time_zone_annotation().is_none() => {
                Err(TimestampProblem::Naive)
            }
            // A later year is far ahead just as this one, which has all its days.
            _ => match after_year_beyond_9999(text) {
                Some(rest) => Self::parse(&format!("9996{rest}")),
                None => Err(TimestampProblem::Invalid),
            },
        }
    }

    /// Appends the RFC 3339 text.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let start = out.len();
        let (second, part) = (self.0.div_euclid(1_000), self.0.rem_euclid(1_000));
        match SECOND.get() {
            (known, text) if known == second => {
                out.extend_from_slice(&text);
                out.extend([b'.', digit(part / 100), digit(part / 10), digit(part), b'Z']);
            }
            _ => {
                self.print(out);
                if let Some((text, _)) = out.get(start..).and_then(|text| text.split_first_chunk()) {
                    SECOND.set((second, *text));
                }
            }
        }
    }

    fn print(self, out: &mut Vec<u8>) {
        // Every moment of this type is one of jiff's (whose `from_millisecond` does not take its own last second), and a vector takes
        // every byte.
        let since_1970 = jiff::SignedDuration::from_millis(self.0);
        let moment = jiff::Timestamp::UNIX_EPOCH.checked_add(since_1970).unwrap_or_default();
        let _ = PRINTER.print_timestamp(&moment, Bytes(out));
    }

    /// Whether the server would silently replace this by its own clock.
    pub(crate) fn is_too_far_ahead_of(self, now: Self) -> bool {
        self.0.saturating_sub(now.0) > i64::try_from(MAX_FUTURE.as_millis()).unwrap_or(i64::MAX)
    }
}

/// What follows the year, where that is one beyond 9999, as JavaScript writes it: `+058864-07-14T08:15:23.000Z`.
fn after_year_beyond_9999(text: &str) -> Option<&str> {
    let (year, rest) = text.strip_prefix('+')?.split_at_checked(6)?;
    (year.bytes().all(|byte| byte.is_ascii_digit()) && year > "009999").then_some(rest)
}

/// Whether the zone is a day or more away from UTC. RFC 3339 has no such zone, but jiff takes some.
fn has_offset_of_a_day(text: &str) -> bool {
    let offset = Pieces::parse(text).ok().and_then(|pieces| pieces.to_numeric_offset());
    offset.is_some_and(|offset| offset.seconds().unsigned_abs() >= 24 * 60 * 60)
}

/// Cuts the digits of a second that jiff would not take: RFC 3339 allows any number, jiff nine.
fn without_finest_digits(text: &str) -> Cow<'_, str> {
    const READ: usize = 9;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    match (fraction.get(..READ), fraction.get(digits..)) {
        (Some(read), Some(zone)) if digits > READ => Cow::Owned(format!("{whole}.{read}{zone}")),
        _ => Cow::Borrowed(text),
    }
}

/// The last digit of a number that is not negative.
fn digit(number: i64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or_default()
}

/// Prints into bytes: what is printed is ASCII.
struct Bytes<'o>(&'o mut Vec<u8>);

impl jiff::fmt::Write for Bytes<'_> {
    fn write_str(&mut self, text: &str) -> Result<(), jiff::Error> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(24);
        self.write(&mut text);
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// The forms of an HTTP date: today's, and two old ones, which RFC 9110 still has recipients read, RFC 850's and asctime's.
const HTTP_DATES: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// The HTTP date of a Retry-After header as a delay from `now`; a date in the past is no delay.
pub(crate) fn delay_until_http_date(text: &str, now: Timestamp) -> Option<Duration> {
    let moment = match jiff::fmt::rfc2822::parse(text) {
        Ok(moment) => moment.timestamp(),
        Err(_) => HTTP_DATES.iter().find_map(|form| http_date(form, text))?,
    };
    Some(now.until(Timestamp::from_unix_ms(moment.as_millisecond())))
}

fn http_date(form: &str, text: &str) -> Option<jiff::Timestamp> {
    let date = strtime::parse(form, text).ok()?.to_datetime().ok()?;
    // Only the last day of 9999, which means never, is beyond jiff's last moment.
    Some(jiff::tz::Offset::UTC.to_timestamp(date).unwrap_or(jiff::Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_a_zone_is_converted_and_cut_to_milliseconds() {
        let given = Timestamp::parse("2025-01-02T05:04:05.1239999+02:00").unwrap();
        assert_eq!(given.to_string(), "2025-01-02T03:04:05.123Z");
        let before_1970 = Timestamp::parse("1969-12-31T23:59:58.9999Z").unwrap();
        assert_eq!(before_1970.to_string(), "1969-12-31T23:59:58.999Z");
        assert_eq!(Timestamp::from_unix_ms(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn no_moment_is_beyond_what_text_can_hold() {
        let [first, last] = [i64::MIN, i64::MAX].map(Timestamp::from_unix_ms);
        assert_eq!(first.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(last.to_string(), "9999-12-30T22:00:00.999Z");
        let now = Timestamp::from_unix_ms(1_795_420_800_000);
        assert_eq!(now.after(Duration::MAX), last);
        assert_eq!(last.after(Duration::from_millis(1)), last);
        assert_eq!((last.until(first), now.until(now)), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn a_second_that_was_written_before_reads_the_same() {
        for second in [-62_167_219_201, -62_167_219_200, -1, 0, 1_795_420_800, 253_402_207_200] {
            for ms in [0, 7, 60, 999, 120, 7] {
                let moment = Timestamp::from_unix_ms(second * 1_000 + ms);
                let mut printed = Vec::new();
                moment.print(&mut printed);
                assert_eq!(moment.to_string().as_bytes(), printed);
            }
        }
    }

    #[test]
    fn what_is_no_timestamp_says_why() {
        assert_eq!(Timestamp::parse("2025-01-02T03:04:05"), Err(TimestampProblem::Naive));
        assert_eq!(Timestamp::parse("2025-01-02"), Err(TimestampProblem::Naive));
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59"), Err(TimestampProblem::Naive));
        for text in [
            "yesterday",
            "-000001-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "2025-01-02T03:04:05+24:00",
            "2025-01-02T03:04:05-24:00",
            "2025-01-02T03:04:05[Europe/Berlin]",
            "+0058864-01-01T00:00:00Z",
            "+058864-13-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimestampProblem::Invalid), "{text}");
        }
        let first = Timestamp::from_unix_ms(i64::MIN);
        assert_eq!(Timestamp::parse("0000-01-01T00:00:00Z"), Ok(first));
        let last = Timestamp::from_unix_ms(i64::MAX);
        assert_eq!(Timestamp::parse("9999-12-31T23:59:59.999999+00:00"), Ok(last));
        assert_eq!(Timestamp::parse("9999-12-31T00:00:00Z"), Ok(last));
        assert_eq!(Timestamp::parse("+058864-02-29T00:00:00"), Err(TimestampProblem::Naive));
        for (number, problem) in [
            (1_795_420_800.5, TimestampProblem::LooksLikeSeconds),
            (1_795_420_800_123.5, TimestampProblem::Fraction),
            (1.795_420_8e18, TimestampProblem::LooksLikeMicroseconds),
        ] {
            assert_eq!(TimestampProblem::of_number(number), problem);
        }
        assert_eq!(
            Timestamp::from_number(1_795_420_800),
            Err(TimestampProblem::LooksLikeSeconds)
        );
        assert_eq!(
            Timestamp::from_number(99_999_999_999),
            Err(TimestampProblem::LooksLikeSeconds)
        );
        assert!(Timestamp::from_number(100_000_000_000).is_ok());
        assert_eq!(
            Timestamp::from_number(100_000_000_000_000),
            Err(TimestampProblem::LooksLikeMicroseconds)
        );
    }

    #[test]
    fn an_http_date_is_a_delay_from_now() {
        let now = Timestamp::parse("2026-11-23T08:00:00Z").unwrap();
        assert_eq!(
            delay_until_http_date("Mon, 23 Nov 2026 08:00:07 GMT", now),
            Some(Duration::from_secs(7))
        );
        assert_eq!(
            delay_until_http_date("Mon, 23 Nov 2026 07:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        for old in ["Monday, 23-Nov-26 08:00:07 GMT", "Mon Nov 23 08:00:07 2026"] {
            assert_eq!(delay_until_http_date(old, now), Some(Duration::from_secs(7)), "{old}");
        }
        let first = Timestamp::parse("2026-12-01T08:00:00Z").unwrap();
        assert_eq!(
            delay_until_http_date("Tue Dec  1 08:00:07 2026", first),
            Some(Duration::from_secs(7))
        );
        let never = delay_until_http_date("Fri, 31 Dec 9999 23:59:59 GMT", now);
        assert!(never > Some(Duration::from_secs(251_000_000_000)), "{never:?}");
        assert_eq!(delay_until_http_date("soon", now), None);
    }
}
