//! What `tracing` is told of a call: the event's uuid stands there as everywhere else, so that it can be searched for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use hogwire::testing::RecordingTransport;
use hogwire::{Client, Config, CreateEvent};
use tracing::Event;
use tracing::field::{Field, Visit};

mod listener;

use listener::Listener;

#[derive(Clone, Default)]
struct Fields(Arc<Mutex<Vec<String>>>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push(format!("{field}={value:?}"));
    }
}

#[test]
fn a_call_is_one_line_that_names_its_event() {
    let fields = Fields::default();
    let client = Client::with_transport(Config::builder("phc_x").build().unwrap(), RecordingTransport::new());
    let keeping = fields.clone();
    let listener = Listener(move |event: &Event<'_>| event.record(&mut keeping.clone()));
    let uuid = tracing::subscriber::with_default(listener, || {
        client.send(CreateEvent::new("", "refused"));
        client.send(CreateEvent::new("user-1", "sent")).event_uuid.unwrap()
    });
    let told = fields.0.lock().unwrap();
    let of_events: Vec<_> = told.iter().filter(|field| field.starts_with("event_uuid=")).collect();
    assert_eq!(of_events, [&format!("event_uuid={uuid}")], "{told:?}");
    assert!(told.contains(&"delivery=\"accepted\"".to_owned()), "{told:?}");
}
