//! What a Python value is, as far as an event is concerned: the one list of types people really pass.
//!
//! Looks at a value's real type, never at a `__class__` it may claim. User code runs only where a value can not be read otherwise
//! (`isoformat`, `str`, `.value`, `.item()`); whatever that raises goes back to the caller of [`kind`].

use hogwire::binding::shortened;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::type_object::PyTypeInfo;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet, PyString, PyTuple,
    PyType,
};

use crate::gate;

/// Wrappers that may stand inside each other (an enum of numpy numbers); a value that wraps itself ends here.
const MAX_WRAPPERS: usize = 8;

/// What a value is.
pub(crate) enum Kind<'py> {
    None,
    Boolean(bool),
    Integer(Bound<'py, PyInt>),
    Float(f64),
    Text(Bound<'py, PyString>),
    /// A date or time, in its text.
    Moment(Bound<'py, PyString>),
    /// A path, in its text.
    Path(Bound<'py, PyString>),
    /// The digits of a `Decimal`, or its word for what is no number.
    Decimal(String),
    Dictionary(Bound<'py, PyDict>),
    /// A mapping whose `items()` has to be asked.
    Mapping(Bound<'py, PyAny>),
    List(Bound<'py, PyList>),
    Tuple(Bound<'py, PyTuple>),
    /// Nothing an event can hold, in words.
    Unsupported(String),
}

/// A class in a module that is not imported for this. If nobody has imported the module, no value can be of the class.
pub(crate) struct Class {
    module: &'static str,
    name: &'static str,
    found: PyOnceLock<Py<PyType>>,
}

impl Class {
    pub(crate) const fn new(module: &'static str, name: &'static str) -> Self {
        Self {
            module,
            name,
            found: PyOnceLock::new(),
        }
    }

    fn get<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyType>>> {
        if let Some(class) = self.found.get(py) {
            return Ok(Some(class.bind(py).clone()));
        }
        let Some(module) = imported(py, &PyString::intern(py, self.module))? else {
            return Ok(None);
        };
        // A module that is only half imported has made no values yet.
        let Some(class) = module
            .getattr(self.name)
            .ok()
            .and_then(|class| class.cast_into::<PyType>().ok())
        else {
            return Ok(None);
        };
        Ok(Some(self.found.get_or_init(py, || class.unbind()).bind(py).clone()))
    }

    pub(crate) fn has(&self, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        match self.get(value.py())? {
            Some(class) => value.get_type().is_subclass(&class),
            None => Ok(false),
        }
    }
}

/// A module, if something has imported it already.
pub(crate) fn imported<'py>(py: Python<'py>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    let modules = MODULES.get_or_try_init(py, || {
        py.import("sys")?
            .getattr("modules")?
            .cast_into::<PyDict>()
            .map(Bound::unbind)
            .map_err(PyErr::from)
    })?;
    modules.bind(py).get_item(name)
}

static ENUM: Class = Class::new("enum", "Enum");
static DATETIME: Class = Class::new("datetime", "datetime");
static DATE: Class = Class::new("datetime", "date");
static TIME: Class = Class::new("datetime", "time");
static TIMEDELTA: Class = Class::new("datetime", "timedelta");
static UUID: Class = Class::new("uuid", "UUID");
static PATH: Class = Class::new("pathlib", "PurePath");
static DECIMAL: Class = Class::new("decimal", "Decimal");
static MAPPING: Class = Class::new("_collections_abc", "Mapping");

enum Looked<'py> {
    Is(Kind<'py>),
    /// The value wraps another one, and means that.
    Means(Bound<'py, PyAny>),
}

/// What a value is; what the value's own code raised, if it had to be asked.
pub(crate) fn kind<'py>(value: &Bound<'py, PyAny>) -> PyResult<Kind<'py>> {
    if let Some(kind) = builtin(value)? {
        return Ok(kind);
    }
    let _visit = gate::visit(value.py())?;
    let mut value = value.clone();
    for _ in 0..MAX_WRAPPERS {
        match look(&value)? {
            Looked::Is(kind) => return Ok(kind),
            Looked::Means(inner) => value = inner,
        }
    }
    Ok(Kind::Unsupported(format!("{} that wraps itself", described(&value))))
}

fn look<'py>(value: &Bound<'py, PyAny>) -> PyResult<Looked<'py>> {
    if let Some(kind) = builtin(value)? {
        return Ok(Looked::Is(kind));
    }
    if ENUM.has(value)? {
        return value.getattr(intern!(value.py(), "value")).map(Looked::Means);
    }
    if let Some(kind) = derived(value)? {
        return Ok(Looked::Is(kind));
    }
    if let Some(kind) = library(value)? {
        return Ok(Looked::Is(kind));
    }
    foreign(value)
}

/// The value, if it is of exactly this type. (`cast_exact` would make an error for every other value, which takes time.)
pub(crate) fn exactly<'a, 'py, T: PyTypeInfo>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, T>> {
    value.is_exact_instance_of::<T>().then(|| {
        // SAFETY: its type was just looked at.
        unsafe { value.cast_unchecked() }
    })
}

/// The exact built-in types: whatever can be told without running anybody's code.
fn builtin<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Kind<'py>>> {
    Ok(Some(if value.is_none() {
        Kind::None
    } else if let Some(boolean) = exactly::<PyBool>(value) {
        Kind::Boolean(boolean.is_true())
    } else if let Some(text) = exactly::<PyString>(value) {
        Kind::Text(text.clone())
    } else if let Some(integer) = exactly::<PyInt>(value) {
        Kind::Integer(integer.clone())
    } else if let Some(float) = exactly::<PyFloat>(value) {
        Kind::Float(float.value())
    } else if let Some(dictionary) = exactly::<PyDict>(value) {
        Kind::Dictionary(dictionary.clone())
    } else if let Some(list) = exactly::<PyList>(value) {
        Kind::List(list.clone())
    } else if let Some(tuple) = exactly::<PyTuple>(value) {
        Kind::Tuple(tuple.clone())
    } else {
        return Ok(None);
    }))
}

/// Subclasses of the built-in types count as their base; only a dictionary may have its own idea of what it holds.
fn derived<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Kind<'py>>> {
    Ok(Some(if let Ok(text) = value.cast::<PyString>() {
        Kind::Text(text.clone())
    } else if let Ok(integer) = value.cast::<PyInt>() {
        Kind::Integer(integer.clone())
    } else if let Ok(float) = value.cast::<PyFloat>() {
        Kind::Float(float.value())
    } else if value.cast::<PyDict>().is_ok() {
        Kind::Mapping(value.clone())
    } else if let Ok(list) = value.cast::<PyList>() {
        Kind::List(list.clone())
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        // What `urllib.parse` makes of a URL is a tuple that knows its text.
        match value.get_type().hasattr(intern!(value.py(), "geturl"))? {
            true => Kind::Text(value.call_method0(intern!(value.py(), "geturl"))?.cast_into()?),
            false => Kind::Tuple(tuple.clone()),
        }
    } else {
        return Ok(None);
    }))
}

/// Types of the standard library that have a form in JSON.
fn library<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Kind<'py>>> {
    let py = value.py();
    if DATE.has(value)? || TIME.has(value)? {
        return moment(value.call_method0(intern!(py, "isoformat"))?).map(Some);
    }
    if UUID.has(value)? {
        return Ok(Some(Kind::Text(value.str()?)));
    }
    if PATH.has(value)? {
        return Ok(Some(Kind::Path(value.str()?)));
    }
    if DECIMAL.has(value)? {
        return Ok(Some(Kind::Decimal(value.str()?.to_str()?.to_owned())));
    }
    Ok(None)
}

/// A date in its text. "Not a time" of pandas and numpy is refused.
fn moment(text: Bound<'_, PyAny>) -> PyResult<Kind<'_>> {
    let text = text.cast_into::<PyString>()?;
    Ok(match text == "NaT" {
        true => Kind::Unsupported("NaT, which is no moment".to_owned()),
        false => Kind::Moment(text),
    })
}

/// Types of other libraries, told by what they can do; and everything else.
fn foreign<'py>(value: &Bound<'py, PyAny>) -> PyResult<Looked<'py>> {
    let py = value.py();
    let class = value.get_type();
    if class.hasattr(intern!(py, "dtype"))? && class.hasattr(intern!(py, "item"))? {
        return numeric_scalar(value);
    }
    if MAPPING.has(value)? {
        return Ok(Looked::Is(Kind::Mapping(value.clone())));
    }
    // yarl, httpx, starlette and others call it so.
    let is_url = class.name().is_ok_and(|name| name == "URL");
    if is_url || is_url_of_pydantic(&class) {
        return Ok(Looked::Is(Kind::Text(value.str()?)));
    }
    Ok(Looked::Is(Kind::Unsupported(described(value))))
}

/// Whether it is `HttpUrl`, `AnyUrl` or another of pydantic's.
fn is_url_of_pydantic(class: &Bound<'_, PyType>) -> bool {
    let says = |word: PyResult<Bound<'_, PyString>>, fits: fn(&str) -> bool| {
        word.is_ok_and(|word| word.to_str().is_ok_and(fits))
    };
    says(class.name(), |name| name.ends_with("Url")) && says(class.module(), |module| module.starts_with("pydantic"))
}

/// A scalar of numpy, torch and their like; arrays have the same methods and a shape.
fn numeric_scalar<'py>(value: &Bound<'py, PyAny>) -> PyResult<Looked<'py>> {
    let py = value.py();
    let is_scalar = value
        .getattr(intern!(py, "shape"))?
        .cast::<PyTuple>()
        .is_ok_and(|shape| shape.is_empty());
    if !is_scalar {
        return Ok(Looked::Is(Kind::Unsupported(described(value))));
    }
    // What numpy calls `masked` has a number all the same.
    if let Some(mask) = value.getattr_opt(intern!(py, "mask"))?
        && mask.is_truthy()?
    {
        return Ok(Looked::Is(Kind::Unsupported("masked, which is no value".to_owned())));
    }
    let dtype_kind = value.getattr(intern!(py, "dtype"))?.getattr_opt(intern!(py, "kind"))?;
    let is_of_kind = |word: &str| dtype_kind.as_ref().is_some_and(|kind| kind.eq(word).unwrap_or(false));
    // The item of a datetime64 or timedelta64 in nanoseconds is a bare number, and so is the float of a complex longdouble.
    if is_of_kind("M") {
        return moment(value.str()?.into_any()).map(Looked::Is);
    }
    for (word, meaning) in [("m", "a timedelta"), ("c", "a complex number")] {
        if is_of_kind(word) {
            return Ok(Looked::Is(Kind::Unsupported(meaning.to_owned())));
        }
    }
    let item = value.call_method0(intern!(py, "item"))?;
    // numpy's longdouble is its own item.
    if item.get_type().is(value.get_type()) {
        return value.call_method0(intern!(py, "__float__")).map(Looked::Means);
    }
    Ok(Looked::Means(item))
}

/// What a value is, in words. Runs no code of the value's.
pub(crate) fn described(value: &Bound<'_, PyAny>) -> String {
    const CLASSES: &[(&Class, &str)] = &[
        (&DATETIME, "a datetime"),
        (&DATE, "a date"),
        (&TIME, "a time"),
        (&TIMEDELTA, "a timedelta"),
        (&DECIMAL, "a Decimal"),
        (&PATH, "a path"),
    ];
    let word = if value.is_none() {
        "None"
    } else if value.is_instance_of::<PyBool>() {
        "a bool"
    } else if value.is_instance_of::<PyString>() {
        "text"
    } else if value.is_instance_of::<PyInt>() {
        "an int"
    } else if value.is_instance_of::<PyFloat>() {
        "a float"
    } else if value.is_instance_of::<PyBytes>() {
        "bytes"
    } else if value.is_instance_of::<PyByteArray>() {
        "a bytearray"
    } else if value.is_instance_of::<PyMemoryView>() {
        "a memoryview"
    } else if value.is_instance_of::<PySet>() || value.is_instance_of::<PyFrozenSet>() {
        "a set"
    } else if value.is_instance_of::<PyDict>() {
        "a dict"
    } else if value.is_instance_of::<PyList>() {
        "a list"
    } else if value.is_instance_of::<PyTuple>() {
        "a tuple"
    } else if let Some((_, word)) = CLASSES.iter().find(|(class, _)| class.has(value).unwrap_or(false)) {
        word
    } else {
        return match value.get_type().name() {
            Ok(name) => format!("an object of type {}", shortened(&name.to_string_lossy())),
            Err(_) => "an object".to_owned(),
        };
    };
    word.to_owned()
}
