//! Retries with exponential backoff and jitter for transient failures of a git host.

use super::{GitError, Limits};
use crate::random;
use skillgate_contract::backoff::{Backoff, Jitter};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Each wait is this many times as long as the one before.
const FACTOR: u32 = 4;
/// Takes up to a quarter away, so that scanners that failed together do not ask together.
const JITTER: Jitter = Jitter::permille(1_000, 745);
/// Retries of one operation; the failure after the last one is returned.
const MAX_RETRIES: u32 = 3;

/// The retries of one operation: at most [`MAX_RETRIES`], and none begins after a deadline.
pub(super) struct Retries {
    backoff: Backoff,
    failed: u32,
    end: Instant,
}

impl Retries {
    /// Retries that begin before `end`. git does not pass on the host's `Retry-After`, so the waits
    /// start at [`Limits::first_wait`].
    pub(super) const fn until(end: Instant, limits: &Limits) -> Self {
        let (base, cap) = (limits.first_wait, Duration::MAX);
        let backoff = Backoff { base, factor: FACTOR, cap, jitter: JITTER };
        Self { backoff, failed: 0, end }
    }

    /// Waits before the next attempt after this error.
    ///
    /// # Errors
    /// The same error, where it is not transient, or no retry is left before the deadline.
    pub(super) async fn wait_after(&mut self, error: GitError) -> Result<(), GitError> {
        self.failed += 1;
        let wait = self.backoff.delay(self.failed, random::jitter());
        let is_last = self.failed > MAX_RETRIES;
        if !error.is_transient() || is_last || Instant::now() + wait >= self.end {
            return Err(error);
        }
        sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing() -> GitError {
        GitError::Unavailable { url: "u".into(), reason: "r".into() }
    }

    #[tokio::test]
    async fn a_failure_that_may_pass_has_a_few_tries_and_any_other_has_none() {
        let limits = Limits { first_wait: Duration::from_millis(1), ..Limits::default() };
        let end = Instant::now() + Duration::from_secs(600);
        let mut tries = Retries::until(end, &limits);
        let mut waits = Vec::new();
        loop {
            waits.push(tries.backoff.delay(tries.failed + 1, 0).as_millis());
            if tries.wait_after(passing()).await.is_err() {
                break;
            }
        }
        assert_eq!(waits, [1, 4, 16, 64], "three waits, and the fourth failure stands");
        assert!(Retries::until(end, &limits).wait_after(GitError::Empty).await.is_err());
    }

    #[tokio::test]
    async fn no_try_begins_after_the_end() {
        let limits = Limits { first_wait: Duration::from_secs(600), ..Limits::default() };
        let end = Instant::now() + Duration::from_secs(60);
        let error = Retries::until(end, &limits).wait_after(passing()).await.unwrap_err();
        assert!(error.is_transient());
    }
}
