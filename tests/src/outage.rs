//! The outage: for 20 s of real time nobody listens while a queue is fed, then the server is there. Not one event may be missing.
//!
//! The vectors script failures of a server that is there; this is the one claim that needs a clock on the wall, so every adapter goes
//! through it side by side, while the vectors run.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use hogwire_receiver::{Receiver, Settings};
use serde_json::{Value, json};

use crate::adapter::{Adapter, Folders};
use crate::run::Verdict;

/// Where it stands in the report.
pub const ID: &str = "outage/twenty_seconds";

/// How long nobody listens. Adapters wait for a delivery twice, 10 s each.
const AWAY: Duration = Duration::from_secs(20);

/// Before the outage is noticed, in the middle of it, and at its end: more than a batch each time.
const EACH_TIME: usize = 150;

/// Puts an adapter through the outage.
#[must_use]
pub fn run(adapter: &Adapter, folders: &Folders) -> Verdict {
    Verdict {
        id: ID.to_owned(),
        area: "outage".to_owned(),
        differences: survive(adapter, folders).unwrap_or_else(|error| vec![error.to_string()]),
        digest: None,
    }
}

fn survive(adapter: &Adapter, folders: &Folders) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let address = quiet_address().ok_or("no port is free")?;
    let mut process = adapter.start(folders)?;
    let (answer, receiver) = std::thread::scope(|scope| {
        let receiver = scope.spawn(move || come_back(address));
        (process.ask(&line(address)), receiver.join())
    });
    let (answer, receiver) = (answer?, receiver.map_err(|_| "the receiver panicked")??);
    process.finish()?;
    Ok(differences(&answer, &receiver))
}

/// A port that nobody listens on, nor will: systems give servers that ask for any port one from 32,768 on.
fn quiet_address() -> Option<SocketAddr> {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).ok()?;
    std::iter::repeat_with(|| first + TRIED.fetch_add(1, Ordering::Relaxed))
        .take_while(|port| *port < 32_768)
        .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())?
        .local_addr()
        .ok()
}

fn come_back(address: SocketAddr) -> Result<Receiver, String> {
    std::thread::sleep(AWAY);
    let settings = Settings {
        bind: address.to_string(),
        ..Settings::default()
    };
    Receiver::start(settings).map_err(|error| error.to_string())
}

fn line(address: SocketAddr) -> String {
    let input = json!({"DistinctId": "u-1", "EventName": "during an outage"});
    let push = || vec![json!({"push": {"operation": "event", "input": input}}); EACH_TIME];
    // Ten seconds each, in vain: nobody is there.
    let wait = || vec![json!({"wait": {"events_delivered_total": 1}})];
    let settle = vec![json!({"flush": 20_000}), json!({"close": 10_000})];
    let steps = [push(), wait(), push(), wait(), push(), settle].concat();
    json!({
        "do": "queue",
        "config": {"api_key": "phc_outage", "host": format!("http://{address}")},
        "options": {},
        "steps": steps,
    })
    .to_string()
}

fn differences(answer: &Value, receiver: &Receiver) -> Vec<String> {
    let steps = answer["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let each = |kind: &'static str| {
        steps
            .iter()
            .map(move |step| &step[kind])
            .filter(|found| !found.is_null())
    };
    let promised: BTreeSet<_> = each("receipt")
        .filter(|receipt| receipt["Queued"] == true)
        .filter_map(|receipt| receipt["EventUuid"].as_str())
        .collect();
    let stored: Vec<_> = receiver.stored().into_iter().map(|event| event.uuid).collect();
    let kept: BTreeSet<_> = stored.iter().map(String::as_str).collect();
    let sum = |key: &str| each("report").filter_map(|report| report[key].as_u64()).sum::<u64>();
    let pending = each("report").next_back().and_then(|report| report["Pending"].as_u64());
    let refused = |outcome: &Value| outcome["ErrorCode"] == "network" && outcome["Delivery"] == "not_sent";
    let errors = answer["on_error"].as_array().map(Vec::as_slice).unwrap_or_default();
    let all = 3 * EACH_TIME;
    [
        (
            promised.len() == all,
            format!("{} of {all} events were taken", promised.len()),
        ),
        (
            each("waited").filter(|waited| **waited == false).count() == 2,
            "something was delivered while nobody listened".to_owned(),
        ),
        (
            kept == promised && stored.len() == all,
            format!("{} were stored, {} different ones", stored.len(), kept.len()),
        ),
        (
            (sum("Delivered"), sum("DroppedTotal"), pending) == (all as u64, 0, Some(0)),
            format!("the reports say: {:?}", each("report").collect::<Vec<_>>()),
        ),
        (
            errors.iter().any(refused),
            "no refused connection was told to on_error".to_owned(),
        ),
    ]
    .into_iter()
    .filter_map(|(holds, difference)| (!holds).then_some(difference))
    .collect()
}
