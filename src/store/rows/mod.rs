//! Rows as the domain sees them.

mod entry;
mod queue;
mod scan;
mod skill;

pub use entry::{BlocklistRevision, CriticalScan, EntryRow, EntryState, Evidence};
pub use queue::{FailingScanner, OfferedScan, UnsentScan};
pub use scan::{LeasedScan, ScanDetailRow, ScanRow};
pub use skill::SkillRow;

pub(super) use skill::NameRow;
