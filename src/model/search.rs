//! Skills as a search finds them.

use super::EntryState;
use skillgate_contract::{CommitSha, RepoUrl, SkillName};

/// A skill that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRow {
    /// The word that it was found by; empty without one.
    pub word: String,
    /// The full name of the skill.
    pub name: SkillName,
    /// The repository that the skill is published from.
    pub repo_url: RepoUrl,
    /// The published commit; `None` until the first scan resolves HEAD.
    pub commit_sha: Option<CommitSha>,
    /// The registry's version of the release.
    pub version: Option<String>,
    /// The number of installs counted so far.
    pub installs: u64,
    /// Whether an entry stops its installation, or one is proposed that would.
    pub standing: Option<EntryState>,
}
