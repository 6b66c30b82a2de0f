//! Scans.

use crate::store::row::{FromRow, Row};
use skillgate_contract::{
    CommitSha, Counts, Millis, Provider, RepoUrl, ScanId, ScanStatus, SkillName, SkillPath,
};

/// A row of `external_scan_result`, without its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    /// Grows with every scan.
    pub seq: i64,
    /// The scan's id.
    pub id: ScanId,
    /// Full name.
    pub skill_name: SkillName,
    /// Which tool.
    pub provider: Provider,
    /// The repository that this scan is of.
    pub repo_url: RepoUrl,
    /// Asked for, then scanned.
    pub commit_sha: Option<CommitSha>,
    /// Where it stands.
    pub status: ScanStatus,
    /// When it was written down.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// Token of the write that last changed it.
    pub write_token: String,
    /// Sends and claims so far.
    pub attempt: u32,
    /// Why the last send failed.
    pub dispatch_error: Option<String>,
    /// When it is sent (again).
    pub dispatch_due_at: Option<Millis>,
    /// Silence until then reads TIMED_OUT.
    pub deadline_at: Option<Millis>,
    /// The scanner that claimed it.
    pub claimed_by: Option<String>,
    /// Silence until then frees it for other scanners.
    pub claim_expires_at: Option<Millis>,
    /// When it had timed out for the last time, or was replaced.
    pub given_up_at: Option<Millis>,
    /// Folder.
    pub skill_path: Option<SkillPath>,
    /// The first sign of a scanner.
    pub started_at: Option<Millis>,
    /// When the answer came.
    pub completed_at: Option<Millis>,
    critical_count: Option<u32>,
    high_count: Option<u32>,
    medium_count: Option<u32>,
    low_count: Option<u32>,
    /// Null without a result.
    pub score: Option<u32>,
    /// Of the callback that was applied.
    pub content_digest: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
    /// JSON of what ran.
    pub tool: Option<String>,
    /// How long the scan took.
    pub duration_ms: Option<u64>,
    /// 1 for a result that nobody asked for, at another commit: kept, never current.
    pub unsolicited: i64,
}

impl ScanRow {
    /// The counts; 0 without a result.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            critical: self.critical_count.unwrap_or(0),
            high: self.high_count.unwrap_or(0),
            medium: self.medium_count.unwrap_or(0),
            low: self.low_count.unwrap_or(0),
        }
    }

    /// An answer may still come by itself: a scanner has it, or it is sent (again).
    #[must_use]
    pub const fn is_awaited(&self) -> bool {
        let again = matches!(self.status, ScanStatus::TimedOut) && self.given_up_at.is_none();
        self.status.is_active() || again
    }

    /// Active, and silent for longer than it may be.
    #[must_use]
    pub fn is_overdue(&self, now: Millis) -> bool {
        self.status.is_active() && self.deadline_at.is_some_and(|deadline| deadline <= now)
    }
}

/// The bulky columns of one scan, JSON as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanDetailRow {
    /// JSON list.
    pub findings: Option<String>,
    /// 1 where more were found than are listed.
    pub findings_truncated: i64,
    /// JSON of what was read.
    pub coverage: Option<String>,
    /// JSON of what ran.
    pub tool: Option<String>,
    /// The machine that scanned.
    pub worker_host: Option<String>,
    /// How the tools were fenced in.
    pub isolation: Option<String>,
    /// How long the scan took.
    pub duration_ms: Option<u64>,
    /// The GitHub Actions run.
    pub github_run_url: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
}

/// A scan that this batch leased, to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedScan {
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
    /// Which send this is.
    pub attempt: u32,
    /// Sends that failed since the last one that did not.
    pub failures: u32,
    /// Grows with every send: picks the scanner.
    pub turn: u64,
}

impl FromRow for ScanRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            seq: row.number("seq")?,
            id: row.parsed("id")?,
            skill_name: row.parsed("skill_name")?,
            provider: row.parsed("provider")?,
            repo_url: row.parsed("repo_url")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            status: row.parsed("status")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            write_token: row.parsed("write_token")?,
            attempt: row.number("attempt")?,
            dispatch_error: row.maybe_parsed("dispatch_error")?,
            dispatch_due_at: row.maybe_time("dispatch_due_at")?,
            deadline_at: row.maybe_time("deadline_at")?,
            claimed_by: row.maybe_parsed("claimed_by")?,
            claim_expires_at: row.maybe_time("claim_expires_at")?,
            given_up_at: row.maybe_time("given_up_at")?,
            skill_path: row.maybe_parsed("skill_path")?,
            started_at: row.maybe_time("started_at")?,
            completed_at: row.maybe_time("completed_at")?,
            critical_count: row.maybe_number("critical_count")?,
            high_count: row.maybe_number("high_count")?,
            medium_count: row.maybe_number("medium_count")?,
            low_count: row.maybe_number("low_count")?,
            score: row.maybe_number("score")?,
            content_digest: row.maybe_parsed("content_digest")?,
            error: row.maybe_parsed("error")?,
            tool: row.maybe_parsed("tool")?,
            duration_ms: row.maybe_number("duration_ms")?,
            unsolicited: row.number("unsolicited")?,
        })
    }
}

impl FromRow for ScanDetailRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            findings: row.maybe_parsed("findings")?,
            findings_truncated: row.number("findings_truncated")?,
            coverage: row.maybe_parsed("coverage")?,
            tool: row.maybe_parsed("tool")?,
            worker_host: row.maybe_parsed("worker_host")?,
            isolation: row.maybe_parsed("isolation")?,
            duration_ms: row.maybe_number("duration_ms")?,
            github_run_url: row.maybe_parsed("github_run_url")?,
            error: row.maybe_parsed("error")?,
        })
    }
}

impl FromRow for LeasedScan {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.parsed("id")?,
            skill_name: row.parsed("skill_name")?,
            provider: row.parsed("provider")?,
            repo_url: row.parsed("repo_url")?,
            skill_path: row.maybe_parsed("skill_path")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            attempt: row.number("attempt")?,
            failures: row.number("failures")?,
            turn: row.number("turn")?,
        })
    }
}

#[cfg(test)]
impl ScanRow {
    /// A scan of `owner/tool`, for tests of the rules.
    pub(crate) fn example(provider: Provider, status: ScanStatus, counts: Option<Counts>) -> Self {
        Self {
            seq: 1,
            id: ScanId::from_random([7; 16]),
            skill_name: "owner/tool".parse().unwrap(),
            provider,
            repo_url: "https://github.com/owner/repo".parse().unwrap(),
            commit_sha: "a".repeat(40).parse().ok(),
            status,
            created_at: Millis(1),
            updated_at: Millis(1),
            write_token: String::new(),
            attempt: 2,
            dispatch_error: None,
            dispatch_due_at: None,
            deadline_at: None,
            claimed_by: None,
            claim_expires_at: None,
            given_up_at: None,
            skill_path: None,
            started_at: None,
            completed_at: None,
            critical_count: counts.map(|c| c.critical),
            high_count: counts.map(|c| c.high),
            medium_count: counts.map(|c| c.medium),
            low_count: counts.map(|c| c.low),
            score: counts.map(|c| c.score()),
            content_digest: None,
            error: None,
            tool: None,
            duration_ms: None,
            unsolicited: 0,
        }
    }
}
