//! All skills that are known.

use crate::{CommitSha, RepoUrl, SkillName};
use serde::Serialize;

/// The answer of `GET /api/v1/skills/search`: skills by words of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchAnswer {
    /// In the order of the words by which they were found.
    pub results: Vec<FoundSkill>,
    /// How much of it this is.
    pub pagination: Pagination,
}

/// A skill that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FoundSkill {
    /// The skill's full name.
    pub name: SkillName,
    /// The account that owns the repository.
    pub author: String,
    /// The name's first of three segments, else the repository's owner.
    pub owner_slug: String,
    /// The name's second of three segments, else the repository's name.
    pub repo_slug: String,
    /// The name's last segment.
    pub skill_slug: String,
    /// Where its code is.
    pub repo_url: RepoUrl,
    /// The published commit; null until a scanner has resolved it.
    pub commit_sha: Option<CommitSha>,
    /// The registry's own word for the release.
    pub version: Option<String>,
    /// How many installs were counted.
    pub installs: u64,
    /// The same number, under the name that the installer reads.
    pub vskill_installs: u64,
    /// An entry of the blocklist stops its installation.
    pub is_blocked: bool,
    /// Always null: nobody certifies skills here.
    pub cert_tier: (),
    /// `BLOCKED` or `UNCERTIFIED`: the installer has a word of its own for none.
    pub tier: &'static str,
    /// The report page's path.
    pub report_url: String,
}

/// How much of a result an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// The most that this answer would list.
    pub limit: u32,
    /// There may be more; ask with a longer `q`.
    pub has_more: bool,
}

/// `202` of an install that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstallsAnswer {
    /// Always true: an installer has nothing to do about it.
    pub ok: bool,
    /// Skills that were counted; not the unknown, nor one that was counted within the last second.
    pub counted: usize,
}
