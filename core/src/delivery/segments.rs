//! Segments: where the bytes of waiting events live. Many events share one allocation, so that a full queue costs little more than its
//! bytes, and threads that push and send do not wait for each other in the allocator. A few segments are used again when all their events
//! have left; the memory of the others is freed with their last event.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes of a segment: enough for many usual events, and little enough when a single one of them keeps it.
const SEGMENT_BYTES: usize = 64 << 10;

/// Full segments to keep, at most: a megabyte, more than a request's worth.
const MAX_KEPT: usize = 16;

/// The segment being filled, and full ones.
#[derive(Debug, Default)]
pub(super) struct Segments {
    current: BytesMut,
    full: VecDeque<BytesMut>,
}

impl Segments {
    /// A copy of these bytes in a segment.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Bytes {
        if bytes.len() > SEGMENT_BYTES / 4 {
            // It could leave too much of a segment unused.
            return Bytes::copy_from_slice(bytes);
        }
        if self.current.capacity() < bytes.len() {
            self.change();
        }
        // Split before it is written to: the other way round, the split would have to wait for what was just written.
        let rest = self.current.split_off(bytes.len());
        let mut kept = std::mem::replace(&mut self.current, rest);
        kept.extend_from_slice(bytes);
        kept.freeze()
    }

    /// Goes on with a segment whose events have all left, or with a new one.
    #[cold]
    fn change(&mut self) {
        self.full.push_back(std::mem::take(&mut self.current));
        let left = self.full.iter_mut().position(|full| full.try_reclaim(SEGMENT_BYTES));
        let empty = left.and_then(|index| self.full.remove(index));
        self.full.truncate(MAX_KEPT);
        self.current = empty.unwrap_or_else(|| BytesMut::with_capacity(SEGMENT_BYTES));
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

    #[test]
    fn segments_are_used_again_when_all_their_events_have_left() {
        let mut segments = Segments::default();
        let event = vec![7; SEGMENT_BYTES / 8];
        let mut fill = |left: &mut Vec<Bytes>| left.extend((0..8).map(|_| segments.keep(&event)));
        let (mut stays, mut leaves) = (Vec::new(), Vec::new());
        fill(&mut stays);
        fill(&mut leaves);
        let places: Vec<_> = leaves.drain(..).map(|event| event.as_ptr()).collect();
        for _ in 0..3 {
            fill(&mut leaves);
            assert_eq!(leaves.drain(..).map(|event| event.as_ptr()).collect::<Vec<_>>(), places);
        }
        assert!(stays.iter().all(|kept| kept == &event));
    }

    #[test]
    fn few_full_segments_are_kept() {
        let mut segments = Segments::default();
        let events: Vec<_> = (0..80 * MAX_KEPT)
            .map(|_| segments.keep(&[7; SEGMENT_BYTES / 8]))
            .collect();
        assert_eq!(segments.full.len(), MAX_KEPT);
        drop(events);
        let _ = (0..80 * MAX_KEPT)
            .map(|_| segments.keep(&[7; SEGMENT_BYTES / 8]))
            .count();
        assert_eq!(segments.full.len(), MAX_KEPT);
    }
}
