//! A queue across `fork`: the child starts empty with threads of its own, and the parent's events are sent once.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and measures with a clock"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hogwire::binding::QueueSet;
use hogwire::{Client, Config, CreateEvent, Queue, QueueOptions};
use hogwire_receiver::{Receiver, Settings};

const LONG: Duration = Duration::from_secs(30);
/// Longer than anything takes that waits for nothing, shorter than any wait of a queue's.
const PROMPT: Duration = Duration::from_secs(4);

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
    ended(child)
}

/// Whether a child ends, and ends well.
fn ended(child: i32) -> bool {
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

/// How two queues end.
type End = fn([Queue; 2]);

/// Three events are given up in each of two queues; the first hook that is told of one forks, and the child goes on as if nothing were.
/// It is told nothing more, waits for none of its parent's threads, and gets back to where the queues were ended.
#[test]
fn a_child_that_a_hook_forks_at_the_end_of_a_queue_leaves_the_rest_to_its_parent() {
    static SET: QueueSet = QueueSet::new();
    let ends: [(&str, End); 4] = [
        ("closed", |queues| {
            for queue in &queues {
                queue.close(Duration::ZERO);
            }
        }),
        ("dropped", drop),
        ("closed with all others", |_queues| SET.close()),
        ("abandoned", |_queues| SET.abandon()),
    ];
    for (name, end) in ends {
        let (child, told) = (Arc::new(AtomicI32::new(-1)), Arc::new(AtomicUsize::new(0)));
        let queues = [(); 2].map(|()| {
            let queue = queue_that_forks(&child, &told);
            SET.add(&queue);
            push(&queue, 3);
            queue
        });
        let began = Instant::now();
        end(queues);
        let child = child.load(Ordering::SeqCst);
        if child == 0 {
            let is_well = told.load(Ordering::SeqCst) == 1 && began.elapsed() < PROMPT;
            // SAFETY: as above.
            unsafe { _exit(i32::from(!is_well)) };
        }
        assert_eq!(told.load(Ordering::SeqCst), 6, "{name}");
        assert!(ended(child), "{name}");
    }
}

#[test]
fn a_child_that_a_hook_forks_in_the_background_ends_with_its_only_thread() {
    let (child, told) = (Arc::new(AtomicI32::new(-1)), Arc::new(AtomicUsize::new(0)));
    let queue = queue_that_forks(&child, &told);
    push(&queue, 3);
    let (sender, receiver) = std::sync::mpsc::channel();
    let forked = Arc::clone(&child);
    queue.submit_close(Duration::ZERO, move |_| {
        assert_ne!(forked.load(Ordering::SeqCst), 0, "nobody waits for it in the child");
        sender.send(()).unwrap();
    });
    receiver.recv_timeout(LONG).unwrap();
    let began = Instant::now();
    assert!(ended(child.load(Ordering::SeqCst)));
    assert!(began.elapsed() < PROMPT);
}

/// A queue to nowhere; its hook counts what it is told, and forks when it is told something for the first time.
fn queue_that_forks(child: &Arc<AtomicI32>, told: &Arc<AtomicUsize>) -> Queue {
    let (child, told) = (Arc::clone(child), Arc::clone(told));
    let config = Config::builder("phc_fork_test")
        .host("http://127.0.0.1:1")
        .build()
        .unwrap();
    let options = QueueOptions::default()
        .flush_interval(Duration::from_secs(3_600))
        .close_timeout(Duration::ZERO)
        .on_drop(move |_| {
            if told.fetch_add(1, Ordering::SeqCst) == 0 {
                // SAFETY: as above; the child is ended by the test, or ends with its only thread.
                child.store(unsafe { fork() }, Ordering::SeqCst);
            }
        });
    Client::new(config).unwrap().queue(options).unwrap()
}
