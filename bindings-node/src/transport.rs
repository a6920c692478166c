//! The transport callback: a request goes to the JavaScript thread, and a thread of the core waits for what comes back.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
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
type Carrier = ThreadsafeFunction<Load, (), Load, Status, false, true>;

/// Carries requests through a JavaScript function.
pub struct CallbackTransport {
    carrier: Carrier,
}

impl CallbackTransport {
    /// A transport that hands each request to this function.
    pub fn new(carry: &Carry<'_>) -> Result<Self> {
        let carrier = carry
            .build_threadsafe_function::<Load>()
            .weak::<true>()
            .build_callback(|context| Ok(context.value))?;
        Ok(Self { carrier })
    }
}

impl Transport for CallbackTransport {
    fn send(&self, request: &Request, time_left: Duration) -> Seen {
        let (sender, seen) = mpsc::channel();
        let exchange = Exchange {
            sender: Mutex::new(Some(sender)),
        };
        let load = (exchange, request.to_json(), time_left.as_secs_f64() * 1_000.0).into();
        let status = self.carrier.call(load, ThreadsafeFunctionCallMode::NonBlocking);
        let gone = || TransportError::new(Failure::Internal).with_message("the JavaScript thread is gone");
        if status != Status::Ok {
            return Err(gone().with_sent(false));
        }
        seen.recv_timeout(time_left).unwrap_or_else(|problem| match problem {
            RecvTimeoutError::Timeout => Err(TransportError::new(Failure::Timeout)),
            RecvTimeoutError::Disconnected => Err(gone()),
        })
    }
}

/// One request under way: answered once, later answers are ignored.
#[napi]
pub struct Exchange {
    sender: Mutex<Option<Sender<Seen>>>,
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
        if let Some(sender) = self.sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
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
