//! Reading requests: heads through `httparse`, bodies by length or in chunks. Bytes that arrive too early stay in the buffer for the next request.

use super::{Wire, find_header};
use std::io::{self, Read, Write};

/// Enough for any honest client; more is refused as hyper does.
const MAX_HEAD_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
const PIECE: usize = 16 * 1024;

/// A request without its body.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    version: u8,
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum HeadError {
    /// The client left, or was silent for too long.
    Gone,
    /// What arrived is no HTTP; the status to answer with.
    Refused(u16),
}

/// What of a body was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// Longer than allowed; what was read before that became clear.
    TooLong(Vec<u8>),
}

impl Body {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::TooLong(bytes) => bytes,
        }
    }
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    pub(crate) fn wants_close(&self) -> bool {
        let connection = self.header("connection").unwrap_or_default().to_ascii_lowercase();
        connection.contains("close") || (self.version == 0 && !connection.contains("keep-alive"))
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"))
    }

    pub(crate) fn content_length(&self) -> usize {
        self.header("content-length")
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0)
    }
}

/// Reads requests from a connection, one after the other.
pub(crate) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::new() }
    }

    /// Waits for the first bytes of a request; `false` when the client left instead.
    pub(crate) fn wait(&mut self, wire: &mut Wire) -> bool {
        !self.buffer.is_empty() || matches!(self.fill(wire), Ok(read) if read > 0)
    }

    pub(crate) fn head(&mut self, wire: &mut Wire) -> Result<Head, HeadError> {
        loop {
            if let Some((head, length)) = parse_head(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(head);
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(HeadError::Refused(431));
            }
            match self.fill(wire) {
                Ok(read) if read > 0 => {}
                _ => return Err(HeadError::Gone),
            }
        }
    }

    /// Reads the body, but no more than a piece over `limit`.
    pub(crate) fn body(&mut self, wire: &mut Wire, head: &Head, limit: usize) -> io::Result<Body> {
        if head
            .header("expect")
            .is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
        {
            wire.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if head.is_chunked() {
            return self.chunks(wire, limit);
        }
        let length = head.content_length();
        let wanted = length.min(limit.saturating_add(1));
        while self.buffer.len() < wanted {
            self.must_fill(wire)?;
        }
        let rest = self.buffer.split_off(wanted);
        let body = std::mem::replace(&mut self.buffer, rest);
        Ok(if length > limit {
            Body::TooLong(body)
        } else {
            Body::Whole(body)
        })
    }

    /// Reads about half of the body and hands it out unfinished.
    pub(crate) fn half_body(&mut self, wire: &mut Wire, head: &Head) -> Vec<u8> {
        while self.buffer.len() < head.content_length() / 2 {
            if self.must_fill(wire).is_err() {
                break;
            }
        }
        std::mem::take(&mut self.buffer)
    }

    fn chunks(&mut self, wire: &mut Wire, limit: usize) -> io::Result<Body> {
        let mut body = Vec::new();
        loop {
            let size = loop {
                match httparse::parse_chunk_size(&self.buffer) {
                    Ok(httparse::Status::Complete((line, size))) => {
                        self.buffer.drain(..line);
                        break usize::try_from(size).map_err(io::Error::other)?;
                    }
                    Ok(httparse::Status::Partial) => self.must_fill(wire)?,
                    Err(_) => return Err(io::Error::from(io::ErrorKind::InvalidData)),
                }
            };
            if size == 0 {
                while self.line(wire)? > 0 {}
                return Ok(Body::Whole(body));
            }
            let wanted = size.min(limit.saturating_add(1) - body.len());
            while self.buffer.len() < wanted {
                self.must_fill(wire)?;
            }
            body.extend(self.buffer.drain(..wanted));
            if body.len() > limit {
                return Ok(Body::TooLong(body));
            }
            self.line(wire)?;
        }
    }

    /// Drops a line; tells its length without the line break.
    fn line(&mut self, wire: &mut Wire) -> io::Result<usize> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                self.buffer.drain(..end + 2);
                return Ok(end);
            }
            self.must_fill(wire)?;
        }
    }

    fn must_fill(&mut self, wire: &mut Wire) -> io::Result<()> {
        match self.fill(wire)? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            _ => Ok(()),
        }
    }

    fn fill(&mut self, wire: &mut Wire) -> io::Result<usize> {
        let mut piece = [0; PIECE];
        let read = wire.read(&mut piece)?;
        self.buffer.extend(piece.iter().take(read));
        Ok(read)
    }
}

fn parse_head(buffer: &[u8]) -> Result<Option<(Head, usize)>, HeadError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => Ok(Some((head(&request), length))),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(HeadError::Refused(431)),
        Err(_) => Err(HeadError::Refused(400)),
    }
}

fn head(request: &httparse::Request<'_, '_>) -> Head {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        headers: request
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), text(header.value)))
            .collect(),
        version: request.version.unwrap_or(1),
    }
}
