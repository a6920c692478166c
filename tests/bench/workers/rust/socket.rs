//! The floor of a direct call: the same bytes, written to a bare socket, and the answer read.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::measure::Times;

/// Sends `request` again and again; `warm_up` calls are not counted. Gives the processor time too.
pub(crate) fn run(address: &str, request: &[u8], warm_up: usize, count: usize) -> io::Result<(Times, u64)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let mut times = Times::with_room_for(count);
    let mut cpu = 0;
    for number in 0..warm_up + count {
        if number == warm_up {
            times = Times::with_room_for(count);
            cpu = crate::measure::process_cpu_ns();
        }
        let start = Instant::now();
        stream.write_all(request)?;
        read_answer(&mut stream, &mut buffer)?;
        times.since(start);
    }
    Ok((times, crate::measure::process_cpu_ns() - cpu))
}

fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<()> {
    let mut answer = Vec::with_capacity(256);
    loop {
        let read = stream.read(buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(buffer.get(..read).unwrap_or_default());
        // The sink's answers end with the JSON object they consist of.
        if answer.windows(4).any(|bytes| bytes == b"\r\n\r\n") && answer.ends_with(b"}") {
            return Ok(());
        }
    }
}
