//! The built-in transport and the direct client against a real server on loopback that misbehaves on demand: what the vectors, in which
//! every language is asked the same, leave out.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and is a host: it has threads and a clock"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hogwire::{Client, Config, ConfigBuilder, CreateEvent, Delivery, ErrorCode, Outcome, ProtocolChoice};
use hogwire_receiver::{Cut, Receiver, Settings, Step, Tls};

fn receiver() -> Receiver {
    Receiver::start(Settings::default()).unwrap()
}

fn config(host: &str) -> ConfigBuilder {
    Config::builder("phc_network_test")
        .host(host)
        .timeout(Duration::from_secs(5))
}

fn send_with(config: ConfigBuilder) -> Outcome {
    Client::new(config.build().unwrap())
        .unwrap()
        .send(CreateEvent::new("user-1", "signed up"))
}

fn send(receiver: &Receiver) -> Outcome {
    send_with(config(&receiver.url()))
}

fn codes(outcome: &Outcome) -> (ErrorCode, Delivery, u32) {
    (outcome.error_code, outcome.delivery, outcome.attempts)
}

#[test]
fn a_client_keeps_its_connection() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).build().unwrap()).unwrap();
    for _ in 0..20 {
        assert!(client.send(CreateEvent::new("user-1", "e")).is_ok());
    }
    assert_eq!(receiver.connections(), 1);
}

#[test]
fn a_connection_closed_between_calls_is_replaced_without_a_retry() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).max_retries(0).build().unwrap()).unwrap();
    for round in 0..10 {
        receiver.script([Step::judged().closed(false)]);
        let outcome = client.send(CreateEvent::new("user-1", "e"));
        assert!(outcome.is_ok(), "round {round}: {outcome:?}");
    }
    assert_eq!(receiver.stored().len(), 10);
}

#[test]
fn a_request_lost_on_an_idle_connection_is_made_again_once_and_counted() {
    let receiver = Receiver::start(Settings {
        v1: true,
        ..Settings::default()
    })
    .unwrap();
    let client = Client::new(
        config(&receiver.url())
            .protocol(ProtocolChoice::V1)
            .max_retries(0)
            .build()
            .unwrap(),
    )
    .unwrap();
    let call = |steps: Vec<Step>| {
        let first = client.send(CreateEvent::new("user-1", "warms up"));
        assert!(first.is_ok(), "{first:?}");
        let before = receiver.requests().len();
        receiver.script(steps);
        let outcome = client.send(CreateEvent::new("user-1", "e"));
        let attempts: Vec<_> = receiver.requests()[before..]
            .iter()
            .map(|request| request.header("posthog-attempt").unwrap().to_owned())
            .collect();
        (outcome, attempts)
    };
    let lost = || Step::cut(Cut::BeforeAnswer).stored();
    let (outcome, attempts) = call(vec![lost()]);
    assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Stored, 2), "{outcome:?}");
    assert_eq!(attempts, ["1", "2"]);
    // What is lost on a fresh connection is the server's fault.
    let (outcome, attempts) = call(vec![lost(), lost()]);
    assert_eq!(
        codes(&outcome),
        (ErrorCode::Network, Delivery::Unknown, 2),
        "{outcome:?}"
    );
    assert_eq!(attempts, ["1", "2"]);
}

#[test]
fn with_a_lost_connection_the_other_idle_ones_are_given_up() {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    // The first two answer once, at the same time, and are gone with what they are asked next.
    std::thread::spawn(move || {
        let together = Arc::new(std::sync::Barrier::new(2));
        for (number, connection) in listener.incoming().enumerate() {
            let (mut connection, together) = (connection.unwrap(), Arc::clone(&together));
            std::thread::spawn(move || {
                read_request(&mut connection);
                if number < 2 {
                    together.wait();
                }
                connection.write_all(ACCEPTED).unwrap();
                read_request(&mut connection);
            });
        }
    });
    let client = Client::new(config(&host).max_retries(0).build().unwrap()).unwrap();
    let call = || client.send(CreateEvent::new("user-1", "e"));
    std::thread::scope(|scope| {
        for warms_up in [scope.spawn(call), scope.spawn(call)] {
            assert!(warms_up.join().unwrap().is_ok());
        }
    });
    let outcome = call();
    assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 2), "{outcome:?}");
}

const ACCEPTED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"status\":1}";

/// Reads a whole request; false when the client closes before its end.
fn read_request(connection: &mut std::net::TcpStream) -> bool {
    use std::io::Read;
    let (mut request, mut piece) = (Vec::new(), [0; 1024]);
    while !request.ends_with(b"\"}") {
        match connection.read(&mut piece).unwrap() {
            0 => return false,
            length => request.extend_from_slice(&piece[..length]),
        }
    }
    true
}

/// Answers one request, as often as told, and then reads another and is gone: what a restart looks like.
fn restarting(answers: usize) -> (String, std::thread::JoinHandle<()>) {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        drop(listener);
        for _ in 0..answers {
            assert!(read_request(&mut connection), "closed by the client");
            connection.write_all(ACCEPTED).unwrap();
        }
        assert!(read_request(&mut connection), "closed by the client");
    });
    (host, server)
}

/// On Linux, who closes without having read everything resets the connection; what was written before can still be read.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_no_told_length_that_ends_with_a_reset_leaves_unknown_what_became_of_the_event() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.read_exact(&mut [0; 16]).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\n\r\n{\"status\":1}";
        connection.write_all(answer).unwrap();
    });
    let outcome = send_with(config(&host).max_retries(0));
    server.join().unwrap();
    assert_eq!(
        codes(&outcome),
        (ErrorCode::Network, Delivery::Unknown, 1),
        "{outcome:?}"
    );
}

#[test]
fn an_event_that_was_sent_once_is_never_called_unsent() {
    // On a fresh connection, and on one that was kept, where another attempt costs no retry.
    for answered in [0, 1] {
        let (host, server) = restarting(answered);
        let client = Client::new(config(&host).build().unwrap()).unwrap();
        for _ in 0..answered {
            assert!(client.send(CreateEvent::new("user-1", "e")).is_ok());
        }
        let outcome = client.send(CreateEvent::new("user-1", "e"));
        assert_eq!(
            codes(&outcome),
            (ErrorCode::Network, Delivery::Unknown, if answered == 0 { 3 } else { 4 }),
            "{answered}: {outcome:?}"
        );
        server.join().unwrap();
    }
}

#[test]
fn time_outs_end_the_call_in_time() {
    let receiver = receiver();
    receiver.script([Step::judged().delayed(5_000)]);
    let started = Instant::now();
    let outcome = send_with(config(&receiver.url()).timeout(Duration::from_millis(150)));
    assert_eq!(
        codes(&outcome),
        (ErrorCode::Timeout, Delivery::Unknown, 1),
        "{outcome:?}"
    );
    assert!(outcome.error_message.contains("; raise timeout"), "{outcome:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn an_answer_may_take_longer_than_connecting() {
    let receiver = receiver();
    receiver.script([Step::judged().delayed(1_200)]);
    let outcome = send_with(config(&receiver.url()).connect_timeout(Duration::from_secs(1)));
    assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
}

#[test]
fn an_answer_while_the_request_is_still_being_sent_is_read() {
    let receiver = Receiver::start(Settings {
        max_body_bytes: 1_000,
        ..Settings::default()
    })
    .unwrap();
    let client = Client::new(config(&receiver.url()).max_retries(0).build().unwrap()).unwrap();
    let outcome = client.send(CreateEvent::new("user-1", "e").property("text", "x".repeat(900_000)));
    assert_eq!(
        codes(&outcome),
        (ErrorCode::TooLarge, Delivery::Rejected, 1),
        "{outcome:?}"
    );
    assert_eq!(outcome.original_status_code, 413);
}

#[test]
fn broken_answers_are_network_failures() {
    for raw in [
        &b"nonsense\r\n\r\n"[..],
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbad",
    ] {
        let receiver = receiver();
        receiver.script([Step::raw(raw), Step::raw(raw), Step::raw(raw)]);
        let outcome = send(&receiver);
        let shown = String::from_utf8_lossy(raw);
        assert_eq!(
            codes(&outcome),
            (ErrorCode::Network, Delivery::Unknown, 3),
            "{shown}: {outcome:?}"
        );
    }
}

#[test]
fn a_packed_answer_is_unpacked_though_nobody_asked_for_it() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).build().unwrap()).unwrap();
    let call = |status: u16, coding: &str, base64: &str| {
        receiver.script([Step {
            body_base64: Some(base64.to_owned()),
            ..Step::status(status).header("Content-Encoding", coding)
        }]);
        client.send(CreateEvent::new("user-1", "e"))
    };
    // gzip of {"status":1}, the same with two bytes behind it, cut short, and nothing at all.
    let whole = call(200, "gzip", "H4sIAAAAAAACA6tWKi5JLCktVrIyrAUAcSYZagwAAAA=");
    assert_eq!(codes(&whole), (ErrorCode::Ok, Delivery::Accepted, 1), "{whole:?}");
    let longer = call(200, "X-GZip", "H4sIAAAAAAACA6tWKi5JLCktVrIyrAUAcSYZagwAAAAAAA==");
    assert_eq!(codes(&longer), (ErrorCode::Ok, Delivery::Accepted, 1), "{longer:?}");
    // gzip of {"status" and of :"Ok"}, one behind the other (RFC 1952 §2.2).
    let members = "H4sIAAAAAAACA6tWKi5JLCktVgIAsAHYoQkAAAAfiwgAAAAAAAIDs1Lyz1aqBQAH3tGhBgAAAA==";
    let members = call(200, "gzip", members);
    assert_eq!(codes(&members), (ErrorCode::Ok, Delivery::Accepted, 1), "{members:?}");
    // What cannot be unpacked keeps its status.
    let cut = call(200, "gzip", "H4sIAAAAAAACA6tWKi5JLCkt");
    assert_eq!(codes(&cut), (ErrorCode::Ok, Delivery::Unknown, 1), "{cut:?}");
    let empty = call(401, "gzip", "");
    assert_eq!(
        codes(&empty),
        (ErrorCode::Unauthorized, Delivery::Rejected, 1),
        "{empty:?}"
    );
}

#[test]
fn a_closed_client_sends_no_further_part_of_a_batch() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).build().unwrap()).unwrap();
    receiver.script([Step::judged().delayed(300)]);
    let outcomes = std::thread::scope(|scope| {
        let batch = scope.spawn(|| client.send_batch((0..2_500).map(|_| CreateEvent::new("user-1", "e"))));
        assert!(receiver.wait_for(Duration::from_secs(10), |state| state.requests().len() == 1));
        client.close();
        batch.join().unwrap()
    });
    let count = |code: ErrorCode| outcomes.iter().filter(|outcome| outcome.error_code == code).count();
    assert_eq!((count(ErrorCode::Ok), count(ErrorCode::Closed)), (1_000, 1_500));
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn connections_are_bounded_and_waiting_for_one_counts() {
    let receiver = receiver();
    // The first has most of a second to spare, also on a busy machine.
    receiver.script((0..3).map(|_| Step::judged().delayed(1_000)));
    let config = config(&receiver.url())
        .max_connections(1)
        .timeout(Duration::from_millis(1_900))
        .build()
        .unwrap();
    let client = Arc::new(Client::new(config).unwrap());
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let client = Arc::clone(&client);
            std::thread::spawn(move || client.send(CreateEvent::new("user-1", "e")))
        })
        .collect();
    let outcomes: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
    assert_eq!(receiver.peak_connections(), 1);
    assert!(outcomes.iter().any(Outcome::is_ok));
    assert!(
        outcomes
            .iter()
            .any(|outcome| codes(outcome) == (ErrorCode::Timeout, Delivery::NotSent, 1)),
        "{outcomes:?}"
    );
}

#[test]
fn sixteen_threads_share_the_pool() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).max_connections(8).build().unwrap()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let client = client.clone();
            scope.spawn(move || {
                for number in 0..25 {
                    let outcome = client.send(CreateEvent::new(format!("user-{thread}"), format!("e{number}")));
                    assert!(outcome.is_ok(), "{outcome:?}");
                }
            });
        }
    });
    assert_eq!(receiver.stored().len(), 400);
    assert!(receiver.peak_connections() <= 8);
}

#[test]
fn submitted_calls_are_all_answered() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).max_connections(4).build().unwrap()).unwrap();
    let (sender, answers) = std::sync::mpsc::channel();
    for number in 0..200 {
        let sender = sender.clone();
        client.submit(CreateEvent::new(format!("user-{number}"), "e"), move |outcome| {
            sender.send(outcome).unwrap();
        });
    }
    drop(sender);
    let outcomes: Vec<_> = answers.iter().collect();
    assert_eq!(outcomes.len(), 200);
    assert!(outcomes.iter().all(Outcome::is_ok));
    assert!(receiver.peak_connections() <= 4);
}

/// Stops a client while a call of its waits to be tried again, four seconds later; the call ends at once.
fn stop_between_attempts(receiver: &Receiver, client: &Client, stop: fn(&Client)) {
    receiver.script([Step::status(503).header("Retry-After", "4")]);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.send(CreateEvent::new("user-1", "e")));
        assert!(receiver.wait_for(Duration::from_secs(5), |state| state.requests().len() == 1));
        let started = Instant::now();
        stop(client);
        assert_eq!(waiting.join().unwrap().original_status_code, 503);
        assert!(started.elapsed() < Duration::from_secs(3));
    });
}

#[test]
fn a_closed_client_answers_closed_at_once() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).build().unwrap()).unwrap();
    stop_between_attempts(&receiver, &client, Client::close);
    assert!(receiver.wait_for(Duration::from_secs(5), |state| state.stats().open_connections == 0));
    assert_eq!(
        codes(&client.send(CreateEvent::new("user-1", "e"))),
        (ErrorCode::Closed, Delivery::NotSent, 0)
    );
}

#[test]
fn opting_out_ends_retries() {
    let receiver = receiver();
    let client = Client::new(config(&receiver.url()).build().unwrap()).unwrap();
    stop_between_attempts(&receiver, &client, Client::opt_out);
    assert_eq!(
        codes(&client.send(CreateEvent::new("user-1", "e"))),
        (ErrorCode::OptedOut, Delivery::NotSent, 0)
    );
    assert_eq!(receiver.requests().len(), 1);
    client.opt_in();
    assert!(client.send(CreateEvent::new("user-1", "e")).is_ok());
}

mod proxy {
    use super::*;

    fn header<'r>(request: &'r hogwire_receiver::SeenRequest, name: &str) -> Option<&'r str> {
        let mut headers = request.headers.iter();
        let (_, value) = headers.find(|(given, _)| given.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The receiver plays the proxy; the server is one that only a proxy could know.
    fn through(proxy: &Receiver, server: &str) -> ConfigBuilder {
        config(server).proxy(proxy.url().replace("://", "://us%40er:pass@"))
    }

    #[test]
    fn plain_requests_are_handed_over_with_the_whole_url() {
        let proxy = receiver();
        proxy.script((0..3).map(|_| Step::status(200).body(r#"{"status":1}"#)));
        let config = through(&proxy, "http://ingest.invalid:8000/posthog").build().unwrap();
        let client = Client::new(config).unwrap();
        for length in [1, 900_000, 1] {
            let outcome = client.send(CreateEvent::new("user-1", "e").property("text", "x".repeat(length)));
            assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
        }
        assert_eq!((proxy.requests().len(), proxy.connections()), (3, 1));
        for request in proxy.requests() {
            assert_eq!(request.path, "http://ingest.invalid:8000/posthog/batch/");
            assert_eq!(header(&request, "host"), Some("ingest.invalid:8000"));
            // us@er:pass
            assert_eq!(header(&request, "proxy-authorization"), Some("Basic dXNAZXI6cGFzcw=="));
            assert!(serde_json::from_slice::<serde_json::Value>(&request.body).is_ok());
        }
    }

    #[test]
    fn users_and_passwords_are_decoded_and_nothing_else() {
        for (given, pair) in [
            ("us%26er:p&s%2Bs+", "us&er:p&s+s+"),
            (":pass", ":pass"),
            ("user:", "user:"),
        ] {
            for server in ["http://ingest.invalid", "https://ingest.invalid"] {
                let proxy = receiver();
                proxy.script([Step::status(407)]);
                let config = config(server).proxy(proxy.url().replace("://", &format!("://{given}@")));
                send_with(config.max_retries(0));
                let expected = format!("Basic {}", BASE64_STANDARD.encode(pair));
                assert_eq!(
                    header(&proxy.requests()[0], "proxy-authorization"),
                    Some(expected.as_str()),
                    "{given} to {server}"
                );
            }
        }
    }

    #[test]
    fn a_proxy_may_speak_tls() {
        let proxy = Receiver::start(Settings {
            tls: Some(Tls::Trusted),
            ..Settings::default()
        })
        .unwrap();
        proxy.script([Step::status(200).body(r#"{"status":1}"#)]);
        let authority = tls::file("proxy-authority.pem", proxy.certificate_authority_pem().unwrap());
        let through = |authority: Option<&str>| {
            let config = through(&proxy, "http://ingest.invalid");
            send_with(authority.map_or(config.clone(), |authority| config.ca_file(authority)))
        };
        let outcome = through(None);
        assert_eq!(codes(&outcome), (ErrorCode::Tls, Delivery::NotSent, 1), "{outcome:?}");
        let outcome = through(Some(&authority));
        assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
        assert_eq!(proxy.requests()[0].path, "http://ingest.invalid/batch/");
    }

    #[test]
    fn a_proxy_that_lets_nobody_through_leaves_the_event_unsent() {
        for (server, status) in [
            ("http://ingest.invalid", 407),
            ("https://ingest.invalid", 407),
            ("https://ingest.invalid", 403),
        ] {
            let proxy = receiver();
            proxy.script([Step::status(status)]);
            let outcome = send_with(through(&proxy, server).max_retries(0));
            assert_eq!(
                codes(&outcome),
                (ErrorCode::Network, Delivery::NotSent, 1),
                "{server}: {outcome:?}"
            );
            let told = &outcome.error_message;
            assert!(
                told.contains("proxy") && told.contains(&status.to_string()) && !told.contains("pass@"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_tunnel_that_is_not_made_in_time_leaves_the_event_unsent() {
        let proxy = receiver();
        proxy.script([Step::judged().delayed(5_000)]);
        let outcome = send_with(through(&proxy, "https://ingest.invalid").connect_timeout(Duration::from_millis(150)));
        assert_eq!(
            codes(&outcome),
            (ErrorCode::Timeout, Delivery::NotSent, 1),
            "{outcome:?}"
        );
        assert!(
            outcome.error_message.contains("ingest.invalid through the proxy"),
            "{outcome:?}"
        );
        assert!(
            outcome
                .error_message
                .ends_with("host and proxy, or raise connect_timeout"),
            "{outcome:?}"
        );
    }

    #[test]
    fn a_tunnel_whose_answer_drips_ends_in_time() {
        let proxy = receiver();
        proxy.script([Step {
            drip_ms: 50,
            ..Step::raw(format!("HTTP/1.1 200 OK\r\nX-Filler: {}", "x".repeat(200)))
        }]);
        let started = Instant::now();
        let outcome = send_with(through(&proxy, "https://ingest.invalid").timeout(Duration::from_millis(300)));
        assert_eq!(
            codes(&outcome),
            (ErrorCode::Timeout, Delivery::NotSent, 1),
            "{outcome:?}"
        );
        assert!(outcome.error_message.ends_with("or raise timeout"), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    }

    #[test]
    fn an_unknown_proxy_is_named() {
        let outcome = send_with(
            config("http://localhost")
                .proxy("http://proxy.invalid:1")
                .max_retries(0),
        );
        assert_eq!(
            codes(&outcome),
            (ErrorCode::Network, Delivery::NotSent, 1),
            "{outcome:?}"
        );
        assert!(outcome.error_message.contains("proxy"), "{}", outcome.error_message);
    }

    #[test]
    fn a_proxy_that_cannot_be_spoken_to_is_told_of_beside_the_host() {
        let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", away.local_addr().unwrap());
        drop(away);
        // Both ways of using a proxy, and one that does not speak TLS though its URL says so.
        let speaks_plain = receiver();
        let plain = speaks_plain.url().replace("http://", "https://");
        for (proxy, error_code, advice) in [
            (&address, ErrorCode::Network, "check the options host and proxy"),
            (&plain, ErrorCode::Tls, "write http:// in the option proxy"),
        ] {
            for server in ["http://localhost", "https://localhost"] {
                let outcome = send_with(config(server).proxy(proxy).max_retries(0));
                assert_eq!(codes(&outcome), (error_code, Delivery::NotSent, 1), "{outcome:?}");
                assert!(outcome.error_message.contains(advice), "{outcome:?}");
            }
        }
    }
}

mod tls {
    use super::*;

    fn start(tls: Tls, client_certificate: bool) -> Receiver {
        Receiver::start(Settings {
            tls: Some(tls),
            client_certificate,
            ..Settings::default()
        })
        .unwrap()
    }

    pub(super) fn file(name: &str, content: &str) -> String {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A file with the certificate, and its key, that the receiver wants of its clients.
    fn client_certificate(receiver: &Receiver, name: &str) -> String {
        let (certificate, key) = receiver.client_certificate_pem().unwrap();
        file(name, &format!("{certificate}{key}"))
    }

    /// Hands everything on to the server, until this has got a request: then its answer becomes this.
    fn garbling(receiver: &Arc<Receiver>, answer: &'static [u8]) -> String {
        use std::io::{Read, Write, copy};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let server = receiver.url().rsplit(':').next().unwrap().parse::<u16>().unwrap();
        let receiver = Arc::clone(receiver);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (mut client, server) = (
                    client.unwrap(),
                    std::net::TcpStream::connect(("127.0.0.1", server)).unwrap(),
                );
                let before = receiver.requests().len();
                let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || copy(&mut from_client, &mut to_server));
                let (mut server, mut piece) = (server, [0; 16 << 10]);
                while let Ok(length @ 1..) = server.read(&mut piece) {
                    if receiver.requests().len() > before {
                        // Whoever is told no more than this closes the connection.
                        let _ = client.write_all(answer);
                        break;
                    }
                    client.write_all(&piece[..length]).unwrap();
                }
            }
        });
        url
    }

    #[test]
    fn a_connection_whose_tls_breaks_after_the_request_leaves_unknown_what_became_of_it() {
        for answer in [
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            b"\x17\x03\x03\x00\x20broken, broken, broken, broken ...",
        ] {
            let receiver = Arc::new(start(Tls::Trusted, false));
            let authority = file("garbled.pem", receiver.certificate_authority_pem().unwrap());
            let outcome = send_with(config(&garbling(&receiver, answer)).ca_file(authority));
            assert_eq!(
                codes(&outcome),
                (ErrorCode::Network, Delivery::Unknown, 3),
                "{outcome:?}"
            );
            assert_eq!(receiver.requests().len(), 3);
        }
    }

    #[test]
    fn a_client_keeps_its_connection() {
        let receiver = start(Tls::Trusted, false);
        let authority = file("kept.pem", receiver.certificate_authority_pem().unwrap());
        let client = Client::new(config(&receiver.url()).ca_file(&authority).build().unwrap()).unwrap();
        for _ in 0..5 {
            assert!(client.send(CreateEvent::new("user-1", "e")).is_ok());
        }
        assert_eq!(receiver.connections(), 1);
    }

    /// A proxy that makes tunnels to the receiver, whatever server it is asked for.
    fn tunnel_to(receiver: &Receiver) -> String {
        use std::io::{Read, Write, copy};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = receiver.url().rsplit(':').next().unwrap().parse::<u16>().unwrap();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let (mut asked, mut byte) = (Vec::new(), [0]);
                while !asked.ends_with(b"\r\n\r\n") {
                    client.read_exact(&mut byte).unwrap();
                    asked.extend_from_slice(&byte);
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let server = std::net::TcpStream::connect(("127.0.0.1", server)).unwrap();
                let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || copy(&mut from_client, &mut to_server));
                let mut server = server;
                std::thread::spawn(move || copy(&mut server, &mut client));
            }
        });
        url
    }

    #[test]
    fn what_is_said_on_the_way_through_a_tunnel_is_not_the_request() {
        let receiver = start(Tls::Trusted, true);
        let authority = file("tunnel.pem", receiver.certificate_authority_pem().unwrap());
        let own = client_certificate(&receiver, "tunnel-own.pem");
        let through = config(&receiver.url()).proxy(tunnel_to(&receiver));
        let outcome = send_with(through.clone());
        assert_eq!(codes(&outcome), (ErrorCode::Tls, Delivery::NotSent, 1), "{outcome:?}");
        let through = through.ca_file(authority);
        let outcome = send_with(through.clone());
        assert_eq!(codes(&outcome), (ErrorCode::Tls, Delivery::NotSent, 1), "{outcome:?}");
        let outcome = send_with(through.client_cert(own));
        assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
    }

    #[test]
    fn an_answer_while_the_request_is_still_being_sent_is_read() {
        let receiver = start(Tls::Trusted, false);
        let authority = file("early.pem", receiver.certificate_authority_pem().unwrap());
        let client = Client::new(
            config(&receiver.url())
                .ca_file(&authority)
                .max_retries(0)
                .build()
                .unwrap(),
        )
        .unwrap();
        for _ in 0..5 {
            receiver.script([Step {
                early: true,
                ..Step::status(413)
            }]);
            let outcome = client.send(CreateEvent::new("user-1", "e").property("text", "x".repeat(900_000)));
            assert_eq!(
                codes(&outcome),
                (ErrorCode::TooLarge, Delivery::Rejected, 1),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn what_speaks_another_protocol_is_told_so() {
        let plain = super::receiver();
        let outcome = send_with(config(&plain.url().replace("http://", "https://")));
        assert_eq!(codes(&outcome), (ErrorCode::Tls, Delivery::NotSent, 1), "{outcome:?}");
        assert!(outcome.error_message.contains("write http://"), "{outcome:?}");
        let secure = start(Tls::Trusted, false);
        let outcome = send_with(config(&secure.url().replace("https://", "http://")));
        assert_eq!(
            (outcome.error_code, outcome.delivery),
            (ErrorCode::Network, Delivery::Unknown),
            "{outcome:?}"
        );
        assert!(outcome.error_message.contains("write https://"), "{outcome:?}");
        let outcome = send_with(config(&secure.url()));
        assert!(outcome.error_message.contains("ca_file"), "{outcome:?}");
    }

    #[test]
    fn a_client_certificate_is_shown_when_asked_for() {
        let receiver = start(Tls::Trusted, true);
        let authority = file("mutual-authority.pem", receiver.certificate_authority_pem().unwrap());
        let own = client_certificate(&receiver, "own.pem");
        let outcome = send_with(config(&receiver.url()).ca_file(&authority).client_cert(&own));
        assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
        let outcome = send_with(config(&receiver.url()).ca_file(&authority));
        assert_eq!(codes(&outcome), (ErrorCode::Tls, Delivery::NotSent, 1), "{outcome:?}");
        assert!(outcome.error_message.contains("option client_cert"), "{outcome:?}");
    }

    fn pair() -> (String, String) {
        let receiver = start(Tls::Trusted, true);
        let (certificate, key) = receiver.client_certificate_pem().unwrap();
        (certificate.to_owned(), key.to_owned())
    }

    const UNREADABLE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    #[test]
    fn of_several_authorities_those_that_can_be_read_are_trusted() {
        let receiver = start(Tls::Trusted, false);
        let authority = receiver.certificate_authority_pem().unwrap();
        let authorities = file("several.pem", &format!("{UNREADABLE}{authority}"));
        let outcome = send_with(config(&receiver.url()).ca_file(authorities));
        assert_eq!(codes(&outcome), (ErrorCode::Ok, Delivery::Accepted, 1), "{outcome:?}");
    }

    #[test]
    fn files_that_cannot_be_used_are_refused_at_construction() {
        let empty = file("empty.pem", "");
        let (certificate, key) = pair();
        let alone = [file("certificate.pem", &certificate), file("key.pem", &key)];
        let foreign = file("foreign.pem", &format!("{}{key}", pair().0));
        let nonsense = file("nonsense.pem", &format!("{UNREADABLE}{key}"));
        assert!(
            Client::new(
                config("https://localhost")
                    .client_cert(file("pair.pem", &format!("{certificate}{key}")))
                    .build()
                    .unwrap()
            )
            .is_ok()
        );
        for (config, option) in [
            (config("https://localhost").ca_file("/nonexistent.pem"), "ca_file"),
            (config("https://localhost").ca_file(&empty), "ca_file"),
            (config("https://localhost").client_cert(&empty), "client_cert"),
            (config("https://localhost").client_cert(&alone[0]), "client_cert"),
            (config("https://localhost").client_cert(&alone[1]), "client_cert"),
            (config("https://localhost").client_cert(&foreign), "client_cert"),
            (config("https://localhost").client_cert(&nonsense), "client_cert"),
            (config("https://localhost").ca_file(&nonsense), "ca_file"),
        ] {
            assert_eq!(Client::new(config.build().unwrap()).unwrap_err().option(), option);
        }
    }
}
