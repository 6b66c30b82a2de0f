//! The database: each read and each atomic change.
//!
//! A method is one batch, and a batch is one transaction in one round trip. Decisions are made
//! elsewhere, in [`crate::domain`]; what has to hold whatever arrives at once is held here, by
//! guards in the statements and by the database's own constraints.

mod audits;
mod batch;
mod blocklist;
mod catalogue;
mod dispatch_circuit;
mod dispatching;
mod jwks_rate_limit;
mod kv_projection;
mod publishing;
mod queue;
mod results;
mod row;
mod rows;
mod scans;
mod skills;
mod sql;
mod thinning;
mod time_outs;
mod values;

pub use audits::{LatestFilter, Listed, latest, words};
pub use blocklist::{AuditFilter, Lifted};
pub use dispatching::{Scheduling, SendOutcome};
pub use kv_projection::KvWriteLease;
pub use publishing::NewScan;
pub use results::{EndOfScan, Stored, Target};
pub use rows::{
    AdminEntryRow, AuditRow, BlockLimits, BlocklistRevision, Charges, CircuitKey, CriticalScan,
    DispatchTarget, EntryId, EntryRow, EntryState, Evidence, FailingScanner, FoundRow, LeasedScan,
    MOST_CANDIDATES, OfferedScan, OldestWaiting, Retention, RetryBudget, ScanDetailRow, ScanRow,
    SkillRow, SkillState, Totals, UnsentScan, Waiting, WriteToken,
};

pub use skills::{History, Resolved, SkillPage};

use values::{detail, statement, text};

/// The database, in the words of the product.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a, D>(pub &'a D);
