//! The judge: what an adapter answered, and what the receiver saw, against what a case expects. Every language is judged here alone.
//!
//! Cases only say what is special about them. What holds for every request stands in `request`, what holds for
//! every outcome in `outcome`; both turn an expectation into one pattern and leave equality to the [matcher](crate::pattern).

mod outcome;
mod queue;
mod request;
mod stable;

use serde_json::{Value, json};

pub use request::SeenRequest;

use crate::line::{self, Placeholders};
use crate::load::Vector;
use crate::pattern::{Facts, differences};
use crate::vector::{Answer, ExchangeExpected, Note};

/// What happened between a client and the receiver during one call.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The requests, in the order of their arrival.
    pub requests: Vec<SeenRequest>,
    /// How many events were kept.
    pub stored: usize,
    /// How long the adapter took to answer, in milliseconds.
    pub took_ms: u64,
}

/// Everything needed to judge the answer to one case.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// The case.
    pub vector: &'a Vector,
    /// `$lib` of the adapter.
    pub library: &'a str,
    /// `$lib_version` of the adapter.
    pub version: &'a str,
    /// What the words in braces stood for in this run.
    pub placeholders: &'a Placeholders,
}

impl Judge<'_> {
    /// Every way in which the answer is not what the case expects; empty when it is.
    #[must_use]
    pub fn differences(&self, reply: &Value, exchange: Option<&Exchange>) -> Vec<String> {
        let expect = &self.vector.expect;
        let mut found = Vec::new();
        if let Some(expected) = &expect.request {
            found.extend(self.built(expected, reply));
        }
        if let Some(refused) = &expect.refused {
            found.extend(self.outcome(reply, &outcome::refusal(refused)));
            found.extend(
                exchange
                    .filter(|exchange| !exchange.requests.is_empty())
                    .map(|exchange| {
                        format!(
                            "exchange.requests: a refused input must send nothing, got {}",
                            exchange.requests.len()
                        )
                    }),
            );
        }
        if let Some(expected) = &expect.outcome {
            let attempt = self.vector.given.attempt.unwrap_or(1);
            found.extend(self.outcome(reply, &outcome::pattern(expected, attempt)));
        }
        for (key, pattern) in [
            ("config", &expect.config),
            ("error", &expect.error),
            ("curl", &expect.curl),
            ("catalogue", &expect.catalogue),
            ("uuid", &expect.uuid),
        ] {
            if let Some(pattern) = pattern {
                found.extend(self.compare(&json!({ key: pattern }), reply, "reply"));
            }
        }
        if let Some(expected) = &expect.outcomes {
            found.extend(self.outcomes(expected, reply));
        }
        if let Some(expected) = &expect.queue {
            found.extend(self.queue(expected, reply));
        }
        if let Some(expected) = &expect.exchange {
            match exchange {
                Some(exchange) => {
                    found.extend(self.exchange(expected, exchange));
                    found.extend(uuid_difference(reply, exchange));
                }
                None => found.push("exchange: the runner saw none".to_owned()),
            }
        }
        found.extend(self.shown_key(reply));
        found
    }

    fn compare(&self, pattern: &Value, seen: &Value, path: &str) -> Vec<String> {
        differences(pattern, Some(seen), path, self.facts())
    }

    fn facts(&self) -> Facts<'_> {
        let given = &self.vector.given;
        // A call takes its time from a clock.
        let now_ms = (!self.vector.action().sends()).then(|| line::now_ms(given));
        Facts {
            library: self.library,
            version: self.version,
            now_ms,
        }
    }

    fn outcome(&self, reply: &Value, pattern: &Value) -> Vec<String> {
        self.compare(&json!({ "outcome": pattern }), reply, "reply")
    }

    fn exchange(&self, expected: &ExchangeExpected, seen: &Exchange) -> Vec<String> {
        let mut found = Vec::new();
        let count = |name: &str, expected: usize, seen: usize| {
            (expected != seen).then(|| format!("exchange.{name}: expected {expected}, got {seen}"))
        };
        found.extend(count("requests", expected.requests, seen.requests.len()));
        found.extend(expected.stored.and_then(|stored| count("stored", stored, seen.stored)));
        let took = expected.took_ms.unwrap_or_default();
        if !took.holds(seen.took_ms) {
            found.push(format!("exchange.took_ms: expected {took:?}, got {}", seen.took_ms));
        }
        for (number, request) in seen.requests.iter().enumerate() {
            let path = format!("exchange.requests[{number}]");
            let of_this = expected.all.as_ref().and_then(|all| all.get(number));
            for each in expected.each.iter().chain(of_this) {
                found.extend(self.request(each, request, &path));
            }
        }
        for (number, (span, pair)) in expected
            .gaps_ms
            .iter()
            .flatten()
            .zip(seen.requests.windows(2))
            .enumerate()
        {
            let gap = match pair {
                [before, after] => after.received_at_ms.saturating_sub(before.received_at_ms),
                _ => 0,
            };
            if !span.holds(gap) {
                found.push(format!("exchange.gaps_ms[{number}]: expected {span:?}, got {gap}"));
            }
        }
        let events = stable::events(&seen.requests);
        found.extend(expected.events.and_then(|count_| count("events", count_, events)));
        found.extend(stable::differences(&seen.requests));
        found
    }

    fn outcomes(&self, expected: &[Answer], reply: &Value) -> Vec<String> {
        let patterns: Vec<_> = expected
            .iter()
            .map(|answer| match (&answer.outcome, &answer.refused) {
                (Some(expected), _) => outcome::pattern(expected, 1),
                (None, Some(refused)) => outcome::refusal(refused),
                (None, None) => Value::Null,
            })
            .collect();
        self.compare(&json!({ "outcomes": patterns }), reply, "reply")
    }

    /// The api key belongs into request bodies only; whatever a person may read of an answer must not show it.
    fn shown_key(&self, reply: &Value) -> Option<String> {
        let config = line::config(&self.vector.given, self.placeholders);
        let key = config.get("api_key")?.as_str()?.trim();
        let readable = [
            reply.pointer("/outcome/ErrorMessage"),
            reply.pointer("/outcome/Findings"),
            reply.pointer("/outcome/Warnings"),
            reply.pointer("/request/Warnings"),
            reply.get("error"),
            reply.get("curl"),
            reply.get("outcomes"),
            reply.get("steps"),
            reply.get("on_error"),
            reply.get("on_drop"),
        ];
        let shows = |value: &&Value| value.to_string().contains(key);
        // A shorter key could be part of any sentence.
        const LEAST: usize = 8;
        let shown = readable.into_iter().flatten().find(shows)?;
        (key.len() >= LEAST).then(|| format!("reply: the api key is shown: {}", crate::pattern::short(shown)))
    }
}

/// The outcome has to name the event that was sent.
fn uuid_difference(reply: &Value, exchange: &Exchange) -> Option<String> {
    let sent = exchange
        .requests
        .first()?
        .json()
        .ok()?
        .pointer("/batch/0/uuid")?
        .clone();
    let named = reply.pointer("/outcome/EventUuid")?;
    (*named != sent).then(|| format!("reply.outcome.EventUuid: expected that of the event sent, {sent}, got {named}"))
}

/// The pattern for findings or warnings: exactly these, in any order, each with a sentence.
fn notes(notes: &[Note]) -> Value {
    let items: Vec<Value> = notes
        .iter()
        .map(|note| {
            let message = note.message.clone().unwrap_or_else(|| json!({"$match": "text"}));
            json!({"Code": note.code, "Parameter": note.parameter, "Message": message})
        })
        .collect();
    json!({"$match": "unordered", "items": items})
}
