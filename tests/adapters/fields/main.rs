//! Hands the suite's lines to adapters whose language has no JSON parser, each taken apart into named fields.
//!
//! `hogwire-adapter-fields PROGRAM` runs the program, whose answers go straight to the runner. It only takes lines apart: what
//! reaches the library (`input`, `config`) is passed on byte by byte. For each line the program reads
//!
//! ```text
//! <name> <length>\n<that many bytes>\n      once for each field; lists give one field for each item
//! end 0\n\n
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::process::{Command, ExitCode, Stdio};

use base64::Engine as _;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    r#do: String,
    operation: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    input_text: Option<String>,
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    #[serde(borrow)]
    now_ms: Option<&'a RawValue>,
    #[serde(borrow)]
    seed: Option<&'a RawValue>,
    #[serde(borrow)]
    attempt: Option<&'a RawValue>,
    response: Option<Response>,
    failure: Option<String>,
    sent: Option<bool>,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    before_send: Vec<String>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    options: Option<&'a RawValue>,
    #[serde(borrow, default)]
    steps: Vec<Step<'a>>,
    #[serde(default)]
    raising: bool,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step<'a> {
    #[serde(borrow)]
    Push(Push<'a>),
    Flush(u64),
    Close(u64),
    Wait(BTreeMap<String, u64>),
    OptOut(bool),
    OptIn(bool),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Push<'a> {
    operation: String,
    #[serde(borrow)]
    input: &'a RawValue,
}

impl Step<'_> {
    /// A step is one field, named after it; the input of a push is a second one.
    fn fields(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Push(push) => vec![("push", push.operation), ("push_input", push.input.get().to_owned())],
            Self::Flush(timeout_ms) => vec![("flush", timeout_ms.to_string())],
            Self::Close(timeout_ms) => vec![("close", timeout_ms.to_string())],
            // A line for each number: its name and its least value.
            Self::Wait(least) => {
                let lines = least.iter().map(|(name, least)| format!("{name} {least}\n"));
                vec![("wait", lines.collect())]
            }
            Self::OptOut(yes) => vec![("opt_out", yes.to_string())],
            Self::OptIn(yes) => vec![("opt_in", yes.to_string())],
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    status: i64,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

type Fields = Vec<(&'static str, Vec<u8>)>;

fn fields(line: Line<'_>) -> Result<Fields, base64::DecodeError> {
    let raw = |value: Option<&RawValue>| value.map(|value| value.get().to_owned());
    let mut fields: Fields = Vec::new();
    let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value.into_bytes())));
    add("do", Some(line.r#do));
    add("operation", line.operation);
    // Text that may be no JSON reaches the library the same way as text that is.
    add("input", line.input_text.or_else(|| raw(line.input)));
    add("config", raw(line.config));
    add("now_ms", raw(line.now_ms));
    add("seed", raw(line.seed));
    add("attempt", raw(line.attempt));
    add("failure", line.failure);
    add("sent", line.sent.map(|sent| i32::from(sent).to_string()));
    line.before.into_iter().for_each(|step| add("before", Some(step)));
    line.before_send
        .into_iter()
        .for_each(|hook| add("before_send", Some(hook)));
    add("items", raw(line.items));
    add("options", raw(line.options));
    add("raising", line.raising.then(|| "1".to_owned()));
    add("key", line.key);
    for (name, value) in line.steps.into_iter().flat_map(Step::fields) {
        add(name, Some(value));
    }
    if let Some(response) = line.response {
        add("status", Some(response.status.to_string()));
        for (name, value) in response.headers {
            add("header_name", Some(name));
            add("header_value", Some(value));
        }
        add("body", response.body);
        if let Some(body) = response.body_base64 {
            fields.push(("body", base64::engine::general_purpose::STANDARD.decode(body)?));
        }
    }
    fields.push(("end", Vec::new()));
    Ok(fields)
}

fn run() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let program = std::env::args_os().nth(1).ok_or("which program?")?;
    let mut child = Command::new(program).stdin(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().ok_or("the program has no input")?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        for (name, bytes) in fields(serde_json::from_str(&line)?)? {
            writeln!(input, "{name} {}", bytes.len())?;
            input.write_all(&bytes)?;
            input.write_all(b"\n")?;
        }
        input.flush()?;
    }
    drop(input);
    let ended = child.wait()?;
    Ok(if ended.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        // Without an output there is nobody to tell.
        let _ = writeln!(io::stderr(), "hogwire-adapter-fields: {error}");
        ExitCode::FAILURE
    })
}
