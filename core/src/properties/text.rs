//! JSON text as the source of properties: walked once by its tokens and copied as it stands.

use super::{Container, MAX_TEXT_BYTES, Properties, Written, tag};
use crate::finding::FindingCode;
use crate::json::quick::{Quick, bare};
use crate::json::scan::{Scanner, Token, repair_surrogates};
use crate::rules::MAX_DEPTH;

impl Properties {
    /// The object in this JSON text, which serde_json has found valid and which starts with a brace.
    pub(crate) fn from_valid_json(object: &str) -> Self {
        let mut scanner = Scanner::new(object);
        scanner.next();
        Self::scanned(&mut scanner)
    }

    /// The object whose opening brace comes next, if it holds nothing unusual; `None` when it has to be read by its tokens.
    pub(crate) fn quick(quick: &mut Quick<'_>) -> Option<Self> {
        quick.take(b'{')?;
        let mut copy = Copying {
            from: quick.at(),
            quick,
            properties: Self::new(),
        };
        copy.object()?;
        Some(copy.properties)
    }

    /// The object whose opening brace the scanner has just given; its end is taken too.
    pub(crate) fn scanned(scanner: &mut Scanner<'_>) -> Self {
        let mut properties = Self::new();
        let mut whole = scanner.clone();
        // The overflow is noted and becomes a finding; what follows the object still has to be found.
        if properties.play_tokens(scanner, true).is_err() {
            whole.skip_to_end();
            *scanner = whole;
        }
        properties
    }

    /// The value in this text of one valid JSON value.
    pub(crate) fn json_value(&mut self, value: &str) -> Written {
        self.play_tokens(&mut Scanner::new(value), false)
    }

    /// `expects_key`: whether the next text is a key of an object.
    fn play_tokens(&mut self, scanner: &mut Scanner<'_>, mut expects_key: bool) -> Written {
        while let Some(token) = scanner.next() {
            match token {
                Token::Text(token) if expects_key && self.is_in_object() => {
                    self.key_token(token)?;
                    expects_key = false;
                    continue;
                }
                Token::EscapedText(token) if expects_key && self.is_in_object() => {
                    self.escaped_key_token(token)?;
                    expects_key = false;
                    continue;
                }
                Token::Text(token) => self.token(token)?,
                Token::EscapedText(token) => self.escaped_text(token)?,
                Token::Number(number) => self.number_token(number)?,
                Token::Boolean(value) => self.boolean(value)?,
                Token::Null => self.null()?,
                Token::ObjectStart => {
                    if !self.begin_object()? {
                        scanner.skip_to_end();
                    }
                }
                Token::ArrayStart => {
                    if !self.begin_array()? {
                        scanner.skip_to_end();
                    }
                }
                Token::ObjectEnd if self.open.is_empty() => break,
                Token::ObjectEnd => self.end_object()?,
                Token::ArrayEnd => self.end_array()?,
            }
            expects_key = true;
        }
        Ok(())
    }

    fn is_in_object(&self) -> bool {
        !matches!(self.open.last(), Some(Container::Array(_)))
    }

    fn escaped_key_token(&mut self, token: &str) -> Written {
        // The key is unescaped and escaped again, so that the same key always has the same bytes.
        let repaired = repair_surrogates(token);
        let key: String = serde_json::from_str(repaired.as_deref().unwrap_or(token)).unwrap_or_default();
        self.key(&key)?;
        if repaired.is_some() {
            self.warn_lone_surrogate();
        }
        Ok(())
    }

    fn escaped_text(&mut self, token: &str) -> Written {
        match repair_surrogates(token) {
            None => self.value(token.len(), |text| text.extend_from_slice(token.as_bytes())),
            Some(repaired) => {
                self.value(repaired.len(), |text| text.extend_from_slice(repaired.as_bytes()))?;
                self.warn_lone_surrogate();
                Ok(())
            }
        }
    }

    /// A key without escapes, with its quotes.
    pub(crate) fn key_token(&mut self, token: &str) -> Written {
        self.plain_key(bare(token))
    }

    /// A text without escapes, with its quotes.
    pub(crate) fn token(&mut self, token: &str) -> Written {
        self.value(token.len(), |text| text.extend_from_slice(token.as_bytes()))
    }

    /// A number as it is written.
    pub(crate) fn number_token(&mut self, token: &str) -> Written {
        if is_in_range(token) {
            self.token(token)
        } else {
            self.refuse(FindingCode::NumberOutOfRange, token)
        }
    }
}

/// Whether a number can be stored as it is: an integer of 64 bits, or a finite number of another kind.
pub(crate) fn is_in_range(token: &str) -> bool {
    let mut others = token.bytes().filter(|byte| matches!(byte, b'.' | b'e' | b'E'));
    match others.next() {
        None => token.len() <= 18 || token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok(),
        // Without an exponent, it takes hundreds of digits to be infinite.
        Some(b'.') if others.next().is_none() && token.len() <= 300 => true,
        _ => token.parse::<f64>().is_ok_and(f64::is_finite),
    }
}

/// An object that is copied while it is read, in pieces: white space between tokens is left out.
struct Copying<'q, 'a> {
    quick: &'q mut Quick<'a>,
    properties: Properties,
    /// Where the text starts that is still to be copied.
    from: usize,
}

impl Copying<'_, '_> {
    /// The members after an opening brace, and the closing one, which is not copied.
    fn object(&mut self) -> Option<()> {
        if self.peek()? == b'}' {
            return self.quick.take(b'}');
        }
        loop {
            self.peek();
            let start = self.place();
            let key = self.quick.text()?;
            let key_end = self.place();
            self.properties.make_room();
            self.properties.add_entry(tag(bare(key).as_bytes()), start, key_end);
            self.take(b':')?;
            if matches!(self.peek()?, b'{' | b'[') {
                self.properties.mark_nested();
            }
            self.value(0)?;
            let (end, next) = (self.quick.at(), self.peek()?);
            if next == b'}' {
                self.copy_to(end);
                return self.quick.take(b'}');
            }
            self.quick.take(b',')?;
        }
    }

    /// Where what comes next will stand in the copy.
    fn place(&self) -> usize {
        self.properties.text.len() + self.quick.at() - self.from
    }

    fn copy_to(&mut self, end: usize) {
        let piece = self.quick.since(self.from);
        let piece = piece.get(..end.saturating_sub(self.from)).unwrap_or_default();
        self.properties.text.extend_from_slice(piece.as_bytes());
        self.from = self.quick.at();
    }

    /// The next byte that is not white space; white space before it is left out of the copy.
    fn peek(&mut self) -> Option<u8> {
        let end = self.quick.at();
        let next = self.quick.peek()?;
        if self.quick.at() > end {
            self.copy_to(end);
        }
        Some(next)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.peek();
        self.quick.take(byte)
    }

    fn members(&mut self, depth: usize) -> Option<()> {
        if self.peek()? == b'}' {
            return self.quick.take(b'}');
        }
        loop {
            self.peek();
            self.quick.text()?;
            self.take(b':')?;
            self.value(depth)?;
            self.peek();
            if !self.quick.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    fn items(&mut self, depth: usize) -> Option<()> {
        if self.peek()? == b']' {
            return self.quick.take(b']');
        }
        loop {
            self.value(depth)?;
            self.peek();
            if !self.quick.goes_on(b']')? {
                return Some(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if self.place() > MAX_TEXT_BYTES {
            return None;
        }
        match self.peek()? {
            b'"' => self.quick.escaped_text(),
            b'-' | b'0'..=b'9' => is_in_range(self.quick.number()?).then_some(()),
            b't' => self.quick.word("true"),
            b'f' => self.quick.word("false"),
            b'n' => self.quick.word("null"),
            b'{' if depth < MAX_DEPTH => {
                self.quick.take(b'{')?;
                self.members(depth + 1)
            }
            b'[' if depth < MAX_DEPTH => {
                self.quick.take(b'[')?;
                self.items(depth + 1)
            }
            _ => None,
        }
    }
}
