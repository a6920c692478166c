//! JSON as the recorded server wrote it. Our `serde_json` spells large floats `1e+29`, its older one spelled them `1e29`; such text ends up in
//! distinct ids and in sizes.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

struct OlderFloats;

impl Formatter for OlderFloats {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(serde_json::to_string(&value)?.replace("e+", "e").as_bytes())
    }
}

/// A value as compact JSON.
pub(super) fn of(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, OlderFloats))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

#[cfg(test)]
mod tests {
    #[test]
    fn floats_are_spelled_as_the_recorded_server_spelled_them() {
        let spelled = |value: f64| super::of(&value).unwrap();
        assert_eq!(spelled(1.234_567_890_123_456_8e29), "1.2345678901234568e29");
        assert_eq!(spelled(1e15), "1000000000000000.0");
        assert_eq!(spelled(1e16), "1e16");
        assert_eq!(spelled(1e-5), "0.00001");
        assert_eq!(spelled(1e-6), "1e-6");
        assert_eq!(spelled(-0.0), "-0.0");
    }
}
