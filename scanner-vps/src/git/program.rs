//! The git program: finding it, its version, running it.

use super::{
    GitError,
    args::{Transport, environment},
};
use crate::{
    exec::{self, Cut, Finished, Run},
    program_path::program_on_path,
};
use skillgate_contract::{HostPolicy, text};
use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Wall clock of one command that reads a repository of our own.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A git program to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitProgram {
    /// Its absolute path.
    pub program: PathBuf,
    /// The hosts that may have private addresses: the setting `SCANNER_PRIVATE_REPO_HOSTS`.
    pub private_hosts: Option<HostPolicy>,
}

impl GitProgram {
    /// The git at this absolute path.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), private_hosts: None }
    }

    /// The same, with hosts that may have private addresses.
    #[must_use]
    pub fn with_private_hosts(self, private_hosts: Option<HostPolicy>) -> Self {
        Self { private_hosts, ..self }
    }

    /// The first git in a list of folders, as the variable PATH holds one.
    #[must_use]
    pub fn find(path: &OsStr) -> Option<Self> {
        program_on_path("git", path).map(Self::new)
    }

    /// Which git this is.
    ///
    /// # Errors
    /// It cannot be run, or does not say a version.
    pub async fn version(&self) -> Result<GitVersion, GitError> {
        let job = self.job(Transport::None, Path::new("/"), vec!["--version".into()]);
        let done = exec::run(job).await?;
        let said = String::from_utf8_lossy(&done.stdout);
        GitVersion::parse(&said).ok_or_else(|| GitError::failed("--version", &said))
    }

    pub(super) fn job(&self, transport: Transport, home: &Path, args: Vec<OsString>) -> Run {
        Run {
            program: self.program.clone(),
            arg0: None,
            args,
            env: environment(transport, home),
            cwd: home.into(),
            timeout: READ_TIMEOUT,
            max_stdout: 1024 * 1024,
            stdin: None,
            stderr_matcher: None,
        }
    }

    /// Runs a reading command and takes all of its output, at most `max` bytes.
    pub(super) async fn read(
        &self,
        git_dir: &Path,
        args: Vec<OsString>,
        stdin: Option<Vec<u8>>,
        max: usize,
    ) -> Result<Finished, GitError> {
        let job = self.job(Transport::None, git_dir, args);
        Ok(exec::run(Run { stdin, max_stdout: max, ..job }).await?)
    }

    /// Runs a reading command and takes the first `max` bytes of its output.
    pub(super) async fn read_cut(
        &self,
        git_dir: &Path,
        args: Vec<OsString>,
        max: usize,
    ) -> Result<Cut, GitError> {
        let job = self.job(Transport::None, git_dir, args);
        Ok(exec::run_cut(Run { max_stdout: max, ..job }).await?)
    }
}

/// A git version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitVersion {
    /// Major, minor and patch number.
    pub number: (u32, u32, u32),
    /// As git says it.
    pub text: String,
}

/// The releases with the fixes of July 2025 (CVE-2025-48384, -48385 and others), from git's
/// release notes.
const FIXED: [(u32, u32, u32); 8] = [
    (2, 43, 7),
    (2, 44, 4),
    (2, 45, 4),
    (2, 46, 4),
    (2, 47, 3),
    (2, 48, 2),
    (2, 49, 1),
    (2, 50, 1),
];

impl GitVersion {
    /// The oldest git that the scanner was tried with; it knows every flag in use.
    pub const MINIMUM: (u32, u32, u32) = (2, 39, 0);
    /// [`Self::MINIMUM`] as people write it.
    pub const MINIMUM_TEXT: &str = "2.39.0";

    /// Reads `git version 2.39.5 (…)`.
    #[must_use]
    pub fn parse(said: &str) -> Option<Self> {
        let text = text::line(said.trim().strip_prefix("git version ")?, 100);
        let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(str::parse);
        let mut next = || numbers.next()?.ok();
        let number = (next()?, next()?, next().unwrap_or(0));
        Some(Self { number, text })
    }

    /// Whether a scan may begin with it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.number >= Self::MINIMUM
    }

    /// Whether the known holes in fetching hostile repositories are closed by version alone.
    /// Distributions close them in older versions too, under the old number: no reason to refuse,
    /// one to say.
    #[must_use]
    pub fn is_fixed_by_number(&self) -> bool {
        let (major, minor, patch) = self.number;
        self.number >= (2, 50, 1)
            || FIXED.iter().any(|&(a, b, c)| (a, b) == (major, minor) && patch >= c)
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_what_is_closed_by_number() {
        for (said, number, fixed) in [
            ("git version 2.39.5\n", (2, 39, 5), false),
            ("git version 2.43.7", (2, 43, 7), true),
            ("git version 2.50.0", (2, 50, 0), false),
            ("git version 2.50.1 (Apple Git-155)", (2, 50, 1), true),
            ("git version 2.51.GIT", (2, 51, 0), true),
        ] {
            let version = GitVersion::parse(said).unwrap();
            assert_eq!((version.number, version.is_fixed_by_number()), (number, fixed), "{said}");
            assert!(version.is_usable());
        }
        assert!(!GitVersion::parse("git version 2.38.9").unwrap().is_usable());
        let least = format!("git version {}", GitVersion::MINIMUM_TEXT);
        assert_eq!(GitVersion::parse(&least).unwrap().number, GitVersion::MINIMUM);
        assert_eq!(GitVersion::parse("hub version 1"), None);
    }

    #[tokio::test]
    async fn the_git_on_this_machine_says_its_version() {
        let git = GitProgram::find(&std::env::var_os("PATH").unwrap()).unwrap();
        assert!(git.version().await.unwrap().is_usable());
    }
}
