//! The three tools: how each is found, started, read and believed.
//!
//! Each tool has one file with pure `args`, `parse` and `judge` and a thin `run`. A
//! [`ToolReport`] says what was learnt and how much was read; a [`ToolError`] that nothing was
//! learnt. A tool that says "nothing found" proves nothing: each run must bring back planted
//! positives ([`coverage`]) and each file its canary.

pub mod context;
pub mod coverage;
pub mod dedup;
mod error;
pub mod njsscan;
pub mod output;
pub mod overrides;
mod place;
pub mod rules;
pub mod semgrep;
pub mod severity;
mod start;
mod toolbox;
pub mod trufflehog;
pub mod version;

#[cfg(test)]
pub(crate) mod testcopy;

pub use error::ToolError;
pub use start::{ToolDirs, environment};
pub use toolbox::{Requirement, ToolPath, ToolSettings, Toolbox};

pub(crate) use coverage::{FileGaps, all_planted, content_ends};
pub(crate) use start::{brief, in_words, start};

use crate::neutral::NeutralCopy;
use skillgate_contract::{
    Finding, Provider,
    callback::{FileNote, Tool},
};
use std::time::Duration;

/// What one tool found, and how much it proved to have read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolReport {
    /// Everything found, at its place in the repository.
    pub findings: Vec<Finding>,
    /// What one rule found more often in one file than counts.
    pub repeats: Vec<dedup::Repeat>,
    /// Files of the repository that were read. With njsscan none is a result too, where a
    /// repository holds no code for Node.js: its planted positives show that it ran.
    pub files_scanned: u64,
    /// Files that no parser could take whole.
    pub text_rules_only: Vec<FileNote>,
    /// Files that nothing could read: not complete.
    pub unscanned: Vec<FileNote>,
    /// Why the run is not complete, beside the files.
    pub problems: Vec<String>,
    /// What ran.
    pub tool: Tool,
}

/// Runs one tool over a copy.
///
/// # Errors
/// Nothing was learnt.
pub async fn run(
    provider: Provider,
    toolbox: &Toolbox,
    copy: &NeutralCopy,
    work: &ToolDirs,
    root: Option<&str>,
    wall: Duration,
) -> Result<ToolReport, ToolError> {
    match provider {
        Provider::Semgrep => semgrep::run(toolbox, copy, work, root, wall).await,
        Provider::Njsscan => njsscan::run(toolbox, copy, work, root, wall).await,
        Provider::Trufflehog => trufflehog::run(toolbox, copy, work, wall).await,
    }
}
