//! The queue as the JavaScript side sees it.

use std::sync::Arc;
use std::time::Duration;

use hogwire::{Client, Operation, Queue, QueueOptions, Receipt, Report};
use napi::Env;
use napi::bindgen_prelude::{Result, Uint8Array};
use napi_derive::napi;
use serde_json::json;

use crate::exit;
use crate::hook::{self, Hook};
use crate::input::{self, Notes};
use crate::mailbox::{Mailbox, Ticket};
use crate::notices::{Notices, Tell};
use crate::options::{Code, broken, wrong_option};
use crate::plain;

/// What a queue is told by JavaScript when it is made.
#[napi(object, object_to_js = false)]
pub struct Setup {
    /// The options as JSON text.
    pub options: String,
    /// The names of the hooks there are.
    pub hooks: Vec<String>,
    /// Whether requests go through a JavaScript function, for which the JavaScript thread cannot wait.
    pub carried: bool,
    /// The memory where `lib/plain.js` writes.
    pub memory: Uint8Array,
}

/// A queue, and the ways back.
#[napi]
pub struct NativeQueue {
    queue: Queue,
    mailbox: Arc<Mailbox>,
    notices: Option<Arc<Notices>>,
    carried: bool,
    memory: Uint8Array,
}

impl NativeQueue {
    pub(crate) fn open(
        client: &Client,
        mailbox: &Arc<Mailbox>,
        setup: Setup,
        tell: Option<Tell<'_>>,
    ) -> Result<Self, Code> {
        let mut options = QueueOptions::from_json(&setup.options).map_err(|error| wrong_option(&error))?;
        let notices = tell.map(|tell| Notices::new(&tell)).transpose().map_err(broken)?;
        if let Some(notices) = &notices {
            options = notices.listen(options, &setup.hooks);
        }
        let mut queue = client.queue(options.clone()).map_err(|error| wrong_option(&error))?;
        if setup.carried {
            // A push must not block: only the JavaScript thread, which would wait, could make room. (The options were checked as given.)
            queue = client
                .queue(options.block_timeout(Duration::ZERO))
                .map_err(|error| wrong_option(&error))?;
        }
        exit::watch(&queue);
        Ok(Self {
            queue,
            mailbox: Arc::clone(mailbox),
            notices,
            carried: setup.carried,
            memory: setup.memory,
        })
    }

    fn time(&self, timeout_ms: Option<u32>) -> Duration {
        timeout_ms.map_or(self.queue.close_timeout(), |ms| Duration::from_millis(ms.into()))
    }

    fn ticket(&self, env: &Env, number: u32) -> Ticket {
        self.mailbox.ticket(env, number, || {
            let mut lost = Report::default();
            lost.last_error = "a thread of hogwire panicked; stats() says what became of the events".to_owned();
            lost.to_json()
        })
    }
}

#[napi]
impl NativeQueue {
    /// Takes in one event. Gives the receipt as JSON text, or the uuid alone when there is nothing else to say.
    #[napi(catch_unwind)]
    pub fn push(
        &self,
        env: Env,
        operation: String,
        text: String,
        notes: Notes,
        hook: Option<Hook<'_>>,
    ) -> Result<String> {
        let input = input::read(input::operation(&operation)?, &text, &notes);
        let _loan = hook::lend(&env, hook.as_ref());
        Ok(told(self.queue.push(input)))
    }

    /// Takes in one event as [`push`](Self::push) does, quicker: the operation's number, and how many marks and bytes of text the memory
    /// holds. Nothing comes back when the input is to be pushed the other way. For clients without a `beforeSend`, because no
    /// JavaScript may run while the memory is looked at.
    #[napi(catch_unwind)]
    pub fn push_plain(&self, operation: u32, marks: u32, bytes: u32) -> Option<String> {
        let operation = *Operation::ALL.get(operation as usize)?;
        let input = plain::read(operation, &self.memory, marks, bytes)?;
        Some(told(self.queue.push(input)))
    }

    /// Sends what there is; the report is delivered under the number.
    #[napi(catch_unwind)]
    pub fn flush(&self, env: Env, number: u32, timeout_ms: u32) {
        let ticket = self.ticket(&env, number);
        self.queue.submit_flush(self.time(Some(timeout_ms)), move |queue| {
            ticket.answer(queue.report().to_json());
        });
    }

    /// Ends the queue; the report is delivered under the number.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, number: u32, timeout_ms: Option<u32>) {
        let ticket = self.ticket(&env, number);
        self.queue.submit_close(self.time(timeout_ms), move |queue| {
            ticket.answer(queue.report().to_json());
        });
    }

    /// Ends the queue while JavaScript waits, and gives the report.
    #[napi(catch_unwind)]
    pub fn close_sync(&self, timeout_ms: Option<u32>) -> String {
        // With a JavaScript transport, only the thread that waits here could send.
        let timeout = if self.carried {
            Duration::ZERO
        } else {
            self.time(timeout_ms)
        };
        self.queue.close(timeout).to_json()
    }

    /// What hooks are still to be told.
    #[napi(catch_unwind)]
    pub fn take_notices(&self) -> Vec<String> {
        self.notices.as_ref().map(|notices| notices.take()).unwrap_or_default()
    }

    /// Whether hooks or a transport may still be needed for what was pushed.
    #[napi(catch_unwind)]
    pub fn owes(&self) -> bool {
        // In this order: once the queue is idle, everything it told is among the notices.
        !self.queue.is_idle() || self.notices.as_ref().is_some_and(|notices| !notices.is_empty())
    }

    /// All counters as JSON text.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> String {
        json!(self.queue.stats()).to_string()
    }
}

/// A receipt as JSON text, or the uuid alone when there is nothing else to say.
fn told(receipt: Receipt) -> String {
    match receipt {
        Receipt {
            event_uuid: Some(uuid),
            queued: true,
            warnings,
            ..
        } if warnings.is_empty() => uuid.to_string(),
        receipt => receipt.to_json(),
    }
}

impl Drop for NativeQueue {
    /// Happens when the environment ends (`process.exit`, a worker that is terminated): whoever waited here would hold that up.
    fn drop(&mut self) {
        if !self.queue.is_idle() {
            self.queue.submit_close(self.queue.close_timeout(), |_| {});
        }
    }
}
