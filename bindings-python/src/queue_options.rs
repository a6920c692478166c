//! Options of a queue: keyword arguments as the core's queue options, and Python functions as its hooks.

use std::sync::Arc;

use hogwire::{Delivery, OPTIONS, QUEUE_OPTIONS, QueueOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::collector::Shared;
use crate::function::check_function;
use crate::options::{OWN_OPTIONS, TIME, core_name, milliseconds, no_option, of_core, plain};
use crate::outcome::Outcome;
use crate::report::Dropped;
use crate::{gate, log, raised};

/// A queue's options that are functions, and so none of the core's.
pub(crate) const QUEUE_HOOKS: &[&str] = &["on_drop", "on_error", "on_delivered"];

/// What there is to know of a queue when it is made.
pub(crate) struct Read {
    pub(crate) options: QueueOptions,
    /// The client and the hooks.
    pub(crate) shared: Vec<Shared>,
    /// Whether a push may have to wait.
    pub(crate) may_block: bool,
}

pub(crate) fn read(client: &Bound<'_, Client>, given: Option<&Bound<'_, PyDict>>) -> PyResult<Read> {
    let mut named = Map::new();
    let (mut on_drop, mut on_error, mut on_delivered) = (None, None, None);
    for (name, value) in given.into_iter().flatten() {
        let name: String = name.extract()?;
        match name.as_str() {
            "on_drop" => on_drop = hook(&name, value)?,
            "on_error" => on_error = hook(&name, value)?,
            "on_delivered" => on_delivered = hook(&name, value)?,
            _ => {
                let core = core_name(QUEUE_OPTIONS, &name).ok_or_else(|| unknown(&name))?;
                let value = match core.ends_with(TIME) {
                    true => milliseconds(&name, &value)?,
                    false => plain(&name, &value)?,
                };
                named.insert(core, value);
            }
        }
    }
    let may_block = named.get("overflow") == Some(&Value::from("block"));
    let mut options =
        QueueOptions::from_json(&Value::Object(named).to_string()).map_err(|error| of_core(client.py(), &error))?;
    let client = Arc::new(client.clone().into_any().unbind());
    let hooks = [&on_drop, &on_error, &on_delivered].into_iter().flatten();
    let shared = hooks.chain([&client]).cloned().collect();
    if let Some(hook) = on_drop {
        options = options.on_drop(move |dropped| call("on_drop", &hook, (Dropped::from(&dropped),)));
    }
    if let Some(hook) = on_delivered {
        options = options.on_delivered(move |uuids, delivery| {
            let uuids: Vec<_> = uuids.iter().map(ToString::to_string).collect();
            call("on_delivered", &hook, (uuids, Delivery::as_str(delivery)));
        });
    }
    // Always there, because a failed request is also a line of the log.
    options = options.on_error(move |outcome| {
        // The hook keeps the client alive: its transport is still needed for what is delivered when the Python queue is gone.
        let _client = &client;
        gate::attached(|py| log::log(py, &outcome));
        if let Some(hook) = &on_error {
            call("on_error", hook, (Outcome::from(outcome),));
        }
    });
    Ok(Read {
        options,
        shared,
        may_block,
    })
}

fn unknown(name: &str) -> PyErr {
    no_option(
        "queue",
        name,
        (QUEUE_OPTIONS, QUEUE_HOOKS),
        (OPTIONS, OWN_OPTIONS, "Client()"),
    )
}

fn hook(name: &str, value: Bound<'_, PyAny>) -> PyResult<Option<Shared>> {
    if value.is_none() {
        return Ok(None);
    }
    check_function(name, "a function", &value)?;
    Ok(Some(Arc::new(value.unbind())))
}

/// Calls a hook, from whichever thread. What it raises is a line of the log; an order to stop is kept for the call it came up in.
fn call(name: &str, hook: &Py<PyAny>, arguments: impl for<'py> pyo3::call::PyCallArgs<'py>) {
    gate::attached(|py| {
        if let Err(error) = hook.bind(py).call1(arguments) {
            log::hook_raised(py, name, &error);
            raised::words_or_keep(py, error);
        }
    });
}
