//! Findings and warnings as C strings.

use std::ffi::{CString, c_char};

use hogwire::{Finding, Warning};

use crate::text::c_string;

/// The code, parameter and message of each.
pub(crate) struct Remarks(Vec<[CString; 3]>);

impl Remarks {
    pub(crate) fn of_findings(findings: &[Finding]) -> Self {
        let texts = |finding: &Finding| {
            [
                finding.code.to_string(),
                finding.parameter.clone(),
                finding.message.clone(),
            ]
        };
        Self(findings.iter().map(|finding| texts(finding).map(c_string)).collect())
    }

    pub(crate) fn of_warnings(warnings: &[Warning]) -> Self {
        let texts = |warning: &Warning| {
            [
                warning.code.to_string(),
                warning.parameter.clone(),
                warning.message.clone(),
            ]
        };
        Self(warnings.iter().map(|warning| texts(warning).map(c_string)).collect())
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
