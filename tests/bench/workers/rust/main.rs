//! The worker for hogwire in Rust, and for the floors in Rust: does the run its arguments describe, prints one line of figures.
#![allow(clippy::print_stdout, reason = "a program whose caller reads its output")]

use std::error::Error;
use std::time::{Duration, Instant};

use hogwire::{Client, Compression, Config, CreateEvent, Properties, ProtocolChoice, Queue, QueueOptions};

mod arguments;
mod floor;
mod measure;
mod payload;
mod socket;

use arguments::Arguments;
use measure::{Times, memory_kb, process_cpu_ns, reset_peak, thread_cpu_ns};
use payload::Payload;

type Done = Result<String, Box<dyn Error>>;

/// No run takes as long.
const LONGEST: Duration = Duration::from_secs(300);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read();
    let figures = match arguments.text("mode") {
        "queued" | "held" => queued(&arguments)?,
        "direct" => direct(&arguments)?,
        "socket" => bare_socket(&arguments)?,
        "floor" => floor::run(&arguments)?,
        "start" => client(&arguments).map(|_| "{}".to_owned())?,
        _ => "{}".to_owned(),
    };
    println!("{figures}");
    if arguments.text("mode") == "held" {
        std::process::exit(0);
    }
    Ok(())
}

fn client(arguments: &Arguments) -> Result<Client, Box<dyn Error>> {
    let mut config = Config::builder("phc_hogwire_benchmark")
        .host(arguments.text("host"))
        .nested_properties(true);
    if arguments.text("protocol") == "v1" {
        config = config.protocol(ProtocolChoice::V1);
    }
    Ok(Client::new(config.build()?)?)
}

fn queue(arguments: &Arguments) -> Result<Queue, Box<dyn Error>> {
    let mut options = QueueOptions::default();
    match arguments.text("compression") {
        "none" => options = options.compression(Compression::None),
        "gzip" => options = options.compression(Compression::Gzip),
        _ => {}
    }
    match arguments.number("queue_events", 0) {
        0 => {}
        events => options = options.max_queue_events(events).max_queue_bytes(16 << 30),
    }
    Ok(client(arguments)?.queue(options)?)
}

fn event<'a>(payload: &Payload, number: usize) -> CreateEvent<'a> {
    let mut properties = Properties::new();
    payload.each(number, |key, value| properties.insert(key, value));
    CreateEvent::new("user-12345", "benchmark event").properties(properties)
}

/// What one pushing thread did.
#[derive(Default)]
struct Pushes {
    cpu_ns: u64,
    refused: usize,
    times: Times,
}

fn push(queue: &Queue, payload: &Payload, numbers: std::ops::Range<usize>, timed: bool) -> Pushes {
    let mut times = Times::with_room_for(if timed { numbers.len() } else { 0 });
    let mut refused = 0;
    let cpu = thread_cpu_ns();
    for number in numbers {
        let event = event(payload, number);
        let start = timed.then(Instant::now);
        refused += usize::from(!queue.push(event).queued);
        if let Some(start) = start {
            times.since(start);
        }
    }
    Pushes {
        cpu_ns: thread_cpu_ns() - cpu,
        refused,
        times,
    }
}

fn queued(arguments: &Arguments) -> Done {
    let payload = Payload::read(arguments.text("payload"));
    let (count, threads) = (arguments.number("count", 0), arguments.number("threads", 1));
    let timed = arguments.number("timed", 0) == 1;
    let queue = queue(arguments)?;
    // The same so many times before, each with a flush at its end.
    for _ in 0..arguments.number("before", 0) {
        push(&queue, &payload, 0..count, false);
        queue.flush(LONGEST);
    }
    reset_peak();
    let idle_kb = memory_kb("VmRSS");
    let (cpu, start) = (process_cpu_ns(), Instant::now());
    let mut pushes = Pushes::default();
    if threads == 1 {
        pushes = push(&queue, &payload, 0..count, timed);
    } else {
        std::thread::scope(|scope| {
            let share = count / threads;
            let started: Vec<_> = (0..threads)
                .map(|thread| {
                    let (queue, payload) = (&queue, &payload);
                    scope.spawn(move || push(queue, payload, thread * share..(thread + 1) * share, timed))
                })
                .collect();
            for thread in started {
                let done = thread.join().unwrap_or_default();
                pushes.cpu_ns += done.cpu_ns;
                pushes.refused += done.refused;
                pushes.times.extend(done.times);
            }
        });
    }
    let pushed = start.elapsed();
    let held = arguments.text("mode") == "held";
    if !held {
        queue.close(LONGEST);
    }
    let (wall, cpu) = (start.elapsed(), process_cpu_ns() - cpu);
    let figures = format!(
        r#"{{"caller_ns":{},"pushed_wall_ns":{},"cpu_ns":{cpu},"wall_ns":{},"refused":{},"idle_kb":{idle_kb},"peak_kb":{}{}}}"#,
        pushes.cpu_ns,
        pushed.as_nanos(),
        wall.as_nanos(),
        pushes.refused,
        memory_kb("VmHWM"),
        pushes.times.json(),
    );
    if held {
        // Without closing: what is held has nowhere to go.
        std::mem::forget(queue);
    }
    Ok(figures)
}

fn direct(arguments: &Arguments) -> Done {
    let payload = Payload::read(arguments.text("payload"));
    let client = client(arguments)?;
    let (warm_up, count) = (arguments.number("warm_up", 50), arguments.number("count", 0));
    let (mut times, mut cpu, mut failed) = (Times::default(), 0, 0);
    for number in 0..warm_up + count {
        if number == warm_up {
            times = Times::with_room_for(count);
            cpu = process_cpu_ns();
        }
        let event = event(&payload, number);
        let start = Instant::now();
        let outcome = client.send(event);
        times.since(start);
        failed += usize::from(!outcome.is_ok());
    }
    let cpu = process_cpu_ns() - cpu;
    Ok(format!(r#"{{"cpu_ns":{cpu},"failed":{failed}{}}}"#, times.json()))
}

fn bare_socket(arguments: &Arguments) -> Done {
    let request = std::fs::read(arguments.text("request"))?;
    let address = arguments.text("host").trim_start_matches("http://");
    let (times, cpu) = socket::run(
        address,
        &request,
        arguments.number("warm_up", 50),
        arguments.number("count", 0),
    )?;
    Ok(format!(r#"{{"cpu_ns":{cpu}{}}}"#, times.json()))
}
