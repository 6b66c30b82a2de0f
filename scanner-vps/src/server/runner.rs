//! What the server asks of whatever runs the scans.

use crate::scan::{ScanJob, ScanOutcome};
use serde_json::Value;

/// Runs scans. The server's tests bring their own.
pub trait ScanRunner: Send + Sync + 'static {
    /// Runs one scan. Dropping the future ends it and everything that it started.
    fn scan(&self, job: ScanJob) -> impl Future<Output = Result<ScanOutcome, ScanFailure>> + Send;

    /// The tools and their versions, for `GET /health`: a JSON object.
    fn tools(&self) -> Value;

    /// How the tools are fenced in, for the report.
    fn isolation(&self) -> Option<String>;
}

/// Why nothing was learnt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ScanFailure {
    /// For people. Holds no secret and no path of this machine.
    pub why: String,
    /// The same scan may succeed later, with nothing changed by anybody.
    pub may_pass: bool,
}

impl ScanFailure {
    /// A failure that stays.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), may_pass: false }
    }

    /// A failure that may be over in a moment.
    #[must_use]
    pub fn passing(why: impl Into<String>) -> Self {
        Self { why: why.into(), may_pass: true }
    }
}
