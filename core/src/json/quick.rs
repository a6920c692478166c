//! Quick: the usual JSON input, checked and played in with a single look at each byte.
//!
//! It takes what needs no second thought: objects of texts without escapes, numbers, booleans, null, and arrays and objects of them.
//! Whatever else comes, valid or not, it leaves to serde_json and the scanner, which know everything; so it must never take what
//! serde_json refuses, but may refuse what serde_json takes.

use crate::properties::{Properties, special_in};

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

    /// After a member of an object or array: whether there is another one, or else its closing bracket, which is taken.
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
        let length = special_in(self.bytes())?;
        let start = self.at - 1;
        self.at += length;
        // A backslash or a control character is for others.
        self.skip(b"\"").then_some(())?;
        self.text.get(start..self.at)
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

    /// An object of the caller's data.
    pub(crate) fn object(&mut self) -> Option<Properties> {
        self.take(b'{')?;
        let mut properties = Properties::new();
        self.members(&mut properties)?;
        Some(properties)
    }

    /// The members of an object, and its end.
    fn members(&mut self, properties: &mut Properties) -> Option<()> {
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let key = self.text()?;
            properties.key_token(key).ok()?;
            self.take(b':')?;
            self.value(properties)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    fn items(&mut self, properties: &mut Properties) -> Option<()> {
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            self.value(properties)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }

    fn value(&mut self, properties: &mut Properties) -> Option<()> {
        match self.peek()? {
            b'"' => properties.token(self.text()?).ok(),
            b'-' | b'0'..=b'9' => properties.number_token(self.number()?).ok(),
            b't' => self.word("true").and_then(|()| properties.boolean(true).ok()),
            b'f' => self.word("false").and_then(|()| properties.boolean(false).ok()),
            b'n' => self.word("null").and_then(|()| properties.null().ok()),
            b'{' => {
                self.at += 1;
                properties.begin_object().ok()?.then_some(())?;
                self.members(properties)?;
                properties.end_object().ok()
            }
            b'[' => {
                self.at += 1;
                properties.begin_array().ok()?.then_some(())?;
                self.items(properties)?;
                properties.end_array().ok()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::{Rng, SeedableRng};
    use serde_json::Value;

    use super::*;

    fn read(text: &str) -> Option<String> {
        let mut quick = Quick::new(text);
        let object = quick.object()?;
        quick.is_at_end().then(|| object.to_string())
    }

    #[test]
    fn usual_objects_are_taken_as_they_stand() {
        let text =
            " { \"a\" : [ 1 , -2.50e+3, 0.1 , true,false , null, [ ], { } ] , \"é\":{\"b\":\"界 x\"},\"c\":-0 } ";
        assert_eq!(
            read(text).as_deref(),
            Some(r#"{"a":[1,-2.50e+3,0.1,true,false,null,[],{}],"é":{"b":"界 x"},"c":-0}"#)
        );
        assert_eq!(read("{}").as_deref(), Some("{}"));
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
            "{\"a\":\"\\n\"}",
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
            if let Some(read) = read(&text) {
                taken += 1;
                let expected: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                assert_eq!(serde_json::from_str::<Value>(&read).unwrap(), expected, "{text}");
            }
        }
        assert!(taken > 10_000, "{taken}");
    }
}
