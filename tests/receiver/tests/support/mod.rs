//! A client that writes bytes by hand, so that a test sees exactly what the receiver did.
#![allow(dead_code, reason = "each test file uses its part of it")]

use hogwire_receiver::Receiver;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// A valid event for `/batch/`.
pub(crate) const EVENT: &str = r#"{"api_key":"phc_a","batch":[{"event":"e","distinct_id":"u"}]}"#;

/// Opens a connection to the receiver.
pub(crate) fn connect(receiver: &Receiver) -> TcpStream {
    let url = receiver.url();
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    TcpStream::connect(address).unwrap()
}

/// Writes a POST with that body.
pub(crate) fn post(socket: &mut TcpStream, path: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        socket,
        "POST {path} HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\n\r\n{body}"
    );
}

/// Reads until the connection ends, in whatever way.
pub(crate) fn rest(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

/// Reads one answer of a connection that stays open.
pub(crate) fn answer(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut byte = [0; 1];
    while !text.ends_with("\r\n\r\n") && socket.read_exact(&mut byte).is_ok() {
        text.push(char::from(byte[0]));
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    socket.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

/// Posts one event on a new connection and reads all that comes back.
pub(crate) fn once(receiver: &Receiver) -> String {
    let mut socket = connect(receiver);
    post(&mut socket, "/batch/", EVENT);
    let _ = socket.shutdown(std::net::Shutdown::Write);
    rest(&mut socket)
}
