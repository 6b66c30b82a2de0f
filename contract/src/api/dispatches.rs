//! What waits to be sent to a scanner.

use crate::{Millis, Provider, ScanId, ScanStatus, SkillName};
use serde::Serialize;

/// The answer of `GET /api/v1/admin/dispatches`: scans that wait to be sent, and scanners that fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DispatchesAnswer {
    /// At most 100 scans, the oldest first.
    pub waiting: Vec<WaitingScan>,
    /// The scanners that did not take the last thing they were sent.
    pub failing_scanners: Vec<FailingScannerRow>,
}

/// A scan that is to be sent, for the first time or again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WaitingScan {
    /// The scan's id.
    pub scan_id: ScanId,
    /// The skill's full name.
    pub skill_name: SkillName,
    /// The provider that the scan is of.
    pub provider: Provider,
    /// PENDING, or TIMED_OUT where it is to be sent again.
    pub status: ScanStatus,
    /// Sends and claims so far.
    pub attempt: u32,
    /// Sends that failed since the last one that did not.
    pub failures: u32,
    /// Why the last one failed.
    pub error: Option<String>,
    /// When it is sent, if the hour's budget allows.
    pub due_at: Option<Millis>,
    /// When it was last sent or claimed; null where it never was.
    pub dispatched_at: Option<Millis>,
    /// When it was asked for.
    pub created_at: Millis,
}

/// A scanner that did not take the last thing it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FailingScannerRow {
    /// The scanner's origin, as in `SCANNER_WORKERS`.
    pub url: String,
    /// How many sends to it failed in a row.
    pub failures: u32,
    /// Why the last of them failed, for people.
    pub error: String,
    /// When the last of them failed.
    pub failed_at: Millis,
    /// Others are tried first until then.
    // The name on the wire is older than the glossary; to rename it would break those who read it.
    #[serde(rename = "skipUntil")]
    pub ejected_until: Millis,
}
