//! One connection: reads HTTP/1.1 requests and answers each, until the client goes away.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::body::{Body, uuids};
use crate::ledger::Ledger;

/// Answers of protocol v1 have to name each event.
const V1_PATH: &str = "/i/v1/analytics/events";

struct Head {
    bytes: Vec<u8>,
    path: String,
    length: usize,
    chunked: bool,
    gzip: bool,
}

pub(crate) fn serve(stream: TcpStream, ledger: &Ledger) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut output = stream.try_clone()?;
    let mut input = BufReader::with_capacity(64 << 10, stream);
    let mut is_first = true;
    while let Some(head) = read_head(&mut input)? {
        let bytes = read_body(&mut input, &head)?;
        let answer = match head.path.as_str() {
            "/control/report" => ledger.report().into_bytes(),
            "/control/last-request" => ledger.last_request(),
            path if path.starts_with("/control/reset") => {
                ledger.reset(delay_of(path));
                b"{}".to_vec()
            }
            path => {
                let body = Body { bytes, gzip: head.gzip };
                let answer = answer_to(path, &body)?;
                let delay = ledger.add(&head.bytes, body, is_first);
                is_first = false;
                if !delay.is_zero() {
                    std::thread::sleep(delay);
                }
                answer
            }
        };
        let mut response = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        )
        .into_bytes();
        response.extend_from_slice(&answer);
        output.write_all(&response)?;
    }
    Ok(())
}

fn delay_of(path: &str) -> Duration {
    let milliseconds = path.split_once("delay_ms=").and_then(|(_, number)| number.parse().ok());
    Duration::from_millis(milliseconds.unwrap_or(0))
}

fn answer_to(path: &str, body: &Body) -> io::Result<Vec<u8>> {
    if path != V1_PATH {
        return Ok(br#"{"status":1}"#.to_vec());
    }
    let mut answer = String::from(r#"{"results":{"#);
    for (number, uuid) in uuids(&body.decoded()?)?.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        // Writing to a string does not fail.
        let _ = write!(answer, r#"{comma}"{uuid}":{{"result":"ok"}}"#);
    }
    answer.push_str("}}");
    Ok(answer.into_bytes())
}

/// `None` when the client is done.
fn read_head(input: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut bytes = Vec::with_capacity(512);
    while !bytes.ends_with(b"\r\n\r\n") {
        if input.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    request.parse(&bytes).map_err(io::Error::other)?;
    let path = request.path.unwrap_or_default().to_owned();
    let (mut length, mut chunked, mut gzip) = (0, false, path.contains("compression=gzip"));
    for header in request.headers.iter() {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        if header.name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(io::Error::other)?;
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.eq_ignore_ascii_case("chunked");
        } else if header.name.eq_ignore_ascii_case("content-encoding") {
            gzip = value.eq_ignore_ascii_case("gzip");
        }
    }
    Ok(Some(Head {
        bytes,
        path,
        length,
        chunked,
        gzip,
    }))
}

fn read_body(input: &mut impl BufRead, head: &Head) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(head.length);
    if !head.chunked {
        input.by_ref().take(head.length as u64).read_to_end(&mut body)?;
        return Ok(body);
    }
    let mut line = String::new();
    loop {
        line.clear();
        input.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        input.by_ref().take(size).read_to_end(&mut body)?;
        input.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
