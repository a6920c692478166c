//! The line an adapter reads: what a case gives, over what every case has in common.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::vector::{Action, Given, Push, Step};

/// The api key of every case that names none.
pub const API_KEY: &str = "phc_hogwire_vectors_key_0123456789";

/// The present of every case that names none: 2026-11-23T08:00:00.123Z.
pub const NOW_MS: i64 = 1_795_420_800_123;

/// The seed of every case that names none.
pub const SEED: u64 = 7;

/// Words such as `{receiver}` that stand for something only known at the time of the run.
pub type Placeholders = [(&'static str, String)];

/// The whole line, without its end.
#[must_use]
pub fn line(given: &Given, placeholders: &Placeholders) -> String {
    let mut line = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            line.insert(key.to_owned(), value);
        }
    };
    let action = given.action;
    put("do", action.map(|action| json!(action)));
    put("operation", given.operation.clone().map(Value::from));
    put("input", given.input.clone().map(Value::from));
    put("input_text", given.input_text.clone().map(Value::from));
    put("items", given.items.clone().map(|items| json!(items)));
    put("options", given.options.clone().map(Value::from));
    put(
        "steps",
        given
            .steps
            .as_ref()
            .map(|steps| steps.iter().flat_map(written).collect()),
    );
    put("raising", given.raising.map(Value::from));
    put("key", given.key.clone().map(Value::from));
    if !matches!(action, Some(Action::Catalogue | Action::UuidFrom)) {
        put("config", Some(Value::Object(config(given, placeholders))));
    }
    if matches!(action, Some(Action::Build | Action::Interpret | Action::Curl)) {
        put("now_ms", Some(now_ms(given).into()));
        put("seed", Some(given.seed.unwrap_or(SEED).into()));
        put("attempt", Some(given.attempt.unwrap_or(1).into()));
    }
    put("response", given.response.as_ref().map(|response| json!(response)));
    put("failure", given.failure.map(|failure| json!(failure)));
    put("sent", given.sent.map(Value::from));
    put("before", given.before.as_ref().map(|before| json!(before)));
    put("before_send", given.before_send.as_ref().map(|hooks| json!(hooks)));
    with_raw_input(&Value::Object(line), given.input_json.as_deref())
}

/// A step as the adapter is told it, as often as it is to be taken.
fn written(step: &Step) -> Vec<Value> {
    let flag = |name: &str, given: Option<bool>| given.map(|value| json!({ name: value }));
    let other = step
        .flush
        .map(|ms| json!({"flush": ms}))
        .or(step.close.map(|ms| json!({"close": ms})))
        .or(step.wait.clone().map(|least| json!({"wait": least})))
        .or(flag("opt_out", step.opt_out))
        .or(flag("opt_in", step.opt_in));
    let push = |number: usize| step.push.as_ref().map(|push| json!({"push": pushed(push, number)}));
    match other {
        Some(other) => vec![other],
        None => (1..=step.count()).filter_map(push).collect(),
    }
}

fn pushed(push: &Push, number: usize) -> Value {
    let mut input = Map::new();
    if push.operation == "event" {
        input.insert("DistinctId".to_owned(), "u-1".into());
        input.insert("EventName".to_owned(), "e".into());
    }
    for (key, value) in &push.input {
        match value {
            Value::String(text) => input.insert(key.clone(), text.replace("{n}", &number.to_string()).into()),
            other => input.insert(key.clone(), other.clone()),
        };
    }
    json!({"operation": push.operation, "input": input})
}

/// The present as the adapter is told it.
#[must_use]
pub fn now_ms(given: &Given) -> i64 {
    given.now_ms.unwrap_or(NOW_MS)
}

/// The configuration as the adapter is told it: for `config` as written, otherwise with an api key and, for calls, the receiver.
#[must_use]
pub fn config(given: &Given, placeholders: &Placeholders) -> Map<String, Value> {
    let mut config = Map::new();
    if given.action != Some(Action::Config) {
        config.insert("api_key".to_owned(), API_KEY.into());
    }
    if given.action.is_some_and(Action::sends) {
        config.insert("host".to_owned(), "{receiver}".into());
    }
    config.extend(given.config.clone().unwrap_or_default());
    for value in config.values_mut() {
        if let Value::String(text) = value {
            for (word, meaning) in placeholders {
                *text = text.replace(word, meaning);
            }
        }
    }
    config
}

/// Puts the input in as the text it is: a parsed value could not hold everything that is valid JSON.
fn with_raw_input(line: &Value, input: Option<&str>) -> String {
    let text = line.to_string();
    let Some(input) = input.and_then(|input| serde_json::from_str::<&RawValue>(input).ok()) else {
        return text;
    };
    // `line` is an object with at least `do` in it, so its text ends with the brace cut off here.
    let open = text.strip_suffix('}').unwrap_or(&text);
    // A line of the protocol is one line, and line ends inside JSON text are only layout.
    format!("{open},\"input\":{}}}", input.get().replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_defaults_and_the_placeholders() {
        let given: Given = serde_json::from_value(json!({
            "do": "call", "operation": "event", "input": {"DistinctId": "u"}, "config": {"proxy": "{refused}"},
        }))
        .unwrap();
        let line: Value = serde_json::from_str(&line(
            &given,
            &[("{receiver}", "http://a".into()), ("{refused}", "http://b".into())],
        ))
        .unwrap();
        assert_eq!(
            line["config"],
            json!({"api_key": API_KEY, "host": "http://a", "proxy": "http://b"})
        );
        assert_eq!(line["input"], json!({"DistinctId": "u"}));
        assert!(line.get("now_ms").is_none());
    }

    #[test]
    fn an_input_that_no_value_can_hold_is_sent_as_it_stands() {
        let given = Given {
            action: Some(Action::Build),
            input_json: Some("{\"DistinctId\": \"\\ud800\"}".to_owned()),
            ..Given::default()
        };
        let line = line(&given, &[]);
        assert!(line.ends_with(",\"input\":{\"DistinctId\": \"\\ud800\"}}"), "{line}");
        assert!(line.contains("\"seed\":7"));
    }
}
