//! The newest scans of all skills, and one skill as it is published.

use super::{ProviderRow, SecurityAnswer};
use crate::{CommitSha, Millis, RepoUrl, ScanId, SkillName, SkillPath, json::Members};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// The answer of `GET /api/v1/audits`: one page of the newest scans of all skills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditsAnswer {
    /// Latest first; in a search, in the order of names. With filters a page may be shorter than
    /// its limit, even empty, and still have a next one.
    pub scans: Vec<AuditedScan>,
    /// Where the next page starts; null behind the last one.
    pub next_cursor: Option<String>,
}

/// The newest scan of one skill and provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct AuditedScan {
    /// The skill's full name.
    pub skill_name: SkillName,
    /// As in the skill's own overview.
    #[cfg_attr(feature = "schema", schemars(flatten))]
    pub row: ProviderRow,
    /// The scan's id.
    pub scan_id: ScanId,
    /// The repository that was scanned.
    pub repo_url: RepoUrl,
    /// When it was asked for.
    pub created_at: Millis,
    /// It is of the published commit.
    pub current: bool,
    /// The report page's path.
    pub report_url: String,
}

impl Members for AuditedScan {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self { skill_name, row, scan_id, repo_url, created_at, current, report_url } = self;
        to.serialize_field("skillName", skill_name)?;
        row.members(to)?;
        to.serialize_field("scanId", scan_id)?;
        to.serialize_field("repoUrl", repo_url)?;
        to.serialize_field("createdAt", created_at)?;
        to.serialize_field("current", current)?;
        to.serialize_field("reportUrl", report_url)
    }
}

impl Serialize for AuditedScan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// The answer of `GET /api/v1/skills/{name}`: a skill as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SkillAnswer {
    /// The skill's full name.
    pub name: SkillName,
    /// Where its code is, normalised.
    pub repo_url: RepoUrl,
    /// The published commit; null until a scanner has resolved it.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for this release.
    pub version: Option<String>,
    /// The folder of the skill, in a repository of many; else null.
    pub skill_path: Option<SkillPath>,
    /// When anything of it changed last.
    pub updated_at: Millis,
    /// An entry of the blocklist stops its installation.
    pub blocked: bool,
    /// Always null: nobody certifies skills here.
    pub cert_tier: (),
    /// `BLOCKED` or `UNCERTIFIED`: the installer has a word of its own for none.
    pub tier: &'static str,
    /// What its scans say.
    pub security: SecurityAnswer,
}
