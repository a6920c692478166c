//! Worker: one of the threads that send what a queue holds. They are all alike, start when something is due, and leave when nothing has
//! been for a while.

use std::sync::Arc;

use super::super::clock;
use super::super::direct::transmit;
use super::super::workers::LINGER;
use super::engine::Engine;
use super::state::Locked;
use crate::delivery::{Job, Step};
use crate::operation::Operation;
use crate::protocol::verdict::{Answered, read_batch};
use crate::protocol::{self, Batch, Compressor, Subject};
use crate::time::Timestamp;

impl Engine {
    /// What a worker does, from its start to its end.
    pub(super) fn run(self: Arc<Self>) {
        self.note_worker();
        let mut compressor = Compressor::default();
        let mut state = self.lock();
        state.coming -= 1;
        // Whether it has waited in vain. It still looks once more before it leaves, in case it was called just then.
        let mut tired = false;
        loop {
            state.delivery.learn(self.client.protocol());
            let until = match state.delivery.step(self.now(), &mut self.process.rng()) {
                Step::Send(job) => {
                    let Some(told) = self.send(state, job, &mut compressor) else {
                        // A forked child: the queue is its parent's, and must not be touched, not even to drop it.
                        std::mem::forget(self);
                        return;
                    };
                    state = told;
                    tired = false;
                    continue;
                }
                Step::Wait { until } => Some(until),
                Step::Idle => None,
                Step::Closed => break,
            };
            state.announce();
            let keeps_time = until.is_some_and(|until| state.alarm().is_none_or(|alarm| until < alarm));
            if tired && !keeps_time {
                break;
            }
            (state, tired) = self.rest(state, until.filter(|_| keeps_time));
        }
        state.threads -= 1;
        if state.closers > 0 {
            // What is given up is told inside the call that closes.
            state.call_all();
            state.announce();
            return;
        }
        let finish = || {
            self.finish();
        };
        if self.telling(state, finish).is_none() {
            std::mem::forget(self);
        }
    }

    /// Sends one request and tells the hooks what came of it, both without the lock. `None` as [`telling`](Self::telling) gives it.
    fn send<'s>(
        self: &'s Arc<Self>,
        mut state: Locked<'s>,
        job: Job,
        compressor: &mut Compressor,
    ) -> Option<Locked<'s>> {
        self.see_to(&mut state);
        state.offer_room();
        state.sending += 1;
        drop(state);
        let answered = self.carry_out(&job, compressor);
        let mut state = self.lock();
        state.sending -= 1;
        let notes = state
            .delivery
            .complete(job.id, &answered, self.now(), &mut self.process.rng());
        self.client.learn(state.delivery.protocol());
        if !notes.is_empty() || !answered.outcome.is_ok() {
            // Hooks may take their time; what the answer made due does not wait for them.
            self.see_to(&mut state);
        }
        let told = self.telling(state, || {
            // Here, without the lock, because giving its memory back takes a while.
            drop(job);
            self.as_teller(|| {
                self.tell_error(answered);
                self.tell_notes(notes);
            });
        });
        self.told_at_work(told?)
    }

    /// Waits for work, and says whether it waited in vain. One thread at a time waits until something is due (its alarm); any other is
    /// tired when nobody has called it for a while.
    fn rest<'s>(&self, state: Locked<'s>, alarm: Option<Timestamp>) -> (Locked<'s>, bool) {
        let time = alarm.map_or(LINGER, |alarm| self.now().until(alarm));
        let (state, was_called) = state.sleep(alarm, time);
        (state, alarm.is_none() && !was_called)
    }

    /// Makes and sends one request. No lock is held.
    fn carry_out(&self, job: &Job, compressor: &mut Compressor) -> Answered {
        let now = clock::now();
        let events: Vec<_> = job.events.iter().collect();
        let batch = Batch {
            protocol: job.protocol,
            events: &events,
            request_id: job.request_id,
            attempt: job.attempt,
            created: job.created,
            now,
            queued: true,
        };
        let subject = Subject {
            operation: Operation::Event,
            event_uuid: job.events.first().map(|event| event.uuid).unwrap_or_default(),
            timestamp: job.events.first().map_or(now, |event| event.timestamp),
            warnings: &[],
        };
        let request = protocol::request(&self.config, &batch, &subject, compressor);
        let timeout = self.config.timeout();
        let time_left = job.time_left.map_or(timeout, |left| left.min(timeout));
        let seen = transmit(self.process.transport.as_ref(), &request, time_left);
        read_batch(&request, &seen, clock::now())
    }
}
