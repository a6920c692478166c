//! The benchmark event's properties, with three new values for each event, the same in every worker.

use serde_json::{Map, Value};

/// Numbers start here, so that every event has the same length.
pub(crate) const FIRST_NUMBER: u64 = 10_000_000;

/// The properties of one event after the other.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    properties: Vec<(String, Value)>,
    url: (String, String),
}

impl Payload {
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let properties: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
        let url = properties
            .get("$current_url")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let url = url.split_once(&FIRST_NUMBER.to_string()).unwrap_or_default();
        let url = (url.0.to_owned(), url.1.to_owned());
        Self {
            properties: properties.into_iter().collect(),
            url,
        }
    }

    /// Hands each property of an event to `take`.
    pub(crate) fn each(&self, number: usize, mut take: impl FnMut(&str, &Value)) {
        let number = FIRST_NUMBER + number as u64;
        for (key, value) in &self.properties {
            match key.as_str() {
                "quantity" => take(key, &Value::from(number)),
                "amount" => take(key, &Value::from(precise(number) + 0.99)),
                "$current_url" => take(key, &Value::from(format!("{}{number}{}", self.url.0, self.url.1))),
                _ => take(key, value),
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "eight digits fit")]
fn precise(number: u64) -> f64 {
    number as f64
}
