//! Groups: which groups an event belongs to.

use super::Reading;
use crate::finding::{FindingCode, WarningCode};
use crate::operation::Parameter;
use crate::properties::{Properties, shortened, step};

impl Reading<'_, '_> {
    /// Group types and their keys, which are text or integers.
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
                    "Groups.{}: a group needs a type and a key, and one of them is empty; leave it out or give both.",
                    shortened(&group)
                );
                self.findings.refuse(FindingCode::Required, path, message);
                continue;
            }
            is_bare &= group.trim() == group && is_trimmed(key);
            // What is refused already stands here as null.
            let is_told = self.findings.refusals().iter().any(|finding| finding.parameter == path);
            if !is_id && !is_told {
                let message = format!(
                    "Groups.{} is {}; a group key is text or an integer.",
                    shortened(&group),
                    shortened(key)
                );
                self.findings.refuse(FindingCode::InvalidType, path, message);
            }
        }
        if is_bare { groups } else { self.trimmed_groups(&groups) }
    }

    #[cold]
    fn trimmed_groups(&mut self, groups: &Properties) -> Properties {
        let mut trimmed = Properties::new();
        for (group, key) in groups.iter() {
            match serde_json::from_str::<String>(key) {
                Ok(text) => trimmed.insert(group.trim(), text.trim()),
                // Its bounds are those of the object it comes from.
                Err(_) => drop(trimmed.key(group.trim()).and_then(|()| trimmed.json_value(key))),
            }
        }
        trimmed.remove_repeated_keys();
        let message = "Groups: white space around types and keys was removed.";
        self.warn(WarningCode::Trimmed, Parameter::Groups, message);
        trimmed
    }
}

/// Whether JSON text is none, or has no white space around it.
fn is_trimmed(json: &str) -> bool {
    !json.starts_with('"') || serde_json::from_str::<String>(json).is_ok_and(|text| text.trim() == text)
}
