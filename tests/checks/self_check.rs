//! The suite checks itself: it refuses what it should refuse, fails what should fail, and its schema says what the loader does.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a panic is how a test fails"
)]

use std::collections::BTreeSet;
use std::fs;

use hogwire_conformance::adapter::{Adapter, Folders, adapters};
use hogwire_conformance::folder;
use hogwire_conformance::load::{Vector, load, load_file};
use hogwire_conformance::run::{Verdict, run};
use hogwire_conformance::vector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Each file of `self-check/refuse` with a part of the reason: a file refused for another reason would prove nothing.
const REFUSED: &[(&str, &str)] = &[
    ("all_and_some_properties", "not both"),
    ("all_of_another_number", "`all` has one entry for each request"),
    ("answer_and_failure", "either a `response` or a `failure`"),
    ("answer_for_build", "`interpret`, and nothing else"),
    ("bad_id", "an id is lower case"),
    ("batch_without_items", "`items` belong to a batch"),
    ("behaviour_is_no_sentence", "`behaviour` is not a sentence"),
    ("call_without_exchange", "`exchange` belongs to a call"),
    ("contract_without_section", "names no section"),
    ("duplicate_id", "`good` stands twice"),
    ("empty_file", "EOF while parsing"),
    ("exchange_missing_for_queue", "`exchange` belongs to a call"),
    ("exchange_without_call", "`exchange` belongs to a call"),
    ("expectation_of_another_action", "exactly one answer"),
    ("host_without_url", "needs its `url`"),
    ("input_json_is_no_json", "`input_json` is no JSON"),
    ("input_text_for_everybody", "`input_text` needs `only`"),
    ("interpret_without_answer", "either a `response` or a `failure`"),
    ("key_elsewhere", "`key` belongs to uuid_from"),
    ("no_action", "`do` is missing"),
    ("no_cases", "without cases"),
    ("no_expectation", "exactly one answer"),
    ("no_input", "exactly one of `input`"),
    ("no_operation", "`operation` belongs to"),
    ("not_json", "EOF while parsing"),
    ("only_nobody", "`only` names no adapter"),
    ("only_without_reason", "`only.why` is not a sentence"),
    ("outcome_without_delivery", "missing field `Delivery`"),
    ("outcomes_of_another_number", "`outcomes` has one"),
    ("queue_without_close", "the last step of a queue is `close`"),
    ("queue_without_steps", "`steps`, `options` and `raising` belong"),
    ("receiver_without_call", "belong to a call"),
    ("refusal_without_findings", "a refusal has findings"),
    ("repeated_key", "`EventName` stands twice"),
    ("sent_without_failure", "`sent` belongs to a `failure`"),
    ("steps_of_another_number", "`queue.steps` has one entry"),
    ("times_without_push", "a step has one key"),
    ("two_bodies", "a response has one body"),
    ("two_expectations", "exactly one answer"),
    ("two_inputs", "exactly one of `input`"),
    ("two_steps_in_one", "a step has one key"),
    ("unknown_action", "unknown variant `send`"),
    ("unknown_hook", "unknown variant `explode`"),
    ("unknown_key", "unknown field `tests`"),
    ("unknown_key_in_case", "unknown field `expects`"),
    ("unknown_key_in_exchange", "unknown field `answers`"),
    ("unknown_key_in_expect", "unknown field `warnings`"),
    ("unknown_key_in_given", "unknown field `params`"),
    ("unknown_key_in_note", "unknown field `Text`"),
    ("unknown_key_in_outcome", "unknown field `Status`"),
    ("unknown_key_in_queue", "unknown field `drops`"),
    ("unknown_key_in_request", "unknown field `property`"),
    ("unknown_key_in_step", "unknown field `pause`"),
    ("unknown_make", "unknown variant `texts`"),
    ("unknown_matcher", "unknown variant `regexp`"),
    ("unknown_matcher_argument", "unknown field `contain`"),
    ("unknown_receiver_step", "unknown field `stauts`"),
    ("why_is_no_sentence", "`why` is not a sentence"),
];

#[test]
fn files_that_must_be_refused_are_refused_for_their_reason() {
    let names: BTreeSet<String> = fs::read_dir(folder("self-check/refuse"))
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    assert_eq!(names, REFUSED.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, reason) in REFUSED {
        let error = load_file(&folder(&format!("self-check/refuse/{name}.json")))
            .expect_err(name)
            .to_string();
        assert!(error.contains(reason), "{name} was refused for another reason: {error}");
    }
}

#[test]
fn a_folder_that_holds_no_vectors_is_refused() {
    let empty = std::env::temp_dir().join(format!("hogwire-no-vectors-{}", std::process::id()));
    fs::create_dir_all(empty.join("area")).expect("the temporary folder can be written to");
    let no_files = load(&empty).expect_err("an area without files").to_string();
    fs::remove_dir(empty.join("area")).expect("it was just made");
    let no_areas = load(&empty).expect_err("a folder without areas").to_string();
    fs::remove_dir(&empty).expect("it was just made");
    assert!(
        no_files.contains("an empty folder") && no_areas.contains("an empty folder"),
        "{no_files} {no_areas}"
    );
    assert!(load(&empty).is_err(), "a folder that is not there");
}

fn rust() -> Adapter {
    let mut known = adapters(&folder("adapters/adapters.json")).expect("adapters.json is understood");
    known.retain(|adapter| adapter.name == "rust");
    known.pop().expect("there is a Rust adapter")
}

/// An adapter that is a line of shell.
fn shell(script: &str) -> Adapter {
    Adapter {
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        needs: Vec::new(),
        ..rust()
    }
}

fn verdicts(adapter: &Adapter, vectors: &[Vector]) -> Vec<Verdict> {
    run(
        adapter,
        &Folders::here().expect("a test program knows where it is"),
        vectors,
    )
}

#[test]
fn vectors_with_a_planted_error_fail_by_it() {
    let mut count = 0;
    for entry in fs::read_dir(folder("self-check/fail")).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let vectors = load_file(&path).expect("a file with planted errors is well formed");
        let written: Value = serde_json::from_str(&fs::read_to_string(&path).expect("text")).expect("JSON");
        for (verdict, case) in verdicts(&rust(), &vectors)
            .iter()
            .zip(written["cases"].as_array().expect("cases"))
        {
            let planted = case["why"]
                .as_str()
                .and_then(|why| why.split('`').nth(1))
                .expect("`why` names the place");
            let found = verdict
                .differences
                .iter()
                .any(|difference| difference.starts_with(planted));
            assert!(
                found,
                "{} did not fail by {planted}: {:?}",
                verdict.id, verdict.differences
            );
            count += 1;
        }
    }
    assert!(count > 40, "only {count} planted errors");
}

#[test]
fn adapters_that_do_not_answer_fail() {
    let mut vectors = load_file(&folder("vectors/alias/mapping.json")).expect("it loads");
    vectors.truncate(1);
    for (script, reason) in [
        ("exit 0", "the adapter ended"),
        ("echo help >&2; exit 3", "help"),
        ("read line; echo no", "the answer is no JSON"),
        ("read line; echo '{}'; cat", "reply: expected a request"),
        ("cat", "reply: expected a request"),
        ("read line; echo '{\"request\": {}}'; cat", "either Body or BodyBase64"),
        ("read line; echo '{}'; read line; exit 3", "exit status: 3"),
        ("read line; echo '{}'; echo '{}'; cat", "a line nobody asked for"),
    ] {
        let found: Vec<_> = verdicts(&shell(script), &vectors)
            .into_iter()
            .flat_map(|v| v.differences)
            .collect();
        assert!(
            found.iter().any(|difference| difference.contains(reason)),
            "{script}: {found:?}"
        );
    }
    let nobody = Adapter {
        command: vec!["/no/such/program".to_owned()],
        ..rust()
    };
    assert!(verdicts(&nobody, &vectors)[0].differences[0].contains("cannot start /no/such/program"));
}

/// A line of an adapter whose queue says what did not happen is a contradiction, whatever the case expects.
#[test]
fn a_queue_that_contradicts_itself_fails() {
    let mut vectors = load_file(&folder("vectors/queue/v0_delivery.json")).expect("it loads");
    vectors.retain(|vector| vector.id.ends_with("/nothing"));
    let report = json!({"report": {"Delivered": 0, "Accepted": 0, "Stored": 0, "Pending": 0, "Dropped": [], "DroppedTotal": 0, "LastError": ""}});
    let quiet =
        json!({"steps": [report, report, report], "stats": {}, "on_drop": [], "on_error": [], "on_delivered": []});
    let uuid = "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e";
    for (pointer, told, reason) in [
        ("/stats", json!({}), ""),
        (
            "/stats",
            json!({"events_pushed_total": 1}),
            "pushed, and delivered and dropped",
        ),
        (
            "/stats",
            json!({"requests_failed_total": 1}),
            "failed requests and on_error",
        ),
        ("/stats", json!({"events_waiting": 1}), "what is left of a closed queue"),
        (
            "/on_delivered",
            json!([{"Uuids": [uuid], "Delivery": "accepted"}]),
            "delivered events and the hooks",
        ),
        (
            "/on_drop",
            json!([{"Uuid": uuid, "Reason": "shutdown"}]),
            "not the drops that the reports name",
        ),
        (
            "/steps/0",
            json!({"receipt": {"Queued": true, "EventUuid": uuid}}),
            "was queued, and the hooks",
        ),
    ] {
        let mut answer = quiet.clone();
        *answer.pointer_mut(pointer).expect("it is there") = told;
        let found: Vec<_> = verdicts(&shell(&format!("read line; echo '{answer}'; cat")), &vectors)
            .into_iter()
            .flat_map(|verdict| verdict.differences)
            .collect();
        match reason {
            "" => assert!(found.is_empty(), "{found:?}"),
            reason => assert!(
                found.iter().any(|difference| difference.contains(reason)),
                "{reason}: {found:?}"
            ),
        }
    }
}

/// What serde says is allowed in a place, taken from the error for a value that no place allows.
fn allowed<T: DeserializeOwned>(probe: Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(probe)
        .err()
        .expect("nothing is called so")
        .to_string();
    let (_, expected) = error.split_once("expected").expect("serde says what it expected");
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn keys<T: DeserializeOwned>() -> BTreeSet<String> {
    allowed::<T>(json!({"no key is called so": 0}))
}

fn words<T: DeserializeOwned>() -> BTreeSet<String> {
    allowed::<T>(json!("no word is called so"))
}

#[test]
fn the_schema_names_the_keys_and_words_of_the_loader() {
    let schema = fs::read_to_string(folder("schema/vector.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let mut definitions = schema["$defs"].clone();
    definitions["file"] = schema;
    let objects = [
        ("file", keys::<vector::VectorFile>()),
        ("case", keys::<vector::Case>()),
        ("only", keys::<vector::Only>()),
        ("given", keys::<vector::Given>()),
        ("response", keys::<vector::Response>()),
        ("expect", keys::<vector::Expect>()),
        ("request", keys::<vector::RequestExpected>()),
        ("headers", keys::<vector::Headers>()),
        ("note", keys::<vector::Note>()),
        ("refused", keys::<vector::Refused>()),
        ("outcome", keys::<vector::OutcomeExpected>()),
        ("exchange", keys::<vector::ExchangeExpected>()),
        ("span", keys::<vector::Span>()),
        ("step", keys::<vector::Step>()),
        ("push", keys::<vector::Push>()),
        ("answer", keys::<vector::Answer>()),
        ("queue", keys::<vector::QueueExpected>()),
    ];
    let enums = [
        ("action", words::<vector::Action>()),
        ("failure", words::<vector::Failure>()),
        ("before", words::<vector::Before>()),
        ("hook", words::<vector::Hook>()),
    ];
    assert_eq!(
        objects.len() + enums.len(),
        definitions.as_object().expect("definitions").len()
    );
    for (name, keys) in objects {
        let definition = &definitions[name];
        assert_eq!(definition["additionalProperties"], json!(false), "{name}");
        let described = definition["properties"].as_object().expect("properties");
        assert_eq!(described.keys().cloned().collect::<BTreeSet<_>>(), keys, "{name}");
    }
    for (name, words) in enums {
        let described = definitions[name]["enum"].as_array().expect("words");
        assert_eq!(
            described
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect::<BTreeSet<_>>(),
            words,
            "{name}"
        );
    }
}
