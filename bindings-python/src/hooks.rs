//! `before_send`: Python functions as the core's hooks. A hook gets a dictionary and gives one back, or `None` to drop the event.

use std::sync::Arc;

use hogwire::AssembledEvent;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use serde_json::Value;

use crate::collector::Shared;
use crate::function::check_function;
use crate::json::{self, Unfit};
use crate::kind::described;
use crate::{gate, raised};

/// One hook or a list of them.
pub(crate) fn read(hooks: &Bound<'_, PyAny>) -> PyResult<Vec<Shared>> {
    let hooks: Vec<_> = match (hooks.cast::<PyList>(), hooks.cast::<PyTuple>()) {
        (Ok(list), _) => list.iter().collect(),
        (_, Ok(tuple)) => tuple.iter().collect(),
        _ => vec![hooks.clone()],
    };
    let checked = hooks.into_iter().map(|hook| {
        check_function("before_send", "a function or a list of functions", &hook)?;
        Ok(Arc::new(hook.unbind()))
    });
    checked.collect()
}

/// What a hook makes of an event.
pub(crate) fn run(hook: &Py<PyAny>, event: &AssembledEvent) -> Result<Option<AssembledEvent>, String> {
    let ran = gate::attached(|py| {
        let answer = json::object_to_python(py, event).and_then(|event| hook.bind(py).call1((event,)));
        match answer {
            Ok(answer) => event_of(&answer),
            Err(error) => Err(raised::words_or_keep(py, error)),
        }
    });
    ran.unwrap_or_else(|| Err("the interpreter is ending".to_owned()))
}

fn event_of(answer: &Bound<'_, PyAny>) -> Result<Option<AssembledEvent>, String> {
    match json::from_python(answer) {
        Ok(Value::Null) => Ok(None),
        Ok(Value::Object(event)) => Ok(Some(event)),
        Ok(_) => Err(format!("it returned {}; return the event or None", described(answer))),
        Err(Unfit::Because(words)) => Err(format!("it returned what no event can hold: {words}")),
        Err(Unfit::Raised(order)) => Err(raised::words_or_keep(answer.py(), order)),
    }
}
