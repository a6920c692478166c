//! Plain: the quick way of an input, which `lib/plain.js` writes: marks that say what every value is and how long, and one text.

use hogwire::{Argument, Input, Operation, Parameter, Properties};

/// Bytes of the memory that hold marks; the text comes after them.
const MARKS_BYTES: usize = 16_384 * size_of::<u32>();

const PARAMETER: u32 = 0;
const KEY: u32 = 1;
const TEXT: u32 = 2;
const INTEGER: u32 = 3;
const FLOAT: u32 = 4;
const FALSE: u32 = 5;
const TRUE: u32 = 6;
const NULL: u32 = 7;
const OBJECT: u32 = 8;
const OBJECT_END: u32 = 9;
const ARRAY: u32 = 10;
const ARRAY_END: u32 = 11;
const LENGTH_BITS: u32 = 4;

/// Reads the input of this operation. `None` when it has to be read the thorough way, because a text has half a surrogate pair, or because
/// there is too much.
pub(crate) fn read(operation: Operation, memory: &[u8], marks: u32, bytes: u32) -> Option<Input<'_>> {
    let (all_marks, text) = memory.split_at_checked(MARKS_BYTES)?;
    let (all_marks, _) = all_marks.as_chunks();
    let text = str::from_utf8(text.get(..bytes as usize)?).ok()?;
    // Half a surrogate pair was replaced by this on its way here.
    if text.contains('\u{FFFD}') {
        return None;
    }
    let mut plain = Plain {
        marks: all_marks.get(..marks as usize)?.iter(),
        text,
    };
    let mut input = Input::new(operation);
    while let Some((PARAMETER, number)) = plain.mark() {
        let parameter = *Parameter::ALL.get(number)?;
        let argument = plain.argument()?;
        input.set(parameter, argument);
    }
    Some(input)
}

/// What is not read yet.
struct Plain<'m> {
    marks: std::slice::Iter<'m, [u8; 4]>,
    text: &'m str,
}

impl<'m> Plain<'m> {
    fn word(&mut self) -> Option<u32> {
        self.marks.next().copied().map(u32::from_ne_bytes)
    }

    /// What comes next, and how long it is.
    fn mark(&mut self) -> Option<(u32, usize)> {
        let mark = self.word()?;
        Some((mark & ((1 << LENGTH_BITS) - 1), (mark >> LENGTH_BITS) as usize))
    }

    /// The next text, of so many UTF-16 units.
    fn text(&mut self, units: usize) -> Option<&'m str> {
        let is_ascii = self.text.as_bytes().get(..units)?.is_ascii();
        let length = if is_ascii { units } else { length_of(self.text, units)? };
        let (text, rest) = self.text.split_at_checked(length)?;
        self.text = rest;
        Some(text)
    }

    fn number(&mut self) -> Option<f64> {
        let low = self.word()?;
        let high = self.word()?;
        let (first, second) = if cfg!(target_endian = "little") {
            (low, high)
        } else {
            (high, low)
        };
        Some(f64::from_bits(u64::from(second) << 32 | u64::from(first)))
    }

    #[allow(clippy::cast_possible_truncation, reason = "only safe integers are marked as such")]
    fn integer(&mut self) -> Option<i64> {
        self.number().map(|number| number as i64)
    }

    fn argument(&mut self) -> Option<Argument<'m>> {
        Some(match self.mark()? {
            (TEXT, units) => Argument::from(self.text(units)?),
            (INTEGER, _) => Argument::from(self.integer()?),
            (FLOAT, _) => Argument::Float(self.number()?),
            (FALSE, _) => Argument::Boolean(false),
            (TRUE, _) => Argument::Boolean(true),
            (NULL, _) => Argument::Absent,
            (OBJECT, _) => Argument::Object(self.object()?),
            _ => return None,
        })
    }

    /// The members of an object that has begun, and its end.
    fn object(&mut self) -> Option<Properties> {
        let mut properties = Properties::new();
        let mut depth = 0_usize;
        loop {
            let (kind, units) = self.mark()?;
            match kind {
                KEY => properties.key(self.text(units)?),
                TEXT => properties.text(self.text(units)?),
                INTEGER => properties.integer(self.integer()?),
                FLOAT => properties.float(self.number()?),
                FALSE | TRUE => properties.boolean(kind == TRUE),
                NULL => properties.null(),
                OBJECT | ARRAY => {
                    depth += 1;
                    let begun = if kind == OBJECT {
                        properties.begin_object()
                    } else {
                        properties.begin_array()
                    };
                    begun.ok()?.then_some(Ok(()))?
                }
                OBJECT_END if depth == 0 => return Some(properties),
                OBJECT_END | ARRAY_END => {
                    depth = depth.checked_sub(1)?;
                    if kind == OBJECT_END {
                        properties.end_object()
                    } else {
                        properties.end_array()
                    }
                }
                _ => return None,
            }
            .ok()?;
        }
    }
}

/// The bytes of the first so many UTF-16 units.
fn length_of(text: &str, units: usize) -> Option<usize> {
    let mut left = units;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.checked_sub(character.len_utf16())?;
    }
    (left == 0).then_some(text.len())
}
