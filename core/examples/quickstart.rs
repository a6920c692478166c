//! The demonstration behind `make demo`: five operations travel to a PostHog-like receiver and come back with their outcome,
//! then four calls go wrong in four ways.
//!
//! With `POSTHOG_API_KEY` (and `POSTHOG_HOST`) set, the operations go to that server instead, and the failures are left out.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a demonstration speaks to people, and reads the environment"
)]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hogwire::transport::UreqTransport;
use hogwire::{
    Client, Config, ConfigBuilder, CreateAlias, CreateEvent, CreateIdentity, Input, Outcome, Request, TrackPage,
    TrackScreen, Transport,
};
use hogwire_receiver::{Receiver, Settings, Step};

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::var_os("POSTHOG_API_KEY").is_some() {
        let config = Config::builder("").or_from_env().build()?;
        println!(
            "POSTHOG_API_KEY is set: sending to {}. The failure cases are left out.",
            config.host()
        );
        return operations(config);
    }
    let receiver = Receiver::start(Settings::default())?;
    println!("An embedded PostHog-like receiver listens on {}.", receiver.url());
    println!("Set POSTHOG_API_KEY (and POSTHOG_HOST) to send to your own project instead.");
    operations(settings(&receiver.url()).build()?)?;
    println!("\nThe receiver stored {} events:", receiver.stored().len());
    for event in receiver.stored() {
        let name = event
            .data
            .get("event")
            .and_then(|name| name.as_str())
            .unwrap_or_default();
        println!("  {name} for {}", event.distinct_id);
    }
    failures(&receiver)
}

fn settings(host: &str) -> ConfigBuilder {
    Config::builder("phc_demo_key_for_the_receiver").host(host)
}

/// Five operations, each with its request and its outcome.
fn operations(config: Config) -> Result<(), Box<dyn Error>> {
    let client = showing_requests(config)?;
    let inputs: [(&str, Input<'_>); 5] = [
        (
            "create_event",
            CreateEvent::new("user-12345", "User Signed Up")
                .property("plan", "premium")
                .property("source", "web_form")
                .into(),
        ),
        (
            "create_identity",
            CreateIdentity::new("user-12345")
                .name("Ada")
                .email("ada@example.com")
                .anonymous_id("visitor-7")
                .into(),
        ),
        ("create_alias", CreateAlias::new("user-12345", "crm-99").into()),
        (
            "track_page",
            TrackPage::new("user-12345", "https://shop.example/cart?utm_source=mail")
                .page_name("Cart")
                .into(),
        ),
        (
            "track_screen",
            TrackScreen::new("user-12345", "Checkout")
                .device_type("iPhone")
                .app_version("2.1")
                .into(),
        ),
    ];
    for (name, input) in inputs {
        println!("\n=== {name}");
        show(&client.send(input));
    }
    Ok(())
}

/// A client whose transport prints each request, the api key redacted, before ureq carries it.
fn showing_requests(config: Config) -> Result<Client, Box<dyn Error>> {
    let carrier = UreqTransport::new(&Arc::new(config.clone()))?;
    let transport = move |request: &Request, time_left: Duration| {
        println!("{}", request.to_curl());
        carrier.send(request, time_left)
    };
    Ok(Client::with_transport(config, transport))
}

/// A validation error, a 429, a time-out and a refused connection.
fn failures(receiver: &Receiver) -> Result<(), Box<dyn Error>> {
    let event = || CreateEvent::new("user-12345", "User Signed Up");
    let client = showing_requests(settings(&receiver.url()).timeout(Duration::from_millis(300)).build()?)?;

    println!("\n=== validation: an alias of a placeholder");
    show(&client.send(CreateAlias::new("user-12345", "null")));

    println!("\n=== 429: too many requests");
    receiver.script([Step::status(429).header("Retry-After", "7").body("slow down")]);
    show(&client.send(event()));

    println!("\n=== time-out: no answer within 300 ms");
    receiver.script([Step::judged().delayed(2_000)]);
    show(&client.send(event()));

    println!("\n=== refused connection: nobody listens there");
    let nobody = Receiver::start(Settings::default())?.url();
    show(&showing_requests(settings(&nobody).max_retries(0).build()?)?.send(event()));
    Ok(())
}

fn show(outcome: &Outcome) {
    let summary = if outcome.is_ok() {
        "ok"
    } else {
        outcome.error_message.as_str()
    };
    println!(
        "--> StatusCode {}, {}, {}: {summary}",
        outcome.status_code, outcome.error_code, outcome.delivery
    );
    println!("    {}", outcome.to_json());
}
