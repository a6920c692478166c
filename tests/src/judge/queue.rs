//! What holds for every queue: receipts and reports have their exact keys, every event ends in one place, and hooks, reports and
//! counters tell the same story.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Judge, notes};
use crate::pattern::short;
use crate::vector::{Note, QueueExpected, Step};

impl Judge<'_> {
    pub(super) fn queue(&self, expected: &QueueExpected, reply: &Value) -> Vec<String> {
        let written = self.vector.given.steps.as_deref().unwrap_or_default();
        let mut steps = Vec::new();
        for (step, expected) in written.iter().zip(&expected.steps) {
            match entry(step, expected) {
                Ok(pattern) => steps.extend(std::iter::repeat_n(pattern, step.count())),
                Err(problem) => return vec![format!("expect.queue.steps: {problem}")],
            }
        }
        let any = json!({"$match": "any"});
        let pattern = json!({
            "steps": steps, "stats": {"$match": "includes", "value": expected.stats},
            "on_drop": any, "on_error": any, "on_delivered": any,
        });
        let mut found = self.compare(&pattern, reply, "reply");
        if let Some(errors) = &expected.on_error {
            let errors: Vec<_> = errors
                .iter()
                .map(|error| json!({"$match": "includes", "value": error}))
                .collect();
            found.extend(self.compare(
                &json!({"$match": "includes", "value": {"on_error": errors}}),
                reply,
                "reply",
            ));
        }
        found.extend(contradictions(reply));
        found
    }
}

/// The pattern for one entry of the answer.
fn entry(step: &Step, expected: &Value) -> Result<Value, String> {
    let done = *expected == json!("done");
    match (step, expected) {
        (Step { push: Some(_), .. }, Value::String(word)) if word == "queued" => Ok(json!({"receipt": receipt(None)?})),
        (Step { push: Some(_), .. }, Value::Object(own)) => Ok(json!({"receipt": receipt(Some(own))?})),
        (Step { flush: Some(_), .. } | Step { close: Some(_), .. }, Value::Object(own)) => {
            Ok(json!({"report": report(own)?}))
        }
        (Step { wait: Some(_), .. }, _) if done => Ok(json!({"waited": true})),
        (Step { opt_out: Some(_), .. }, _) if done => Ok(json!({"opted": "out"})),
        (Step { opt_in: Some(_), .. }, _) if done => Ok(json!({"opted": "in"})),
        _ => Err(format!("{} does not belong to its step", short(expected))),
    }
}

fn receipt(own: Option<&Map<String, Value>>) -> Result<Value, String> {
    let queued = own.is_none_or(|own| own.get("ErrorCode").is_none_or(|code| code == "ok"));
    let mut receipt = json!({
        "EventUuid": {"$match": "uuid_v7"}, "Queued": queued, "ErrorCode": "ok",
        "ErrorMessage": if queued { json!("") } else { json!({"$match": "text"}) },
        "Findings": [], "Warnings": [],
    });
    overlay(&mut receipt, own.unwrap_or(&Map::new()))?;
    for key in ["Findings", "Warnings"] {
        let written: Vec<Note> = serde_json::from_value(receipt.get(key).cloned().unwrap_or_default())
            .map_err(|error| format!("{key}: {error}"))?;
        overlay(&mut receipt, &Map::from_iter([(key.to_owned(), notes(&written))]))?;
    }
    Ok(receipt)
}

fn report(own: &Map<String, Value>) -> Result<Value, String> {
    let number = |key: &str| own.get(key).and_then(Value::as_u64).unwrap_or_default();
    let mut dropped = Vec::new();
    for one in own.get("Dropped").and_then(Value::as_array).into_iter().flatten() {
        let mut pattern = json!({"Uuid": {"$match": "uuid"}, "Message": {"$match": "text"}, "Reason": null});
        match one {
            Value::String(reason) => overlay(&mut pattern, &Map::from_iter([("Reason".to_owned(), json!(reason))]))?,
            Value::Object(own) => overlay(&mut pattern, own)?,
            other => return Err(format!("Dropped: {}", short(other))),
        }
        dropped.push(pattern);
    }
    let mut report = json!({
        "Delivered": number("Accepted") + number("Stored"), "Accepted": 0, "Stored": 0, "Pending": 0,
        "Dropped": [], "DroppedTotal": dropped.len(), "LastError": "",
    });
    overlay(&mut report, own)?;
    overlay(
        &mut report,
        &Map::from_iter([("Dropped".to_owned(), json!({"$match": "unordered", "items": dropped}))]),
    )?;
    Ok(report)
}

/// Replaces keys that are there; another is a mistake in the case.
fn overlay(object: &mut Value, own: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in own {
        match object.get_mut(key) {
            Some(place) => *place = value.clone(),
            None => return Err(format!("there is no {key}")),
        }
    }
    Ok(())
}

/// Where receipts, reports, hooks and counters contradict each other. The queue is closed, so every event has come to its end.
fn contradictions(reply: &Value) -> Vec<String> {
    let list = |key: &str| reply.get(key).and_then(Value::as_array).into_iter().flatten();
    let steps = |key: &'static str| list("steps").filter_map(move |step| step.get(key));
    let reported = |key: &'static str| -> u64 {
        let reports = list("steps").filter_map(|step| step.get("report"));
        reports.filter_map(|report| report.get(key)?.as_u64()).sum()
    };
    let stat = |key: &str| {
        reply
            .pointer(&format!("/stats/{key}"))
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let dropped = reply.pointer("/stats/events_dropped_total").and_then(Value::as_object);
    let dropped: u64 = dropped
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_u64)
        .sum();
    let queued: Vec<_> = steps("receipt")
        .filter(|receipt| receipt.get("Queued") == Some(&Value::Bool(true)))
        .filter_map(|receipt| receipt.get("EventUuid")?.as_str())
        .collect();

    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    let delivered = list("on_delivered")
        .filter_map(|told| told.get("Uuids")?.as_array())
        .flatten();
    let lost = list("on_drop").filter_map(|told| told.get("Uuid"));
    let (delivered, lost): (Vec<_>, Vec<_>) = (delivered.collect(), lost.collect());
    for uuid in delivered.iter().chain(&lost).filter_map(|uuid| uuid.as_str()) {
        *ends.entry(uuid).or_default() += 1;
    }
    let mut found: Vec<_> = queued
        .iter()
        .filter(|uuid| ends.get(*uuid) != Some(&1))
        .map(|uuid| {
            format!(
                "reply: {uuid} was queued, and the hooks were told of its end {:?} times",
                ends.get(uuid)
            )
        })
        .collect();
    let reasons = |drops: Vec<&Value>| {
        let mut reasons: Vec<_> = drops
            .iter()
            .map(|drop| (drop.get("Uuid"), drop.get("Reason")))
            .map(|pair| format!("{pair:?}"))
            .collect();
        reasons.sort();
        reasons
    };
    let named = steps("report")
        .filter_map(|report| report.get("Dropped")?.as_array())
        .flatten();
    if reasons(named.collect()) != reasons(list("on_drop").collect()) {
        found.push("reply.on_drop: not the drops that the reports name".to_owned());
    }
    let one = |name: &str, left: u64, right: u64| {
        (left != right).then(|| format!("reply.stats: {name} do not agree: {left} and {right}"))
    };
    let told = |delivery: &str| -> usize {
        list("on_delivered")
            .filter(|told| told.get("Delivery") == Some(&json!(delivery)))
            .filter_map(|told| told.get("Uuids")?.as_array())
            .map(Vec::len)
            .sum()
    };
    let (stored, unknown) = (told("stored"), told("unknown"));
    let accepted_stored = stat("events_accepted_total") + stat("events_stored_total");
    found.extend(
        [
            one(
                "delivered events and the hooks",
                stat("events_delivered_total"),
                delivered.len() as u64,
            ),
            one(
                "delivered events and the reports",
                stat("events_delivered_total"),
                reported("Delivered"),
            ),
            one(
                "stored events and the hooks",
                stat("events_stored_total"),
                stored as u64,
            ),
            one(
                "unconfirmed events and the hooks",
                stat("events_unconfirmed_total"),
                unknown as u64,
            ),
            one(
                "delivered, and accepted and stored",
                stat("events_delivered_total"),
                accepted_stored,
            ),
            one("dropped events and the reports", dropped, reported("DroppedTotal")),
            one(
                "pushed, and delivered and dropped",
                stat("events_pushed_total"),
                stat("events_delivered_total") + dropped,
            ),
            one(
                "failed requests and on_error",
                stat("requests_failed_total"),
                list("on_error").count() as u64,
            ),
            one(
                "what is left of a closed queue and nothing",
                stat("events_waiting") + stat("events_in_flight"),
                0,
            ),
        ]
        .into_iter()
        .flatten(),
    );
    found
}
