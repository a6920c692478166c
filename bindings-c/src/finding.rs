//! Findings and warnings as C strings, for outcomes and receipts.

use std::ffi::{CString, c_char};

use hogwire::Finding;

use crate::text::c_string;

/// The code, parameter and message of each.
pub(crate) struct Findings(Vec<[CString; 3]>);

impl Findings {
    pub(crate) fn of<Code: ToString>(findings: &[Finding<Code>]) -> Self {
        let texts = |finding: &Finding<Code>| {
            [
                finding.code.to_string(),
                finding.parameter.clone(),
                finding.message.clone(),
            ]
            .map(c_string)
        };
        Self(findings.iter().map(texts).collect())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn code(&self, index: usize) -> *const c_char {
        self.text(index, |[code, ..]| code)
    }

    pub(crate) fn parameter(&self, index: usize) -> *const c_char {
        self.text(index, |[_, parameter, _]| parameter)
    }

    pub(crate) fn message(&self, index: usize) -> *const c_char {
        self.text(index, |[.., message]| message)
    }

    fn text(&self, index: usize, part: impl FnOnce(&[CString; 3]) -> &CString) -> *const c_char {
        self.0.get(index).map_or(std::ptr::null(), |texts| part(texts).as_ptr())
    }
}
