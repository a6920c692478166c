//! Keys and their tags: numbers that differ for most different keys, so that few keys need to be compared.

/// A key to look for, as it is written in JSON. For a fixed key, make this a constant, so that its tag is made by the compiler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'k> {
    pub(crate) name: &'k str,
    pub(super) tag: u32,
    pub(super) bit: u128,
}

impl<'k> Key<'k> {
    #[inline]
    pub(crate) const fn new(name: &'k str) -> Self {
        let tag = tag(name.as_bytes());
        let bit = bit(tag);
        Self { name, tag, bit }
    }
}

/// A set of keys to look for, one bit each. Different keys may share a bit, so a hit only says that looking is worthwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeySet(pub(super) u128);

impl KeySet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) const fn with(self, key: Key<'_>) -> Self {
        Self(self.0 | key.bit)
    }
}

impl<'k> From<&'k str> for Key<'k> {
    #[inline]
    fn from(name: &'k str) -> Self {
        Self::new(name)
    }
}

/// A number that differs for most different keys. It is made of a key's length and its last bytes, in which similar keys differ most.
#[inline]
pub(super) const fn tag(key: &[u8]) -> u32 {
    let last = match key {
        [.., a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        [a, b, c] => u32::from_le_bytes([*c, *b, *a, 0]),
        [a, b] => u32::from_le_bytes([*b, *a, 0, 0]),
        [a] => *a as u32,
        [] => 0,
    };
    let [length, ..] = key.len().to_le_bytes();
    // The length is multiplied, so that it does not cancel a difference in the last digits of numbered keys.
    last ^ (length as u32).wrapping_mul(0x85EB_CA6B)
}

/// A tag's bit in a set of 128.
#[inline]
pub(super) const fn bit(tag: u32) -> u128 {
    1 << (mixed(tag) >> 25)
}

/// A tag whose highest bits depend on all of it: multiplied with the golden ratio.
#[inline]
const fn mixed(tag: u32) -> u32 {
    tag.wrapping_mul(0x9E37_79B1)
}

/// A set of many tags, one bit each; now and then two tags share a bit.
pub(super) struct TagSet {
    words: Vec<u64>,
    shift: u32,
}

impl TagSet {
    pub(super) fn for_many(tags: usize) -> Self {
        let bits = tags.saturating_mul(32).max(64).next_power_of_two();
        Self {
            words: vec![0; bits / 64],
            shift: u32::BITS - bits.ilog2(),
        }
    }

    fn place(&self, tag: u32) -> (usize, u64) {
        let place = mixed(tag) >> self.shift;
        ((place / u64::BITS) as usize, 1 << (place % u64::BITS))
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, tag: u32) -> bool {
        let (index, bit) = self.place(tag);
        let Some(word) = self.words.get_mut(index) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub(super) fn contains(&self, tag: u32) -> bool {
        let (index, bit) = self.place(tag);
        self.words.get(index).is_some_and(|word| word & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbered_keys_with_names_of_several_lengths_differ() {
        let names = ["plan", "coupon", "account", "is_trial", "user_agent"];
        let keys = (0..1_000).flat_map(|number| names.map(|name| format!("{name}_{}", number * names.len())));
        let tags: HashSet<_> = keys.map(|key| tag(key.as_bytes())).collect();
        assert_eq!(tags.len(), 5_000);
    }
}
