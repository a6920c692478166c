//! `before_send`: Python functions as the core's hooks. A hook gets a dictionary and gives one back, or `None` to drop the event.

use hogwire::{AssembledEvent, ConfigBuilder};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use serde_json::Value;

use crate::function::check_function;
use crate::json::{self, Unfit};
use crate::kind::described;
use crate::{gate, raised};

/// Adds one hook or a list of them.
pub(crate) fn add(builder: ConfigBuilder, hooks: &Bound<'_, PyAny>) -> PyResult<ConfigBuilder> {
    let hooks: Vec<_> = match (hooks.cast::<PyList>(), hooks.cast::<PyTuple>()) {
        (Ok(list), _) => list.iter().collect(),
        (_, Ok(tuple)) => tuple.iter().collect(),
        _ => vec![hooks.clone()],
    };
    hooks.into_iter().try_fold(builder, |builder, hook| {
        check_function("before_send", "a function or a list of functions", &hook)?;
        let hook = hook.unbind();
        Ok(builder.before_send(move |event| run(&hook, &event)))
    })
}

fn run(hook: &Py<PyAny>, event: &AssembledEvent) -> Result<Option<AssembledEvent>, String> {
    let ran = gate::attached(|py| {
        let answer = json::object_to_python(py, event).and_then(|event| hook.bind(py).call1((event,)));
        match answer {
            Ok(answer) => read(&answer),
            Err(error) => Err(raised::words_or_keep(py, error)),
        }
    });
    ran.unwrap_or_else(|| Err("the interpreter is ending".to_owned()))
}

fn read(answer: &Bound<'_, PyAny>) -> Result<Option<AssembledEvent>, String> {
    match json::from_python(answer) {
        Ok(Value::Null) => Ok(None),
        Ok(Value::Object(event)) => Ok(Some(event)),
        Ok(_) => Err(format!("it returned {}; return the event or None", described(answer))),
        Err(Unfit::Because(words)) => Err(format!("it returned what no event can hold: {words}")),
        Err(Unfit::Raised(order)) => Err(raised::words_or_keep(answer.py(), order)),
    }
}
