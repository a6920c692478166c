//! The client as the JavaScript side sees it.

use std::sync::Arc;

use hogwire::{Client, Input, Operation, Outcome};
use napi::Env;
use napi::bindgen_prelude::Result;
use napi_derive::napi;

use crate::hook::{self, Hook};
use crate::input::{self, Notes};
use crate::mailbox::{Deliver, Mailbox};
use crate::notices::Tell;
use crate::options::{self, Code, broken, wrong_option};
use crate::queue::{NativeQueue, Setup};
use crate::transport::{CallbackTransport, Carry};

/// One call of a batch.
#[napi(object, object_to_js = false)]
pub struct Item {
    /// Its operation's name, whatever it is.
    pub operation: String,
    /// Its input as JSON text.
    pub text: String,
    /// What JSON text cannot carry.
    pub notes: Option<Vec<String>>,
}

impl Item {
    fn input(&self) -> Input<'_> {
        match Operation::from_word(&self.operation) {
            Some(operation) => input::read(operation, &self.text, &self.notes),
            None => Input::unknown_operation(self.operation.as_str()),
        }
    }
}

fn list(outcomes: &[Outcome]) -> String {
    // Texts, numbers and lists of them always serialize.
    serde_json::to_string(outcomes).unwrap_or_default()
}

/// A client and the way its outcomes go.
#[napi]
pub struct NativeClient {
    client: Client,
    mailbox: Arc<Mailbox>,
}

#[napi]
impl NativeClient {
    /// A client; the thrown error's `code` is the wrong option.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        options: String,
        environment: Option<options::Environment>,
        has_hook: bool,
        deliver: Deliver<'_>,
        carry: Option<Carry<'_>>,
    ) -> Result<Self, Code> {
        let config = options::config(&options, environment.as_ref(), has_hook).map_err(|error| wrong_option(&error))?;
        let client = match carry {
            Some(carry) => Client::with_transport(config, CallbackTransport::new(&carry).map_err(broken)?),
            None => Client::new(config).map_err(|error| wrong_option(&error))?,
        };
        Ok(Self {
            client,
            mailbox: Mailbox::new(&deliver).map_err(broken)?,
        })
    }

    /// Sends one call; its outcome is delivered under the number.
    #[napi(catch_unwind)]
    pub fn submit(
        &self,
        env: Env,
        number: u32,
        operation: String,
        text: String,
        notes: Notes,
        hook: Option<Hook<'_>>,
    ) -> Result<()> {
        let input = input::read(input::operation(&operation)?, &text, &notes);
        let _loan = hook::lend(&env, hook.as_ref());
        let ticket = self.mailbox.ticket(&env, number, || Outcome::lost(None).to_json());
        self.client
            .submit(input, move |outcome| ticket.answer(outcome.to_json()));
        Ok(())
    }

    /// Sends many calls; the list of their outcomes is delivered under the number.
    #[napi(catch_unwind)]
    pub fn submit_batch(&self, env: Env, number: u32, items: Vec<Item>, hook: Option<Hook<'_>>) {
        let inputs: Vec<_> = items.iter().map(Item::input).collect();
        let _loan = hook::lend(&env, hook.as_ref());
        let count = inputs.len();
        let ticket = self
            .mailbox
            .ticket(&env, number, move || list(&vec![Outcome::lost(None); count]));
        self.client
            .submit_batch(inputs, move |outcomes| ticket.answer(list(&outcomes)));
    }

    /// A queue; the thrown error's `code` is the wrong option.
    #[napi(catch_unwind)]
    pub fn queue(&self, setup: Setup, tell: Option<Tell<'_>>) -> Result<NativeQueue, Code> {
        NativeQueue::open(&self.client, &self.mailbox, setup, tell)
    }

    /// Where it sends.
    #[napi(catch_unwind)]
    pub fn host(&self) -> String {
        self.client.config().host().to_owned()
    }

    /// Stops sending.
    #[napi(catch_unwind)]
    pub fn opt_out(&self) {
        self.client.opt_out();
    }

    /// Sends again.
    #[napi(catch_unwind)]
    pub fn opt_in(&self) {
        self.client.opt_in();
    }

    /// Takes no further calls.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.client.close();
    }
}
