//! Which scanner gets a scan, and what its response means.

use crate::model::FailingScanner;
use skillgate_contract::{
    Millis,
    backoff::{Backoff, Jitter},
};
use std::time::Duration;

/// The response of a scanner to `POST /scan`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScannerResponse {
    /// 202: it accepted the scan.
    Accepted,
    /// 429: its queue is full. It is available, and another scanner may have room.
    Overloaded,
    /// 400, 403, 409, 413, 415, 422: it rejects this scan and may accept others.
    Rejected,
    /// Any other status, or no response: it is not available.
    Unavailable,
}

impl ScannerResponse {
    /// Reads the status of a response; `None` where there was none.
    #[must_use]
    pub const fn from_status(status: Option<u16>) -> Self {
        match status {
            Some(202) => Self::Accepted,
            Some(429) => Self::Overloaded,
            Some(400 | 403 | 409 | 413 | 415 | 422) => Self::Rejected,
            _ => Self::Unavailable,
        }
    }
}

/// The scanners in the order in which a dispatch tries them: round robin by `turn`, ejected scanners
/// last, so that they get a scan only if no other accepts it.
pub fn order<'a>(
    workers: &'a [String],
    turn: u64,
    failing: &[FailingScanner],
    now: Millis,
) -> Vec<&'a String> {
    let start = usize::try_from(turn.checked_rem(workers.len() as u64).unwrap_or(0)).unwrap_or(0);
    let turns = workers.iter().cycle().skip(start).take(workers.len());
    // Two lists instead of a sort, which is 4 KB of wasm.
    let (ejected, mut order): (Vec<_>, Vec<_>) = turns
        .partition(|worker| failing.iter().any(|f| f.url == **worker && f.ejected_until > now));
    order.extend(ejected);
    order
}

const EJECTION: Backoff = Backoff {
    base: Duration::from_mins(1),
    factor: 2,
    cap: Duration::from_mins(10),
    jitter: Jitter::NONE,
};

/// Until when an unavailable scanner is ejected: 1 min x 2^(failures - 1), at most 10 min. `failures`
/// counts from 1, this one included.
#[must_use]
pub fn ejected_until(now: Millis, failures: u32) -> Millis {
    now.after(EJECTION.delay(failures, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn failing(url: &str, ejected_until: i64) -> FailingScanner {
        FailingScanner {
            url: url.to_owned(),
            failures: 1,
            error: String::new(),
            failed_at: Millis(0),
            ejected_until: Millis(ejected_until),
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
        for (status, response) in [
            (Some(202), ScannerResponse::Accepted),
            (Some(429), ScannerResponse::Overloaded),
            (Some(403), ScannerResponse::Rejected),
            (Some(422), ScannerResponse::Rejected),
            (Some(200), ScannerResponse::Unavailable),
            (Some(401), ScannerResponse::Unavailable),
            (Some(404), ScannerResponse::Unavailable),
            (Some(500), ScannerResponse::Unavailable),
            (Some(503), ScannerResponse::Unavailable),
            (None, ScannerResponse::Unavailable),
        ] {
            assert_eq!(ScannerResponse::from_status(status), response, "{status:?}");
        }
    }

    proptest! {
        #[test]
        fn ejections_stay_bounded(failures in any::<u32>()) {
            let ejected = ejected_until(Millis(0), failures).0;
            prop_assert!((Millis::MINUTE..=10 * Millis::MINUTE).contains(&ejected));
        }
    }
}
