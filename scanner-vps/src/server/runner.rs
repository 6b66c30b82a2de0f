//! The interface between the scan queue and whatever runs a scan.

use crate::scan::{ScanJob, ScanOutcome};
use serde_json::Value;

/// Runs scans. The server's tests bring a fake.
pub trait ScanRunner: Send + Sync + 'static {
    /// Runs one scan. Dropping the future aborts it and ends every process that it started.
    fn scan(&self, job: ScanJob) -> impl Future<Output = Result<ScanOutcome, ScanFailure>> + Send;

    /// The tools and their versions, for `GET /health`: a JSON object.
    fn tools(&self) -> Value;

    /// The name of the sandbox that the tools run in, for the callback.
    fn isolation(&self) -> Option<String>;
}

/// Why a scan ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct ScanFailure {
    /// For people. Holds no secret and no path of this machine.
    pub why: String,
    /// The failure is transient: the same scan may succeed later.
    pub is_transient: bool,
}

impl ScanFailure {
    /// A permanent failure.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_transient: false }
    }

    /// A transient failure.
    #[must_use]
    pub fn transient(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_transient: true }
    }
}
