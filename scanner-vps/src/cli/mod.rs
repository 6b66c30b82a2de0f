//! The commands that end by themselves: `scan`, `rules` and `doctor` for people, `github matrix`, `github scan` and
//! `github report` for jobs of GitHub Actions.

pub mod args;
mod autorun;
pub mod deprecated;
pub mod doctor;
pub mod github_matrix;
pub mod github_report;
mod job;
mod plan;
mod result_file;
pub mod rules;
mod rules_pack;
mod sarif_file;
pub mod scan;
mod step_summary;
mod table;
mod terminal;

/// Exit code where a scan has no result or is INCOMPLETE, or where `doctor` finds something missing.
const EXIT_UNKNOWN: u8 = 2;
/// Exit code where a scan failed the skill.
const EXIT_FAIL: u8 = 1;
/// Exit code where a result could not be delivered in time. A failure must not be reported in its place:
/// the worker starts another attempt of a scan that it heard nothing of.
const EXIT_UNDELIVERED: u8 = 3;

/// The folder for scratch files of the command line: `SCANNER_WORK_DIR`, else the system's temporary folder.
fn work_dir() -> std::path::PathBuf {
    std::env::var_os("SCANNER_WORK_DIR")
        .filter(|folder| !folder.is_empty())
        .map_or_else(std::env::temp_dir, std::path::PathBuf::from)
}

/// The output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people: a table.
    #[default]
    Table,
    /// For programs: JSON.
    Json,
}
