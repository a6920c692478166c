//! Comparing adapters: an answer without what may differ between languages, and the cases in which two adapters differ all the same.
//!
//! Left out are the library's name and version, sentences for people, and what a clock or chance made. Everything
//! else has to be the same value in every language, bodies included.

use serde_json::{Map, Value, json};

use crate::judge::{Exchange, SeenRequest};
use crate::pattern::{self, Facts};
use crate::vector::Action;

/// What of an answer must be the same for every adapter.
#[must_use]
pub fn digest(action: Action, reply: &Value, exchange: Option<&Exchange>) -> Value {
    let reply = match (action, reply.get("request").map(SeenRequest::built)) {
        (_, Some(Ok(seen))) => {
            let mut request = reply.get("request").cloned().unwrap_or_default();
            if let Value::Object(request) = &mut request {
                request.remove("BodyBase64");
                request.insert("Headers".to_owned(), headers(&seen));
                request.insert("Body".to_owned(), seen.json().unwrap_or_default());
            }
            json!({ "request": request })
        }
        _ if action == Action::Curl => without_library(reply),
        _ => reply.clone(),
    };
    let requests: Vec<Value> = exchange
        .iter()
        .flat_map(|exchange| &exchange.requests)
        .map(|request| json!({"url": request.url, "body": request.json().unwrap_or_default()}))
        .collect();
    let stored = exchange.map(|exchange| exchange.stored);
    if action == Action::Queue {
        // Which requests there were, and what hooks were told in which order, is chance where several are under way.
        let steps = reply.get("steps").or(reply.get("error"));
        return plain(&json!({"steps": steps, "stored": stored}), true);
    }
    plain(
        &json!({"reply": reply, "requests": requests, "stored": stored}),
        action.sends(),
    )
}

/// A rendered request, with one word for every library's name.
fn without_library(reply: &Value) -> Value {
    let mut text = reply.to_string();
    for library in ["hogwire-rust", "hogwire-c", "hogwire-python", "hogwire-node"] {
        text = text.replace(library, "hogwire-library");
    }
    serde_json::from_str(&text).unwrap_or_default()
}

/// Headers that name the language.
const OWN_HEADERS: &[&str] = &["user-agent", "posthog-sdk-info"];

/// Names and values, sorted, without those that name the language.
fn headers(seen: &SeenRequest) -> Value {
    let mut headers: Vec<_> = seen
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| !OWN_HEADERS.contains(&name.as_str()))
        .collect();
    headers.sort();
    json!(headers)
}

/// Keys that hold the language's own names or a sentence for people.
const OWN: &[&str] = &["$lib", "$lib_version", "Message", "ErrorMessage", "LastError"];

/// Keys that a clock or chance fills when a client really sends.
const OF_THE_MOMENT: &[&str] = &[
    "uuid",
    "Uuid",
    "EventUuid",
    "timestamp",
    "sent_at",
    "created_at",
    "RetryAfterMs",
];

fn plain(value: &Value, sent: bool) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !OWN.contains(&key.as_str()))
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    (moment, Value::String(_) | Value::Number(_)) if sent && OF_THE_MOMENT.contains(&moment) => {
                        json!("of the moment")
                    }
                    ("Findings" | "Warnings", Value::Array(notes)) => sorted(notes, sent),
                    _ => plain(value, sent),
                };
                // The verdicts of v1 stand under the uuids.
                let is_uuid = sent && uuid::Uuid::try_parse(key).is_ok();
                (if is_uuid { "uuid".to_owned() } else { key.clone() }, value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|item| plain(item, sent)).collect(),
        scalar => scalar.clone(),
    }
}

/// Findings in an order of their own: a language may walk an object in any order.
fn sorted(notes: &[Value], sent: bool) -> Value {
    let mut notes: Vec<Value> = notes.iter().map(|note| plain(note, sent)).collect();
    notes.sort_by_key(Value::to_string);
    Value::Array(notes)
}

/// Where two digests differ, by path; numbers count by value.
#[must_use]
pub fn differences(first: &Value, second: &Value) -> Vec<String> {
    let facts = Facts {
        library: "",
        version: "",
        now_ms: None,
    };
    pattern::differences(first, Some(second), "digest", facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(lib: &str, code: u16) -> Value {
        json!({"outcome": {
            "StatusCode": code, "EventUuid": lib, "ErrorMessage": format!("{lib} says no"),
            "Findings": [{"Code": lib.len(), "Message": lib}],
        }})
    }

    #[test]
    fn sentences_and_moments_may_differ_and_nothing_else() {
        let of = |reply: &Value| digest(Action::Call, reply, None);
        assert!(differences(&of(&outcome("hogwire-c", 200)), &of(&outcome("hogwire-x", 200))).is_empty());
        let found = differences(&of(&outcome("hogwire-c", 200)), &of(&outcome("hogwire-c", 500)));
        assert_eq!(found, ["digest.reply.outcome.StatusCode: expected 200, got 500"]);
    }

    #[test]
    fn without_a_clock_uuids_have_to_be_the_same() {
        let of = |reply: &Value| digest(Action::Interpret, reply, None);
        assert!(!differences(&of(&outcome("hogwire-c", 200)), &of(&outcome("hogwire-x", 200))).is_empty());
    }

    #[test]
    fn rendered_requests_differ_by_nothing_but_the_library() {
        let of = |text: &str| digest(Action::Curl, &json!({ "curl": text }), None);
        assert!(
            differences(
                &of("-H 'User-Agent: hogwire-c/1'"),
                &of("-H 'User-Agent: hogwire-node/1'")
            )
            .is_empty()
        );
        assert!(!differences(&of("-H 'User-Agent: hogwire-c/1'"), &of("-H 'User-Agent: hogwire-c/2'")).is_empty());
    }

    #[test]
    fn bodies_are_compared_as_values_and_the_library_left_out() {
        let request = |lib: &str, body: &str| {
            json!({"request": {
                "Headers": [["User-Agent", lib], ["Content-Type", "application/json"]],
                "Body": body.replace("LIB", lib),
            }})
        };
        let of = |reply: &Value| digest(Action::Build, reply, None);
        let first = of(&request("hogwire-c", r#"{"a": 1, "p": {"$lib": "LIB"}}"#));
        assert!(
            differences(
                &first,
                &of(&request("hogwire-x", r#"{"p": {"$lib": "LIB"}, "a": 1.0}"#))
            )
            .is_empty()
        );
        assert!(!differences(&first, &of(&request("hogwire-x", r#"{"p": {"$lib": "LIB"}, "a": 2}"#))).is_empty());
    }
}
