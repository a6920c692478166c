//! Quick: a reader of usual JSON input that looks at each byte once, to check it and to find the tokens.
//!
//! It takes names without escapes, texts without `\u`, numbers, booleans, null, and arrays and objects of them. Everything else, valid or
//! not, is left to serde_json and the scanner, which take all of JSON. So it may refuse what serde_json takes, but must never take what
//! serde_json refuses.

use super::write::special_in;

/// JSON text being read.
#[derive(Debug)]
pub(crate) struct Quick<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Quick<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where it stands in the text.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The text from `start` to where it stands now.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Takes this byte, white space before it included.
    pub(crate) fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Takes what follows a member of an object or array: a comma (`true`: there is another member) or the closing bracket.
    pub(crate) fn goes_on(&mut self, closing: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        match next {
            b',' => Some(true),
            _ if next == closing => Some(false),
            _ => None,
        }
    }

    /// A text without escapes, with its quotes.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at - 1;
        let rest = self.bytes();
        let length = special_in(rest)?;
        // A backslash or a control character is left to the others.
        (rest.get(length) == Some(&b'"')).then_some(())?;
        self.at += length + 1;
        self.text.get(start..self.at)
    }

    /// A text with its quotes, which may have escapes of one letter.
    pub(crate) fn escaped_text(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            self.at += special_in(self.bytes())?;
            match self.bytes() {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(());
                }
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
                _ => return None,
            }
        }
    }

    /// A number as it is written.
    pub(crate) fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.skip(b"-");
        match self.bytes().first()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.skip(b".") {
            self.digits()?;
        }
        if self.skip(b"eE") {
            self.skip(b"+-");
            self.digits()?;
        }
        self.text.get(start..self.at)
    }

    fn skip(&mut self, any_of: &[u8]) -> bool {
        let found = self.bytes().first().is_some_and(|byte| any_of.contains(byte));
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Option<()> {
        let bytes = self.bytes();
        let count = bytes
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(bytes.len());
        self.at += count;
        (count > 0).then_some(())
    }

    /// One of JSON's three words.
    pub(crate) fn word(&mut self, word: &str) -> Option<()> {
        self.bytes().starts_with(word.as_bytes()).then(|| self.at += word.len())
    }
}

/// A text token without its quotes.
pub(crate) fn bare(token: &str) -> &str {
    token.get(1..token.len().saturating_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::{Rng, SeedableRng};
    use serde_json::Value;

    use super::super::input::quick_object;
    use crate::properties::Properties;

    fn read(text: &str) -> Option<String> {
        quick_object(text.as_bytes()).map(|object| object.to_string())
    }

    /// Everything there is to know of an object.
    fn told(object: &Properties) -> (String, Vec<(String, String)>, Vec<String>) {
        let pairs = object.iter().map(|(key, value)| (key, value.to_owned()));
        (object.to_string(), pairs.collect(), object.nested_keys().collect())
    }

    #[test]
    fn usual_objects_are_taken_as_they_stand() {
        let text =
            " { \"a\" : [ 1 , -2.50e+3, 0.1 , true,false , null, [ ], { } ] , \"é\":{\"b\":\"界 x\"},\"c\":-0 } ";
        assert_eq!(
            read(text).as_deref(),
            Some(r#"{"a":[1,-2.50e+3,0.1,true,false,null,[],{}],"é":{"b":"界 x"},"c":-0}"#)
        );
        let compact = r#"{"a":"b","c":["\"\\\/\b\f\n\r\t é"],"d":{"e":{}}}"#;
        assert_eq!(read(compact).as_deref(), Some(compact));
        assert_eq!(read("{}").as_deref(), Some("{}"));
        assert_eq!(read(r#"{"a":1,"b":2,"a":3}"#).as_deref(), Some(r#"{"b":2,"a":3}"#));
    }

    #[test]
    fn what_needs_a_second_look_is_left_alone() {
        for text in [
            "",
            "{",
            "[]",
            "{\"a\":1}x",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":1e}",
            "{\"a\":+1}",
            "{\"a\":-}",
            "{\"a\":tru}",
            "{\"a\":nul}",
            "{a:1}",
            "{\"a\" 1}",
            "{\"a\":1,}",
            "{,}",
            "{\"a\":[1,]}",
            "{\"a\":[}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"\\u0041\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\\"}",
            "{\"\\n\":1}",
            "{\"a\":18446744073709551616}",
            "{\"a\":1e999}",
            "{\"a\":\"b}",
            "{\"a\"}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":Infinity}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_taken_that_serde_json_refuses_or_reads_otherwise() {
        let mut rng = Pcg64::seed_from_u64(11);
        let mut draw = |below: usize| usize::try_from(rng.next_u64()).unwrap_or(0) % below;
        let seed = r#"{"plan":"pro","n":-12.5e-3,"list":[1,true,null,"é",{"x":[]}],"o":{"k":0},"f":false}"#;
        let alphabet: Vec<char> = "{}[]\",:0123456789-+.eEtrufalsn \\\t\n\u{1}é".chars().collect();
        let mut taken = 0;
        for _ in 0..60_000 {
            let mut text: Vec<char> = seed.chars().collect();
            for _ in 0..draw(4) {
                let (place, letter) = (draw(text.len()), alphabet[draw(alphabet.len())]);
                match draw(3) {
                    0 => text[place] = letter,
                    1 => text.insert(place, letter),
                    _ => drop(text.remove(place)),
                }
            }
            let text: String = text.into_iter().collect();
            if let Some(read) = quick_object(text.as_bytes()) {
                taken += 1;
                let expected: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                let (json, ..) = told(&read);
                assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), expected, "{text}");
                assert_eq!(told(&read), told(&Properties::from_valid_json(text.trim())), "{text}");
            }
        }
        assert!(taken > 10_000, "{taken}");
    }
}
