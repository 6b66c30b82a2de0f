//! The plain types that rules, pages and store share. They know only the contract.

mod audit;
mod dispatch;
mod entry;
mod ids;
mod oidc;
mod reply;
mod scan;
mod search;
mod skill;

pub use audit::AuditRow;
pub use dispatch::{
    CircuitKey, DispatchTarget, FailingScanner, LeasedScan, OfferedScan, OldestWaiting,
    RetryBudget, UnsentScan,
};
pub use entry::{
    AdminEntryRow, BlockLimits, BlocklistRevision, Charges, CriticalScan, EntryRow, EntryState,
    Evidence, Waiting,
};
pub use ids::{EntryId, RequestId, WriteToken};
pub use oidc::{RsaKey, TrustedWorkflow};
pub use reply::{REPLY_HEADERS, Reply};
pub use scan::{Retention, ScanDetailRow, ScanRow};
pub use search::FoundRow;
pub use skill::{MOST_CANDIDATES, SkillRow, SkillState, Totals};
