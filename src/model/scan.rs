//! Scans of a skill by one provider.

use skillgate_contract::{
    CommitSha, Counts, Millis, Provider, RepoUrl, ScanId, ScanStatus, SkillName, SkillPath,
};

/// Why a result is stored cut.
const OVER_QUOTA: &str = "the storage quota of the source's owner is used up: at most the three worst findings are kept; counts remain";

/// A row of `external_scan_result`, without its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRow {
    /// The number of the scan; it grows with every scan.
    pub seq: i64,
    /// The id of the scan.
    pub id: ScanId,
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// The provider of the scan.
    pub provider: Provider,
    /// The repository that this scan is of.
    pub repo_url: RepoUrl,
    /// The commit to scan, later the scanned one.
    pub commit_sha: Option<CommitSha>,
    /// The status of the scan.
    pub status: ScanStatus,
    /// When the scan was created.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// The token of the write that last changed the row.
    pub write_token: String,
    /// The number of dispatches and claims so far.
    pub attempt: u32,
    /// The last attempt that was given a key of its own; 0 where an earlier release gave out all.
    pub keyed_attempt: u32,
    /// The error of the last failed dispatch.
    pub dispatch_error: Option<String>,
    /// When it is dispatched next.
    pub dispatch_due_at: Option<Millis>,
    /// When the scan times out without a sign of life.
    pub deadline_at: Option<Millis>,
    /// The name of the scanner that claimed it.
    pub claimed_by: Option<String>,
    /// When the claim expires without a heartbeat.
    pub claim_expires_at: Option<Millis>,
    /// When it had timed out for the last time, or was replaced.
    pub given_up_at: Option<Millis>,
    /// The folder of the skill in the repository; `None` for the root.
    pub skill_path: Option<SkillPath>,
    /// When a scanner first reported in this attempt, or claimed it.
    pub started_at: Option<Millis>,
    /// When the result or the failure was stored.
    pub completed_at: Option<Millis>,
    /// Critical findings; `None` without a result.
    pub critical_count: Option<u32>,
    /// High findings; `None` without a result.
    pub high_count: Option<u32>,
    /// Medium findings; `None` without a result.
    pub medium_count: Option<u32>,
    /// Low findings; `None` without a result.
    pub low_count: Option<u32>,
    /// The score from 0 to 100; `None` without a result.
    pub score: Option<u32>,
    /// The digest of the content of the callback that was applied.
    pub content_digest: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
    /// The tool's name, version and rules as JSON.
    pub tool: Option<String>,
    /// The duration of the scan in milliseconds.
    pub duration_ms: Option<u64>,
    /// 1 for an unsolicited result at another commit: it is kept and never current.
    pub unsolicited: i64,
    /// When what it found was removed, or cut to the quota of its owner.
    pub thinned_at: Option<Millis>,
    /// What it found is stored, whole or cut.
    pub has_findings: bool,
}

/// For how long what a scan found is kept once a newer scan has replaced it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// `FINDINGS_KEEP_DAYS`, in milliseconds.
    pub age_ms: i64,
    /// `FINDINGS_KEEP_SCANS`: the newest so many of a skill and tool stay whatever their age.
    pub scans: u32,
    /// `OWNER_QUOTA_BYTES`: what is kept of one source owner. Beyond half of it, replaced scans go whatever their age;
    /// beyond it, new results are stored cut.
    pub owner_bytes: i64,
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

    /// The scan was never sent, or was last sent with a key that is of this attempt alone.
    #[must_use]
    pub const fn has_key_of_its_attempt(&self) -> bool {
        self.attempt <= self.keyed_attempt
    }

    /// Why what it found is not there as it was reported; `None` where it is, or never was.
    #[must_use]
    pub fn removed(&self) -> Option<String> {
        let at = self.thinned_at?;
        if self.has_findings {
            return Some(OVER_QUOTA.to_owned());
        }
        let days = (at.0 - self.completed_at.unwrap_or(at).0) / (24 * Millis::HOUR);
        let plural = if days == 1 { "" } else { "s" };
        Some(format!("findings were removed after {days} day{plural}; counts remain"))
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
    /// A JSON list of findings.
    pub findings: Option<String>,
    /// 1 where more were found than are listed.
    pub findings_truncated: i64,
    /// The coverage of the scan as JSON.
    pub coverage: Option<String>,
    /// The tool's name, version and rules as JSON.
    pub tool: Option<String>,
    /// The host name of the scanner.
    pub worker_host: Option<String>,
    /// The sandbox of the tools, as the scanner reports it.
    pub isolation: Option<String>,
    /// The duration of the scan in milliseconds.
    pub duration_ms: Option<u64>,
    /// The GitHub Actions run.
    pub github_run_url: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
    /// A JSON list of what runs by itself; `None` where the scanner did not look.
    pub auto_run: Option<String>,
    /// 1 where more runs by itself than is listed.
    pub auto_run_truncated: i64,
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
            keyed_attempt: 2,
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
            thinned_at: None,
            has_findings: false,
        }
    }
}
