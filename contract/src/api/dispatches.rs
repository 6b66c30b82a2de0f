//! What waits to be sent to a scanner.

use crate::{Millis, Provider, ScanId, ScanStatus, SkillName};
use serde::Serialize;

/// `GET /api/v1/admin/dispatches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DispatchesAnswer {
    /// At most 100 scans, the longest due first.
    pub waiting: Vec<WaitingScan>,
    /// The scanners that did not take the last thing they were sent.
    pub failing_scanners: Vec<FailingScannerRow>,
}

/// A scan that is to be sent, for the first time or again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WaitingScan {
    /// Which scan.
    pub scan_id: ScanId,
    /// The skill's full name.
    pub skill_name: SkillName,
    /// Which tool.
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
    /// The last send.
    pub dispatched_at: Option<Millis>,
    /// When it was asked for.
    pub created_at: Millis,
}

/// A scanner that did not take the last thing it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FailingScannerRow {
    /// As in `SCANNER_WORKERS`.
    pub url: String,
    /// In a row.
    pub failures: u32,
    /// The last one.
    pub error: String,
    /// When.
    pub failed_at: Millis,
    /// Others are tried first until then.
    pub skip_until: Millis,
}
