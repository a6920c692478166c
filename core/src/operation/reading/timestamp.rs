//! Timestamp: when an event happened, as a parameter or as a property of that name.

use super::Reading;
use crate::finding::{FindingCode, WarningCode};
use crate::json::input::argument;
use crate::operation::assemble::{Source, says_something};
use crate::operation::{Argument, Parameter};
use crate::properties::{Key, Properties};
use crate::time::{Timestamp, TimestampProblem};

/// The property that stands for the parameter of its name.
const TIMESTAMP: Key<'_> = Key::new("timestamp");

/// Younger events do not belong into a historical import (protocol.md §7).
const HISTORICAL_AGE_MS: i64 = 48 * 60 * 60 * 1_000;

/// The forms in which a time may be given, for sentences.
pub(in super::super) const TIMESTAMP_HINT: &str =
    "Unix milliseconds or RFC 3339 text with a zone, for example 2026-11-23T08:00:00Z";

impl Reading<'_, '_> {
    /// The event's time: the parameter, else the property `timestamp` (which then leaves the properties), else now.
    pub(in super::super) fn timestamp(&mut self, properties: &mut Properties) -> Timestamp {
        let timestamp = self.given_timestamp(properties);
        let age = self.now.unix_ms().saturating_sub(timestamp.unix_ms());
        if self.config.historical_migration && age < HISTORICAL_AGE_MS {
            let message = "A historical import is for events at least 48 hours old; give each its own Timestamp.";
            self.warn(WarningCode::HistoricalTimestamp, Parameter::Timestamp, message);
        }
        timestamp
    }

    fn given_timestamp(&mut self, properties: &mut Properties) -> Timestamp {
        if self.input.given(Parameter::Timestamp).is_none() {
            return match properties.remove(TIMESTAMP) {
                Some(value) if says_something(&value) => {
                    let source = Source::Property("timestamp");
                    self.read_timestamp(&argument(&value), &source).unwrap_or(self.now)
                }
                _ => self.now,
            };
        }
        let given = self.input.take(Parameter::Timestamp);
        let timestamp = self.read_timestamp(&given, &Source::Parameter(Parameter::Timestamp));
        if let Some(value) = properties.value_of(TIMESTAMP).filter(|value| says_something(value)) {
            let other = parse_timestamp(&argument(value)).ok();
            if timestamp.is_some() && other != timestamp {
                self.warn_conflict(Parameter::Timestamp, "timestamp");
            }
        }
        timestamp.unwrap_or(self.now)
    }

    fn read_timestamp(&mut self, argument: &Argument<'_>, source: &Source) -> Option<Timestamp> {
        let (code, problem) = match parse_timestamp(argument) {
            Ok(timestamp) if timestamp.is_too_far_ahead_of(self.now) => (
                FindingCode::FutureTimestamp,
                "is more than 23 hours in the future, and PostHog would silently replace it by now; give the time when it happened, or leave it out"
                    .to_owned(),
            ),
            Ok(timestamp) => return Some(timestamp),
            Err(None) => match argument {
                Argument::Unreadable(message) => {
                    (FindingCode::UnreadableValue, format!("could not be read: {message}"))
                }
                _ => (
                    FindingCode::InvalidType,
                    format!("is {}; give {TIMESTAMP_HINT}", argument.kind()),
                ),
            },
            Err(Some(problem)) => timestamp_problem(problem),
        };
        self.findings
            .refuse(code, source.to_string(), format!("{source} {problem}."));
        None
    }
}

/// Reads a timestamp. `Err(None)`: the argument has a type in which no timestamp is given.
fn parse_timestamp(argument: &Argument<'_>) -> Result<Timestamp, Option<TimestampProblem>> {
    match argument {
        Argument::Timestamp(timestamp) => Ok(*timestamp),
        Argument::Text(text) => Timestamp::parse(text.trim()).map_err(Some),
        Argument::Integer(number) => Timestamp::from_number(*number).map_err(Some),
        // Whole floats are what languages without integers have; 2^53 is far above any millisecond.
        #[allow(clippy::cast_possible_truncation, reason = "the range is checked in the guard")]
        Argument::Float(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
            Timestamp::from_number(*number as i128).map_err(Some)
        }
        Argument::Float(number) if number.is_finite() => Err(Some(TimestampProblem::of_number(*number))),
        _ => Err(None),
    }
}

fn timestamp_problem(problem: TimestampProblem) -> (FindingCode, String) {
    let (code, sentence) = match problem {
        TimestampProblem::Invalid => (FindingCode::InvalidTimestamp, "is no date and time"),
        TimestampProblem::Naive => (FindingCode::NaiveTimestamp, "has no time zone, so add Z or an offset"),
        TimestampProblem::LooksLikeSeconds => (
            FindingCode::TimestampNotMilliseconds,
            "looks like seconds since 1970, so multiply it by 1,000",
        ),
        TimestampProblem::Fraction => (
            FindingCode::TimestampNotMilliseconds,
            "is no whole number of milliseconds since 1970, so round it",
        ),
        TimestampProblem::LooksLikeMicroseconds => (
            FindingCode::TimestampNotMilliseconds,
            "looks like microseconds or nanoseconds since 1970, so divide it by 1,000 or 1,000,000",
        ),
    };
    (code, format!("{sentence}; give {TIMESTAMP_HINT}"))
}
