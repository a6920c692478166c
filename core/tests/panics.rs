//! A panic on a thread of ours: whoever waits for an answer gets one. A subscriber to `tracing` is code of the caller's that runs there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and this one has to; it is a host"
)]

use std::sync::mpsc::channel;
use std::time::Duration;

use hogwire::{
    Client, Config, CreateEvent, Delivery, ErrorCode, Outcome, QueueOptions, Request, Response,
    testing::RecordingTransport,
};
use tracing::Event;

mod listener;

use listener::Listener;

#[test]
fn a_call_in_the_background_is_answered_after_a_panic() {
    let _ = tracing::subscriber::set_global_default(Listener(|_: &Event<'_>| panic!("planned")));
    let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), RecordingTransport::new());
    let what = |outcome: &Outcome| (outcome.error_code, outcome.delivery, outcome.event_uuid.is_some());
    let (tell, told) = channel();
    client.submit(CreateEvent::new("user-1", "e"), move |outcome| {
        tell.send(what(&outcome)).unwrap();
    });
    let outcome = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(outcome, (ErrorCode::Internal, Delivery::Unknown, true));
    let (tell, told) = channel();
    client.submit_batch(
        [
            CreateEvent::new("user-1", "a"),
            CreateEvent::new("user-1", "b"),
            CreateEvent::new("user-1", "c"),
        ],
        move |outcomes| {
            tell.send(outcomes.iter().map(what).collect::<Vec<_>>()).unwrap();
        },
    );
    let outcomes = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(outcomes, [(ErrorCode::Internal, Delivery::Unknown, true); 3]);
}

#[test]
fn a_queue_goes_on_after_every_panic() {
    // Whichever test comes first sets it.
    let _ = tracing::subscriber::set_global_default(Listener(|_: &Event<'_>| panic!("planned")));
    let busy = |_: &Request, _: Duration| Ok(Response::new(503, "busy"));
    let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), busy);
    let options = QueueOptions::default()
        .max_in_flight(1)
        .max_retries(0)
        .on_error(|_| panic!("planned"));
    let queue = client.queue(options).unwrap();
    let mut failed = 0;
    for _ in 0..3 {
        queue.push(CreateEvent::new("user-1", "e"));
        // Its hook panics, and so does whoever would be told of that.
        queue.flush(Duration::from_secs(30));
        let before = std::mem::replace(&mut failed, queue.stats().requests_failed_total);
        assert!(failed > before);
        let (tell, told) = channel();
        queue.submit_flush(Duration::ZERO, move |_| {
            tell.send(()).unwrap();
            panic!("planned");
        });
        told.recv_timeout(Duration::from_secs(30)).unwrap();
    }
    queue.close(Duration::ZERO);
}
