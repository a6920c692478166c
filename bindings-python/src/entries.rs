//! What containers hold: the entries and items that the walk borrows, and the pairs that a mapping gives.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use pyo3::{ffi, intern};

use crate::gate;
use crate::kind::exactly;

/// How many entries of a mapping are looked at. An event has at most a million bytes, and an entry at least five (`"":0,`), so a mapping with
/// more entries is too large; and one without end has to be left at some point.
const MOST_ENTRIES: usize = 200_000;

pub(crate) type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// What a mapping holds now.
pub(crate) fn items<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Vec<Pair<'py>>> {
    if let Some(dictionary) = exactly::<PyDict>(mapping) {
        return dictionary.items().iter().map(|pair| pair.extract()).collect();
    }
    let pairs = told(mapping)?.collect::<PyResult<Vec<_>>>()?;
    match pairs.len() {
        MOST_ENTRIES => Err(PyValueError::new_err(format!("it has {MOST_ENTRIES} entries or more"))),
        _ => Ok(pairs),
    }
}

/// The pairs that a mapping's own `items()` gives, one after the other; it may never end by itself.
pub(crate) fn told<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<impl Iterator<Item = PyResult<Pair<'py>>>> {
    let visit = gate::visit(mapping.py())?;
    let items = mapping.call_method0(intern!(mapping.py(), "items"))?.try_iter()?;
    Ok(items.take(MOST_ENTRIES).map(move |pair| {
        let _held = &visit;
        pair?.extract()
    }))
}

/// The entries of a dictionary, borrowed from it.
///
/// # Safety
/// An entry is used only until Python does more than look at an object, unless it was owned before.
#[inline]
pub(crate) unsafe fn entries<'a, 'py>(
    dictionary: &'a Bound<'py, PyDict>,
) -> impl Iterator<Item = (Borrowed<'a, 'py, PyAny>, Borrowed<'a, 'py, PyAny>)> {
    let mut position = 0;
    std::iter::from_fn(move || {
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the dictionary is live, and nobody changes it during this call. It may have changed since the last one: the position is
        // compared with its size each time.
        let found = unsafe { ffi::PyDict_Next(dictionary.as_ptr(), &raw mut position, &raw mut key, &raw mut value) };
        // SAFETY: both were just filled in; by this function's contract, the dictionary holds them for long enough.
        let entry = |py| unsafe { (Borrowed::from_ptr(py, key), Borrowed::from_ptr(py, value)) };
        (found != 0).then(|| entry(dictionary.py()))
    })
}

/// The items of a list, borrowed from it.
///
/// # Safety
/// As of [`entries`].
#[inline]
pub(crate) unsafe fn items_of<'a, 'py>(list: &'a Bound<'py, PyList>) -> impl Iterator<Item = Borrowed<'a, 'py, PyAny>> {
    (0..).map_while(move |index| {
        (index < list.len()).then(|| {
            // SAFETY: there is an item at every index below the length, and by this function's contract the list holds it for long enough.
            unsafe { Borrowed::from_ptr(list.py(), ffi::PyList_GetItem(list.as_ptr(), index as ffi::Py_ssize_t)) }
        })
    })
}
