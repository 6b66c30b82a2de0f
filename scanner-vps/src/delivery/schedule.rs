//! When a callback that did not arrive is sent again.

use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// The waits between the first tries, in seconds; the last one repeats. Quick at first, for a worker
/// that is being deployed; slow later, for one that is down.
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

/// The longest wait that a receiver's `Retry-After` can ask for.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(HOUR);

/// The waits between tries, and when to give up.
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
    /// A schedule of waits, the last of which repeats until an event is `give_up_after` old.
    pub fn new(steps: impl IntoIterator<Item = Duration>, give_up_after: Duration) -> Self {
        Self { steps: steps.into_iter().collect(), give_up_after }
    }

    /// How long to wait after the `failed`th failed try (counted from 1) of an event of this age;
    /// `None` when it is too old by then. `chance` (any byte) spreads the waits by a tenth either
    /// way, so that scanners do not return all at once. The receiver's own wish counts where it is
    /// longer, up to [`MAX_RETRY_AFTER`].
    #[must_use]
    pub fn wait(
        &self,
        failed: u32,
        age: Duration,
        retry_after: Option<Duration>,
        chance: u8,
    ) -> Option<Duration> {
        let index = usize::try_from(failed.saturating_sub(1)).unwrap_or(usize::MAX);
        let step = self.steps.get(index).or_else(|| self.steps.last()).copied()?;
        let spread = step.saturating_mul(900 + u32::from(chance) * 200 / 255) / 1000;
        let wished = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
        let wait = spread.max(wished);
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
        let of = |chance| schedule.wait(8, NEW, None, chance).unwrap().as_secs();
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
