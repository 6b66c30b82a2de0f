//! Skills with their newest scans.

use super::{EntryState, ScanRow};
use skillgate_contract::{CommitSha, Millis, Provider, RepoUrl, SkillName, SkillPath};

/// A row of `skill`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillRow {
    /// The full name of the skill.
    pub name: SkillName,
    /// The repository that the skill is published from.
    pub repo_url: RepoUrl,
    /// The published commit; `None` until the first scan resolves HEAD.
    pub commit_sha: Option<CommitSha>,
    /// The registry's version of the release.
    pub version: Option<String>,
    /// The folder of the skill in the repository; `None` for the root.
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

/// A skill and the newest scan of each provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillState {
    /// The skill as it is published.
    pub skill: SkillRow,
    /// At most one per provider.
    pub scans: Vec<ScanRow>,
}

impl SkillState {
    /// The newest scan of a provider.
    #[must_use]
    pub fn newest(&self, provider: Provider) -> Option<&ScanRow> {
        self.scans.iter().find(|scan| scan.provider == provider)
    }
}

/// The most skills of one bare name that a page or an answer lists.
pub const MOST_CANDIDATES: usize = 20;

/// Totals over the whole registry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of published skills.
    pub skills: i64,
    /// The number of scans ever created.
    pub scans: i64,
    /// The number of active blocklist entries.
    pub blocked: i64,
}
