//! Known keys: keys of earlier dictionaries, made ready for the core. A program gives its events the same keys again and again, mostly as the
//! same `str` objects, so a key is found by its address, without a look at its text.

use std::sync::{Mutex, MutexGuard, TryLockError};

use hogwire::binding::KnownKey;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::text::{Text, text};

/// How many keys are kept at most, in 8 KB.
const PLACES: usize = 128;

/// How many other keys ask for a key's place before one of them gets it. Without this, keys that come only once would be kept each time,
/// which costs more than it gains.
const PATIENCE: u8 = 8;

static KNOWN: Mutex<KnownKeys> = Mutex::new(KnownKeys {
    places: [const { Place::EMPTY }; PLACES],
});

/// Keys by their addresses. A kept key stays alive, so that no other object can get its address.
pub(crate) struct KnownKeys {
    places: [Place; PLACES],
}

#[repr(align(64))]
struct Place {
    known: Option<(Py<PyString>, KnownKey)>,
    patience: u8,
}

impl Place {
    const EMPTY: Self = Self {
        known: None,
        patience: 0,
    };
}

impl KnownKeys {
    /// All known keys, locked for a time in which no Python code runs; `None` while another thread has them.
    pub(crate) fn lock() -> Option<MutexGuard<'static, Self>> {
        match KNOWN.try_lock() {
            Ok(known) => Some(known),
            Err(TryLockError::Poisoned(known)) => Some(known.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    #[inline]
    pub(crate) fn get(&self, key: &Bound<'_, PyAny>) -> Option<&KnownKey> {
        let first = place(key);
        self.at(first, key).or_else(|| self.at(second(first), key))
    }

    #[inline]
    fn at(&self, place: usize, key: &Bound<'_, PyAny>) -> Option<&KnownKey> {
        let (object, known) = self.places.get(place)?.known.as_ref()?;
        (object.as_ptr() == key.as_ptr()).then_some(known)
    }

    /// Makes a key known that was not.
    #[inline(never)]
    pub(crate) fn learn(&mut self, key: &Bound<'_, PyString>) {
        let first = place(key);
        let is_taken = |place: usize| self.places.get(place).is_some_and(|place| place.known.is_some());
        let free = if is_taken(first) { second(first) } else { first };
        let Some(place) = self.places.get_mut(free) else {
            return;
        };
        if place.patience > 0 {
            place.patience -= 1;
            return;
        }
        place.patience = PATIENCE;
        if let Text { text, repaired: false } = text(key)
            && let Some(known) = KnownKey::new(&text)
        {
            place.known = Some((key.clone().unbind(), known));
        }
    }
}

/// The other place a key may have when its first one is taken: of a dozen keys, two want the same place in every second program.
#[inline]
const fn second(place: usize) -> usize {
    place ^ 1
}

/// A key's first place, from its address. Objects lie at multiples of 16 bytes, and objects made together lie side by side.
#[inline]
fn place(key: &Bound<'_, PyAny>) -> usize {
    let address = key.as_ptr().addr() >> 4;
    (address ^ (address >> 7)) % PLACES
}
