//! What waits for a scanner, and scanners that take nothing.

use crate::store::row::{FromRow, Row};
use skillgate_contract::{
    CommitSha, Millis, Provider, RepoUrl, ScanId, ScanStatus, SkillName, SkillPath,
};

/// A scan that a scanner may claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedScan {
    /// The scan's id.
    pub id: ScanId,
    /// Full name.
    pub skill_name: SkillName,
    /// Which tool.
    pub provider: Provider,
    /// What to clone.
    pub repo_url: RepoUrl,
    /// Folder.
    pub skill_path: Option<SkillPath>,
    /// The commit to scan.
    pub commit_sha: Option<CommitSha>,
    /// Sends and claims so far.
    pub attempt: u32,
    /// The last of them.
    pub dispatched_at: Option<Millis>,
}

/// A scan that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentScan {
    /// The scan's id.
    pub id: ScanId,
    /// Full name.
    pub skill_name: SkillName,
    /// Which tool.
    pub provider: Provider,
    /// Where it stands.
    pub status: ScanStatus,
    /// Sends and claims so far.
    pub attempt: u32,
    /// Sends that failed since the last one that did not.
    pub failures: u32,
    /// Why the last one failed.
    pub error: Option<String>,
    /// When it is sent (again).
    pub due_at: Option<Millis>,
    /// The last send.
    pub dispatched_at: Option<Millis>,
    /// When it was written down.
    pub created_at: Millis,
}

/// A scanner that did not take the last thing it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingScanner {
    /// As in `SCANNER_WORKERS`.
    pub url: String,
    /// In a row.
    pub failures: u32,
    /// The last one.
    pub error: String,
    /// When.
    pub failed_at: Millis,
    /// Others are tried first until then.
    pub skip_until: Millis,
}

impl FromRow for OfferedScan {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.parsed("id")?,
            skill_name: row.parsed("skill_name")?,
            provider: row.parsed("provider")?,
            repo_url: row.parsed("repo_url")?,
            skill_path: row.maybe_parsed("skill_path")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            attempt: row.number("attempt")?,
            dispatched_at: row.maybe_time("dispatched_at")?,
        })
    }
}

impl FromRow for UnsentScan {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.parsed("id")?,
            skill_name: row.parsed("skill_name")?,
            provider: row.parsed("provider")?,
            status: row.parsed("status")?,
            attempt: row.number("attempt")?,
            failures: row.number("failures")?,
            error: row.maybe_parsed("dispatch_error")?,
            due_at: row.maybe_time("dispatch_due_at")?,
            dispatched_at: row.maybe_time("dispatched_at")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl FromRow for FailingScanner {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            url: row.parsed("url")?,
            failures: row.number("failures")?,
            error: row.parsed("error")?,
            failed_at: row.time("failed_at")?,
            skip_until: row.time("skip_until")?,
        })
    }
}
