//! The arguments of the commands that scan.

use super::Format;
use skillgate_contract::{CommitSha, Provider, SkillPath};
use std::path::PathBuf;

/// What to scan.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanArgs {
    /// A repository's https URL, or the folder of a git repository on this machine.
    #[arg(value_name = "REPO-URL-OR-PATH", required_unless_present = "job")]
    pub repository: Option<String>,
    /// Take repository, commit and folder from the event of this GitHub Actions run.
    #[arg(long, conflicts_with_all = ["repository", "commit", "path"])]
    pub job: bool,
    /// semgrep, njsscan or trufflehog; may be given more than once. Without it: all three.
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Vec<Provider>,
    /// The commit to scan, all 40 digits. Without it: the repository's HEAD.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<CommitSha>,
    /// The folder of the skill, where the repository holds many: only that folder decides.
    #[arg(long, value_name = "FOLDER")]
    pub path: Option<SkillPath>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Minutes that one tool may run.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=120))]
    pub timeout: u64,
    /// Also write what became of the scans as JSON, for `report`: one object, or a list of them where
    /// there is more than one provider (with --job: never).
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write the findings as SARIF 2.1.0, with a run for each provider.
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// With --job and one provider: report start and end to the worker.
    #[arg(long, requires = "job")]
    pub callback: bool,
}

impl ScanArgs {
    pub(super) fn hands_over(&self) -> bool {
        self.out.is_some() || self.sarif.is_some() || self.callback
    }
}
