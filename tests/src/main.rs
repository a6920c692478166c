//! Runs the suite through every adapter that is there and prints the table of counts.
//!
//! ```text
//! hogwire-conformance [--adapter NAME]... [--case TEXT]
//! ```
//!
//! `--adapter` runs only those named, `--case` only vectors whose id contains the text. Adapters named in the environment
//! variable `HOGWIRE_ADAPTERS` (`rust,c,cpp`) have to be there. Ends with 1 when anything failed or nothing ran.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use hogwire_conformance::adapter::{Adapter, Folders, adapters};
use hogwire_conformance::load::{Vector, load};
use hogwire_conformance::report::Report;
use hogwire_conformance::{folder, outage, run};

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    let (text, passed) = match conformance() {
        Ok(report) => (report.to_string(), report.passed()),
        Err(error) => (format!("{error}\n"), false),
    };
    // Without an output there is nobody to tell that there is none.
    let _ = out.write_all(text.as_bytes());
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn conformance() -> Result<Report, Box<dyn Error>> {
    let wanted = Wanted::read()?;
    let known = adapters(&folder("adapters/adapters.json"))?;
    let mut vectors = load(&folder("vectors"))?;
    wanted.check(&known, &vectors)?;
    vectors.retain(|vector| wanted.case.as_ref().is_none_or(|text| vector.id.contains(text)));
    let folders = Folders::here()?;
    let outage = wanted.case.as_ref().is_none_or(|text| outage::ID.contains(text));
    Ok(std::thread::scope(|scope| {
        let asked = known
            .iter()
            .filter(|adapter| wanted.adapters.is_empty() || wanted.adapters.contains(&adapter.name));
        let started: Vec<_> = asked
            .map(|adapter| {
                let missing = adapter.missing(&folders);
                let outage = (outage && missing.is_none()).then(|| scope.spawn(|| outage::run(adapter, &folders)));
                (adapter, missing, outage)
            })
            .collect();
        let mut report = Report::default();
        for (adapter, missing, outage) in started {
            if let Some(missing) = missing {
                report.absent(&adapter.name, &missing, wanted.needs(&adapter.name));
                continue;
            }
            let mut verdicts = run::run(adapter, &folders, &vectors);
            if let Some(outage) = outage {
                verdicts.push(outage.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            report.ran(&adapter.name, verdicts);
        }
        report
    }))
}

/// What the command line and the environment ask for.
#[derive(Default)]
struct Wanted {
    adapters: Vec<String>,
    case: Option<String>,
    required: Vec<String>,
}

impl Wanted {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut wanted = Self::default();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--adapter" => wanted.adapters.push(value),
                "--case" => wanted.case = Some(value),
                _ => return Err(format!("unknown option {word}; there are --adapter and --case").into()),
            }
        }
        let required = std::env::var("HOGWIRE_ADAPTERS").unwrap_or_default();
        wanted.required = required
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        Ok(wanted)
    }

    fn needs(&self, adapter: &str) -> bool {
        self.required.iter().chain(&self.adapters).any(|name| name == adapter)
    }

    /// A name that no adapter has would silently run nothing, on the command line as in a vector.
    fn check(&self, known: &[Adapter], vectors: &[Vector]) -> Result<(), String> {
        let limited = vectors
            .iter()
            .flat_map(|vector| &vector.only)
            .flat_map(|only| &only.adapters);
        let unknown = |name: &&String| !known.iter().any(|adapter| adapter.name == **name);
        match limited.chain(&self.adapters).chain(&self.required).find(unknown) {
            Some(name) => Err(format!(
                "no adapter is called `{name}`; see tests/adapters/adapters.json"
            )),
            None => Ok(()),
        }
    }
}
