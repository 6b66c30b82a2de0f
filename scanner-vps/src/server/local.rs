//! The runner that scans with the tools of this machine.

use super::runner::{ScanFailure, ScanRunner};
use crate::{
    exec,
    scan::{self, Limits, ScanJob, ScanOutcome},
    tools::{Toolbox, version},
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

/// Scans with the tools of this machine.
#[derive(Debug)]
pub struct LocalScanner {
    toolbox: Arc<Toolbox>,
    limits: Limits,
    versions: Arc<OnceLock<Value>>,
}

impl LocalScanner {
    /// A runner that starts these tools within these limits.
    #[must_use]
    pub fn new(toolbox: Toolbox, limits: Limits) -> Self {
        Self { toolbox: Arc::new(toolbox), limits, versions: Arc::default() }
    }

    /// Asks the tools for their versions, in the background: the first start of some takes seconds.
    pub(super) fn ask_versions(&self) {
        let (toolbox, versions) = (Arc::clone(&self.toolbox), Arc::clone(&self.versions));
        let work_dir = self.limits.work_dir.clone();
        tokio::spawn(async move {
            let _ = versions.set(version::of_all(&toolbox, &work_dir).await);
        });
    }
}

impl ScanRunner for LocalScanner {
    async fn scan(&self, job: ScanJob) -> Result<ScanOutcome, ScanFailure> {
        scan::scan(&job, &self.toolbox, &self.limits, &|_| {})
            .await
            .map_err(|e| ScanFailure { why: e.to_string(), is_transient: e.is_transient() })
    }

    fn tools(&self) -> Value {
        if let Some(versions) = self.versions.get() {
            return versions.clone();
        }
        let programs = self.toolbox.programs();
        let found = programs.map(|(program, path)| {
            (program.name.to_owned(), json!({"found": path.found().is_ok()}))
        });
        found.collect::<Map<_, _>>().into()
    }

    fn isolation(&self) -> Option<String> {
        Some(exec::ISOLATION.to_owned())
    }
}
