//! Fetching one commit, or its history, into a bare repository of our own.
//!
//! A repository on this machine is fetched the same way, through `upload-pack`: git documents that
//! way alone as safe for a repository whose configuration is hostile (its `fsmonitor`, `hooks`,
//! `packObjectsHook` are not obeyed). git's refusal of a repository that belongs to another user
//! stays in force, with no `safe.directory` around it, since older versions rely on it.

use super::{
    GitError, GitProgram, Limits, Source,
    args::{self, Transport},
    fsck::{self, Check},
    lazy_blobs::LazyBlobs,
    program::READ_TIMEOUT,
    retry::Retries,
    transfer::Transfer,
};
use crate::exec::{self, Finished};
use skillgate_contract::CommitSha;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// How much of the history is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The one commit.
    One,
    /// The commit and all that leads to it.
    History,
}

/// When blobs are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blobs {
    /// With the commit, all but those of more than 10 MB.
    AtOnce,
    /// Those that are asked for, by [`blobs`](super::blobs) and [`history`](super::history).
    AsNeeded,
    /// As `AtOnce`, where the commit is here without them.
    Again,
}

/// What is fetched.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Which commit; without it, HEAD.
    pub commit: Option<&'a CommitSha>,
    /// How much of its history.
    pub depth: Depth,
    /// Whether all of it will be read, or some files only, which are then fetched as needed.
    pub whole: bool,
}

/// A commit in a bare repository of our own.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The repository.
    pub git_dir: PathBuf,
    /// The commit, as `git rev-parse` says in that very repository.
    pub commit: CommitSha,
    /// Why the history that was asked for is not there, or not whole.
    pub history_note: Option<String>,
    /// Where the blobs are to be had that did not come with the commit.
    pub(super) lazy_blobs: Option<Arc<LazyBlobs>>,
}

impl Fetched {
    /// Whether this blob stayed away because the limit on all blobs together was reached.
    #[must_use]
    pub fn is_beyond(&self, oid: &str) -> bool {
        self.lazy_blobs.as_ref().is_some_and(|lazy_blobs| lazy_blobs.is_beyond(oid))
    }
}

/// How a commit is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FetchOptions {
    pub(super) depth: Depth,
    pub(super) blobs: Blobs,
    pub(super) check: Check,
}

impl FetchOptions {
    /// The options to fetch with after this error: blobs as they are needed, a check after the fetch
    /// that lets known harmless faults pass, or the one commit alone. `None` where nothing else would help.
    fn fallback_after(self, error: &GitError) -> Option<Self> {
        let size = matches!(error, GitError::TooLarge { .. } | GitError::TimedOut { .. });
        // A host that gathers hundreds of megabytes may be silent for too long.
        let slow = matches!(error, GitError::TooSlow { .. });
        let old = matches!(error, GitError::Malformed { .. } | GitError::Lacking);
        match self {
            Self { blobs: Blobs::AtOnce, .. } if size || slow => {
                Some(Self { blobs: Blobs::AsNeeded, ..self })
            }
            Self { check: Check::OnArrival, .. } if matches!(error, GitError::Malformed { .. }) => {
                Some(Self { check: Check::Afterwards, ..self })
            }
            Self { depth: Depth::History, .. } if size || old => {
                Some(Self { depth: Depth::One, ..self })
            }
            _ => None,
        }
    }
}

/// Fetches a commit into a new folder below `into`, which must exist. What the host cannot answer for a
/// moment is tried again within the limits on time.
///
/// # Errors
/// See [`GitError`]. Nothing that was fetched is left behind then.
pub async fn fetch(
    git: &GitProgram,
    source: &Source,
    wanted: &Wanted<'_>,
    into: &Path,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let transfer = Transfer::new(git, source, into)?;
    // All tries and all ways together, and the blobs that are fetched later.
    let end = Instant::now() + limits.wall + limits.history_wall;
    let blobs = if wanted.whole { Blobs::AtOnce } else { Blobs::AsNeeded };
    let mut options = FetchOptions { depth: wanted.depth, blobs, check: Check::OnArrival };
    let mut note = None;
    let outcome = loop {
        match fetch_with_retries(git, &transfer, wanted.commit, options, end, limits).await {
            Ok(fetched) => break Ok(fetched),
            Err(error) => match options.fallback_after(&error) {
                Some(next) => {
                    if next.depth != options.depth {
                        note = Some(format!("the history was not read: {error}"));
                    }
                    options = next;
                }
                None => break Err(error),
            },
        }
    };
    let fetched = match outcome {
        Ok(fetched) => fetched,
        Err(error) => {
            let _ = fs::remove_dir_all(&transfer.git_dir);
            return Err(error);
        }
    };
    let history_note = note.or(fetched.history_note);
    let as_needed = options.blobs == Blobs::AsNeeded;
    let commit = fetched.commit.clone();
    let lazy_blobs =
        as_needed.then(|| Arc::new(LazyBlobs::new(transfer, commit, options, end, limits)));
    Ok(Fetched { history_note, lazy_blobs, ..fetched })
}

/// One way, with its tries.
async fn fetch_with_retries(
    git: &GitProgram,
    transfer: &Transfer,
    commit: Option<&CommitSha>,
    options: FetchOptions,
    end: Instant,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let wall = match options.depth {
        Depth::One => limits.wall,
        Depth::History => limits.history_wall,
    };
    let end = end.min(Instant::now() + wall);
    let mut retries = Retries::until(end, limits);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match fetch_once(git, transfer, commit, options, left, limits).await {
            Err(GitError::TimedOut { .. }) => {
                return Err(GitError::TimedOut { seconds: wall.as_secs() });
            }
            Err(error @ GitError::TooSlow { .. }) if options.blobs == Blobs::AtOnce => {
                return Err(error);
            }
            Err(error) => retries.wait_after(error).await?,
            Ok(fetched) => return Ok(fetched),
        }
    }
}

async fn fetch_once(
    git: &GitProgram,
    transfer: &Transfer,
    commit: Option<&CommitSha>,
    options: FetchOptions,
    wall: Duration,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let git_dir = &transfer.git_dir;
    for folder in [git_dir, &transfer.home] {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(GitError::io(folder))?;
        }
        fs::create_dir_all(folder).map_err(GitError::io(folder))?;
    }
    let init =
        git.job(transfer.transport, &transfer.home, args::init_args(transfer.transport, git_dir));
    success("init", &exec::run(init).await?)?;

    let want = commit.map_or("HEAD", CommitSha::as_str);
    let fetched = transfer.get(git, commit, want, options, wall, limits.pack_bytes).await;
    if let Err(GitError::Empty) = fetched {
        return Err(without_head(git, transfer).await);
    }
    fetched?;
    let got = commit_of(git, git_dir, commit).await?;
    if options.check == Check::Afterwards {
        fsck::check(git, git_dir, &got).await?;
    }
    let shallow = options.depth == Depth::History && git_dir.join("shallow").exists();
    let history_note = shallow.then(|| "the source holds only a part of its history".to_owned());
    Ok(Fetched { git_dir: git_dir.clone(), commit: got, history_note, lazy_blobs: None })
}

/// The commit that was fetched, where it is the one that was asked for.
async fn commit_of(
    git: &GitProgram,
    git_dir: &Path,
    asked: Option<&CommitSha>,
) -> Result<CommitSha, GitError> {
    let Some(asked) = asked else { return rev_parse(git, git_dir).await };
    let args = args::reading_args(git_dir, ["cat-file", "-t", asked.as_str()]);
    let done = git.read(git_dir, args, None, 1000).await?;
    let not = |kind| GitError::NotACommit { asked: asked.clone(), kind };
    match done.stdout.trim_ascii() {
        b"tree" => return Err(not("folder's tree")),
        b"blob" => return Err(not("file's blob")),
        b"tag" => {
            return Err(rev_parse(git, git_dir).await.map_or_else(
                |_| not("tag of something that is no commit"),
                |commit| GitError::Tag { tag: asked.clone(), commit },
            ));
        }
        _ => {}
    }
    let got = rev_parse(git, git_dir).await?;
    if got == *asked {
        Ok(got)
    } else {
        Err(GitError::OtherCommit { asked: asked.clone(), got: got.to_string() })
    }
}

/// Why a source gives no HEAD: it has no branch, another branch, or is no git host at all. A host that
/// answers with anything else than git's packets is taken by git for one with an empty list.
async fn without_head(git: &GitProgram, transfer: &Transfer) -> GitError {
    let args = args::ls_remote_args(transfer.transport, &transfer.git_dir, &transfer.url);
    let (mut job, _egress) = match transfer.job(git, args, READ_TIMEOUT, 0) {
        Ok(started) => started,
        Err(error) => return error,
    };
    job.env.push(("GIT_TRACE_PACKET".into(), "1".into()));
    let Ok(done) = exec::run_cut(job).await else { return GitError::Empty };
    let spoke_git = done.stderr_tail.contains("packet:");
    match done.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() {
        0 if !spoke_git && transfer.transport != Transport::File && done.code == Some(0) => {
            GitError::NotAGitHost { url: transfer.shown.clone() }
        }
        0 => GitError::Empty,
        1 => GitError::HeadGone { branches: "a branch".into() },
        many => GitError::HeadGone { branches: format!("{many} branches") },
    }
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

#[cfg(test)]
mod host_tests;
#[cfg(test)]
mod tests;
