//! Fetching one commit, or its history, into a bare repository of our own.
//!
//! A repository on this machine is fetched the same way, through `upload-pack`: git documents that
//! way alone as safe for a repository whose configuration is hostile (its `fsmonitor`, `hooks`,
//! `packObjectsHook` are not obeyed). git's refusal of a repository that belongs to another user
//! stays in force, with no `safe.directory` around it, since older versions rely on it.

use super::args::{self, Transport};
use super::{GitError, GitProgram, Limits, MB};
use crate::{
    exec::{self, ExecError, Finished, Run},
    scan::Source,
};
use skillgate_contract::CommitSha;
use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How often the size of what is being fetched is looked at.
const SIZE_POLL: Duration = Duration::from_millis(100);

/// How much of the history is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The one commit.
    One,
    /// The commit and all that leads to it.
    History,
}

/// A commit in a bare repository of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The repository.
    pub git_dir: PathBuf,
    /// The commit, as `git rev-parse` says in that very repository.
    pub commit: CommitSha,
    /// Why the history that was asked for is not there, or not whole.
    pub history_note: Option<String>,
}

/// Fetches a commit (without one: HEAD) into a new folder below `into`, which must exist.
///
/// # Errors
/// See [`GitError`]. Nothing that was fetched is left behind then.
pub async fn fetch(
    git: &GitProgram,
    source: &Source,
    commit: Option<&CommitSha>,
    depth: Depth,
    into: &Path,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let place = Place::new(source, into)?;
    let wall = match depth {
        Depth::One => limits.wall,
        Depth::History => limits.history_wall,
    };
    let outcome = match attempt(git, &place, commit, depth, wall, limits).await {
        Err(error) if depth == Depth::History && is_too_much(&error) => {
            attempt(git, &place, commit, Depth::One, limits.wall, limits).await.map(|fetched| {
                let note = format!("the history was not read: {error}");
                Fetched { history_note: Some(note), ..fetched }
            })
        }
        other => other,
    };
    if outcome.is_err() {
        let _ = fs::remove_dir_all(&place.git_dir);
    }
    outcome
}

/// What one commit alone may get around.
fn is_too_much(error: &GitError) -> bool {
    matches!(
        error,
        GitError::TooLarge { .. } | GitError::TimedOut { .. } | GitError::Malformed { .. }
    )
}

/// Where from and where to.
struct Place {
    transport: Transport,
    url: OsString,
    shown: String,
    git_dir: PathBuf,
    home: PathBuf,
}

impl Place {
    fn new(source: &Source, into: &Path) -> Result<Self, GitError> {
        let (transport, url, shown) = match source {
            Source::Remote(repo) => {
                (args::remote_transport(repo), repo.clone_url().into(), repo.to_string())
            }
            Source::Local(path) => {
                let shown = path.display().to_string();
                let path = path.canonicalize().map_err(GitError::io(path))?;
                if !is_repository(&path) {
                    return Err(GitError::NotARepository { path: shown });
                }
                (Transport::File, args::file_url(&path), shown)
            }
        };
        let into = into.canonicalize().map_err(GitError::io(into))?;
        Ok(Self { transport, url, shown, git_dir: into.join("repo"), home: into.join("home") })
    }
}

/// A folder with a repository in it, or a bare repository; never a bundle file.
fn is_repository(path: &Path) -> bool {
    let bare = || ["HEAD", "objects", "refs"].iter().all(|part| path.join(part).exists());
    path.is_dir() && (path.join(".git").exists() || bare())
}

async fn attempt(
    git: &GitProgram,
    place: &Place,
    commit: Option<&CommitSha>,
    depth: Depth,
    wall: Duration,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let git_dir = &place.git_dir;
    for folder in [git_dir, &place.home] {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(GitError::io(folder))?;
        }
        fs::create_dir_all(folder).map_err(GitError::io(folder))?;
    }
    let init = git.job(place.transport, &place.home, args::init_args(place.transport, git_dir));
    success("init", &exec::run(init).await?)?;

    let want = commit.map_or("HEAD", CommitSha::as_str);
    let fetch = args::fetch_args(place.transport, git_dir, &place.url, want, depth);
    let job = Run { timeout: wall, ..git.job(place.transport, &place.home, fetch) };
    let done = tokio::select! {
        done = exec::run(job) => done,
        () = grown_beyond(git_dir, limits.pack_bytes) => {
            return Err(GitError::TooLarge { limit_mb: limits.pack_bytes / MB });
        }
    };
    let done = match done {
        Err(ExecError::TimedOut { seconds, .. }) => return Err(GitError::TimedOut { seconds }),
        other => other?,
    };
    if done.code != Some(0) {
        return Err(explain(place, commit, &done.stderr_tail));
    }
    if size_of(git_dir).unwrap_or(u64::MAX) > limits.pack_bytes {
        return Err(GitError::TooLarge { limit_mb: limits.pack_bytes / MB });
    }

    // Our own configuration takes the place of the one that the fetch wrote: with no promisor
    // remote in it, a blob that the filter left out is missing, and never fetched later.
    let config = git_dir.join("config");
    let plain = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
    fs::write(&config, plain).map_err(GitError::io(&config))?;

    let got = rev_parse(git, git_dir).await?;
    if let Some(asked) = commit.filter(|asked| **asked != got) {
        return Err(GitError::OtherCommit { asked: asked.clone(), got: got.to_string() });
    }
    let shallow = depth == Depth::History && git_dir.join("shallow").exists();
    let history_note = shallow.then(|| "the source holds only a part of its history".to_owned());
    Ok(Fetched { git_dir: git_dir.clone(), commit: got, history_note })
}

async fn rev_parse(git: &GitProgram, git_dir: &Path) -> Result<CommitSha, GitError> {
    let args = args::reading_args(git_dir, ["rev-parse", "--verify", "FETCH_HEAD^{commit}"]);
    let done = git.read(git_dir, args, None, 1000).await?;
    success("rev-parse", &done)?;
    let said = String::from_utf8_lossy(&done.stdout);
    said.trim().parse().map_err(|_| GitError::failed("rev-parse", &said))
}

fn success(step: &'static str, done: &Finished) -> Result<(), GitError> {
    if done.code == Some(0) { Ok(()) } else { Err(GitError::failed(step, &done.stderr_tail)) }
}

/// What git's complaint means. The words are git's own, in its source language.
fn explain(place: &Place, commit: Option<&CommitSha>, stderr: &str) -> GitError {
    let says = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    if says(&["dubious ownership"]) {
        return GitError::NotOwned { path: place.shown.clone() };
    }
    if says(&["does not appear to be a git repository"]) {
        return GitError::NotARepository { path: place.shown.clone() };
    }
    if says(&["not our ref", "unadvertised object", "couldn't find remote ref"]) {
        return match commit {
            Some(commit) => GitError::CommitNotFound { commit: commit.clone() },
            None => GitError::Empty,
        };
    }
    if says(&["could not read Username", "Repository not found", "Authentication failed"])
        || (stderr.contains("repository '") && stderr.contains("' not found"))
    {
        return GitError::RepositoryNotFound { url: place.shown.clone() };
    }
    if says(&["fsck error", "error in object", "invalid index-pack output"]) {
        let GitError::Failed { message, .. } = GitError::failed("fetch", stderr) else {
            return GitError::failed("fetch", stderr);
        };
        return GitError::Malformed { message };
    }
    GitError::failed("fetch", stderr)
}

/// Ends when the folder holds more than `limit` bytes.
async fn grown_beyond(folder: &Path, limit: u64) {
    loop {
        tokio::time::sleep(SIZE_POLL).await;
        if size_of(folder).is_ok_and(|size| size > limit) {
            return;
        }
    }
}

fn size_of(folder: &Path) -> io::Result<u64> {
    let mut sum = 0u64;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // What vanishes while it is being looked at was one of git's temporary files.
        let Ok(meta) = fs::symlink_metadata(entry.path()) else { continue };
        let size = if meta.is_dir() { size_of(&entry.path()).unwrap_or(0) } else { meta.len() };
        sum = sum.saturating_add(size);
    }
    Ok(sum)
}

#[cfg(test)]
mod tests;
