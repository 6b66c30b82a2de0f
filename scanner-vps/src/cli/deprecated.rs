//! Old names of commands and options, which are accepted for one more release.

use super::args::{ScanArgs, ScanOptions};

/// An old name that was used, and the one that replaces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldName {
    old: &'static str,
    replacement: &'static str,
}

impl OldName {
    /// `event`.
    pub const EVENT: Self = Self { old: "event", replacement: "github matrix" };
    /// `report`.
    pub const REPORT: Self = Self { old: "report", replacement: "github report" };
    const JOB: Self = Self { old: "scan --job", replacement: "github scan" };
    const OUT: Self = Self { old: "--out", replacement: "--result-file" };
    const SARIF: Self = Self { old: "--sarif", replacement: "--sarif-file" };

    /// Logs the event `command.deprecated`.
    pub fn log(self) {
        tracing::warn!(
            event = "command.deprecated",
            command = self.old,
            replacement = self.replacement,
            "the next release does not accept the old name"
        );
    }
}

impl ScanArgs {
    /// The old names among the arguments of `scan`.
    #[must_use]
    pub fn old_names(&self) -> Vec<OldName> {
        let job = self.job.then_some(OldName::JOB);
        job.into_iter().chain(self.options.old_names()).collect()
    }
}

impl ScanOptions {
    /// The old names among the options.
    #[must_use]
    pub fn old_names(&self) -> Vec<OldName> {
        let out = self.out.as_ref().map(|_| OldName::OUT);
        let sarif = self.sarif.as_ref().map(|_| OldName::SARIF);
        out.into_iter().chain(sarif).collect()
    }
}
