//! One case of the core, run so many times, for valgrind to count its instructions.
//!
//! ```text
//! hogwire-bench-instructions              prints the names of all cases
//! hogwire-bench-instructions CASE COUNT   does the case COUNT times; nothing else depends on COUNT
//! ```
//!
//! Time, seed and transport are given, so that every run does the same. What a case costs is the difference of two runs over the
//! difference of their counts: start-up and preparation cancel out.
#![allow(clippy::print_stdout, reason = "a program whose caller reads its output")]

use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use hogwire::{
    Client, Compression, Config, ConfigBuilder, CreateEvent, CreateIdentity, Input, Operation, Properties,
    ProtocolChoice, QueueOptions, Request, Response, TrackPage, TransportError, build, interpret,
};
use serde_json::{Map, Value};

const NOW_MS: i64 = 1_795_420_800_000;
/// Events of one request in the cases about batches.
const BATCH: usize = 100;

type Done = Result<(), Box<dyn Error>>;

/// Inputs by name: one property; the benchmark's ten with a list and an object; about 10 KB in a hundred properties.
const INPUTS: [&str; 3] = ["small", "nested", "large"];
const CASES: [&str; 8] = [
    "build",
    "build from JSON",
    "push",
    "push from JSON",
    "batch",
    "batch, gzip",
    "batch, v1",
    "queue and deliver, gzip",
];
/// Cases that have one input only.
const SINGLE: [&str; 5] = [
    "build page",
    "build identity",
    "interpret v0",
    "interpret v1",
    "interpret 503",
];

fn main() -> Done {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [case, count] => run(case, count.parse()?),
        _ => {
            for case in CASES {
                for input in INPUTS {
                    println!("{case}: {input}");
                }
            }
            for case in SINGLE {
                println!("{case}");
            }
            Ok(())
        }
    }
}

fn run(name: &str, count: usize) -> Done {
    let (case, input) = name.split_once(": ").unwrap_or((name, "nested"));
    let properties = properties(input)?;
    let json =
        serde_json::json!({ "DistinctId": "user-12345", "EventName": "benchmark event", "Properties": properties })
            .to_string();
    let typed = || event(&properties);
    let text = || Input::from_json(Operation::Event, json.as_bytes());
    match case {
        "build" => built(count, typed),
        "build from JSON" => built(count, text),
        "build page" => built(count, || {
            TrackPage::new("user-12345", "https://shop.example/pricing?utm_source=news&plan=pro")
                .referrer("https://search.example/")
        }),
        "build identity" => built(count, || {
            CreateIdentity::new("user-12345")
                .name("Ada")
                .email("ada@example.com")
                .plan("pro")
        }),
        "push" => pushed(count, typed),
        "push from JSON" => pushed(count, text),
        "batch" => batched(count, config(), typed),
        "batch, gzip" => batched(count, config().compression(Compression::Gzip), typed),
        "batch, v1" => batched(count, config().protocol(ProtocolChoice::V1), typed),
        "queue and deliver, gzip" => delivered(count, typed),
        "interpret v0" => interpreted(count, config(), 200, |_| r#"{"status":"Ok"}"#.to_owned()),
        "interpret v1" => interpreted(count, config().protocol(ProtocolChoice::V1), 200, verdicts),
        "interpret 503" => interpreted(count, config(), 503, |_| "transient error, please retry".to_owned()),
        _ => Err(format!("there is no case {name:?}").into()),
    }
}

fn properties(input: &str) -> Result<Map<String, Value>, serde_json::Error> {
    let nested: Map<String, Value> = serde_json::from_str(include_str!("../payload.json"))?;
    Ok(match input {
        "small" => nested.into_iter().take(1).collect(),
        "large" => (0..100)
            .map(|number| {
                (
                    format!("property_{number}"),
                    Value::from("A sentence of the length that texts in events have. ".repeat(2)),
                )
            })
            .collect(),
        _ => nested,
    })
}

fn event(properties: &Map<String, Value>) -> CreateEvent<'static> {
    let mut played = Properties::new();
    for (key, value) in properties {
        played.insert(key, value);
    }
    CreateEvent::new("user-12345", "benchmark event").properties(played)
}

fn config() -> ConfigBuilder {
    // Under valgrind on a busy machine, a batch can take longer than an ordinary time-out.
    let timeout = Duration::from_secs(600);
    Config::builder("phc_hogwire_benchmark")
        .nested_properties(true)
        .timeout(timeout)
}

fn built<'a, I: Into<Input<'a>>>(count: usize, input: impl Fn() -> I) -> Done {
    let config = config().build()?;
    for seed in 0..count {
        let request =
            build(input(), &config, NOW_MS, seed as u64, 1).map_err(|outcome| outcome.error_message.clone())?;
        black_box(request);
    }
    Ok(())
}

/// Into a queue that has nothing to send yet.
fn pushed<'a, I: Into<Input<'a>>>(count: usize, input: impl Fn() -> I) -> Done {
    let options = QueueOptions::default()
        .flush_at(1_000_000)
        .max_batch_events(100_000)
        .max_batch_bytes(20 << 20)
        .flush_interval(Duration::from_secs(24 * 60 * 60));
    let queue = Client::with_transport(config().build()?, accept).queue(options)?;
    for _ in 0..count {
        if !black_box(queue.push(input())).queued {
            return Err("an event was not queued".into());
        }
    }
    // Without closing: delivering is another case.
    std::process::exit(0)
}

/// As many batches, on this thread.
fn batched<'a, I: Into<Input<'a>>>(count: usize, config: ConfigBuilder, input: impl Fn() -> I) -> Done {
    let client = Client::with_transport(config.build()?, accept);
    for _ in 0..count {
        for outcome in client.send_batch((0..BATCH).map(|_| input())) {
            if !outcome.is_ok() {
                return Err(outcome.error_message.into());
            }
        }
    }
    Ok(())
}

/// As many batches, through a queue and its threads.
fn delivered<'a, I: Into<Input<'a>>>(count: usize, input: impl Fn() -> I) -> Done {
    let options = QueueOptions::default()
        .flush_at(BATCH)
        .max_batch_events(BATCH)
        .max_in_flight(1);
    let queue = Client::with_transport(config().build()?, accept).queue(options)?;
    for _ in 0..count * BATCH {
        black_box(queue.push(input()));
    }
    let report = queue.close(Duration::from_secs(600));
    if report.delivered != (count * BATCH) as u64 {
        return Err(format!("{} events were delivered", report.delivered).into());
    }
    Ok(())
}

fn interpreted(count: usize, config: ConfigBuilder, status: u16, answer: impl Fn(&Request) -> String) -> Done {
    let request =
        build(event(&Map::new()), &config.build()?, NOW_MS, 7, 1).map_err(|outcome| outcome.error_message.clone())?;
    let answer = answer(&request);
    for _ in 0..count {
        let seen = Ok(Response::new(status, answer.as_str()));
        black_box(interpret(&request, &seen, NOW_MS));
    }
    Ok(())
}

/// The answer of protocol v1, with a verdict for each event of the body. Found without reading JSON: this is no cost of the core's.
fn verdicts(request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    let uuids = body.split(r#""uuid":""#).skip(1).filter_map(|rest| rest.get(..36));
    let results: Vec<String> = uuids.map(|uuid| format!(r#""{uuid}":{{"result":"ok"}}"#)).collect();
    format!(r#"{{"results":{{{}}}}}"#, results.join(","))
}

/// A server that takes everything.
fn accept(request: &Request, _: Duration) -> Result<Response, TransportError> {
    let answer = if request.url.ends_with("/events") {
        verdicts(request)
    } else {
        r#"{"status":"Ok"}"#.to_owned()
    };
    Ok(Response::new(200, answer.as_str()))
}
