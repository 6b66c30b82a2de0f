//! Which scanner gets a scan, and when a failed send is tried again.

use crate::model::FailingScanner;
use skillgate_contract::Millis;

/// Failures in a row after which a scan is given up: with the waits of [`retry_at`], a day or more.
pub const MOST_FAILURES: u32 = 50;

/// What a scanner did with what it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// It accepted the scan.
    It,
    /// Its queue is full: it works, and another may have room.
    Busy,
    /// It does not want this one scan, and may want others.
    Refused,
    /// It does not answer, or not as a scanner that works.
    Failed,
}

impl Took {
    /// Reads the status of its answer; `None` where there was none.
    #[must_use]
    pub const fn of(status: Option<u16>) -> Self {
        match status {
            Some(202) => Self::It,
            Some(429) => Self::Busy,
            Some(400 | 403 | 409 | 413 | 415 | 422) => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// The scanners in the order in which a send tries them: each turn starts with the next one. Those
/// that failed of late come last, so that they are skipped unless nobody else takes the scan.
pub fn order<'a>(
    workers: &'a [String],
    turn: u64,
    failing: &[FailingScanner],
    now: Millis,
) -> Vec<&'a String> {
    let start = usize::try_from(turn.checked_rem(workers.len() as u64).unwrap_or(0)).unwrap_or(0);
    let mut order: Vec<_> = workers.iter().cycle().skip(start).take(workers.len()).collect();
    order.sort_by_key(|worker| failing.iter().any(|f| f.url == **worker && f.skip_until > now));
    order
}

/// Until when a scanner is skipped that has failed so often in a row: a minute, doubled each time,
/// at most ten.
#[must_use]
pub fn skip_until(now: Millis, failures: u32) -> Millis {
    let doubled = Millis::MINUTE << failures.saturating_sub(1).min(10);
    now.plus(doubled.min(10 * Millis::MINUTE))
}

/// When a scan is sent again whose last so many sends have failed: after 30 s, doubled each time up
/// to half an hour, and up to half of it again, so that many failures do not return at one moment.
#[must_use]
pub fn retry_at(now: Millis, failures: u32, random: u8) -> Millis {
    const FIRST_MS: i64 = 30_000;
    const LONGEST_MS: i64 = 30 * Millis::MINUTE;
    let doubled = FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let wait = doubled.min(LONGEST_MS);
    now.plus(spread(wait, random))
}

/// A wait, in milliseconds, and up to half of it again: what failed at one moment does not return at one.
#[must_use]
pub fn spread(wait: i64, random: u8) -> i64 {
    wait + wait / 2 * i64::from(random) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn failing(url: &str, skip_until: i64) -> FailingScanner {
        FailingScanner {
            url: url.to_owned(),
            failures: 1,
            error: String::new(),
            failed_at: Millis(0),
            skip_until: Millis(skip_until),
        }
    }

    #[test]
    fn turns_go_round_and_what_fails_comes_last() {
        let workers = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let order = |turn, failing: &[FailingScanner]| -> String {
            order(&workers, turn, failing, Millis(5)).into_iter().map(String::as_str).collect()
        };
        assert_eq!((&*order(0, &[]), &*order(1, &[]), &*order(5, &[])), ("abc", "bca", "cab"));
        assert_eq!(order(1, &[failing("b", 6)]), "cab");
        assert_eq!(order(1, &[failing("b", 5)]), "bca", "skipped for a while only");
        let all = ["a", "b", "c"].map(|url| failing(url, 6));
        assert_eq!(order(0, &all), "abc", "somebody is always tried");
        assert_eq!(super::order(&[], 7, &[], Millis(0)).len(), 0);
    }

    #[test]
    fn a_full_queue_or_a_scan_that_is_not_wanted_is_no_failure_of_the_scanner() {
        for (status, took) in [
            (Some(202), Took::It),
            (Some(429), Took::Busy),
            (Some(403), Took::Refused),
            (Some(422), Took::Refused),
            (Some(200), Took::Failed),
            (Some(401), Took::Failed),
            (Some(404), Took::Failed),
            (Some(500), Took::Failed),
            (Some(503), Took::Failed),
            (None, Took::Failed),
        ] {
            assert_eq!(Took::of(status), took, "{status:?}");
        }
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(failures in any::<u32>(), random in any::<u8>()) {
            let wait = retry_at(Millis(0), failures, random).0;
            prop_assert!((30_000..=45 * Millis::MINUTE).contains(&wait));
            let skip = skip_until(Millis(0), failures).0;
            prop_assert!((Millis::MINUTE..=10 * Millis::MINUTE).contains(&skip));
        }
    }

    #[test]
    fn a_scan_that_nobody_takes_is_tried_for_a_day() {
        let waits = (1..MOST_FAILURES).map(|failures| retry_at(Millis(0), failures, 0).0);
        assert!(waits.sum::<i64>() >= 22 * Millis::HOUR);
    }
}
