//! C strings made of the core's texts. Each is made when it is first asked for. It lives as long as the handle it belongs to, or, if it is
//! one that changes, until the thread asks for it again.

use std::cell::RefCell;
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// The text where there is none.
pub(crate) const NOTHING: *const c_char = c"".as_ptr();

/// A text of a handle.
#[derive(Debug, Default)]
pub(crate) struct Text(OnceLock<CString>);

impl Text {
    /// The text; `make` runs at most once. Valid as long as the handle.
    pub(crate) fn get(&self, make: impl FnOnce() -> String) -> *const c_char {
        self.0.get_or_init(|| c_string(make())).as_ptr()
    }
}

/// The last of a kind of texts on a thread.
#[derive(Debug, Default)]
pub(crate) struct LastText(RefCell<CString>);

impl LastText {
    /// The text; valid until this thread keeps another one here.
    pub(crate) fn keep(&self, text: String) -> *const c_char {
        self.0.replace(c_string(text));
        self.0.borrow().as_ptr()
    }
}

/// A C string. It cannot hold NUL, which becomes U+FFFD as it does on PostHog's server.
pub(crate) fn c_string(text: String) -> CString {
    CString::new(text)
        .or_else(|error| CString::new(String::from_utf8_lossy(&error.into_vec()).replace('\0', "\u{fffd}")))
        .unwrap_or_default()
}
