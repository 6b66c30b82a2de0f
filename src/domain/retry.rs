//! When a failed dispatch is retried.

use skillgate_contract::Millis;

/// Failures after which a scan ends as ERROR: with the waits of [`backoff_until`], after a day or more.
pub const MOST_FAILURES: u32 = 50;

/// Exponential backoff with jitter: 30 s x 2^(failures - 1), at most 30 min, plus 0 to 50 %. `failures`
/// counts from 1, this one included; `jitter` is random.
#[must_use]
pub fn backoff_until(now: Millis, failures: u32, jitter: u8) -> Millis {
    const FIRST_MS: i64 = 30_000;
    const LONGEST_MS: i64 = 30 * Millis::MINUTE;
    let doubled = FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let wait = doubled.min(LONGEST_MS);
    now.plus(with_jitter(wait, jitter))
}

/// A wait in milliseconds plus 0 to 50 % of it, so that what failed together is not retried together.
#[must_use]
pub fn with_jitter(wait: i64, jitter: u8) -> i64 {
    wait + wait / 2 * i64::from(jitter) / 255
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
