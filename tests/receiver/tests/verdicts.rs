//! The v1 route: off unless asked for, strict about headers, one verdict an event.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use hogwire_receiver::{Receiver, Settings, Step};
use serde_json::{Value, json};
use std::io::Write as _;

const PATH: &str = "/i/v1/analytics/events";
const HEADERS: [&str; 7] = [
    "authorization: Bearer phc_a",
    "content-type: application/json",
    "user-agent: test/1",
    "posthog-sdk-info: test/1",
    "posthog-attempt: 1",
    "posthog-request-id: 0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e",
    "posthog-request-timestamp: 2026-11-23T08:00:00Z",
];

fn start() -> Receiver {
    Receiver::start(Settings {
        v1: true,
        ..Settings::default()
    })
    .unwrap()
}

fn event(number: u8) -> Value {
    let uuid = format!("0190A0D8-6B2E-7C3A-9D0E-0000000000{number:02}");
    json!({"event": "e", "uuid": uuid, "distinct_id": "u", "timestamp": "2026-11-23T08:00:00Z"})
}

fn text(events: &[Value]) -> String {
    json!({"created_at": "2026-11-23T08:00:00Z", "batch": events}).to_string()
}

/// Sends a batch; gives status, body and the whole answer.
fn send(receiver: &Receiver, headers: &[&str], events: &[Value]) -> (u16, Value, String) {
    send_bytes(receiver, headers, text(events).as_bytes())
}

fn send_bytes(receiver: &Receiver, headers: &[&str], body: &[u8]) -> (u16, Value, String) {
    let mut socket = support::connect(receiver);
    let lines = headers.join("\r\n");
    write!(
        socket,
        "POST {PATH} HTTP/1.1\r\n{lines}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    socket.write_all(body).unwrap();
    let answer = support::answer(&mut socket);
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null), answer)
}

#[test]
fn the_recorded_server_has_no_such_route() {
    let receiver = Receiver::start(Settings::default()).unwrap();
    assert_eq!(send(&receiver, &HEADERS, &[event(1)]).0, 404);
}

#[test]
fn each_event_has_a_verdict_under_its_lower_case_uuid() {
    let receiver = start();
    let mut nameless = event(2);
    nameless["event"] = json!("");
    let (status, body, _) = send(&receiver, &HEADERS, &[event(1), nameless]);
    let expected = json!({"results": {
        "0190a0d8-6b2e-7c3a-9d0e-000000000001": {"result": "ok"},
        "0190a0d8-6b2e-7c3a-9d0e-000000000002": {"result": "drop", "details": "missing_event_name"},
    }});
    assert_eq!((status, body), (200, expected));
    assert_eq!(receiver.stored().len(), 1);
}

#[test]
fn every_header_is_required() {
    let receiver = start();
    for (position, header) in HEADERS.iter().enumerate() {
        let others: Vec<&str> = HEADERS.iter().copied().filter(|other| other != header).collect();
        let (status, body, _) = send(&receiver, &others, &[event(1)]);
        let expected = match position {
            0 => (401, "missing_authorization"),
            _ => (400, "missing_required_headers"),
        };
        assert_eq!((status, body["error"].as_str().unwrap()), expected, "{header}");
        assert!(body["error_description"].is_string() && body["error_uri"].is_string());
    }
    assert!(receiver.stored().is_empty());
}

/// The batch of one event in every coding, and with zlib's frame, which is none of them.
fn packed() -> Vec<(&'static str, Vec<u8>)> {
    let plain = text(&[event(1)]);
    let plain = plain.as_bytes();
    let level = flate2::Compression::fast();
    let mut gzip = GzEncoder::new(Vec::new(), level);
    let mut deflate = DeflateEncoder::new(Vec::new(), level);
    let mut zlib = ZlibEncoder::new(Vec::new(), level);
    for encoder in [&mut gzip as &mut dyn std::io::Write, &mut deflate, &mut zlib] {
        encoder.write_all(plain).unwrap();
    }
    vec![
        ("", plain.to_vec()),
        ("gzip", gzip.finish().unwrap()),
        ("deflate", deflate.finish().unwrap()),
        ("zstd", zstd::bulk::compress(plain, 1).unwrap()),
        ("zlib", zlib.finish().unwrap()),
    ]
}

#[test]
fn each_coding_is_understood_by_its_name_alone() {
    let receiver = start();
    let packed = packed();
    for coding in ["", "gzip", "deflate", "zstd"] {
        let header = format!("content-encoding: {coding}");
        let coded = (!coding.is_empty()).then_some(header.as_str());
        let headers: Vec<&str> = HEADERS.iter().copied().chain(coded).collect();
        for (made_as, body) in &packed {
            let expected = if *made_as == coding { 200 } else { 400 };
            let (status, answer, _) = send_bytes(&receiver, &headers, body);
            assert_eq!(status, expected, "{made_as} sent as {coding}: {answer}");
            if expected == 200 {
                let seen = receiver.requests().pop().unwrap();
                assert_eq!(seen.json()["batch"][0]["event"], "e", "{coding} in the record");
            }
        }
    }
    assert_eq!(receiver.stored().len(), 4);

    for coding in ["content-encoding: br", "content-encoding: identity"] {
        let headers: Vec<&str> = HEADERS.iter().copied().chain([coding]).collect();
        let (status, body, _) = send(&receiver, &headers, &[event(1)]);
        assert_eq!(
            (status, &body["error"]),
            (415, &json!("unsupported_encoding")),
            "{coding}"
        );
    }
}

/// An event with one member changed, or removed by `null`.
fn changed(name: &str, value: Value) -> Value {
    let mut event = event(1);
    match value {
        Value::Null => event.as_object_mut().unwrap().remove(name),
        value => event.as_object_mut().unwrap().insert(name.into(), value),
    };
    event
}

#[test]
fn what_cannot_be_read_refuses_the_request() {
    let receiver = start();
    let is = |batch: &[Value], word: &str| {
        let (status, body, _) = send(&receiver, &HEADERS, batch);
        assert_eq!((status, &body["error"]), (400, &json!(word)), "{batch:?}");
    };
    for name in ["event", "uuid", "distinct_id", "timestamp"] {
        is(&[changed(name, Value::Null)], "request_parsing_error");
        is(&[event(2), changed(name, json!(7))], "request_parsing_error");
    }
    is(&[changed("session_id", json!(7))], "request_parsing_error");
    is(&[], "empty_batch");
    is(&[changed("uuid", json!(" "))], "missing_event_uuid");
    is(&[changed("uuid", json!("x"))], "invalid_event_uuid");
    is(&[event(1), event(1)], "duplicate_event_uuid");
    for (body, word) in [
        ("", "empty_body"),
        ("{", "request_parsing_error"),
        (
            r#"{"created_at":"now","batch":[{"event":"e","uuid":"x","distinct_id":"u","timestamp":"t"}]}"#,
            "invalid_batch",
        ),
    ] {
        let (status, answer, _) = send_bytes(&receiver, &HEADERS, body.as_bytes());
        assert_eq!((status, &answer["error"]), (400, &json!(word)), "{body}");
    }
    assert!(receiver.stored().is_empty());
}

#[test]
fn every_fault_of_an_event_has_its_word() {
    let receiver = start();
    let long = "x".repeat(201);
    for (name, value, details) in [
        ("event", json!("$performance_event"), "dropped_performance_event"),
        ("event", json!(long), "event_name_too_long"),
        ("distinct_id", json!("  "), "missing_distinct_id"),
        ("distinct_id", json!(long), "distinct_id_too_large"),
        ("timestamp", json!("yesterday"), "invalid_event_timestamp"),
        ("properties", json!([]), "malformed_event_properties"),
        ("options", json!({"cookieless_mode": "yes"}), "invalid_options"),
        ("properties", json!({"pad": "\"".repeat(400_000)}), "event_too_big"),
    ] {
        let (status, body, _) = send(&receiver, &HEADERS, &[changed(name, value)]);
        let verdict = &body["results"]["0190a0d8-6b2e-7c3a-9d0e-000000000001"];
        assert_eq!(status, 200);
        assert_eq!(verdict, &json!({"result": "drop", "details": details}));
    }
    assert!(receiver.stored().is_empty());
    let (_, body, _) = send(&receiver, &HEADERS, &[changed("distinct_id", json!(" Null "))]);
    assert_eq!(
        body["results"]["0190a0d8-6b2e-7c3a-9d0e-000000000001"],
        json!({"result": "ok", "details": "person_processing_disabled"})
    );
}

#[test]
fn a_project_over_its_quota_is_told_so() {
    let settings = Settings {
        v1: true,
        over_quota_tokens: vec!["phc_a".into()],
        ..Settings::default()
    };
    let receiver = Receiver::start(settings).unwrap();
    let (status, body, _) = send(&receiver, &HEADERS, &[event(1)]);
    assert_eq!((status, &body["error"]), (402, &json!("billing_limit_exceeded")));
}

#[test]
fn verdicts_can_be_scripted_by_position() {
    let receiver = start();
    let results = vec![
        json!({"result": "ok"}),
        json!({"result": "retry"}),
        Value::Null,
        json!({"result": "limited"}),
    ];
    receiver.script([Step {
        results,
        ..Step::judged().header("retry-after", "7")
    }]);
    let (status, body, answer) = send(&receiver, &HEADERS, &[event(1), event(2), event(3), event(4), event(5)]);
    assert_eq!(
        (
            status,
            body["results"].as_object().unwrap().len(),
            receiver.stored().len()
        ),
        (200, 4, 3)
    );
    assert!(
        answer.contains("retry-after: 7\r\n") && !answer.contains("retry-after: 1\r\n"),
        "{answer}"
    );
}
