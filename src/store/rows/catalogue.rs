//! Skills as a search lists them.

use super::EntryState;
use crate::store::row::{FromRow, Row};
use skillgate_contract::{CommitSha, RepoUrl, SkillName};

/// A skill that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRow {
    /// The word that it was found by; empty without one.
    pub word: String,
    /// Full name.
    pub name: SkillName,
    /// Normalised.
    pub repo_url: RepoUrl,
    /// The published commit.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for the release.
    pub version: Option<String>,
    /// Counted so far.
    pub installs: u64,
    /// Whether an entry stops its installation, or one is proposed that would.
    pub standing: Option<EntryState>,
}

impl FromRow for FoundRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            word: row.parsed("word")?,
            name: row.parsed("name")?,
            repo_url: row.parsed("repo_url")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            version: row.maybe_parsed("version")?,
            installs: row.number("installs")?,
            standing: row.maybe_parsed("standing")?,
        })
    }
}
