//! The runner that really scans, on this machine.

use super::runner::{ScanFailure, ScanRunner};
use crate::{
    scan::{self, Limits, ScanJob, ScanOutcome},
    tools::{ToolPath, Toolbox},
};
use serde_json::{Value, json};

/// Scans with the tools of this machine.
#[derive(Debug)]
pub struct LocalScanner {
    toolbox: Toolbox,
    limits: Limits,
}

impl LocalScanner {
    /// A runner with these tools and limits.
    #[must_use]
    pub const fn new(toolbox: Toolbox, limits: Limits) -> Self {
        Self { toolbox, limits }
    }
}

impl ScanRunner for LocalScanner {
    async fn scan(&self, job: ScanJob) -> Result<ScanOutcome, ScanFailure> {
        scan::scan(&job, &self.toolbox, &self.limits, &|_| {})
            .await
            .map_err(|e| ScanFailure(e.to_string()))
    }

    fn tools(&self) -> Value {
        let found = |path: &ToolPath| json!({"found": path.found().is_ok()});
        json!({
            "git": found(&self.toolbox.git),
            "semgrep": found(&self.toolbox.semgrep),
            "njsscan": found(&self.toolbox.njsscan),
            "trufflehog": found(&self.toolbox.trufflehog),
        })
    }

    fn isolation(&self) -> Option<String> {
        // The tools run as this user, in process groups of their own with an empty environment.
        Some("none".to_owned())
    }
}
