//! The settings of GitHub: how runs are started there, and whose tokens are believed.

use super::{Settings, is_private_origin};
use crate::model::{CircuitKey, TrustedWorkflow};
use sha2::{Digest, Sha256};
use skillgate_contract::{
    RepoUrl, github::WORKFLOW_FILE, oidc, renamed_setting::RenamedSetting, text,
};

/// The setting of the event that starts a run.
const EVENT: RenamedSetting =
    RenamedSetting { name: "GITHUB_DISPATCH_EVENT", old_name: "GITHUB_DISPATCH" };

/// The default of `GITHUB_API_URL`.
const API_URL: &str = "https://api.github.com";

/// GitHub Actions as the compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Github {
    /// `GITHUB_REPOSITORY`: `owner/repo`, whose workflow runs the scans.
    pub repository: String,
    /// `GITHUB_DISPATCH_EVENT` and what belongs to it.
    pub start: Start,
}

/// How a run is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// By a `repository_dispatch`: the token needs `contents: write`.
    Repository,
    /// By a `workflow_dispatch`: the token needs `actions: write`, and the answer names the run.
    Workflow {
        /// `GITHUB_REF`: the branch or tag whose workflow runs.
        reference: String,
    },
}

impl Github {
    /// Where runs are started.
    #[must_use]
    pub fn url(&self, api: &str) -> String {
        let repository = &self.repository;
        match self.start {
            Start::Repository => format!("{api}/repos/{repository}/dispatches"),
            Start::Workflow { .. } => {
                format!("{api}/repos/{repository}/actions/workflows/{WORKFLOW_FILE}/dispatches")
            }
        }
    }

    /// The key of the circuit breaker under these settings. It reveals nothing of the token, which has far
    /// more than 64 bits to guess.
    #[must_use]
    pub fn circuit_key(&self, api: &str, token: &str) -> CircuitKey {
        let reference = match &self.start {
            Start::Repository => "",
            Start::Workflow { reference } => reference,
        };
        let digest = Sha256::digest(format!("{}\n{reference}\n{token}", self.url(api)));
        CircuitKey(std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default()))
    }
}

/// Whether an API knows the repositories of a host: GitHub's own those of `github.com`, an
/// Enterprise Server its own, and one behind an address of another kind stands for GitHub's.
#[must_use]
pub fn knows(api: &str, repo: &RepoUrl) -> bool {
    let host = text::split_once(api, "://").map_or(api, |(_, host)| host);
    match (host.strip_suffix("/api/v3"), host.strip_prefix("api.")) {
        (Some(server), _) => repo.host() == server,
        (None, Some(tenant)) if tenant.ends_with(".ghe.com") => repo.host() == tenant,
        (None, _) => repo.is_github(),
    }
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    pub(super) fn github_api_url(&mut self) -> String {
        let url = self.get("GITHUB_API_URL").unwrap_or_else(|| API_URL.to_owned());
        let url = url.trim_end_matches('/');
        // GitHub Enterprise Server has its API below /api/v3.
        let origin = url.strip_suffix("/api/v3").unwrap_or(url);
        if !is_private_origin(origin) {
            self.wrong(
                "GITHUB_API_URL",
                "must be an https origin, or one with /api/v3 behind it; http only on 127.0.0.1",
            );
        }
        url.to_owned()
    }

    pub(super) fn github(&mut self) -> Github {
        let repository = self.get("GITHUB_REPOSITORY").unwrap_or_default();
        if !is_repository(&repository) {
            self.wrong(
                "GITHUB_REPOSITORY",
                "must name the repository of the scan workflow, as owner/repo, when DISPATCH is github",
            );
        }
        let name = self.renamed(EVENT);
        let [by_repository, by_workflow] = if EVENT.is_old_name(name) {
            ["repository", "workflow"]
        } else {
            ["repository_dispatch", "workflow_dispatch"]
        };
        let start = match self.get(name) {
            Some(event) if event == by_workflow => Start::Workflow { reference: self.reference() },
            Some(event) if event != by_repository => {
                self.wrong(name, format!("must be {by_repository} or {by_workflow}"));
                Start::Repository
            }
            _ => Start::Repository,
        };
        Github { repository, start }
    }

    fn reference(&mut self) -> String {
        let reference = self.get("GITHUB_REF").unwrap_or_else(|| "main".to_owned());
        if !is_reference(&reference) {
            self.wrong("GITHUB_REF", "must be a branch or a tag");
        }
        reference
    }

    /// All of the group, or none of it: half of it would believe too much.
    pub(super) fn trusted_workflow(&mut self) -> Option<TrustedWorkflow> {
        const NAMES: [&str; 4] = [
            "GITHUB_OIDC_ISSUER",
            "GITHUB_OIDC_REPOSITORY_ID",
            "GITHUB_OIDC_WORKFLOW_REF",
            "GITHUB_OIDC_REF",
        ];
        if NAMES.iter().all(|name| self.get(name).is_none()) {
            return None;
        }
        let [issuer, repository_id, workflow_ref, git_ref] =
            NAMES.map(|name| self.get(name).unwrap_or_default());
        let issuer = if issuer.is_empty() { oidc::ISSUER.to_owned() } else { issuer };
        let issuer = issuer.trim_end_matches('/').to_owned();
        if !is_issuer(&issuer) {
            self.wrong("GITHUB_OIDC_ISSUER", "must be an https URL");
        }
        if repository_id.is_empty() || !repository_id.bytes().all(|b| b.is_ascii_digit()) {
            self.wrong("GITHUB_OIDC_REPOSITORY_ID", "must be the number of the repository");
        }
        let at = workflow_ref.split_once('@').map(|(path, at)| {
            text::split_once(path, "/.github/workflows/").is_some() && is_full_reference(at)
        });
        if at != Some(true) {
            self.wrong(
                "GITHUB_OIDC_WORKFLOW_REF",
                "must be such as owner/repo/.github/workflows/github-scan.yml@refs/heads/main",
            );
        }
        if !is_full_reference(&git_ref) {
            self.wrong("GITHUB_OIDC_REF", "must be such as refs/heads/main");
        }
        Some(TrustedWorkflow { issuer, repository_id, workflow_ref, git_ref })
    }
}

fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        (1..=100).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            && !part.bytes().all(|b| b == b'.')
    };
    text.split_once('/').is_some_and(|(owner, repo)| part(owner) && part(repo))
}

fn is_reference(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'))
}

fn is_full_reference(text: &str) -> bool {
    text.starts_with("refs/") && is_reference(text)
}

/// Keys that came over plain HTTP would be anybody's; loopback is for development.
fn is_issuer(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://").filter(|host| host.starts_with("127.0.0.1:")));
    host.is_some_and(|host| {
        (1..=200).contains(&host.len())
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b':' | b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_knows_the_repositories_of_its_own_host() {
        for (api, url, known) in [
            (API_URL, "https://github.com/o/r", true),
            (API_URL, "https://git.example/o/r", false),
            ("https://git.example/api/v3", "https://git.example/o/r", true),
            ("https://git.example/api/v3", "https://github.com/o/r", false),
            ("https://api.us.ghe.com", "https://us.ghe.com/o/r", true),
            ("https://api.us.ghe.com", "https://github.com/o/r", false),
            ("http://127.0.0.1:9000", "https://github.com/o/r", true),
        ] {
            assert_eq!(knows(api, &url.parse().unwrap()), known, "{api} {url}");
        }
    }

    #[test]
    fn other_settings_have_another_circuit_key() {
        let github = |start| Github { repository: "o/r".to_owned(), start };
        let key = |start, token| github(start).circuit_key(API_URL, token);
        let workflow = |reference: &str| Start::Workflow { reference: reference.to_owned() };
        let all = [
            key(Start::Repository, "a"),
            key(Start::Repository, "b"),
            key(workflow("main"), "a"),
            key(workflow("next"), "a"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == one), Some(at));
        }
        assert_eq!(all[0], key(Start::Repository, "a"));
    }
}
