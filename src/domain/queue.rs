//! Which scans a scanner may claim.

use crate::model::ScanRow;
use skillgate_contract::{Millis, ScanStatus, api::ClaimRefusal};

/// Why a claim failed, from the row after it and the row that it expected. `None`: it lost the race, but
/// the scan is still claimable, so the caller retries.
#[must_use]
pub fn refusal(row: &ScanRow, expected: &ScanRow, now: Millis) -> Option<ClaimRefusal> {
    match row.status {
        ScanStatus::Running if row.claim_expires_at.is_some_and(|at| at > now) => {
            Some(ClaimRefusal::AlreadyClaimed)
        }
        ScanStatus::TimedOut if row.given_up_at.is_some() => Some(ClaimRefusal::Finished),
        // Nothing stood in its way but a newer scan of the same skill and provider.
        ScanStatus::TimedOut if row.attempt == expected.attempt => Some(ClaimRefusal::Finished),
        ScanStatus::Pending | ScanStatus::Running | ScanStatus::TimedOut => None,
        _ => Some(ClaimRefusal::Finished),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::Provider;

    fn scan(status: ScanStatus, claim_expires_at: Option<i64>) -> ScanRow {
        let mut scan = ScanRow::example(Provider::Semgrep, status, None);
        scan.claim_expires_at = claim_expires_at.map(Millis);
        scan
    }

    #[test]
    fn what_can_no_longer_be_had_and_why() {
        let ask = |row: &ScanRow, expected: &ScanRow| refusal(row, expected, Millis(5));
        let claimed = scan(ScanStatus::Running, Some(6));
        assert_eq!(ask(&claimed, &claimed), Some(ClaimRefusal::AlreadyClaimed));
        let silent = scan(ScanStatus::Running, Some(5));
        assert_eq!(ask(&silent, &silent), None);
        let timed_out = scan(ScanStatus::TimedOut, None);
        assert_eq!(ask(&timed_out, &timed_out), Some(ClaimRefusal::Finished), "replaced");
        let mut earlier = timed_out.clone();
        earlier.attempt -= 1;
        assert_eq!(ask(&timed_out, &earlier), None, "claimed and timed out meanwhile");
        let mut given_up = timed_out;
        given_up.given_up_at = Some(Millis(1));
        assert_eq!(ask(&given_up, &earlier), Some(ClaimRefusal::Finished));
        for status in
            [ScanStatus::Pass, ScanStatus::Fail, ScanStatus::Incomplete, ScanStatus::Error]
        {
            let ended = scan(status, None);
            assert_eq!(ask(&ended, &ended), Some(ClaimRefusal::Finished));
        }
    }
}
