//! Where a skill's repository is: the one normaliser of repository URLs.
//!
//! A URL is taken apart and rebuilt; nothing of the caller's text but the checked host, owner and
//! repository ever reaches git or a comparison.

use crate::{CommitSha, host::is_domain_name};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

const MAX_URL_LEN: usize = 300;
const GITHUB: &str = "github.com";
const LOOPBACK: &str = "127.0.0.1";

/// A repository on a git host, in its one canonical form `https://host/owner/repo`.
///
/// Scheme, `www.`, `.git`, a trailing slash and the case of the host do not count, nor, on GitHub,
/// the case of owner and repository. Only `127.0.0.1:PORT`, for development and tests, is `http`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoUrl {
    host: String,
    owner: String,
    repo: String,
}

/// The text is no repository URL that Skillgate takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RepoUrlError {
    /// Longer than any real one.
    #[error("must be at most {MAX_URL_LEN} characters")]
    TooLong,
    /// Another scheme, or none.
    #[error("must start with https://")]
    Scheme,
    /// The host is an address, has a port or a user, or is malformed.
    #[error("the host must be a plain domain name, without user, port or address")]
    Host,
    /// Not exactly an owner and a repository behind the host.
    #[error("must be https://HOST/OWNER/REPOSITORY, without query, fragment or more segments")]
    Path,
}

impl RepoUrl {
    /// The host, with its port where it is loopback.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The account that owns the repository.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's name.
    #[must_use]
    pub fn repo(&self) -> &str {
        &self.repo
    }

    /// Whether it is a repository on GitHub itself.
    #[must_use]
    pub fn is_github(&self) -> bool {
        self.host == GITHUB
    }

    /// Whether its owner and its name are these, where they are given: as they would be in its URL.
    #[must_use]
    pub fn has_names(&self, owner: Option<&str>, repo: Option<&str>) -> bool {
        let url = format!(
            "https://{}/{}/{}",
            self.host,
            owner.unwrap_or(&self.owner),
            repo.unwrap_or(&self.repo)
        );
        // A slash would make other parts of it than were given.
        let whole = |part: Option<&str>| part.is_none_or(|part| !part.contains('/'));
        whole(owner) && whole(repo) && url.parse().is_ok_and(|named: Self| named == *self)
    }

    fn scheme(&self) -> &'static str {
        if is_loopback(&self.host) { "http" } else { "https" }
    }

    /// The URL that git clones.
    #[must_use]
    pub fn clone_url(&self) -> String {
        format!("{self}.git")
    }

    /// The page of one commit, for people.
    #[must_use]
    pub fn commit_url(&self, sha: &CommitSha) -> String {
        format!("{self}/commit/{sha}")
    }
}

impl FromStr for RepoUrl {
    type Err = RepoUrlError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.len() > MAX_URL_LEN {
            return Err(RepoUrlError::TooLong);
        }
        let (scheme, rest) = s.split_once(':').ok_or(RepoUrlError::Scheme)?;
        let rest = rest.strip_prefix("//").ok_or(RepoUrlError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(RepoUrlError::Scheme);
        }
        let (host, path) = rest.split_once('/').ok_or(RepoUrlError::Path)?;
        let host = parse_host(host)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let (owner, repo) = path.split_once('/').ok_or(RepoUrlError::Path)?;
        let repo = strip_dot_git(repo);
        if !is_owner(owner) || !is_repo(repo) {
            return Err(RepoUrlError::Path);
        }
        let case = |part: &str| {
            if host == GITHUB { part.to_ascii_lowercase() } else { part.to_owned() }
        };
        let url = Self { owner: case(owner), repo: case(repo), host };
        // The canonical form is read again from rows and answers, and may be longer than what came.
        if url.to_string().len() > MAX_URL_LEN { Err(RepoUrlError::TooLong) } else { Ok(url) }
    }
}

fn parse_host(text: &str) -> Result<String, RepoUrlError> {
    let lower = text.to_ascii_lowercase();
    if is_loopback(&lower) {
        return Ok(lower);
    }
    let mut host = lower.as_str();
    // As often as it stands there, or one reading more would make another host of it.
    while let Some(rest) = host.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        host = rest;
    }
    if is_domain_name(host) { Ok(host.to_owned()) } else { Err(RepoUrlError::Host) }
}

fn is_loopback(host: &str) -> bool {
    host.strip_prefix(LOOPBACK).and_then(|rest| rest.strip_prefix(':')).is_some_and(|port| {
        !port.starts_with('0') && !port.starts_with('+') && port.parse::<u16>().is_ok()
    })
}

fn strip_dot_git(repo: &str) -> &str {
    match repo.len().checked_sub(4).and_then(|at| repo.split_at_checked(at)) {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case(".git") => name,
        _ => repo,
    }
}

fn is_owner(s: &str) -> bool {
    (1..=39).contains(&s.len())
        && !s.starts_with('-')
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_repo(s: &str) -> bool {
    (1..=100).contains(&s.len())
        && !s.starts_with('-')
        && s != "."
        && s != ".."
        // Or one reading more would make another repository of it.
        && strip_dot_git(s) == s
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

impl TryFrom<String> for RepoUrl {
    type Error = RepoUrlError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<RepoUrl> for String {
    fn from(url: RepoUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for RepoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/{}/{}", self.scheme(), self.host, self.owner, self.repo)
    }
}

/// The hosts that repositories may come from: the setting `ALLOWED_REPO_HOSTS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPolicy(Vec<String>);

impl Default for HostPolicy {
    fn default() -> Self {
        Self(vec![GITHUB.to_owned()])
    }
}

impl HostPolicy {
    /// Reads a comma-separated list of domain names and, for development, `127.0.0.1:PORT`.
    ///
    /// # Errors
    /// The first entry that is neither, as it was written.
    pub fn parse(list: &str) -> Result<Self, String> {
        let hosts = list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| parse_host(entry).map_err(|_| entry.to_owned()))
            .collect::<Result<Vec<_>, _>>()?;
        if hosts.is_empty() { Ok(Self::default()) } else { Ok(Self(hosts)) }
    }

    /// Whether a repository may come from where this one does.
    #[must_use]
    pub fn allows(&self, url: &RepoUrl) -> bool {
        self.0.iter().any(|host| host == url.host())
    }

    /// The allowed hosts, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        self.0.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_repository_has_one_form() {
        for same in [
            "https://github.com/owner/repo",
            "http://www.github.com/Owner/Repo.git",
            "HTTPS://GitHub.COM/OWNER/REPO.GIT/",
            "https://github.com/owner/repo/",
        ] {
            let url: RepoUrl = same.parse().unwrap();
            assert_eq!(url.to_string(), "https://github.com/owner/repo");
            assert_eq!(url.clone_url(), "https://github.com/owner/repo.git");
        }
        let other: RepoUrl = "https://git.example.org/Owner/Repo".parse().unwrap();
        assert_eq!(other.to_string(), "https://git.example.org/Owner/Repo");
        let local: RepoUrl = "http://127.0.0.1:4000/o/r.git".parse().unwrap();
        assert_eq!(local.clone_url(), "http://127.0.0.1:4000/o/r.git");
    }

    #[test]
    fn owner_and_name_are_those_of_the_url_as_its_host_compares_them() {
        let github: RepoUrl = "https://github.com/Owner/Repo".parse().unwrap();
        let other: RepoUrl = "https://git.example.org/Owner/Repo".parse().unwrap();
        let local: RepoUrl = "http://127.0.0.1:4000/o/r".parse().unwrap();
        for (url, owner, repo, same) in [
            (&github, Some("OWNER"), Some("repo"), true),
            (&github, None, Some("Repo.git"), true),
            (&github, None, None, true),
            (&github, Some("owner"), Some("else"), false),
            (&github, Some("else"), None, false),
            (&github, Some(""), None, false),
            (&github, None, Some(""), false),
            (&github, Some("owner/repo"), Some(""), false),
            (&github, Some("x/../owner"), None, false),
            (&github, None, Some("repo/"), false),
            (&github, None, Some("repo#x"), false),
            (&other, Some("Owner"), Some("Repo"), true),
            (&other, Some("owner"), None, false),
            (&local, Some("o"), Some("r.git"), true),
        ] {
            assert_eq!(url.has_names(owner, repo), same, "{url} {owner:?} {repo:?}");
        }
    }

    #[test]
    fn g22_nothing_but_a_plain_repository_url_is_taken() {
        for bad in [
            "--upload-pack=touch x",
            "ext::sh -c touch% x",
            "file:///etc/passwd",
            "ssh://git@github.com/o/r",
            "git@github.com:o/r",
            "https://user:pw@github.com/o/r",
            "https://github.com@127.0.0.1/o/r",
            "https://2130706433/o/r",
            "https://0x7f.1/o/r",
            "https://0177.0.0.1/o/r",
            "https://127.1/o/r",
            "https://127.0.0.1/o/r",
            "https://127.0.0.1:080/o/r",
            "https://127.0.0.1:99999/o/r",
            "https://[::ffff:127.0.0.1]/o/r",
            "https://localhost/o/r",
            "https://github.com:443/o/r",
            "https://github.com/o/r?x=1",
            "https://github.com/o/r#x",
            "https://github.com/o/r/tree/main",
            "https://github.com/o/..",
            "https://github.com/../r",
            "https://github.com/o/.git",
            "https://github.com/o/r.git.git",
            "https://github.com/o/-r",
            "https://github.com/-o/r",
            "https://github.com/o/r\r\nHost: x",
            "https://github.com/o/r%2e",
            "https://github.com//r",
            "https://github.com/o//",
            "https://github.com/",
            "https://github.com",
            "",
        ] {
            assert!(bad.parse::<RepoUrl>().is_err(), "{bad:?}");
        }
        let long = format!("https://github.com/o/{}", "r".repeat(2000));
        assert_eq!(long.parse::<RepoUrl>(), Err(RepoUrlError::TooLong));
        let host = format!("{}com", "a.".repeat(118));
        let grows = format!("http://{host}/o/{}", "r".repeat(300 - 7 - host.len() - 3));
        assert_eq!((grows.len(), grows.parse::<RepoUrl>()), (300, Err(RepoUrlError::TooLong)));
        let www: RepoUrl = "https://www.www.com/o/r".parse().unwrap();
        assert_eq!(www.to_string(), "https://www.com/o/r");
    }

    #[test]
    fn hosts_are_allowed_by_name_only() {
        let policy = HostPolicy::parse("github.com, 127.0.0.1:4000").unwrap();
        let allows = |s: &str| policy.allows(&s.parse().unwrap());
        assert!(allows("https://www.github.com/o/r"));
        assert!(allows("http://127.0.0.1:4000/o/r"));
        assert!(!allows("http://127.0.0.1:4001/o/r"));
        assert!(!allows("https://evil-github.com/o/r"));
        assert_eq!(HostPolicy::parse("github.com,10.0.0.1"), Err("10.0.0.1".to_owned()));
        assert_eq!(HostPolicy::parse("  ").unwrap(), HostPolicy::default());
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_stable(
            owner in "[A-Za-z0-9][A-Za-z0-9-]{0,38}", repo in "[A-Za-z0-9_][A-Za-z0-9._-]{0,40}",
        ) {
            let text = format!("https://github.com/{owner}/{repo}");
            if let Ok(url) = text.parse::<RepoUrl>() {
                let again: RepoUrl = url.to_string().parse().unwrap();
                prop_assert_eq!(again, url);
            }
        }

        #[test]
        fn what_is_taken_is_taken_again_as_the_same(
            url in "https?://(www\\.){0,3}([a-z]{1,60}\\.){1,5}(www|com)/[A-Za-z0-9]{1,39}/[a-z._-]{1,100}",
        ) {
            if let Ok(url) = url.parse::<RepoUrl>() {
                prop_assert_eq!(url.to_string().parse::<RepoUrl>(), Ok(url));
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(s in any::<String>()) {
            let _ = s.parse::<RepoUrl>();
        }
    }
}
