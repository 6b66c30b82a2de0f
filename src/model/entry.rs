//! Blocklist entries and the evidence for them.

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
    /// It blocks only after an admin confirms it.
    Proposed,
    /// It blocks installs of the skill.
    Active,
    /// An admin lifted or dropped it, with a reason.
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
    /// The number of critical findings.
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
    /// The id of the entry.
    pub id: String,
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// Null: wherever it comes from.
    pub source_url: Option<RepoUrl>,
    /// The state, which tells whether it blocks.
    pub state: EntryState,
    /// `external-sast` for automatic entries.
    pub threat_type: String,
    /// The severity of the threat.
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
    /// Who made it: `external-scan` or `admin`.
    pub discovered_by: String,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Millis>,
    /// The reason that the admin gave.
    pub withdrawn_reason: Option<String>,
    /// The token of the write that last changed the row.
    pub write_token: String,
    /// A commit that was found clean after the scans that the entry rests on.
    pub clean_commit: Option<CommitSha>,
}

/// A scan with criticals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriticalScan {
    /// The full name of the skill.
    pub skill_name: SkillName,
    /// The repository that was scanned.
    pub repo_url: RepoUrl,
    /// The provider of the scan.
    pub provider: Provider,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// The number of critical findings.
    pub critical_count: u32,
    /// It is the commit that is published now.
    pub published: bool,
}

/// What stands against a name that somebody asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charges {
    /// In the states that stand.
    pub entries: Vec<EntryRow>,
    /// Scans with criticals that no entry rests on.
    pub criticals: Vec<CriticalScan>,
    /// A bare name without a source was asked for, and a published skill of that name is not blocked: an entry of one
    /// source blocks no more than its own skill.
    pub not_of_all: bool,
}

/// How often the list has changed, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlocklistRevision {
    /// The number of changes so far.
    pub revision: i64,
    /// When the list last changed.
    pub changed_at: Option<Millis>,
    /// Since when the copy that was asked about lacks a change, if that is known.
    pub lacks_since: Option<Millis>,
}

/// What waits for an admin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many; of one entry, 1 if it waits.
    pub count: u32,
    /// Of an entry, the owner of its source, as `https://github.com/owner`; else empty.
    pub owner: String,
    /// Of an entry, the rule of its worst finding, where one is listed; else empty.
    pub rule: String,
    /// Of an entry, the scanner that had claimed the scan; empty where it was sent to one.
    pub puller: String,
}

/// How many owners' automatic entries become active in any 60 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLimits {
    /// `AUTO_BLOCK_LIMIT_PER_HOUR`: in all.
    pub per_hour: u32,
    /// `AUTO_BLOCK_LIMIT_PER_PULLER`: by the reports of one scanner that pulls.
    pub per_puller: u32,
}
