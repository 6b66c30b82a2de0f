//! Trying again what the host could not answer for a moment.

use super::{GitError, Limits};
use crate::random::jitter;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Each wait is this many times as long as the one before.
const GROWTH: u32 = 4;
/// Waits between tries; the last failure after them stands.
const WAITS: u32 = 3;

/// The tries of one piece of work: a few, further and further apart, never beyond a fixed end.
pub(super) struct Tries {
    wait: Duration,
    left: u32,
    end: Instant,
}

impl Tries {
    /// Tries that all lie before `end`. git shows no `Retry-After`, so the waits are our own.
    pub(super) const fn until(end: Instant, limits: &Limits) -> Self {
        Self { wait: limits.first_wait, left: WAITS, end }
    }

    /// Waits, where the same may succeed after it.
    ///
    /// # Errors
    /// The error as it came, where it stands.
    pub(super) async fn after(&mut self, error: GitError) -> Result<(), GitError> {
        // Up to a quarter shorter, so that scanners that failed together do not ask together.
        let wait = self.wait.saturating_mul(1_000 - u32::from(jitter())) / 1_000;
        if !error.may_pass() || self.left == 0 || Instant::now() + wait >= self.end {
            return Err(error);
        }
        sleep(wait).await;
        self.left -= 1;
        self.wait = self.wait.saturating_mul(GROWTH);
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
        let mut tries = Tries::until(end, &limits);
        let mut waits = Vec::new();
        loop {
            waits.push(tries.wait.as_millis());
            if tries.after(passing()).await.is_err() {
                break;
            }
        }
        assert_eq!(waits, [1, 4, 16, 64], "three waits, and the fourth failure stands");
        assert!(Tries::until(end, &limits).after(GitError::Empty).await.is_err());
    }

    #[tokio::test]
    async fn no_try_begins_after_the_end() {
        let limits = Limits { first_wait: Duration::from_secs(600), ..Limits::default() };
        let end = Instant::now() + Duration::from_secs(60);
        let error = Tries::until(end, &limits).after(passing()).await.unwrap_err();
        assert!(error.may_pass());
    }
}
