//! When a failed dispatch is retried.

use skillgate_contract::{
    Millis,
    backoff::{Backoff, Jitter},
};
use std::time::Duration;

/// Failures after which a scan ends as ERROR: with the waits of [`backoff_until`], after a day or more.
pub const MOST_FAILURES: u32 = 50;

/// 0 to 50 % more.
const JITTER: Jitter = Jitter::permille(1_000, 1_500);

const BACKOFF: Backoff = Backoff {
    base: Duration::from_secs(30),
    factor: 2,
    cap: Duration::from_mins(30),
    jitter: JITTER,
};

/// Exponential backoff with jitter: 30 s x 2^(failures - 1), at most 30 min, plus 0 to 50 %. `failures`
/// counts from 1, this one included; `jitter` is random.
#[must_use]
pub fn backoff_until(now: Millis, failures: u32, jitter: u8) -> Millis {
    now.after(BACKOFF.delay(failures, jitter))
}

/// A wait plus 0 to 50 % of it, so that what failed together is not retried together.
#[must_use]
pub fn with_jitter(wait: Duration, jitter: u8) -> Duration {
    JITTER.apply(wait, jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(failures in any::<u32>(), jitter in any::<u8>()) {
            let wait = backoff_until(Millis(0), failures, jitter).0;
            prop_assert!((30_000..=45 * Millis::MINUTE).contains(&wait));
        }
    }

    #[test]
    fn a_scan_that_nobody_takes_is_tried_for_a_day() {
        let waits = (1..MOST_FAILURES).map(|failures| backoff_until(Millis(0), failures, 0).0);
        assert!(waits.sum::<i64>() >= 22 * Millis::HOUR);
    }
}
