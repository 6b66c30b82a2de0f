//! Maps the columns of rows to the types of [`crate::model`].

mod columns;

pub use crate::model::{
    AdminEntryRow, AuditRow, BlockLimits, BlocklistRevision, Charges, CircuitKey, CriticalScan,
    DispatchTarget, EntryId, EntryRow, EntryState, Evidence, FailingScanner, FoundRow, LeasedScan,
    MOST_CANDIDATES, OfferedScan, OldestWaiting, Retention, RetryBudget, ScanDetailRow, ScanRow,
    SkillRow, SkillState, Totals, UnsentScan, Waiting, WriteToken,
};

use super::row::{FromRow, Row};
use columns::rows;
use skillgate_contract::SkillName;

rows! {
    ScanRow {
        seq: number,
        id: parsed,
        skill_name: parsed,
        provider: parsed,
        repo_url: parsed,
        commit_sha: maybe_parsed,
        status: parsed,
        created_at: time,
        updated_at: time,
        write_token: parsed,
        attempt: number,
        keyed_attempt: number,
        dispatch_error: maybe_parsed,
        dispatch_due_at: maybe_time,
        deadline_at: maybe_time,
        claimed_by: maybe_parsed,
        claim_expires_at: maybe_time,
        given_up_at: maybe_time,
        skill_path: maybe_parsed,
        started_at: maybe_time,
        completed_at: maybe_time,
        critical_count: maybe_number,
        high_count: maybe_number,
        medium_count: maybe_number,
        low_count: maybe_number,
        score: maybe_number,
        content_digest: maybe_parsed,
        error: maybe_parsed,
        tool: maybe_parsed,
        duration_ms: maybe_number,
        unsolicited: number,
        thinned_at: maybe_time,
        has_findings: flag,
    }
    ScanDetailRow {
        findings: maybe_parsed,
        findings_truncated: number,
        coverage: maybe_parsed,
        tool: maybe_parsed,
        worker_host: maybe_parsed,
        isolation: maybe_parsed,
        duration_ms: maybe_number,
        github_run_url: maybe_parsed,
        error: maybe_parsed,
        auto_run: maybe_parsed,
        auto_run_truncated: number,
    }
}

rows! {
    LeasedScan {
        id: parsed,
        skill_name: parsed,
        provider: parsed,
        repo_url: parsed,
        skill_path: maybe_parsed,
        commit_sha: maybe_parsed,
        attempt: number,
        failures: number,
        turn: number,
    }
    OfferedScan {
        id: parsed,
        skill_name: parsed,
        provider: parsed,
        repo_url: parsed,
        skill_path: maybe_parsed,
        commit_sha: maybe_parsed,
        attempt: number,
        dispatched_at: maybe_time,
    }
    UnsentScan {
        id: parsed,
        skill_name: parsed,
        provider: parsed,
        status: parsed,
        attempt: number,
        failures: number,
        error: maybe_parsed "dispatch_error",
        due_at: maybe_time "dispatch_due_at",
        dispatched_at: maybe_time,
        created_at: time,
    }
    OldestWaiting {
        unsent: maybe_time,
        pending: maybe_time,
    }
    FailingScanner {
        url: parsed,
        failures: number,
        error: parsed,
        failed_at: time,
        ejected_until: time,
    }
}

rows! {
    SkillRow {
        name: parsed,
        repo_url: parsed,
        commit_sha: maybe_parsed,
        version: maybe_parsed,
        skill_path: maybe_parsed,
        updated_at: time,
        revision: number,
        standing: maybe_parsed,
    }
    FoundRow {
        word: parsed,
        name: parsed,
        repo_url: parsed,
        commit_sha: maybe_parsed,
        version: maybe_parsed,
        installs: number,
        standing: maybe_parsed,
    }
    Totals {
        skills: number,
        scans: number,
        blocked: number,
    }
}

rows! {
    EntryRow {
        id: parsed,
        skill_name: parsed,
        source_url: maybe_parsed,
        state: parsed,
        threat_type: parsed,
        severity: parsed,
        reason: parsed,
        evidence: parsed,
        evidence_urls: parsed,
        commit_sha: maybe_parsed,
        discovered_at: time,
        updated_at: time,
    }
    BlocklistRevision {
        revision: number,
        changed_at: maybe_time,
        lacks_since: maybe_time,
    }
    AuditRow {
        seq: number,
        at: time,
        actor: parsed,
        action: parsed,
        skill_name: maybe_parsed,
        scan_id: maybe_parsed,
        detail: parsed,
    }
}

rows! {
    NameRow {
        name: parsed,
    }
    CriticalScan {
        skill_name: parsed,
        repo_url: parsed,
        provider: parsed,
        commit_sha: maybe_parsed,
        critical_count: number,
        published: flag,
    }
}

/// A row of one column: the full name of a skill.
#[derive(Debug, Clone)]
pub(in crate::store) struct NameRow {
    /// The full name of the skill.
    pub(in crate::store) name: SkillName,
}

impl FromRow for Waiting {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            count: row.number("waiting")?,
            owner: row.maybe_parsed("owner")?.unwrap_or_default(),
            rule: row.maybe_parsed("rule")?.unwrap_or_default(),
            puller: row.maybe_parsed("puller")?.unwrap_or_default(),
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
            write_token: row.parsed("write_token")?,
            clean_commit: row.maybe_parsed("clean_commit")?,
        })
    }
}
