//! Replays every recorded exchange of PostHog's `capture` server against the receiver: status, content type, body and stored events must be the
//! recorded ones. What cannot replay is listed in `recordings/exceptions.json` with its reason, and must go on failing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "the count is part of the report")]

#[path = "replay/client.rs"]
mod client;
#[path = "replay/compare.rs"]
mod compare;
#[path = "replay/recording.rs"]
mod recording;

use hogwire_receiver::{Receiver, Settings};
use recording::Recording;
use std::collections::BTreeMap;
use std::path::Path;

/// The recorded servers: one printed its messages and knew no size limit, the other sent them to a broker and knew one token over quota.
struct Servers {
    print: Receiver,
    broker: Receiver,
}

#[test]
fn every_recording_replays_or_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let exceptions: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("exceptions.json")).unwrap()).unwrap();
    // Another file of the same kind can be replayed with this variable; the exceptions then apply by name as far as they occur.
    let other = std::env::var_os("HOGWIRE_RECORDINGS");
    let path = other.clone().map_or(folder.join("capture-v0.jsonl"), Into::into);
    let recordings = recording::load(&path);
    assert!(!recordings.is_empty(), "no recordings in {}", path.display());

    let servers = start();
    let failures: BTreeMap<&str, String> = recordings
        .iter()
        .filter_map(|recording| Some((recording.name.as_str(), replay(&servers, recording).err()?)))
        .collect();
    println!(
        "{} of {} replay exactly",
        recordings.len() - failures.len(),
        recordings.len()
    );
    for (name, difference) in &failures {
        println!("  {name}: {}", exceptions.get(*name).unwrap_or(difference));
    }

    let unexplained: Vec<_> = failures
        .iter()
        .filter(|(name, _)| !exceptions.contains_key(**name))
        .collect();
    assert!(
        unexplained.is_empty(),
        "not listed in exceptions.json: {unexplained:#?}"
    );
    let stale: Vec<_> = exceptions
        .keys()
        .filter(|name| !failures.contains_key(name.as_str()))
        .collect();
    assert!(
        other.is_some() || stale.is_empty(),
        "listed in exceptions.json, but replays or is not recorded: {stale:?}"
    );
    assert!(
        exceptions.values().all(|reason| reason.len() > 20),
        "an exception without a reason"
    );
}

fn start() -> Servers {
    let print = Settings {
        max_event_bytes: None,
        ..Settings::default()
    };
    let broker = Settings {
        over_quota_tokens: vec!["phc_over_quota_token".into()],
        ..Settings::default()
    };
    Servers {
        print: Receiver::start(print).unwrap(),
        broker: Receiver::start(broker).unwrap(),
    }
}

fn replay(servers: &Servers, recording: &Recording) -> Result<(), String> {
    let receiver = if recording.ran_on_the_broker_server() {
        &servers.broker
    } else {
        &servers.print
    };
    receiver.reset();
    let body = recording.request.body_bytes()?;
    let answer = client::exchange(receiver, &recording.request, &body);
    compare::answers(&recording.response, &answer)?;
    compare::stored(
        recording.stored.as_deref(),
        recording.request.described_events(),
        &receiver.stored(),
    )
}
