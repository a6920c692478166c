//! Findings and warnings as C strings, for outcomes and receipts.

use std::ffi::{CString, c_char};

use hogwire::{Finding, Warning};

use crate::text::c_string;

/// The code, parameter and message of each.
pub(crate) struct Findings(Vec<[CString; 3]>);

impl From<&[Finding]> for Findings {
    fn from(findings: &[Finding]) -> Self {
        let texts = |finding: &Finding| texts(&finding.code, &finding.parameter, &finding.message);
        Self(findings.iter().map(texts).collect())
    }
}

impl From<&[Warning]> for Findings {
    fn from(warnings: &[Warning]) -> Self {
        let texts = |warning: &Warning| texts(&warning.code, &warning.parameter, &warning.message);
        Self(warnings.iter().map(texts).collect())
    }
}

fn texts(code: &impl ToString, parameter: &str, message: &str) -> [CString; 3] {
    [code.to_string(), parameter.to_owned(), message.to_owned()].map(c_string)
}

impl Findings {
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
