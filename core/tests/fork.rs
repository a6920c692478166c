//! A queue across `fork`: the child starts empty with threads of its own, and the parent's events are sent once.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use hogwire::{Client, Config, CreateEvent, Queue, QueueOptions};
use hogwire_receiver::{Receiver, Settings};

const LONG: Duration = Duration::from_secs(30);

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(status: i32) -> !;
}

fn push(queue: &Queue, count: usize) {
    for _ in 0..count {
        assert!(queue.push(CreateEvent::new("user-1", "e")).queued);
    }
}

/// Does something in a forked child; whether it came to its end there.
fn in_child(work: impl FnOnce()) -> bool {
    // SAFETY: glibc keeps its allocator usable in the child of a program with threads; the child never returns from here.
    let child = unsafe { fork() };
    if child == 0 {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // SAFETY: ends the child without running the parent's exit handlers.
        unsafe { _exit(i32::from(result.is_err())) };
    }
    let mut status = -1;
    // SAFETY: `status` outlives the call.
    unsafe { waitpid(child, &raw mut status, 0) };
    status == 0
}

#[test]
fn the_child_starts_empty_and_the_parents_events_are_sent_once() {
    let receiver = Receiver::start(Settings::default()).unwrap();
    let config = Config::builder("phc_fork_test").host(receiver.url()).build().unwrap();
    let options = QueueOptions::default().flush_interval(Duration::from_secs(3_600));
    let queue = Client::new(config).unwrap().queue(options).unwrap();
    // Once before any thread was started, and once after the first delivery.
    for round in 1..=2 {
        push(&queue, 5);
        let ended = in_child(|| {
            assert_eq!(queue.stats().events_pushed_total, 0);
            push(&queue, 3);
            assert_eq!(queue.flush(LONG).delivered, 3);
            push(&queue, 2);
            assert_eq!(queue.close(LONG).delivered, 2);
        });
        assert!(ended, "round {round}");
        assert_eq!(queue.flush(LONG).delivered, 5);
        let uuids: BTreeSet<_> = receiver.stored().into_iter().map(|event| event.uuid).collect();
        assert_eq!((receiver.stats().stored, uuids.len()), (10 * round, 10 * round));
    }
}

#[test]
fn a_handle_dropped_in_the_child_leaves_the_parents_events_alone() {
    let receiver = Receiver::start(Settings::default()).unwrap();
    let config = Config::builder("phc_fork_test").host(receiver.url()).build().unwrap();
    let options = QueueOptions::default().flush_interval(Duration::from_secs(3_600));
    let mut queue = Some(Client::new(config).unwrap().queue(options).unwrap());
    push(queue.as_ref().unwrap(), 5);
    assert!(in_child(|| drop(queue.take())));
    assert_eq!(receiver.stats().stored, 0);
    drop(queue);
    assert_eq!(receiver.stats().stored, 5);
}
