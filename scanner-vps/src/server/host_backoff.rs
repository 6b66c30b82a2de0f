//! Backoff for git hosts that fail transiently: per scan, and per host for all of its scans.

use skillgate_contract::{
    RepoUrl, ScanId,
    backoff::{Backoff, Jitter},
    scan_request::ScanRequest,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How scans are retried whose git host fails transiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRetryPolicy {
    /// A scan's first backoff; each further one is twice as long.
    pub initial: Duration,
    /// A scan's longest backoff. A host's is a quarter of it. The worker times a scan out after 15
    /// minutes of silence.
    pub max: Duration,
    /// How long one scan is retried in all. Then it has failed with the host's reason; the worker's own
    /// time-out, an hour after the start, would carry none.
    pub max_elapsed: Duration,
}

impl Default for HostRetryPolicy {
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(30),
            max: Duration::from_secs(8 * 60),
            max_elapsed: Duration::from_secs(45 * 60),
        }
    }
}

impl HostRetryPolicy {
    const fn backoff(&self, cap: Duration) -> Backoff {
        Backoff { base: self.initial, factor: 2, cap, jitter: Jitter::NONE }
    }
}

/// The consecutive failures of one scan or host.
#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    /// The end of the current backoff.
    backoff_until: Instant,
    count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Host(String),
    Scan(ScanId),
    /// A scan that came without an id.
    Repository(String),
}

/// The failures that this scanner remembers.
#[derive(Debug)]
pub(super) struct HostBackoff {
    policy: HostRetryPolicy,
    failures: Mutex<HashMap<Key, Failures>>,
}

impl HostBackoff {
    pub(super) fn new(policy: HostRetryPolicy) -> Self {
        Self { policy, failures: Mutex::default() }
    }

    /// Records a transient failure. Returns the scan's backoff; `None` once it has been retried for
    /// [`HostRetryPolicy::max_elapsed`].
    pub(super) fn record_failure(&self, request: &ScanRequest) -> Option<Duration> {
        let now = Instant::now();
        let mut failures = self.failures();
        // Another scanner may have ended what this one remembers.
        failures
            .retain(|_, entry| now.duration_since(entry.backoff_until) < self.policy.max_elapsed);
        let mut record = |key: Key, max: Duration| {
            let new = Failures { since: now, backoff_until: now, count: 0 };
            let entry = failures.entry(key).or_insert(new);
            let count = entry.count.saturating_add(1);
            let backoff = self.policy.backoff(max).delay(count, 0);
            *entry = Failures { backoff_until: now + backoff, count, ..*entry };
            (backoff, now.duration_since(entry.since))
        };
        // A failing host may still serve other repositories: its backoff is shorter than a scan's, and
        // every scan that fails on it counts.
        record(Key::Host(request.repo_url.host().to_owned()), self.policy.max / 4);
        let (backoff, elapsed) = record(Self::key(request), self.policy.max);
        if elapsed + backoff <= self.policy.max_elapsed {
            return Some(backoff);
        }
        failures.remove(&Self::key(request));
        None
    }

    /// Records that a scan ended, however it ended: its host answers.
    pub(super) fn record_success(&self, request: &ScanRequest) {
        let mut failures = self.failures();
        failures.remove(&Self::key(request));
        failures.remove(&Key::Host(request.repo_url.host().to_owned()));
    }

    /// Whether the backoff of this scan, or of its whole host, is still running.
    pub(super) fn is_backing_off(&self, repository: &RepoUrl, id: &ScanId) -> bool {
        let now = Instant::now();
        let failures = self.failures();
        [Key::Host(repository.host().to_owned()), Key::Scan(id.clone())]
            .iter()
            .any(|key| failures.get(key).is_some_and(|entry| entry.backoff_until > now))
    }

    fn key(request: &ScanRequest) -> Key {
        let nameless = || Key::Repository(format!("{} {}", request.provider, request.repo_url));
        request.scan_id.clone().map_or_else(nameless, Key::Scan)
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: &str, repository: &str) -> ScanRequest {
        ScanRequest {
            repo_url: repository.parse().unwrap(),
            skill_name: "o/r/t".parse().unwrap(),
            provider: skillgate_contract::Provider::Semgrep,
            callback_url: "https://skills.example/api/v1/webhooks/scan-results".into(),
            callback_secret: crate::delivery::tests::SECRET.parse().unwrap(),
            commit_sha: None,
            scan_id: Some(id.parse().unwrap()),
            attempt: Some(1),
            skill_path: None,
        }
    }

    #[test]
    fn rests_double_up_to_their_limit_and_begin_anew_when_the_host_answers() {
        let host_backoff = HostBackoff::new(HostRetryPolicy::default());
        let scan = request("a", "https://github.com/o/r");
        let rests: Vec<_> =
            (0..7).map(|_| host_backoff.record_failure(&scan).unwrap().as_secs()).collect();
        assert_eq!(rests, [30, 60, 120, 240, 480, 480, 480]);
        host_backoff.record_success(&scan);
        assert_eq!(host_backoff.record_failure(&scan).unwrap().as_secs(), 30);
    }

    #[test]
    fn a_failing_host_is_left_alone_with_all_its_scans_until_it_answers() {
        let host_backoff = HostBackoff::new(HostRetryPolicy::default());
        let scan = request("a", "https://github.com/o/r");
        host_backoff.record_failure(&scan);
        let rests = |id: &str, repository: &str| {
            host_backoff.is_backing_off(&repository.parse().unwrap(), &id.parse().unwrap())
        };
        assert!(rests("b", "https://github.com/other/one"));
        assert!(!rests("b", "https://gitlab.example/other/one"));
        host_backoff.record_success(&request("b", "https://github.com/other/one"));
        assert!(!rests("b", "https://github.com/other/one"), "the host answers");
        assert!(rests("a", "https://github.com/o/r"), "this repository does not");
    }

    #[test]
    fn what_was_tried_long_enough_has_failed() {
        let host_retry =
            HostRetryPolicy { max_elapsed: Duration::from_secs(61), ..HostRetryPolicy::default() };
        let host_backoff = HostBackoff::new(host_retry);
        let scan = request("a", "https://github.com/o/r");
        // The third rest would last beyond the end.
        assert!(
            host_backoff.record_failure(&scan).is_some()
                && host_backoff.record_failure(&scan).is_some()
        );
        assert_eq!(host_backoff.record_failure(&scan), None);
        assert!(host_backoff.record_failure(&scan).is_some(), "a new order has new host_retry");
    }
}
