//! What the worker is asked and what it answers, as JSON.

mod admin;
mod audits;
mod blocklist;
mod catalogue;
mod dispatches;
mod problem;
mod publish;
mod queue;
mod security;

pub use admin::{AddEntry, AdminEntry, AuditEvent, EntriesAnswer, EventsAnswer, LiftEntry};
pub use audits::{AuditedScan, AuditsAnswer, SkillAnswer};
pub use blocklist::{BlocklistEntry, CheckAnswer, Rejection, ThreatSeverity};
pub use catalogue::{FoundSkill, InstallsAnswer, Pagination, SearchAnswer};
pub use dispatches::{DispatchesAnswer, FailingScannerRow, WaitingScan};
pub use problem::{PROBLEM_TYPE, Problem, refusal_title};
pub use publish::{
    Dispatch, DispatchedScan, PublishAnswer, PublishRequest, PublishedSkill, ScanAgainRequest,
};
pub use queue::{
    CLAIM_MS, ClaimAnswer, ClaimRefusal, ClaimRequest, Claimant, ClaimantError, ClaimedScan,
    HeartbeatAnswer, MAX_PENDING, PendingAnswer, PendingScan, ReleaseAnswer,
};
pub use security::{
    Candidate, HistoryAnswer, HistoryScan, ProviderRow, ScanDetail, SecurityAnswer,
};

use crate::ScanId;
use crate::ScanStatus;
use serde::{Deserialize, Serialize};

/// The answer to a callback that was believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallbackAnswer {
    /// Always true; a callback that is not believed gets a problem document.
    pub ok: bool,
    /// The scan that it was about.
    pub scan_id: ScanId,
    /// The scan's status now.
    pub status: ScanStatus,
    /// False for an exact repeat: nothing changed.
    pub applied: bool,
}

/// The answer of `GET /api/v1/health`: whether the worker reaches its stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or `degraded` where a check failed.
    pub status: String,
    /// The version of the worker, as in its package.
    pub version: String,
    /// The outcome of the check of each store.
    pub checks: HealthChecks,
    /// The age of the oldest scan that is to be sent; 0 where none is, null where D1 does not answer.
    pub oldest_unsent_seconds: Option<i64>,
    /// The age of the oldest scan that has not begun; 0 where none waits, null where D1 does not answer.
    pub oldest_pending_seconds: Option<i64>,
    /// The size of the database; null where D1 does not tell.
    #[serde(default)]
    pub database_bytes: Option<i64>,
    /// This size in percent of `D1_SIZE_LIMIT_BYTES`.
    #[serde(default)]
    pub database_percent: Option<i64>,
}

/// `ok` or `failing`, store by store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HealthChecks {
    /// The database (D1).
    pub d1: String,
    /// The cache (KV).
    pub kv: String,
    /// The limits of failed attempts and of installs for each address: `missing` where the deployment has none.
    #[serde(default)]
    pub limits: String,
}
