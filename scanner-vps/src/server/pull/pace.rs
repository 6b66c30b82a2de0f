//! When the worker's queue is asked again.

use crate::delivery::MAX_RETRY_AFTER;
use std::time::Duration;

/// The waits between two questions. They double while there is nothing to do, and while the worker
/// cannot be asked, each up to its own limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    first: Duration,
    most_idle: Duration,
    most_failing: Duration,
    /// Empty answers in a row.
    empty: u32,
    /// Failures in a row.
    failed: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(Duration::from_secs(5), Duration::from_secs(30), Duration::from_secs(120))
    }
}

impl Pace {
    /// Waits that begin with `first`.
    #[must_use]
    pub const fn new(first: Duration, most_idle: Duration, most_failing: Duration) -> Self {
        Self { first, most_idle, most_failing, empty: 0, failed: 0 }
    }

    /// Failures in a row so far.
    pub(super) const fn failures(&self) -> u32 {
        self.failed
    }

    /// Something was found.
    pub(super) const fn busy(&mut self) {
        (self.empty, self.failed) = (0, 0);
    }

    /// Nothing was found; how long to wait. `chance` (any byte) takes up to a quarter away, so that
    /// scanners that were started together do not ask together.
    pub(super) fn idle(&mut self, chance: u8) -> Duration {
        self.failed = 0;
        let wait = grown(self.first, self.empty, self.most_idle);
        self.empty = self.empty.saturating_add(1);
        spread(wait, chance)
    }

    /// The worker could not be asked; how long to wait. Its own wish counts where that is longer, up
    /// to [`MAX_RETRY_AFTER`].
    pub(super) fn failing(&mut self, retry_after: Option<Duration>, chance: u8) -> Duration {
        self.empty = 0;
        let wait = grown(self.first, self.failed, self.most_failing);
        self.failed = self.failed.saturating_add(1);
        spread(wait, chance).max(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER))
    }
}

fn grown(first: Duration, times: u32, most: Duration) -> Duration {
    first.saturating_mul(1_u32.checked_shl(times).unwrap_or(u32::MAX)).min(most)
}

fn spread(wait: Duration, chance: u8) -> Duration {
    wait.saturating_mul(1000 - u32::from(chance) * 250 / 255) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(waits: impl IntoIterator<Item = Duration>) -> Vec<u64> {
        waits.into_iter().map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn waits_double_up_to_their_limit_and_begin_anew() {
        let mut pace = Pace::default();
        let idle: Vec<_> = (0..5).map(|_| pace.idle(0)).collect();
        assert_eq!(seconds(idle), [5, 10, 20, 30, 30]);
        let failing: Vec<_> = (0..7).map(|_| pace.failing(None, 0)).collect();
        assert_eq!((seconds(failing), pace.failures()), (vec![5, 10, 20, 40, 80, 120, 120], 7));
        assert_eq!((pace.idle(0).as_secs(), pace.failures()), (5, 0));
        for _ in 0..100 {
            pace.failing(None, 0);
        }
        assert_eq!(pace.failing(None, 0).as_secs(), 120);
        pace.busy();
        assert_eq!(pace.idle(0).as_secs(), 5);
    }

    #[test]
    fn waits_are_spread_by_a_quarter_and_the_workers_longer_wish_is_obeyed_up_to_an_hour() {
        let wait = |chance| Pace::default().idle(chance).as_millis();
        assert_eq!((wait(0), wait(255)), (5000, 3750));
        let wished =
            |seconds| Pace::default().failing(Some(Duration::from_secs(seconds)), 255).as_millis();
        assert_eq!((wished(0), wished(90), wished(u64::MAX)), (3750, 90_000, 3_600_000));
    }
}
