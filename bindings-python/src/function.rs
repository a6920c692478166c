//! Functions that are given as options: refused where they are given, if nothing can come of them.

use pyo3::intern;
use pyo3::prelude::*;

use crate::kind::{Class, described};
use crate::options::config_error;
use crate::raised;

/// What `async def` makes, with `yield` or without: `CO_COROUTINE` and `CO_ASYNC_GENERATOR` of `inspect`, which is too large a module to
/// be imported for this.
const ASYNCHRONOUS: u32 = 0x80 | 0x200;

static PARTIAL: Class = Class::new("functools", "partial");

/// Refuses what cannot be called, and what only gives a coroutine, which nobody would await.
pub(crate) fn check_function(option: &str, wanted: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let found = match value.is_callable() {
        true if !is_asynchronous(value)? => return Ok(()),
        true => "an async one, which nothing would await; give a synchronous one, with AsyncClient too".to_owned(),
        false => described(value),
    };
    Err(config_error(
        value.py(),
        option,
        &format!("must be {wanted}, not {found}"),
    ))
}

/// Whether calling this gives a coroutine: a function by itself, anything else by its class's `__call__`.
fn is_asynchronous(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    let function = match PARTIAL.has(value)? {
        true => value.getattr(intern!(py, "func"))?,
        false => value.clone(),
    };
    let call = function.get_type().getattr(intern!(py, "__call__"))?;
    Ok(has_flag(&function)? || has_flag(&call)?)
}

fn has_flag(function: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = function.py();
    let flags = match function.getattr_opt(intern!(py, "__code__")) {
        Ok(Some(code)) => code.getattr(intern!(py, "co_flags")).and_then(|flags| flags.extract()),
        Ok(None) => Ok(0),
        Err(error) => Err(error),
    };
    match flags {
        Ok(flags) => Ok(flags & ASYNCHRONOUS != 0),
        // A function that cannot be asked is accepted; whatever it raises when it is called is handled there.
        Err(error) => raised::words(py, error).map(|_| false),
    }
}
