//! The Python package's native half: Python values in, `hogwire` calls, Python values out.
//!
//! Every rule lives in the core. This crate knows what a Python value is (`kind`), plays it into the core without a tree in between
//! (`walk`, `argument`), and keeps Python's own promises: the interpreter's lock, its exceptions, its exit (`guard`, `raised`, `gate`).

mod argument;
mod batch;
mod client;
mod collector;
mod entries;
mod exit;
mod finding;
mod function;
mod gate;
mod guard;
mod hooks;
mod input;
mod json;
mod kind;
mod known;
mod log;
mod misuse;
mod number;
mod operations;
mod options;
mod outcome;
mod own_http;
mod queue;
mod queue_options;
mod raised;
mod receipt;
mod report;
mod request;
mod text;
mod transport;
mod walk;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The native half of `hogwire`; import from `hogwire` itself.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::client::{Client, restore_client};
    #[pymodule_export]
    use crate::exit::close_queues;
    #[pymodule_export]
    use crate::finding::Finding;
    #[pymodule_export]
    use crate::gate::close_gate;
    #[pymodule_export]
    use crate::guard::panic_on_next_call;
    #[pymodule_export]
    use crate::options::ConfigError;
    #[pymodule_export]
    use crate::outcome::{Outcome, restore_outcome};
    #[pymodule_export]
    use crate::own_http::{build, interpret};
    #[pymodule_export]
    use crate::queue::{Queue, Queued};
    #[pymodule_export]
    use crate::receipt::{Receipt, restore_receipt};
    #[pymodule_export]
    use crate::report::{Dropped, Report};
    #[pymodule_export]
    use crate::request::{Request, events_of, success_body};
    #[pymodule_export]
    use crate::text::uuid_from;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::gate::require_main_interpreter(module.py())?;
        hogwire::binding::on_signal(crate::raised::signal_raised);
        crate::publish_catalogues(module)?;
        crate::collector::with_finalizer(&module.py().get_type::<crate::queue::Queued>())?;
        crate::gate::close_at_exit(module)?;
        crate::exit::close_at_exit(module)
    }
}

fn publish_catalogues(module: &Bound<'_, PyModule>) -> PyResult<()> {
    use hogwire::{Delivery, DropReason, ErrorCode, FindingCode, Operation, WarningCode};
    let py = module.py();
    module.add("__version__", hogwire::VERSION)?;
    let words: [(&str, Vec<_>); 5] = [
        ("ERROR_CODES", ErrorCode::ALL.iter().map(|word| word.as_str()).collect()),
        ("DELIVERIES", Delivery::ALL.iter().map(|word| word.as_str()).collect()),
        (
            "FINDING_CODES",
            FindingCode::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        (
            "WARNING_CODES",
            WarningCode::ALL.iter().map(|word| word.as_str()).collect(),
        ),
        (
            "DROP_REASONS",
            DropReason::ALL.iter().map(|word| word.as_str()).collect(),
        ),
    ];
    for (name, words) in words {
        module.add(name, PyTuple::new(py, words)?)?;
    }
    module.add("UUID_NAMESPACE", hogwire::UUID_NAMESPACE.to_string())?;
    let operations = PyDict::new(py);
    for operation in Operation::ALL {
        let parameters = operation.parameters().iter().map(|word| word.as_str());
        operations.set_item(operation.as_str(), PyTuple::new(py, parameters)?)?;
    }
    module.add("OPERATIONS", operations)
}
