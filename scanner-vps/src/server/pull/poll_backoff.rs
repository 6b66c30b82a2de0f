//! Backoff between two polls of the worker's queue.

use crate::delivery::MAX_RETRY_AFTER;
use skillgate_contract::backoff::{Backoff, Jitter};
use std::time::Duration;

/// Two exponential backoffs with one initial wait: one for empty answers, one for failed polls, each
/// with its own maximum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollBackoff {
    initial: Duration,
    max_idle: Duration,
    max_failing: Duration,
    /// Empty answers in a row.
    empty: u32,
    /// Failures in a row.
    failed: u32,
}

impl Default for PollBackoff {
    fn default() -> Self {
        Self::new(Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120))
    }
}

impl PollBackoff {
    /// Backoffs that begin with `initial`, up to `max_idle` after empty answers and `max_failing` after
    /// failures.
    #[must_use]
    pub const fn new(initial: Duration, max_idle: Duration, max_failing: Duration) -> Self {
        Self { initial, max_idle, max_failing, empty: 0, failed: 0 }
    }

    const fn backoff(&self, cap: Duration) -> Backoff {
        Backoff { base: self.initial, factor: 2, cap, jitter: Jitter::permille(1_000, 750) }
    }

    /// The number of consecutive failures.
    pub(super) const fn failures(&self) -> u32 {
        self.failed
    }

    /// Starts both backoffs anew, after a poll that found something.
    pub(super) const fn reset(&mut self) {
        (self.empty, self.failed) = (0, 0);
    }

    /// The wait after an empty answer. `jitter` (any byte) shortens it by up to 25 %, so that scanners
    /// that were started together do not poll together.
    pub(super) fn after_empty(&mut self, jitter: u8) -> Duration {
        self.failed = 0;
        self.empty = self.empty.saturating_add(1);
        self.backoff(self.max_idle).delay(self.empty, jitter)
    }

    /// The wait after a failed poll. A longer `Retry-After` of the worker replaces it, up to
    /// [`MAX_RETRY_AFTER`].
    pub(super) fn after_failure(&mut self, retry_after: Option<Duration>, jitter: u8) -> Duration {
        self.empty = 0;
        self.failed = self.failed.saturating_add(1);
        let wait = self.backoff(self.max_failing).delay(self.failed, jitter);
        wait.max(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(waits: impl IntoIterator<Item = Duration>) -> Vec<u64> {
        waits.into_iter().map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn waits_double_up_to_their_limit_and_begin_anew() {
        let mut backoff = PollBackoff::default();
        let idle: Vec<_> = (0..5).map(|_| backoff.after_empty(0)).collect();
        assert_eq!(seconds(idle), [5, 10, 20, 30, 30]);
        let failing: Vec<_> = (0..7).map(|_| backoff.after_failure(None, 0)).collect();
        assert_eq!((seconds(failing), backoff.failures()), (vec![5, 10, 20, 40, 80, 120, 120], 7));
        assert_eq!((backoff.after_empty(0).as_secs(), backoff.failures()), (5, 0));
        for _ in 0..100 {
            backoff.after_failure(None, 0);
        }
        assert_eq!(backoff.after_failure(None, 0).as_secs(), 120);
        backoff.reset();
        assert_eq!(backoff.after_empty(0).as_secs(), 5);
    }

    #[test]
    fn waits_are_spread_by_a_quarter_and_the_workers_longer_wish_is_obeyed_up_to_an_hour() {
        let wait = |jitter| PollBackoff::default().after_empty(jitter).as_millis();
        assert_eq!((wait(0), wait(255)), (5000, 3750));
        let wished = |seconds| {
            PollBackoff::default()
                .after_failure(Some(Duration::from_secs(seconds)), 255)
                .as_millis()
        };
        assert_eq!((wished(0), wished(90), wished(u64::MAX)), (3750, 90_000, 3_600_000));
    }
}
