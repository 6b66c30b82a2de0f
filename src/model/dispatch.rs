//! Scans on their way to a scanner, and the targets of a dispatch.

use skillgate_contract::{
    CommitSha, Millis, Provider, RepoUrl, ScanId, ScanStatus, SkillName, SkillPath,
};

/// A scan that a scanner may claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedScan {
    /// The id of the scan.
    pub id: ScanId,
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// The provider of the scan.
    pub provider: Provider,
    /// The repository to clone.
    pub repo_url: RepoUrl,
    /// The folder of the skill in the repository; `None` for the root.
    pub skill_path: Option<SkillPath>,
    /// The commit to scan.
    pub commit_sha: Option<CommitSha>,
    /// The number of dispatches and claims so far.
    pub attempt: u32,
    /// When the last of them was made.
    pub dispatched_at: Option<Millis>,
}

/// A scan that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentScan {
    /// The id of the scan.
    pub id: ScanId,
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// The provider of the scan.
    pub provider: Provider,
    /// The status of the scan.
    pub status: ScanStatus,
    /// The number of dispatches and claims so far.
    pub attempt: u32,
    /// Failed dispatches since the last accepted one.
    pub failures: u32,
    /// Why the last one failed.
    pub error: Option<String>,
    /// When it is dispatched next.
    pub due_at: Option<Millis>,
    /// When it was last dispatched.
    pub dispatched_at: Option<Millis>,
    /// When the scan was created.
    pub created_at: Millis,
}

/// When the oldest scans were created that wait; `None` where none does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OldestWaiting {
    /// The oldest that is to be sent, or sent again.
    pub unsent: Option<Millis>,
    /// The oldest that has not begun: never, or not again since it timed out.
    pub pending: Option<Millis>,
}

impl OldestWaiting {
    /// The ages of both in seconds; 0 where none waits.
    #[must_use]
    pub fn ages(self, now: Millis) -> [i64; 2] {
        [self.unsent, self.pending].map(|at| at.map_or(0, |at| now.0.saturating_sub(at.0) / 1000))
    }
}

/// A scanner that did not take the last thing it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingScanner {
    /// The URL of the scanner, as in `SCANNER_WORKERS`.
    pub url: String,
    /// Failures since the last success.
    pub failures: u32,
    /// The error of the last failure.
    pub error: String,
    /// When the last failure was.
    pub failed_at: Millis,
    /// Until then the other scanners are tried first.
    pub ejected_until: Millis,
}

/// A scan that this batch leased, to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedScan {
    /// The id of the scan.
    pub id: ScanId,
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// The provider of the scan.
    pub provider: Provider,
    /// The repository to clone.
    pub repo_url: RepoUrl,
    /// The folder of the skill in the repository; `None` for the root.
    pub skill_path: Option<SkillPath>,
    /// The commit to scan.
    pub commit_sha: Option<CommitSha>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// Failed dispatches since the last accepted one.
    pub failures: u32,
    /// The number of all dispatches so far; it picks the scanner in turn.
    pub turn: u64,
}

/// Identifies the settings under which runs are started on GitHub: the first 8 bytes of a digest over
/// URL, ref and token. A circuit that was opened under some settings does not hold under others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitKey(pub [u8; 8]);

impl CircuitKey {
    /// The key in hexadecimal, as the database stores it.
    #[must_use]
    pub fn text(self) -> String {
        hex::encode(self.0)
    }
}

/// Whether a failed dispatch spends the retry budget of its scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryBudget {
    /// It does: after enough such failures the scan ends as ERROR.
    Spend,
    /// It does not, because the settings or a limit are to blame.
    Keep,
}

/// To whom this worker dispatches scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DispatchTarget {
    /// To nobody: scanners pull.
    Pull,
    /// To scanners, one request for each scan.
    Scanner,
    /// To GitHub Actions, one request for all scans of a skill that share commit and attempt.
    Github(CircuitKey),
}

impl DispatchTarget {
    /// The key of the circuit breaker that may hold dispatches up, where there is one.
    #[must_use]
    pub fn circuit_key(self) -> Option<String> {
        match self {
            Self::Pull | Self::Scanner => None,
            Self::Github(key) => Some(key.text()),
        }
    }

    /// The most scans that one request carries.
    #[must_use]
    pub const fn scans_per_request(self) -> u32 {
        match self {
            Self::Pull | Self::Scanner => 1,
            Self::Github(_) => Provider::ALL.len() as u32,
        }
    }
}
