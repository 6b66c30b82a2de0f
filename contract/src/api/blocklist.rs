//! What stops an installation.

use crate::{CommitSha, Millis, RepoUrl};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How bad a blocklist entry is. It only rises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ThreatSeverity {
    /// Low, as an admin judged it.
    Low,
    /// Medium, as an admin judged it.
    Medium,
    /// High, as an admin judged it.
    High,
    /// Critical: every automatic entry, or as an admin judged it.
    Critical,
}

impl ThreatSeverity {
    /// The word in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl FromStr for ThreatSeverity {
    type Err = crate::UnknownSeverity;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|v| v.as_str() == s)
            .ok_or(crate::UnknownSeverity)
    }
}

/// One entry as the public sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlocklistEntry {
    /// The entry's own id.
    pub id: String,
    /// The bare name: the installer compares it with `===`.
    pub skill_name: String,
    /// The skill's full name.
    pub skill: String,
    /// The repository that the entry is about; null blocks the name wherever it comes from.
    pub source_url: Option<RepoUrl>,
    /// `external-sast` for automatic entries.
    pub threat_type: String,
    /// How bad the threat is.
    pub severity: ThreatSeverity,
    /// One sentence, for people.
    pub reason: String,
    /// Absolute URLs of evidence, for people.
    pub evidence_urls: Vec<String>,
    /// When it was first blocked.
    pub discovered_at: Millis,
    /// The commit that was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<CommitSha>,
    /// The report page's path; absent in a list of very many entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_url: Option<String>,
}

/// The answer of `GET /api/v1/blocklist/check`: whether a skill may be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CheckAnswer {
    /// Whether an active entry stops the installation.
    pub blocked: bool,
    /// The entry; always there when blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<BlocklistEntry>,
    /// An entry is proposed but not confirmed.
    pub rejected: bool,
    /// Always there when rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// Something critical was found that does not block: at another commit, or not confirmed yet.
    pub tainted: bool,
    /// What was found; always there when tainted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taint_reason: Option<String>,
    /// The number of critical findings behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<u32>,
    /// The commit that was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<CommitSha>,
    /// The report page's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_url: Option<String>,
    /// The database did not answer; this is out of a copy, which is only told where it blocks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// A proposed entry, in the form that the installer knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The bare name, as the installer compares it.
    pub skill_name: String,
    /// One sentence, for people.
    pub reason: String,
    /// The score, where there is one.
    pub score: Option<u32>,
    /// Where the code is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repo_url: Option<RepoUrl>,
    /// The state of the entry; always `proposed`.
    pub state: String,
    /// When it was proposed.
    pub rejected_at: Millis,
}
