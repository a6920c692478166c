//! The description of a run: `key=value` arguments, the same for every worker.

use std::collections::HashMap;

/// What one run is to do.
#[derive(Debug)]
pub(crate) struct Arguments(HashMap<String, String>);

impl Arguments {
    /// Those of this program.
    pub(crate) fn read() -> Self {
        let pair = |argument: String| {
            argument
                .split_once('=')
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        Self(std::env::args().skip(1).filter_map(pair).collect())
    }

    /// A text; `""` when it is not given.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0.get(key).map_or("", String::as_str)
    }

    /// A number; `default` when it is not given.
    pub(crate) fn number(&self, key: &str, default: usize) -> usize {
        self.0.get(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}
