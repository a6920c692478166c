//! The runner: every vector through one adapter, several processes side by side, because calls mostly wait.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::adapter::{Adapter, Folders, Process};
use crate::digest::digest;
use crate::judge::Judge;
use crate::line;
use crate::load::Vector;
use crate::stage::Stage;

/// Adapter processes side by side. Calls wait for clocks, not for a processor.
const PROCESSES: usize = 6;

/// What became of one vector in one adapter.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The vector's id.
    pub id: String,
    /// The vector's area.
    pub area: String,
    /// Every difference from what was expected; empty when the vector passed.
    pub differences: Vec<String>,
    /// What must be the same in every adapter; nothing when there was no answer.
    pub digest: Option<Value>,
}

/// Runs the vectors that are for this adapter; verdicts come in the order of the vectors.
#[must_use]
pub fn run(adapter: &Adapter, folders: &Folders, vectors: &[Vector]) -> Vec<Verdict> {
    let mut queue: Vec<(usize, &Vector)> = vectors
        .iter()
        .enumerate()
        .filter(|(_, vector)| vector.is_for(&adapter.name))
        .collect();
    // Those that wait go first, so that no process waits alone at the end.
    queue.sort_by_key(|(_, vector)| !vector.action().sends());
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::with_capacity(queue.len()));
    std::thread::scope(|scope| {
        for _ in 0..PROCESSES.min(queue.len()) {
            scope.spawn(|| {
                let mut worker = Worker {
                    adapter,
                    folders,
                    process: None,
                };
                while let Some((place, vector)) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = worker.run(vector);
                    lock(&verdicts).push((*place, verdict));
                }
                if let Some(failure) = worker.finish() {
                    lock(&verdicts).push((usize::MAX, failure));
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    verdicts.sort_by_key(|(place, _)| *place);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A push is complete in itself, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// One process of the adapter, started when it is first needed and again after it failed.
struct Worker<'a> {
    adapter: &'a Adapter,
    folders: &'a Folders,
    process: Option<Process>,
}

impl Worker<'_> {
    fn run(&mut self, vector: &Vector) -> Verdict {
        let mut verdict = Verdict {
            id: vector.id.clone(),
            area: vector.area.clone(),
            differences: Vec::new(),
            digest: None,
        };
        match self.judged(vector) {
            Ok((differences, digest)) => {
                verdict.differences = differences;
                verdict.digest = Some(digest);
            }
            Err(problem) => verdict.differences.push(problem),
        }
        verdict
    }

    fn judged(&mut self, vector: &Vector) -> Result<(Vec<String>, Value), String> {
        let stage = Stage::set(vector).map_err(|error| format!("the receiver: {error}"))?;
        let placeholders = stage.as_ref().map(Stage::placeholders).unwrap_or_default();
        let reply = self.ask(&line::line(&vector.given, placeholders))?;
        let exchange = stage.as_ref().map(|stage| stage.exchange(vector));
        let judge = Judge {
            vector,
            library: &self.adapter.library,
            // One version for the whole workspace, this crate included.
            version: env!("CARGO_PKG_VERSION"),
            placeholders,
        };
        Ok((
            judge.differences(&reply, exchange.as_ref()),
            digest(vector.action(), &reply, exchange.as_ref()),
        ))
    }

    fn ask(&mut self, line: &str) -> Result<Value, String> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.adapter.start(self.folders).map_err(|error| error.to_string())?,
        };
        let reply = process.ask(line).map_err(|error| error.to_string())?;
        self.process = Some(process);
        Ok(reply)
    }

    /// An adapter has to end cleanly, too; a verdict only when it does not.
    fn finish(self) -> Option<Verdict> {
        let error = self.process?.finish().err()?;
        Some(Verdict {
            id: "adapter/end_of_input".to_owned(),
            area: "adapter".to_owned(),
            differences: vec![error.to_string()],
            digest: None,
        })
    }
}
