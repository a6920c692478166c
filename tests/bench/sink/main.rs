//! The sink: takes events as PostHog does and says yes, as fast as it can, so that what is measured is the client.
//!
//! ```text
//! hogwire-bench-sink        prints the port it listens on, on loopback
//! ```
//!
//! Bodies are kept as they came and decoded when the report is asked for, after the run: decompressing and reading JSON would take
//! the processor from the client. Only protocol v1 has to be read at once, because its answer names each event.
//!
//! * `POST /control/reset?delay_ms=50` forgets everything, and delays every later answer.
//! * `GET /control/report` says what came, as JSON.
//! * `GET /control/last-request` gives the last request, head and body, byte by byte.
#![allow(clippy::print_stdout, reason = "a program whose caller reads its output")]

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

mod body;
mod connection;
mod ledger;

use ledger::Ledger;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?.port());
    let ledger = Arc::new(Ledger::default());
    for stream in listener.incoming() {
        let stream = stream?;
        let ledger = Arc::clone(&ledger);
        std::thread::spawn(move || {
            // A client that goes away ends its connection; there is nobody to tell.
            let _ = connection::serve(stream, &ledger);
        });
    }
    Ok(())
}
