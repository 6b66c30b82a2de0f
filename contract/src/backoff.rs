//! How long to wait before something that failed is tried again. Pure: the caller has the clock and
//! the random byte.

use std::time::Duration;

/// Exponential backoff with jitter: `base` × `factor`^(attempt − 1), at most `cap`, then the jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The delay after the first failure.
    pub base: Duration,
    /// How many times as long each delay is as the one before; 1 is a constant delay.
    pub factor: u32,
    /// The longest delay before the jitter.
    pub cap: Duration,
    /// How a random byte changes the delay.
    pub jitter: Jitter,
}

impl Backoff {
    /// The delay after so many failures in a row, counted from 1 (0 is read as 1).
    #[must_use]
    pub fn delay(&self, attempt: u32, random: u8) -> Duration {
        let grown = self.base.saturating_mul(self.factor.saturating_pow(attempt.saturating_sub(1)));
        self.jitter.apply(grown.min(self.cap), random)
    }
}

/// How a random byte changes a delay, so that what failed at one moment is not tried again at one:
/// by a factor that runs evenly from one bound (byte 0) to another (byte 255), in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jitter {
    at_0: u16,
    at_255: u16,
}

impl Jitter {
    /// The delay as it is.
    pub const NONE: Self = Self::permille(1_000, 1_000);

    /// From one factor, at byte 0, to another, at byte 255, in thousandths: `permille(1_000, 1_500)`
    /// adds up to a half, `permille(1_000, 750)` takes up to a quarter away, and
    /// `permille(900, 1_100)` does up to a tenth of both.
    #[must_use]
    pub const fn permille(at_0: u16, at_255: u16) -> Self {
        Self { at_0, at_255 }
    }

    /// The delay with jitter; the factor is rounded towards that of byte 0 to a whole thousandth.
    #[must_use]
    pub fn apply(self, delay: Duration, random: u8) -> Duration {
        let (from, to, random) = (u32::from(self.at_0), u32::from(self.at_255), u32::from(random));
        let factor = if to < from {
            from - (from - to) * random / 255
        } else {
            from + (to - from) * random / 255
        };
        delay.saturating_mul(factor) / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn seconds(backoff: &Backoff, attempts: std::ops::RangeInclusive<u32>) -> Vec<u64> {
        attempts.map(|attempt| backoff.delay(attempt, 0).as_secs()).collect()
    }

    #[test]
    fn delays_grow_by_the_factor_up_to_the_cap() {
        let jitter = Jitter::permille(1_000, 1_500);
        let doubled = Backoff { base: 30 * SECOND, factor: 2, cap: 1_800 * SECOND, jitter };
        assert_eq!(seconds(&doubled, 0..=9), [30, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
        assert_eq!(doubled.delay(u32::MAX, 255), 2_700 * SECOND);
        let longer = Backoff { base: SECOND, factor: 4, cap: Duration::MAX, jitter: Jitter::NONE };
        assert_eq!(seconds(&longer, 1..=4), [1, 4, 16, 64]);
        let constant = Backoff { factor: 1, ..doubled };
        assert_eq!(seconds(&constant, 1..=3), [30, 30, 30]);
        assert!(longer.delay(u32::MAX, 255) > 1_000_000 * SECOND, "no overflow");
    }

    #[test]
    fn jitter_runs_from_one_factor_to_the_other() {
        let of = |at_0, at_255| {
            [0, 128, 255].map(|random| {
                Jitter::permille(at_0, at_255).apply(1_000 * SECOND, random).as_secs()
            })
        };
        assert_eq!(of(1_000, 1_000), [1_000, 1_000, 1_000]);
        assert_eq!(of(1_000, 1_500), [1_000, 1_250, 1_500]);
        assert_eq!(of(900, 1_100), [900, 1_000, 1_100]);
        assert_eq!(of(1_000, 750), [1_000, 875, 750]);
        assert_eq!(of(1_000, 745), [1_000, 872, 745]);
    }

    proptest! {
        #[test]
        fn a_delay_stays_between_its_bounds(
            base in 0u64..1 << 40, factor in 1u32..9, cap in 0u64..1 << 40, attempt in any::<u32>(),
            random in any::<u8>(), jitter in 0u16..1_001,
        ) {
            let (base, cap) = (Duration::from_millis(base), Duration::from_millis(cap));
            let jitter = Jitter::permille(1_000, 1_000 + jitter);
            let delay = Backoff { base, factor, cap, jitter }.delay(attempt, random);
            prop_assert!(base.min(cap) <= delay && delay <= cap * 2);
        }
    }
}
