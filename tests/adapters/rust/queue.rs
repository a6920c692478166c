//! `do: queue`: the steps of a line through one queue, and what its hooks were told meanwhile.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hogwire::{Config, Queue, QueueOptions};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{Line, Misuse};

/// How long a `wait` may take, and how long the hooks.
const WAIT: Duration = Duration::from_secs(10);
const HOOKS: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step<'a> {
    #[serde(borrow)]
    Push(Push<'a>),
    Flush(u64),
    Close(u64),
    Wait(Map<String, Value>),
    OptOut(IgnoredAny),
    OptIn(IgnoredAny),
}

#[derive(Deserialize)]
pub(super) struct Push<'a> {
    operation: String,
    #[serde(borrow)]
    input: &'a RawValue,
}

/// What a hook was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Value>>>);

impl Told {
    fn note(&self, value: Value, raising: bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(value);
        assert!(!raising, "the hook raised");
    }

    fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

pub(super) fn run(line: &Line<'_>, config: Config) -> Result<Value, Misuse> {
    let client = super::client(line, config)?;
    let (drops, errors, delivered) = (Told::default(), Told::default(), Told::default());
    let raising = line.raising;
    let mut options = QueueOptions::from_json(line.options.map_or("{}", RawValue::get))?;
    options = {
        let (drops, errors, delivered) = (drops.clone(), errors.clone(), delivered.clone());
        options
            .on_drop(move |dropped| drops.note(json!(dropped), raising))
            .on_error(move |outcome| errors.note(json!(outcome), raising))
            .on_delivered(move |uuids, delivery| {
                let uuids: Vec<_> = uuids.iter().map(ToString::to_string).collect();
                delivered.note(json!({"Uuids": uuids, "Delivery": delivery}), raising);
            })
    };
    let queue = client.queue(options)?;
    let steps = line
        .steps
        .iter()
        .map(|step| entry(&queue, step))
        .collect::<Result<Vec<_>, _>>()?;
    until(HOOKS, || {
        let stats = queue.stats();
        let uuids = delivered
            .all()
            .iter()
            .filter_map(|told| told["Uuids"].as_array().map(Vec::len))
            .sum::<usize>();
        uuids as u64 >= stats.events_delivered_total
            && drops.all().len() as u64 >= stats.events_dropped_total.total()
            && errors.all().len() as u64 >= stats.requests_failed_total
    });
    Ok(json!({
        "steps": steps, "stats": queue.stats(),
        "on_drop": drops.all(), "on_error": errors.all(), "on_delivered": delivered.all(),
    }))
}

fn entry(queue: &Queue, step: &Step<'_>) -> Result<Value, Misuse> {
    Ok(match step {
        Step::Push(push) => json!({"receipt": queue.execute(&push.operation, push.input.get().as_bytes())?}),
        Step::Flush(timeout_ms) => json!({"report": queue.flush(Duration::from_millis(*timeout_ms))}),
        Step::Close(timeout_ms) => json!({"report": queue.close(Duration::from_millis(*timeout_ms))}),
        Step::Wait(least) => json!({"waited": until(WAIT, || {
            let stats = json!(queue.stats());
            least.iter().all(|(key, least)| stats.get(key).and_then(Value::as_u64) >= least.as_u64())
        })}),
        Step::OptOut(_) => {
            queue.client().opt_out();
            json!({"opted": "out"})
        }
        Step::OptIn(_) => {
            queue.client().opt_in();
            json!({"opted": "in"})
        }
    })
}

/// Looks every few milliseconds; whether it came to be so in time.
fn until(patience: Duration, is_so: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while !is_so() {
        if started.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    true
}
