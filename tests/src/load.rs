//! The loader: from `vectors/<area>/<behaviour>.json` to cases that can be run, or a refusal that names the file.
//!
//! Whatever could make a case mean less than its author thought is refused here: unknown and repeated keys, repeated
//! ids, files and folders without cases, expectations that do not belong to what is asked.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use thiserror::Error;

use crate::vector::{Action, Case, Expect, Given, Only, Step, VectorFile};
use crate::{pattern, text};

/// A case, ready to run.
#[derive(Clone, Debug)]
pub struct Vector {
    /// `area/behaviour/case`.
    pub id: String,
    /// The folder: what the case is counted under.
    pub area: String,
    /// The adapters it is limited to.
    pub only: Option<Only>,
    /// What is asked, the file's base included.
    pub given: Given,
    /// What has to come of it.
    pub expect: Expect,
}

impl Vector {
    /// What the case asks the adapter to do.
    #[must_use]
    pub fn action(&self) -> Action {
        // The loader lets no case through without one.
        self.given.action.unwrap_or(Action::Build)
    }

    /// Whether the case is for the adapter of this name.
    #[must_use]
    pub fn is_for(&self, adapter: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.adapters.iter().any(|name| name == adapter))
    }
}

/// Why a file or folder was refused.
#[derive(Debug, Error)]
pub enum LoadError {
    /// It could not be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// It is no JSON, or has a key that no vector has.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
    /// It is well formed and still means nothing, or less than it seems.
    #[error("{}: {problem}", path.display())]
    Meaningless {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        problem: String,
    },
}

/// Loads every file of every area below the folder.
///
/// # Errors
/// The first file or folder that is refused; a folder without files, or with anything but `.json` files, is refused too.
pub fn load(folder: &Path) -> Result<Vec<Vector>, LoadError> {
    let mut vectors = Vec::new();
    for area in entries(folder)? {
        for file in entries(&area)? {
            vectors.extend(load_file(&file)?);
        }
    }
    Ok(vectors)
}

/// Loads one file.
///
/// # Errors
/// Why it is refused.
pub fn load_file(path: &Path) -> Result<Vec<Vector>, LoadError> {
    let meaningless = |problem: String| LoadError::Meaningless {
        path: path.to_owned(),
        problem,
    };
    let malformed = |source| LoadError::Malformed {
        path: path.to_owned(),
        source,
    };
    let written = fs::read_to_string(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let value = text::read(&written).map_err(malformed)?;
    pattern::check(&value).map_err(malformed)?;
    let file: VectorFile = serde_json::from_value(value).map_err(malformed)?;
    let (area, behaviour) = names(path).map_err(meaningless)?;
    sentence("behaviour", &file.behaviour).map_err(meaningless)?;
    if !file.contract.contains('§') {
        return Err(meaningless(
            "`contract` names no section (§) of the contract".to_owned(),
        ));
    }
    if file.cases.is_empty() {
        return Err(meaningless("a file without cases proves nothing".to_owned()));
    }
    let mut ids = HashSet::new();
    let mut vectors = Vec::new();
    for case in file.cases {
        let id = format!("{area}/{behaviour}/{}", case.id);
        if !ids.insert(case.id.clone()) {
            return Err(meaningless(format!("the id `{}` stands twice", case.id)));
        }
        let vector = merged(case, &file.base, id.clone(), area.clone());
        vectors.push(vector.map_err(|problem| meaningless(format!("{id}: {problem}")))?);
    }
    Ok(vectors)
}

/// The entries of a folder by name; none at all is an error, so that no suite runs empty.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |source| LoadError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    if paths.is_empty() {
        return Err(LoadError::Meaningless {
            path: folder.to_owned(),
            problem: "an empty folder".to_owned(),
        });
    }
    Ok(paths)
}

/// Area and behaviour, from the path.
fn names(path: &Path) -> Result<(String, String), String> {
    let area = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let file = path
        .file_name()
        .and_then(|name| name.to_str())
        .and_then(|name| name.strip_suffix(".json"));
    match (area, file) {
        (Some(area), Some(file)) if is_plain(file) => Ok((area.to_owned(), file.to_owned())),
        _ => Err("a file is named <area>/<behaviour>.json in lower case, digits and underscores".to_owned()),
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn sentence(key: &str, text: &str) -> Result<(), String> {
    if text.contains(' ') && text.ends_with('.') {
        return Ok(());
    }
    Err(format!("`{key}` is not a sentence with a full stop: {text:?}"))
}

fn merged(case: Case, base: &Given, id: String, area: String) -> Result<Vector, String> {
    if !is_plain(&case.id) {
        return Err("an id is lower case, digits and underscores".to_owned());
    }
    sentence("why", &case.why)?;
    if let Some(only) = &case.only {
        sentence("only.why", &only.why)?;
        if only.adapters.is_empty() {
            return Err("`only` names no adapter".to_owned());
        }
    }
    let given = case.given.over(base);
    check_given(&given, case.only.is_some())?;
    check_expect(&given, &case.expect)?;
    Ok(Vector {
        id,
        area,
        only: case.only,
        given,
        expect: case.expect,
    })
}

fn check_given(given: &Given, limited: bool) -> Result<(), String> {
    let action = given.action.ok_or("`do` is missing")?;
    let names_operation = action.has_input();
    let inputs = [
        given.input.is_some(),
        given.input_json.is_some(),
        given.input_text.is_some(),
    ];
    let answers = usize::from(given.response.is_some()) + usize::from(given.failure.is_some());
    let steps = given.steps.as_deref().unwrap_or_default();
    let is_well_formed = |step: &Step| step.kinds() == 1 && (step.times.is_none() || step.push.is_some());
    let rules = [
        (
            names_operation == given.operation.is_some(),
            "`operation` belongs to build, interpret, curl and call, and to no other",
        ),
        (
            inputs.iter().filter(|given| **given).count() == usize::from(names_operation),
            "exactly one of `input`, `input_json` and `input_text` belongs to each operation",
        ),
        (
            given
                .input_json
                .as_deref()
                .is_none_or(|input| serde_json::from_str::<&RawValue>(input).is_ok()),
            "`input_json` is no JSON; text that is none goes into `input_text`",
        ),
        (
            given.input_text.is_none() || limited,
            "`input_text` needs `only`: not every language hands in text",
        ),
        (
            answers == usize::from(action == Action::Interpret),
            "`interpret`, and nothing else, has either a `response` or a `failure`",
        ),
        (
            given.sent.is_none() || given.failure.is_some(),
            "`sent` belongs to a `failure`",
        ),
        (
            given
                .response
                .as_ref()
                .is_none_or(|response| response.body.is_none() || response.body_base64.is_none()),
            "a response has one body",
        ),
        (
            action.sends() || (given.before.is_none() && given.before_send.is_none() && given.receiver.is_none()),
            "`before`, `before_send` and `receiver` belong to a call, a batch or a queue",
        ),
        (
            given.items.is_some() == (action == Action::Batch),
            "`items` belong to a batch, and every batch has some",
        ),
        (
            given.steps.is_some() == (action == Action::Queue)
                && (action == Action::Queue || (given.options.is_none() && given.raising.is_none())),
            "`steps`, `options` and `raising` belong to a queue, and every queue has steps",
        ),
        (
            steps.iter().all(is_well_formed),
            "a step has one key, and `times` only beside `push`",
        ),
        (
            action != Action::Queue || steps.last().is_some_and(|step| step.close.is_some()),
            "the last step of a queue is `close`",
        ),
        (
            given.key.is_some() == (action == Action::UuidFrom),
            "`key` belongs to uuid_from",
        ),
    ];
    first_broken(&rules)?;
    for push in steps.iter().filter_map(|step| step.push.as_ref()) {
        if push.input.is_empty() && push.operation != "event" {
            return Err("only an event has an input of its own accord".to_owned());
        }
    }
    for step in given.receiver.iter().flatten() {
        serde_json::from_value::<hogwire_receiver::Step>(step.clone())
            .map_err(|error| format!("a step of the receiver is not understood: {error}"))?;
    }
    Ok(())
}

fn check_expect(given: &Given, expect: &Expect) -> Result<(), String> {
    use Action::{Batch, Build, Call, Catalogue, Config, Curl, Interpret, Queue, UuidFrom};
    let action = given.action.unwrap_or(Build);
    let answers: [(bool, &[Action]); 10] = [
        (expect.request.is_some(), &[Build]),
        (expect.refused.is_some(), &[Build, Interpret, Curl, Call]),
        (expect.outcome.is_some(), &[Interpret, Call]),
        (expect.config.is_some(), &[Config]),
        (
            expect.error.is_some(),
            &[Build, Interpret, Curl, Call, Config, Batch, Queue],
        ),
        (expect.outcomes.is_some(), &[Batch]),
        (expect.queue.is_some(), &[Queue]),
        (expect.uuid.is_some(), &[UuidFrom]),
        (expect.curl.is_some(), &[Curl]),
        (expect.catalogue.is_some(), &[Catalogue]),
    ];
    let named: Vec<_> = answers.iter().filter(|(named, _)| *named).collect();
    let fits = named.iter().all(|(_, actions)| actions.contains(&action));
    let host_given = given.config.as_ref().is_some_and(|config| config.contains_key("host"));
    let requests = expect.request.as_deref().into_iter();
    let exchange = expect.exchange.as_deref();
    let requests: Vec<_> = requests
        .chain(exchange.and_then(|exchange| exchange.each.as_ref()))
        .chain(
            exchange
                .and_then(|exchange| exchange.all.as_ref())
                .into_iter()
                .flatten(),
        )
        .collect();
    let sent = expect.outcome.is_some() || expect.outcomes.is_some() || expect.queue.is_some();
    let items = given.items.as_ref().map(Vec::len);
    let steps = given.steps.as_ref().map(Vec::len);
    let rules = [
        (
            named.len() == 1 && fits,
            "exactly one answer that belongs to `do` is expected",
        ),
        (
            expect.exchange.is_some() == (action.sends() && sent),
            "`exchange` belongs to a call with an outcome, a batch and a queue, and every one of them has it",
        ),
        (
            expect.outcomes.as_ref().is_none_or(|answers| {
                Some(answers.len()) == items && answers.iter().all(|one| one.outcome.is_some() != one.refused.is_some())
            }),
            "`outcomes` has one `outcome` or `refused` for each item",
        ),
        (
            expect
                .queue
                .as_ref()
                .is_none_or(|queue| Some(queue.steps.len()) == steps),
            "`queue.steps` has one entry for each step",
        ),
        (
            exchange.is_none_or(|exchange| {
                exchange.all.as_ref().is_none_or(|all| all.len() == exchange.requests)
                    && exchange
                        .gaps_ms
                        .as_ref()
                        .is_none_or(|gaps| gaps.len() + 1 == exchange.requests)
            }),
            "`all` has one entry for each request, `gaps_ms` one fewer",
        ),
        (
            expect
                .refused
                .as_ref()
                .is_none_or(|refused| !refused.findings.is_empty()),
            "a refusal has findings",
        ),
        (
            expect
                .request
                .as_ref()
                .is_none_or(|request| request.url.is_some() || !host_given),
            "a request to a `host` of the case's own needs its `url`",
        ),
        (
            requests
                .iter()
                .all(|request| request.properties.is_none() || request.some_properties.is_none()),
            "`properties` are all of them, `some_properties` a few: not both",
        ),
    ];
    first_broken(&rules)
}

fn first_broken(rules: &[(bool, &str)]) -> Result<(), String> {
    rules
        .iter()
        .find(|(holds, _)| !holds)
        .map_or(Ok(()), |(_, problem)| Err((*problem).to_owned()))
}
