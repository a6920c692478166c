//! Putting an answer onto the wire as a step wants it: whole, cut, dripped, endless or raw. It knows nothing of requests.

use crate::http::{Answer, Wire};
use crate::script::{Cut, Step};
use crate::store::Store;
use std::io::{self, Write};

/// Piece size of an endless body without pauses: large enough to hit a client's limit on answers quickly.
const ENDLESS_PIECE: usize = 16 * 1024;

/// Whether the connection may serve another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
    /// Close without a farewell: under TLS, nothing tells the client that this was the end.
    Break,
}

/// Sends an answer (or the raw bytes of the step in its place).
pub(crate) fn deliver(wire: &mut Wire, store: &Store, step: &Step, answer: &Answer) -> io::Result<After> {
    if let Some(raw) = step.raw_bytes() {
        drip(wire, store, step, &raw)?;
        if step.endless {
            repeat(wire, store, step, &raw)?;
        }
        return Ok(After::Close);
    }
    let head = answer.head(!step.endless);
    match step.cut {
        Some(Cut::InHeaders) => {
            write(wire, half(&head))?;
            return Ok(After::Break);
        }
        Some(Cut::InBody) => {
            write(wire, &[&head, half(&answer.body)].concat())?;
            return Ok(After::Break);
        }
        _ => {}
    }
    if step.endless {
        write(wire, &head)?;
        repeat(wire, store, step, &answer.body)?;
        return Ok(After::Close);
    }
    if step.drip_ms > 0 {
        write(wire, &head)?;
        drip(wire, store, step, &answer.body)?;
    } else {
        write(wire, &[head, answer.body.clone()].concat())?;
    }
    Ok(After::Keep)
}

/// Writes byte by byte with pauses, or at once when no pauses are asked for.
fn drip(wire: &mut Wire, store: &Store, step: &Step, bytes: &[u8]) -> io::Result<()> {
    if step.drip_ms == 0 {
        return write(wire, bytes);
    }
    for piece in bytes.chunks(1) {
        if store.is_stopping() {
            break;
        }
        write(wire, piece)?;
        store.pause(step.drip_ms);
    }
    Ok(())
}

/// Writes the same bytes again and again, until the client leaves or the receiver stops.
fn repeat(wire: &mut Wire, store: &Store, step: &Step, bytes: &[u8]) -> io::Result<()> {
    let bytes = if bytes.is_empty() { b" " } else { bytes };
    let size = if step.drip_ms == 0 { ENDLESS_PIECE } else { 1 };
    let piece: Vec<u8> = bytes.iter().copied().cycle().take(size).collect();
    while !store.is_stopping() {
        write(wire, &piece)?;
        if step.drip_ms > 0 {
            store.pause(step.drip_ms);
        }
    }
    Ok(())
}

fn write(wire: &mut Wire, bytes: &[u8]) -> io::Result<()> {
    wire.write_all(bytes)?;
    wire.flush()
}

fn half(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() / 2).unwrap_or_default()
}
