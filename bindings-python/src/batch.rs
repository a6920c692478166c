//! The operations of `send_batch`: mappings in PascalCase, each with its `Operation`.

use hogwire::{Argument, Input, Operation, Outcome};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::entries::Pair;
use crate::gate;
use crate::input::Held;
use crate::kind::{Kind, described, kind};
use crate::text::text;

/// The key that names an item's operation.
const OPERATION: &str = "Operation";
/// The key as other languages spell it. It is understood, so that all names of the item that are spelled like this are refused together.
const RESPELLED: &str = "operation";

/// The items, held so that the core can borrow from them while other threads run.
pub(crate) struct HeldBatch<'py>(Vec<Item<'py>>);

enum Item<'py> {
    Known(Operation, Held<'py>),
    /// Named under [`RESPELLED`].
    Respelled(Operation, Held<'py>),
    /// What stands in place of an operation.
    Unknown(Argument<'static>),
}

impl<'py> HeldBatch<'py> {
    pub(crate) fn of(operations: &Bound<'py, PyAny>) -> PyResult<Self> {
        let is_one = operations.is_instance_of::<PyString>()
            || operations.is_instance_of::<PyBytes>()
            || operations.is_instance_of::<PyByteArray>()
            || operations.is_instance_of::<PyDict>();
        if is_one {
            return Err(no_list(operations));
        }
        // Any other iterable gives its items by code of its own.
        let is_plain = operations.is_exact_instance_of::<PyList>() || operations.is_exact_instance_of::<PyTuple>();
        let _visit = if is_plain {
            None
        } else {
            Some(gate::visit(operations.py())?)
        };
        let items = match operations.try_iter() {
            // Its own code has raised this.
            Err(error) if operations.get_type().hasattr(intern!(operations.py(), "__iter__"))? => return Err(error),
            Err(_) => return Err(no_list(operations)),
            Ok(items) => items,
        };
        items.map(|item| Item::of(&item?)).collect::<PyResult<_>>().map(Self)
    }

    pub(crate) fn inputs(&self) -> PyResult<Vec<Input<'_>>> {
        self.0.iter().map(Item::input).collect()
    }

    /// The same outcome for each item.
    pub(crate) fn all(&self, outcome: &Outcome) -> Vec<Outcome> {
        vec![outcome.clone(); self.0.len()]
    }
}

fn no_list(operations: &Bound<'_, PyAny>) -> PyErr {
    let found = described(operations);
    PyTypeError::new_err(format!("operations must be a list of mappings, not {found}"))
}

impl<'py> Item<'py> {
    fn of(item: &Bound<'py, PyAny>) -> PyResult<Self> {
        let is_mapping = matches!(kind(item), Ok(Kind::Dictionary(_) | Kind::Mapping(_)) | Err(_));
        if !is_mapping {
            return Ok(Self::Known(Operation::Event, Held::OfAnotherKind(described(item))));
        }
        let mut held = Held::of(item)?;
        let (name, known): (_, fn(_, _) -> _) = match &mut held {
            Held::Named(pairs) => match take(pairs, OPERATION) {
                Some(name) => (Some(name), Self::Known),
                None => (take(pairs, RESPELLED), Self::Respelled),
            },
            // Unreadable as a whole, whichever operation it was to be.
            _ => return Ok(Self::Known(Operation::Event, held)),
        };
        Ok(match name {
            None => Self::Unknown(Argument::Absent),
            Some(name) => match name.cast::<PyString>().map(|name| text(name).text.into_owned()) {
                Ok(word) => match Operation::from_word(&word) {
                    Some(operation) => known(operation, held),
                    None => Self::Unknown(Argument::from(word)),
                },
                Err(_) if name.is_none() => Self::Unknown(Argument::Absent),
                Err(_) => Self::Unknown(Argument::Unsupported(described(&name))),
            },
        })
    }

    fn input(&self) -> PyResult<Input<'_>> {
        match self {
            Self::Known(operation, held) => held.input(*operation),
            Self::Respelled(operation, held) => {
                let mut input = held.input(*operation)?;
                input.unknown_among(RESPELLED, &[OPERATION]);
                Ok(input)
            }
            Self::Unknown(name) => Ok(Input::unknown_operation(name.clone())),
        }
    }
}

fn take<'py>(pairs: &mut Vec<Pair<'py>>, wanted: &str) -> Option<Bound<'py, PyAny>> {
    let is_name = |name: &Bound<'py, PyAny>| name.cast::<PyString>().is_ok_and(|name| text(name).text == wanted);
    let place = pairs.iter().position(|(name, _)| is_name(name))?;
    Some(pairs.remove(place).1)
}
