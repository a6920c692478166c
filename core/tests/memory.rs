//! What a full queue costs: at most 1.2 times the encoded bytes, and 5 MB.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and reads what the system says of it"
)]

use std::time::Duration;

use hogwire::{Client, Config, CreateEvent, QueueOptions, Request, Response};

/// Resident bytes of this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

#[test]
fn a_hundred_thousand_events_take_little_more_than_their_bytes() {
    // A server that never answers, so that all but one event wait.
    let slow = |_: &Request, _: Duration| {
        std::thread::park();
        Ok(Response::new(200, ""))
    };
    let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), slow);
    let options = QueueOptions::default()
        .max_in_flight(1)
        .max_batch_events(1)
        .close_timeout(Duration::ZERO);
    let queue = client.queue(options).unwrap();
    let text = "x".repeat(190);
    let before = resident();
    for number in 0..100_000 {
        let event = CreateEvent::new(format!("user-{number}"), "memory").property("text", text.as_str());
        assert!(queue.push(event).queued);
    }
    let used = resident() - before;
    let stats = queue.stats();
    let encoded = stats.bytes_waiting;
    println!(
        "{} bytes per event; {used} bytes used, {:.3} times",
        encoded / stats.events_waiting,
        used as f64 / encoded as f64
    );
    assert!(used <= encoded * 12 / 10 + 5_000_000, "{used} bytes for {encoded}");
}
