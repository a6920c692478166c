//! A token walk over JSON text that serde_json has already found valid, so that user data is looked at once and copied as it stands.
//!
//! It refuses to judge syntax: on text that was not checked before, it merely ends early.

/// One token; texts keep their quotes and escapes, numbers their spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Text(&'a str),
    Number(&'a str),
    Boolean(bool),
    Null,
}

/// The tokens of valid JSON text, without commas and colons.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(valid_json: &'a str) -> Self {
        Self { rest: valid_json }
    }

    /// The whole text of the value that comes next, containers included; empty at the end of the enclosing container.
    pub(crate) fn value_text(&mut self) -> &'a str {
        self.skip_separators();
        let start = self.rest;
        let mut depth = 0_usize;
        for token in self.by_ref() {
            match token {
                Token::ObjectStart | Token::ArrayStart => depth += 1,
                Token::ObjectEnd | Token::ArrayEnd if depth == 0 => return "",
                Token::ObjectEnd | Token::ArrayEnd => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        start.get(..start.len() - self.rest.len()).unwrap_or_default()
    }

    fn skip_separators(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ',', ':']);
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_separators();
        let token = match self.rest.as_bytes().first()? {
            b'{' => (Token::ObjectStart, 1),
            b'}' => (Token::ObjectEnd, 1),
            b'[' => (Token::ArrayStart, 1),
            b']' => (Token::ArrayEnd, 1),
            b't' => (Token::Boolean(true), 4),
            b'f' => (Token::Boolean(false), 5),
            b'n' => (Token::Null, 4),
            b'"' => {
                let length = text_length(self.rest.as_bytes());
                return Some(Token::Text(self.take(length)));
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                let length = self
                    .rest
                    .bytes()
                    .position(|byte| ends(&byte))
                    .unwrap_or(self.rest.len());
                return Some(Token::Number(self.take(length)));
            }
        };
        self.take(token.1);
        Some(token.0)
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
        Token::Text(key) => Some((key, scanner.value_text())),
        _ => None,
    })
}

/// Bytes of the text token at the start, quotes included.
fn text_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    bytes.len()
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
            Token::Text(r#""a\"""#),
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
