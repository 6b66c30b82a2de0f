//! Exponential backoff: one formula for every wait of this crate that doubles.

use std::time::Duration;

/// `initial` x 2^`failures`, at most `max`.
pub(crate) fn exponential(initial: Duration, failures: u32, max: Duration) -> Duration {
    let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
    initial.saturating_mul(factor).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit_and_never_overflow() {
        let seconds = |failures| {
            let (initial, max) = (Duration::from_secs(5), Duration::from_secs(60));
            exponential(initial, failures, max).as_secs()
        };
        assert_eq!([0, 1, 2, 3, 4, 31, 32, u32::MAX].map(seconds), [5, 10, 20, 40, 60, 60, 60, 60]);
    }
}
