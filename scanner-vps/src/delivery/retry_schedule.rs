//! The backoff between two attempts to deliver a callback.

use skillgate_contract::backoff::Jitter;
use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The backoff after each failed attempt, in seconds; the last one repeats. It is short at first, for a
/// worker that is being deployed, and long later, for one that is down.
const STEPS: &[u64] = &[
    SECOND,
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
];

/// 10 % either way.
const JITTER: Jitter = Jitter::permille(900, 1_100);

/// The longest wait that a `Retry-After` can ask for; a longer one is cut.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(HOUR);

/// The backoff steps, and the age at which a callback is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    steps: Vec<Duration>,
    give_up_after: Duration,
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self::new(STEPS.iter().copied().map(Duration::from_secs), Duration::from_secs(24 * HOUR))
    }
}

impl RetrySchedule {
    /// A schedule of these steps. The last one repeats until a callback is `give_up_after` old.
    pub fn new(steps: impl IntoIterator<Item = Duration>, give_up_after: Duration) -> Self {
        Self { steps: steps.into_iter().collect(), give_up_after }
    }

    /// The backoff after the `failed`th failed attempt (counted from 1) of a callback of this age; `None`
    /// where it would be too old by then. `jitter` (any byte) changes the wait by up to 10 % either way,
    /// so that scanners do not come back all at once. A longer `Retry-After` of the worker replaces it,
    /// up to [`MAX_RETRY_AFTER`].
    #[must_use]
    pub fn wait(
        &self,
        failed: u32,
        age: Duration,
        retry_after: Option<Duration>,
        jitter: u8,
    ) -> Option<Duration> {
        let index = usize::try_from(failed.saturating_sub(1)).unwrap_or(usize::MAX);
        let step = self.steps.get(index).or_else(|| self.steps.last()).copied()?;
        let with_jitter = JITTER.apply(step, jitter);
        let retry_after = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        let wait = with_jitter.max(retry_after);
        (age.saturating_add(wait) <= self.give_up_after).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Duration = Duration::ZERO;

    #[test]
    fn waits_grow_to_two_hours_and_stay_there() {
        let schedule = RetrySchedule::default();
        let waits: Vec<_> =
            (1..=11).map(|n| schedule.wait(n, NEW, None, 128).unwrap().as_secs()).collect();
        assert_eq!(waits, [1, 5, 30, 120, 300, 900, 1800, 3600, 7200, 7200, 7200]);
        assert_eq!(schedule.wait(u32::MAX, NEW, None, 128), schedule.wait(9, NEW, None, 128));
    }

    #[test]
    fn waits_are_spread_by_a_tenth_either_way() {
        let schedule = RetrySchedule::default();
        let of = |jitter| schedule.wait(8, NEW, None, jitter).unwrap().as_secs();
        assert_eq!((of(0), of(255)), (3240, 3960));
    }

    #[test]
    fn a_receivers_longer_wish_is_obeyed_up_to_an_hour() {
        let schedule = RetrySchedule::default();
        let of = |seconds| {
            schedule.wait(1, NEW, Some(Duration::from_secs(seconds)), 128).unwrap().as_secs()
        };
        assert_eq!((of(0), of(90), of(u64::MAX)), (1, 90, 3600));
    }

    #[test]
    fn after_a_day_it_is_given_up() {
        let schedule = RetrySchedule::default();
        let hours = |n| Duration::from_secs(n * HOUR);
        assert!(schedule.wait(20, hours(21), None, 128).is_some());
        assert_eq!(schedule.wait(20, hours(23), None, 128), None);
        assert_eq!(schedule.wait(1, Duration::MAX, None, 0), None);
        // A day holds the whole ladder, so a receiver that is down for half an hour is outlasted.
        let tries = (1..40)
            .scan(NEW, |age, n| {
                *age += schedule.wait(n, *age, None, 255)?;
                Some(())
            })
            .count();
        assert!((15..20).contains(&tries), "{tries}");
    }
}
