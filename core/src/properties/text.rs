//! JSON text as the source of properties: valid text is walked once by its tokens and copied as it stands.

use std::collections::HashSet;

use super::{Container, Properties, Written};
use crate::finding::FindingCode;
use crate::json::scan::{Scanner, Token, repair_surrogates};

impl Properties {
    /// The object in this JSON text, which serde_json has found valid and which starts with a brace.
    pub(crate) fn from_valid_json(object: &str) -> Self {
        let mut properties = Self::with_capacity(object.len());
        // `Full` needs no handling: the overflow is noted and becomes a finding.
        let _ = properties.play_json(object);
        properties.remove_repeated_keys();
        properties
    }

    fn play_json(&mut self, object: &str) -> Written {
        let mut skipping = 0_usize;
        // `true` while the next text is a key of an object, per open container.
        let mut expects_key = true;
        for token in Scanner::new(object).skip(1) {
            let in_object = !matches!(self.open.last(), Some(Container::Array(_)));
            if skipping > 0 {
                match token {
                    Token::ObjectStart | Token::ArrayStart => skipping += 1,
                    Token::ObjectEnd | Token::ArrayEnd => skipping -= 1,
                    _ => {}
                }
                continue;
            }
            match token {
                Token::Text(text) if in_object && expects_key => {
                    self.raw_key(text)?;
                    expects_key = false;
                    continue;
                }
                Token::Text(text) => self.raw_text(text)?,
                Token::Number(number) => self.raw_number(number)?,
                Token::Boolean(value) => self.boolean(value)?,
                Token::Null => self.null()?,
                Token::ObjectStart => skipping += usize::from(!self.begin_object()?),
                Token::ArrayStart => skipping += usize::from(!self.begin_array()?),
                Token::ObjectEnd if self.open.is_empty() => break,
                Token::ObjectEnd => self.end_object()?,
                Token::ArrayEnd => self.end_array()?,
            }
            expects_key = true;
        }
        Ok(())
    }

    fn raw_key(&mut self, token: &str) -> Written {
        if !token.contains('\\') {
            return self.begin_key(|text| text.extend_from_slice(token.as_bytes()));
        }
        // Escapes in keys are written anew, so that the same key always has the same bytes.
        let repaired = repair_surrogates(token);
        let key: String = serde_json::from_str(repaired.as_deref().unwrap_or(token)).unwrap_or_default();
        self.key(&key)?;
        if repaired.is_some() {
            self.warn_lone_surrogate();
        }
        Ok(())
    }

    fn raw_text(&mut self, token: &str) -> Written {
        match repair_surrogates(token) {
            None => self.value(token.len(), |text| text.extend_from_slice(token.as_bytes())),
            Some(repaired) => {
                self.value(repaired.len(), |text| text.extend_from_slice(repaired.as_bytes()))?;
                self.warn_lone_surrogate();
                Ok(())
            }
        }
    }

    fn raw_number(&mut self, token: &str) -> Written {
        let is_integer = !token.contains(['.', 'e', 'E']);
        let in_range = if is_integer {
            token.len() <= 18 || token.parse::<i64>().is_ok() || token.parse::<u64>().is_ok()
        } else {
            token.parse::<f64>().is_ok_and(f64::is_finite)
        };
        if in_range {
            self.value(token.len(), |text| text.extend_from_slice(token.as_bytes()))
        } else {
            self.refuse(FindingCode::NumberOutOfRange, token)
        }
    }

    /// Keeps the last of each repeated key, as parsers of JSON do.
    pub(crate) fn remove_repeated_keys(&mut self) {
        let mut seen = HashSet::with_capacity(self.entries.len());
        let text = &self.text;
        for entry in self.entries.iter_mut().rev() {
            let key = text.get(entry.start..entry.key_end).unwrap_or_default();
            if !entry.removed && !seen.insert(key) {
                entry.removed = true;
            }
        }
    }
}
