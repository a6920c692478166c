//! What a queue with nothing to do costs: nothing.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and reads what the system says of its threads"
)]

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use hogwire::testing::RecordingTransport;
use hogwire::{Client, Config, CreateEvent, QueueOptions};

/// How often the queue's threads went to sleep so far, in all; none of them is left out of it that has ever been there.
fn sleeps() -> (usize, u64) {
    let threads: Vec<_> = std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("status")).ok())
        .filter(|status| status.starts_with("Name:\thogwire-queue"))
        .collect();
    let sleeps = threads.iter().map(|status| {
        let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"));
        line.unwrap().split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    });
    (threads.len(), sleeps.sum())
}

#[test]
fn the_threads_of_an_idle_queue_sleep() {
    let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), RecordingTransport::new());
    let queue = client.queue(QueueOptions::default()).unwrap();
    queue.push(CreateEvent::new("user-1", "e"));
    assert_eq!(queue.flush(Duration::from_secs(30)).delivered, 1);
    let wait = |time| {
        let (lock, nothing) = (Mutex::new(()), Condvar::new());
        let _ = nothing.wait_timeout(lock.lock().unwrap(), time).unwrap();
    };
    // Until they have told what became of it, and sleep.
    let mut before = sleeps();
    for _ in 0..1_000 {
        wait(Duration::from_millis(1));
        let now = sleeps();
        if now == before && now.1 > 0 {
            break;
        }
        before = now;
    }
    assert!(before.0 > 0);
    wait(Duration::from_millis(300));
    assert_eq!(sleeps(), before);
}
