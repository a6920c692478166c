//! The queue against a real server on loopback that misbehaves on demand: what the vectors, in which every language is asked the same, leave
//! out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is a host: it has threads and a clock"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use hogwire::binding::QueueSet;
use hogwire::testing::{RecordingTransport, success};
use hogwire::{
    Client, Config, ConfigBuilder, CreateEvent, DropReason, Dropped, Overflow, ProtocolChoice, Queue, QueueOptions,
    Receipt, Report, Request, Response, Transport, TransportError,
};
use hogwire_receiver::{Receiver, Settings, Step};

const LONG: Duration = Duration::from_secs(30);

fn receiver() -> Receiver {
    Receiver::start(Settings::default()).unwrap()
}

fn receiver_v1() -> Receiver {
    let settings = Settings {
        v1: true,
        ..Settings::default()
    };
    Receiver::start(settings).unwrap()
}

fn config(receiver: &Receiver) -> ConfigBuilder {
    Config::builder("phc_queue_test").host(receiver.url())
}

/// A queue that sends nothing by itself within a test.
fn patient() -> QueueOptions {
    QueueOptions::default().flush_interval(Duration::from_secs(3_600))
}

fn queue(config: ConfigBuilder, options: QueueOptions) -> Queue {
    Client::new(config.build().unwrap()).unwrap().queue(options).unwrap()
}

fn client_over(transport: impl Transport + 'static) -> Client {
    Client::with_transport(Config::builder("phc_x").build().unwrap(), transport)
}

/// A server that answers when the sender is used or dropped.
fn silent_server() -> (impl Transport, Sender<()>) {
    let (answer, answers) = std::sync::mpsc::channel();
    let answers = Mutex::new(answers);
    let transport = move |_: &Request, _: Duration| {
        let _ = answers.lock().unwrap().recv_timeout(LONG);
        Ok(Response::new(200, r#"{"status":"Ok"}"#))
    };
    (transport, answer)
}

fn client_of_a_silent_server() -> (Client, Sender<()>) {
    let (transport, answer) = silent_server();
    (client_over(transport), answer)
}

/// Waits for what nobody announces.
fn until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "it never came true");
        std::thread::yield_now();
    }
}

fn push(queue: &Queue, number: usize) -> Receipt {
    queue.push(CreateEvent::new(format!("user-{number}"), "e").property("n", number))
}

fn uuids(receipts: &[Receipt]) -> BTreeSet<String> {
    receipts
        .iter()
        .map(|receipt| receipt.event_uuid.unwrap().to_string())
        .collect()
}

fn by_reason(report: &Report) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for dropped in &report.dropped {
        *counts.entry(dropped.reason.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn a_flush_sends_one_request_in_order_and_an_empty_one_sends_none() {
    for receiver in [receiver(), receiver_v1()] {
        let queue = queue(config(&receiver).protocol(ProtocolChoice::Auto), patient());
        let receipts: Vec<_> = (0..10).map(|number| push(&queue, number)).collect();
        let report = queue.flush(LONG);
        assert_eq!(
            (report.delivered, report.pending, report.dropped_total),
            (10, 0, 0),
            "{report:?}"
        );
        let order: Vec<_> = receiver.stored().iter().map(|event| event.uuid.clone()).collect();
        let pushed: Vec<_> = receipts
            .iter()
            .map(|receipt| receipt.event_uuid.unwrap().to_string())
            .collect();
        assert_eq!(order, pushed);
        let requests = receiver.requests().len();
        assert_eq!(queue.flush(LONG), Report::default());
        assert_eq!(receiver.requests().len(), requests);
    }
}

#[test]
fn a_flush_waits_until_hooks_were_told_and_no_longer() {
    let receiver = receiver();
    let said = Arc::new(Mutex::new(Vec::new()));
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    let (told, may_go_on) = (Arc::clone(&said), Mutex::new(may_go_on));
    let options = patient().on_delivered(move |uuids, _| {
        told.lock().unwrap().push("told begins".to_owned());
        let _ = may_go_on.lock().unwrap().recv_timeout(LONG);
        told.lock().unwrap().push(format!("told of {}", uuids.len()));
    });
    let queue = queue(config(&receiver), options);
    push(&queue, 0);
    let flushing = std::thread::spawn({
        let (queue, said) = (queue.clone(), Arc::clone(&said));
        move || {
            let report = queue.flush(LONG);
            said.lock().unwrap().push(format!("flushed {}", report.delivered));
        }
    });
    let (background, flushed) = std::sync::mpsc::channel();
    queue.submit_flush(LONG, move |_| background.send(()).unwrap());
    until(|| !said.lock().unwrap().is_empty());
    // Long enough for a flush that waits for nobody, and not for one whose time is up: on a busy machine each turn takes a while.
    let enough = Instant::now() + LONG / 10;
    (0..10_000)
        .take_while(|_| Instant::now() < enough)
        .for_each(|_| std::thread::yield_now());
    assert_eq!(*said.lock().unwrap(), ["told begins"]);
    assert!(flushed.try_recv().is_err());
    // What the hook is told meanwhile of later events, and its time that is up, hold nobody up.
    queue.flush(Duration::ZERO);
    go_on.send(()).unwrap();
    flushing.join().unwrap();
    flushed.recv_timeout(LONG).unwrap();
    assert_eq!(said.lock().unwrap()[1], "told of 1");
    assert!(said.lock().unwrap()[2].starts_with("flushed"));
    drop(go_on);
}

#[test]
fn bytes_are_counted_as_they_are_sent() {
    let sent = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&sent);
    let transport = move |request: &Request, _: Duration| {
        seen.fetch_add(request.body.len(), Ordering::SeqCst);
        Ok(Response::new(200, r#"{"status":"Ok"}"#))
    };
    let client = client_over(transport);
    let queue = client.queue(patient()).unwrap();
    for bytes in [1, 100_000] {
        queue.push(CreateEvent::new("user-1", "e").property("pad", "x".repeat(bytes)));
        queue.flush(LONG);
    }
    let counted = usize::try_from(queue.stats().request_bytes_total).unwrap();
    assert_eq!(counted, sent.load(Ordering::SeqCst));
    assert!(counted < 10_000, "{counted}");
}

#[test]
fn a_request_of_a_long_close_may_take_no_longer_than_others() {
    let longest = Arc::new(Mutex::new(Duration::ZERO));
    let seen = Arc::clone(&longest);
    let transport = move |_: &Request, time_left: Duration| {
        *seen.lock().unwrap() = time_left;
        Ok(Response::new(200, r#"{"status":"Ok"}"#))
    };
    let timeout = Duration::from_secs(7);
    let config = Config::builder("phc_x").timeout(timeout).build().unwrap();
    let queue = Client::with_transport(config, transport).queue(patient()).unwrap();
    push(&queue, 1);
    assert_eq!(queue.close(LONG).delivered, 1);
    assert_eq!(*longest.lock().unwrap(), timeout);
}

#[test]
fn a_tight_loop_of_a_hundred_thousand_loses_none() {
    let receiver = receiver();
    let queue = queue(config(&receiver), QueueOptions::default());
    for number in 0..100_000 {
        let receipt = push(&queue, number);
        assert!(receipt.queued, "{receipt:?}");
    }
    let report = queue.close(Duration::from_secs(120));
    assert_eq!(
        (report.delivered, report.pending, report.dropped_total),
        (100_000, 0, 0)
    );
    assert_eq!(receiver.stats().stored, 100_000);
}

#[test]
fn a_closed_port_loses_nothing_silently() {
    let url = receiver().url();
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let options = patient().max_retries(1).on_drop(move |dropped: Dropped| {
        assert_eq!(dropped.reason, DropReason::Shutdown);
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let queue = queue(Config::builder("phc_x").host(url), options);
    let receipts: Vec<_> = (0..300).map(|number| push(&queue, number)).collect();
    let started = Instant::now();
    let report = queue.close(Duration::from_millis(700));
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(by_reason(&report), BTreeMap::from([("shutdown", 300)]));
    let named: BTreeSet<_> = report.dropped.iter().map(|dropped| dropped.uuid.to_string()).collect();
    assert_eq!(named, uuids(&receipts));
    assert_eq!(told.load(Ordering::SeqCst), 300);
    assert_eq!(queue.close(LONG), Report::default());
}

#[test]
fn an_outage_is_survived_and_recovered_from() {
    let is_down = Arc::new(AtomicUsize::new(1));
    let down = Arc::clone(&is_down);
    let transport = move |_: &Request, _: Duration| match down.load(Ordering::SeqCst) {
        0 => Ok(Response::new(200, r#"{"status":1}"#)),
        _ => Err(TransportError::new(hogwire::Failure::Network).with_sent(false)),
    };
    let client = client_over(transport);
    let options = QueueOptions::default()
        .max_retries(0)
        .flush_interval(Duration::from_millis(10));
    let queue = client.queue(options).unwrap();
    for number in 0..5_000 {
        assert!(push(&queue, number).queued);
    }
    let report = queue.flush(LONG);
    assert_eq!((report.delivered, report.pending, report.dropped_total), (0, 5_000, 0));
    is_down.store(0, Ordering::SeqCst);
    assert_eq!(queue.flush(LONG).delivered, 5_000);
}

#[test]
fn one_poison_event_among_a_hundred_is_dropped_alone() {
    for protocol in [ProtocolChoice::V0, ProtocolChoice::V1] {
        // A server that refuses whatever holds the poison, without saying which event it is.
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let transport = move |request: &Request, _: Duration| {
            count.fetch_add(1, Ordering::SeqCst);
            if request.body_text().contains("poison") {
                return Ok(Response::new(400, "failed to hydrate events from request"));
            }
            Ok::<_, TransportError>(success(request))
        };
        let config = Config::builder("phc_x").protocol(protocol).build().unwrap();
        let client = Client::with_transport(config, transport);
        let queue = client.queue(patient().flush_at(1_000)).unwrap();
        for number in 0..100 {
            if number == 37 {
                queue.push(CreateEvent::new("poison", "e"));
            } else {
                push(&queue, number);
            }
        }
        let report = queue.flush(LONG);
        assert_eq!((report.delivered, report.pending), (99, 0), "{report:?}");
        assert_eq!(by_reason(&report), BTreeMap::from([("rejected", 1)]));
        assert!(report.dropped[0].message.contains("hydrate"));
        assert!(requests.load(Ordering::SeqCst) <= 200);
    }
}

#[test]
fn auto_falls_back_for_good_and_rewrites_what_was_encoded() {
    let receiver = receiver();
    let client = Client::new(config(&receiver).protocol(ProtocolChoice::Auto).build().unwrap()).unwrap();
    let queue = client.queue(patient()).unwrap();
    let event = CreateEvent::new("user-1", "e").property("$session_id", "s");
    queue.push(event.process_person_profile(false));
    assert_eq!(queue.flush(LONG).accepted, 1);
    push(&queue, 2);
    assert_eq!(queue.flush(LONG).accepted, 1);
    assert!(client.send(CreateEvent::new("user-1", "direct")).is_ok());
    let paths: Vec<_> = receiver.requests().iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/i/v1/analytics/events", "/batch/", "/batch/", "/batch/"]);
    let properties = &receiver.stored()[0].data["properties"];
    assert_eq!(properties["$session_id"], "s");
    assert_eq!(properties["$process_person_profile"], false);
    assert_eq!(properties["$lib"], "hogwire-rust");
}

#[test]
fn a_queue_knows_what_a_direct_call_has_shown() {
    let over_v1 = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&over_v1);
    let transport = move |request: &Request, _: Duration| {
        let is_v1 = request.protocol == hogwire::Protocol::V1;
        seen.fetch_add(usize::from(is_v1), Ordering::SeqCst);
        Ok(Response::new(if is_v1 { 404 } else { 200 }, r#"{"status":"Ok"}"#))
    };
    let config = Config::builder("phc_x").protocol(ProtocolChoice::Auto).build().unwrap();
    let client = Client::with_transport(config, transport);
    let queue = client.queue(patient()).unwrap();
    assert!(client.send(CreateEvent::new("user-1", "e")).is_ok());
    push(&queue, 1);
    assert_eq!(queue.close(LONG).delivered, 1);
    assert_eq!(over_v1.load(Ordering::SeqCst), 1);
}

#[test]
fn overflow_is_refused_evicted_or_waited_for() {
    let receiver = receiver();
    let reject = queue(
        config(&receiver),
        patient().max_queue_events(3).max_in_flight(1).flush_at(100),
    );
    receiver.script([Step::judged().delayed(300)]);
    let mut queued = 0;
    let mut full = 0;
    for number in 0..200 {
        match push(&reject, number).error_code.as_str() {
            "ok" => queued += 1,
            "queue_full" => full += 1,
            other => panic!("{other}"),
        }
    }
    let report = reject.close(LONG);
    assert_eq!(report.delivered, queued);
    assert_eq!(report.dropped_total, full);
    assert_eq!(queued + full, 200);
    assert_eq!(
        by_reason(&report).get("overflow").copied(),
        Some(usize::try_from(full).unwrap())
    );

    let blocking = patient()
        .max_queue_events(3)
        .overflow(Overflow::Block)
        .block_timeout(LONG);
    let block = queue(config(&receiver), blocking);
    for number in 0..200 {
        assert!(push(&block, number).queued);
    }
    assert_eq!(block.close(LONG).delivered, 200);

    let evict = queue(
        config(&receiver),
        patient().max_queue_events(3).overflow(Overflow::DropOldest),
    );
    for number in 0..200 {
        assert!(push(&evict, number).queued);
    }
    let report = evict.close(LONG);
    assert_eq!(report.delivered + report.dropped_total, 200);
}

#[test]
fn a_blocked_push_goes_on_as_soon_as_a_batch_has_left() {
    let (client, answer) = client_of_a_silent_server();
    let options = patient()
        .max_queue_events(1)
        .max_in_flight(1)
        .overflow(Overflow::Block)
        .block_timeout(LONG);
    let queue = client.queue(options).unwrap();
    let started = Instant::now();
    // The first is on its way; the third finds the second still waiting.
    assert!(push(&queue, 1).queued && push(&queue, 2).queued);
    assert!(started.elapsed() < LONG / 2, "nobody answered, and the first had left");
    assert_eq!(queue.stats().events_in_flight, 1);
    // A close is told to a caller that is blocked.
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| push(&queue, 3));
        while queue.stats().events_waiting == 0 {}
        queue.close(Duration::ZERO);
        assert!(matches!(blocked.join().unwrap().error_code.as_str(), "closed"));
    });
    assert!(started.elapsed() < LONG / 2);
    drop(answer);
}

#[test]
fn a_close_waits_for_hooks_on_other_threads() {
    let receiver = receiver();
    let (starts, started) = std::sync::mpsc::channel();
    let (returns, returned) = std::sync::mpsc::channel();
    let (returned, early) = (Mutex::new(returned), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&early);
    let options = patient().max_queue_bytes(1).on_drop(move |_| {
        starts.send(()).unwrap();
        let close_is_over = returned.lock().unwrap().recv_timeout(Duration::from_millis(200));
        count.fetch_add(usize::from(close_is_over.is_ok()), Ordering::SeqCst);
    });
    let queue = queue(config(&receiver), options);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(push(&queue, 1).error_code.as_str(), "queue_full"));
        started.recv_timeout(LONG).unwrap();
        queue.close(LONG);
        let _ = returns.send(());
    });
    assert_eq!(early.load(Ordering::SeqCst), 0);
}

#[test]
fn what_a_close_gives_up_is_told_inside_it() {
    let transport = |_: &Request, _: Duration| Ok(Response::new(503, "later"));
    let client = client_over(transport);
    for _ in 0..10 {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hook = Arc::clone(&told);
        let options = patient().on_drop(move |_| {
            std::thread::sleep(Duration::from_millis(2));
            hook.lock().unwrap().push(std::thread::current().id());
        });
        let queue = client.queue(options).unwrap();
        (0..100).for_each(|number| assert!(push(&queue, number).queued));
        queue.close(Duration::from_millis(30));
        assert_eq!(*told.lock().unwrap(), [std::thread::current().id(); 100]);
    }
}

#[test]
fn hooks_are_told_nothing_after_the_end() {
    let told = Arc::new(AtomicUsize::new(0));
    let hook = Arc::clone(&told);
    let (asked, asks) = std::sync::mpsc::channel();
    let (answer, answers) = std::sync::mpsc::channel::<()>();
    let answers = Mutex::new(answers);
    let transport = move |_: &Request, _: Duration| {
        let _ = asked.send(());
        let _ = answers.lock().unwrap().recv_timeout(LONG);
        Ok(Response::new(401, ""))
    };
    let client = client_over(transport);
    let options = patient().flush_at(1).close_timeout(Duration::ZERO).on_error(move |_| {
        hook.fetch_add(1, Ordering::SeqCst);
    });
    let queue = client.queue(options).unwrap();
    assert!(push(&queue, 1).queued);
    asks.recv_timeout(LONG).unwrap();
    drop(queue);
    drop(answer);
    // The hook goes with the last thread that could have called it.
    until(|| Arc::strong_count(&told) == 1);
    assert_eq!(told.load(Ordering::SeqCst), 0);
}

#[test]
fn the_end_of_a_program_does_not_wait_for_a_longer_close() {
    let (client, answer) = client_of_a_silent_server();
    let set = QueueSet::new();
    let queue = client
        .queue(patient().close_timeout(Duration::from_millis(20)))
        .unwrap();
    set.add(&queue);
    (0..5).for_each(|number| assert!(push(&queue, number).queued));
    let longer = queue.clone();
    queue.submit_close(LONG, move |_| drop(longer));
    set.close();
    let report = queue.report();
    assert_eq!((report.pending, report.dropped_total), (0, 5), "{report:?}");
    drop(answer);
}

#[test]
fn what_an_answer_means_is_told_on_the_queues_threads() {
    let transport = |_: &Request, _: Duration| Ok(Response::new(401, "who are you?"));
    let client = client_over(transport);
    let (starts, started) = std::sync::mpsc::channel();
    let (returns, returned) = std::sync::mpsc::channel::<()>();
    let (returned, told) = (Mutex::new(returned), Arc::new(Mutex::new(Vec::new())));
    let hook = Arc::clone(&told);
    let options = patient()
        .max_queue_bytes(1_000)
        .on_error(move |_| {
            let _ = starts.send(());
            let _ = returned.lock().unwrap().recv_timeout(LONG);
        })
        .on_drop(move |dropped| hook.lock().unwrap().push((dropped.reason, std::thread::current().id())));
    let queue = client.queue(options).unwrap();
    let flushing = queue.clone();
    let flush = std::thread::spawn(move || flushing.flush(LONG));
    assert!(push(&queue, 1).queued);
    queue.submit_flush(LONG, |_| {});
    started.recv_timeout(LONG).unwrap();
    // While the queue's thread tells of the error, this one is told of nothing but what it caused.
    let large = CreateEvent::new("user-1", "e").property("text", "x".repeat(1_000));
    assert_eq!(queue.push(large).error_code.as_str(), "queue_full");
    assert_eq!(
        *told.lock().unwrap(),
        [(DropReason::Overflow, std::thread::current().id())]
    );
    drop(returns);
    flush.join().unwrap();
    queue.close(LONG);
    let told = told.lock().unwrap();
    assert_eq!(told[1].0, DropReason::Unauthorized);
    assert_ne!(told[1].1, std::thread::current().id());
}

#[test]
fn a_queue_is_idle_when_nothing_is_left_to_be_sent_or_told() {
    let (client, answer) = client_of_a_silent_server();
    let (asks, asked) = std::sync::mpsc::channel::<()>();
    let asked = Mutex::new(asked);
    let options = patient().on_delivered(move |_, _| {
        let _ = asked.lock().unwrap().recv_timeout(LONG);
    });
    let queue = client.queue(options).unwrap();
    assert!(queue.is_idle());
    push(&queue, 1);
    assert!(!queue.is_idle(), "it waits");
    queue.flush(Duration::ZERO);
    assert!(!queue.is_idle(), "it is on its way");
    drop(answer);
    // A flush would wait for the hook, which waits as long.
    until(|| queue.stats().events_delivered_total == 1);
    assert!(!queue.is_idle(), "a hook is told");
    drop(asks);
    queue.close(LONG);
    until(|| queue.is_idle());

    let (client, answer) = client_of_a_silent_server();
    let queue = client.queue(patient()).unwrap();
    push(&queue, 1);
    queue.submit_flush(LONG, |_| {});
    until(|| queue.stats().requests_in_flight == 1);
    assert_eq!(queue.close(Duration::from_millis(20)).pending, 0);
    assert!(!queue.is_idle(), "it was given up, but its answer may come");
    drop(answer);
}

#[test]
fn a_queue_that_somebody_is_closing_is_not_idle() {
    let (client, answer) = client_of_a_silent_server();
    let set = QueueSet::new();
    let [busy, empty] = [(); 2].map(|()| client.queue(patient().close_timeout(LONG)).unwrap());
    // The set waits for the first before it ends the second, in which nothing is left.
    set.add(&busy);
    set.add(&empty);
    push(&busy, 1);
    assert!(empty.is_idle());
    std::thread::scope(|scope| {
        let closing = scope.spawn(|| set.close());
        until(|| !empty.is_idle());
        drop(answer);
        closing.join().unwrap();
    });
    assert!(empty.is_idle());
}

#[test]
fn a_set_gives_each_queue_its_time_and_gives_up_what_is_left() {
    let (client, answer) = client_of_a_silent_server();
    let set = QueueSet::new();
    let queues: Vec<_> = (0..100)
        .map(|number| {
            let queue = client
                .queue(patient().close_timeout(Duration::from_millis(20)))
                .unwrap();
            set.add(&queue);
            push(&queue, number);
            queue
        })
        .collect();
    set.close();
    for queue in &queues {
        assert_eq!(queue.stats().events_dropped_total.total(), 1);
    }
    drop(answer);
}

#[test]
fn a_set_that_is_abandoned_gives_up_at_once_also_what_is_being_closed() {
    let (client, answer) = client_of_a_silent_server();
    let set = QueueSet::new();
    let queues = [(); 2].map(|()| client.queue(patient()).unwrap());
    for queue in &queues {
        set.add(queue);
        push(queue, 1);
    }
    queues[0].submit_close(LONG, |_| {});
    set.abandon();
    for queue in &queues {
        assert_eq!(by_reason(&queue.report()), BTreeMap::from([("shutdown", 1)]));
        assert_eq!(push(queue, 2).error_code.as_str(), "closed");
    }
    drop(answer);
}

#[test]
fn many_threads_push_while_one_flushes_and_one_closes() {
    let receiver = receiver();
    for round in 0..10 {
        receiver.reset();
        let queue = queue(config(&receiver), QueueOptions::default().flush_at(50));
        let delivered = AtomicUsize::new(0);
        let admitted = AtomicUsize::new(0);
        let reports = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..24 {
                let (queue, admitted) = (queue.clone(), &admitted);
                scope.spawn(move || {
                    for number in 0..200 {
                        let receipt = push(&queue, thread * 1_000 + number);
                        assert!(matches!(receipt.error_code.as_str(), "ok" | "closed"));
                        admitted.fetch_add(usize::from(receipt.queued), Ordering::SeqCst);
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..5 {
                    let report = queue.flush(LONG);
                    reports.lock().unwrap().push(report);
                }
            });
            scope.spawn(|| {
                while admitted.load(Ordering::SeqCst) < 200 * round {
                    std::thread::yield_now();
                }
                let report = queue.close(LONG);
                reports.lock().unwrap().push(report);
            });
        });
        reports.lock().unwrap().push(queue.close(LONG));
        for report in reports.into_inner().unwrap() {
            assert_eq!(report.dropped_total, 0);
            delivered.fetch_add(usize::try_from(report.delivered).unwrap(), Ordering::SeqCst);
        }
        let admitted = admitted.into_inner();
        assert_eq!(delivered.into_inner(), admitted, "round {round}");
        assert_eq!(receiver.stats().stored, admitted, "round {round}");
    }
}

#[test]
fn dropping_the_last_handle_drains() {
    let receiver = receiver();
    let queue = queue(config(&receiver), patient());
    let clone = queue.clone();
    push(&queue, 1);
    drop(queue);
    push(&clone, 2);
    drop(clone);
    assert_eq!(receiver.stored().len(), 2);
}

#[test]
fn a_push_that_would_wait_in_vain_does_not_wait() {
    let (client, answer) = client_of_a_silent_server();
    drop(answer);
    let itself = Arc::new(Mutex::new(None::<Queue>));
    let refused = Arc::new(Mutex::new(Vec::new()));
    let (hook, seen) = (Arc::clone(&itself), Arc::clone(&refused));
    let options = patient()
        .flush_at(1)
        .max_queue_events(1)
        .max_queue_bytes(1_000)
        .max_in_flight(1)
        .overflow(Overflow::Block)
        .block_timeout(10 * LONG)
        .on_delivered(move |_, _| {
            // On the thread that would have to make room.
            if let Some(queue) = hook.lock().unwrap().take() {
                push(&queue, 2);
                seen.lock().unwrap().push(push(&queue, 3));
            }
        });
    let queue = client.queue(options).unwrap();
    *itself.lock().unwrap() = Some(queue.clone());
    let started = Instant::now();
    push(&queue, 1);
    until(|| !refused.lock().unwrap().is_empty());
    let large = queue.push(CreateEvent::new("user-1", "e").property("pad", "x".repeat(1_000)));
    refused.lock().unwrap().push(large);
    for receipt in refused.lock().unwrap().iter() {
        assert_eq!(receipt.error_code.as_str(), "queue_full", "{receipt:?}");
    }
    assert!(started.elapsed() < 10 * LONG);
    assert_eq!(queue.close(LONG).delivered, 2);
}

#[test]
fn a_hook_that_pushes_into_its_own_full_queue_ends() {
    for overflow in [Overflow::Reject, Overflow::DropOldest] {
        let (client, answer) = client_of_a_silent_server();
        let (itself, told) = (Arc::new(Mutex::new(None::<Queue>)), Arc::new(AtomicUsize::new(0)));
        let (hook, counted) = (Arc::clone(&itself), Arc::clone(&told));
        let options = patient()
            .max_queue_events(1)
            .max_in_flight(1)
            .overflow(overflow)
            .on_drop(move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                let queue = hook.lock().unwrap().clone();
                queue.map(|queue| queue.push(CreateEvent::new("user-1", "event lost")));
            });
        let queue = client.queue(options).unwrap();
        *itself.lock().unwrap() = Some(queue.clone());
        for _ in 0..4 {
            queue.push(CreateEvent::new("user-1", "e"));
        }
        assert!(told.load(Ordering::SeqCst) >= 100, "hooks are told of what they cause");
        itself.lock().unwrap().take();
        drop(answer);
        let report = queue.close(LONG);
        assert_eq!(report.pending, 0);
    }
}

#[test]
fn a_close_out_of_a_hook_ends_in_time_though_nobody_waits_for_it() {
    let (client, answer) = client_of_a_silent_server();
    let itself = Arc::new(Mutex::new(None::<Queue>));
    let (tell, told) = std::sync::mpsc::channel();
    let hook = Arc::clone(&itself);
    let options = patient()
        .flush_at(1)
        .max_queue_events(1)
        .max_in_flight(1)
        .on_drop(move |dropped: Dropped| {
            let _ = tell.send(dropped.reason);
            let queue = hook.lock().unwrap().clone();
            queue.map(|queue| queue.close(Duration::from_millis(100)));
        });
    let queue = client.queue(options).unwrap();
    *itself.lock().unwrap() = Some(queue.clone());
    push(&queue, 1);
    until(|| queue.stats().requests_in_flight == 1);
    push(&queue, 1);
    queue.push(CreateEvent::new("user-1", "no room"));
    let reasons: Vec<_> = (0..3).map(|_| told.recv_timeout(LONG / 2).unwrap()).collect();
    assert_eq!(
        reasons,
        [DropReason::Overflow, DropReason::Shutdown, DropReason::Shutdown]
    );
    itself.lock().unwrap().take();
    drop(answer);
}

#[test]
fn a_hook_on_a_callers_thread_does_not_wait_for_its_own_queue() {
    let (client, answer) = client_of_a_silent_server();
    let itself = Arc::new(Mutex::new(None::<Queue>));
    let hook = Arc::clone(&itself);
    let options = patient()
        .max_queue_events(1)
        .overflow(Overflow::DropOldest)
        .on_drop(move |_| {
            if let Some(queue) = hook.lock().unwrap().take() {
                queue.flush(LONG);
            }
        });
    let queue = client.queue(options).unwrap();
    push(&queue, 1);
    until(|| queue.stats().requests_in_flight == 1);
    *itself.lock().unwrap() = Some(queue.clone());
    let started = Instant::now();
    let receipts: Vec<_> = (2..20).map(|number| push(&queue, number)).collect();
    assert!(receipts.iter().all(|receipt| receipt.queued));
    assert!(itself.lock().unwrap().is_none(), "no hook was told");
    // The server is silent for longer.
    assert!(started.elapsed() < LONG / 2);
    drop(answer);
    queue.close(LONG);
}

#[test]
fn a_hook_of_one_queue_may_wait_for_another() {
    let (tell, told) = std::sync::mpsc::channel();
    let other = client_over(RecordingTransport::new()).queue(patient()).unwrap();
    let options = QueueOptions::default().flush_at(1).on_delivered(move |_, _| {
        other.push(CreateEvent::new("user-1", "e"));
        tell.send(other.flush(LONG)).unwrap();
    });
    let queue = client_over(RecordingTransport::new()).queue(options).unwrap();
    queue.push(CreateEvent::new("user-1", "e"));
    let report: Report = told.recv_timeout(LONG).unwrap();
    assert_eq!((report.delivered, report.pending), (1, 0));
}

#[test]
fn a_queue_whose_last_clone_is_dropped_in_its_own_hook_delivers_what_is_left() {
    let transport = RecordingTransport::new();
    let client = client_over(transport.clone());
    let last = Arc::new(Mutex::new(None::<Queue>));
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let (hook, gone) = (Arc::clone(&last), Mutex::new(gone));
    let options = patient()
        .flush_at(1)
        .max_batch_events(1)
        .max_in_flight(1)
        .on_delivered(move |_, _| {
            let _ = gone.lock().unwrap().recv_timeout(LONG);
            hook.lock().unwrap().take();
        });
    let queue = client.queue(options).unwrap();
    for _ in 0..10 {
        queue.push(CreateEvent::new("user-1", "e"));
    }
    *last.lock().unwrap() = Some(queue);
    drop(go);
    until(|| transport.events().len() == 10);
}

#[test]
fn hooks_may_use_the_queue_and_may_panic() {
    let receiver = receiver();
    receiver.script([Step::status(500), Step::status(401)]);
    let cell: Arc<Mutex<Option<Queue>>> = Arc::default();
    let told = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let (inner, log) = (Arc::clone(&cell), Arc::clone(&told));
    let note = move |word: &'static str| {
        log.0.lock().unwrap().push(word);
        log.1.notify_all();
        let queue = inner.lock().unwrap().clone();
        if let Some(queue) = queue {
            assert!(queue.stats().requests_total > 0);
            // Would wait for its own thread, were it not a worker's.
            queue.flush(LONG);
        }
        panic!("planned");
    };
    let (on_drop, on_error, on_delivered) = (note.clone(), note.clone(), note);
    let options = patient()
        .max_in_flight(1)
        .on_drop(move |_| on_drop("drop"))
        .on_error(move |_| on_error("error"))
        .on_delivered(move |_, _| on_delivered("delivered"));
    let queue = queue(config(&receiver), options);
    *cell.lock().unwrap() = Some(queue.clone());
    // The hooks flush too, and who flushes first gets the report; so the totals are looked at.
    push(&queue, 1);
    queue.flush(LONG);
    assert_eq!(queue.stats().events_dropped_total.total(), 1);
    push(&queue, 2);
    queue.flush(LONG);
    assert_eq!(queue.stats().events_delivered_total, 1);
    let (words, _) = told
        .1
        .wait_timeout_while(told.0.lock().unwrap(), LONG, |words| words.len() < 4)
        .unwrap();
    assert_eq!(*words, ["error", "error", "drop", "delivered"]);
    drop(words);
    cell.lock().unwrap().take();
}

#[test]
fn a_burst_against_a_slow_server_is_delivered() {
    let receiver = receiver();
    receiver.script((0..400).map(|_| Step::judged().delayed(50)));
    let queue = queue(config(&receiver), QueueOptions::default());
    for number in 0..20_000 {
        assert!(push(&queue, number).queued);
    }
    let report = queue.close(Duration::from_secs(60));
    assert_eq!((report.delivered, report.dropped_total), (20_000, 0));
}

#[test]
fn send_batch_answers_each_and_isolates_the_culprit() {
    let receiver = receiver_v1();
    for protocol in [ProtocolChoice::V0, ProtocolChoice::V1] {
        let client = Client::new(config(&receiver).protocol(protocol).build().unwrap()).unwrap();
        let inputs = (0..10).map(|number| CreateEvent::new(if number == 3 { "" } else { "user-1" }, "e"));
        let outcomes = client.send_batch(inputs);
        let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.status_code).collect();
        assert_eq!(codes, [200, 200, 200, -1, 200, 200, 200, 200, 200, 200]);
        // The same uuid twice refuses a whole v1 batch; alone, each is fine.
        let twice = ["0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e"; 2].map(|uuid| CreateEvent::new("user-1", "e").uuid(uuid));
        assert!(client.send_batch(twice).iter().all(hogwire::Outcome::is_ok));
    }
    receiver.reset();
    receiver.script([Step::status(400), Step::status(400).body("bad"), Step::judged()]);
    let client = Client::new(config(&receiver).build().unwrap()).unwrap();
    let outcomes = client.send_batch([CreateEvent::new("user-1", "e"), CreateEvent::new("user-2", "e")]);
    assert_eq!((outcomes[0].original_status_code, outcomes[1].status_code), (400, 200));
}

#[test]
fn waiting_in_the_background_takes_no_thread_from_calls_and_calls_none_from_it() {
    let (transport, answer) = silent_server();
    let config = Config::builder("phc_x").max_connections(1).build().unwrap();
    let client = Client::with_transport(config, transport);
    let queue = client.queue(patient()).unwrap();
    let (sender, done) = std::sync::mpsc::channel();
    for number in 0..50 {
        let (called, flushed) = (sender.clone(), sender.clone());
        client.submit(CreateEvent::new("user-1", "e"), move |_| called.send("call").unwrap());
        push(&queue, number);
        queue.submit_flush(Duration::from_millis(50), move |_| flushed.send("flush").unwrap());
    }
    queue.submit_close(Duration::from_millis(50), move |_| sender.send("close").unwrap());
    let first: Vec<_> = (0..51).map(|_| done.recv_timeout(LONG).unwrap()).collect();
    assert_eq!(first.iter().filter(|what| **what == "flush").count(), 50);
    assert!(first.contains(&"close"));
    drop(answer);
    assert!((0..50).all(|_| done.recv_timeout(LONG).unwrap() == "call"));
}

#[test]
fn a_short_wait_in_the_background_does_not_last_as_long_as_one_before_it() {
    let (client, answer) = client_of_a_silent_server();
    let queue = client.queue(patient().max_in_flight(1)).unwrap();
    push(&queue, 1);
    queue.submit_flush(10 * LONG, |_| {});
    until(|| queue.stats().requests_in_flight == 1);
    let (done, ended) = std::sync::mpsc::channel();
    queue.submit_flush(Duration::from_millis(1), move |_| done.send(()).unwrap());
    assert_eq!(ended.recv_timeout(LONG / 2), Ok(()));
    drop(answer);
    queue.close(LONG);
}

#[test]
fn what_waits_can_also_be_done_in_the_background() {
    let receiver = receiver();
    let client = Client::new(config(&receiver).build().unwrap()).unwrap();
    let queue = client.queue(patient()).unwrap();
    let (sender, reports) = std::sync::mpsc::channel();
    let again = sender.clone();
    push(&queue, 1);
    queue.submit_flush(LONG, move |queue| sender.send(queue.report()).unwrap());
    assert_eq!(reports.recv_timeout(LONG).unwrap().delivered, 1);
    push(&queue, 2);
    queue.submit_close(LONG, move |queue| again.send(queue.report()).unwrap());
    assert_eq!(push(&queue, 3).error_code.as_str(), "closed");
    assert_eq!(reports.recv_timeout(LONG).unwrap().delivered, 1);

    let (sender, outcomes) = std::sync::mpsc::channel();
    let inputs = [CreateEvent::new("", "e"), CreateEvent::new("user-1", "e")];
    client.submit_batch(inputs, move |outcomes| sender.send(outcomes).unwrap());
    let codes: Vec<_> = outcomes
        .recv_timeout(LONG)
        .unwrap()
        .iter()
        .map(|outcome| outcome.status_code)
        .collect();
    assert_eq!(codes, [-1, 200]);
}
