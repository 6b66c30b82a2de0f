//! Runs the real scanner on a repository, with one provider.

use super::DetectionError;
use super::report::Report;
use crate::stack::RepoBuilder;
use crate::tools::ScannerTools;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// The provider that runs the scanner's own rules.
const PROVIDER: &str = "semgrep";
/// What a person would type before a command to keep it on the first core.
const ONE_CORE: [&str; 3] = ["taskset", "-c", "0"];

/// The scanner with its tools.
#[derive(Debug, Clone)]
pub struct Scanner {
    /// Its program.
    pub binary: PathBuf,
    /// What it runs.
    pub tools: ScannerTools,
    /// Whether it and its tool get one core only.
    pub on_one_core: bool,
}

impl Scanner {
    /// Scans a repository's newest commit.
    ///
    /// # Errors
    /// When the repository cannot be made or the scanner gives no result.
    pub fn scan(&self, repo: &RepoBuilder) -> Result<Report, DetectionError> {
        let dir = tempfile::tempdir().map_err(DetectionError::Start)?;
        let repository = repo.write(dir.path(), "samples", "skills")?;
        let mut words: Vec<OsString> = Vec::new();
        if self.on_one_core {
            words.extend(ONE_CORE.map(Into::into));
        }
        words.push(self.binary.clone().into());
        words.extend(["scan", "--format", "json", "--provider", PROVIDER].map(Into::into));
        words.push(repository.path.into());
        let mut words = words.into_iter();
        let mut scan = Command::new(words.next().unwrap_or_default());
        scan.args(words)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", dir.path())
            .env("SEMGREP_BIN", &self.tools.semgrep.path)
            .current_dir(dir.path());
        let output = scan.output().map_err(DetectionError::Start)?;
        Report::parse(&output.stdout).ok_or_else(|| {
            let said = [output.stdout, output.stderr].concat();
            DetectionError::NoResult { said: String::from_utf8_lossy(&said).trim().to_owned() }
        })
    }
}
