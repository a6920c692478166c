//! The walk: a Python mapping played straight into the core's [`Properties`], without JSON text or a tree in between.
//!
//! Scalars of the exact built-in types, and lists, tuples and dictionaries of nothing but these, are written while the dictionary is
//! iterated, because no code of theirs can run meanwhile. From the first other value on, the remaining entries are first taken out,
//! because that value's code might change the dictionary.
//!
//! What is borrowed from a container lives as long as nobody takes it out of there. Another thread can do that whenever Python does more
//! than look at an object: a free-threaded Python leaves a critical section when it enters another one or waits, and any Python runs a
//! codec for text that holds half a surrogate pair. So whatever is still used afterwards is owned before.

use std::sync::MutexGuard;

use hogwire::binding::shortened;
use hogwire::{FindingCode, Full, Properties};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::entries::{Pair, entries, items_of, told};
use crate::kind::{Kind, described, exactly, kind};
use crate::known::KnownKeys;
use crate::number::{Number, decimal, digits};
use crate::raised;
use crate::text::{Text, text};

/// Whether this is a free-threaded Python, whose objects begin with more than a reference count and a type. A constant, so that other Pythons
/// pay nothing for it.
const FREE_THREADED: bool = size_of::<ffi::PyObject>() != size_of::<[usize; 2]>();

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
/// What is left of an object whose first entries are written.
type Rest<'py> = (Option<Unfinished<'py>>, Vec<Pair<'py>>);

/// A value that is not written to its end: its key is, and perhaps its bracket and its first parts.
enum Unfinished<'py> {
    Whole(Bound<'py, PyAny>),
    /// From this index on.
    List(Bound<'py, PyList>, usize),
    Tuple(Bound<'py, PyTuple>, usize),
    Dictionary(Bound<'py, PyDict>, Box<Rest<'py>>),
}

/// What the values of an object may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    Any,
    /// No date, path or Decimal: these can be written as text, but are not ids.
    Ids,
}

/// Plays in what a dictionary holds.
pub(crate) fn dictionary(properties: &mut Properties, dictionary: &Bound<'_, PyDict>, values: Values) -> PyResult<()> {
    play(properties, values, |walk| {
        walk.known = KnownKeys::lock();
        let rest = walk.plain_entries(dictionary)?;
        walk.known = None;
        match rest {
            Some(rest) => walk.nested(dictionary, |walk| walk.rest(rest)),
            None => Ok(()),
        }
    })
}

/// Plays in what any other mapping holds; raises what its `items()` raised.
pub(crate) fn mapping(properties: &mut Properties, mapping: &Bound<'_, PyAny>, values: Values) -> PyResult<()> {
    let mut pairs = told(mapping)?;
    play(properties, values, |walk| {
        walk.nested(mapping, |walk| walk.told(&mut pairs))
    })
}

fn play(properties: &mut Properties, values: Values, play: impl FnOnce(&mut Walk<'_>) -> Walked) -> PyResult<()> {
    let mut walk = Walk {
        properties,
        open: Vec::new(),
        known: None,
        values,
    };
    match play(&mut walk) {
        Ok(()) | Err(Stop::Full) => Ok(()),
        Err(Stop::Raised(error)) => Err(error),
    }
}

struct Walk<'w> {
    /// Where everything is written. Only referred to, because moving it costs as much as a few entries.
    properties: &'w mut Properties,
    /// The containers being walked; a value that is one of them contains itself.
    open: Vec<*mut ffi::PyObject>,
    /// The known keys, while no Python code can run.
    known: Option<MutexGuard<'static, KnownKeys>>,
    values: Values,
}

impl Walk<'_> {
    fn dictionary(&mut self, dictionary: &Bound<'_, PyDict>) -> Walked {
        match self.plain_entries(dictionary)? {
            Some(rest) => self.rest(rest),
            None => Ok(()),
        }
    }

    /// Writes entries up to the first whose value is no scalar and no container of nothing but scalars.
    fn plain_entries<'py>(&mut self, dictionary: &Bound<'py, PyDict>) -> Result<Option<Rest<'py>>, Full> {
        self.leading_entries(dictionary, false)
    }

    /// Writes entries up to the first whose value is no scalar, nor (unless `only_scalars`) a container of nothing but scalars; `None`:
    /// all are written.
    fn leading_entries<'py>(
        &mut self,
        dictionary: &Bound<'py, PyDict>,
        only_scalars: bool,
    ) -> Result<Option<Rest<'py>>, Full> {
        with_critical_section(dictionary, || {
            let (mut first, mut rest) = (None, Vec::new());
            // SAFETY: each entry is used before Python is asked for more than a look, or owned.
            for (key, value) in unsafe { entries(dictionary) } {
                if first.is_some() || !rest.is_empty() {
                    rest.push((key.to_owned(), value.to_owned()));
                } else if FREE_THREADED || !self.known_key(&key)? {
                    let (key, value) = (key.to_owned(), value.to_owned());
                    match self.owned_key(&key)? {
                        true => first = self.owned_value(value, dictionary, only_scalars)?,
                        false => rest.push((key, value)),
                    }
                } else if !self.scalar(&value)? {
                    first = self.container(value.to_owned(), dictionary, only_scalars)?;
                }
            }
            let is_unfinished = first.is_some() || !rest.is_empty();
            Ok(is_unfinished.then_some((first, rest)))
        })
    }

    /// Writes a key that is owned, if it is text.
    #[inline(never)]
    fn owned_key(&mut self, key: &Bound<'_, PyAny>) -> Result<bool, Full> {
        Ok((FREE_THREADED && self.known_key(key)?) || self.exact_key(key)?)
    }

    /// Writes a value that is owned; gives what is left of it.
    #[inline(never)]
    fn owned_value<'py>(
        &mut self,
        value: Bound<'py, PyAny>,
        around: &Bound<'py, PyDict>,
        only_scalars: bool,
    ) -> Result<Option<Unfinished<'py>>, Full> {
        match self.scalar(&value)? {
            true => Ok(None),
            false => self.container(value, around, only_scalars),
        }
    }

    /// Writes what is no scalar, as far as it may be written here; gives what is left of it.
    fn container<'py>(
        &mut self,
        value: Bound<'py, PyAny>,
        around: &Bound<'py, PyDict>,
        only_scalars: bool,
    ) -> Result<Option<Unfinished<'py>>, Full> {
        match only_scalars {
            true => Ok(Some(Unfinished::Whole(value))),
            false => self.flat(value, around),
        }
    }

    /// Writes an exact list, tuple or dictionary up to the first part that is no scalar; gives what is left of it. The value is owned,
    /// because the critical section around it is left as soon as this enters that of the value.
    fn flat<'py>(
        &mut self,
        value: Bound<'py, PyAny>,
        around: &Bound<'py, PyDict>,
    ) -> Result<Option<Unfinished<'py>>, Full> {
        if value.is(around) || self.open.contains(&value.as_ptr()) {
            return Ok(Some(Unfinished::Whole(value)));
        }
        if let Some(list) = exactly::<PyList>(&value) {
            // SAFETY: `flat_items` owns an item before it asks Python for more than a look.
            let end = with_critical_section(list, || self.flat_items(unsafe { items_of(list) }))?;
            Ok(end.map(|index| Unfinished::List(list.to_owned(), index)))
        } else if let Some(tuple) = exactly::<PyTuple>(&value) {
            let end = self.flat_items(tuple.iter_borrowed())?;
            Ok(end.map(|index| Unfinished::Tuple(tuple.to_owned(), index)))
        } else if let Some(members) = exactly::<PyDict>(&value) {
            self.flat_members(members)
        } else {
            Ok(Some(Unfinished::Whole(value)))
        }
    }

    /// The index of the first item that is no scalar.
    fn flat_items<'a, 'py: 'a>(
        &mut self,
        items: impl Iterator<Item = Borrowed<'a, 'py, PyAny>>,
    ) -> Result<Option<usize>, Full> {
        if !self.properties.begin_array()? {
            return Ok(None);
        }
        for (index, item) in items.enumerate() {
            let _held = FREE_THREADED.then(|| item.to_owned());
            if !self.scalar(&item)? {
                return Ok(Some(index));
            }
        }
        self.properties.end_array()?;
        Ok(None)
    }

    fn flat_members<'py>(&mut self, members: &Bound<'py, PyDict>) -> Result<Option<Unfinished<'py>>, Full> {
        if !self.properties.begin_object()? {
            return Ok(None);
        }
        if let Some(rest) = self.leading_entries(members, true)? {
            return Ok(Some(Unfinished::Dictionary(members.to_owned(), Box::new(rest))));
        }
        self.properties.end_object()?;
        Ok(None)
    }

    fn rest(&mut self, (first, pairs): Rest<'_>) -> Walked {
        if let Some(first) = first {
            self.finish(first)?;
        }
        self.pairs(&pairs)
    }

    fn finish(&mut self, unfinished: Unfinished<'_>) -> Walked {
        match unfinished {
            Unfinished::Whole(value) => self.value(&value),
            Unfinished::List(list, index) => {
                self.nested(&list, |walk| walk.list(&list, index))?;
                Ok(self.properties.end_array()?)
            }
            Unfinished::Tuple(tuple, index) => {
                self.nested(&tuple, |walk| walk.tuple(&tuple, index))?;
                Ok(self.properties.end_array()?)
            }
            Unfinished::Dictionary(members, rest) => {
                self.nested(&members, |walk| walk.rest(*rest))?;
                Ok(self.properties.end_object()?)
            }
        }
    }

    fn pairs(&mut self, pairs: &[Pair<'_>]) -> Walked {
        pairs.iter().try_for_each(|pair| self.pair(pair))
    }

    fn pair(&mut self, (key, value): &Pair<'_>) -> Walked {
        match key.cast::<PyString>() {
            Ok(name) => {
                self.key(name)?;
                self.value(value)
            }
            Err(_) => {
                self.properties.refuse_key(&described(key));
                Ok(())
            }
        }
    }

    /// Writes each pair as soon as the mapping gives it, so that no more pairs are asked for than can be sent.
    fn told<'py>(&mut self, pairs: &mut impl Iterator<Item = PyResult<Pair<'py>>>) -> Walked {
        pairs.try_for_each(|pair| self.pair(&pair?))
    }

    fn mapping(&mut self, mapping: &Bound<'_, PyAny>) -> Walked {
        let mut pairs = match told(mapping) {
            Ok(pairs) => pairs.peekable(),
            Err(error) => return self.unreadable(mapping.py(), error),
        };
        // Most mappings that raise do so at once, when nothing of them is written yet.
        if let Some(Err(error)) = pairs.next_if(Result::is_err) {
            return self.unreadable(mapping.py(), error);
        }
        match self.object(mapping, |walk| walk.told(&mut pairs)) {
            Err(Stop::Raised(error)) => {
                // The object is closed, so that the finding is about all of it. What it holds is never sent.
                self.properties.end_object()?;
                self.unreadable(mapping.py(), error)
            }
            walked => walked,
        }
    }

    /// Writes a key that is known, without a look into it; `false`: it is not.
    #[inline]
    fn known_key(&mut self, key: &Bound<'_, PyAny>) -> Result<bool, Full> {
        let Some(known) = self.known.as_ref().and_then(|known| known.get(key)) else {
            return Ok(false);
        };
        self.properties.known_key(known)?;
        Ok(true)
    }

    /// Writes a key of the exact type str; `false`: it is something else.
    #[inline]
    fn exact_key(&mut self, key: &Bound<'_, PyAny>) -> Result<bool, Full> {
        let Some(key) = exactly::<PyString>(key) else {
            return Ok(false);
        };
        self.key(key)?;
        if let Some(known) = &mut self.known {
            known.learn(key);
        }
        Ok(true)
    }

    fn key(&mut self, key: &Bound<'_, PyString>) -> Result<(), Full> {
        match text(key) {
            Text { text, repaired: false } => self.properties.key(&text),
            Text { text, repaired: true } => self.properties.repaired_key(&text),
        }
    }

    /// Writes a value of one of the exact types text, int, float, bool and None; `false`: it is something else.
    #[expect(
        clippy::inline_always,
        reason = "measured: half of a push is spent in here, and a call of its own makes it a tenth slower"
    )]
    #[inline(always)]
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

    fn value(&mut self, value: &Bound<'_, PyAny>) -> Walked {
        if self.scalar(value)? {
            return Ok(());
        }
        let read = kind(value);
        self.kind(read, value)
    }

    fn kind(&mut self, read: PyResult<Kind<'_>>, value: &Bound<'_, PyAny>) -> Walked {
        let py = value.py();
        match read {
            Ok(Kind::Decimal(_) | Kind::Moment(_) | Kind::Path(_)) if self.values == Values::Ids => {
                self.properties.refuse(FindingCode::InvalidType, &described(value))?;
            }
            Ok(Kind::None) => self.properties.null()?,
            Ok(Kind::Boolean(value)) => self.properties.boolean(value)?,
            Ok(Kind::Integer(value)) => self.integer(&value)?,
            Ok(Kind::Float(value)) => self.properties.float(value)?,
            Ok(Kind::Text(value) | Kind::Moment(value) | Kind::Path(value)) => self.text(&value)?,
            Ok(Kind::Decimal(digits)) => self.decimal(&digits)?,
            Ok(Kind::Dictionary(value)) => self.object(&value, |walk| walk.dictionary(&value))?,
            Ok(Kind::Mapping(value)) => self.mapping(&value)?,
            Ok(Kind::List(value)) => self.array(&value, |walk| walk.list(&value, 0))?,
            Ok(Kind::Tuple(value)) => self.array(&value, |walk| walk.tuple(&value, 0))?,
            Ok(Kind::Unsupported(found)) => self.properties.refuse(FindingCode::InvalidType, &found)?,
            Err(error) => self.unreadable(py, error)?,
        }
        Ok(())
    }

    fn list(&mut self, list: &Bound<'_, PyList>, mut index: usize) -> Walked {
        // The length is asked anew each time: user code may have changed the list meanwhile.
        while index < list.len()
            && let Ok(item) = list.get_item(index)
        {
            self.value(&item)?;
            index += 1;
        }
        Ok(())
    }

    fn tuple(&mut self, tuple: &Bound<'_, PyTuple>, index: usize) -> Walked {
        tuple.iter_borrowed().skip(index).try_for_each(|item| self.value(&item))
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

    #[inline]
    fn text(&mut self, value: &Bound<'_, PyString>) -> Result<(), Full> {
        match text(value) {
            Text { text, repaired: false } => self.properties.text(&text),
            Text { text, repaired: true } => self.properties.repaired_text(&text),
        }
    }

    fn integer(&mut self, value: &Bound<'_, PyInt>) -> Result<(), Full> {
        let mut overflow = 0;
        // SAFETY: the pointer is a live int, so nothing is raised; `overflow` says whether the answer holds.
        let small = unsafe { ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &raw mut overflow) };
        if overflow == 0 {
            return self.properties.integer(small);
        }
        self.large_integer(value)
    }

    #[cold]
    fn large_integer(&mut self, value: &Bound<'_, PyInt>) -> Result<(), Full> {
        // Owned, because Python raises and catches an error here, which may run anybody's code.
        let value = value.clone();
        match value.extract::<u64>() {
            Ok(large) => self.properties.unsigned(large),
            Err(_) => self.properties.refuse(FindingCode::NumberOutOfRange, &digits(&value)),
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
            Number::None => self.properties.refuse(FindingCode::NotFinite, &shortened(digits)),
        }
    }

    fn unreadable(&mut self, py: Python<'_>, error: PyErr) -> Walked {
        let message = raised::words(py, error)?;
        Ok(self.properties.refuse(FindingCode::UnreadableValue, &message)?)
    }
}
