//! Options: keyword arguments as the core's configuration. Times are seconds here and milliseconds there.

use std::sync::Arc;

use hogwire::binding::{Library, shortened, unknown_option, without_keys, wrong_option_value};
use hogwire::{Config, ConfigBuilder, ConfigError as CoreError, OPTIONS, Properties, QUEUE_OPTIONS};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt};
use serde_json::{Map, Value};

use crate::collector::Shared;
use crate::function::check_function;
use crate::json::{self, Unfit};
use crate::kind::{Kind, described, kind};
use crate::queue_options::QUEUE_HOOKS;
use crate::walk::Values;
use crate::{hooks, raised, walk};

pyo3::create_exception!(
    hogwire,
    ConfigError,
    PyValueError,
    "A wrong option. `option` is its name, `problem` what is wrong with it and what to do."
);

/// What an option's name ends with in the core when it is a time.
pub(crate) const TIME: &str = "_ms";

/// A client's options that are functions, and so none of the core's.
pub(crate) const OWN_OPTIONS: &[&str] = &["before_send", "transport"];

/// Longer times, in seconds, are given to the core as this one, which can say that it is too long and not only that it is no time.
const LONGEST_NAMED: f64 = 1e9;

/// Where options are given; `build` has no use for a transport.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Client,
    FromEnv,
    Build,
}

/// A configuration being read.
pub(crate) struct Options<'py> {
    py: Python<'py>,
    plain: Map<String, Value>,
    properties: Option<Bound<'py, PyAny>>,
    pub(crate) before_send: Vec<Shared>,
    pub(crate) transport: Option<Shared>,
}

/// The error a wrong option raises, in Python's spelling.
pub(crate) fn config_error(py: Python<'_>, option: &str, problem: &str) -> PyErr {
    let error = ConfigError::new_err(format!("{option}: {problem}"));
    let value = error.value(py);
    match value
        .setattr("option", option)
        .and_then(|()| value.setattr("problem", problem))
    {
        Ok(()) => error,
        Err(raised) => raised,
    }
}

pub(crate) fn of_core(py: Python<'_>, error: &CoreError) -> PyErr {
    config_error(py, in_seconds(error.option()), error.problem())
}

/// Python's name of one of the core's options.
fn in_seconds(core: &str) -> &str {
    core.strip_suffix(TIME).unwrap_or(core)
}

impl<'py> Options<'py> {
    pub(crate) fn read(
        api_key: &Bound<'py, PyAny>,
        options: Option<&Bound<'py, PyDict>>,
        place: Use,
    ) -> PyResult<Self> {
        let py = api_key.py();
        let mut read = Self {
            py,
            plain: Map::new(),
            properties: None,
            before_send: Vec::new(),
            transport: None,
        };
        read.plain.insert("api_key".to_owned(), plain("api_key", api_key)?);
        for (name, value) in options.into_iter().flatten() {
            let name: String = name.extract()?;
            if !value.is_none() {
                read.option(&name, value, place)?;
            } else if !is_option(&name, place) {
                return Err(unknown(place, &name));
            }
        }
        Ok(read)
    }

    fn option(&mut self, name: &str, value: Bound<'py, PyAny>, place: Use) -> PyResult<()> {
        match name {
            "transport" if place != Use::Build => {
                check_function(name, "a function of a request and the seconds left", &value)?;
                self.transport = Some(Arc::new(value.unbind()));
            }
            "before_send" => self.before_send = hooks::read(&value)?,
            "properties" => self.properties = Some(value),
            _ => {
                let core = core_name(OPTIONS, name).ok_or_else(|| unknown(place, name))?;
                let value = match core.ends_with(TIME) {
                    true => milliseconds(name, &value)?,
                    false => plain(name, &value)?,
                };
                self.plain.insert(core, value);
            }
        }
        Ok(())
    }

    /// The configuration; with what the environment says, where that is asked for.
    pub(crate) fn config(self, or_from_env: bool) -> PyResult<Config> {
        let py = self.py;
        let mut builder =
            Config::from_json(&Value::Object(self.plain).to_string()).map_err(|error| of_core(py, &error))?;
        if let Some(properties) = &self.properties {
            builder = with_properties(builder, properties)?;
        }
        for hook in self.before_send {
            builder = builder.before_send(move |event| hooks::run(&hook, &event));
        }
        builder = builder.library(Library::Python);
        if or_from_env {
            builder = builder.or_from_env();
        }
        builder.build().map_err(|error| of_core(py, &error))
    }
}

/// An option's value as it is.
pub(crate) fn plain(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    json::from_python(value).map_err(|unfit| match (unfit, kind(value)) {
        (Unfit::Because(_), Ok(Kind::Unsupported(found))) => {
            config_error(value.py(), name, &wrong_option_value(name, "", &found))
        }
        (Unfit::Because(words), _) => config_error(value.py(), name, &format!("cannot be used: {words}")),
        (Unfit::Raised(order), _) => order,
    })
}

/// A time in seconds as the core's milliseconds.
pub(crate) fn milliseconds(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    let seconds = match json::from_python(value) {
        Ok(Value::Number(number)) => number.as_f64(),
        Ok(Value::Null) => return Ok(Value::Null),
        // Too large for JSON, as an infinity is, and longer than any limit all the same.
        Err(Unfit::Because(_)) if value.is_exact_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() => {
            value.extract().ok()
        }
        Ok(_) | Err(Unfit::Because(_)) => None,
        Err(Unfit::Raised(order)) => return Err(order),
    };
    if let Some(seconds) = seconds.filter(|seconds| *seconds >= 0.0) {
        return Ok((seconds.min(LONGEST_NAMED) * 1_000.0).into());
    }
    let found = seconds.map_or_else(|| described(value), |seconds| seconds.to_string());
    let problem = format!("must be a number of seconds that is not negative, not {found}");
    Err(config_error(value.py(), name, &problem))
}

/// The core's name of an option, of the names it has.
pub(crate) fn core_name(options: &[&str], name: &str) -> Option<String> {
    let in_seconds = format!("{name}{TIME}");
    let known = |wanted: &str| options.contains(&wanted) && wanted != "api_key";
    match name.ends_with(TIME) {
        false if known(name) => Some(name.to_owned()),
        false if known(&in_seconds) => Some(in_seconds),
        _ => None,
    }
}

fn is_option(name: &str, place: Use) -> bool {
    core_name(OPTIONS, name).is_some() || name == "before_send" || (name == "transport" && place != Use::Build)
}

fn unknown(place: Use, name: &str) -> PyErr {
    let function = match place {
        Use::Client => "Client",
        Use::FromEnv => "Client.from_env",
        Use::Build => "build",
    };
    let own = match place {
        Use::Client | Use::FromEnv => OWN_OPTIONS,
        Use::Build => &["before_send"],
    };
    no_option(
        function,
        name,
        (OPTIONS, own),
        (QUEUE_OPTIONS, QUEUE_HOOKS, "client.queue()"),
    )
}

/// The `TypeError` of a function that has no such option: another function has, or one of its own is meant, the core's or Python's.
pub(crate) fn no_option(
    function: &str,
    name: &str,
    (known, own): (&[&str], &[&str]),
    (others, others_own, other): (&[&str], &[&str], &str),
) -> PyErr {
    let advice = match core_name(others, name).is_some() || others_own.contains(&name) {
        true => format!("; it is an option of {other}"),
        false => {
            let known: Vec<_> = known.iter().chain(own).map(|known| in_seconds(known)).collect();
            let bare = name.strip_suffix(TIME).or_else(|| name.strip_suffix("Ms"));
            format!(", which {}", unknown_option(bare.unwrap_or(name), &known))
        }
    };
    let name = shortened(&without_keys(name));
    PyTypeError::new_err(format!(
        "{function}() got an unexpected keyword argument '{name}'{advice}"
    ))
}

fn with_properties(builder: ConfigBuilder, value: &Bound<'_, PyAny>) -> PyResult<ConfigBuilder> {
    let (py, mut properties) = (value.py(), Properties::new());
    let read = match kind(value) {
        Ok(Kind::Dictionary(dictionary)) => walk::dictionary(&mut properties, &dictionary, Values::Any),
        Ok(Kind::Mapping(mapping)) => walk::mapping(&mut properties, &mapping, Values::Any),
        Ok(_) => {
            return Err(config_error(
                py,
                "properties",
                &format!("must be a mapping, not {}", described(value)),
            ));
        }
        Err(error) => Err(error),
    };
    match read {
        Ok(()) => Ok(builder.properties(properties)),
        Err(error) => Err(config_error(
            py,
            "properties",
            &format!("cannot be read: {}", raised::words(py, error)?),
        )),
    }
}
