//! Simulation: the queue against a faulty server in made-up time, thousands of runs from seeds, with an independent book of what was
//! pushed, sent and answered. Each invariant also has a planted bug that breaks it, so that the book is known to notice.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::*;
use crate::event::Event;
use crate::protocol::ENVELOPE_BYTES;
use crate::protocol::verdict::Answered;
use book::{Book, Broken};

mod book;
mod server;

const RUNS: u64 = 10_000;

/// What the server answers to an event that makes it fail, with all that comes in the same request.
const CRASH: u16 = 500;

/// In milliseconds: longer than any wait of an open queue, so many times over as batches may be in it.
const PATIENCE: i64 = 3_600_000;

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
    /// A drop is not told.
    Hushes,
    /// A drop is told with another reason.
    Misnames,
    /// A drop does not say that the server may have kept the event.
    Assures,
    /// What a report said is forgotten.
    Miscounts,
    /// What is out of retries keeps its place among the requests.
    Clings,
    /// A pause is not heeded.
    Ignores,
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

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.up_to(choices.len() as u64)).unwrap()]
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
        let index = self.book.len();
        let uuid = Uuid::from_u128(index as u128 + 1);
        let length = usize::try_from(self.up_to(120)).unwrap();
        let properties = format!("{{\"index\":{index},\"text\":\"{}\"}}", "x".repeat(length));
        let event = Event::example("e", uuid, self.at(), &properties);
        if self.one_in(12) {
            let status = self.one_of(&[400, 400, 413, 413, CRASH]);
            self.poison.insert(uuid, status);
        }
        self.book.add(&event);
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
                self.book.strike(uuid);
            }
        }
    }

    /// Does everything that is due, as the host's workers would.
    fn pump(&mut self) -> Result<(), Broken> {
        loop {
            match self.delivery.step(Timestamp::from_unix_ms(self.now), &mut self.rng) {
                Step::Send(job) => {
                    let job = self.tampered(job);
                    self.send(job)?;
                }
                Step::Wait { until } if until.unix_ms() <= self.now => {
                    return Err(("wait", "waits for the past".to_owned()));
                }
                _ => break,
            }
        }
        if self.bug == Some(Bug::Clings) {
            (0..self.delivery.slots.len()).for_each(|slot| self.delivery.unpark(slot));
        }
        self.check()
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
        self.book.send(&job, &self.policy)?;
        let answered = self.serve(&job);
        let delay = i64::try_from(self.up_to(2_000)).unwrap();
        self.air.push((self.now.saturating_add(delay), job, answered));
        Ok(())
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
            self.book.decide(&job, &answered, &self.policy);
        }
        self.complete(job.id, &answered);
        if self.bug == Some(Bug::Repeats) && self.one_in(4) {
            self.book.in_air += 1;
            self.book.send(&job, &self.policy)?;
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

    /// Compares the queue's own account with the book.
    fn check(&mut self) -> Result<(), Broken> {
        let mut notes = std::mem::take(&mut self.notes);
        notes.extend(self.delivery.take_notes());
        for mut note in notes {
            match (&mut note, self.bug) {
                (Note::Dropped(_), Some(Bug::Hushes)) => continue,
                (Note::Dropped(dropped), Some(Bug::Misnames)) => dropped.reason = DropReason::BeforeSend,
                (Note::Dropped(dropped), Some(Bug::Assures)) => dropped.message = "it was not sent".into(),
                _ => {}
            }
            self.book.settle(note)?;
        }
        let stats = self.delivery.stats();
        if stats.events_waiting > self.policy.max_queue_events as u64
            || stats.bytes_waiting > self.policy.max_queue_bytes as u64
        {
            return Err(("bounds", format!("{} events wait", stats.events_waiting)));
        }
        let (all, settled) = (self.book.len() as u64, self.book.settled() as u64);
        let pending = self.delivery.pending();
        if stats.events_pushed_total != all || settled + pending != all {
            return Err(("account", format!("{all} pushed, {settled} settled, {pending} pending")));
        }
        Ok(())
    }

    fn report(&mut self) -> Result<(), Broken> {
        let (report, pending) = (self.delivery.report(), self.delivery.pending());
        match self.bug {
            Some(Bug::Miscounts) => Ok(()),
            _ => self.book.report(report, pending),
        }
    }

    fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.delivery.pause(paused && self.bug != Some(Bug::Ignores), self.at());
    }

    /// One random thing.
    fn act(&mut self) -> Result<(), Broken> {
        match self.up_to(21) {
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
            20 => self.report()?,
            _ => {}
        }
        self.pump()
    }

    /// Lets time pass until something happens.
    fn wait(&mut self) -> Result<(), Broken> {
        let answers = self.air.iter().enumerate();
        let answer = answers.map(|(index, (at, ..))| (*at, index)).min();
        let step = self.delivery.next_step(self.at()).map(Timestamp::unix_ms);
        match (answer, step) {
            (Some((at, index)), step) if step.is_none_or(|step| at <= step) => {
                self.now = self.now.max(at);
                self.arrive(index)
            }
            (_, Some(step)) => {
                self.now = self.now.max(step);
                Ok(())
            }
            (_, None) => Err(("progress", "nothing is left to happen".to_owned())),
        }
    }

    /// The server recovers, except for events that crash it: nothing is left to wait but what travels with one of those.
    fn recover(&mut self) -> Result<(), Broken> {
        let mark = self.delivery.flush(self.at());
        // After a jump back of the clock, answers come late.
        let answers = self.air.iter().map(|(at, ..)| *at);
        let until = answers.fold(self.now, i64::max).saturating_add(PATIENCE);
        while self.now < until {
            self.pump()?;
            if self.delivery.is_flushed(mark) && self.is_down_to_crashes() {
                return Ok(());
            }
            self.wait()?;
        }
        Err(("progress", format!("{} events wait", self.delivery.pending())))
    }

    fn is_down_to_crashes(&self) -> bool {
        let crashes = |event: &Event| self.poison.get(&event.uuid) == Some(&CRASH);
        let mut parts = self.delivery.slots.iter().flat_map(|slot| &slot.parts);
        self.delivery.waiting.len() == 0 && parts.all(|part| part.events.iter().any(crashes))
    }

    /// The server recovers, the queue is closed, and everything has to come to an end.
    fn finish(&mut self) -> Result<(), Broken> {
        self.healthy = true;
        self.pause(false);
        let was_open = self.delivery.deadline.is_none();
        if was_open {
            self.recover()?;
        }
        self.poison.retain(|_, status| *status != CRASH);
        let lost = self.delivery.lost();
        // Longer than all jumps of the clock together.
        self.delivery.close(self.at(), Duration::from_secs(1_000_000));
        self.pump()?;
        while !self.delivery.is_closed() {
            self.wait()?;
            self.pump()?;
        }
        if was_open && self.delivery.lost() > lost {
            return Err((
                "end",
                "events are lost although the server is well and there is time".to_owned(),
            ));
        }
        self.report()?;
        self.book.close()
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
        (Bug::Misnames, "reason"),
        (Bug::Assures, "doubt"),
        (Bug::Miscounts, "reports"),
        (Bug::Clings, "progress"),
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
