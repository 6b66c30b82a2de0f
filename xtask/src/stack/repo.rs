//! Small git repositories made to measure: any bytes, any modes, fixed identity and dates, so that commits never differ.
//!
//! Made by `git fast-import` straight into a bare repository: no checkout, no hooks, nothing of the person's configuration.

use crate::files::{self, FileError};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const IDENTITY: &str = "Skillgate Tests <tests@example.invalid>";
/// The first commit's date: 2025-01-01, midnight. Each further one is a minute later.
const FIRST_COMMIT_SECONDS: u64 = 1_735_689_600;
const SECONDS_BETWEEN_COMMITS: u64 = 60;

/// Why a repository could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// git cannot be run.
    #[error("cannot run git; is it installed and on PATH?")]
    Start(#[source] io::Error),
    /// git refused.
    #[error("git {what} failed: {stderr}")]
    Git {
        /// The subcommand.
        what: &'static str,
        /// What it said.
        stderr: String,
    },
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A bare repository that can be served.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its folder.
    pub path: PathBuf,
    /// Its commits on `main`, oldest first, 40 hex digits each.
    pub commits: Vec<String>,
}

impl Repository {
    /// The newest commit, or nothing in an empty repository.
    #[must_use]
    pub fn head(&self) -> Option<&str> {
        self.commits.last().map(String::as_str)
    }
}

/// Collects changes and commits; [`RepoBuilder::write`] makes the repository.
#[derive(Debug, Clone, Default)]
pub struct RepoBuilder {
    changes: Vec<u8>,
    commits: Vec<(String, Vec<u8>)>,
}

impl RepoBuilder {
    /// A repository without commits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A plain file in the next commit, new or changed.
    #[must_use]
    pub fn file(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.entry("100644", path.as_ref(), content.as_ref())
    }

    /// A file that may be run.
    #[must_use]
    pub fn executable(self, path: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        self.entry("100755", path.as_ref(), content.as_ref())
    }

    /// A symbolic link to `target`, which may lead anywhere.
    #[must_use]
    pub fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry("120000", path.as_ref(), target.as_ref())
    }

    /// A submodule at `commit` (40 hex digits), which need not exist.
    #[must_use]
    pub fn submodule(mut self, path: impl AsRef<[u8]>, commit: &str) -> Self {
        self.change(format!("M 160000 {commit} ").as_bytes(), path.as_ref());
        self
    }

    /// Removes a file or folder in the next commit.
    #[must_use]
    pub fn delete(mut self, path: impl AsRef<[u8]>) -> Self {
        self.change(b"D ", path.as_ref());
        self
    }

    /// Ends the next commit; one without changes is fine.
    #[must_use]
    pub fn commit(mut self, message: &str) -> Self {
        let changes = std::mem::take(&mut self.changes);
        self.commits.push((message.to_owned(), changes));
        self
    }

    /// Makes the bare repository `<root>/<owner>/<name>.git`; changes after the last commit are not in it.
    ///
    /// # Errors
    /// When git is missing or refuses, as it does when there is a repository with other commits already.
    pub fn write(&self, root: &Path, owner: &str, name: &str) -> Result<Repository, RepoError> {
        let path = root.join(owner).join(format!("{name}.git"));
        files::create_dir(&path)?;
        run(
            "init",
            git(&path).args([
                "init",
                "--quiet",
                "--bare",
                "--initial-branch=main",
                "--template=",
                ".",
            ]),
            &[],
        )?;
        // What GitHub serves: any commit by its SHA, and partial clones.
        for (key, value) in
            [("uploadpack.allowAnySHA1InWant", "true"), ("uploadpack.allowFilter", "true")]
        {
            run("config", git(&path).args(["config", key, value]), &[])?;
        }
        let marks = path.join("skillgate-marks");
        let mut import = git(&path);
        import.args(["fast-import", "--quiet", "--date-format=raw"]);
        import.arg(format!("--export-marks={}", marks.display()));
        run("fast-import", &mut import, &self.stream())?;
        let commits = read_marks(&marks)?;
        Ok(Repository { path, commits })
    }

    fn entry(mut self, mode: &str, path: &[u8], content: &[u8]) -> Self {
        self.change(format!("M {mode} inline ").as_bytes(), path);
        data(&mut self.changes, content);
        self
    }

    fn change(&mut self, command: &[u8], path: &[u8]) {
        self.changes.extend_from_slice(command);
        self.changes.extend_from_slice(quoted(path).as_bytes());
        self.changes.push(b'\n');
    }

    /// The whole history in fast-import's language.
    fn stream(&self) -> Vec<u8> {
        let mut stream = Vec::new();
        let dates =
            (FIRST_COMMIT_SECONDS..).step_by(usize::try_from(SECONDS_BETWEEN_COMMITS).unwrap_or(1));
        for ((mark, date), (message, changes)) in (1..).zip(dates).zip(&self.commits) {
            let head = format!(
                "commit refs/heads/main\nmark :{mark}\nauthor {IDENTITY} {date} +0000\ncommitter {IDENTITY} {date} +0000\n"
            );
            stream.extend_from_slice(head.as_bytes());
            data(&mut stream, message.as_bytes());
            if mark > 1 {
                stream.extend_from_slice(format!("from :{}\n", mark - 1).as_bytes());
            }
            stream.extend_from_slice(changes);
        }
        stream.extend_from_slice(b"done\n");
        stream
    }
}

/// git, deaf to the configuration of this machine and its user.
pub(super) fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
        // Set while git itself runs this program, from a hook for instance.
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE");
    git
}

fn run(what: &'static str, command: &mut Command, input: &[u8]) -> Result<(), RepoError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(RepoError::Start)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ends early says why itself.
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().map_err(RepoError::Start)?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(RepoError::Git { what, stderr })
}

/// The commits by their marks, which count from 1; git leaves no file when there are none.
fn read_marks(marks: &Path) -> Result<Vec<String>, RepoError> {
    let Ok(text) = fs::read_to_string(marks) else {
        return Ok(Vec::new());
    };
    fs::remove_file(marks).map_err(files::failed("remove", marks))?;
    let mut commits: Vec<(u64, String)> = text
        .lines()
        .filter_map(|line| {
            let (mark, commit) = line.strip_prefix(':')?.split_once(' ')?;
            Some((mark.parse().ok()?, commit.to_owned()))
        })
        .collect();
    commits.sort();
    Ok(commits.into_iter().map(|(_, commit)| commit).collect())
}

fn data(stream: &mut Vec<u8>, content: &[u8]) {
    stream.extend_from_slice(format!("data {}\n", content.len()).as_bytes());
    stream.extend_from_slice(content);
    stream.push(b'\n');
}

/// A path as a C string: any byte can be in a name.
fn quoted(path: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in path {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> RepoBuilder {
        RepoBuilder::new()
            .file("SKILL.md", "# A skill\n")
            .executable("bin/run.sh", "#!/bin/sh\n")
            .symlink("link", "/etc/passwd")
            .file("a \"name\"\nof two lines", [0_u8, 255, 10])
            .commit("first")
            .delete("link")
            .submodule("lib", "1111111111111111111111111111111111111111")
            .commit("second")
    }

    fn show(repository: &Repository, args: &[&str]) -> String {
        let output = git(&repository.path).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn commits_are_the_same_wherever_they_are_made() {
        let one = tempfile::tempdir().unwrap();
        let two = tempfile::tempdir().unwrap();
        let one = sample().write(one.path(), "owner", "one").unwrap();
        let two = sample().write(two.path(), "owner", "two").unwrap();
        assert_eq!(one.commits, two.commits);
        assert_eq!(one.commits.len(), 2);
    }

    #[test]
    fn modes_names_and_deletions_arrive_as_given() {
        let root = tempfile::tempdir().unwrap();
        let repository = sample().write(root.path(), "owner", "repo").unwrap();
        let tree = |commit: &str| show(&repository, &["ls-tree", "-r", commit]);
        let first = tree(&repository.commits[0]);
        assert!(first.contains("120000 blob"), "{first}");
        assert!(first.contains("100755 blob") && first.contains("\tbin/run.sh"), "{first}");
        assert!(first.contains(r#""a \"name\"\nof two lines""#), "{first}");
        let second = tree("main");
        assert!(!second.contains("120000") && second.contains("160000 commit 1111"), "{second}");
        let head = show(&repository, &["log", "-1", "--format=%an <%ae> %ct %H"]);
        let expected = format!("{IDENTITY} 1735689660 {}\n", repository.head().unwrap());
        assert_eq!(head, expected);
    }

    #[test]
    fn repository_without_commits_has_no_head() {
        let root = tempfile::tempdir().unwrap();
        let repository = RepoBuilder::new().write(root.path(), "owner", "empty").unwrap();
        assert_eq!(repository.head(), None);
    }
}
