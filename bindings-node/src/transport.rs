//! The transport callback: a request goes to the JavaScript thread, and a thread of the core waits for what comes back.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hogwire::{Failure, Request, Response, Seen, Transport, TransportError};
use napi::Status;
use napi::bindgen_prelude::{FnArgs, Function, Result, Uint8Array};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;

/// The exchange, the request as JSON text, and the milliseconds left.
pub type Load = FnArgs<(Exchange, String, f64)>;
/// The function that carries requests.
pub type Carry<'call> = Function<'call, Load, ()>;
/// What crosses the threads: the exchange by its number.
type Crossing = (u64, String, f64);
type Carrier = ThreadsafeFunction<Crossing, (), Load, Status, false, true>;

/// Carries requests through a JavaScript function.
pub struct CallbackTransport {
    carrier: Carrier,
    waiting: Arc<Waiting>,
}

impl CallbackTransport {
    /// A transport that hands each request to this function.
    pub fn new(carry: &Carry<'_>) -> Result<Self> {
        let waiting = Arc::<Waiting>::default();
        let thread = JavaScriptThread(Arc::clone(&waiting));
        let carrier = carry
            .build_threadsafe_function::<Crossing>()
            .weak::<true>()
            .build_callback(move |context| {
                let (number, request, milliseconds) = context.value;
                Ok((thread.exchange(number), request, milliseconds).into())
            })?;
        Ok(Self { carrier, waiting })
    }
}

impl Transport for CallbackTransport {
    fn send(&self, request: &Request, time_left: Duration) -> Seen {
        let (number, seen) = self.waiting.begin();
        let crossing = (number, request.to_json(), time_left.as_secs_f64() * 1_000.0);
        let status = self.carrier.call(crossing, ThreadsafeFunctionCallMode::NonBlocking);
        let gone = || TransportError::new(Failure::Internal).with_message("the JavaScript thread is gone");
        let seen = match status {
            Status::Ok => seen.recv_timeout(time_left).unwrap_or_else(|problem| match problem {
                RecvTimeoutError::Timeout => Err(TransportError::new(Failure::Timeout)),
                RecvTimeoutError::Disconnected => Err(gone()),
            }),
            _ => Err(gone().with_sent(false)),
        };
        self.waiting.end(number);
        seen
    }
}

/// Those who wait for an answer, by the number of their exchange.
#[derive(Default)]
struct Waiting {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last_number: u64,
    senders: HashMap<u64, Sender<Seen>>,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> (u64, Receiver<Seen>) {
        let (sender, seen) = mpsc::channel();
        let mut open = self.lock();
        open.last_number += 1;
        let number = open.last_number;
        open.senders.insert(number, sender);
        (number, seen)
    }

    /// Whoever waited for it, the first time.
    fn end(&self, number: u64) -> Option<Sender<Seen>> {
        self.lock().senders.remove(&number)
    }
}

/// The thread that answers. The threadsafe function's callback holds this, and drops it when the environment ends: whoever waits for an answer
/// then is told, and does not wait until time runs out.
struct JavaScriptThread(Arc<Waiting>);

impl JavaScriptThread {
    fn exchange(&self, number: u64) -> Exchange {
        Exchange {
            number,
            waiting: Arc::clone(&self.0),
        }
    }
}

impl Drop for JavaScriptThread {
    fn drop(&mut self) {
        self.0.lock().senders.clear();
    }
}

/// One request under way: answered once, later answers are ignored.
#[napi]
pub struct Exchange {
    number: u64,
    waiting: Arc<Waiting>,
}

#[napi]
impl Exchange {
    /// The server answered.
    #[napi(catch_unwind)]
    pub fn answer(&self, status: u16, headers: Vec<String>, body: Uint8Array) {
        self.settle(Ok(response(status, headers, &body)));
    }

    /// There is no answer.
    #[napi(catch_unwind)]
    pub fn fail(&self, failure: String, sent: Option<bool>, message: Option<String>) {
        self.settle(Err(transport_error(&failure, sent, message)));
    }

    fn settle(&self, seen: Seen) {
        if let Some(sender) = self.waiting.end(self.number) {
            // Nobody listens any more when time ran out meanwhile.
            let _ = sender.send(seen);
        }
    }
}

/// An answer; `headers` is a flat list of names and values.
pub fn response(status: u16, headers: Vec<String>, body: &[u8]) -> Response {
    let mut response = Response::new(status, body);
    let mut words = headers.into_iter();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        response = response.with_header(name, value);
    }
    response
}

/// A failure by name; an unknown name is the transport's fault.
pub fn transport_error(failure: &str, sent: Option<bool>, message: Option<String>) -> TransportError {
    let mut error = TransportError::new(Failure::from_word(failure).unwrap_or(Failure::Internal));
    error.sent = sent.unwrap_or(error.sent);
    error.message = message.unwrap_or(error.message);
    error
}
