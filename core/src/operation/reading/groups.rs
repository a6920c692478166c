//! Groups: which groups an event belongs to.

use super::Reading;
use crate::finding::{FindingCode, WarningCode};
use crate::operation::Parameter;
use crate::properties::{Properties, shortened, step};

/// What may stand in `Groups`.
pub(super) const GROUP_KEYS: &str = "a group key is text or an integer.";

impl Reading<'_, '_> {
    /// Group types and their keys, which are text or integers. PostHog reads numbers as JavaScript does, and makes text of keys: an integer
    /// that would lose digits there goes out as text.
    pub(in super::super) fn groups(&mut self) -> Properties {
        let Some(groups) = self.given_object(Parameter::Groups, "an object of group types and keys") else {
            return Properties::new();
        };
        let mut is_bare = true;
        for (group, key) in groups.iter() {
            let is_blank = serde_json::from_str::<String>(key).is_ok_and(|text| text.trim().is_empty());
            let is_id = key.starts_with('"') || key.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9'));
            let path = format!("Groups.{}", step(&group));
            if group.trim().is_empty() || is_blank {
                let message = format!(
                    "{}: a group needs a type and a key, and one of them is empty; leave it out or give both.",
                    shortened(&path)
                );
                self.findings.refuse(FindingCode::Required, path, message);
                continue;
            }
            is_bare &= group.trim() == group && is_trimmed(key) && is_exact(key);
            // A value that was refused while it was played in is null here, and is not refused twice.
            let is_told = self.findings.refusals().iter().any(|finding| finding.parameter == path);
            if !is_id && !is_told {
                // What is nested may be long, and no two languages write it alike.
                let found = match key.as_bytes().first() {
                    Some(b'{') => "an object",
                    Some(b'[') => "a list",
                    _ => key,
                };
                let message = format!("{} is {}; {GROUP_KEYS}", shortened(&path), shortened(found));
                self.findings.refuse(FindingCode::InvalidType, path, message);
            }
        }
        if is_bare { groups } else { self.tidy_groups(&groups) }
    }

    #[cold]
    fn tidy_groups(&mut self, groups: &Properties) -> Properties {
        let mut tidy = Properties::new();
        let (mut trims, mut repeats) = (false, false);
        for (group, key) in groups.iter() {
            let name = group.trim();
            repeats |= tidy.value_of(name).is_some();
            trims |= name != group || !is_trimmed(key);
            match serde_json::from_str::<String>(key) {
                Ok(text) => tidy.insert(name, text.trim()),
                Err(_) if !is_exact(key) => tidy.insert(name, key),
                // It cannot be full, as the object was not from which its pairs come.
                Err(_) => drop(tidy.key(name).and_then(|()| tidy.json_value(key))),
            }
        }
        tidy.remove_repeated_keys();
        if trims {
            let message = "Groups: white space around types and keys was removed.";
            self.warn(WarningCode::Trimmed, Parameter::Groups, message);
        }
        if repeats {
            let message = "Groups: two types are the same without the white space around them; the last one was used.";
            self.warn(WarningCode::Conflict, Parameter::Groups, message);
        }
        tidy
    }
}

/// Whether JSON text is anything but an integer that a 64-bit float cannot hold exactly.
fn is_exact(json: &str) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    json.parse::<i64>().map_or_else(
        |_| json.parse::<u64>().is_err(),
        |number| number.unsigned_abs() <= LARGEST,
    )
}

/// Whether a JSON value is anything but text with white space around it.
fn is_trimmed(json: &str) -> bool {
    !json.starts_with('"') || serde_json::from_str::<String>(json).is_ok_and(|text| text.trim() == text)
}
