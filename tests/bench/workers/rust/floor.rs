//! The floor of an event: its properties as JSON text by serde_json, and that text as gzip at level 1 in batches of 1,000.

use std::error::Error;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

use crate::arguments::Arguments;
use crate::measure::thread_cpu_ns;
use crate::payload::Payload;

const BATCH: usize = 1_000;

pub(crate) fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let payload = Payload::read(arguments.text("payload"));
    let count = arguments.number("count", 0);
    let (mut made, mut written, mut compressed) = (0, 0, 0);
    let mut batch: Vec<u8> = Vec::new();
    for first in (0..count).step_by(BATCH) {
        let start = thread_cpu_ns();
        let events: Vec<Map<String, Value>> = (first..count.min(first + BATCH))
            .map(|number| properties(&payload, number))
            .collect();
        made += thread_cpu_ns() - start;

        batch.clear();
        let start = thread_cpu_ns();
        for event in &events {
            serde_json::to_writer(&mut batch, event)?;
        }
        written += thread_cpu_ns() - start;

        let start = thread_cpu_ns();
        let mut encoder = GzEncoder::new(Vec::with_capacity(batch.len()), Compression::new(1));
        encoder.write_all(&batch)?;
        std::hint::black_box(encoder.finish()?);
        compressed += thread_cpu_ns() - start;
    }
    Ok(format!(
        r#"{{"made_ns":{made},"json_ns":{written},"gzip_ns":{compressed},"cpu_ns":{}}}"#,
        made + written + compressed
    ))
}

fn properties(payload: &Payload, number: usize) -> Map<String, Value> {
    let mut properties = Map::new();
    payload.each(number, |key, value| {
        properties.insert(key.to_owned(), value.clone());
    });
    properties
}
