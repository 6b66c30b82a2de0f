//! Skills.

use super::EntryState;
use crate::store::row::{FromRow, Row};
use skillgate_contract::{CommitSha, Millis, RepoUrl, SkillName, SkillPath};

/// A row of `skill`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillRow {
    /// Full name.
    pub name: SkillName,
    /// Normalised.
    pub repo_url: RepoUrl,
    /// The published commit.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for the release.
    pub version: Option<String>,
    /// Folder.
    pub skill_path: Option<SkillPath>,
    /// When it last changed.
    pub updated_at: Millis,
    /// Raised by every change of what a summary shows.
    pub revision: i64,
    /// Whether an entry stops its installation, or one is proposed that would.
    pub standing: Option<EntryState>,
}

impl SkillRow {
    /// An entry stops its installation.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.standing == Some(EntryState::Active)
    }
}

impl FromRow for SkillRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            name: row.parsed("name")?,
            repo_url: row.parsed("repo_url")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            version: row.maybe_parsed("version")?,
            skill_path: row.maybe_parsed("skill_path")?,
            updated_at: row.time("updated_at")?,
            revision: row.number("revision")?,
            standing: row.maybe_parsed("standing")?,
        })
    }
}

/// A name in a row of its own.
#[derive(Debug, Clone)]
pub(in crate::store) struct NameRow {
    /// Full name.
    pub(in crate::store) name: SkillName,
}

impl FromRow for NameRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self { name: row.parsed("name")? })
    }
}
