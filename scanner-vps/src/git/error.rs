//! What can go wrong with git, each in a sentence that tells a person what to do.

use crate::exec::ExecError;
use skillgate_contract::{CommitSha, text};
use std::path::Path;

/// Characters of git's own words that are shown.
const SHOWN_WORDS: usize = 500;

/// The end of the sentence of every error of a scan that [is transient](crate::scan::ScanError::is_transient), and of no
/// other: what a later process, which has the sentence alone, knows it by.
pub const TRY_AGAIN_LATER: &str = "; try again later";

/// Why a repository could not be fetched or read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The folder holds no repository.
    #[error(
        "{path} is no git repository: give a repository's top folder, and name a folder inside it \
         with --path (for a plain folder: `git init`, `git add -A`, `git commit`)"
    )]
    NotARepository {
        /// The folder.
        path: String,
    },
    /// The folder's repository belongs to another user; its configuration is not ours to trust.
    #[error(
        "the repository {path} belongs to another user: scan it as its owner, or clone it first"
    )]
    NotOwned {
        /// The folder.
        path: String,
    },
    /// The host has no such repository, or shows it to its members only.
    #[error("there is no public repository at {url}")]
    RepositoryNotFound {
        /// The repository.
        url: String,
    },
    /// The host answers with a redirect.
    #[error(
        "the repository {url} was renamed or moved (HTTP {status}; redirects are not followed): \
         publish it under its new address"
    )]
    Moved {
        /// The repository.
        url: String,
        /// The host's answer.
        status: u16,
    },
    /// The host will not give the repository out, today or tomorrow.
    #[error("the git host does not give out {url}: HTTP {status}{}", meaning(*.status))]
    Refused {
        /// The repository.
        url: String,
        /// The host's answer.
        status: u16,
    },
    /// What answers is no git host.
    #[error(
        "{url} answers, but not as a git host does (perhaps a web page, a login page or a proxy): \
         check the address of the repository"
    )]
    NotAGitHost {
        /// The repository.
        url: String,
    },
    /// git asked for another host than the repository's.
    #[error(
        "git asked for {asked} in the course of fetching {url}: no other host than that of the repository is reached"
    )]
    OtherHost {
        /// The repository.
        url: String,
        /// What git asked for.
        asked: String,
    },
    /// The host's addresses are in no public network.
    #[error(
        "{url} was not fetched: its host has the address {address}, which is not public (an operator whose git host is \
         in a network of their own names it in SCANNER_PRIVATE_REPO_HOSTS)"
    )]
    ForbiddenAddress {
        /// The repository.
        url: String,
        /// One of its host's addresses.
        address: std::net::IpAddr,
    },
    /// The host could not be reached, or not be asked, for the moment. The same may succeed later.
    #[error("the git host cannot give out {url} for the moment: {reason}; try again later")]
    Unavailable {
        /// The repository.
        url: String,
        /// What was seen of it.
        reason: String,
    },
    /// The host sends next to nothing for too long: it is overloaded, or prepares more than it can.
    #[error(
        "the git host cannot give out {url} for the moment: it sent too little for {seconds} s; \
         try again later"
    )]
    TooSlow {
        /// The repository.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The repository does not hold the commit, or its host does not give it out.
    #[error("the repository does not hold commit {commit}")]
    CommitNotFound {
        /// The commit asked for.
        commit: CommitSha,
    },
    /// The fetch brought another commit than the one asked for.
    #[error("asked for commit {asked}, got {got}")]
    OtherCommit {
        /// The commit asked for.
        asked: CommitSha,
        /// The commit that came.
        got: String,
    },
    /// The id is a tag's.
    #[error("{tag} is no commit but an annotated tag: give the commit it points to, {commit}")]
    Tag {
        /// What was asked for.
        tag: CommitSha,
        /// The tagged commit.
        commit: CommitSha,
    },
    /// The id is that of something else.
    #[error("{asked} is no commit but a {kind}: give a commit's id")]
    NotACommit {
        /// What was asked for.
        asked: CommitSha,
        /// What it is, in git's words.
        kind: &'static str,
    },
    /// The repository has no commit.
    #[error("the repository has no commit yet")]
    Empty,
    /// HEAD names a branch that is not there.
    #[error(
        "the repository's default branch (HEAD) does not exist, though it has {branches}: set its \
         default branch, or name a commit"
    )]
    HeadGone {
        /// The branches that it has, counted.
        branches: String,
    },
    /// The repository's ids are of a kind that nothing else here knows.
    #[error(
        "the repository uses SHA-256 object ids, which are not supported: commits are named by the \
         40 digits of SHA-1 here"
    )]
    Sha256,
    /// The source does not hold what its own commits refer to.
    #[error(
        "the repository lacks objects that its commits refer to (a partial or damaged clone): \
         fetch them (`git fetch --refetch --filter=blob:limit=1g`, or a new clone without --filter), \
         or scan where it was cloned from"
    )]
    Lacking,
    /// git's check of what it received refused it.
    #[error("git refused the repository's objects: {message}")]
    Malformed {
        /// What git said.
        message: String,
    },
    /// More than may be fetched.
    #[error("the repository is larger than the limit of {limit_mb} MB for one fetch")]
    TooLarge {
        /// The limit, in millions of bytes.
        limit_mb: u64,
    },
    /// It took too long.
    #[error("the repository could not be fetched within {seconds} s")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// git failed in another way.
    #[error("git {step} failed: {message}")]
    Failed {
        /// What it was doing.
        step: &'static str,
        /// The end of what it said.
        message: String,
    },
    /// git could not be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A folder could not be made or read.
    #[error("{path}: {source}")]
    Io {
        /// The folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What a status says beyond its number.
const fn meaning(status: u16) -> &'static str {
    match status {
        403 => ", it refuses access",
        410 => ", it is gone",
        451 => ", for legal reasons",
        _ => "",
    }
}

impl GitError {
    /// Whether the same may succeed later, with nothing changed by anybody.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::TooSlow { .. })
    }

    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }

    /// From the end of what git said.
    pub(super) fn failed(step: &'static str, stderr: &str) -> Self {
        let said = last_words(stderr);
        let message = if said.is_empty() { "it gave no reason".to_owned() } else { said };
        Self::Failed { step, message }
    }
}

/// The last three lines of what git and the host behind it said, without what was meant for a terminal.
pub(super) fn last_words(stderr: &str) -> String {
    let lines: Vec<_> = stderr.split(['\n', '\r']).map(plain).filter(|l| !l.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default().join("; ");
    text::line(&last, SHOWN_WORDS)
}

/// A line without escape sequences, control characters and bytes that are no text.
fn plain(line: &str) -> String {
    let mut kept = String::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            // Up to its last byte, as ECMA-48 has it.
            for c in chars.by_ref() {
                if ('\u{40}'..='\u{7e}').contains(&c) {
                    break;
                }
            }
        } else if c == '\t' {
            kept.push(' ');
        } else if c != char::REPLACEMENT_CHARACTER && !text::is_hidden_or_control(c) {
            kept.push(c);
        }
    }
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_tells_what_may_pass() {
        let (url, reason) = ("https://github.com/o/r".to_owned(), "HTTP 503".to_owned());
        let passing = GitError::Unavailable { url: url.clone(), reason };
        assert!(passing.is_transient() && passing.to_string().ends_with(TRY_AGAIN_LATER));
        assert!(!GitError::Moved { url, status: 301 }.to_string().ends_with(TRY_AGAIN_LATER));
    }

    #[test]
    fn what_was_meant_for_a_terminal_is_left_out_of_a_sentence() {
        for (said, words) in [
            ("fatal: \u{1b}[31mx\u{1b}[K\n\n", "fatal: x"),
            (
                "remote: Counting: 5%\rremote: Counting: 9%\u{1b}[K\nfatal: x",
                "remote: Counting: 5%; remote: Counting: 9%; fatal: x",
            ),
            ("fatal: a\u{fffd}\u{fffd}b\u{202e}c\u{7}\td", "fatal: abc d"),
            ("\u{1b}[", ""),
        ] {
            assert_eq!(last_words(said), words, "{said:?}");
        }
        assert_eq!(
            GitError::failed("fetch", "\n").to_string(),
            "git fetch failed: it gave no reason"
        );
    }
}
