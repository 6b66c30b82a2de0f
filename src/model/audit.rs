//! Events of the audit log.

use skillgate_contract::Millis;

/// A row of `audit_event`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The number of the event; it grows with every event.
    pub seq: i64,
    /// The time of the event.
    pub at: Millis,
    /// `admin`, `scanner` or `worker`.
    pub actor: String,
    /// The action, such as `blocklist.lifted`.
    pub action: String,
    /// The full name of the skill.
    pub skill_name: Option<String>,
    /// The id of the scan, if the event is about one.
    pub scan_id: Option<String>,
    /// The facts of the event as a JSON object.
    pub detail: String,
}
