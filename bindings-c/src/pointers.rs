//! The only file that reads or writes through pointers from C.
//!
//! Handles need none of it: `Option<&T>`, `Option<&mut T>` and `Option<Box<T>>` have the layout of a nullable pointer, and say in the
//! signature who owns what. Left are texts, byte ranges and arrays, whose length no type knows.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::slice;

use hogwire::Argument;

use crate::status::{Refusal, hogwire_status};

/// Where a function puts a new handle; what stands there before is never read.
pub(crate) type Out<'a, T> = Option<&'a mut MaybeUninit<*mut T>>;

/// A place for a handle that has been checked, and holds NULL until one is given.
pub(crate) struct Place<'a, T>(&'a mut MaybeUninit<*mut T>);

impl<'a, T> Place<'a, T> {
    /// Clears the place, so that the caller finds NULL whatever goes wrong afterwards.
    pub(crate) fn clear(out: Out<'a, T>, name: &str) -> Result<Self, Refusal> {
        let out = required(out, name)?;
        out.write(std::ptr::null_mut());
        Ok(Self(out))
    }

    /// Hands the value over to the caller, who frees it.
    pub(crate) fn give(self, value: T) {
        self.0.write(Box::into_raw(Box::new(value)));
    }
}

/// An argument that must not be NULL.
pub(crate) fn required<T>(argument: Option<T>, name: &str) -> Result<T, Refusal> {
    argument.ok_or_else(|| Refusal::new(hogwire_status::HOGWIRE_NULL_ARGUMENT, format!("{name} is NULL")))
}

/// A NUL-terminated text as bytes; `None` for NULL.
///
/// # Safety
/// `text` is NULL, or points to bytes that end with NUL and stay unchanged for `'a`.
pub(crate) unsafe fn terminated<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not NULL here, and the caller promises the rest.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// A NUL-terminated text that must be there and be UTF-8.
///
/// # Safety
/// As of [`terminated`].
pub(crate) unsafe fn required_text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Refusal> {
    // SAFETY: the caller's promise is the same.
    let bytes = required(unsafe { terminated(text) }, name)?;
    std::str::from_utf8(bytes).map_err(|_| Refusal::invalid(format!("{name} is not UTF-8")))
}

/// A NUL-terminated text as an argument: NULL is not given, what is not UTF-8 becomes a finding.
///
/// # Safety
/// As of [`terminated`].
pub(crate) unsafe fn argument<'a>(text: *const c_char) -> Argument<'a> {
    // SAFETY: the caller's promise is the same.
    match unsafe { terminated(text) }.map(std::str::from_utf8) {
        None => Argument::Absent,
        Some(Ok(text)) => text.into(),
        Some(Err(_)) => Argument::Unsupported("text that is not UTF-8".to_owned()),
    }
}

/// An array of `length` elements; NULL is an empty one.
///
/// # Safety
/// `start` is NULL, or points to that many elements, which stay unchanged for `'a`.
pub(crate) unsafe fn array<'a, T>(start: *const T, length: usize, name: &str) -> Result<&'a [T], Refusal> {
    let longest = isize::MAX.unsigned_abs() / size_of::<T>().max(1);
    match (start.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => required(None, name),
        (_, length) if length > longest => Err(Refusal::invalid(format!("{name} cannot be {length} long"))),
        // SAFETY: not NULL, not longer than an allocation can be, and the caller promises the rest.
        _ => Ok(unsafe { slice::from_raw_parts(start, length) }),
    }
}

/// A plain value behind a pointer that may be NULL.
///
/// # Safety
/// `value` is NULL, or points to a value.
pub(crate) unsafe fn optional<T: Copy>(value: *const T) -> Option<T> {
    // SAFETY: not NULL here, and the caller promises the rest.
    (!value.is_null()).then(|| unsafe { value.read_unaligned() })
}

/// Writes a text that takes `SIZE` bytes with its NUL.
///
/// # Safety
/// `place` is NULL, or has room for `SIZE` bytes.
pub(crate) unsafe fn write_text<const SIZE: usize>(text: &CStr, place: *mut c_char, name: &str) -> Result<(), Refusal> {
    let bytes = text.to_bytes_with_nul();
    if place.is_null() {
        return required(None, name);
    }
    if bytes.len() > SIZE {
        return Err(Refusal::invalid(format!(
            "{name} has no room for {} bytes",
            bytes.len()
        )));
    }
    // SAFETY: not NULL here, no longer than the room the caller promises, and a text of ours overlaps nothing of the caller's.
    unsafe { place.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(())
}
