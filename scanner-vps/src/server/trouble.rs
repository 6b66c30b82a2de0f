//! Git hosts that fail for the moment: how long a scan, and everything on its host, is left alone.

use skillgate_contract::{RepoUrl, ScanId, scan_request::ScanRequest};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long a git host may fail before that is the scan's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// A scan's first rest; each further one is twice as long.
    pub first: Duration,
    /// Its longest rest. The worker gives up what is silent for 15 minutes.
    pub most: Duration,
    /// How long one scan is tried in all. Then it has failed, with the reason: the worker's own end of a
    /// scan, an hour after its start, would have none.
    pub in_all: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            most: Duration::from_secs(8 * 60),
            in_all: Duration::from_secs(45 * 60),
        }
    }
}

/// A scan's or a host's failures in a row.
#[derive(Debug, Clone, Copy)]
struct Spell {
    since: Instant,
    until: Instant,
    times: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Of {
    Host(String),
    Scan(ScanId),
    /// A scan that came without an id.
    Repository(String),
}

/// What fails for the moment.
#[derive(Debug)]
pub(super) struct Trouble {
    patience: Patience,
    spells: Mutex<HashMap<Of, Spell>>,
}

impl Trouble {
    pub(super) fn new(patience: Patience) -> Self {
        Self { patience, spells: Mutex::default() }
    }

    /// A scan failed for what may pass: how long it rests; `None`, where it has been tried long enough.
    pub(super) fn failed(&self, request: &ScanRequest) -> Option<Duration> {
        let now = Instant::now();
        let mut spells = self.spells();
        // Another scanner may have ended what this one remembers.
        spells.retain(|_, spell| now.duration_since(spell.until) < self.patience.in_all);
        let mut again = |of: Of, most: Duration| {
            let new = Spell { since: now, until: now, times: 0 };
            let spell = spells.entry(of).or_insert(new);
            let grown = self.patience.first.saturating_mul(1 << spell.times.min(16));
            let rest = grown.min(most);
            *spell = Spell { until: now + rest, times: spell.times + 1, ..*spell };
            (rest, now.duration_since(spell.since))
        };
        // Other repositories of the host may fare better, and each failing scan counts here.
        again(Of::Host(request.repo_url.host().to_owned()), self.patience.most / 4);
        let (rest, lasted) = again(Self::scan(request), self.patience.most);
        if lasted + rest <= self.patience.in_all {
            return Some(rest);
        }
        spells.remove(&Self::scan(request));
        None
    }

    /// A scan came to an end of whatever kind: its host answers.
    pub(super) fn is_over(&self, request: &ScanRequest) {
        let mut spells = self.spells();
        spells.remove(&Self::scan(request));
        spells.remove(&Of::Host(request.repo_url.host().to_owned()));
    }

    /// Whether this scan, or everything on its host, is left alone for now.
    pub(super) fn rests(&self, repository: &RepoUrl, id: &ScanId) -> bool {
        let now = Instant::now();
        let spells = self.spells();
        [Of::Host(repository.host().to_owned()), Of::Scan(id.clone())]
            .iter()
            .any(|of| spells.get(of).is_some_and(|spell| spell.until > now))
    }

    fn scan(request: &ScanRequest) -> Of {
        let nameless = || Of::Repository(format!("{} {}", request.provider, request.repo_url));
        request.scan_id.clone().map_or_else(nameless, Of::Scan)
    }

    fn spells(&self) -> MutexGuard<'_, HashMap<Of, Spell>> {
        self.spells.lock().unwrap_or_else(PoisonError::into_inner)
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
        let trouble = Trouble::new(Patience::default());
        let scan = request("a", "https://github.com/o/r");
        let rests: Vec<_> = (0..7).map(|_| trouble.failed(&scan).unwrap().as_secs()).collect();
        assert_eq!(rests, [30, 60, 120, 240, 480, 480, 480]);
        trouble.is_over(&scan);
        assert_eq!(trouble.failed(&scan).unwrap().as_secs(), 30);
    }

    #[test]
    fn a_failing_host_is_left_alone_with_all_its_scans_until_it_answers() {
        let trouble = Trouble::new(Patience::default());
        let scan = request("a", "https://github.com/o/r");
        trouble.failed(&scan);
        let rests = |id: &str, repository: &str| {
            trouble.rests(&repository.parse().unwrap(), &id.parse().unwrap())
        };
        assert!(rests("b", "https://github.com/other/one"));
        assert!(!rests("b", "https://gitlab.example/other/one"));
        trouble.is_over(&request("b", "https://github.com/other/one"));
        assert!(!rests("b", "https://github.com/other/one"), "the host answers");
        assert!(rests("a", "https://github.com/o/r"), "this repository does not");
    }

    #[test]
    fn what_was_tried_long_enough_has_failed() {
        let patience = Patience { in_all: Duration::from_secs(61), ..Patience::default() };
        let trouble = Trouble::new(patience);
        let scan = request("a", "https://github.com/o/r");
        // The third rest would last beyond the end.
        assert!(trouble.failed(&scan).is_some() && trouble.failed(&scan).is_some());
        assert_eq!(trouble.failed(&scan), None);
        assert!(trouble.failed(&scan).is_some(), "a new order has new patience");
    }
}
