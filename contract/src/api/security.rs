//! What the installer asks before it installs.

use crate::{
    AutoRun, CommitSha, Counts, Finding, InstallerStatus, InstallerVerdict, Millis, Provider,
    RepoUrl, ScanId,
    callback::{Coverage, Tool},
    json::Members,
};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// The answer of `GET /api/v1/skills/{name}/security`: all that an installer has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecurityAnswer {
    /// The skill's full name, or the bare name that was asked for where it is ambiguous.
    pub skill_name: String,
    /// The verdict of all providers together, in the installer's four words.
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
    /// The skills that the bare name could mean.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// The database did not answer; this is a copy that may be out of date.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// One provider's newest scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct ProviderRow {
    /// The provider that the scan is of.
    pub provider: Provider,
    /// The scan's status, in the installer's four words.
    pub status: InstallerStatus,
    /// The scan's verdict, in the installer's words; null without a result.
    pub verdict: Option<InstallerVerdict>,
    /// The counts of everything found, also of what is not listed.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub counts: Counts,
    /// From 0 to 100; null without a result.
    pub score: Option<u32>,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// When the result came.
    pub completed_at: Option<Millis>,
    /// The exact status; `NONE` where this provider was never asked for.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Phase"))]
    pub phase: &'static str,
}

impl Members for ProviderRow {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self { provider, status, verdict, counts, score, commit_sha, completed_at, phase } =
            self;
        to.serialize_field("provider", provider)?;
        to.serialize_field("status", status)?;
        to.serialize_field("verdict", verdict)?;
        counts.members(to)?;
        to.serialize_field("score", score)?;
        to.serialize_field("commitSha", commit_sha)?;
        to.serialize_field("completedAt", completed_at)?;
        to.serialize_field("phase", phase)
    }
}

impl Serialize for ProviderRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// A skill that a bare name could mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The skill's full name.
    pub skill_name: String,
    /// Where its code is.
    pub repo_url: RepoUrl,
}

/// `GET /api/v1/skills/{name}/security/{provider}`: one provider's newest scan with its findings.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct ScanDetail {
    /// As in the overview.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub row: ProviderRow,
    /// Which scan; null where this provider was never asked for.
    pub scan_id: Option<ScanId>,
    /// At most 100 findings, worst first.
    pub findings: Option<Vec<Finding>>,
    /// More were found than are listed.
    pub findings_truncated: bool,
    /// Which files the tool read.
    pub coverage: Option<Coverage>,
    /// The tool that ran, and the version of its rules.
    pub tool: Option<Tool>,
    /// The host name of the machine that scanned.
    pub worker_host: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// How the tools were isolated from the machine that ran them; `none` where they were not.
    pub isolation: Option<String>,
    /// The GitHub Actions run, where there is one.
    pub github_run_url: Option<String>,
    /// Why it failed, or why it is not complete.
    pub error: Option<String>,
    /// What agents run by themselves in the skill, those first that ask least of the user; null where the scanner did
    /// not look.
    pub auto_run: Option<Vec<AutoRun>>,
    /// More runs by itself than is listed.
    pub auto_run_truncated: bool,
    /// Why findings and lists are not there as they were reported; null where they are. Verdict and counts always are.
    pub removed: Option<String>,
}

impl Members for ScanDetail {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self {
            row,
            scan_id,
            findings,
            findings_truncated,
            coverage,
            tool,
            worker_host,
            duration_ms,
            isolation,
            github_run_url,
            error,
            auto_run,
            auto_run_truncated,
            removed,
        } = self;
        row.members(to)?;
        to.serialize_field("scanId", scan_id)?;
        to.serialize_field("findings", findings)?;
        to.serialize_field("findingsTruncated", findings_truncated)?;
        to.serialize_field("coverage", coverage)?;
        to.serialize_field("tool", tool)?;
        to.serialize_field("workerHost", worker_host)?;
        to.serialize_field("durationMs", duration_ms)?;
        to.serialize_field("isolation", isolation)?;
        to.serialize_field("githubRunUrl", github_run_url)?;
        to.serialize_field("error", error)?;
        to.serialize_field("autoRun", auto_run)?;
        to.serialize_field("autoRunTruncated", auto_run_truncated)?;
        to.serialize_field("removed", removed)
    }
}

impl Serialize for ScanDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// One scan of a skill, current or past.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct HistoryScan {
    /// As in the overview.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub row: ProviderRow,
    /// The scan's id.
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
    /// Why what it found is not there as it was reported; null where it is. Verdict and counts always are.
    pub removed: Option<String>,
}

impl Members for HistoryScan {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self {
            row,
            scan_id,
            repo_url,
            created_at,
            started_at,
            duration_ms,
            current,
            stray,
            error,
            removed,
        } = self;
        row.members(to)?;
        to.serialize_field("scanId", scan_id)?;
        to.serialize_field("repoUrl", repo_url)?;
        to.serialize_field("createdAt", created_at)?;
        to.serialize_field("startedAt", started_at)?;
        to.serialize_field("durationMs", duration_ms)?;
        to.serialize_field("current", current)?;
        to.serialize_field("stray", stray)?;
        to.serialize_field("error", error)?;
        to.serialize_field("removed", removed)
    }
}

impl Serialize for HistoryScan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// The answer of `GET /api/v1/skills/{name}/security/history`: one page of a skill's scans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HistoryAnswer {
    /// The scans of this page, newest first.
    pub scans: Vec<HistoryScan>,
    /// Where the next page starts; null behind the last one.
    pub next_cursor: Option<String>,
}
