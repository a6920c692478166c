//! The receiver as a program, for tests in other languages. It prints one line of JSON once it listens, and serves until it is told to stop.
//!
//! Flags are the fields of [`Settings`] with dashes (`--max-body-bytes 1000`, `--over-quota-tokens '["phc_x"]'`, `--v1`, `--tls expired`), and
//! `--until-stdin-closes`.

use hogwire_receiver::{Receiver, Settings};
use serde_json::{Map, Value, json};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "hogwire-receiver: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut flags = flags(std::env::args().skip(1))?;
    let until_stdin_closes = flags.remove("until_stdin_closes").is_some();
    let settings: Settings = serde_json::from_value(Value::Object(flags))?;
    let receiver = Receiver::start(settings)?;
    let (server, client) = (receiver.server_certificate_pem(), receiver.client_certificate_pem());
    let line = json!({
        "url": receiver.url(),
        "control_url": receiver.control_url(),
        "certificate_authority_pem": receiver.certificate_authority_pem(),
        "server_certificate_pem": server.map(|(certificate, _)| certificate),
        "server_key_pem": server.map(|(_, key)| key),
        "client_certificate_pem": client.map(|(certificate, _)| certificate),
        "client_key_pem": client.map(|(_, key)| key),
    });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    if until_stdin_closes {
        let stop = receiver.stopper();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            stop();
        });
    }
    receiver.wait_until_stopped();
    Ok(())
}

/// Reads `--name value` pairs; a value is JSON where it parses, else text, and `true` where it is missing.
fn flags(arguments: impl Iterator<Item = String>) -> Result<Map<String, Value>, String> {
    let mut flags = Map::new();
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        let name = argument
            .strip_prefix("--")
            .ok_or_else(|| format!("not a flag: {argument}"))?
            .replace('-', "_");
        let value = match arguments.next_if(|next| !next.starts_with("--")) {
            None => Value::Bool(true),
            Some(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        flags.insert(name, value);
    }
    Ok(flags)
}
