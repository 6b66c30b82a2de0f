//! The arguments of the commands that scan.

use super::Format;
use skillgate_contract::{CommitSha, Provider, SkillPath};
use std::path::PathBuf;

/// The arguments of `scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanArgs {
    /// A repository's https URL, or the folder of a git repository on this machine.
    #[arg(value_name = "REPO-URL-OR-PATH", required_unless_present = "job")]
    pub repository: Option<String>,
    /// The old form of `github scan`.
    #[arg(long, hide = true, conflicts_with_all = ["repository", "commit", "path"])]
    pub job: bool,
    /// The commit to scan, all 40 digits. Without it: the repository's HEAD.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<CommitSha>,
    /// The folder of the skill, where the repository holds many: only that folder decides.
    #[arg(long, value_name = "FOLDER")]
    pub path: Option<SkillPath>,
    /// The old form of `github scan --callback`.
    #[arg(long, hide = true, conflicts_with_all = ["repository", "commit", "path"])]
    pub callback: bool,
    /// What `scan` and `github scan` have in common.
    #[command(flatten)]
    pub options: ScanOptions,
}

/// The arguments of `github scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct GithubScanArgs {
    /// With one provider: report start and end to the worker.
    #[arg(long)]
    pub callback: bool,
    /// What `scan` and `github scan` have in common.
    #[command(flatten)]
    pub options: ScanOptions,
}

/// The options of `scan` and `github scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanOptions {
    /// The provider, such as semgrep; may be given more than once. Without it: all of them.
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Vec<Provider>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Minutes that one tool may run.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=120))]
    pub timeout: u64,
    /// Also write the results as JSON, for `github report`: one object, or a list of them where there is
    /// more than one provider (`github scan`: never).
    #[arg(long, value_name = "FILE")]
    result_file: Option<PathBuf>,
    /// Also write the findings as SARIF 2.1.0, with a run for each provider.
    #[arg(long, value_name = "FILE")]
    sarif_file: Option<PathBuf>,
    /// The old name of `--result-file`.
    #[arg(long, hide = true, value_name = "FILE", conflicts_with = "result_file")]
    pub(super) out: Option<PathBuf>,
    /// The old name of `--sarif-file`.
    #[arg(long, hide = true, value_name = "FILE", conflicts_with = "sarif_file")]
    pub(super) sarif: Option<PathBuf>,
}

impl ScanOptions {
    /// `--result-file`, or `--out`.
    pub(super) const fn result_file(&self) -> Option<&PathBuf> {
        match &self.result_file {
            Some(file) => Some(file),
            None => self.out.as_ref(),
        }
    }

    /// `--sarif-file`, or `--sarif`.
    pub(super) const fn sarif_file(&self) -> Option<&PathBuf> {
        match &self.sarif_file {
            Some(file) => Some(file),
            None => self.sarif.as_ref(),
        }
    }
}

impl ScanArgs {
    /// Whether the result goes anywhere but to the terminal.
    pub(super) const fn hands_over(&self) -> bool {
        self.options.result_file().is_some() || self.options.sarif_file().is_some() || self.callback
    }
}

impl From<GithubScanArgs> for ScanArgs {
    fn from(args: GithubScanArgs) -> Self {
        let GithubScanArgs { callback, options } = args;
        Self { repository: None, job: true, commit: None, path: None, callback, options }
    }
}
