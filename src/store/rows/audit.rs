//! Audit lines.

use crate::store::row::{FromRow, Row};
use skillgate_contract::Millis;

/// A row of `audit_event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows with every event.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// `admin`, `scanner` or `worker`.
    pub actor: String,
    /// What happened.
    pub action: String,
    /// Full name.
    pub skill_name: Option<String>,
    /// Which scan.
    pub scan_id: Option<String>,
    /// A JSON object.
    pub detail: String,
}

impl FromRow for AuditRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            seq: row.number("seq")?,
            at: row.time("at")?,
            actor: row.parsed("actor")?,
            action: row.parsed("action")?,
            skill_name: row.maybe_parsed("skill_name")?,
            scan_id: row.maybe_parsed("scan_id")?,
            detail: row.parsed("detail")?,
        })
    }
}
