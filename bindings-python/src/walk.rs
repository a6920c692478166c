//! The walk: a Python mapping played straight into the core's [`Properties`], without JSON text or a tree in between.
//!
//! Plain values of the exact built-in types are written while the dictionary is iterated; no user code can run meanwhile. From the
//! first other value on, the rest is taken out first, because that value's code might change the dictionary.

use hogwire::{FindingCode, Full, Properties};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::kind::{Kind, described, exactly, kind};
use crate::raised;
use crate::text::{Text, text};

/// Why a walk ended early.
enum Stop {
    /// The core has seen enough; it says so itself.
    Full,
    /// An order to stop (`KeyboardInterrupt`) came out of user code.
    Raised(PyErr),
}

impl From<Full> for Stop {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl From<PyErr> for Stop {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

type Walked = Result<(), Stop>;
type Pair<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);
/// A value whose key is written, and the pairs after it.
type Rest<'py> = (Option<Bound<'py, PyAny>>, Vec<Pair<'py>>);

/// The properties in a dictionary.
pub(crate) fn dictionary(dictionary: &Bound<'_, PyDict>) -> PyResult<Properties> {
    finished(|walk| {
        let (value, pairs) = walk.plain_entries(dictionary)?;
        if value.is_none() && pairs.is_empty() {
            return Ok(());
        }
        walk.nested(dictionary, |walk| walk.rest(value, &pairs))
    })
}

/// The properties in any other mapping; what its `items()` raised.
pub(crate) fn mapping(mapping: &Bound<'_, PyAny>) -> PyResult<Properties> {
    let pairs = items(mapping)?;
    finished(|walk| walk.nested(mapping, |walk| walk.pairs(&pairs)))
}

fn finished(play: impl FnOnce(&mut Walk) -> Walked) -> PyResult<Properties> {
    let mut walk = Walk {
        properties: Properties::new(),
        open: Vec::new(),
    };
    match play(&mut walk) {
        Ok(()) | Err(Stop::Full) => Ok(walk.properties),
        Err(Stop::Raised(error)) => Err(error),
    }
}

/// What a mapping holds now, as its own `items()` tells it.
pub(crate) fn items<'py>(mapping: &Bound<'py, PyAny>) -> PyResult<Vec<Pair<'py>>> {
    // SAFETY: whoever calls found the value to be a mapping; should `items` be missing all the same, that is a Python error.
    let items = unsafe { mapping.cast_unchecked::<PyMapping>() }.items()?;
    items.iter().map(|pair| pair.extract()).collect()
}

struct Walk {
    properties: Properties,
    /// The containers being walked; a value that is one of them contains itself.
    open: Vec<*mut ffi::PyObject>,
}

impl Walk {
    fn dictionary(&mut self, dictionary: &Bound<'_, PyDict>) -> Walked {
        let (value, pairs) = self.plain_entries(dictionary)?;
        self.rest(value, &pairs)
    }

    /// Writes entries up to the first that is not plain; gives its value, when its key is written, and the pairs after it.
    fn plain_entries<'py>(&mut self, dictionary: &Bound<'py, PyDict>) -> Result<Rest<'py>, Full> {
        with_critical_section(dictionary, || {
            let (mut first, mut rest) = (None, Vec::new());
            // SAFETY: inside the critical section the dictionary is changed by nobody: nothing below runs Python code.
            for (key, value) in unsafe { entries(dictionary) } {
                match exactly::<PyString>(&key) {
                    Some(name) if first.is_none() && rest.is_empty() => {
                        self.key(name)?;
                        if !self.scalar(&value)? && !self.plain_container(&value)? {
                            first = Some(value.to_owned());
                        }
                    }
                    _ => rest.push((key.to_owned(), value.to_owned())),
                }
            }
            Ok((first, rest))
        })
    }

    fn rest(&mut self, value: Option<Bound<'_, PyAny>>, pairs: &[Pair<'_>]) -> Walked {
        if let Some(value) = value {
            self.value(&value)?;
        }
        self.pairs(pairs)
    }

    fn pairs(&mut self, pairs: &[Pair<'_>]) -> Walked {
        for (key, value) in pairs {
            match key.cast::<PyString>() {
                Ok(name) => {
                    self.key(name)?;
                    self.value(value)?;
                }
                Err(_) => self.properties.refuse_key(&described(key)),
            }
        }
        Ok(())
    }

    fn key(&mut self, key: &Bound<'_, PyString>) -> Result<(), Full> {
        match key.to_str() {
            Ok(key) => self.properties.key(key),
            Err(_) => match text(key) {
                Text { text, repaired: false } => self.properties.key(&text),
                Text { text, repaired: true } => self.properties.repaired_key(&text),
            },
        }
    }

    /// Writes a value of one of the exact types text, int, float, bool and None; `false`: it is something else.
    #[inline]
    fn scalar(&mut self, value: &Bound<'_, PyAny>) -> Result<bool, Full> {
        if let Some(value) = exactly(value) {
            self.text(value)?;
        } else if let Some(value) = exactly(value) {
            self.integer(value)?;
        } else if let Some(value) = exactly::<PyFloat>(value) {
            self.properties.float(value.value())?;
        } else if let Some(value) = exactly::<PyBool>(value) {
            self.properties.boolean(value.is_true())?;
        } else if value.is_none() {
            self.properties.null()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Writes an exact list, tuple or dictionary of nothing but such and scalars; `false`: it is something else.
    fn plain_container(&mut self, value: &Bound<'_, PyAny>) -> Result<bool, Full> {
        let is_plain = is_plain_container(value, PLAIN_DEPTH, &mut { PLAIN_VALUES });
        if is_plain {
            self.container(value)?;
        }
        Ok(is_plain)
    }

    fn container(&mut self, value: &Bound<'_, PyAny>) -> Result<(), Full> {
        if let Some(list) = exactly::<PyList>(value) {
            // SAFETY: inside the critical section the list is changed by nobody: writing plain items runs no Python code.
            with_critical_section(list, || self.plain_items(unsafe { items_of(list) }))
        } else if let Some(tuple) = exactly::<PyTuple>(value) {
            self.plain_items(tuple.iter_borrowed())
        } else if let Some(members) = exactly::<PyDict>(value) {
            with_critical_section(members, || self.plain_members(members))
        } else {
            // Another thread has put it here since it was looked at.
            self.properties.null()
        }
    }

    fn plain_items<'a, 'py: 'a>(&mut self, items: impl Iterator<Item = Borrowed<'a, 'py, PyAny>>) -> Result<(), Full> {
        if self.properties.begin_array()? {
            for item in items {
                if !self.scalar(&item)? {
                    self.container(&item)?;
                }
            }
            self.properties.end_array()?;
        }
        Ok(())
    }

    fn plain_members(&mut self, members: &Bound<'_, PyDict>) -> Result<(), Full> {
        if self.properties.begin_object()? {
            // SAFETY: inside the critical section the dictionary is changed by nobody: nothing below runs Python code.
            for (key, value) in unsafe { entries(members) } {
                // Its keys were looked at with its values.
                if let Some(key) = exactly(&key) {
                    self.key(key)?;
                    if !self.scalar(&value)? {
                        self.container(&value)?;
                    }
                }
            }
            self.properties.end_object()?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Bound<'_, PyAny>) -> Walked {
        if self.scalar(value)? || self.plain_container(value)? {
            return Ok(());
        }
        let read = kind(value);
        self.kind(read, value.py())
    }

    fn kind(&mut self, read: PyResult<Kind<'_>>, py: Python<'_>) -> Walked {
        match read {
            Ok(Kind::None) => self.properties.null()?,
            Ok(Kind::Boolean(value)) => self.properties.boolean(value)?,
            Ok(Kind::Integer(value)) => self.integer(&value)?,
            Ok(Kind::Float(value)) => self.properties.float(value)?,
            Ok(Kind::Text(value)) => self.text(&value)?,
            Ok(Kind::Decimal(digits)) => self.decimal(&digits)?,
            Ok(Kind::Dictionary(value)) => self.object(&value, |walk| walk.dictionary(&value))?,
            Ok(Kind::Mapping(value)) => match items(&value) {
                Ok(pairs) => self.object(&value, |walk| walk.pairs(&pairs))?,
                Err(error) => self.unreadable(py, error)?,
            },
            Ok(Kind::List(value)) => self.array(&value, |walk| walk.list(&value))?,
            Ok(Kind::Tuple(value)) => {
                self.array(&value, |walk| {
                    value.iter_borrowed().try_for_each(|item| walk.value(&item))
                })?;
            }
            Ok(Kind::Unsupported(found)) => self.properties.refuse(FindingCode::InvalidType, &found)?,
            Err(error) => self.unreadable(py, error)?,
        }
        Ok(())
    }

    fn list(&mut self, list: &Bound<'_, PyList>) -> Walked {
        let mut index = 0;
        // The length is asked anew each time: user code may have changed the list meanwhile.
        while index < list.len()
            && let Ok(item) = list.get_item(index)
        {
            self.value(&item)?;
            index += 1;
        }
        Ok(())
    }

    fn object(&mut self, container: &Bound<'_, PyAny>, play: impl FnOnce(&mut Self) -> Walked) -> Walked {
        if self.refuse_cycle(container)? || !self.properties.begin_object()? {
            return Ok(());
        }
        self.nested(container, play)?;
        Ok(self.properties.end_object()?)
    }

    fn array(&mut self, container: &Bound<'_, PyAny>, play: impl FnOnce(&mut Self) -> Walked) -> Walked {
        if self.refuse_cycle(container)? || !self.properties.begin_array()? {
            return Ok(());
        }
        self.nested(container, play)?;
        Ok(self.properties.end_array()?)
    }

    fn nested(&mut self, container: &Bound<'_, PyAny>, play: impl FnOnce(&mut Self) -> Walked) -> Walked {
        self.open.push(container.as_ptr());
        let played = play(self);
        self.open.pop();
        played
    }

    fn refuse_cycle(&mut self, container: &Bound<'_, PyAny>) -> Result<bool, Full> {
        if !self.open.contains(&container.as_ptr()) {
            return Ok(false);
        }
        let word = if container.is_instance_of::<PyList>() || container.is_instance_of::<PyTuple>() {
            "list"
        } else {
            "dict"
        };
        self.properties.refuse(FindingCode::Cycle, word)?;
        Ok(true)
    }

    fn text(&mut self, value: &Bound<'_, PyString>) -> Result<(), Full> {
        match value.to_str() {
            Ok(value) => self.properties.text(value),
            Err(_) => match text(value) {
                Text { text, repaired: false } => self.properties.text(&text),
                Text { text, repaired: true } => self.properties.repaired_text(&text),
            },
        }
    }

    fn integer(&mut self, value: &Bound<'_, PyInt>) -> Result<(), Full> {
        let mut overflow = 0;
        // SAFETY: the pointer is a live int, so nothing is raised; `overflow` says whether the answer holds.
        let small = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
        if overflow == 0 {
            return self.properties.integer(small);
        }
        match value.extract::<u64>() {
            Ok(large) => self.properties.unsigned(large),
            Err(_) => self.properties.refuse(FindingCode::NumberOutOfRange, &digits(value)),
        }
    }

    fn decimal(&mut self, digits: &str) -> Result<(), Full> {
        match decimal(digits) {
            Number::Integer(text) => match (text.parse::<i64>(), text.parse::<u64>()) {
                (Ok(value), _) => self.properties.integer(value),
                (_, Ok(value)) => self.properties.unsigned(value),
                _ => self.properties.refuse(FindingCode::NumberOutOfRange, text),
            },
            Number::Float(value) if value.is_finite() => self.properties.float(value),
            Number::Float(_) => self.properties.refuse(FindingCode::NumberOutOfRange, digits),
            Number::None => self.properties.refuse(FindingCode::NotFinite, digits),
        }
    }

    fn unreadable(&mut self, py: Python<'_>, error: PyErr) -> Walked {
        let message = raised::words(py, error)?;
        Ok(self.properties.refuse(FindingCode::UnreadableValue, &message)?)
    }
}

/// The entries of a dictionary, borrowed from it.
///
/// # Safety
/// Nobody changes the dictionary while they are looked at.
unsafe fn entries<'a, 'py>(
    dictionary: &'a Bound<'py, PyDict>,
) -> impl Iterator<Item = (Borrowed<'a, 'py, PyAny>, Borrowed<'a, 'py, PyAny>)> {
    let mut position = 0;
    std::iter::from_fn(move || {
        let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the dictionary is live, and by this function's contract nobody changes it.
        let found = unsafe { ffi::PyDict_Next(dictionary.as_ptr(), &raw mut position, &raw mut key, &raw mut value) };
        // SAFETY: both were just filled in; the dictionary holds them as long as it is not changed.
        let entry = |py| unsafe { (Borrowed::from_ptr(py, key), Borrowed::from_ptr(py, value)) };
        (found != 0).then(|| entry(dictionary.py()))
    })
}

/// The items of a list, borrowed from it.
///
/// # Safety
/// Nobody changes the list while they are looked at.
unsafe fn items_of<'a, 'py>(list: &'a Bound<'py, PyList>) -> impl Iterator<Item = Borrowed<'a, 'py, PyAny>> {
    (0..).map_while(move |index| {
        (index < list.len()).then(|| {
            // SAFETY: there is an item at every index below the length, and by this function's contract the list keeps it.
            unsafe { Borrowed::from_ptr(list.py(), ffi::PyList_GetItem(list.as_ptr(), index as ffi::Py_ssize_t)) }
        })
    })
}

/// Containers inside one another, and values, that are looked at before the rest is left to the thorough way.
const PLAIN_DEPTH: usize = 8;
const PLAIN_VALUES: usize = 10_000;

/// Whether a value is of one of the exact types whose writing runs no code of anybody's.
fn is_scalar(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
        || value.is_none()
}

/// Whether a value is an exact list, tuple or dictionary of nothing but such and scalars.
fn is_plain_container(value: &Bound<'_, PyAny>, depth: usize, left: &mut usize) -> bool {
    let mut is_plain = |value: &Bound<'_, PyAny>| {
        *left = left.saturating_sub(1);
        *left > 0 && (is_scalar(value) || depth > 1 && is_plain_container(value, depth - 1, left))
    };
    if let Some(list) = exactly::<PyList>(value) {
        // SAFETY: inside the critical section the list is changed by nobody: looking runs no Python code.
        with_critical_section(list, || unsafe { items_of(list) }.all(|item| is_plain(&item)))
    } else if let Some(tuple) = exactly::<PyTuple>(value) {
        tuple.iter_borrowed().all(|item| is_plain(&item))
    } else if let Some(members) = exactly::<PyDict>(value) {
        with_critical_section(members, || {
            // SAFETY: inside the critical section the dictionary is changed by nobody: looking runs no Python code.
            unsafe { entries(members) }.all(|(key, value)| key.is_exact_instance_of::<PyString>() && is_plain(&value))
        })
    } else {
        false
    }
}

/// What the text of a `Decimal` stands for.
pub(crate) enum Number<'a> {
    Integer(&'a str),
    Float(f64),
    None,
}

pub(crate) fn decimal(digits: &str) -> Number<'_> {
    let bare = digits.strip_prefix('-').unwrap_or(digits);
    if !bare.starts_with(|first: char| first.is_ascii_digit()) {
        return Number::None;
    }
    if bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return Number::Integer(digits);
    }
    digits.parse().map_or(Number::None, Number::Float)
}

/// An integer's digits. Python refuses to write very long ones, which is as well.
pub(crate) fn digits(value: &Bound<'_, PyInt>) -> String {
    match value.as_any().str() {
        Ok(digits) => digits.to_string_lossy().into_owned(),
        Err(_) => "an int of thousands of digits".to_owned(),
    }
}
