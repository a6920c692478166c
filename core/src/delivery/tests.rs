//! The state machine, rule by rule, in made-up time.

use std::collections::HashSet;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::SeedableRng;

use super::policy::{GATHERING_MS, HOLD_MS};
use super::*;
use crate::event::Event;
use crate::http::{Failure, Request, Response, TransportError};
use crate::operation::Operation;
use crate::protocol::verdict::{Answered, read_batch};
use crate::protocol::{ENVELOPE_BYTES, Seen};

const START: i64 = 1_795_420_800_000;

/// A queue with a hand on its clock.
struct Stage {
    delivery: Delivery,
    rng: Pcg64,
    now: i64,
    pushed: u128,
}

impl Stage {
    fn new(policy: Policy) -> Self {
        Self::speaking(policy, Protocol::V0)
    }

    fn speaking(policy: Policy, protocol: Protocol) -> Self {
        Self {
            delivery: Delivery::new(policy, protocol, Listening::default()),
            rng: Pcg64::seed_from_u64(1),
            now: 0,
            pushed: 0,
        }
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_unix_ms(START + self.now)
    }

    fn push(&mut self) -> Pushed {
        self.pushed += 1;
        let event = Event::example("e", Uuid::from_u128(self.pushed), self.at(), "{}");
        self.delivery.push(event, Some(self.at()))
    }

    fn push_many(&mut self, count: usize) {
        (0..count).for_each(|_| assert!(matches!(self.push(), Pushed::Queued { .. })));
    }

    fn step(&mut self) -> Step {
        self.delivery
            .step(Timestamp::from_unix_ms(START + self.now), &mut self.rng)
    }

    /// The job that is due now.
    fn job(&mut self) -> Job {
        match self.step() {
            Step::Send(job) => job,
            other => panic!("no job but {other:?}"),
        }
    }

    /// How long it waits; `None` for ever.
    fn wait(&mut self) -> Option<i64> {
        match self.step() {
            Step::Wait { until } => Some(until.unix_ms() - START - self.now),
            Step::Idle => None,
            other => panic!("does not wait but {other:?}"),
        }
    }

    fn answer(&mut self, job: &Job, seen: &Seen) {
        let answered = answered(job, seen, self.at());
        let now = self.at();
        self.delivery.complete(job.id, &answered, now, &mut self.rng);
    }
}

/// What is read of the answer to a job.
pub(super) fn answered(job: &Job, seen: &Seen, at: Timestamp) -> Answered {
    let request = Request {
        method: "POST".to_owned(),
        url: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
        operation: Operation::Event,
        protocol: job.protocol,
        event_uuid: job.events[0].uuid,
        timestamp: at,
        attempt: job.attempt,
        warnings: Vec::new(),
    };
    read_batch(&request, seen, at)
}

fn status(status: u16) -> Seen {
    Ok(Response::new(status, r#"{"status":1}"#))
}

fn policy() -> Policy {
    Policy {
        flush_at: 3,
        ..Policy::default()
    }
}

#[test]
fn only_what_changes_something_wakes_a_worker() {
    let mut stage = Stage::new(policy());
    let wakes: Vec<_> = (0..6).map(|_| stage.push() == Pushed::Queued { wake: true }).collect();
    assert_eq!(wakes, [true, false, true, false, false, false]);
    assert_eq!(stage.job().events.len(), 6);
    assert_eq!(stage.wait(), None);
}

#[test]
fn a_burst_gathers_until_it_fills_a_request() {
    let mut stage = Stage::new(Policy {
        max_batch_events: 20,
        ..policy()
    });
    stage.push_many(3);
    let first = stage.job();
    stage.answer(&first, &status(200));
    stage.push_many(3);
    assert_eq!(stage.wait(), Some(GATHERING_MS));
    stage.push_many(16);
    assert_eq!(stage.push(), Pushed::Queued { wake: true }, "it fills a request");
    assert_eq!(stage.job().events.len(), 20);
    stage.push_many(3);
    stage.now = GATHERING_MS;
    assert_eq!(
        stage.wait(),
        Some(5_000 - GATHERING_MS),
        "a request is under way, so three are too few"
    );
    stage.push_many(3);
    assert_eq!(stage.job().events.len(), 6);
}

#[test]
fn a_batch_waits_for_its_oldest_event_to_ripen() {
    let mut stage = Stage::new(policy());
    stage.push_many(1);
    stage.now = 2_000;
    stage.push_many(1);
    assert_eq!(stage.wait(), Some(3_000));
    stage.now = 5_000;
    assert_eq!(stage.job().events.len(), 2);
}

#[test]
fn only_the_first_event_must_come_with_the_time() {
    let mut stage = Stage::new(Policy {
        max_batch_events: 2,
        ..policy()
    });
    assert!(stage.delivery.needs_time());
    stage.push_many(1);
    assert!(!stage.delivery.needs_time());
    stage.now = 4_000;
    for number in 0..2 {
        let event = Event::example("e", Uuid::from_u128(number), stage.at(), "{}");
        assert!(matches!(stage.delivery.push(event, None), Pushed::Queued { .. }));
    }
    stage.job();
    // The third came at 4,000, but counts as having come with the first.
    stage.now = 4_999;
    assert_eq!(stage.wait(), Some(1));
    stage.now = 5_000;
    assert_eq!(stage.job().events.len(), 1);
}

#[test]
fn time_that_runs_backwards_is_no_time() {
    let mut stage = Stage::new(policy());
    stage.push_many(1);
    stage.now = 4_000;
    assert_eq!(stage.wait(), Some(1_000));
    stage.now = -3_600_000;
    assert_eq!(stage.wait(), Some(1_000));
    stage.now += 999;
    assert_eq!(stage.wait(), Some(1));
    stage.now += 1;
    stage.job();
}

#[test]
fn twins_travel_apart_where_the_server_refuses_them_together() {
    for (protocol, expected) in [(Protocol::V0, vec![4]), (Protocol::V1, vec![2, 1, 1])] {
        let mut stage = Stage::speaking(policy(), protocol);
        stage.push_many(2);
        for _ in 0..2 {
            stage.pushed = 1;
            stage.push();
        }
        let mut sizes = Vec::new();
        let mut ids = HashSet::new();
        while sizes.iter().sum::<usize>() < 4 {
            let job = stage.job();
            sizes.push(job.events.len());
            assert!(ids.insert(job.request_id));
            stage.answer(&job, &status(503));
            stage.now += 1_000;
            let again = stage.job();
            assert_eq!(again.events, job.events);
            let verdicts = job
                .events
                .iter()
                .map(|event| format!(r#""{}":{{"result":"ok"}}"#, event.uuid));
            let body = format!(
                r#"{{"status":1,"results":{{{}}}}}"#,
                verdicts.collect::<Vec<_>>().join(",")
            );
            stage.answer(&again, &Ok(Response::new(200, body)));
        }
        assert_eq!((sizes, stage.delivery.pending()), (expected, 0), "{protocol}");
    }
}

#[test]
fn a_batch_that_waits_to_be_sent_again_keeps_no_other_waiting() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let first = stage.job();
    let later = Ok(Response::new(503, "").with_header("Retry-After", "60"));
    stage.answer(&first, &later);
    stage.now += GATHERING_MS;
    stage.push_many(3);
    assert_eq!(stage.job().events.len(), 3);
}

#[test]
fn batches_keep_their_bounds() {
    let mut stage = Stage::new(Policy {
        max_batch_events: 4,
        ..policy()
    });
    stage.push_many(10);
    let sizes: Vec<_> = (0..2).map(|_| stage.job().events.len()).collect();
    assert_eq!((sizes, stage.wait()), (vec![4, 4], Some(GATHERING_MS)));
    stage.now = GATHERING_MS;
    assert_eq!(stage.wait(), Some(5_000 - GATHERING_MS));

    let mut stage = Stage::new(Policy {
        max_batch_bytes: ENVELOPE_BYTES + 500,
        ..policy()
    });
    stage.push_many(10);
    let job = stage.job();
    let bytes: usize = job.events.iter().map(|event| event.len() + 1).sum();
    assert!(job.events.len() > 1 && bytes <= 500 && bytes + job.events[0].len() > 500);
}

#[test]
fn a_retry_keeps_id_and_events_and_raises_the_attempt() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let first = stage.job();
    stage.answer(&first, &status(503));
    let delay = stage.wait().unwrap();
    assert!((200..=400).contains(&delay), "{delay}");
    stage.now += delay;
    let second = stage.job();
    assert_eq!((second.request_id, second.attempt), (first.request_id, 2));
    assert_eq!(second.events, first.events);
}

#[test]
fn a_stale_connection_is_replaced_at_once_and_is_no_failure() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let stale = Err(TransportError::new(Failure::Network).with_stale(true));
    let first = stage.job();
    stage.answer(&first, &stale);
    let second = stage.job();
    assert_eq!((second.request_id, second.attempt), (first.request_id, 2));
    let stats = stage.delivery.stats();
    assert_eq!(
        (
            stats.requests_total,
            stats.events_retried_total,
            stats.requests_failed_total
        ),
        (2, 3, 0)
    );
    // A second one in a row waits as other failures do, and takes a retry.
    stage.answer(&second, &stale);
    stage.now += stage.wait().unwrap();
    let third = stage.job();
    stage.answer(&third, &stale);
    assert_eq!(stage.job().attempt, 4);
    assert_eq!(stage.delivery.report().last_error, "");
}

#[test]
fn a_stale_connection_does_not_end_an_outage() {
    let mut stage = Stage::new(Policy {
        flush_at: 1,
        max_batch_events: 1,
        max_retries: 0,
        ..policy()
    });
    stage.push_many(2);
    let jobs = [stage.job(), stage.job()];
    jobs.iter().for_each(|job| stage.answer(job, &status(503)));
    stage.now += 30_000;
    let probe = stage.job();
    stage.answer(&probe, &Err(TransportError::new(Failure::Network).with_stale(true)));
    assert_eq!(stage.job().request_id, probe.request_id);
    assert!(!matches!(stage.step(), Step::Send(_)), "one at a time is tried");
}

#[test]
fn a_queue_full_of_bytes_goes_out_at_once() {
    for drop_oldest in [false, true] {
        let mut stage = Stage::new(Policy {
            flush_at: 1_000,
            max_queue_bytes: 400,
            drop_oldest,
            ..policy()
        });
        assert_eq!(stage.push(), Pushed::Queued { wake: true });
        let last = std::iter::from_fn(|| Some(stage.push())).find(|pushed| *pushed != Pushed::Queued { wake: false });
        match drop_oldest {
            true => assert_eq!(last, Some(Pushed::Queued { wake: true })),
            false => assert!(matches!(last, Some(Pushed::Full(_)))),
        }
        assert!(stage.job().events.len() > 1);
    }
}

#[test]
fn an_event_without_a_verdict_is_told_of() {
    for (result, said) in [("", "some events only"), (r#","{}":{"result":"brandnew"}"#, "brandnew")] {
        let mut stage = Stage::speaking(policy(), Protocol::V1);
        stage.push_many(2);
        stage.delivery.flush(stage.at());
        let job = stage.job();
        let [first, second] = [0, 1].map(|index: usize| job.events[index].uuid.to_string());
        let body = format!(
            r#"{{"results":{{"{first}":{{"result":"ok"}}{}}}}}"#,
            result.replace("{}", &second)
        );
        stage.answer(&job, &Ok(Response::new(200, body)));
        let report = stage.delivery.report();
        assert_eq!((report.stored, report.accepted), (1, 1));
        assert!(report.last_error.contains(said), "{}", report.last_error);
    }
}

#[test]
fn a_close_that_gives_up_says_why() {
    let mut stage = Stage::new(policy());
    stage.push_many(2);
    stage.delivery.close(stage.at(), Duration::ZERO);
    let report = stage.delivery.report();
    assert_eq!(report.dropped_total, 2);
    assert_eq!(report.last_error, *report.dropped[0].message);
}

#[test]
fn retry_after_wins_and_is_capped() {
    for (asked, waited) in [("3", 3_000), ("0.25", 250), ("3600", 60_000)] {
        let mut stage = Stage::new(policy());
        stage.push_many(3);
        let job = stage.job();
        stage.answer(&job, &Ok(Response::new(429, "").with_header("Retry-After", asked)));
        assert_eq!(stage.wait(), Some(waited), "{asked}");
    }
}

#[test]
fn what_is_worth_a_retry_is_retried_and_the_rest_is_not() {
    for code in [408, 429, 500, 501, 502, 503, 504, 520, 599, 999] {
        let mut stage = Stage::new(policy());
        stage.push_many(3);
        let job = stage.job();
        stage.answer(&job, &status(code));
        assert_eq!(stage.delivery.pending(), 3, "{code}");
    }
    for failure in Failure::ALL {
        let mut stage = Stage::new(policy());
        stage.push_many(3);
        let job = stage.job();
        stage.answer(&job, &Err(TransportError::new(*failure)));
        assert_eq!(stage.delivery.pending(), 3, "{failure}");
    }
    for (code, reason) in [
        (301, DropReason::Rejected),
        (401, DropReason::Unauthorized),
        (402, DropReason::QuotaExceeded),
        (403, DropReason::Unauthorized),
        (404, DropReason::Rejected),
        (415, DropReason::Rejected),
    ] {
        let mut stage = Stage::new(policy());
        stage.push_many(3);
        let job = stage.job();
        stage.answer(&job, &status(code));
        assert_eq!(stage.delivery.stats().events_dropped_total.of(reason), 3, "{code}");
        assert_eq!(stage.wait(), None);
    }
}

#[test]
fn a_batch_out_of_retries_is_held_for_a_flush_or_half_a_minute() {
    let mut stage = Stage::new(Policy {
        max_retries: 0,
        ..policy()
    });
    stage.push_many(3);
    let mark = stage.delivery.flush(stage.at());
    let job = stage.job();
    assert!(!stage.delivery.is_flushed(mark));
    stage.answer(&job, &status(503));
    assert!(stage.delivery.is_flushed(mark));
    assert_eq!(stage.wait(), Some(30_000));

    let mark = stage.delivery.flush(stage.at());
    assert!(!stage.delivery.is_flushed(mark));
    let job = stage.job();
    stage.answer(&job, &status(503));
    stage.now += 30_000;
    let job = stage.job();
    assert_eq!(job.attempt, 3);
    stage.answer(&job, &status(200));
    assert_eq!(stage.delivery.report().delivered, 3);
}

#[test]
fn every_round_of_a_held_batch_has_all_its_retries() {
    let mut stage = Stage::new(Policy {
        max_retries: 2,
        ..policy()
    });
    stage.push_many(3);
    let requests_until_held = |stage: &mut Stage| {
        let mut requests = 0;
        loop {
            match stage.step() {
                Step::Send(job) => {
                    requests += 1;
                    stage.answer(&job, &status(503));
                }
                Step::Wait { until } if until.unix_ms() - START - stage.now < HOLD_MS => {
                    stage.now = until.unix_ms() - START;
                }
                _ => return requests,
            }
        }
    };
    assert_eq!(requests_until_held(&mut stage), 3);
    stage.delivery.flush(stage.at());
    assert_eq!(requests_until_held(&mut stage), 3);
    stage.now += HOLD_MS;
    assert_eq!(requests_until_held(&mut stage), 3);
}

#[test]
fn the_halves_of_a_batch_that_has_had_its_round_keep_no_flush_waiting() {
    let mut stage = Stage::new(Policy {
        flush_at: 2,
        max_batch_events: 2,
        max_retries: 1,
        ..policy()
    });
    stage.push_many(6);
    let (first, second, other) = (stage.job(), stage.job(), stage.job());
    let mark = stage.delivery.flush(stage.at());
    let later = Ok(Response::new(503, "").with_header("Retry-After", "60"));
    stage.answer(&second, &later);
    stage.answer(&first, &status(503));
    stage.now += stage.wait().unwrap();
    let again = stage.job();
    stage.answer(&again, &status(503));
    // The server takes others, so that not one batch alone is tried.
    stage.answer(&other, &status(200));
    stage.now += stage.wait().unwrap();
    let held = stage.job();
    stage.answer(&held, &status(413));
    assert_eq!(stage.job().events.len(), 1);
    assert!(!stage.delivery.is_flushed(mark));
    stage.now = 60_000;
    let last = stage.job();
    assert_eq!(last.request_id, second.request_id);
    stage.answer(&last, &status(200));
    assert!(stage.delivery.is_flushed(mark));
}

#[test]
fn a_batch_counts_against_the_bounds_again_when_all_of_it_is_held() {
    let mut stage = Stage::new(Policy {
        flush_at: 2,
        max_retries: 0,
        max_queue_events: 2,
        ..policy()
    });
    stage.push_many(2);
    let job = stage.job();
    stage.answer(&job, &status(413));
    let first = stage.job();
    stage.answer(&first, &status(503));
    stage.push_many(1);
    let second = stage.job();
    stage.answer(&second, &status(503));
    assert!(!matches!(stage.push(), Pushed::Queued { .. }));
}

#[test]
fn of_the_halves_of_a_batch_the_one_that_was_held_first_is_tried_first() {
    let mut stage = Stage::new(Policy {
        flush_at: 2,
        max_retries: 0,
        ..policy()
    });
    stage.push_many(2);
    let mark = stage.delivery.flush(stage.at());
    let job = stage.job();
    stage.answer(&job, &status(413));
    let first = stage.job();
    stage.answer(&first, &status(503));
    stage.now += 100;
    let second = stage.job();
    assert!(!stage.delivery.is_flushed(mark));
    stage.answer(&second, &status(503));
    assert!(stage.delivery.is_flushed(mark));
    for (half, answer) in [(&first, 503), (&second, 503), (&first, 200), (&second, 200)] {
        stage.now += stage.wait().unwrap();
        let job = stage.job();
        assert_eq!(job.request_id, half.request_id);
        stage.answer(&job, &status(answer));
    }
    assert_eq!(stage.now, 2 * HOLD_MS + 100);
}

#[test]
fn a_flush_does_not_wait_behind_batches_that_are_held() {
    let mut stage = Stage::new(Policy {
        max_retries: 0,
        max_in_flight: 1,
        ..policy()
    });
    stage.push_many(3);
    let job = stage.job();
    stage.push_many(2);
    stage.answer(&job, &status(503));
    let mark = stage.delivery.flush(stage.at());
    // Each has its round, one after the other.
    for events in [3, 2] {
        let job = stage.job();
        assert_eq!(job.events.len(), events);
        assert!(!stage.delivery.is_flushed(mark));
        stage.answer(&job, &status(503));
    }
    assert!(stage.delivery.is_flushed(mark));
    assert_eq!(stage.delivery.pending(), 5);
}

#[test]
fn batches_that_always_fail_keep_no_others_from_going_out() {
    for max_in_flight in [1, 4] {
        for close in [false, true] {
            let mut stage = Stage::new(Policy {
                flush_at: 1,
                max_batch_events: 1,
                max_in_flight,
                ..policy()
            });
            stage.push_many(20);
            let is_bad = |event: &Event| event.uuid.as_u128().is_multiple_of(2);
            if close {
                stage.delivery.close(stage.at(), Duration::from_secs(5));
            }
            let end = stage.now + if close { 5_000 } else { 3_600_000 };
            let mut requests = 0;
            while stage.now < end {
                match stage.step() {
                    Step::Send(job) => {
                        requests += 1;
                        let bad = job.events.iter().any(is_bad);
                        stage.now += 10;
                        stage.answer(&job, &status(if bad { 500 } else { 200 }));
                    }
                    Step::Wait { .. } => stage.now += 10,
                    Step::Idle | Step::Closed => break,
                }
            }
            let stats = stage.delivery.stats();
            assert_eq!(stats.events_delivered_total, 10, "{max_in_flight} {close}");
            // Four for each of ten batches, twice a minute at most.
            assert!(requests < 10 * 4 * 125, "{requests}");
        }
    }
}

#[test]
fn batches_that_take_longer_to_fail_than_they_are_held_keep_no_newer_ones_back() {
    let mut stage = Stage::new(Policy {
        max_batch_events: 3,
        ..policy()
    });
    stage.push_many(6);
    let fails = |job: &Job| job.events[0].uuid.as_u128() <= 6;
    let mut under_way: Vec<(i64, Job)> = Vec::new();
    while stage.delivery.stats().events_delivered_total == 0 {
        assert!(stage.now < 600_000, "{:?}", stage.delivery.stats());
        if stage.now == 80_000 {
            // By now, only one request at a time is made.
            stage.push_many(3);
        }
        while let Step::Send(job) = stage.step() {
            under_way.push((stage.now + if fails(&job) { 10_000 } else { 10 }, job));
        }
        stage.now += 10;
        let now = stage.now;
        for (_, job) in under_way.extract_if(.., |(ends, _)| *ends <= now) {
            stage.answer(&job, &status(if fails(&job) { 503 } else { 200 }));
        }
    }
    assert_eq!(stage.delivery.pending(), 6, "the others are still tried");
}

#[test]
fn a_flush_of_more_batches_than_can_be_tried_while_one_is_held_ends() {
    let mut stage = Stage::new(Policy {
        max_batch_events: 3,
        ..policy()
    });
    let mut tried = HashSet::new();
    let mut fail_until_flushed = |stage: &mut Stage| {
        let mark = stage.delivery.flush(stage.at());
        tried.clear();
        let end = stage.now + 600_000;
        while !stage.delivery.is_flushed(mark) {
            assert!(stage.now < end, "{} tried", tried.len());
            match stage.step() {
                Step::Send(job) => {
                    tried.insert(job.events[0].uuid);
                    stage.answer(&job, &status(503));
                }
                _ => stage.now += 100,
            }
        }
        tried.len()
    };
    for batches in 1..=40 {
        stage.push_many(3);
        assert_eq!(fail_until_flushed(&mut stage), batches, "each once, at least");
    }
}

#[test]
fn an_event_that_is_left_of_its_batch_does_not_keep_the_memory_of_the_others() {
    let mut stage = Stage::speaking(policy(), Protocol::V1);
    stage.push_many(3);
    let job = stage.job();
    let [first, second, third] = [0, 1, 2].map(|index: usize| job.events[index].uuid);
    let answer = format!(
        r#"{{"results":{{"{first}":{{"result":"ok"}},"{second}":{{"result":"retry"}},"{third}":{{"result":"ok"}}}}}}"#
    );
    stage.answer(&job, &Ok(Response::new(200, answer)));
    stage.now += 60_000;
    let again = stage.job();
    assert_eq!(again.events.len(), 1);
    assert_eq!(again.events[0].json(), job.events[1].json());
    assert_ne!(again.events[0].json().as_ptr(), job.events[1].json().as_ptr());
}

#[test]
fn after_an_outage_new_events_go_out_at_once_and_the_bounds_hold_meanwhile() {
    let mut stage = Stage::new(Policy {
        flush_at: 1,
        max_batch_events: 5,
        max_queue_events: 200,
        ..policy()
    });
    let (mut requests, mut refused) = (0, 0);
    for tick in 0..6_000 {
        if tick % 10 == 0 {
            refused += u32::from(matches!(stage.push(), Pushed::Full(_)));
        }
        while let Step::Send(job) = stage.step() {
            requests += 1;
            stage.answer(&job, &status(503));
        }
        let stats = stage.delivery.stats();
        let sending = 4 * 5;
        assert!(
            stats.events_waiting + stats.events_in_flight <= 200 + sending,
            "{stats:?}"
        );
        stage.now += 10;
    }
    // A minute, in which one batch after the other is tried four times.
    assert!(refused > 100 && requests < 150, "{refused} {requests}");
    let Step::Send(job) = ({
        stage.now += 3_500;
        stage.step()
    }) else {
        panic!("nothing is tried")
    };
    stage.answer(&job, &status(200));
    // And from then on, all that wait.
    let mut sent = 0;
    while let Step::Send(job) = stage.step() {
        sent += job.events.len();
        stage.answer(&job, &status(200));
    }
    assert!(sent > 50, "{sent}");
}

#[test]
fn the_culprit_is_found_and_the_rest_delivered() {
    for (count, culprits) in [
        (1, vec![1]),
        (2, vec![2]),
        (16, vec![5]),
        (16, vec![1, 16]),
        (7, (1..=7).collect()),
    ] {
        for code in [400, 413] {
            let mut stage = Stage::new(Policy {
                flush_at: count,
                ..Policy::default()
            });
            stage.push_many(count);
            let mut ids = Vec::new();
            while let Step::Send(job) = stage.step() {
                ids.push(job.request_id);
                assert_eq!(job.attempt, 1);
                let bad = job.events.iter().any(|event| culprits.contains(&event.uuid.as_u128()));
                stage.answer(&job, &status(if bad { code } else { 200 }));
            }
            let report = stage.delivery.report();
            let named: Vec<_> = report.dropped.iter().map(|dropped| dropped.uuid.as_u128()).collect();
            assert_eq!(named, culprits);
            assert_eq!(report.delivered, (count - culprits.len()) as u64);
            assert!(ids.len() < 2 * count);
            ids.sort();
            ids.dedup();
            assert!(ids.len() as u64 == stage.delivery.stats().requests_total);
        }
    }
}

#[test]
fn closing_retries_quickly_until_its_time_is_up() {
    let mut stage = Stage::new(policy());
    stage.push_many(4);
    stage.delivery.close(stage.at(), Duration::from_millis(1_200));
    assert_eq!(stage.push(), Pushed::Closed);
    let mut requests = 0;
    loop {
        match stage.step() {
            Step::Send(job) => {
                requests += 1;
                assert!(job.time_left.unwrap() <= Duration::from_millis(1_200));
                stage.answer(&job, &status(503));
            }
            Step::Wait { until } => {
                let wait = until.unix_ms() - START - stage.now;
                assert!(wait <= 500, "{wait}");
                stage.now += wait;
            }
            Step::Closed => break,
            Step::Idle => panic!("idle"),
        }
    }
    assert!(requests >= 3 && stage.now <= 1_200);
    let report = stage.delivery.report();
    assert_eq!((report.dropped_total, report.pending), (4, 0));
    assert!(
        report
            .dropped
            .iter()
            .all(|dropped| dropped.reason == DropReason::Shutdown)
    );
}

#[test]
fn what_is_on_its_way_may_still_be_answered_when_a_paused_queue_closes() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let job = stage.job();
    stage.push_many(1);
    stage.delivery.pause(true, stage.at());
    stage.delivery.close(stage.at(), Duration::from_secs(5));
    assert_eq!(stage.delivery.pending(), 3);
    stage.answer(&job, &status(200));
    let report = stage.delivery.report();
    assert_eq!((report.delivered, report.dropped_total), (3, 1));
}

#[test]
fn only_what_the_server_may_have_kept_is_given_up_with_a_doubt() {
    let failed = |sent| Err(TransportError::new(Failure::Network).with_sent(sent));
    let ends: [fn(&mut Delivery, Timestamp); 2] =
        [|delivery, now| delivery.close(now, Duration::ZERO), Delivery::abandon];
    for (protocol, answers, is_doubtful) in [
        (Protocol::V0, vec![], false),
        (Protocol::V0, vec![failed(false)], false),
        (Protocol::V0, vec![failed(true)], true),
        (Protocol::V0, vec![status(429)], false),
        (Protocol::V0, vec![status(503)], true),
        // Divided: old servers store what stands before the event they refuse.
        (Protocol::V0, vec![status(400)], true),
        (Protocol::V1, vec![status(413)], true),
        // Who has no such route has kept nothing.
        (Protocol::V1, vec![status(404)], false),
        (Protocol::V1, vec![status(503), status(404)], true),
    ] {
        for end in ends {
            let policy = Policy {
                falls_back: true,
                ..policy()
            };
            let mut stage = Stage::speaking(policy, protocol);
            stage.push_many(3);
            for seen in &answers {
                stage.now += 1_000;
                let job = stage.job();
                stage.answer(&job, seen);
            }
            let now = stage.at();
            end(&mut stage.delivery, now);
            assert_given_up(&mut stage, is_doubtful, &format!("{answers:?}"));
        }
    }
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let _on_its_way = stage.job();
    stage.delivery.close(stage.at(), Duration::ZERO);
    assert_given_up(&mut stage, true, "on its way");
}

fn assert_given_up(stage: &mut Stage, is_doubtful: bool, what: &str) {
    let report = stage.delivery.report();
    assert_eq!(report.dropped_total, 3, "{what}");
    for dropped in report.dropped {
        assert_eq!(dropped.message.contains("may or may not"), is_doubtful, "{what}");
    }
}

#[test]
fn a_later_close_gives_more_time_and_never_less() {
    let mut stage = Stage::new(policy());
    stage.push_many(1);
    for (timeout, ends) in [(5, 5_000), (0, 5_000), (7, 7_000)] {
        stage.delivery.close(stage.at(), Duration::from_secs(timeout));
        assert_eq!(stage.delivery.ends_at(), Some(Timestamp::from_unix_ms(START + ends)));
        assert_eq!(stage.delivery.pending(), 1);
    }
}

#[test]
fn a_close_without_anything_left_needs_nobody() {
    let mut stage = Stage::new(policy());
    stage.push();
    stage.delivery.close(stage.at(), Duration::from_secs(5));
    assert_eq!(stage.delivery.next_step(stage.at()), Some(stage.at()));
    let job = stage.job();
    stage.answer(&job, &status(200));
    assert_eq!(stage.delivery.next_step(stage.at()), None);
    assert!(stage.delivery.is_closed());
}

#[test]
fn a_close_hurries_a_backoff_but_not_what_the_server_asked_for() {
    let busy = || Response::new(503, "");
    for (answer, wait) in [(busy().with_header("Retry-After", "7"), 7_000), (busy(), 500)] {
        let (mut stage, answer) = (Stage::new(policy()), Ok(answer));
        stage.push_many(3);
        for _ in 0..2 {
            let job = stage.job();
            stage.answer(&job, &answer);
            stage.now += stage.wait().unwrap();
        }
        let job = stage.job();
        stage.answer(&job, &answer);
        stage.delivery.close(stage.at(), Duration::from_secs(60));
        assert_eq!(stage.wait(), Some(wait));
    }
}

#[test]
fn a_close_ends_at_once_when_the_server_asks_for_more_time_than_there_is() {
    let mut stage = Stage::new(policy());
    stage.push_many(1);
    stage.delivery.close(stage.at(), Duration::from_secs(5));
    let job = stage.job();
    stage.answer(&job, &Ok(Response::new(503, "").with_header("Retry-After", "9")));
    assert!(matches!(stage.step(), Step::Closed));
    assert_eq!(stage.delivery.lost(), 1);
}

#[test]
fn an_answer_after_the_end_changes_nothing() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let job = stage.job();
    stage.delivery.close(stage.at(), Duration::from_secs(1));
    stage.now = 1_000;
    assert!(matches!(stage.step(), Step::Closed));
    stage.answer(&job, &status(200));
    let stats = stage.delivery.stats();
    assert_eq!((stats.late_answers_total, stats.events_delivered_total), (1, 0));
    assert_eq!(stats.requests_failed_total, 0);
    stage.answer(&job, &status(503));
    let stats = stage.delivery.stats();
    assert_eq!((stats.late_answers_total, stats.requests_failed_total), (2, 1));
    let report = stage.delivery.report();
    assert!(report.dropped_total == 3 && report.dropped[0].message.contains("may or may not"));
}

#[test]
fn full_refuses_or_makes_room_and_what_is_in_flight_does_not_count() {
    let small = Policy {
        max_queue_events: 3,
        max_in_flight: 1,
        ..Policy::default()
    };
    let mut stage = Stage::new(small.clone());
    stage.push_many(3);
    assert!(matches!(stage.push(), Pushed::Full(_)));
    let job = stage.job();
    stage.push_many(3);
    assert_eq!((stage.delivery.pending(), job.events.len()), (6, 3));

    let mut stage = Stage::new(Policy {
        drop_oldest: true,
        ..small
    });
    stage.push_many(5);
    let report = stage.delivery.report();
    let evicted: Vec<_> = report.dropped.iter().map(|dropped| dropped.uuid.as_u128()).collect();
    assert_eq!((evicted, report.pending), (vec![1, 2], 3));
}

#[test]
fn a_server_without_v1_is_spoken_to_in_v0_from_then_on() {
    let mut stage = Stage::speaking(
        Policy {
            falls_back: true,
            ..policy()
        },
        Protocol::V1,
    );
    stage.push_many(3);
    let first = stage.job();
    stage.answer(&first, &status(404));
    let second = stage.job();
    assert_eq!((second.protocol, second.attempt), (Protocol::V0, 1));
    assert_ne!(second.request_id, first.request_id);
    stage.answer(&second, &status(200));
    assert_eq!(stage.delivery.report().accepted, 3);
}

#[test]
fn what_is_no_posthog_answer_is_accepted_with_a_word() {
    let mut stage = Stage::new(policy());
    stage.push_many(3);
    let job = stage.job();
    stage.answer(&job, &Ok(Response::new(200, "<html>")));
    let report = stage.delivery.report();
    assert_eq!(report.accepted, 3);
    assert!(report.last_error.contains("check the host"));
}
