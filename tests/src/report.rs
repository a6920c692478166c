//! The report: counts for each adapter and area, every failure, and whether the whole suite passed.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::digest;
use crate::run::Verdict;

/// Failures shown for each adapter; the rest is only counted.
const SHOWN: usize = 25;

/// Everything that was run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    adapter: String,
    /// Why it did not run at all, and whether that is a failure.
    absent: Option<(String, bool)>,
    verdicts: Vec<Verdict>,
}

impl Report {
    /// Adds an adapter that ran. What it answered is compared with the adapter that ran first.
    pub fn ran(&mut self, adapter: &str, mut verdicts: Vec<Verdict>) {
        for verdict in &mut verdicts {
            let first = self.columns.iter().find_map(|column| {
                let same = column.verdicts.iter().find(|other| other.id == verdict.id)?;
                Some((&column.adapter, same.digest.as_ref()?))
            });
            if let (Some((name, first)), Some(own)) = (first, &verdict.digest) {
                let found = digest::differences(first, own);
                verdict
                    .differences
                    .extend(found.iter().map(|found| format!("unlike {name}: {found}")));
            }
        }
        self.columns.push(Column {
            adapter: adapter.to_owned(),
            absent: None,
            verdicts,
        });
    }

    /// Adds an adapter that could not run; a failure when it was asked for by name.
    pub fn absent(&mut self, adapter: &str, missing: &str, wanted: bool) {
        let absent = Some((missing.to_owned(), wanted));
        self.columns.push(Column {
            adapter: adapter.to_owned(),
            absent,
            verdicts: Vec::new(),
        });
    }

    /// Whether something ran, in every adapter that is there, and nothing failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        let fine = |column: &Column| match &column.absent {
            Some((_, wanted)) => !wanted,
            None => !column.verdicts.is_empty() && column.verdicts.iter().all(passed),
        };
        self.columns.iter().any(|column| column.absent.is_none()) && self.columns.iter().all(fine)
    }

    fn table(&self, out: &mut String) -> fmt::Result {
        let ran: Vec<&Column> = self.columns.iter().filter(|column| column.absent.is_none()).collect();
        let mut areas: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        let mut totals = vec![(0, 0); ran.len()];
        for (place, column) in ran.iter().enumerate() {
            for verdict in &column.verdicts {
                let counts = areas.entry(&verdict.area).or_insert_with(|| vec![(0, 0); ran.len()]);
                for (good, all) in [counts.get_mut(place), totals.get_mut(place)].into_iter().flatten() {
                    *good += usize::from(passed(verdict));
                    *all += 1;
                }
            }
        }
        let row = |out: &mut String, name: &str, cells: &[String]| {
            write!(out, "{name:<16}")?;
            cells.iter().try_for_each(|cell| write!(out, "{cell:>12}"))?;
            writeln!(out)
        };
        let cells = |counts: &[(usize, usize)]| -> Vec<String> { counts.iter().map(count).collect() };
        row(
            out,
            "area",
            &ran.iter().map(|column| column.adapter.clone()).collect::<Vec<_>>(),
        )?;
        for (area, counts) in &areas {
            row(out, area, &cells(counts))?;
        }
        row(out, "total", &cells(&totals))
    }
}

fn passed(verdict: &Verdict) -> bool {
    verdict.differences.is_empty()
}

fn count((good, all): &(usize, usize)) -> String {
    if good == all {
        all.to_string()
    } else {
        format!("{good} of {all}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        for column in &self.columns {
            let failed: Vec<_> = column.verdicts.iter().filter(|verdict| !passed(verdict)).collect();
            for verdict in failed.iter().take(SHOWN) {
                writeln!(out, "FAILED {} {}", column.adapter, verdict.id)?;
                for difference in &verdict.differences {
                    writeln!(out, "    {difference}")?;
                }
            }
            if failed.len() > SHOWN {
                writeln!(out, "... and {} more of {}", failed.len() - SHOWN, column.adapter)?;
            }
        }
        self.table(&mut out)?;
        for column in &self.columns {
            if let Some((missing, wanted)) = &column.absent {
                let judged = if *wanted { "FAILED, it was asked for" } else { "not run" };
                writeln!(out, "absent: {} ({judged}): {missing} is not there", column.adapter)?;
            }
        }
        formatter.write_str(&out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(id: &str, differences: &[&str], answer: u64) -> Verdict {
        Verdict {
            id: id.to_owned(),
            area: "page".to_owned(),
            differences: differences.iter().map(|found| (*found).to_owned()).collect(),
            digest: Some(json!(answer)),
        }
    }

    #[test]
    fn a_suite_that_ran_nothing_has_not_passed() {
        let mut report = Report::default();
        assert!(!report.passed());
        report.absent("go", "go", false);
        assert!(!report.passed());
        report.ran("rust", Vec::new());
        assert!(!report.passed());
    }

    #[test]
    fn counts_failures_and_absences_are_shown() {
        let mut report = Report::default();
        report.ran(
            "rust",
            vec![verdict("page/a/b", &[], 1), verdict("page/a/c", &["x: no"], 1)],
        );
        report.absent("go", "target/go-adapter", false);
        let text = report.to_string();
        assert!(!report.passed());
        assert!(text.contains("FAILED rust page/a/c\n    x: no"), "{text}");
        assert!(
            text.contains("1 of 2") && text.contains("absent: go (not run): target/go-adapter"),
            "{text}"
        );
    }

    #[test]
    fn an_absent_adapter_that_was_asked_for_is_a_failure() {
        let mut report = Report::default();
        report.ran("rust", vec![verdict("page/a/b", &[], 1)]);
        assert!(report.passed());
        report.absent("go", "go", true);
        assert!(!report.passed());
    }

    #[test]
    fn two_adapters_that_differ_are_a_failure() {
        let mut report = Report::default();
        report.ran("rust", vec![verdict("page/a/b", &[], 1)]);
        report.ran("c", vec![verdict("page/a/b", &[], 2)]);
        assert!(!report.passed());
        assert!(report.to_string().contains("unlike rust: digest: expected 1, got 2"));
    }
}
