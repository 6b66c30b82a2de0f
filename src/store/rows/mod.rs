//! Rows as the domain sees them.

mod audit;
mod catalogue;
mod entry;
mod queue;
mod scan;
mod skill;

pub use audit::AuditRow;
pub use catalogue::FoundRow;
pub use entry::{AdminEntryRow, BlocklistRevision, CriticalScan, EntryRow, EntryState, Evidence};
pub use queue::{FailingScanner, OfferedScan, UnsentScan};
pub use scan::{LeasedScan, ScanDetailRow, ScanRow};
pub use skill::SkillRow;

pub(super) use {entry::Waiting, skill::NameRow};
