//! v1 for direct calls: the request it makes, and the fallback to v0. What its verdicts mean is the vectors' to say.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use hogwire::{Client, Compression, Config, ConfigBuilder, CreateEvent, ProtocolChoice, Request, Response, build};
use hogwire_receiver::{Receiver, Settings};
use serde_json::{Value, json};

const NOW: i64 = 1_795_420_800_000;

fn config() -> ConfigBuilder {
    Config::builder("phc_v1_test").protocol(ProtocolChoice::V1)
}

fn request(event: CreateEvent<'_>) -> Request {
    build(event, &config().build().unwrap(), NOW, 1, 1).unwrap()
}

#[test]
fn a_request_has_every_header_and_no_key_in_its_body() {
    let request = request(CreateEvent::new("user-1", "e").process_person_profile(false));
    assert_eq!(request.url, "https://us.i.posthog.com/i/v1/analytics/events");
    let info = format!("hogwire-rust/{}", hogwire::VERSION);
    for (name, value) in [
        ("Authorization", "Bearer phc_v1_test"),
        ("Content-Type", "application/json"),
        ("User-Agent", info.as_str()),
        ("PostHog-Sdk-Info", info.as_str()),
        ("PostHog-Attempt", "1"),
        ("PostHog-Request-Timestamp", "2026-11-23T08:00:00.000Z"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["created_at", "batch"]
    );
    let event = &body["batch"][0];
    assert_eq!(event["options"], json!({"process_person_profile": false}));
    assert_eq!(event["properties"], json!({"$is_server": true, "$geoip_disable": true}));
    assert!(!request.to_curl().contains("phc_v1_test") && !format!("{request:?}").contains("phc_v1_test"));
}

#[test]
fn a_later_attempt_keeps_the_request_id() {
    let config = config().build().unwrap();
    let event = |seed, attempt| {
        let event = CreateEvent::new("user-1", "e").uuid("0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e");
        build(event, &config, NOW + seed, 7, attempt).unwrap()
    };
    let (first, second) = (event(0, 1), event(5, 2));
    assert_eq!(first.header("PostHog-Request-Id"), second.header("PostHog-Request-Id"));
    assert_ne!(
        first.header("PostHog-Request-Timestamp"),
        second.header("PostHog-Request-Timestamp")
    );
    assert_ne!(
        first.header("PostHog-Request-Id"),
        request(CreateEvent::new("user-1", "e")).header("PostHog-Request-Id")
    );
}

#[test]
fn auto_speaks_v0_for_good_after_a_404() {
    let receiver = Receiver::start(Settings::default()).unwrap();
    let config = config().protocol(ProtocolChoice::Auto).compression(Compression::Zstd);
    let client = Client::new(config.host(receiver.url()).build().unwrap()).unwrap();
    for _ in 0..2 {
        let outcome = client.send(CreateEvent::new("user-1", "e"));
        assert_eq!(
            (outcome.status_code, outcome.delivery.as_str()),
            (200, "accepted"),
            "{outcome:?}"
        );
    }
    let seen: Vec<_> = receiver
        .requests()
        .iter()
        .map(|request| {
            (
                request.path.clone(),
                request.header("content-encoding").map(str::to_owned),
            )
        })
        .collect();
    let v0 = ("/batch/".to_owned(), Some("gzip".to_owned()));
    assert_eq!(
        seen,
        [
            ("/i/v1/analytics/events".to_owned(), Some("zstd".to_owned())),
            v0.clone(),
            v0
        ]
    );
}

#[test]
fn each_compression_comes_back_as_the_same_text() {
    let build_with = |compression| {
        let config = config().compression(compression).build().unwrap();
        build(
            CreateEvent::new("user-1", "e").property("text", "x".repeat(2_000)),
            &config,
            NOW,
            1,
            1,
        )
        .unwrap()
    };
    let plain = build_with(Compression::None);
    assert_eq!(plain.header("content-encoding"), None);
    for compression in [Compression::Gzip, Compression::Deflate, Compression::Zstd] {
        let packed = build_with(compression);
        assert_eq!(packed.header("content-encoding"), Some(compression.as_str()));
        assert!(packed.body.len() < 600);
        assert_eq!(packed.body_text(), plain.body_text());
        assert_eq!(Request::from_json(&packed.to_json()).unwrap(), packed);
    }
}

#[test]
fn names_are_also_bounded_in_bytes() {
    let long = "ä".repeat(101);
    for (protocol, refused) in [
        (ProtocolChoice::V0, false),
        (ProtocolChoice::V1, true),
        (ProtocolChoice::Auto, true),
    ] {
        let config = Config::builder("phc_x").protocol(protocol).build().unwrap();
        for event in [
            CreateEvent::new(long.as_str(), "e"),
            CreateEvent::new("u", long.as_str()),
        ] {
            let built = build(event, &config, NOW, 1, 1);
            assert_eq!(built.is_err(), refused);
            if let Err(outcome) = built {
                assert_eq!(outcome.findings[0].code.as_str(), "too_long");
                assert!(outcome.findings[0].message.contains("202 bytes"));
            }
        }
    }
}

#[test]
fn a_call_gives_up_with_its_time() {
    let transport = |_: &Request, _: Duration| Ok(Response::new(503, "").with_header("Retry-After", "100"));
    let client = Client::with_transport(config().build().unwrap(), transport);
    let outcomes = client.send_batch((0..3).map(|_| CreateEvent::new("user-1", "e")));
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.original_status_code == 503 && outcome.attempts == 1)
    );
}
