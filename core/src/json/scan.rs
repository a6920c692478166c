//! A token walk over JSON text that serde_json has already found valid, so that user data is looked at once and copied as it stands.
//!
//! It does not check syntax: on text that is not valid, it merely ends early.

use memchr::memchr2;

/// One token; texts keep their quotes, numbers their spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Text(&'a str),
    /// Text with at least one escape.
    EscapedText(&'a str),
    Number(&'a str),
    Boolean(bool),
    Null,
}

/// The tokens of valid JSON text, without commas and colons.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(valid_json: &'a str) -> Self {
        Self {
            text: valid_json,
            at: 0,
        }
    }

    /// The whole text of the value that comes next, containers included; empty at the end of the enclosing container.
    pub(crate) fn value_text(&mut self) -> &'a str {
        self.skip_separators();
        let start = self.at;
        match self.next() {
            Some(Token::ObjectStart | Token::ArrayStart) => self.skip_to_end(),
            Some(Token::ObjectEnd | Token::ArrayEnd) | None => return "",
            Some(_) => {}
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Skips the rest of the container that was opened last, its end included.
    pub(crate) fn skip_to_end(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some(Token::ObjectStart | Token::ArrayStart) => depth += 1,
                Some(Token::ObjectEnd | Token::ArrayEnd) => depth -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn skip_separators(&mut self) {
        let is_separator = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        while self.text.as_bytes().get(self.at).is_some_and(is_separator) {
            self.at += 1;
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let start = self.at;
        self.at = self.text.len().min(start + length);
        self.text.get(start..self.at).unwrap_or_default()
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_separators();
        let rest = self.text.as_bytes().get(self.at..)?;
        let (token, length) = match rest.first()? {
            b'{' => (Token::ObjectStart, 1),
            b'}' => (Token::ObjectEnd, 1),
            b'[' => (Token::ArrayStart, 1),
            b']' => (Token::ArrayEnd, 1),
            b't' => (Token::Boolean(true), 4),
            b'f' => (Token::Boolean(false), 5),
            b'n' => (Token::Null, 4),
            b'"' => {
                let (length, escaped) = text_length(rest);
                let text = self.take(length);
                return Some(if escaped {
                    Token::EscapedText(text)
                } else {
                    Token::Text(text)
                });
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                return Some(Token::Number(self.take(length)));
            }
        };
        self.take(length);
        Some(token)
    }
}

/// The top-level members of a valid JSON object: key token and the text of the value.
pub(crate) fn members(object: &str) -> impl Iterator<Item = (&str, &str)> {
    pairs(object.strip_prefix('{').unwrap_or(object))
}

/// The same for the inside of an object, without its braces.
pub(crate) fn pairs(inside: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut scanner = Scanner::new(inside);
    std::iter::from_fn(move || match scanner.next()? {
        Token::Text(key) | Token::EscapedText(key) => Some((key, scanner.value_text())),
        _ => None,
    })
}

/// Bytes of the text token at the start, quotes included, and whether it has an escape.
fn text_length(bytes: &[u8]) -> (usize, bool) {
    let mut at = 1;
    let mut escaped = false;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return (at, escaped);
        }
        // The character after a backslash does not end the text, whatever it is.
        escaped = true;
        at += 1;
    }
    (bytes.len(), escaped)
}

/// The same text token with every half surrogate pair as U+FFFD; `None` when there is none.
pub(crate) fn repair_surrogates(token: &str) -> Option<String> {
    let mut repaired: Option<String> = None;
    let mut kept_from = 0;
    let mut at = 0;
    while let Some(found) = token.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        match unicode_escape(token, escape) {
            Some(0xD800..=0xDBFF) if matches!(unicode_escape(token, escape + 6), Some(0xDC00..=0xDFFF)) => {
                at = escape + 12;
            }
            Some(0xD800..=0xDFFF) => {
                let text = repaired.get_or_insert_default();
                text.push_str(token.get(kept_from..escape).unwrap_or_default());
                text.push('\u{FFFD}');
                at = escape + 6;
                kept_from = at;
            }
            // A two-character escape, or \uXXXX of a whole character: the next backslash is not part of it.
            _ => at = escape + 2,
        }
    }
    if let Some(text) = &mut repaired {
        text.push_str(token.get(kept_from..).unwrap_or_default());
    }
    repaired
}

/// The UTF-16 unit of the `\uXXXX` escape that starts here.
fn unicode_escape(token: &str, start: usize) -> Option<u16> {
    let digits = token.get(start..start + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_token_is_found() {
        let tokens: Vec<_> = Scanner::new(r#" {"a\"": [1, -2.5e3 ,true,false , null], "b" : {} } "#).collect();
        let expected = [
            Token::ObjectStart,
            Token::EscapedText(r#""a\"""#),
            Token::ArrayStart,
            Token::Number("1"),
            Token::Number("-2.5e3"),
            Token::Boolean(true),
            Token::Boolean(false),
            Token::Null,
            Token::ArrayEnd,
            Token::Text("\"b\""),
            Token::ObjectStart,
            Token::ObjectEnd,
            Token::ObjectEnd,
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn members_keep_their_values_text() {
        let object = r#"{"a": {"b": [1, "}"]}, "c":"d", "e" : [] }"#;
        let found: Vec<_> = members(object).collect();
        assert_eq!(
            found,
            [("\"a\"", r#"{"b": [1, "}"]}"#), ("\"c\"", "\"d\""), ("\"e\"", "[]")]
        );
    }

    #[test]
    fn half_pairs_are_repaired_and_whole_ones_kept() {
        for (given, expected) in [
            (r#""\ud83d\ude00 ok""#, None),
            (r#""plain""#, None),
            (r#""\\ud800""#, None),
            (r#""a\ud800b""#, Some("\"a\u{FFFD}b\"")),
            (
                r#""\udc00\ud800\ud83d\ude00""#,
                Some("\"\u{FFFD}\u{FFFD}\\ud83d\\ude00\""),
            ),
        ] {
            assert_eq!(repair_surrogates(given).as_deref(), expected, "{given}");
        }
    }
}
