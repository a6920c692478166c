//! Each thing a script can ask for, seen from the client's end of the wire.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use hogwire_receiver::{Cut, Receiver, Settings, Step};
use std::time::{Duration, Instant};
use support::{EVENT, answer, connect, once, post, rest};

const SOON: Duration = Duration::from_secs(5);

fn start() -> Receiver {
    Receiver::start(Settings::default()).unwrap()
}

#[test]
fn steps_are_consumed_in_order_and_then_requests_are_judged() {
    let receiver = start();
    receiver.script([
        Step::status(503).header("Retry-After", "1").body("later"),
        Step::quota(),
        Step::judged(),
    ]);
    let mut socket = connect(&receiver);
    let mut say = || {
        post(&mut socket, "/batch/", EVENT);
        answer(&mut socket)
    };
    let first = say();
    assert!(first.starts_with("HTTP/1.1 503 ") && first.contains("Retry-After: 1\r\n") && first.ends_with("later"));
    assert!(say().ends_with("{\"status\":\"Ok\"}"));
    assert!(receiver.stored().is_empty());
    assert!(say().ends_with("{\"status\":\"Ok\"}"));
    assert!(say().ends_with("{\"status\":\"Ok\"}"));
    assert_eq!(
        (
            receiver.stored().len(),
            receiver.requests().len(),
            receiver.connections()
        ),
        (2, 4, 1)
    );
}

#[test]
fn a_cut_keeps_events_only_when_told_to() {
    let receiver = start();
    receiver.script([
        Step::cut(Cut::BeforeAnswer),
        Step::cut(Cut::BeforeAnswer).stored(),
        Step::status(503).stored(),
    ]);
    assert_eq!((once(&receiver).as_str(), receiver.stored().len()), ("", 0));
    assert_eq!((once(&receiver).as_str(), receiver.stored().len()), ("", 1));
    assert!(once(&receiver).starts_with("HTTP/1.1 503 "));
    assert_eq!(receiver.stored().len(), 2);
}

#[test]
fn cuts_happen_where_they_are_asked_for() {
    let receiver = start();
    receiver.script([Cut::BeforeRequestRead, Cut::DuringRequest].map(Step::cut));
    assert_eq!((once(&receiver).as_str(), receiver.requests().len()), ("", 0));
    assert_eq!((once(&receiver).as_str(), receiver.requests()[0].complete), ("", false));
    receiver.script([Cut::InHeaders, Cut::InBody].map(|cut| Step {
        cut: Some(cut),
        ..Step::status(200).body("0123456789")
    }));
    let (head, body) = (once(&receiver), once(&receiver));
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("\r\n\r\n"), "{head}");
    assert!(
        body.contains("content-length: 10\r\n") && body.ends_with("\r\n\r\n01234"),
        "{body}"
    );
}

#[test]
fn a_connection_closes_with_and_without_saying_so() {
    let receiver = start();
    receiver.script([Step::judged().closed(true), Step::judged().closed(false)]);
    for announced in [true, false] {
        let mut socket = connect(&receiver);
        post(&mut socket, "/batch/", EVENT);
        assert_eq!(rest(&mut socket).contains("connection: close\r\n"), announced);
    }
    assert!(receiver.wait_for(SOON, |state| state.stats().open_connections == 0));
}

#[test]
fn a_refusal_may_come_while_the_client_is_still_sending() {
    let receiver = start();
    receiver.script([Step {
        early: true,
        ..Step::status(413).body("too long")
    }]);
    let mut socket = connect(&receiver);
    let head = b"POST /batch/ HTTP/1.1\r\nhost: here\r\ncontent-length: 1000000\r\n\r\n";
    std::io::Write::write_all(&mut socket, head).unwrap();
    assert!(rest(&mut socket).ends_with("too long"));
    assert!(!receiver.requests()[0].complete);
}

#[test]
fn delays_and_raw_bytes_and_drips() {
    let receiver = start();
    receiver.script([
        Step::judged().delayed(50),
        Step::raw(b"HTTP/1.0 200 OK\r\n\r\nold"),
        Step {
            drip_ms: 5,
            ..Step::status(200).body("slowly")
        },
    ]);
    let before = Instant::now();
    assert!(once(&receiver).ends_with("{\"status\":\"Ok\"}"));
    assert!(before.elapsed() >= Duration::from_millis(50));
    assert_eq!(once(&receiver), "HTTP/1.0 200 OK\r\n\r\nold");
    assert!(once(&receiver).ends_with("\r\n\r\nslowly"));
}

#[test]
fn an_endless_body_ends_with_the_client() {
    let receiver = start();
    receiver.script([Step {
        endless: true,
        ..Step::status(200).body("x")
    }]);
    let mut socket = connect(&receiver);
    post(&mut socket, "/batch/", EVENT);
    std::io::Read::read_exact(&mut socket, &mut vec![0; 200_000]).unwrap();
    drop(socket);
    assert!(receiver.wait_for(SOON, |state| state.stats().open_connections == 0));
}

#[test]
fn dropping_a_receiver_ends_what_is_under_way() {
    let receiver = start();
    receiver.script([Step::judged().delayed(60_000)]);
    let (mut waiting, idle) = (connect(&receiver), connect(&receiver));
    post(&mut waiting, "/batch/", EVENT);
    assert!(receiver.wait_for(SOON, |state| state.requests().len() == 1
        && state.stats().open_connections == 2));
    assert_eq!(receiver.peak_connections(), 2);
    let before = Instant::now();
    drop(receiver);
    assert!(before.elapsed() < SOON);
    drop(idle);
}

#[test]
fn chunks_are_read() {
    let receiver = start();
    let mut socket = connect(&receiver);
    let chunked = format!(
        "POST /batch/ HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        10,
        &EVENT[..10],
        EVENT.len() - 10,
        &EVENT[10..]
    );
    std::io::Write::write_all(&mut socket, chunked.as_bytes()).unwrap();
    assert!(answer(&mut socket).ends_with("{\"status\":\"Ok\"}"));
    assert_eq!(receiver.requests()[0].body, EVENT.as_bytes());
}

#[test]
fn settings_change_the_rules() {
    let settings = Settings {
        path_prefix: "/ingest".into(),
        max_body_bytes: 80,
        over_quota_tokens: vec!["phc_a".into()],
        bind: "[::1]:0".into(),
        ..Settings::default()
    };
    let receiver = Receiver::start(settings).unwrap();
    assert!(receiver.url().starts_with("http://[::1]:") && receiver.url().ends_with("/ingest"));
    let ask = |path: &str, body: &str| {
        let mut socket = connect(&receiver);
        post(&mut socket, path, body);
        answer(&mut socket)
    };
    assert!(ask("/batch/", EVENT).starts_with("HTTP/1.1 404 "));
    assert!(ask("/ingest/batch/", EVENT).starts_with("HTTP/1.1 200 "));
    assert!(ask("/ingest/batch/", &" ".repeat(81)).starts_with("HTTP/1.1 413 "));
    assert!(receiver.stored().is_empty());
}

#[test]
fn the_broker_limit_counts_the_event_as_text_inside_text() {
    let receiver = start();
    let send = |filler: &str| {
        let mut socket = connect(&receiver);
        let events = format!(
            r#"{{"event":"first","distinct_id":"u"}},{{"event":"e","distinct_id":"u","properties":{{"p":"{filler}"}}}}"#
        );
        post(
            &mut socket,
            "/batch/",
            &format!(r#"{{"api_key":"phc_a","batch":[{events}]}}"#),
        );
        answer(&mut socket)
    };
    assert!(send(&"a".repeat(600_000)).starts_with("HTTP/1.1 200 "));
    receiver.reset();
    // 300,000 quotes are 600,000 bytes on the way here, but 1,200,000 in the message.
    assert!(send(&"\\\"".repeat(300_000)).ends_with("maximum event size exceeded"));
    assert_eq!(receiver.stored().len(), 1, "what went before it in the batch is stored");
}
