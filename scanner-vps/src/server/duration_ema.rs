//! The usual duration of a scan, from which the queue estimates waits.

use std::time::Duration;

/// An exponential moving average of durations: each new one counts a quarter.
#[derive(Debug)]
pub(super) struct DurationEma(Duration);

impl Default for DurationEma {
    /// An assumption that holds until scans have ended.
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}

impl DurationEma {
    /// The lower bound of the average: scans that fail at once say nothing about the others.
    const MIN: Duration = Duration::from_secs(20);

    /// Takes one more duration into the average.
    pub(super) fn record(&mut self, time: Duration) {
        self.0 = ((self.0 * 3 + time) / 4).max(Self::MIN);
    }

    /// The average so far.
    pub(super) const fn get(&self) -> Duration {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_durations_count_more_and_short_ones_only_to_the_lower_bound() {
        let mut average = DurationEma::default();
        assert_eq!(average.get().as_secs(), 60);
        average.record(Duration::from_secs(100));
        assert_eq!(average.get().as_secs(), 70);
        for _ in 0..50 {
            average.record(Duration::ZERO);
        }
        assert_eq!(average.get().as_secs(), 20);
    }
}
