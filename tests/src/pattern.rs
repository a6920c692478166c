//! The matcher: compares a value with a pattern and tells every difference by its path. The one place that decides equality.
//!
//! A pattern is a JSON value. Objects match key by key in any order, with no key missing and none too many; numbers
//! match by value (`1` is `1.0`); an object with the key `$match` is one of [`Matcher`]'s rules instead.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::moment;

/// What a pattern may refer to: the adapter's own names, and the present of the case.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What `{lib}` in a pattern's text stands for, for example `hogwire-rust`.
    pub library: &'a str,
    /// What `{lib_version}` stands for.
    pub version: &'a str,
    /// The present, where it was given and not taken from a clock.
    pub now_ms: Option<i64>,
}

/// Rules that stand in place of an exact value.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "$match", rename_all = "snake_case", deny_unknown_fields)]
pub enum Matcher {
    /// Any value, null included, but it must be there.
    Any {},
    /// The key must not be there.
    Absent {},
    /// A lower-case hyphenated UUID of any version.
    Uuid {},
    /// A UUID of version 7; of the present, where the present was given.
    UuidV7 {},
    /// RFC 3339 in UTC with milliseconds; the present, where it was given.
    Now {},
    /// RFC 3339 in UTC with milliseconds, any moment.
    Timestamp {},
    /// Text that is not empty, holds all of `contains` and none of `lacks`, and begins and ends so; case counts.
    Text {
        /// Pieces that must be in it.
        #[serde(default)]
        contains: Vec<String>,
        /// Pieces that must not.
        #[serde(default)]
        lacks: Vec<String>,
        /// How it begins.
        #[serde(default)]
        starts: String,
        /// How it ends.
        #[serde(default)]
        ends: String,
    },
    /// A number within bounds, both included.
    Number {
        /// The lower bound.
        at_least: Option<f64>,
        /// The upper bound.
        at_most: Option<f64>,
    },
    /// One of several patterns.
    OneOf {
        /// The patterns.
        values: Vec<Value>,
    },
    /// An object that holds at least these keys.
    Includes {
        /// The keys with their patterns.
        value: Map<String, Value>,
    },
    /// A list with exactly these items in any order.
    Unordered {
        /// The items' patterns.
        items: Vec<Value>,
    },
}

impl Matcher {
    /// The rule in this pattern, if it is one.
    ///
    /// # Errors
    /// The object has the key `$match` but is not understood.
    pub fn of(pattern: &Value) -> Result<Option<Self>, serde_json::Error> {
        match pattern {
            Value::Object(object) if object.contains_key("$match") => Self::deserialize(pattern).map(Some),
            _ => Ok(None),
        }
    }
}

/// Checks that every rule inside a pattern is understood.
///
/// # Errors
/// The first that is not.
pub fn check(pattern: &Value) -> Result<(), serde_json::Error> {
    Matcher::of(pattern)?;
    match pattern {
        Value::Array(items) => items.iter().try_for_each(check),
        Value::Object(object) => object.values().try_for_each(check),
        _ => Ok(()),
    }
}

/// Every difference between a pattern and what was seen, each with its path.
#[must_use]
pub fn differences(pattern: &Value, seen: Option<&Value>, path: &str, facts: Facts<'_>) -> Vec<String> {
    let mut found = Vec::new();
    compare(pattern, seen, path, facts, &mut found);
    found
}

fn compare(pattern: &Value, seen: Option<&Value>, path: &str, facts: Facts<'_>, found: &mut Vec<String>) {
    match (Matcher::of(pattern), seen, pattern) {
        (Err(error), ..) => found.push(format!("{path}: the pattern is not understood: {error}")),
        (Ok(Some(matcher)), ..) => matcher.compare(seen, path, facts, found),
        (Ok(None), None, _) => found.push(format!("{path}: expected {}, got nothing", short(pattern))),
        (Ok(None), Some(Value::Object(seen)), Value::Object(pattern)) => {
            compare_keys(pattern, seen, path, facts, found);
            for (key, value) in seen.iter().filter(|(key, _)| !pattern.contains_key(*key)) {
                found.push(format!("{path}.{key}: expected nothing, got {}", short(value)));
            }
        }
        (Ok(None), Some(Value::Array(seen)), Value::Array(pattern)) => {
            if seen.len() != pattern.len() {
                found.push(format!("{path}: expected {} items, got {}", pattern.len(), seen.len()));
            }
            for (place, (pattern, seen)) in pattern.iter().zip(seen).enumerate() {
                compare(pattern, Some(seen), &format!("{path}[{place}]"), facts, found);
            }
        }
        (Ok(None), Some(seen), pattern) => {
            if !same_scalar(pattern, seen, facts) {
                found.push(format!("{path}: expected {}, got {}", short(pattern), short(seen)));
            }
        }
    }
}

fn compare_keys(
    pattern: &Map<String, Value>,
    seen: &Map<String, Value>,
    path: &str,
    facts: Facts<'_>,
    found: &mut Vec<String>,
) {
    for (key, pattern) in pattern {
        compare(pattern, seen.get(key), &format!("{path}.{key}"), facts, found);
    }
}

/// Whether two values that are neither object nor list are the same; numbers by value.
fn same_scalar(pattern: &Value, seen: &Value, facts: Facts<'_>) -> bool {
    match (pattern, seen) {
        (Value::Number(pattern), Value::Number(seen)) => same_number(pattern, seen),
        (Value::String(pattern), Value::String(seen)) => filled(pattern, facts) == *seen,
        (pattern, seen) => pattern == seen,
    }
}

/// Whether two numbers have the same value, however they are written.
#[must_use]
pub fn same_number(left: &serde_json::Number, right: &serde_json::Number) -> bool {
    let whole = |number: &serde_json::Number| number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left.as_f64() == right.as_f64(),
    }
}

fn filled(text: &str, facts: Facts<'_>) -> String {
    text.replace("{lib_version}", facts.version)
        .replace("{lib}", facts.library)
}

impl Matcher {
    fn compare(&self, seen: Option<&Value>, path: &str, facts: Facts<'_>, found: &mut Vec<String>) {
        let Some(seen) = seen else {
            if !matches!(self, Self::Absent {}) {
                found.push(format!("{path}: expected a value ({self:?}), got nothing"));
            }
            return;
        };
        let text = seen.as_str();
        let holds = match self {
            Self::Any {} => true,
            Self::Absent {} => false,
            Self::Uuid {} => text.and_then(plain_uuid).is_some(),
            Self::UuidV7 {} => text
                .and_then(plain_uuid)
                .is_some_and(|uuid| is_of_version_7(uuid, facts.now_ms)),
            Self::Now {} => match facts.now_ms {
                Some(now_ms) => text.is_some_and(|text| moment::text(now_ms).as_deref() == Some(text)),
                None => text.is_some_and(moment::is_text),
            },
            Self::Timestamp {} => text.is_some_and(moment::is_text),
            Self::Text {
                contains,
                lacks,
                starts,
                ends,
            } => text.is_some_and(|text| {
                !text.is_empty()
                    && contains.iter().all(|piece| text.contains(&filled(piece, facts)))
                    && !lacks.iter().any(|piece| text.contains(&filled(piece, facts)))
                    && text.starts_with(&filled(starts, facts))
                    && text.ends_with(&filled(ends, facts))
            }),
            Self::Number { at_least, at_most } => seen.as_f64().is_some_and(|number| {
                at_least.is_none_or(|bound| number >= bound) && at_most.is_none_or(|bound| number <= bound)
            }),
            Self::OneOf { values } => values
                .iter()
                .any(|pattern| differences(pattern, Some(seen), path, facts).is_empty()),
            Self::Includes { value } => match seen {
                Value::Object(seen) => return compare_keys(value, seen, path, facts, found),
                _ => false,
            },
            Self::Unordered { items } => match seen {
                Value::Array(seen) => return compare_unordered(items, seen, path, facts, found),
                _ => false,
            },
        };
        if !holds {
            found.push(format!("{path}: expected {self:?}, got {}", short(seen)));
        }
    }
}

/// Pairs each pattern with the first item left that it matches; what stays over on either side is a difference.
fn compare_unordered(patterns: &[Value], seen: &[Value], path: &str, facts: Facts<'_>, found: &mut Vec<String>) {
    let mut left: Vec<&Value> = seen.iter().collect();
    for pattern in patterns {
        let place = left
            .iter()
            .position(|item| differences(pattern, Some(item), path, facts).is_empty());
        match place {
            Some(place) => drop(left.swap_remove(place)),
            None => found.push(format!("{path}: no item matches {}", short(pattern))),
        }
    }
    found.extend(
        left.iter()
            .map(|item| format!("{path}: an item too many: {}", short(item))),
    );
}

fn plain_uuid(text: &str) -> Option<uuid::Uuid> {
    let uuid = uuid::Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().to_string() == text).then_some(uuid)
}

fn is_of_version_7(uuid: uuid::Uuid, now_ms: Option<i64>) -> bool {
    let time = i64::try_from(uuid.as_u128() >> 80).ok();
    uuid.get_version_num() == 7 && now_ms.is_none_or(|now_ms| time == Some(now_ms))
}

/// A value for a message: cut, because a body can have a megabyte.
pub(crate) fn short(value: &Value) -> String {
    const SHOWN: usize = 200;
    let text = value.to_string();
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        // Writing to a String cannot fail.
        let _ = write!(shown, "... ({} bytes)", text.len());
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FACTS: Facts<'static> = Facts {
        library: "hogwire-x",
        version: "1.2.3",
        now_ms: Some(1_795_420_800_123),
    };

    fn matches(pattern: &Value, seen: &Value) -> bool {
        differences(pattern, Some(seen), "value", FACTS).is_empty()
    }

    #[test]
    fn objects_match_in_any_order_but_with_no_key_more_or_less() {
        assert!(matches(&json!({"a": 1, "b": [1, 2]}), &json!({"b": [1.0, 2], "a": 1})));
        for seen in [
            json!({"a": 1}),
            json!({"a": 1, "b": [1, 2], "c": 1}),
            json!({"a": 1, "b": [2, 1]}),
        ] {
            assert!(!matches(&json!({"a": 1, "b": [1, 2]}), &seen), "{seen}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value_without_losing_large_ones() {
        assert!(matches(&json!(1), &json!(1.0)));
        assert!(!matches(&json!(1), &json!("1")));
        assert!(!matches(&json!(1), &json!(true)));
        assert!(!matches(
            &json!(9_007_199_254_740_993_u64),
            &json!(9_007_199_254_740_992_u64)
        ));
    }

    #[test]
    fn each_rule_says_yes_and_no() {
        let v7 = "01a2076b-447b-7000-8000-000000000000";
        for (pattern, yes, no) in [
            (json!({"$match": "any"}), json!(null), None),
            (
                json!({"$match": "uuid"}),
                json!("6fa459ea-ee8a-3ca4-894e-db77e160355e"),
                Some(json!("6FA459EA-ee8a-3ca4-894e-db77e160355e")),
            ),
            (
                json!({"$match": "uuid_v7"}),
                json!(v7),
                Some(json!("01a2076b-447c-7000-8000-000000000000")),
            ),
            (
                json!({"$match": "uuid_v7"}),
                json!(v7),
                Some(json!("01a2076b-447b-4000-8000-000000000000")),
            ),
            (
                json!({"$match": "now"}),
                json!("2026-11-23T08:00:00.123Z"),
                Some(json!("2026-11-23T08:00:00.124Z")),
            ),
            (
                json!({"$match": "timestamp"}),
                json!("2026-01-01T00:00:00.000Z"),
                Some(json!("2026-01-01T00:00:00Z")),
            ),
            (json!({"$match": "text"}), json!("a"), Some(json!(""))),
            (
                json!({"$match": "text", "contains": ["{lib}/{lib_version}"], "lacks": ["z"]}),
                json!("hogwire-x/1.2.3 b"),
                Some(json!("hogwire-x/1.2.3 z")),
            ),
            (
                json!({"$match": "text", "starts": "ab", "ends": "cd"}),
                json!("abcd"),
                Some(json!("abc")),
            ),
            (
                json!({"$match": "number", "at_least": 1, "at_most": 2}),
                json!(2),
                Some(json!(2.5)),
            ),
            (
                json!({"$match": "one_of", "values": [1, {"$match": "text"}]}),
                json!("x"),
                Some(json!(2)),
            ),
            (
                json!({"$match": "includes", "value": {"a": 1}}),
                json!({"a": 1, "b": 2}),
                Some(json!({"b": 2})),
            ),
            (
                json!({"$match": "unordered", "items": [1, 2]}),
                json!([2, 1]),
                Some(json!([2, 2])),
            ),
            (json!({"a": {"$match": "absent"}}), json!({}), Some(json!({"a": null}))),
        ] {
            assert!(matches(&pattern, &yes), "{pattern} should take {yes}");
            assert!(
                no.is_none_or(|no| !matches(&pattern, &no)),
                "{pattern} should not take everything"
            );
        }
    }

    #[test]
    fn a_rule_that_is_not_understood_is_a_difference_and_refused_by_check() {
        for pattern in [json!({"$match": "regexp"}), json!({"$match": "text", "contain": []})] {
            assert!(!matches(&pattern, &json!("x")));
            assert!(check(&json!([{ "deep": pattern }])).is_err());
        }
    }

    #[test]
    fn a_difference_names_its_path() {
        let found = differences(
            &json!({"a": [{"b": 1}]}),
            Some(&json!({"a": [{"b": 2}]})),
            "body",
            FACTS,
        );
        assert_eq!(found, ["body.a[0].b: expected 1, got 2"]);
    }
}
