//! Outside: running a function where no `AsyncLocalStorage` has a store.
//!
//! Node calls a threadsafe function with the stores that were current when it was made. A client that is made while a web server answers a
//! request would show that request's store to every later call, and keep it alive: for ever, if the store refers to the client.

use std::ptr;

use napi::bindgen_prelude::{Error, Function, JsValue, Object, Result, Unknown};
use napi::{Env, Status, sys};
use napi_derive::napi;

/// Calls a function outside, and gives what it returns. What it throws is thrown.
#[napi(catch_unwind)]
pub fn outside<'call>(env: &'call Env, run: Function<'call, (), Unknown<'call>>) -> Result<Unknown<'call>> {
    // Up to Node 22 stores are properties of the receiver. It is a new one for each call, so that nothing stays behind.
    let receiver = Object::new(env)?;
    let mut returned = ptr::null_mut();
    // SAFETY: the handles are alive, in this thread's environment; null stands for no context. No exception is pending yet.
    let status = unsafe {
        sys::napi_make_callback(
            env.raw(),
            ptr::null_mut(),
            receiver.raw(),
            run.raw(),
            0,
            ptr::null(),
            &mut returned,
        )
    };
    if status != sys::Status::napi_ok {
        return Err(Error::from_status(Status::from(status)));
    }
    // SAFETY: it went well, so this is a handle of the same environment.
    Ok(unsafe { Unknown::from_raw_unchecked(env.raw(), returned) })
}
