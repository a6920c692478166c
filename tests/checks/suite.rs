//! The whole suite through the Rust adapter, and what the suite has to cover at all.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a panic is how a test fails"
)]

use std::collections::BTreeSet;

use hogwire_conformance::adapter::{Adapter, Folders, adapters};
use hogwire_conformance::folder;
use hogwire_conformance::load::{Vector, load};
use hogwire_conformance::report::Report;
use hogwire_conformance::run::run;
use serde_json::Value;

/// Fewer means that files were lost.
const LEAST_VECTORS: usize = 1_700;

fn vectors() -> Vec<Vector> {
    load(&folder("vectors")).expect("every vector loads")
}

fn rust() -> Adapter {
    let mut known = adapters(&folder("adapters/adapters.json")).expect("adapters.json is understood");
    known.retain(|adapter| adapter.name == "rust");
    known.pop().expect("there is a Rust adapter")
}

#[test]
fn every_vector_passes_in_rust() {
    let vectors = vectors();
    assert!(vectors.len() >= LEAST_VECTORS, "only {} vectors", vectors.len());
    let folders = Folders::here().expect("a test program knows where it is");
    let mut report = Report::default();
    report.ran("rust", run(&rust(), &folders, &vectors));
    println!("{report}");
    assert!(report.passed(), "{report}");
}

/// Codes that no request or answer of this suite can bring about, each with its reason.
const BEYOND_THE_SUITE: &[(&str, &str)] = &[
    ("internal", "needs a fault of ours or of a custom transport"),
    ("cycle", "JSON cannot hold a cycle; told by each language's own tests"),
    (
        "invalid_key",
        "JSON keys are always text; told by each language's own tests",
    ),
    (
        "unreadable_value",
        "JSON has no getters; told by each language's own tests",
    ),
    (
        "value_omitted",
        "JSON has no undefined; told by each language's own tests",
    ),
];

#[test]
fn every_published_code_and_parameter_is_expected_somewhere() {
    let mut published = BTreeSet::new();
    let mut expected = BTreeSet::new();
    for vector in vectors() {
        match &vector.expect.catalogue {
            Some(catalogue) => texts(catalogue, &mut published),
            None => {
                expected.extend(codes(&vector));
                let given = &vector.given;
                let inputs = given.input.iter().chain(given.items.iter().flatten()).flatten();
                let names = inputs.chain(given.options.iter().flatten());
                expected.extend(names.map(|(parameter, _)| parameter.clone()));
            }
        }
    }
    // The name of the rule that the lists stand in.
    published.remove("unordered");
    assert!(published.len() > 50, "the catalogue is a vector itself: {published:?}");
    let missing: Vec<_> = published.difference(&expected).collect();
    let known: BTreeSet<_> = BEYOND_THE_SUITE.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(missing, known.iter().collect::<Vec<_>>());
}

/// Every text inside a value.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(object) => object.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// Every code a vector expects, wherever it stands.
fn codes(vector: &Vector) -> Vec<String> {
    let expect = &vector.expect;
    let mut found = Vec::new();
    let mut notes = Vec::new();
    let answers = expect.outcomes.iter().flatten();
    let refusals = answers.clone().filter_map(|answer| answer.refused.as_ref());
    for refused in expect.refused.iter().chain(refusals) {
        found.push("invalid_input".to_owned());
        notes.extend(refused.findings.iter().chain(&refused.warnings));
    }
    let outcomes = answers.filter_map(|answer| answer.outcome.as_ref());
    for outcome in expect.outcome.as_deref().into_iter().chain(outcomes) {
        found.extend([outcome.error_code.clone(), outcome.delivery.clone()]);
        notes.extend(&outcome.warnings);
    }
    if let Some(request) = &expect.request {
        notes.extend(&request.warnings);
    }
    found.extend(notes.iter().map(|note| note.code.clone()));
    let mut of_queues = BTreeSet::new();
    for step in expect.queue.iter().flat_map(|queue| &queue.steps) {
        texts(step, &mut of_queues);
    }
    found.extend(of_queues);
    found
}
