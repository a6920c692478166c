//! For hogwire's own bindings: what they share and a Rust program has no use for. Hidden, and free to change with any version, because
//! bindings and core are always built together. Methods for them are hidden where they stand.

pub use crate::client::QueueSet;
pub use crate::config::Library;
pub use crate::hook::read_assembled;
pub use crate::json::config::{unknown_option, wrong_option_value};
pub use crate::properties::{KnownKey, shortened, step};
pub use crate::redaction::{retold, without_keys};
pub use crate::transport::signals::on_signal;
