//! From a file's text to one JSON value: repeated keys are refused, and values too long to write out are made.
//!
//! `{"$make": "text", "of": "x", "times": 201}` stands for 201 times `x`. Nothing else is read into a value here.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

/// Parses the text and makes what it asks for.
///
/// # Errors
/// The text is no JSON, repeats a key, or holds a `$make` that is not understood.
pub fn read(text: &str) -> Result<Value, serde_json::Error> {
    make(strict(text)?)
}

/// Parses the text, taking every key for what it is.
///
/// # Errors
/// The text is no JSON, or repeats a key.
pub fn strict(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).map(|Strict(value)| value)
}

/// A value that takes no key twice: in a vector, the first of two would be lost without a word.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// Replaces each `$make` by what it stands for.
fn make(value: Value) -> Result<Value, serde_json::Error> {
    match value {
        Value::Array(items) => items.into_iter().map(make).collect(),
        Value::Object(object) if object.contains_key("$make") => {
            serde_json::from_value::<Made>(Value::Object(object)).map(Made::value)
        }
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| Ok((key, make(value)?)))
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        plain => Ok(plain),
    }
}

/// Values that would be too long to write out.
#[derive(serde::Deserialize)]
#[serde(tag = "$make", rename_all = "snake_case", deny_unknown_fields)]
enum Made {
    /// A text repeated, perhaps with something before and after it.
    Text {
        of: String,
        times: usize,
        #[serde(default)]
        before: String,
        #[serde(default)]
        after: String,
    },
    /// Objects or arrays inside one another.
    Nested { of: Shell, times: usize },
    /// An object with the keys `prefix0`, `prefix1`, ..., all of one value.
    Keys { prefix: String, times: usize, value: Value },
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shell {
    Object,
    Array,
}

impl Made {
    fn value(self) -> Value {
        match self {
            Self::Text {
                of,
                times,
                before,
                after,
            } => Value::String(before + &of.repeat(times) + &after),
            Self::Nested { of, times } => (1..times).fold(of.around(None), |inner, _| of.around(Some(inner))),
            Self::Keys { prefix, times, value } => Value::Object(
                (0..times)
                    .map(|number| (format!("{prefix}{number}"), value.clone()))
                    .collect(),
            ),
        }
    }
}

impl Shell {
    fn around(&self, inner: Option<Value>) -> Value {
        match (self, inner) {
            (Self::Array, inner) => Value::Array(inner.into_iter().collect()),
            (Self::Object, None) => json!({}),
            (Self::Object, Some(inner)) => json!({ "in": inner }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_refused_at_any_depth() {
        assert!(
            read(r#"{"a": 1, "b": [{"c": 1, "c": 2}]}"#)
                .unwrap_err()
                .to_string()
                .contains("`c` stands twice")
        );
    }

    #[test]
    fn long_values_are_made() {
        let made = read(
            r#"[{"$make": "text", "of": "ab", "times": 2, "before": "<", "after": ">"},
                {"$make": "nested", "of": "array", "times": 3},
                {"$make": "nested", "of": "object", "times": 2},
                {"$make": "keys", "prefix": "k", "times": 2, "value": 0}]"#,
        );
        assert_eq!(made.unwrap(), json!(["<abab>", [[[]]], {"in": {}}, {"k0": 0, "k1": 0}]));
        assert!(read(r#"{"$make": "text", "of": "a", "time": 2}"#).is_err());
    }
}
