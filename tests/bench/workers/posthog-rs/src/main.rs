//! The worker for posthog-rs: does the run its arguments describe, prints one line of figures.

use std::time::Instant;

use posthog_rs::{CaptureCompression, Client, ClientOptions, ClientOptionsBuilder, Event};

#[path = "../../rust/arguments.rs"]
mod arguments;
#[path = "../../rust/measure.rs"]
mod measure;
#[path = "../../rust/payload.rs"]
mod payload;

use arguments::Arguments;
use measure::{Times, memory_kb, process_cpu_ns, reset_peak, thread_cpu_ns};
use payload::Payload;

#[cfg(feature = "asynchronous")]
fn wait<F: Future>(future: F) -> F::Output {
    use std::sync::LazyLock;
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    });
    RUNTIME.block_on(future)
}

/// The blocking client's calls are done when they return.
#[cfg(not(feature = "asynchronous"))]
fn wait<T>(done: T) -> T {
    done
}

fn options(arguments: &Arguments) -> ClientOptions {
    let mut builder = ClientOptionsBuilder::default();
    builder
        .api_key("phc_hogwire_benchmark".to_owned())
        .host(arguments.text("host"))
        .disable_geoip(true);
    let events = arguments.number("queue_events", 0);
    if events > 0 {
        let batch = arguments.number("batch_events", 1_000);
        builder.max_queue_size(events).max_batch_size(batch).flush_at(batch);
    }
    if arguments.text("compression") == "gzip" {
        builder.capture_compression(CaptureCompression::Gzip);
    }
    builder.build().expect("valid options")
}

fn client(arguments: &Arguments) -> Client {
    wait(posthog_rs::client(options(arguments)))
}

fn event(payload: &Payload, number: usize) -> Event {
    let mut event = Event::new("benchmark event", "user-12345");
    payload.each(number, |key, value| {
        event.insert_prop(key, value).expect("a property");
    });
    event
}

fn push(client: &Client, payload: &Payload, numbers: std::ops::Range<usize>, timed: bool) -> (u64, Times) {
    let mut times = Times::with_room_for(if timed { numbers.len() } else { 0 });
    let cpu = thread_cpu_ns();
    for number in numbers {
        let event = event(payload, number);
        let start = timed.then(Instant::now);
        client.capture(event);
        if let Some(start) = start {
            times.since(start);
        }
    }
    (thread_cpu_ns() - cpu, times)
}

fn queued(arguments: &Arguments) -> String {
    let payload = Payload::read(arguments.text("payload"));
    let (count, threads) = (arguments.number("count", 0), arguments.number("threads", 1));
    let timed = arguments.number("timed", 0) == 1;
    let client = client(arguments);
    reset_peak();
    let idle_kb = memory_kb("VmRSS");
    let (cpu, start) = (process_cpu_ns(), Instant::now());
    let (mut caller_ns, mut times) = (0, Times::default());
    if threads == 1 {
        (caller_ns, times) = push(&client, &payload, 0..count, timed);
    } else {
        std::thread::scope(|scope| {
            let share = count / threads;
            let started: Vec<_> = (0..threads)
                .map(|thread| {
                    let (client, payload) = (&client, &payload);
                    scope.spawn(move || push(client, payload, thread * share..(thread + 1) * share, timed))
                })
                .collect();
            for thread in started {
                let (cpu_ns, others) = thread.join().expect("a pushing thread");
                caller_ns += cpu_ns;
                times.extend(others);
            }
        });
    }
    let pushed = start.elapsed();
    let held = arguments.text("mode") == "held";
    if !held {
        wait(client.shutdown());
    }
    let (wall, cpu) = (start.elapsed(), process_cpu_ns() - cpu);
    let figures = format!(
        r#"{{"caller_ns":{caller_ns},"pushed_wall_ns":{},"cpu_ns":{cpu},"wall_ns":{},"idle_kb":{idle_kb},"peak_kb":{}{}}}"#,
        pushed.as_nanos(),
        wall.as_nanos(),
        memory_kb("VmHWM"),
        times.json(),
    );
    if held {
        // Without shutting down: what is held has nowhere to go.
        std::mem::forget(client);
    }
    figures
}

fn direct(arguments: &Arguments) -> String {
    let payload = Payload::read(arguments.text("payload"));
    let client = client(arguments);
    let (warm_up, count) = (arguments.number("warm_up", 50), arguments.number("count", 0));
    let (mut times, mut cpu, mut failed) = (Times::default(), 0, 0);
    for number in 0..warm_up + count {
        if number == warm_up {
            times = Times::with_room_for(count);
            cpu = process_cpu_ns();
        }
        let event = event(&payload, number);
        let start = Instant::now();
        let summary = wait(client.capture_immediate(event));
        times.since(start);
        failed += usize::from(summary.is_err());
    }
    let cpu = process_cpu_ns() - cpu;
    format!(r#"{{"cpu_ns":{cpu},"failed":{failed}{}}}"#, times.json())
}

fn main() {
    let arguments = Arguments::read();
    let figures = match arguments.text("mode") {
        "queued" | "held" => queued(&arguments),
        "direct" => direct(&arguments),
        "start" => {
            let _client = client(&arguments);
            "{}".to_owned()
        }
        _ => "{}".to_owned(),
    };
    println!("{figures}");
    if arguments.text("mode") == "held" {
        std::process::exit(0);
    }
}
