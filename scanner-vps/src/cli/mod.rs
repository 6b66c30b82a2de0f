//! The commands that end by themselves: `scan` and `doctor` for people, `github matrix`, `github scan` and
//! `github report` for jobs of GitHub Actions.

pub mod args;
pub mod doctor;
pub mod github_matrix;
pub mod github_report;
mod job;
mod plan;
mod result_file;
mod sarif_file;
pub mod scan;
mod step_summary;
mod table;
mod terminal;

/// Exit code where nothing could be concluded, or the tools are not in order.
const EXIT_UNKNOWN: u8 = 2;
/// Exit code where a scan failed the skill.
const EXIT_FAIL: u8 = 1;
/// Exit code where a result is good and nobody was there to take it in time. It is not to be replaced by
/// a failure: the worker asks again for what it has not heard of.
const EXIT_UNDELIVERED: u8 = 3;

/// Where scans of the command line work: `SCANNER_WORK_DIR`, else the system's temporary folder.
fn work_dir() -> std::path::PathBuf {
    std::env::var_os("SCANNER_WORK_DIR")
        .filter(|folder| !folder.is_empty())
        .map_or_else(std::env::temp_dir, std::path::PathBuf::from)
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}
