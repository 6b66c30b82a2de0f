//! Which scanner gets a scan, and when a failed send is tried again.

use skillgate_contract::Millis;

/// The scanners in the order in which a send tries them: each turn starts with the next one.
pub fn order(workers: &[String], turn: u64) -> impl Iterator<Item = &String> {
    let start = usize::try_from(turn.checked_rem(workers.len() as u64).unwrap_or(0)).unwrap_or(0);
    workers.iter().cycle().skip(start).take(workers.len())
}

/// When the n-th attempt, having failed, is followed by the next: 30 s doubled each time up to ten
/// minutes, and up to half of it again, so that many failures do not return at one moment.
#[must_use]
pub fn retry_at(now: Millis, attempt: u32, random: u8) -> Millis {
    const FIRST_MS: i64 = 30_000;
    const LONGEST_MS: i64 = 10 * Millis::MINUTE;
    let doubled = FIRST_MS.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    let wait = doubled.min(LONGEST_MS);
    now.plus(wait + wait / 2 * i64::from(random) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn turns_go_round() {
        let workers = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let order = |turn| order(&workers, turn).map(String::as_str).collect::<String>();
        assert_eq!((order(0), order(1), order(5)), ("abc".into(), "bca".into(), "cab".into()));
        assert_eq!(super::order(&[], 7).count(), 0);
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(attempt in any::<u32>(), random in any::<u8>()) {
            let wait = retry_at(Millis(0), attempt, random).0;
            prop_assert!((30_000..=15 * Millis::MINUTE).contains(&wait));
        }
    }
}
