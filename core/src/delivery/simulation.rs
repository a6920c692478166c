//! Simulation: the queue against a faulty server in made-up time, thousands of runs from seeds, with an independent book of what was
//! pushed, sent and answered. Each invariant also has a planted bug that breaks it, so that the book is known to notice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::*;
use crate::event::Event;
use crate::http::{Failure, Request, Response, TransportError};
use crate::operation::Operation;
use crate::protocol::Seen;
use crate::protocol::verdict::{Answer, Answered, Verdict, read_batch};

const RUNS: u64 = 10_000;

/// A rule of ours that the simulation breaks on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// An event is taken and forgotten.
    Forgets,
    /// A batch goes out again after its final answer.
    Repeats,
    /// An event's bytes change on the way.
    Changes,
    /// A batch is turned round.
    Reorders,
    /// The bounds are twice what was asked for.
    Overfills,
    /// A retry is made a new request.
    Renews,
    /// The attempt number stays.
    Stands,
    /// A drop is not reported.
    Hushes,
    /// A pause is not heeded.
    Ignores,
}

/// Which invariant a run broke, and how.
type Broken = (&'static str, String);

/// What the book knows of one pushed event.
struct Entry {
    index: usize,
    json: Vec<u8>,
    /// The batch it first went out in.
    batch: Option<usize>,
    /// A final answer about it has come.
    is_final: bool,
    delivered: u32,
    dropped: u32,
}

/// The independent record of a run.
#[derive(Default)]
struct Book {
    events: HashMap<Uuid, Entry>,
    /// Per batch: events, and requests that were not retries.
    batches: Vec<(usize, usize)>,
    /// The last attempt and the events of each request id.
    requests: HashMap<Uuid, u32>,
    in_air: usize,
}

struct World {
    rng: Pcg64,
    delivery: Delivery,
    /// What the bounds are meant to be.
    policy: Policy,
    bug: Option<Bug>,
    now: i64,
    /// Requests the server has, with when their answer comes.
    air: Vec<(i64, Job, Answered)>,
    done: Vec<Job>,
    /// What hooks would have been told of answers.
    notes: VecDeque<Note>,
    book: Book,
    counts: BTreeMap<&'static str, u64>,
    poison: HashMap<Uuid, u16>,
    paused: bool,
    healthy: bool,
}

const START: i64 = 1_795_420_800_000;

impl World {
    fn new(seed: u64, bug: Option<Bug>) -> Self {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut up_to = |most: u64| usize::try_from(1 + rng.next_u64() % most).unwrap();
        let policy = Policy {
            flush_at: up_to(8),
            flush_interval: Duration::from_millis(up_to(4_000) as u64),
            max_batch_events: up_to(12),
            max_batch_bytes: ENVELOPE_BYTES + up_to(2_000),
            max_in_flight: up_to(4),
            max_queue_events: up_to(30),
            max_queue_bytes: 150 + up_to(5_000),
            drop_oldest: up_to(3) == 1,
            max_retries: u32::try_from(up_to(4) - 1).unwrap(),
            falls_back: up_to(2) == 1,
        };
        let protocol = if policy.falls_back || up_to(2) == 1 {
            Protocol::V1
        } else {
            Protocol::V0
        };
        let mut given = policy.clone();
        if bug == Some(Bug::Overfills) {
            given.max_queue_events *= 2;
            given.max_queue_bytes *= 2;
        }
        let listening = Listening {
            delivered: true,
            dropped: true,
        };
        Self {
            rng,
            delivery: Delivery::new(given, protocol, listening),
            policy,
            bug,
            now: START,
            air: Vec::new(),
            done: Vec::new(),
            notes: VecDeque::new(),
            book: Book::default(),
            counts: BTreeMap::new(),
            poison: HashMap::new(),
            paused: false,
            healthy: false,
        }
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.rng.next_u64() % most
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.up_to(n) == 0
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.now)
    }

    fn push(&mut self) {
        let index = self.book.events.len();
        let uuid = Uuid::from_u128(index as u128 + 1);
        let length = usize::try_from(self.up_to(120)).unwrap();
        let properties = format!("{{\"index\":{index},\"text\":\"{}\"}}", "x".repeat(length));
        let event = Event::example("e", uuid, self.at(), &properties);
        if self.one_in(12) {
            let status = if self.one_in(2) { 400 } else { 413 };
            self.poison.insert(uuid, status);
        }
        let entry = Entry {
            index,
            json: event.json().to_vec(),
            batch: None,
            is_final: false,
            delivered: 0,
            dropped: 0,
        };
        self.book.events.insert(uuid, entry);
        if self.bug == Some(Bug::Forgets) && self.one_in(10) {
            self.delivery.tally.stats.events_pushed_total += 1;
            return;
        }
        let now = (self.delivery.needs_time() || self.one_in(2)).then(|| self.at());
        match self.delivery.push(event, now) {
            Pushed::Queued { .. } => self.count("queued"),
            Pushed::Full(_) => {
                self.count("full");
                self.delivery.refuse(uuid, DropReason::Overflow, "full");
            }
            Pushed::Closed => {
                self.count("closed");
                self.book.events.remove(&uuid);
            }
        }
    }

    /// Does everything that is due, as the host's workers would.
    fn pump(&mut self) -> Result<(), Broken> {
        for _ in 0..1_000 {
            match self.delivery.step(Timestamp::from_unix_ms(self.now), &mut self.rng) {
                Step::Send(job) => {
                    let job = self.tampered(job);
                    self.send(job)?;
                }
                Step::Wait { until } if until.unix_ms() <= self.now => {
                    return Err(("wait", "waits for the past".to_owned()));
                }
                _ => return self.check(),
            }
        }
        Err(("rest", "never comes to rest".to_owned()))
    }

    fn tampered(&mut self, mut job: Job) -> Job {
        let sometimes = self.bug.is_some() && self.one_in(5);
        match self.bug {
            Some(Bug::Reorders) => job.events = Arc::new(job.events.iter().rev().cloned().collect()),
            Some(Bug::Renews) if job.attempt > 1 => {
                job.request_id = fresh(&mut self.rng);
                job.attempt = 1;
            }
            Some(Bug::Stands) => job.attempt = 1,
            Some(Bug::Changes) if sometimes => {
                let changed = Event::example("changed", job.events[0].uuid, self.at(), "{}");
                let others = job.events[1..].iter().cloned();
                job.events = Arc::new(std::iter::once(changed).chain(others).collect());
            }
            _ => {}
        }
        job
    }

    fn send(&mut self, job: Job) -> Result<(), Broken> {
        self.count("requests");
        if self.paused {
            return Err(("pause", "a request while it is paused".to_owned()));
        }
        self.book.in_air += 1;
        self.check_job(&job)?;
        let answered = self.serve(&job);
        let delay = i64::try_from(self.up_to(2_000)).unwrap();
        self.air.push((self.now.saturating_add(delay), job, answered));
        Ok(())
    }

    fn check_job(&mut self, job: &Job) -> Result<(), Broken> {
        let policy = &self.policy;
        let book = &mut self.book;
        if job.events.is_empty() || job.events.len() > policy.max_batch_events || book.in_air > policy.max_in_flight {
            return Err((
                "bounds",
                format!("{} events, {} in the air", job.events.len(), book.in_air),
            ));
        }
        let bytes: usize = job.events.iter().map(|event| event.len() + 1).sum::<usize>() + ENVELOPE_BYTES;
        if job.events.len() > 1 && bytes > policy.max_batch_bytes {
            return Err(("bounds", format!("a batch of {bytes} bytes")));
        }
        let mut before = None;
        let fresh_batch = book.batches.len();
        let mut batch = fresh_batch;
        for event in job.events.iter() {
            let Some(entry) = book.events.get_mut(&event.uuid) else {
                return Err(("unchanged", "an unknown event".to_owned()));
            };
            if event.json() != entry.json {
                return Err(("unchanged", String::from_utf8_lossy(event.json()).into_owned()));
            }
            if before >= Some(entry.index) {
                return Err(("order", format!("{} after {before:?}", entry.index)));
            }
            before = Some(entry.index);
            if entry.is_final {
                return Err(("final", format!("event {} goes out again", entry.index)));
            }
            batch = *entry.batch.get_or_insert(fresh_batch);
        }
        if batch == fresh_batch {
            book.batches.push((job.events.len(), 0));
        }
        if job.attempt == 1
            && let Some((events, requests)) = book.batches.get_mut(batch)
        {
            *requests += 1;
            // One more for the change of protocol.
            if *requests > 2 * *events {
                return Err(("isolation", format!("{requests} requests for a batch of {events}")));
            }
        }
        let attempt = book.requests.entry(job.request_id).or_default();
        *attempt += 1;
        if *attempt != job.attempt {
            return Err(("attempt", format!("attempt {} where {attempt} was due", job.attempt)));
        }
        Ok(())
    }

    /// What the server does with a request, and what the client sees of it.
    fn serve(&mut self, job: &Job) -> Answered {
        let seen = self.answer(job);
        let request = Request {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            operation: Operation::Event,
            protocol: job.protocol,
            event_uuid: job.events[0].uuid,
            timestamp: self.at(),
            attempt: job.attempt,
            warnings: Vec::new(),
        };
        read_batch(&request, &seen, self.at())
    }

    fn answer(&mut self, job: &Job) -> Seen {
        let poison = job
            .events
            .iter()
            .find_map(|event| self.poison.get(&event.uuid).copied());
        if let Some(status) = poison.filter(|_| self.healthy || !self.rng.next_u64().is_multiple_of(8)) {
            return Ok(Response::new(status, "poison"));
        }
        if job.protocol == Protocol::V1 && self.policy.falls_back {
            return Ok(Response::new(404, ""));
        }
        let fault = if self.healthy { 0 } else { self.up_to(100) };
        let failed = |failure, sent| Err(TransportError::new(failure).with_sent(sent));
        let seen = match fault {
            0..=49 => Ok(self.success(job)),
            // Lost before the server stored it, and after: the client cannot tell.
            50..=55 => failed(Failure::Network, true),
            56..=57 => Err(TransportError::new(Failure::Network).with_stale(true)),
            58..=63 => failed(Failure::Timeout, true),
            64 => failed(Failure::Tls, false),
            65 => failed(Failure::Internal, false),
            66 => Ok(Response::new(200, "<html>")),
            67 => Ok(Response::new(200, r#"{"status":1,"quota_limited":["events"]}"#)),
            68..=92 => {
                let statuses = [408, 500, 502, 503, 504, 429];
                Ok(Response::new(statuses[usize::try_from(self.up_to(6)).unwrap()], ""))
            }
            93..=95 => {
                let status = if self.one_in(2) { 400 } else { 413 };
                Ok(Response::new(status, ""))
            }
            _ => {
                let statuses = [301, 401, 402, 403, 404, 415, 501, 999];
                Ok(Response::new(statuses[usize::try_from(self.up_to(8)).unwrap()], ""))
            }
        };
        match seen {
            Ok(response) if self.one_in(3) => {
                let seconds = self.up_to(90).to_string();
                Ok(response.with_header("Retry-After", seconds))
            }
            other => other,
        }
    }

    fn success(&mut self, job: &Job) -> Response {
        let mut results = serde_json::Map::new();
        for event in job.events.iter() {
            let words = ["warning", "limited", "drop", "retry", "retry", "surprise"];
            let word = match self.up_to(24) {
                choice @ 0..6 if !self.healthy => words[usize::try_from(choice).unwrap()],
                6 if !self.healthy => continue,
                _ => "ok",
            };
            results.insert(event.uuid.to_string(), serde_json::json!({"result": word}));
        }
        Response::new(200, serde_json::json!({"status": 1, "results": results}).to_string())
    }

    /// Lets one answer arrive.
    fn arrive(&mut self, index: usize) -> Result<(), Broken> {
        let (_, job, answered) = self.air.swap_remove(index);
        self.book.in_air -= 1;
        let was_waited_for = self
            .delivery
            .slots
            .iter()
            .any(|slot| slot.position_of(job.id).is_some());
        if was_waited_for {
            self.note_final(&job, &answered);
        }
        self.complete(job.id, &answered);
        if self.bug == Some(Bug::Repeats) && self.one_in(4) {
            self.book.in_air += 1;
            self.check_job(&job)?;
            self.book.in_air -= 1;
        }
        self.done.push(job);
        Ok(())
    }

    fn complete(&mut self, id: u64, answered: &Answered) {
        let now = Timestamp::from_unix_ms(self.now);
        let notes = self.delivery.complete(id, answered, now, &mut self.rng);
        self.notes.extend(notes);
    }

    /// Which events of a batch are settled by its answer, as protocol.md has it.
    fn note_final(&mut self, job: &Job, answered: &Answered) {
        for event in job.events.iter() {
            let is_final = match &answered.answer {
                Answer::Accepted | Answer::Refused => true,
                Answer::Again | Answer::Stale => false,
                Answer::NoSuchRoute => !self.policy.falls_back,
                Answer::Divide => job.events.len() == 1,
                Answer::Verdicts(verdicts) => verdicts.get(&event.uuid) != Some(&Verdict::Retry),
            };
            if let Some(entry) = self.book.events.get_mut(&event.uuid) {
                entry.is_final |= is_final;
            }
        }
    }

    /// Compares the queue's own account with the book.
    fn check(&mut self) -> Result<(), Broken> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.delivery.take_notes());
        for note in notes {
            let (uuids, delivered) = match note {
                Note::Delivered { uuids, .. } => (uuids, true),
                Note::Dropped(_) if self.bug == Some(Bug::Hushes) => continue,
                Note::Dropped(dropped) => (vec![dropped.uuid], false),
            };
            for uuid in uuids {
                let Some(entry) = self.book.events.get_mut(&uuid) else {
                    return Err(("account", "an unknown event is settled".to_owned()));
                };
                *if delivered {
                    &mut entry.delivered
                } else {
                    &mut entry.dropped
                } += 1;
                if entry.delivered + entry.dropped > 1 {
                    return Err(("account", format!("event {} is settled twice", entry.index)));
                }
            }
        }
        let stats = self.delivery.stats();
        if stats.events_waiting > self.policy.max_queue_events as u64
            || stats.bytes_waiting > self.policy.max_queue_bytes as u64
        {
            return Err(("bounds", format!("{} events wait", stats.events_waiting)));
        }
        let settled = self
            .book
            .events
            .values()
            .filter(|entry| entry.delivered + entry.dropped == 1)
            .count() as u64;
        let (all, pending) = (self.book.events.len() as u64, self.delivery.pending());
        if stats.events_pushed_total != all || settled + pending != all {
            return Err(("account", format!("{all} pushed, {settled} settled, {pending} pending")));
        }
        Ok(())
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.delivery.pause(paused && self.bug != Some(Bug::Ignores), self.at());
    }

    /// One random thing.
    fn act(&mut self) -> Result<(), Broken> {
        match self.up_to(20) {
            0..=7 => (0..=self.up_to(9)).for_each(|_| self.push()),
            8..=13 => self.now += i64::try_from(self.up_to(1_500)).unwrap(),
            14..=16 if !self.air.is_empty() => {
                let index = usize::try_from(self.up_to(self.air.len() as u64)).unwrap();
                let (at, _, _) = self.air[index];
                self.now = self.now.max(at);
                self.arrive(index)?;
            }
            17 => {
                let mark = self.delivery.flush(self.at());
                let _ = self.delivery.is_flushed(mark);
                self.count("flushes");
            }
            18 if self.one_in(5) => {
                self.count("pauses");
                self.pause(!self.paused);
            }
            18 if self.one_in(3) => {
                self.count("jumps");
                self.now += i64::try_from(self.up_to(7_200_000)).unwrap() - 3_600_000;
            }
            18 if !self.done.is_empty() => {
                // An answer comes twice, or to a request that never was.
                let answered = self.serve(&self.done[0].clone());
                let id = if self.one_in(2) { self.done[0].id } else { 1 << 40 };
                let late = self.delivery.stats().late_answers_total;
                self.complete(id, &answered);
                if self.delivery.stats().late_answers_total != late + 1 {
                    return Err(("late", "a repeated answer counts".to_owned()));
                }
            }
            19 if self.one_in(12) => {
                self.count("closes");
                let time = Duration::from_millis(self.up_to(20_000));
                self.delivery.close(self.at(), time);
            }
            _ => {}
        }
        self.pump()
    }

    /// The server recovers, the queue is closed, and everything has to come to an end.
    fn finish(&mut self) -> Result<(), Broken> {
        self.healthy = true;
        self.pause(false);
        let was_open = self.delivery.deadline.is_none();
        let lost = self.delivery.lost();
        // Longer than all jumps of the clock together.
        self.delivery.close(self.at(), Duration::from_secs(1_000_000));
        for _ in 0..10_000 {
            self.pump()?;
            if self.delivery.is_closed() {
                break;
            }
            if self.air.is_empty() {
                self.now += 1_000;
            } else {
                self.now = self.now.max(self.air[0].0);
                self.arrive(0)?;
            }
        }
        self.check()?;
        if !self.delivery.is_closed() || self.delivery.pending() > 0 {
            return Err(("end", "a closed queue never ends".to_owned()));
        }
        if was_open && self.delivery.lost() > lost {
            return Err((
                "end",
                "events are lost although the server is well and there is time".to_owned(),
            ));
        }
        if let Some(entry) = self
            .book
            .events
            .values()
            .find(|entry| entry.delivered + entry.dropped != 1)
        {
            return Err(("account", format!("event {} has no end", entry.index)));
        }
        Ok(())
    }
}

fn fresh(rng: &mut Pcg64) -> Uuid {
    crate::uuids::fresh_uuid(Timestamp::from_unix_ms(START), rng)
}

fn run(seed: u64, bug: Option<Bug>) -> Result<BTreeMap<&'static str, u64>, Broken> {
    let mut world = World::new(seed, bug);
    for _ in 0..60 {
        world.act()?;
    }
    world.finish()?;
    let stats = world.delivery.stats();
    for (what, count) in [
        ("delivered", stats.events_delivered_total),
        ("dropped", stats.events_dropped_total.total()),
        ("divided", stats.batches_divided_total),
        ("retried", stats.events_retried_total),
        ("shutdown", stats.events_dropped_total.of(DropReason::Shutdown)),
    ] {
        *world.counts.entry(what).or_default() += count;
    }
    Ok(world.counts)
}

#[test]
fn every_event_of_ten_thousand_runs_is_accounted_for() {
    let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in 0..RUNS {
        match run(seed, None) {
            Ok(found) => found
                .into_iter()
                .for_each(|(what, count)| *counts.entry(what).or_default() += count),
            Err((invariant, what)) => panic!("seed {seed}: {invariant}: {what}"),
        }
    }
    println!("{RUNS} runs: {counts:?}");
    // A simulation in which something never happens would prove little about it.
    let kinds: HashSet<_> = counts.keys().copied().collect();
    for what in [
        "queued", "full", "closed", "requests", "flushes", "pauses", "jumps", "closes", "divided", "retried",
        "shutdown",
    ] {
        assert!(kinds.contains(what) && counts[what] > 100, "{what}: {counts:?}");
    }
}

#[test]
fn planted_bugs_are_caught() {
    for (bug, invariant) in [
        (Bug::Forgets, "account"),
        (Bug::Hushes, "account"),
        (Bug::Repeats, "final"),
        (Bug::Changes, "unchanged"),
        (Bug::Reorders, "order"),
        (Bug::Overfills, "bounds"),
        (Bug::Renews, "isolation"),
        (Bug::Stands, "attempt"),
        (Bug::Ignores, "pause"),
    ] {
        let caught = (0..500)
            .filter(|seed| matches!(run(*seed, Some(bug)), Err((name, _)) if name == invariant))
            .count();
        assert!(caught > 0, "{bug:?} is not caught");
    }
}
