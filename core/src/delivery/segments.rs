//! Segments: where the bytes of waiting events live. Many events share one allocation, so that a full queue costs little more than its
//! bytes, and pushing and sending threads do not meet in the allocator. A segment's memory is given back with the last of its events.

use bytes::{Bytes, BytesMut};

/// Bytes of a segment: many usual events, and still little when just one of them stays behind.
const SEGMENT_BYTES: usize = 64 << 10;

/// The segment being filled.
#[derive(Debug, Default)]
pub(super) struct Segments {
    current: BytesMut,
}

impl Segments {
    /// A copy of these bytes in a segment.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > SEGMENT_BYTES / 4 {
            // It would leave too much of a segment unused.
            return Bytes::copy_from_slice(bytes);
        }
        if self.current.capacity() < bytes.len() {
            self.current = BytesMut::with_capacity(SEGMENT_BYTES);
        }
        self.current.extend_from_slice(bytes);
        self.current.split().freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_side_by_side_and_large_ones_alone() {
        let mut segments = Segments::default();
        let (first, second) = (segments.keep(b"first"), segments.keep(b"second"));
        assert_eq!((&first[..], &second[..]), (&b"first"[..], &b"second"[..]));
        assert_eq!(first.as_ptr().wrapping_add(5), second.as_ptr());
        let large = segments.keep(&vec![7; SEGMENT_BYTES]);
        assert_eq!((large.len(), large.first()), (SEGMENT_BYTES, Some(&7)));
        let many: Vec<_> = (0..2_000)
            .map(|number: u32| segments.keep(&number.to_le_bytes().repeat(20)))
            .collect();
        for (number, kept) in (0_u32..).zip(&many) {
            assert_eq!(kept[..], number.to_le_bytes().repeat(20));
        }
    }
}
