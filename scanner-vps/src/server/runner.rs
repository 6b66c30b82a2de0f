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

/// Why nothing was learnt, for people. Holds no secret and no path of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScanFailure(pub String);
