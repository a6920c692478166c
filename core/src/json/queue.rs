//! A queue's options as JSON: as the client's, an object in snake_case, unknown names refused.

use serde_json::Value;

use super::config::{OPTIONS, milliseconds, number, object, read, unknown_option, word};
use crate::config::Compression;
use crate::error::ConfigError;
use crate::queue_options::{Overflow, QueueOptions};

/// Every option of a queue, in the order of the documentation.
pub const QUEUE_OPTIONS: &[&str] = &[
    "flush_at",
    "flush_interval_ms",
    "max_batch_events",
    "max_batch_bytes",
    "max_in_flight",
    "max_queue_events",
    "max_queue_bytes",
    "overflow",
    "block_timeout_ms",
    "close_timeout_ms",
    "max_retries",
    "compression",
];

impl QueueOptions {
    /// Reads a JSON object of [`QUEUE_OPTIONS`]; null means not given.
    ///
    /// # Errors
    /// [`ConfigError`] names an option that does not exist or has the wrong type. What the values may be is checked by
    /// [`Client::queue`](crate::Client::queue).
    ///
    /// ```
    /// assert!(hogwire::QueueOptions::from_json(r#"{"flush_at": 20, "overflow": "drop_oldest"}"#).is_ok());
    /// let refused = hogwire::QueueOptions::from_json(r#"{"flushAt": 20}"#).unwrap_err();
    /// assert_eq!(refused.option(), "flushAt");
    /// ```
    pub fn from_json(json: &str) -> Result<Self, ConfigError> {
        read(&object(json)?, QUEUE_OPTIONS, Self::default(), set)
    }
}

fn set(options: QueueOptions, option: &str, value: &Value) -> Result<QueueOptions, ConfigError> {
    Ok(match option {
        "flush_at" => options.flush_at(number(option, value)?),
        "flush_interval_ms" => options.flush_interval(milliseconds(option, value)?),
        "max_batch_events" => options.max_batch_events(number(option, value)?),
        "max_batch_bytes" => options.max_batch_bytes(number(option, value)?),
        "max_in_flight" => options.max_in_flight(number(option, value)?),
        "max_queue_events" => options.max_queue_events(number(option, value)?),
        "max_queue_bytes" => options.max_queue_bytes(number(option, value)?),
        "overflow" => options.overflow(word(option, value, Overflow::ALL, Overflow::from_word)?),
        "block_timeout_ms" => options.block_timeout(milliseconds(option, value)?),
        "close_timeout_ms" => options.close_timeout(milliseconds(option, value)?),
        "max_retries" => options.max_retries(number(option, value)?),
        "compression" => options.compression(word(option, value, Compression::ALL, Compression::from_word)?),
        _ => {
            let problem = match OPTIONS.contains(&option) {
                true => "is an option of clients; give it where the client is made".to_owned(),
                false => unknown_option(option, QUEUE_OPTIONS),
            };
            return Err(ConfigError::new(option, problem));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_read() {
        for option in QUEUE_OPTIONS {
            let value = match *option {
                "overflow" => Value::from("block"),
                "compression" => Value::from("none"),
                _ => Value::from(7),
            };
            let read = set(QueueOptions::default(), option, &value);
            assert_ne!(
                format!("{:?}", read.unwrap()),
                format!("{:?}", QueueOptions::default()),
                "{option}"
            );
        }
    }
}
