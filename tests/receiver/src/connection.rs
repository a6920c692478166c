//! One connection from accept to close: reads requests, asks the script what to do with each, has it judged, and has the answer delivered.

use crate::control;
use crate::delivery::{After, deliver};
use crate::http::{Answer, Body, Head, HeadError, Reader, Wire};
use crate::judge::{Case, Verdict, accepted, judge};
use crate::script::{Cut, Step};
use crate::settings::Settings;
use crate::store::{SeenRequest, Store};
use std::io::Read;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a refused upload is read on, so that the refusal is not lost to a reset. Real servers do not wait at all; a test wants the same
/// picture every time.
const LINGER: Duration = Duration::from_millis(500);

/// A connection and what it is served from.
pub(crate) struct Connection<'a> {
    pub(crate) wire: Wire,
    pub(crate) number: usize,
    pub(crate) settings: &'a Settings,
    pub(crate) store: &'a Store,
    /// Whether it is in the counts, and whether it was the one most at once when it came.
    pub(crate) counted: Option<bool>,
}

impl Connection<'_> {
    /// Serves the connection to its end. Returns when it is closed; the caller drops the socket.
    pub(crate) fn serve(&mut self) {
        let mut reader = Reader::new();
        while !self.store.is_stopping() && reader.wait(&mut self.wire) {
            match self.one(&mut reader) {
                After::Keep => {}
                After::Close => break,
                After::Break => return,
            }
        }
        self.wire.finish();
    }

    fn one(&mut self, reader: &mut Reader) -> After {
        let head = match reader.head(&mut self.wire) {
            Ok(head) => head,
            Err(HeadError::Gone) => return After::Close,
            Err(HeadError::Refused(status)) => {
                let answer = Answer::empty(status).header("connection", "close");
                return self.send(&Step::default(), &answer, After::Close);
            }
        };
        if control::is_control(head.path()) {
            return self.control(reader, &head);
        }
        let step = self.store.next_step();
        match step.cut {
            Some(Cut::BeforeRequestRead) => return After::Break,
            Some(Cut::DuringRequest) => {
                let body = reader.half_body(&mut self.wire, &head);
                self.record(&head, &body, false);
                return After::Break;
            }
            _ => {}
        }
        if step.early {
            self.record(&head, &[], false);
            self.store.pause(step.delay_ms);
            let answer = self.scripted(&step).unwrap_or_else(|| Answer::empty(413));
            return self.send(&step, &answer.header("connection", "close"), After::Close);
        }
        let Ok(body) = reader.body(&mut self.wire, &head, self.settings.max_body_bytes) else {
            return After::Close;
        };
        self.record(&head, body.bytes(), matches!(body, Body::Whole(_)));
        self.answer(&head, &body, &step)
    }

    fn answer(&mut self, head: &Head, body: &Body, step: &Step) -> After {
        let Verdict { answer, stored } = if step.answers_itself() && !step.store {
            Answer::empty(200).into()
        } else {
            let case = Case {
                head,
                body,
                peer: self.wire.peer(),
                results: &step.results,
            };
            judge(self.settings, &case)
        };
        if step.keeps_events() {
            self.store.keep(stored);
        }
        self.store.pause(step.delay_ms);
        if step.cut == Some(Cut::BeforeAnswer) {
            return After::Break;
        }
        let mut answer = self
            .scripted(step)
            .unwrap_or_else(|| answer.with_headers(&step.headers));
        let too_long = matches!(body, Body::TooLong(_));
        let close = step.close || too_long || head.wants_close();
        if close && !step.silent {
            answer = answer.header("connection", "close");
        }
        let after = self.send(step, &answer, if close { After::Close } else { After::Keep });
        if too_long {
            self.linger();
        }
        after
    }

    /// The answer a step gives by itself.
    fn scripted(&self, step: &Step) -> Option<Answer> {
        if step.quota {
            return Some(accepted());
        }
        let status = step.status?;
        let body = step.body_bytes().unwrap_or_default();
        Some(Answer {
            status,
            headers: step.headers.clone(),
            body,
        })
    }

    fn send(&mut self, step: &Step, answer: &Answer, after: After) -> After {
        match deliver(&mut self.wire, self.store, step, answer) {
            Ok(After::Keep) => after,
            Ok(end) => end,
            // A client that left before its answer is an ordinary event here.
            Err(_) => After::Close,
        }
    }

    fn linger(&mut self) {
        self.wire.finish();
        let deadline = Instant::now() + LINGER;
        let mut piece = [0; 16 * 1024];
        while !self.store.is_stopping() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.wire.limit_reads(left).is_err() {
                break;
            }
            if !matches!(self.wire.read(&mut piece), Ok(read) if read > 0) {
                break;
            }
        }
    }

    fn control(&mut self, reader: &mut Reader, head: &Head) -> After {
        if let Some(was_most) = self.counted.take() {
            self.store.never_opened(was_most);
        }
        let Ok(Body::Whole(body)) = reader.body(&mut self.wire, head, control::MAX_BODY_BYTES) else {
            return After::Close;
        };
        let answer = control::answer(self.store, head, &body).header("connection", "close");
        self.send(&Step::default(), &answer, After::Close)
    }

    fn record(&self, head: &Head, body: &[u8], complete: bool) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.store.saw(SeenRequest {
            method: head.method.clone(),
            path: head.target.clone(),
            headers: head.headers.clone(),
            body: body.to_vec(),
            complete,
            received_at_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            connection: self.number,
        });
    }
}
