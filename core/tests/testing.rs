//! The recording transport for users' tests: what it records, and what it answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use hogwire::testing::RecordingTransport;
use hogwire::{
    Client, Compression, Config, CreateEvent, Delivery, Failure, ProtocolChoice, QueueOptions, Response, TransportError,
};

fn client(transport: &RecordingTransport, protocol: ProtocolChoice, compression: Compression) -> Client {
    let config = Config::builder("phc_test").protocol(protocol).compression(compression);
    Client::with_transport(config.build().unwrap(), transport.clone())
}

fn bought(n: u32) -> CreateEvent<'static> {
    CreateEvent::new("user-1", "bought").property("n", n)
}

#[test]
fn it_records_calls_and_queues_over_every_protocol_and_compression() {
    for (protocol, compressions) in [
        (ProtocolChoice::V0, &[Compression::None, Compression::Gzip][..]),
        (
            ProtocolChoice::V1,
            &[
                Compression::None,
                Compression::Gzip,
                Compression::Deflate,
                Compression::Zstd,
            ],
        ),
        (ProtocolChoice::Auto, &[Compression::None, Compression::Zstd]),
    ] {
        for compression in compressions {
            let transport = RecordingTransport::new();
            let client = client(&transport, protocol, *compression);
            let outcome = client.send(bought(0));
            let expected = if protocol == ProtocolChoice::V0 {
                Delivery::Accepted
            } else {
                Delivery::Stored
            };
            assert_eq!(outcome.delivery, expected, "{protocol:?} {compression:?}");

            let queue = client.queue(QueueOptions::default()).unwrap();
            for n in 1..50 {
                assert!(queue.push(bought(n)).queued);
            }
            let report = queue.close(Duration::from_secs(60));
            assert_eq!((report.delivered, report.pending), (49, 0));
            let numbers: Vec<_> = transport
                .events()
                .iter()
                .map(|event| event["properties"]["n"].as_u64().unwrap())
                .collect();
            assert_eq!(numbers, (0..50).collect::<Vec<_>>(), "{protocol:?} {compression:?}");
            assert_eq!(transport.requests().len(), 2);

            transport.clear();
            assert!(transport.requests().is_empty() && transport.events().is_empty());
        }
    }
}

#[test]
fn it_answers_as_told_and_then_succeeds_again() {
    let transport = RecordingTransport::new();
    let client = client(&transport, ProtocolChoice::V0, Compression::None);
    transport.answer(Response::new(503, ""));
    transport.fail(TransportError::new(Failure::Network));
    let outcome = client.send(bought(1));
    assert_eq!((outcome.status_code, outcome.attempts), (200, 3));
    assert_eq!(
        (transport.requests().len(), transport.events().len()),
        (3, 1),
        "an event that is sent again is one event"
    );

    transport.answer(Response::new(200, r#"{"status":"Ok","quota_limited":["events"]}"#));
    assert_eq!(client.send(bought(2)).error_code.as_str(), "quota_exceeded");
    transport.answer(Response::new(400, "never given"));
    transport.clear();
    assert!(client.send(bought(3)).is_ok());
}
