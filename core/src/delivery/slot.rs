//! Slot: one batch under way. A batch that the server refuses is divided, so a slot holds its parts, as a stack, and sends one at a time.

use std::sync::Arc;

use rand_pcg::rand_core::Rng;
use uuid::Uuid;

use super::waiting::Size;
use crate::event::Event;
use crate::protocol::answer::MAY_BE_KEPT;
use crate::time::Timestamp;
use crate::uuids::fresh_uuid;

/// One batch under way.
#[derive(Debug)]
pub(super) struct Slot {
    /// The number of its first event: a flush waits for the slots whose first events came before it.
    pub(super) first: u64,
    pub(super) parts: Vec<Part>,
    /// Whether it has one of the places for requests: from its first request until all of its parts are held.
    pub(super) active: bool,
}

/// Events that travel in one request, and where they stand.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) events: Arc<Vec<Event>>,
    /// Stays the same over attempts.
    pub(super) request_id: Uuid,
    /// When it was made.
    pub(super) created: Timestamp,
    pub(super) attempt: u32,
    /// Retries of the current round.
    pub(super) retries: u32,
    /// Whether an earlier request may have left its events with the server.
    pub(super) may_be_kept: bool,
    /// Whether the last attempt met a stale connection.
    pub(super) was_stale: bool,
    /// Whether its events have used up a round of retries since the last flush.
    pub(super) has_had_its_round: bool,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// To be sent now.
    Ready,
    /// On its way, under this id.
    Sending(u64),
    /// To be sent then; `asked`: at a time that the server named.
    Waiting { until: i64, asked: bool },
    /// Out of retries: kept until a flush, a close, or then.
    Held { until: i64 },
}

impl Part {
    pub(super) fn new(events: Arc<Vec<Event>>, now: Timestamp, rng: &mut impl Rng) -> Self {
        Self {
            events,
            request_id: fresh_uuid(now, rng),
            created: now,
            attempt: 0,
            retries: 0,
            may_be_kept: false,
            was_stale: false,
            has_had_its_round: false,
            state: State::Ready,
        }
    }

    /// Both halves, as parts of their own: they are new requests. The server may have kept their events, because old servers store what
    /// stands before the event they refuse (protocol.md §1).
    pub(super) fn halves(&self, now: Timestamp, rng: &mut impl Rng) -> [Self; 2] {
        let (first, second) = self.events.split_at(self.events.len() / 2);
        [first, second].map(|half| Self {
            may_be_kept: true,
            has_had_its_round: self.has_had_its_round,
            ..Self::new(Arc::new(half.to_vec()), now, rng)
        })
    }

    /// Whether the server may have kept its events.
    pub(super) fn is_doubtful(&self) -> bool {
        self.may_be_kept || matches!(self.state, State::Sending(_))
    }

    /// What a drop that is not about its events leaves open, behind its own words.
    pub(super) fn doubt(&self) -> &'static str {
        if self.may_be_kept { MAY_BE_KEPT } else { "" }
    }

    /// Starts another round of retries.
    pub(super) fn release(&mut self) {
        self.retries = 0;
        self.state = State::Ready;
    }
}

/// What a slot wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To send the part with this index.
    Send(usize),
    /// To send the part with this index, which was held until then.
    SendAgain { part: usize, since: i64 },
    /// To be looked at again then.
    At(i64),
    /// Its request's answer.
    Answer,
}

impl Slot {
    pub(super) fn wish(&self, time: i64) -> Wish {
        if self.is_sending() {
            return Wish::Answer;
        }
        // Parts that are held do not keep the others from going out.
        let top = self
            .parts
            .iter()
            .rposition(|part| !matches!(part.state, State::Held { .. }));
        if let Some((index, part)) = top.and_then(|index| Some((index, self.parts.get(index)?))) {
            return match part.state {
                State::Waiting { until, .. } if until > time => Wish::At(until),
                _ => Wish::Send(index),
            };
        }
        let held = self
            .parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| match part.state {
                State::Held { until } => Some((until, index)),
                _ => None,
            });
        match held.min() {
            Some((since, part)) if since <= time => Wish::SendAgain { part, since },
            Some((until, _)) => Wish::At(until),
            None => Wish::Answer,
        }
    }

    /// Whether one of its parts is on its way.
    pub(super) fn is_sending(&self) -> bool {
        self.parts.iter().any(|part| matches!(part.state, State::Sending(_)))
    }

    /// Whether all of its parts are held.
    pub(super) fn is_held(&self) -> bool {
        self.parts.iter().all(|part| matches!(part.state, State::Held { .. }))
    }

    /// Whether a flush has nothing more to wait for here.
    pub(super) fn has_had_its_round(&self) -> bool {
        self.parts.iter().all(|part| part.has_had_its_round)
    }

    pub(super) fn events(&self) -> usize {
        self.parts.iter().map(|part| part.events.len()).sum()
    }

    pub(super) fn size(&self) -> Size {
        let events = self.parts.iter().flat_map(|part| part.events.iter());
        Size {
            events: self.events(),
            bytes: events.map(Event::len).sum(),
        }
    }

    /// Takes the first of its events out, with the [`doubt`](Part::doubt) about it.
    pub(super) fn pop(&mut self) -> Option<(Event, &'static str)> {
        let part = self.parts.last_mut()?;
        let event = Arc::make_mut(&mut part.events).drain(..1).next()?;
        let doubt = part.doubt();
        if part.events.is_empty() {
            self.parts.pop();
        }
        Some((event, doubt))
    }

    /// The part that was sent under this id.
    pub(super) fn position_of(&self, id: u64) -> Option<usize> {
        self.parts.iter().position(|part| part.state == State::Sending(id))
    }
}
