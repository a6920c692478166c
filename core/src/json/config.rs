//! Options as JSON: an object in snake_case, times in milliseconds with `_ms` in the name, unknown names refused.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::{Compression, Config, ConfigBuilder, ProtocolChoice};
use crate::error::ConfigError;
use crate::json::input::{decode_text, valid_json};
use crate::json::queue::QUEUE_OPTIONS;
use crate::json::scan::members;
use crate::operation::is_respelled;
use crate::properties::{Properties, shortened};
use crate::queue_options::QueueOptions;

/// Every option, in the order of the documentation.
pub const OPTIONS: &[&str] = &[
    "api_key",
    "host",
    "timeout_ms",
    "connect_timeout_ms",
    "max_retries",
    "max_connections",
    "protocol",
    "compression",
    "nested_properties",
    "geoip_disable",
    "is_server",
    "properties",
    "headers",
    "app_info",
    "disabled",
    "historical_migration",
    "proxy",
    "ca_file",
    "client_cert",
];

impl Config {
    /// Starts a configuration from a JSON object of [`OPTIONS`]; null means not given.
    ///
    /// # Errors
    /// [`ConfigError`] names an option that does not exist or has the wrong type. What the values may be is checked by
    /// [`ConfigBuilder::build`].
    ///
    /// ```
    /// let config = hogwire::Config::from_json(r#"{"api_key": "phc_x", "timeout_ms": 2500}"#)?.build()?;
    /// assert_eq!(config.timeout().as_millis(), 2500);
    ///
    /// let refused = hogwire::Config::from_json(r#"{"api_key": "phc_x", "time_out": 1}"#).unwrap_err();
    /// assert_eq!(refused.option(), "time_out");
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn from_json(json: &str) -> Result<ConfigBuilder, ConfigError> {
        let (options, properties) = split_off_properties(json)?;
        let api_key = options
            .get("api_key")
            .map(|value| text("api_key", value))
            .transpose()?
            .unwrap_or_default();
        let builder = read(&options, OPTIONS, Self::builder(api_key), set)?;
        Ok(match properties {
            Some(json) => builder.properties(self::properties(json)?),
            None => builder,
        })
    }
}

/// The options as given, and the text of `properties` by itself. That is read like the properties of an event, because a number that no event
/// may hold would be changed by reading it as a value.
fn split_off_properties(json: &str) -> Result<(Map<String, Value>, Option<&str>), ConfigError> {
    let Some(text) = valid_json(json.as_bytes()).ok().filter(|text| text.starts_with('{')) else {
        return Ok((object(json)?, None));
    };
    let (mut options, mut properties) = (Map::new(), None);
    for (name, value) in members(text) {
        match &*decode_text(name) {
            "properties" => properties = Some(value).filter(|value| *value != "null"),
            name => {
                let read = serde_json::from_str(value);
                let value = read.map_err(|error| ConfigError::new(name, format!("cannot be read: {error}")))?;
                options.insert(name.to_owned(), value);
            }
        }
    }
    Ok((options, properties))
}

/// The options of a JSON object, as given.
pub(crate) fn object(json: &str) -> Result<Map<String, Value>, ConfigError> {
    match serde_json::from_str(json) {
        Ok(Value::Object(options)) => Ok(options),
        Ok(other) => Err(wrong_type("options", "a JSON object", &other)),
        Err(error) => Err(ConfigError::new("options", format!("are not a JSON object: {error}"))),
    }
}

/// Sets the options that are given. Null counts as not given, but a name that is no option is refused even then.
pub(crate) fn read<Options>(
    given: &Map<String, Value>,
    known: &[&str],
    start: Options,
    set: fn(Options, &str, &Value) -> Result<Options, ConfigError>,
) -> Result<Options, ConfigError> {
    given
        .iter()
        .filter(|(option, value)| !value.is_null() || !known.contains(&option.as_str()))
        .try_fold(start, |options, (option, value)| set(options, option, value))
}

fn set(builder: ConfigBuilder, option: &str, value: &Value) -> Result<ConfigBuilder, ConfigError> {
    Ok(match option {
        "host" => builder.host(text(option, value)?),
        "timeout_ms" => builder.timeout(milliseconds(option, value)?),
        "connect_timeout_ms" => builder.connect_timeout(milliseconds(option, value)?),
        "max_retries" => builder.max_retries(number(option, value)?),
        "max_connections" => builder.max_connections(number(option, value)?),
        "protocol" => builder.protocol(word(option, value, ProtocolChoice::ALL, ProtocolChoice::from_word)?),
        "compression" => builder.compression(word(option, value, Compression::ALL, Compression::from_word)?),
        "nested_properties" => builder.nested_properties(boolean(option, value)?),
        "geoip_disable" => builder.geoip_disable(boolean(option, value)?),
        "is_server" => builder.is_server(boolean(option, value)?),
        "headers" => headers(builder, option, value)?,
        "app_info" => builder.app_info(text(option, value)?),
        "disabled" => builder.disabled(boolean(option, value)?),
        "historical_migration" => builder.historical_migration(boolean(option, value)?),
        "proxy" => builder.proxy(text(option, value)?),
        "ca_file" => builder.ca_file(text(option, value)?),
        "client_cert" => builder.client_cert(text(option, value)?),
        // Read by `from_json` itself.
        "api_key" | "properties" => builder,
        _ => return Err(no_option(option)),
    })
}

fn no_option(option: &str) -> ConfigError {
    let problem = match QUEUE_OPTIONS.contains(&option) {
        true => "is an option of queues; give it where the queue is made".to_owned(),
        false => unknown_option(option, OPTIONS),
    };
    ConfigError::new(option, problem)
}

/// The sentence about a name that is not among the known options. If it is a known one as another language spells it, the sentence says so.
/// Bindings have options of their own.
#[must_use]
pub fn unknown_option(option: &str, known: &[&str]) -> String {
    let is_meant = |known: &str| {
        let bare = known.strip_suffix("_ms").or_else(|| known.strip_suffix("Ms"));
        is_respelled(option, known) || bare.is_some_and(|bare| is_respelled(option, bare))
    };
    match (known.iter().find(|known| is_meant(known)), known) {
        (Some(meant), _) => format!("is no option; did you mean {meant}?"),
        (None, [only]) => format!("is no option; the only one is {only}"),
        (None, known) => format!("is no option; the options are {}", known.join(", ")),
    }
}

/// The sentence about an option that is, or holds under this key, what is no JSON: for languages whose values are more than that. As no option
/// takes a list, what is said of one fits.
#[must_use]
pub fn wrong_option_value(option: &str, key: &str, found: &str) -> String {
    let list = Value::Array(Vec::new());
    let wrong = match key {
        "" => list,
        key => Value::Object(Map::from_iter([(key.to_owned(), list)])),
    };
    let given = Value::Object(Map::from_iter([(option.to_owned(), wrong)])).to_string();
    let refused = match OPTIONS.contains(&option) {
        true => Config::from_json(&given).err(),
        false => QueueOptions::from_json(&given).err(),
    };
    let problem = refused.map(|error| error.problem().to_owned()).unwrap_or_default();
    match problem.strip_suffix("a list") {
        Some(wanted) => format!("{wanted}{found}"),
        None => problem,
    }
}

fn wrong_type(option: &str, wanted: &str, value: &Value) -> ConfigError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    ConfigError::new(option, format!("must be {wanted}, not {found}"))
}

fn text(option: &str, value: &Value) -> Result<String, ConfigError> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        other => Err(wrong_type(option, "text", other)),
    }
}

fn boolean(option: &str, value: &Value) -> Result<bool, ConfigError> {
    value
        .as_bool()
        .ok_or_else(|| wrong_type(option, "true or false", value))
}

pub(crate) fn number<N: TryFrom<u64>>(option: &str, value: &Value) -> Result<N, ConfigError> {
    let wanted = "a whole number that is not negative";
    let number = value.as_u64().and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| match value {
        Value::Number(number) => ConfigError::new(option, format!("must be {wanted}, not {number}")),
        other => wrong_type(option, wanted, other),
    })
}

pub(crate) fn milliseconds(option: &str, value: &Value) -> Result<Duration, ConfigError> {
    let wanted = "a number of milliseconds that is not negative";
    let Some(ms) = value.as_f64() else {
        return Err(wrong_type(option, wanted, value));
    };
    // The sentence does not repeat the number: it may come from a binding that counts in seconds, whose caller would not recognise it.
    match Duration::try_from_secs_f64(ms / 1_000.0) {
        Ok(time) => Ok(time),
        // Longer than any duration; the check of the option says what is allowed.
        Err(_) if ms > 0.0 => Ok(Duration::MAX),
        Err(_) => Err(ConfigError::new(option, format!("must be {wanted}"))),
    }
}

/// One of a closed list of words.
pub(crate) fn word<W: std::fmt::Display>(
    option: &str,
    value: &Value,
    all: &[W],
    from_word: fn(&str) -> Option<W>,
) -> Result<W, ConfigError> {
    let known: Vec<_> = all.iter().map(ToString::to_string).collect();
    let wanted = format!("one of {}", known.join(", "));
    let word = value.as_str().ok_or_else(|| wrong_type(option, &wanted, value))?;
    from_word(word).ok_or_else(|| ConfigError::new(option, format!("must be {wanted}, not \"{}\"", shortened(word))))
}

fn properties(json: &str) -> Result<Properties, ConfigError> {
    if !json.starts_with('{') {
        let other = serde_json::from_str(json).unwrap_or_default();
        return Err(wrong_type("properties", "an object", &other));
    }
    Ok(Properties::from_valid_json(json))
}

fn headers(builder: ConfigBuilder, option: &str, value: &Value) -> Result<ConfigBuilder, ConfigError> {
    let headers = value
        .as_object()
        .ok_or_else(|| wrong_type(option, "an object of names and values", value))?;
    headers.iter().try_fold(builder, |builder, (name, value)| match value {
        Value::String(value) => Ok(builder.header(name, value)),
        other => Err(wrong_type(option, &format!("text for {name}"), other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_read() {
        let unset = format!("{:?}", Config::builder(""));
        for option in OPTIONS {
            let value = match *option {
                "protocol" => Value::from("auto"),
                "compression" => Value::from("none"),
                "nested_properties" | "disabled" | "historical_migration" => Value::from(true),
                "geoip_disable" | "is_server" => Value::from(false),
                "properties" | "headers" => serde_json::json!({"X-A": "b"}),
                "host" | "app_info" | "proxy" | "ca_file" | "client_cert" => Value::from("text"),
                "api_key" => Value::from("phc_x"),
                _ => Value::from(7),
            };
            let read = Config::from_json(&serde_json::json!({(*option): value}).to_string()).unwrap();
            assert_ne!(format!("{read:?}"), unset, "{option}");
        }
        assert!(Config::from_json(r#"{"api_key": "phc_x", "hosts": null}"#).is_err());
        // What languages make of a map that was never made.
        let error = Config::from_json("null").unwrap_err();
        assert_eq!(error.to_string(), "options: must be a JSON object, not null");
    }

    #[test]
    fn properties_are_read_as_those_of_an_event() {
        let built = |properties: &str| {
            Config::from_json(&format!(r#"{{"api_key": "phc_x", "properties": {properties}}}"#))
                .and_then(crate::ConfigBuilder::build)
        };
        for unfit in ["{\"id\": 123456789012345678901234567890}", "{\"id\": 1e999}"] {
            let error = built(unfit).unwrap_err();
            assert_eq!(error.option(), "properties");
            assert!(error.problem().starts_with("id: "), "{error}");
        }
        for fit in ["null", "{}", r#"{"half": "\ud800"}"#] {
            assert!(built(fit).is_ok(), "{fit}");
        }
        assert!(built("[]").unwrap_err().problem().contains("must be an object"));
        let error = Config::from_json(r#"{"timeout_ms": 1e999}"#).unwrap_err();
        assert_eq!(error.option(), "timeout_ms");
    }
}
