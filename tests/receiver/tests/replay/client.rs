//! Sends a recorded request as it was sent and reads the answer. It writes bytes by hand, so that nothing is added or corrected on the way.

use crate::recording::Request;
use hogwire_receiver::Receiver;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

pub(crate) fn exchange(receiver: &Receiver, request: &Request, body: &[u8]) -> Answer {
    let address = receiver.url().replace("http://", "");
    let mut socket = TcpStream::connect(address).unwrap();
    let mut head = format!(
        "{} {} HTTP/1.1\r\nhost: receiver\r\nconnection: close\r\n",
        request.method, request.path
    );
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut upload = socket.try_clone().unwrap();
    let bytes = [head.as_bytes(), body].concat();
    // A thread of its own, because the answer may come while the body is still on its way.
    let sender = std::thread::spawn(move || {
        let _ = upload.write_all(&bytes);
    });
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    sender.join().unwrap();
    parse(&answer)
}

fn parse(answer: &[u8]) -> Answer {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(answer).unwrap() else {
        panic!("no whole answer")
    };
    let content_type = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-type"));
    Answer {
        status: response.code.unwrap(),
        content_type: content_type.map(|header| String::from_utf8(header.value.to_vec()).unwrap()),
        body: String::from_utf8(answer[length..].to_vec()).unwrap(),
    }
}
