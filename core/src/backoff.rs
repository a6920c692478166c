//! Backoff: how long to wait before trying again, for direct calls and queues alike.

use std::time::Duration;

use rand_pcg::rand_core::Rng;

/// First delay of the backoff; each further one doubles it (product.md §4).
const BACKOFF_BASE: Duration = Duration::from_millis(200);
/// Longest delay of the backoff, its random part included.
const BACKOFF_CAP: Duration = Duration::from_secs(30);

/// No retry comes sooner than this, even if the server asks for one at once (protocol.md §2): a server that fails at once would be asked
/// thousands of times a second.
const MIN_DELAY: Duration = Duration::from_millis(100);

/// The delay before a retry for which the server has named a time.
pub(crate) fn asked(retry_after: Duration) -> Duration {
    retry_after.max(MIN_DELAY)
}

/// The delay before retry `n` (from 0): base·2^n plus a random part up to the same.
pub(crate) fn backoff(retry: u32, rng: &mut impl Rng) -> Duration {
    let base = BACKOFF_BASE
        .saturating_mul(1_u32.checked_shl(retry).unwrap_or(u32::MAX))
        .min(BACKOFF_CAP);
    let span = u64::try_from(base.as_millis()).unwrap_or(u64::MAX).max(1);
    (base + Duration::from_millis(rng.next_u64() % (span + 1))).min(BACKOFF_CAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_pcg::Pcg64;
    use rand_pcg::rand_core::SeedableRng;

    #[test]
    fn a_server_may_ask_for_later_but_not_for_at_once() {
        assert_eq!(asked(Duration::ZERO), MIN_DELAY);
        assert_eq!(asked(Duration::from_secs(7)), Duration::from_secs(7));
    }

    #[test]
    fn backoff_doubles_and_stays_in_its_bounds() {
        let mut rng = Pcg64::seed_from_u64(3);
        for retry in 0..40 {
            let base = Duration::from_millis(200 << retry.min(20)).min(BACKOFF_CAP);
            for _ in 0..50 {
                let delay = backoff(retry, &mut rng);
                assert!(
                    delay >= base && delay <= base * 2 && delay <= BACKOFF_CAP,
                    "{retry}: {delay:?}"
                );
            }
        }
    }
}
