//! `beforeSend`: the JavaScript hooks, lent to the core for the time of one call.
//!
//! The core runs hooks on the caller's thread while it reads an input, which here is always the JavaScript thread inside a call from
//! JavaScript. So the function is not stored (no reference can be dropped on a wrong thread, none keeps a client alive): each call
//! brings it along, and a hook that makes calls of its own lends it again, on top of the first.

use std::cell::RefCell;
use std::ptr;

use hogwire::AssembledEvent;
use hogwire::binding::read_assembled;
use napi::bindgen_prelude::{FromNapiValue, Function, JsValue, Null, ToNapiValue};
use napi::{Either, Env, sys};
use napi_derive::napi;
use serde_json::Value;

/// The chain of hooks as `lib/hooks.js` makes it: an event's JSON text goes in.
pub type Hook<'call> = Function<'call, String, Either<HookAnswer, Null>>;

/// What the chain gave back; null drops the event.
#[napi(object, object_to_js = false)]
pub struct HookAnswer {
    /// The event's JSON text.
    pub event: Option<String>,
    /// Why a hook failed.
    pub failure: Option<String>,
}

thread_local! {
    static LENT: RefCell<Vec<(sys::napi_env, sys::napi_value)>> = const { RefCell::new(Vec::new()) };
}

/// Ends the loan when the call is over, also by a panic.
pub struct Loan(bool);

/// Lends a hook to whatever the core does until the loan is dropped.
pub fn lend(env: &Env, hook: Option<&Hook<'_>>) -> Loan {
    if let Some(hook) = hook {
        LENT.with_borrow_mut(|lent| lent.push((env.raw(), hook.raw())));
    }
    Loan(hook.is_some())
}

impl Drop for Loan {
    fn drop(&mut self) {
        if self.0 {
            LENT.with_borrow_mut(Vec::pop);
        }
    }
}

/// Runs the hook lent last.
pub fn run_lent(event: AssembledEvent) -> Result<Option<AssembledEvent>, String> {
    let Some((env, hook)) = LENT.with_borrow(|lent| lent.last().copied()) else {
        return Err("no hook was lent to this call".to_owned());
    };
    let text = serde_json::to_string(&event).map_err(|error| error.to_string())?;
    // SAFETY: the pair was lent by a call from JavaScript that is still on this thread's stack, so the handle is alive and the
    // environment is this thread's.
    match unsafe { call(env, hook, text) }? {
        Either::A(HookAnswer { event: Some(text), .. }) => match read_assembled(text.as_bytes()) {
            Ok(Value::Object(event)) => Ok(Some(event)),
            Ok(_) => Err("it returned no object".to_owned()),
            Err(problem) => Err(format!("it returned what no event can hold: {problem}")),
        },
        Either::A(HookAnswer { failure, .. }) => Err(failure.unwrap_or_default()),
        Either::B(Null) => Ok(None),
    }
}

/// Calls the chain of hooks. Not with napi's own `Function::call`: that asks the exception for its text by calling JavaScript again,
/// which, where the exception says that the stack is used up, throws the next one, and so on until the process dies.
///
/// # Safety
/// `hook` must be a live handle of a function in `env`, and `env` this thread's environment.
unsafe fn call(env: sys::napi_env, hook: sys::napi_value, text: String) -> Result<Either<HookAnswer, Null>, String> {
    let told = |error: napi::Error| error.reason;
    let (mut this, mut answer) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the caller vouches for the two handles; the others are made here, in the handle scope of the call that lent the hook.
    unsafe {
        let argument = String::to_napi_value(env, text).map_err(told)?;
        sys::napi_get_undefined(env, &mut this);
        let status = sys::napi_call_function(env, this, hook, 1, &argument, &mut answer);
        if status != sys::Status::napi_ok {
            let mut thrown = ptr::null_mut();
            sys::napi_get_and_clear_last_exception(env, &mut thrown);
            return Err("it could not be called; perhaps hooks call one another without end".to_owned());
        }
        Either::from_napi_value(env, answer).map_err(told)
    }
}
