//! Direct: carries out calls, one or many events at a time, and answers each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::clock::{self, Clock};
use super::process::PerProcess;
use super::workers::Job;
use super::{Client, Shared, standing};
use crate::call::{Call, Step};
use crate::http::{Failure, Request, TransportError};
use crate::operation::Input;
use crate::outcome::{ErrorCode, Outcome};
use crate::prepared::Prepared;
use crate::protocol::{Protocol, Seen};
use crate::time::Timestamp;
use crate::transport::Transport;

impl Client {
    /// Sends one call and waits for its answer, at most for `timeout`. Never raises; the outcome's codes say what happened.
    pub fn send<'a>(&self, input: impl Into<Input<'a>>) -> Outcome {
        let process = self.shared.processes.current();
        let clock = Clock::start();
        match self.shared.prepare(&process, input.into(), clock.started_at()) {
            Ok(prepared) => self
                .shared
                .carry_out_one(&self.shared.process_now(process), prepared, clock),
            Err(outcome) => *outcome,
        }
    }

    /// Sends one call in the background. The input is read before this returns; `on_done` gets the outcome on a thread of the
    /// client, or at once on this one when there is nothing to send.
    pub fn submit<'a>(&self, input: impl Into<Input<'a>>, on_done: impl FnOnce(Outcome) + Send + 'static) {
        let process = self.shared.processes.current();
        let clock = Clock::start();
        let prepared = match self.shared.prepare(&process, input.into(), clock.started_at()) {
            Ok(prepared) => prepared,
            Err(outcome) => return on_done(*outcome),
        };
        let process = self.shared.process_now(process);
        let (shared, worker, uuid) = (Arc::clone(&self.shared), Arc::clone(&process), prepared.event.uuid);
        let send = move |prepared| {
            let outcome = caught(|| shared.carry_out_one(&worker, prepared, clock));
            outcome.unwrap_or_else(|| Outcome::lost(Some(uuid)))
        };
        hand_over(&process, prepared, send, |prepared| no_thread(&prepared), on_done);
    }

    /// Sends many calls in one request and waits for the answer, at most for `timeout`. Gives one outcome for each, in order:
    /// what is invalid is answered and not sent, and takes no good neighbour with it. A request that the server refuses because of
    /// one event is divided until that event stands alone.
    ///
    /// More than 1,000 events or 1 MiB of JSON go out in several requests, one after the other.
    ///
    /// ```
    /// use hogwire::{Client, Config, CreateEvent, Request, Response};
    /// use std::time::Duration;
    /// # let transport = |_: &Request, _: Duration| Ok(Response::new(200, r#"{"status":"Ok"}"#));
    /// # let client = Client::with_transport(Config::builder("phc_x").build()?, transport);
    ///
    /// let outcomes = client.send_batch([CreateEvent::new("user-1", "paid"), CreateEvent::new("", "paid")]);
    /// assert_eq!((outcomes[0].status_code, outcomes[1].status_code), (200, -1));
    /// # Ok::<(), hogwire::ConfigError>(())
    /// ```
    pub fn send_batch<'a, I: Into<Input<'a>>>(&self, inputs: impl IntoIterator<Item = I>) -> Vec<Outcome> {
        let batch = PreparedBatch::prepare(self, inputs);
        let process = Arc::clone(&batch.process);
        batch.answer(|prepared, started| self.shared.carry_out(&process, prepared, started))
    }

    /// Sends many calls in the background, as [`submit`](Self::submit) does with one: the inputs are read before this returns, and
    /// `on_done` gets the outcomes.
    pub fn submit_batch<'a, I: Into<Input<'a>>>(
        &self,
        inputs: impl IntoIterator<Item = I>,
        on_done: impl FnOnce(Vec<Outcome>) + Send + 'static,
    ) {
        let batch = PreparedBatch::prepare(self, inputs);
        let process = Arc::clone(&batch.process);
        let (shared, worker) = (Arc::clone(&self.shared), Arc::clone(&process));
        let send = move |batch: PreparedBatch| {
            batch.answer(|prepared, started| {
                let uuids: Vec<_> = prepared.iter().map(|prepared| prepared.event.uuid).collect();
                let lost = || uuids.into_iter().map(|uuid| Outcome::lost(Some(uuid))).collect();
                caught(|| shared.carry_out(&worker, prepared, started)).unwrap_or_else(lost)
            })
        };
        let refuse = |batch: PreparedBatch| batch.answer(|prepared, _| prepared.iter().map(no_thread).collect());
        hand_over(&process, batch, send, refuse, on_done);
    }
}

/// The calls of a batch after validation: those to send, and those refused, with their places in the batch.
struct PreparedBatch {
    process: Arc<PerProcess>,
    started: Clock,
    prepared: Vec<Prepared>,
    refused: Vec<(usize, Outcome)>,
}

impl PreparedBatch {
    fn prepare<'a, I: Into<Input<'a>>>(client: &Client, inputs: impl IntoIterator<Item = I>) -> Self {
        let mut batch = Self {
            process: client.shared.processes.current(),
            started: Clock::start(),
            prepared: Vec::new(),
            refused: Vec::new(),
        };
        for (index, input) in inputs.into_iter().enumerate() {
            batch.process = client.shared.process_now(batch.process);
            match client.shared.prepare(&batch.process, input.into(), clock::now()) {
                Ok(ready) => batch.prepared.push(ready),
                Err(outcome) => batch.refused.push((index, *outcome)),
            }
        }
        batch.process = client.shared.process_now(batch.process);
        batch
    }

    /// One outcome for each input, in order; `send` gives those of the prepared ones.
    fn answer(self, send: impl FnOnce(Vec<Prepared>, Clock) -> Vec<Outcome>) -> Vec<Outcome> {
        let mut outcomes = send(self.prepared, self.started);
        // In rising order, so that every one lands where its input stood.
        for (index, outcome) in self.refused {
            outcomes.insert(index, outcome);
        }
        outcomes
    }
}

impl Shared {
    /// Why the client sends nothing at all, if it does not.
    fn standstill(&self) -> Option<(ErrorCode, &str)> {
        if self.standing.is_closed() {
            return Some(standing::CLOSED);
        }
        if let Some(reason) = &self.config.disabled {
            return Some((ErrorCode::Disabled, reason));
        }
        self.standing.is_opted_out().then_some(standing::OPTED_OUT)
    }

    pub(super) fn prepare(
        &self,
        process: &PerProcess,
        input: Input<'_>,
        now: Timestamp,
    ) -> Result<Prepared, Box<Outcome>> {
        if let Some((code, message)) = self.standstill() {
            return Err(Box::new(Outcome::unsent(code, message)));
        }
        // No lock is held: hooks run in here, and may use the client themselves.
        Prepared::new(input, &self.config, now, &mut process.rng()).inspect_err(|outcome| log(outcome))
    }

    /// The process's part after hooks have run: one of them may have forked, and a child uses its own sockets.
    pub(super) fn process_now(&self, before: Arc<PerProcess>) -> Arc<PerProcess> {
        match self.config.before_send.is_empty() {
            true => before,
            false => self.processes.current(),
        }
    }

    pub(super) fn carry_out_one(&self, process: &PerProcess, prepared: Prepared, clock: Clock) -> Outcome {
        self.carry_out(process, vec![prepared], clock)
            .pop()
            .unwrap_or_else(|| Outcome::unsent(ErrorCode::Internal, "the call gave no outcome"))
    }

    pub(super) fn carry_out(&self, process: &PerProcess, prepared: Vec<Prepared>, clock: Clock) -> Vec<Outcome> {
        let deadline = clock.started_at().after(self.config.timeout());
        let mut call = Call::new(&self.config, prepared, deadline, self.protocol());
        loop {
            if self.standing.is_opted_out() {
                call.withhold(standing::OPTED_OUT);
            }
            match call.step(clock.now()) {
                Step::Send(request, time_left) => {
                    let seen = transmit(process.transport.as_ref(), &request, time_left);
                    call.complete(&seen, clock.now(), &mut process.rng());
                    self.learn(call.protocol());
                }
                Step::Wait { until } => {
                    let left = clock.now().until(until);
                    process.bell.wait(left, || self.standing.ends_calls());
                }
                Step::Done(outcomes) => {
                    outcomes.iter().for_each(log);
                    return outcomes;
                }
            }
            if self.standing.is_closed() {
                call.withhold(standing::CLOSED);
            }
        }
    }

    /// The protocol to speak: with `auto`, v0 once any request of this client has shown that the server has no v1.
    pub(super) fn protocol(&self) -> Protocol {
        if self.lacks_v1.load(Ordering::Relaxed) {
            Protocol::V0
        } else {
            self.config.protocol.first()
        }
    }

    /// Remembers what a request has shown about the server.
    pub(super) fn learn(&self, spoken: Protocol) {
        if spoken == Protocol::V0 {
            self.lacks_v1.store(true, Ordering::Relaxed);
        }
    }
}

/// Has a thread of the client `send` the work, and gives `on_done` the answer. When the system starts no more threads, the work is refused,
/// because the caller may be an event loop, which must not wait for a request.
fn hand_over<W: Send + 'static, A>(
    process: &PerProcess,
    work: W,
    send: impl FnOnce(W) -> A + Send + 'static,
    refuse: impl FnOnce(W) -> A,
    on_done: impl FnOnce(A) + Send + 'static,
) {
    let ours = Arc::new(Mutex::new(Some((work, on_done))));
    let theirs = Arc::clone(&ours);
    let job: Job = Box::new(move || {
        if let Some((work, on_done)) = taken(&theirs) {
            on_done(send(work));
        }
    });
    if process.workers.submit(job).is_err()
        && let Some((work, on_done)) = taken(&ours)
    {
        on_done(refuse(work));
    }
}

fn taken<T>(shared: &Mutex<Option<T>>) -> Option<T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn no_thread(prepared: &Prepared) -> Outcome {
    let message = "the system starts no more threads; nothing was sent";
    let mut outcome = Outcome::unsent(ErrorCode::Internal, message);
    outcome.event_uuid = Some(prepared.event.uuid);
    outcome
}

/// What a call in the background gives; `None` when it panicked, in code of ours or in a subscriber to `tracing`. Its caller has to be told,
/// and nobody else would.
fn caught<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

/// Sends over any transport, which may be the caller's own and panic.
pub(super) fn transmit(transport: &dyn Transport, request: &Request, time_left: Duration) -> Seen {
    catch_unwind(AssertUnwindSafe(|| transport.send(request, time_left)))
        .unwrap_or_else(|_| Err(TransportError::new(Failure::Internal).with_message("the transport panicked")))
}

pub(super) fn log(outcome: &Outcome) {
    tracing::debug!(
        target: "hogwire",
        error_code = outcome.error_code.as_str(),
        delivery = outcome.delivery.as_str(),
        status = outcome.original_status_code,
        attempts = outcome.attempts,
        event_uuid = outcome.event_uuid.map(tracing::field::display),
        message = outcome.error_message.as_str(),
    );
}
