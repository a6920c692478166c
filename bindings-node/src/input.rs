//! Inputs: JSON text, and beside it notes about what JSON text cannot carry.

use hogwire::{Input, Operation, UnknownOperation};
use napi::bindgen_prelude::{Error, Result};

/// Notes are a flat list of code, path and what was found there.
pub type Notes = Option<Vec<String>>;

/// The operation of this name.
pub fn operation(name: &str) -> Result<Operation> {
    name.parse()
        .map_err(|unknown: UnknownOperation| Error::from_reason(unknown.to_string()))
}

/// Reads text and notes into an input.
pub fn read<'a>(operation: Operation, text: &'a str, notes: &Notes) -> Input<'a> {
    let mut input = Input::from_json(operation, text.as_bytes());
    for note in notes.as_deref().unwrap_or_default().chunks_exact(3) {
        if let [code, path, found] = note {
            match code.as_str() {
                "panic" => provoke(),
                code => input.note(code, path, found),
            }
        }
    }
    input
}

#[allow(clippy::panic, reason = "the way to show in a test that a panic becomes an outcome")]
fn provoke() {
    panic!("provoked by a test")
}
