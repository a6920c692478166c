//! Adapters: which there are (`adapters/adapters.json`), whether they are built, and how to talk to one.
//!
//! An adapter is a child process that reads one JSON line and answers with one. It ends by itself, with success,
//! when its input ends; that is checked too, so an adapter can be run under a leak checker.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// How long an adapter may take over one line: far more than the longest call of any vector, also on a machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folders that `{root}`, `{target}` and `{build}` stand for in `adapters.json`.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The workspace; adapters run in it.
    pub root: PathBuf,
    /// cargo's target folder.
    pub target: PathBuf,
    /// The folder in it with the libraries and programs just built, for example `target/debug`.
    pub build: PathBuf,
}

impl Folders {
    /// The folders of the program that is running: cargo put it into `build`, or into `build/deps`.
    ///
    /// # Errors
    /// The program's own path cannot be told.
    pub fn here() -> std::io::Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.parent().unwrap_or(Path::new("."));
        let build = if folder.ends_with("deps") {
            folder.parent().unwrap_or(folder)
        } else {
            folder
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        Ok(Self {
            root: root.to_owned(),
            target: build.parent().unwrap_or(build).to_owned(),
            build: build.to_owned(),
        })
    }

    fn fill(&self, text: &str) -> String {
        [
            ("{root}", &self.root),
            ("{target}", &self.target),
            ("{build}", &self.build),
        ]
        .iter()
        .fold(text.to_owned(), |text, (word, folder)| {
            text.replace(word, &folder.to_string_lossy())
        })
    }
}

/// One adapter of `adapters.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adapter {
    /// Its name in reports, in `HOGWIRE_ADAPTERS` and in a vector's `only`.
    pub name: String,
    /// What it sends as `$lib`.
    pub library: String,
    /// Program and arguments; run in the workspace folder.
    pub command: Vec<String>,
    /// Files without which it counts as absent: whatever the build has to make first.
    pub needs: Vec<String>,
    /// Environment variables beyond the runner's own.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// Why an adapter could not answer.
#[derive(Debug, Error)]
pub enum AdapterError {
    /// Its process could not be started.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// The reason.
        source: std::io::Error,
    },
    /// It answered with something else than one line of JSON.
    #[error("the answer is no JSON ({source}): {line}")]
    Malformed {
        /// What it answered.
        line: String,
        /// The reason.
        source: serde_json::Error,
    },
    /// It did not answer in time.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Silent,
    /// Its process ended.
    #[error("the adapter ended with {status}; its last words: {words}")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of its standard error.
        words: String,
    },
}

/// Reads `adapters.json`.
///
/// # Errors
/// The file cannot be read, or has keys that no adapter has.
pub fn adapters(file: &Path) -> Result<Vec<Adapter>, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

impl Adapter {
    /// The first file it needs and does not have; `None` when it can run.
    #[must_use]
    pub fn missing(&self, folders: &Folders) -> Option<String> {
        self.needs
            .iter()
            .map(|path| folders.fill(path))
            .find(|path| !folders.root.join(path).exists())
    }

    /// Starts a process of it.
    ///
    /// # Errors
    /// [`AdapterError::Start`].
    pub fn start(&self, folders: &Folders) -> Result<Process, AdapterError> {
        let mut words = self.command.iter().map(|word| folders.fill(word));
        let program = words.next().unwrap_or_default();
        let mut command = Command::new(&program);
        command.args(words).current_dir(&folders.root);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for proxy in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ] {
            // The machine's own proxy has no business between a client and the receiver.
            command.env_remove(proxy);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, folders.fill(value))));
        Process::start(&mut command).map_err(|source| AdapterError::Start { program, source })
    }
}

/// A running adapter.
#[derive(Debug)]
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    words: Option<JoinHandle<String>>,
}

impl Process {
    fn start(command: &mut Command) -> std::io::Result<Self> {
        let mut child = command.spawn()?;
        let (sender, lines) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let words = child.stderr.take().map(|mut output| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                // What was read before an error is all there is to show.
                let _ = output.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        Ok(Self {
            input: child.stdin.take(),
            child,
            lines,
            words,
        })
    }

    /// Sends one line and waits for the one that answers it.
    ///
    /// # Errors
    /// Why there is no answer; the process is of no use afterwards.
    pub fn ask(&mut self, line: &str) -> Result<Value, AdapterError> {
        let sent = self.input.as_mut().is_some_and(|input| {
            input
                .write_all(line.as_bytes())
                .and_then(|()| input.write_all(b"\n"))
                .and_then(|()| input.flush())
                .is_ok()
        });
        if !sent {
            return Err(self.ended());
        }
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => serde_json::from_str(&line).map_err(|source| AdapterError::Malformed { line, source }),
            Err(RecvTimeoutError::Timeout) => Err(AdapterError::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// Ends its input and waits for it to end by itself.
    ///
    /// # Errors
    /// It wrote more than it was asked for, or did not end with success.
    pub fn finish(mut self) -> Result<(), AdapterError> {
        drop(self.input.take());
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Err(AdapterError::Ended {
                status: "a line nobody asked for".to_owned(),
                words: line,
            }),
            Err(RecvTimeoutError::Timeout) => Err(AdapterError::Silent),
            Err(RecvTimeoutError::Disconnected) => match self.child.wait() {
                Ok(status) if status.success() => Ok(()),
                _ => Err(self.ended()),
            },
        }
    }

    fn ended(&mut self) -> AdapterError {
        // Its output has ended, so nothing is lost by ending the rest of it; otherwise the wait could be for ever.
        let _ = self.child.kill();
        let status = self
            .child
            .wait()
            .map_or_else(|error| error.to_string(), |status| status.to_string());
        let words = self
            .words
            .take()
            .and_then(|words| words.join().ok())
            .unwrap_or_default();
        const SHOWN: usize = 2_000;
        let start = words.char_indices().rev().nth(SHOWN).map_or(0, |(start, _)| start);
        AdapterError::Ended {
            status,
            words: words.get(start..).unwrap_or_default().trim().to_owned(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
