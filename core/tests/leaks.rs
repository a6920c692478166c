//! What one client still holds after a thousand calls that failed in every way a server can fail them: nothing.
//!
//! Its own program, because it counts what the whole process holds.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is a host: it has a clock and reads files"
)]

use std::sync::mpsc;
use std::time::{Duration, Instant};

use hogwire::{Client, Config, CreateEvent, ErrorCode};
use hogwire_receiver::{Cut, Receiver, Settings, Step};

const CALLS: usize = 1_000;

/// A machine under load may take its time to end threads.
const PATIENCE: Duration = Duration::from_secs(30);

/// Open descriptors and threads of this process.
#[derive(Clone, Copy, Debug)]
struct Census {
    descriptors: usize,
    threads: usize,
}

fn census() -> Census {
    let entries = |folder| std::fs::read_dir(folder).unwrap().count();
    Census {
        descriptors: entries("/proc/self/fd"),
        threads: entries("/proc/self/task"),
    }
}

/// Waits until the client holds no connection any more and the process no more than before.
fn returns_to(before: Census, receiver: &Receiver) {
    assert!(receiver.wait_for(PATIENCE, |state| state.stats().open_connections == 0));
    let end = Instant::now() + PATIENCE;
    loop {
        let now = census();
        if now.descriptors <= before.descriptors && now.threads <= before.threads {
            break;
        }
        assert!(Instant::now() < end, "{now:?}, {before:?} before");
        std::thread::yield_now();
    }
}

fn failing() -> Vec<(Vec<Step>, ErrorCode)> {
    // The request before leaves its connection open. One that turns out to be cut says nothing of the server, so this is tried on
    // a fresh one too.
    let cut_twice = vec![Step::cut(Cut::BeforeRequestRead), Step::cut(Cut::BeforeRequestRead)];
    let bad_chunk = Step::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
    let short_length = Step::raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{} and more");
    vec![
        (vec![Step::status(413).closed(true)], ErrorCode::TooLarge),
        (vec![Step::status(429)], ErrorCode::RateLimited),
        (cut_twice, ErrorCode::Network),
        (vec![Step::cut(Cut::BeforeAnswer)], ErrorCode::Network),
        (vec![Step::cut(Cut::InHeaders)], ErrorCode::Network),
        (vec![Step::cut(Cut::InBody)], ErrorCode::Network),
        (vec![bad_chunk], ErrorCode::Network),
        (vec![short_length], ErrorCode::Ok),
        (vec![Step::status(503)], ErrorCode::ServerError),
        (vec![Step::judged().delayed(60)], ErrorCode::Timeout),
    ]
}

#[test]
fn a_thousand_failing_calls_of_one_client_leave_nothing_behind() {
    let receiver = Receiver::start(Settings::default()).unwrap();
    let config = Config::builder("phc_leak_test")
        .host(receiver.url())
        .max_retries(0)
        .timeout(Duration::from_millis(30));
    let config = config.build().unwrap();
    // What the process makes once and keeps.
    let first = Client::new(config.clone()).unwrap();
    assert!(first.send(CreateEvent::new("user-1", "e")).is_ok());
    first.close();
    assert!(receiver.wait_for(PATIENCE, |state| state.stats().open_connections == 0));
    let before = census();

    let client = Client::new(config).unwrap();
    let mut met = vec![0; failing().len()];
    for round in 0..CALLS / failing().len() {
        for (kind, (steps, code)) in failing().into_iter().enumerate() {
            receiver.script(steps);
            let call = CreateEvent::new("user-1", "e");
            let outcome = if round % 2 == 0 {
                client.send(call)
            } else {
                let (sender, answer) = mpsc::channel();
                client.submit(call, move |outcome| sender.send(outcome).unwrap());
                answer.recv().unwrap()
            };
            // On a machine under load a call may run out of time before it meets what was prepared for it.
            met[kind] += usize::from(outcome.error_code == code);
            // What it left over is not for the next.
            receiver.reset();
        }
    }
    assert!(met.iter().all(|times| *times > 0), "{met:?}");
    client.close();
    returns_to(before, &receiver);
}
