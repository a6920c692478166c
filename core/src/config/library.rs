//! Library: which binding speaks, and how it spells.

use crate::words::words;

words! {
    /// Which binding speaks; it names itself to PostHog as `$lib`.
    pub enum Library {
        /// The Rust crate.
        Rust = "hogwire-rust",
        /// The C library, and whatever links it.
        C = "hogwire-c",
        /// The Python package.
        Python = "hogwire-python",
        /// The Node package.
        Node = "hogwire-node",
    }
}

impl Library {
    /// An option as its language spells it; where times have a type, or are seconds, their names have no unit.
    pub(crate) fn spelled(self, option: &str) -> String {
        let option = match self {
            Self::Rust | Self::Python => option.strip_suffix("_ms").unwrap_or(option),
            Self::C | Self::Node => option,
        };
        let mut spelled = String::with_capacity(option.len());
        let mut words = option.split('_');
        spelled.extend(words.next());
        for word in words {
            match (self, word.split_at_checked(1)) {
                (Self::Node, Some((first, rest))) => spelled.extend([&first.to_ascii_uppercase(), rest]),
                _ => spelled.extend(["_", word]),
            }
        }
        spelled
    }
}
