//! What the installer asks before it installs.

use crate::{
    CommitSha, Counts, Finding, InstallerStatus, InstallerVerdict, Millis, Provider, RepoUrl,
    ScanId,
    callback::{Coverage, Tool},
};
use serde::Serialize;

/// `GET /api/v1/skills/{name}/security`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecurityAnswer {
    /// The skill's full name, or the bare name that was asked for where it is ambiguous.
    pub skill_name: String,
    /// All providers together.
    pub overall_verdict: InstallerStatus,
    /// The report page's path.
    pub report_url: String,
    /// Where the code is.
    pub repo_url: Option<RepoUrl>,
    /// The commit that all shown results share, else null.
    pub commit_sha: Option<CommitSha>,
    /// The commit that people install.
    pub published_commit_sha: Option<CommitSha>,
    /// Every provider's newest scan is of the published commit.
    pub current: bool,
    /// When the newest of it changed.
    pub updated_at: Option<Millis>,
    /// One row for every provider, in a fixed order; empty where the name is ambiguous.
    pub providers: Vec<ProviderRow>,
    /// The bare name could mean several skills.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// Which ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// The database did not answer; this is a copy that may be out of date.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// One provider's newest scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProviderRow {
    /// Which tool.
    pub provider: Provider,
    /// In the installer's four words.
    pub status: InstallerStatus,
    /// In the installer's words.
    pub verdict: Option<InstallerVerdict>,
    /// Of everything found.
    #[serde(flatten)]
    pub counts: Counts,
    /// Null without a result.
    pub score: Option<u32>,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// When the result came.
    pub completed_at: Option<Millis>,
    /// The exact status; `NONE` where this provider was never asked for.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Phase"))]
    pub phase: &'static str,
}

/// A skill that a bare name could mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The full name.
    pub skill_name: String,
    /// Where its code is.
    pub repo_url: RepoUrl,
}

/// `GET /api/v1/skills/{name}/security/{provider}`: one provider's newest scan with its findings.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScanDetail {
    /// As in the overview.
    #[serde(flatten)]
    pub row: ProviderRow,
    /// Which scan; null where this provider was never asked for.
    pub scan_id: Option<ScanId>,
    /// At most 100 findings, worst first.
    pub findings: Option<Vec<Finding>>,
    /// More were found than are listed.
    pub findings_truncated: bool,
    /// What was read.
    pub coverage: Option<Coverage>,
    /// What ran.
    pub tool: Option<Tool>,
    /// The machine that scanned.
    pub worker_host: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// How the tools were fenced in.
    pub isolation: Option<String>,
    /// The GitHub Actions run, where there is one.
    pub github_run_url: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
}

/// One scan of a skill, current or past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HistoryScan {
    /// As in the overview.
    #[serde(flatten)]
    pub row: ProviderRow,
    /// Which scan.
    pub scan_id: ScanId,
    /// The repository that was scanned.
    pub repo_url: RepoUrl,
    /// When it was asked for.
    pub created_at: Millis,
    /// The first sign of a scanner.
    pub started_at: Option<Millis>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The newest of its provider, and of the published commit.
    pub current: bool,
    /// A result that nobody asked for, at another commit: it counts towards nothing.
    pub stray: bool,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
}

/// `GET /api/v1/skills/{name}/security/history`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HistoryAnswer {
    /// Newest first.
    pub scans: Vec<HistoryScan>,
    /// Where the next page starts; null behind the last one.
    pub next_cursor: Option<String>,
}
