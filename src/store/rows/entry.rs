//! Blocklist entries.

use crate::store::row::{FromRow, Row};
use serde::{Deserialize, Serialize};
use skillgate_contract::{
    CommitSha, Millis, Provider, RepoUrl, ScanId, SkillName,
    api::ThreatSeverity,
    json::{FromJson, JsonMembers},
};
use std::str::FromStr;

/// Whether an entry blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Waits for an admin.
    Proposed,
    /// Blocks.
    Active,
    /// Lifted, with a reason.
    Withdrawn,
}

impl EntryState {
    /// The word in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for EntryState {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        match s {
            "proposed" => Ok(Self::Proposed),
            "active" => Ok(Self::Active),
            "withdrawn" => Ok(Self::Withdrawn),
            _ => Err(()),
        }
    }
}

/// One provider's part in an automatic entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The scan that found it.
    pub scan_id: ScanId,
    /// The commit that was scanned.
    pub commit_sha: CommitSha,
    /// How many.
    pub critical_count: u32,
}

impl FromJson for Evidence {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        let mut members = JsonMembers::from_json(value)?;
        Some(Self {
            scan_id: members.take::<String>("scanId")?.parse().ok()?,
            commit_sha: members.take::<String>("commitSha")?.parse().ok()?,
            critical_count: members.take("criticalCount")?,
        })
    }
}

/// A row of `blocklist_entry`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry's id.
    pub id: String,
    /// Full name.
    pub skill_name: SkillName,
    /// Null: wherever it comes from.
    pub source_url: Option<RepoUrl>,
    /// Whether it blocks.
    pub state: EntryState,
    /// `external-sast` for automatic entries.
    pub threat_type: String,
    /// How bad.
    pub severity: ThreatSeverity,
    /// By hand; empty in automatic entries.
    pub reason: String,
    /// JSON: provider to [`Evidence`].
    pub evidence: String,
    /// JSON list, by hand.
    pub evidence_urls: String,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// When it was first blocked.
    pub discovered_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
}

/// A row of `blocklist_entry` as an admin sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminEntryRow {
    /// What the public may see of it too.
    pub entry: EntryRow,
    /// `external-scan`, or `admin`.
    pub discovered_by: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Millis>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// Token of the write that last changed it.
    pub last_write: String,
    /// A commit that was found clean after the scans that the entry rests on.
    pub clean_commit: Option<CommitSha>,
}

/// A scan with criticals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriticalScan {
    /// Full name.
    pub skill_name: SkillName,
    /// The repository that was scanned.
    pub repo_url: RepoUrl,
    /// Which tool.
    pub provider: Provider,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// How many.
    pub critical_count: u32,
    /// It is the commit that is published now.
    pub published: bool,
}

/// How many entries wait for an admin.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Waiting(pub(in crate::store) u32);

/// How often the list has changed, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlocklistRevision {
    /// Raised by every change.
    pub revision: i64,
    /// When last.
    pub changed_at: Option<Millis>,
    /// Since when the copy that was asked about lacks a change, if that is known.
    pub lacks_since: Option<Millis>,
}

impl FromRow for EntryRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            id: row.parsed("id")?,
            skill_name: row.parsed("skill_name")?,
            source_url: row.maybe_parsed("source_url")?,
            state: row.parsed("state")?,
            threat_type: row.parsed("threat_type")?,
            severity: row.parsed("severity")?,
            reason: row.parsed("reason")?,
            evidence: row.parsed("evidence")?,
            evidence_urls: row.parsed("evidence_urls")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            discovered_at: row.time("discovered_at")?,
            updated_at: row.time("updated_at")?,
        })
    }
}

impl FromRow for AdminEntryRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            entry: EntryRow::from_row(row)?,
            discovered_by: row.parsed("discovered_by")?,
            withdrawn_at: row.maybe_time("withdrawn_at")?,
            withdrawn_reason: row.maybe_parsed("withdrawn_reason")?,
            last_write: row.parsed("last_write")?,
            clean_commit: row.maybe_parsed("clean_commit")?,
        })
    }
}

impl FromRow for CriticalScan {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            skill_name: row.parsed("skill_name")?,
            repo_url: row.parsed("repo_url")?,
            provider: row.parsed("provider")?,
            commit_sha: row.maybe_parsed("commit_sha")?,
            critical_count: row.number("critical_count")?,
            published: row.number::<i64>("published")? == 1,
        })
    }
}

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self(row.number("waiting")?))
    }
}

impl FromRow for BlocklistRevision {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            revision: row.number("revision")?,
            changed_at: row.maybe_time("changed_at")?,
            lacks_since: row.maybe_time("lacks_since")?,
        })
    }
}
