//! The program and its pages, as other languages use them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// Starts the program and reads the line it prints.
fn start(flags: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hogwire-receiver"))
        .args(flags)
        .arg("--until-stdin-closes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn ask(url: &Value, method: &str, path: &str, body: &str) -> (u16, Value) {
    let address = url.as_str().unwrap().strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        serde_json::from_str(body).unwrap_or(Value::Null),
    )
}

#[test]
fn a_program_scripts_posts_and_looks() {
    let (mut child, line) = start(&["--max-body-bytes", "1000", "--over-quota-tokens", "[\"phc_over\"]"]);
    let url = &line["url"];
    assert_eq!(
        ask(
            url,
            "POST",
            "/_receiver/script",
            r#"[{"status":429,"headers":[["Retry-After","2"]]}]"#
        )
        .1["steps"],
        1
    );
    let event = r#"{"api_key":"phc_a","event":"e","distinct_id":"u"}"#;
    assert_eq!(ask(url, "POST", "/e/", event).0, 429);
    assert_eq!(ask(url, "POST", "/e/", event).0, 200);
    assert_eq!(
        ask(
            url,
            "POST",
            "/e/",
            r#"{"api_key":"phc_over","event":"e","distinct_id":"u"}"#
        )
        .0,
        200
    );
    assert_eq!(ask(url, "GET", "/_receiver/stored", "").1[0]["data"]["event"], "e");
    assert_eq!(ask(url, "GET", "/_receiver/requests", "").1[1]["text"], event);
    let waited = ask(
        &line["control_url"],
        "GET",
        "/_receiver/wait?requests=3&within_ms=1000&open_connections=0",
        "",
    )
    .1;
    assert_eq!(waited["reached"], true);
    let stats = json!({"connections": 3, "open_connections": 0, "requests": 3, "stored": 1, "script_left": 0});
    stats
        .as_object()
        .unwrap()
        .iter()
        .for_each(|(name, count)| assert_eq!(&waited["stats"][name], count, "{name}"));
    assert_eq!(ask(url, "POST", "/_receiver/script", r#"[{"stauts":1}]"#).0, 400);
    assert_eq!(ask(url, "POST", "/_receiver/script", r#"{"body_base64":"?"}"#).0, 400);
    assert_eq!(ask(url, "POST", "/_receiver/reset", "").0, 200);
    assert_eq!(ask(url, "GET", "/_receiver/stored", "").1, json!([]));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_program_stops_when_asked() {
    let (mut child, line) = start(&["--tls", "trusted", "--client-certificate"]);
    assert!(line["url"].as_str().unwrap().starts_with("https://localhost:"));
    assert!(
        line["certificate_authority_pem"]
            .as_str()
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    for key in ["client_key_pem", "server_key_pem"] {
        assert!(line[key].as_str().unwrap().contains("BEGIN PRIVATE KEY"), "{key}");
    }
    assert_eq!(ask(&line["control_url"], "POST", "/_receiver/stop", "").0, 200);
    assert!(child.wait().unwrap().success());
}

#[test]
fn an_unknown_flag_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_hogwire-receiver"))
        .arg("--max-boddy-bytes")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("unknown field `max_boddy_bytes`")
    );
}
