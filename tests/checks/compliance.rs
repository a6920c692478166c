//! What PostHog asks of a client, statement by statement, and what proves each: vectors that run through the public API of Python, Node
//! and C, or stories of these three. A statement without proof fails, and so does a proof that does not exist.
#![allow(clippy::expect_used, reason = "helpers of tests: a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hogwire_conformance::folder;
use hogwire_conformance::load::{Vector, load};
use serde::Deserialize;

/// The checks of PostHog's contract over each protocol, and the statements of its specification; fewer means that some were lost.
const FILES: [(&str, usize); 3] = [("v0", 30), ("v1", 98), ("acceptance", 47)];

/// The languages a statement has to hold in, and where their stories stand.
const LANGUAGES: [(&str, &str); 3] = [
    ("python", "bindings-python"),
    ("node", "bindings-node"),
    ("c", "bindings-c"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    statements: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    says: String,
    #[serde(default)]
    vectors: Vec<String>,
    #[serde(default)]
    stories: BTreeMap<String, Story>,
    left_out: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// From the binding's folder.
    file: String,
    name: String,
}

/// What is wrong with a statement.
fn faults(
    statement: &Statement,
    vectors: &BTreeMap<&str, &Vector>,
    read: impl Fn(&str, &str) -> String,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |text: String| faults.push(format!("\"{}\": {text}", statement.says));
    if let Some(reason) = &statement.left_out {
        if !reason.ends_with('.') || !statement.vectors.is_empty() || !statement.stories.is_empty() {
            fault("what is left out has a reason, and nothing else".to_owned());
        }
        return faults;
    }
    for id in &statement.vectors {
        match vectors.get(id.as_str()) {
            None => fault(format!("there is no vector {id}")),
            Some(vector) => {
                for (language, _) in LANGUAGES.iter().filter(|(language, _)| !vector.is_for(language)) {
                    fault(format!("the vector {id} does not run in {language}"));
                }
            }
        }
    }
    for (language, story) in &statement.stories {
        let Some((_, binding)) = LANGUAGES.iter().find(|(known, _)| known == language) else {
            fault(format!("no language is called {language}"));
            continue;
        };
        let text = read(binding, &story.file);
        let name = &story.name;
        let spelled = match language.as_str() {
            "python" => format!("\ndef {name}("),
            "node" => format!("\ntest('{name}',"),
            _ => format!(" {name}("),
        };
        if !text.contains(&spelled) {
            fault(format!("there is no story {name} in {binding}/{}", story.file));
        }
    }
    if statement.vectors.is_empty() {
        for (language, _) in LANGUAGES {
            if !statement.stories.contains_key(language) {
                fault(format!("nothing proves it in {language}"));
            }
        }
    }
    faults
}

fn read(binding: &str, file: &str) -> String {
    fs::read_to_string(folder("..").join(binding).join(Path::new(file))).unwrap_or_default()
}

fn by_id(vectors: &[Vector]) -> BTreeMap<&str, &Vector> {
    vectors.iter().map(|vector| (vector.id.as_str(), vector)).collect()
}

#[test]
fn every_statement_is_proved_in_python_node_and_c() {
    let vectors = load(&folder("vectors")).expect("every vector loads");
    let vectors = by_id(&vectors);
    let mut wrong = Vec::new();
    for (name, count) in FILES {
        let text = fs::read_to_string(folder("compliance").join(format!("{name}.json"))).expect("the file is there");
        let file: File = serde_json::from_str(&text).expect("it is a list of statements");
        assert!(file.about.ends_with('.'), "{name}: say what it is about");
        assert_eq!(file.statements.len(), count, "{name}");
        let mut said = BTreeSet::new();
        for statement in &file.statements {
            wrong.extend(faults(statement, &vectors, read));
            assert!(statement.says.ends_with('.'), "not a sentence: {}", statement.says);
            said.insert(&statement.says);
        }
        assert_eq!(said.len(), count, "{name} says something twice");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_proves_nothing_is_found() {
    let vectors = load(&folder("vectors")).expect("every vector loads");
    let vectors = by_id(&vectors);
    for (statement, expected) in [
        (r#"{"says": "x"}"#, "nothing proves it in node"),
        (
            r#"{"says": "x", "vectors": ["queue/v0_delivery/no_such"]}"#,
            "there is no vector",
        ),
        (
            r#"{"says": "x", "vectors": ["config/unknown/unknown"]}"#,
            "does not run in python",
        ),
        (
            r#"{"says": "x", "stories": {"c": {"file": "tests/queue.c", "name": "no_such"}}}"#,
            "there is no story no_such",
        ),
        (
            r#"{"says": "x", "stories": {"cobol": {"file": "a", "name": "b"}}}"#,
            "no language is called",
        ),
        (
            r#"{"says": "x", "vectors": ["queue/v0_delivery/one"], "left_out": "No."}"#,
            "and nothing else",
        ),
    ] {
        let statement: Statement = serde_json::from_str(statement).expect("it is a statement");
        let found = faults(&statement, &vectors, read).join("\n");
        assert!(found.contains(expected), "{expected}: {found}");
    }
}
