//! Spare memory: what one object needed is used by the thread's next one, because every event needs it for a moment only.

use std::cell::Cell;

use super::{Container, Entry, Properties};

/// Room made with the first key, in bytes of JSON and entries: what most events need.
const USUAL_BYTES: usize = 1_024;
const USUAL_ENTRIES: usize = 32;

/// Bytes of JSON of an object up to which its memory is kept.
const MOST_BYTES: usize = 8 * USUAL_BYTES;

thread_local! {
    static SPARE: Cell<Option<Spare>> = const { Cell::new(None) };
}

struct Spare {
    text: Vec<u8>,
    entries: Vec<Entry>,
    open: Vec<Container>,
}

impl Properties {
    #[cold]
    pub(super) fn make_first_room(&mut self) {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let spare = spare.unwrap_or_else(|| Spare {
            text: Vec::with_capacity(USUAL_BYTES),
            entries: Vec::with_capacity(USUAL_ENTRIES),
            open: Vec::new(),
        });
        (self.text, self.entries, self.open) = (spare.text, spare.entries, spare.open);
    }
}

impl Drop for Properties {
    fn drop(&mut self) {
        if !(USUAL_BYTES..=MOST_BYTES).contains(&self.text.capacity()) {
            return;
        }
        let mut spare = Spare {
            text: std::mem::take(&mut self.text),
            entries: std::mem::take(&mut self.entries),
            open: std::mem::take(&mut self.open),
        };
        spare.text.clear();
        spare.entries.clear();
        spare.open.clear();
        // Of a thread that ends, there is no place for it any more.
        let _ = SPARE.try_with(|place| place.set(Some(spare)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(value: &str) -> Properties {
        let mut properties = Properties::new();
        properties.key("k").and_then(|()| properties.text(value)).unwrap();
        properties
    }

    #[test]
    fn memory_is_used_again_unless_it_is_large() {
        let place = |properties: &Properties| properties.text.as_ptr();
        let (first, second) = (played("first"), played("second"));
        let freed = place(&first);
        drop(first);
        let third = played("third");
        assert_eq!((place(&third), third.to_string().as_str()), (freed, r#"{"k":"third"}"#));
        assert_ne!(place(&second), freed);
        drop(third);
        drop(played(&"x".repeat(MOST_BYTES)));
        assert!(SPARE.take().is_none());
    }
}
