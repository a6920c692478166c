//! Clocks, memory and figures, the same for hogwire's worker and for posthog-rs's.

use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

fn clock_ns(id: ClockId) -> u64 {
    let time = clock_gettime(id);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

/// Processor time of this thread.
pub(crate) fn thread_cpu_ns() -> u64 {
    clock_ns(ClockId::ThreadCPUTime)
}

/// Processor time of this process, user and system, all threads.
pub(crate) fn process_cpu_ns() -> u64 {
    clock_ns(ClockId::ProcessCPUTime)
}

/// A line of /proc/self/status in KiB: `VmRSS` now, `VmHWM` at its peak.
pub(crate) fn memory_kb(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// Lets the peak start from here.
pub(crate) fn reset_peak() {
    // Where it is not allowed, the peak counts from the program's start.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Times of single calls.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<u64>);

impl Times {
    pub(crate) fn with_room_for(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    pub(crate) fn since(&mut self, start: Instant) {
        self.0
            .push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The figures as part of a JSON object; nothing when there are no times.
    pub(crate) fn json(mut self) -> String {
        self.0.sort_unstable();
        let at = |part: usize| {
            self.0
                .get((self.0.len() * part / 1_000).min(self.0.len().saturating_sub(1)))
        };
        match (at(500), at(990), self.0.last()) {
            (Some(p50), Some(p99), Some(most)) => format!(r#","p50_ns":{p50},"p99_ns":{p99},"max_ns":{most}"#),
            _ => String::new(),
        }
    }
}
