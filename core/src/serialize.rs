//! Rust values as property values: a serde serializer that plays any `Serialize` type into [`Properties`], without a tree in between.
//!
//! serde_json's own serializer silently turns NaN into null; this one notes it under its path.

use serde::ser::{self, Impossible, Serialize};

use crate::finding::FindingCode;
use crate::json::input::valid_json;
use crate::properties::{Full, Properties};

impl Properties {
    /// Takes in `key` with any serializable value. Values that cannot be sent are noted and become findings of the call.
    ///
    /// ```
    /// let mut properties = hogwire::Properties::new();
    /// properties.insert("plan", "pro");
    /// properties.insert("seats", 3);
    /// assert_eq!(properties.to_string(), r#"{"plan":"pro","seats":3}"#);
    /// ```
    pub fn insert(&mut self, key: &str, value: impl Serialize) {
        let played = self
            .key(key)
            .map_err(Problem::from)
            .and_then(|()| value.serialize(Player(self)));
        match played {
            // `Full` is noted by the object itself.
            Ok(()) | Err(Problem::Full) => {}
            Err(problem) => {
                self.close_all();
                let _ = match problem {
                    Problem::NoText => self.refuse(FindingCode::InvalidKey, "no text"),
                    problem => self.refuse(FindingCode::UnreadableValue, &problem.to_string()),
                };
            }
        }
    }
}

/// Why a value was not played in to its end.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("the object is full")]
    Full,
    #[error("a map key is no text")]
    NoText,
    #[error("{0}")]
    Raised(String),
}

impl From<Full> for Problem {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl ser::Error for Problem {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Raised(message.to_string())
    }
}

type Played = Result<(), Problem>;

struct Player<'p>(&'p mut Properties);

impl<'p> Player<'p> {
    /// An array or object, closed by [`Open::finish`].
    fn open(self, array: bool, variant: Option<&'static str>) -> Result<Open<'p>, Problem> {
        let properties = self.0;
        if let Some(variant) = variant {
            if !properties.begin_object()? {
                return Ok(Open {
                    properties,
                    array,
                    skipped: true,
                    wrapped: false,
                    text: false,
                });
            }
            properties.key(variant)?;
        }
        let opened = if array {
            properties.begin_array()?
        } else {
            properties.begin_object()?
        };
        Ok(Open {
            properties,
            array,
            skipped: !opened,
            wrapped: variant.is_some(),
            text: false,
        })
    }

    /// One of serde_json's numbers or values that it keeps as text. How it hands them on is not part of its documented interface, but is the
    /// same in all its versions.
    fn open_text(self) -> Open<'p> {
        Open {
            properties: self.0,
            array: false,
            skipped: false,
            wrapped: false,
            text: true,
        }
    }
}

/// A container being written. One that is nested too deep is skipped: its parts are not looked at.
struct Open<'p> {
    properties: &'p mut Properties,
    array: bool,
    skipped: bool,
    /// Whether it stands in an object of its own, under its variant's name.
    wrapped: bool,
    /// Whether its one field holds JSON text, as serde_json's numbers and values do that are kept as text.
    text: bool,
}

impl Open<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Played {
        if self.skipped {
            Ok(())
        } else {
            value.serialize(Player(self.properties))
        }
    }

    fn named(&mut self, key: &str) -> Played {
        if self.skipped {
            Ok(())
        } else {
            Ok(self.properties.key(key)?)
        }
    }

    /// The JSON text in the one field of what [`Player::open_text`] opened.
    fn json_text<T: Serialize + ?Sized>(&mut self, value: &T) -> Played {
        let text = serde_json::to_value(value).map_err(<Problem as ser::Error>::custom)?;
        let text = valid_json(text.as_str().unwrap_or_default().as_bytes());
        Ok(self.properties.json_value(text.map_err(Problem::Raised)?)?)
    }

    fn finish(self) -> Played {
        if !self.skipped && !self.text {
            if self.array {
                self.properties.end_array()?;
            } else {
                self.properties.end_object()?;
            }
        }
        if self.wrapped {
            self.properties.end_object()?;
        }
        Ok(())
    }
}

impl<'p> ser::Serializer for Player<'p> {
    type Ok = ();
    type Error = Problem;
    type SerializeSeq = Open<'p>;
    type SerializeTuple = Open<'p>;
    type SerializeTupleStruct = Open<'p>;
    type SerializeTupleVariant = Open<'p>;
    type SerializeMap = Open<'p>;
    type SerializeStruct = Open<'p>;
    type SerializeStructVariant = Open<'p>;

    fn serialize_bool(self, value: bool) -> Played {
        Ok(self.0.boolean(value)?)
    }
    fn serialize_i8(self, value: i8) -> Played {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Played {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Played {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Played {
        Ok(self.0.integer(value)?)
    }
    fn serialize_u8(self, value: u8) -> Played {
        self.serialize_u64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Played {
        self.serialize_u64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Played {
        self.serialize_u64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Played {
        Ok(self.0.unsigned(value)?)
    }
    fn serialize_i128(self, value: i128) -> Played {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => self.serialize_i64(value),
            (_, Ok(value)) => self.serialize_u64(value),
            _ => Ok(self.0.refuse(FindingCode::NumberOutOfRange, &value.to_string())?),
        }
    }
    fn serialize_u128(self, value: u128) -> Played {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            Err(_) => Ok(self.0.refuse(FindingCode::NumberOutOfRange, &value.to_string())?),
        }
    }
    fn serialize_f32(self, value: f32) -> Played {
        // Through its shortest text: converted directly, 0.1 would get digits that nobody wrote.
        self.serialize_f64(value.to_string().parse().unwrap_or_else(|_| value.into()))
    }
    fn serialize_f64(self, value: f64) -> Played {
        Ok(self.0.float(value)?)
    }
    fn serialize_char(self, value: char) -> Played {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Played {
        Ok(self.0.text(value)?)
    }
    fn serialize_bytes(self, _: &[u8]) -> Played {
        Ok(self.0.refuse(FindingCode::InvalidType, "bytes")?)
    }
    fn serialize_none(self) -> Played {
        Ok(self.0.null()?)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Played {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Played {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Played {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Played {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Played {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Played {
        let mut open = self.open(false, None)?;
        open.named(variant)?;
        open.part(value)?;
        open.finish()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'p>, Problem> {
        self.open(true, None)
    }
    fn serialize_tuple(self, _: usize) -> Result<Open<'p>, Problem> {
        self.open(true, None)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'p>, Problem> {
        self.open(true, None)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'p>, Problem> {
        self.open(true, Some(variant))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Open<'p>, Problem> {
        self.open(false, None)
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Open<'p>, Problem> {
        match name {
            "$serde_json::private::Number" | "$serde_json::private::RawValue" => Ok(self.open_text()),
            _ => self.open(false, None),
        }
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'p>, Problem> {
        self.open(false, Some(variant))
    }
}

macro_rules! sequence {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for Open<'_> {
            type Ok = ();
            type Error = Problem;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Played {
                self.part(value)
            }
            fn end(self) -> Played {
                self.finish()
            }
        }
    };
}
sequence!(SerializeSeq, serialize_element);
sequence!(SerializeTuple, serialize_element);
sequence!(SerializeTupleStruct, serialize_field);
sequence!(SerializeTupleVariant, serialize_field);

macro_rules! structure {
    ($trait:ident) => {
        impl ser::$trait for Open<'_> {
            type Ok = ();
            type Error = Problem;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Played {
                if self.text {
                    return self.json_text(value);
                }
                self.named(key)?;
                self.part(value)
            }
            fn end(self) -> Played {
                self.finish()
            }
        }
    };
}
structure!(SerializeStruct);
structure!(SerializeStructVariant);

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Problem;

    /// Keys become text as serde_json does it: numbers, booleans and unit variants in their own spelling.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Played {
        match key.serialize(TextKey(self)) {
            Err(Problem::NoText) => {}
            played => return played,
        }
        let key = match serde_json::to_value(key).map_err(<Problem as ser::Error>::custom)? {
            serde_json::Value::String(key) => key,
            key @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => key.to_string(),
            _ => return Err(Problem::NoText),
        };
        self.named(&key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Played {
        self.part(value)
    }

    fn end(self) -> Played {
        self.finish()
    }
}

/// A map key that is text, as nearly all are: played in without a copy. Any other is [`Problem::NoText`].
struct TextKey<'o, 'p>(&'o mut Open<'p>);

type NoCompound = Impossible<(), Problem>;

/// Methods of a serializer that refuse what they are given.
macro_rules! no_text {
    ($($method:ident($($type:ty),*) -> $answer:ty;)*) => {
        $(fn $method(self $(, _: $type)*) -> Result<$answer, Problem> {
            Err(Problem::NoText)
        })*
    };
}

impl ser::Serializer for TextKey<'_, '_> {
    type Ok = ();
    type Error = Problem;
    type SerializeSeq = NoCompound;
    type SerializeTuple = NoCompound;
    type SerializeTupleStruct = NoCompound;
    type SerializeTupleVariant = NoCompound;
    type SerializeMap = NoCompound;
    type SerializeStruct = NoCompound;
    type SerializeStructVariant = NoCompound;

    fn serialize_str(self, value: &str) -> Played {
        self.0.named(value)
    }
    fn serialize_i128(self, value: i128) -> Played {
        self.0.named(&value.to_string())
    }
    fn serialize_u128(self, value: u128) -> Played {
        self.0.named(&value.to_string())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Played {
        Err(Problem::NoText)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Played {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Played {
        Err(Problem::NoText)
    }
    no_text! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> NoCompound;
        serialize_tuple(usize) -> NoCompound;
        serialize_tuple_struct(&'static str, usize) -> NoCompound;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> NoCompound;
        serialize_map(Option<usize>) -> NoCompound;
        serialize_struct(&'static str, usize) -> NoCompound;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> NoCompound;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(u8, f32),
        Struct { side: Option<char> },
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    enum Key {
        First,
        Second,
    }

    #[test]
    fn every_shape_reads_as_serde_json_writes_it() {
        let shapes = (
            Shape::Unit,
            Shape::Newtype(1),
            Shape::Tuple(2, 0.1),
            Shape::Struct { side: Some('x') },
        );
        let map = BTreeMap::from([(1, "one"), (2, "two")]);
        let mut properties = Properties::new();
        properties.insert("shapes", &shapes);
        properties.insert("map", &map);
        properties.insert("named", BTreeMap::from([("a\"b", 1), ("c", 2)]));
        properties.insert("variants", BTreeMap::from([(Key::First, 1), (Key::Second, 2)]));
        properties.insert("large", BTreeMap::from([(i128::MAX, 1)]));
        properties.insert("unit", ());
        // By its text: as a value, serde_json makes the longer f64 of a f32.
        let shapes: serde_json::Value = serde_json::from_str(&serde_json::to_string(&shapes).unwrap()).unwrap();
        let expected = serde_json::json!({
            "shapes": shapes, "map": map, "named": { "a\"b": 1, "c": 2 }, "variants": { "First": 1, "Second": 2 }, "large": { i128::MAX.to_string(): 1 }, "unit": null,
        });
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&properties.to_string()).unwrap(),
            expected
        );
    }

    /// As serde_json's `Number` and `RawValue` do in a program that keeps them as text.
    struct Text(&'static str, &'static str);

    impl Serialize for Text {
        fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use ser::SerializeStruct;
            let mut open = serializer.serialize_struct(self.0, 1)?;
            open.serialize_field(self.0, self.1)?;
            open.end()
        }
    }

    #[test]
    fn what_serde_json_keeps_as_text_is_what_the_text_says() {
        let [number, raw] = ["$serde_json::private::Number", "$serde_json::private::RawValue"];
        let mut properties = Properties::new();
        properties.insert("n", Text(number, "5"));
        properties.insert("list", [Text(number, "1.50"), Text(raw, r#" "text" "#)]);
        properties.insert("object", Text(raw, r#"{"a": {"b": ["c", null]}}"#));
        let expected = r#"{"n":5,"list":[1.50,"text"],"object":{"a":{"b":["c",null]}}}"#;
        assert_eq!(properties.to_string(), expected);
        properties.insert("id", Text(number, "18446744073709551616"));
        properties.insert("broken", Text(raw, "{"));
        let codes: Vec<_> = properties
            .take_findings()
            .refusals()
            .iter()
            .map(|finding| finding.code)
            .collect();
        assert_eq!(codes, [FindingCode::NumberOutOfRange, FindingCode::UnreadableValue]);
    }

    #[test]
    fn what_json_cannot_hold_is_noted() {
        let mut properties = Properties::new();
        properties.insert("pairs", BTreeMap::from([((1, 2), "a tuple is no key")]));
        properties.insert("ratio", f64::NAN);
        properties.insert("id", u128::MAX);
        let codes: Vec<_> = properties
            .take_findings()
            .refusals()
            .iter()
            .map(|finding| finding.code)
            .collect();
        assert_eq!(
            codes,
            [
                FindingCode::InvalidKey,
                FindingCode::NotFinite,
                FindingCode::NumberOutOfRange
            ]
        );
    }
}
