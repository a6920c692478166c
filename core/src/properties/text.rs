//! JSON text as the source of properties: valid text is walked once by its tokens and copied as it stands.

use super::{Container, Properties, Written};
use crate::finding::FindingCode;
use crate::json::scan::{Scanner, Token, repair_surrogates};

impl Properties {
    /// The object in this JSON text, which serde_json has found valid and which starts with a brace.
    pub(crate) fn from_valid_json(object: &str) -> Self {
        let mut scanner = Scanner::new(object);
        scanner.next();
        Self::scanned(&mut scanner)
    }

    /// The object whose opening brace the scanner has just given; its end is taken too.
    pub(crate) fn scanned(scanner: &mut Scanner<'_>) -> Self {
        let mut properties = Self::new();
        let mut whole = scanner.clone();
        // The overflow is noted and becomes a finding; what follows the object still has to be found.
        if properties.play_tokens(scanner).is_err() {
            whole.skip_to_end();
            *scanner = whole;
        }
        properties
    }

    fn play_tokens(&mut self, scanner: &mut Scanner<'_>) -> Written {
        // `true` while the next text is a key of an object.
        let mut expects_key = true;
        while let Some(token) = scanner.next() {
            match token {
                Token::Text(token) if expects_key && self.is_in_object() => {
                    self.key_token(token)?;
                    expects_key = false;
                    continue;
                }
                Token::EscapedText(token) if expects_key && self.is_in_object() => {
                    self.escaped_key(token)?;
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

    fn escaped_key(&mut self, token: &str) -> Written {
        // Escapes in keys are written anew, so that the same key always has the same bytes.
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
        self.begin_key(token.len(), |text| text.extend_from_slice(token.as_bytes()))
    }

    /// A text without escapes, with its quotes.
    pub(crate) fn token(&mut self, token: &str) -> Written {
        self.value(token.len(), |text| text.extend_from_slice(token.as_bytes()))
    }

    /// A number as it is written.
    pub(crate) fn number_token(&mut self, token: &str) -> Written {
        let is_integer = !token.contains(['.', 'e', 'E']);
        let in_range = if is_integer {
            token.len() <= 18 || token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok()
        } else {
            token.parse::<f64>().is_ok_and(f64::is_finite)
        };
        if in_range {
            self.token(token)
        } else {
            self.refuse(FindingCode::NumberOutOfRange, token)
        }
    }
}
