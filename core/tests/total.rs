//! Whatever comes in, something sensible comes out: random and damaged inputs and answers never panic, and what is sent is what was given.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use hogwire::{Config, CreateEvent, Failure, Input, Operation, Response, TransportError, build, interpret};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use serde_json::{Map, Number, Value, json};

const NOW: i64 = 1_795_420_800_000;

struct Random(Pcg64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'p, T>(&mut self, options: &'p [T]) -> &'p T {
        &options[self.below(options.len())]
    }

    fn text(&mut self) -> String {
        let pieces = [
            "a", "plan", "\"", "\\", "\u{0}", "\n", "é", "請", "😀", "$", " ", "\u{2028}", "{", "[", ",", ":",
        ];
        (0..self.below(6)).map(|_| *self.pick(&pieces)).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth > 4 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Number(self.number()),
            3 | 4 => Value::String(self.text()),
            5 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => Value::Object(self.object(depth + 1)),
        }
    }

    fn number(&mut self) -> Number {
        match self.below(4) {
            0 => Number::from(self.0.next_u64()),
            1 => Number::from(self.0.next_u64().cast_signed()),
            2 => Number::from_f64(f64::from_bits(self.0.next_u64())).unwrap_or_else(|| Number::from(0)),
            _ => Number::from(self.below(100)),
        }
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(6)).map(|_| (self.text(), self.value(depth))).collect()
    }

    /// The bytes with a few of them changed, left out or repeated.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        for _ in 0..=self.below(3) {
            if damaged.is_empty() {
                break;
            }
            let at = self.below(damaged.len());
            match self.below(3) {
                0 => damaged[at] = self.0.next_u64().to_le_bytes()[0],
                1 => drop(damaged.remove(at)),
                _ => damaged.insert(at, *self.pick(b"{}[]\",:\\u0019e.-\xff")),
            }
        }
        damaged
    }
}

#[test]
fn properties_arrive_as_they_were_given() {
    let config = Config::builder("phc_x")
        .nested_properties(true)
        .geoip_disable(false)
        .is_server(false)
        .build()
        .unwrap();
    let mut random = Random(Pcg64::seed_from_u64(1));
    for round in 0..5_000 {
        let mut properties = random.object(0);
        properties.remove("timestamp");
        let input = json!({ "DistinctId": "user-1", "EventName": "e", "Properties": properties });
        // Pretty text on every other round: white space between tokens must not matter.
        let text = if round % 2 == 0 {
            input.to_string()
        } else {
            serde_json::to_string_pretty(&input).unwrap()
        };
        let request = build(
            Input::from_json(Operation::Event, text.as_bytes()),
            &config,
            NOW,
            round,
            1,
        )
        .unwrap();
        let mut sent: Value = serde_json::from_slice(&request.body).unwrap();
        let sent = sent["batch"][0]["properties"].as_object_mut().unwrap();
        sent.remove("$lib");
        sent.remove("$lib_version");
        assert_eq!(*sent, properties, "{text}");
    }
}

#[test]
fn an_event_may_have_a_million_bytes_and_no_more() {
    let config = Config::builder("phc_x").build().unwrap();
    let padded = |bytes: usize| {
        let event = CreateEvent::new("user-1", "e").property("pad", "x".repeat(bytes));
        build(event, &config, NOW, 1, 1)
    };
    let counted = |bytes: usize| {
        let message = padded(bytes).unwrap_err().error_message;
        let count = message.split_whitespace().find_map(|word| word.parse::<usize>().ok());
        count.unwrap()
    };
    let most = 1_000_000 - (counted(1_000_000) - 1_000_000);
    assert!(padded(most).is_ok());
    assert_eq!(counted(most + 1), 1_000_001);
}

#[test]
fn damaged_inputs_are_answered() {
    let mut random = Random(Pcg64::seed_from_u64(2));
    let config = Config::builder("phc_x").build().unwrap();
    let everything = json!({
        "DistinctId": "user-1", "EventName": "e\u{1F600}", "PageUrl": "https://u:p@example.com:8080/a?utm_source=x&gclid=1#f",
        "Referrer": "https://ref.example/", "Timestamp": "2026-11-23T08:00:00.5+01:00", "Alias": 7, "ScreenViewName": "s",
        "Uuid": "0190a0d8-6b2e-7c3a-9d0e-1f2a3b4c5d6e", "Groups": { "company": "acme" }, "PropertiesUnset": ["a", "b"],
        "Properties": { "n": 1.5e3, "$deep": { "a": [1, { "b": null }] }, "timestamp": 1_795_420_800_000_i64, "s": "half" },
    });
    let mut built = 0;
    for round in 0..20_000 {
        let operation = *random.pick(Operation::ALL);
        let mut input = everything.as_object().unwrap().clone();
        input.retain(|name, _| {
            operation
                .parameters()
                .iter()
                .any(|parameter| parameter.as_str() == name)
        });
        let text = Value::Object(input).to_string().replace("half", "\\ud800");
        let damaged = random.damage(text.as_bytes());
        match build(Input::from_json(operation, &damaged), &config, NOW, round, 1) {
            Ok(request) => {
                built += 1;
                assert!(serde_json::from_slice::<Value>(&request.body).is_ok());
            }
            Err(outcome) => {
                assert_eq!(outcome.status_code, -1);
                assert!(!outcome.findings.is_empty() && !outcome.error_message.is_empty());
            }
        }
    }
    assert!(
        (100..19_900).contains(&built),
        "{built} of 20,000 were sent: the damage is too heavy or too light"
    );
}

#[test]
fn every_answer_is_an_outcome() {
    let config = Config::builder("phc_x").build().unwrap();
    let request = build(CreateEvent::new("user-1", "e"), &config, NOW, 1, 1).unwrap();
    let mut random = Random(Pcg64::seed_from_u64(3));
    let bodies = [
        &b"{\"status\":\"Ok\"}"[..],
        b"{\"status\":1,\"quota_limited\":[\"events\"]}",
        b"text",
        b"[1]",
        b"",
        b"\xff\xfe",
    ];
    for status in (0..=u16::MAX).step_by(7).chain(0..1_000) {
        let body = *random.pick(&bodies);
        let response = Response::new(status, random.damage(body)).with_header("Retry-After", random.text());
        let outcome = interpret(&request, &Ok(response), NOW);
        assert_eq!(
            outcome.error_message.is_empty(),
            outcome.status_code == 200,
            "{outcome:?}"
        );
        assert!(serde_json::from_str::<Value>(&outcome.to_json()).is_ok());
    }
    for failure in Failure::ALL {
        // A transport of the caller's own may say nothing.
        for error in [
            TransportError::new(*failure),
            TransportError::new(*failure).with_message(" "),
        ] {
            let outcome = interpret(&request, &Err(error), NOW);
            assert!(!outcome.is_ok() && !outcome.error_message.is_empty());
        }
    }
}
