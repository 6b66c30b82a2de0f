//! One fetch from a repository into a bare repository of our own, within limits of time and size.

use super::{
    GitError, GitProgram, MB, Source,
    args::{self, Transport},
    clone::FetchOptions,
    egress::{Destination, Egress, EgressLimits},
    failure::classify,
};
use crate::exec::{self, ExecError, Run};
use skillgate_contract::CommitSha;
use std::{
    collections::HashSet,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::sleep;

/// How often the size of what is being fetched is looked at.
const SIZE_POLL: Duration = Duration::from_millis(100);

/// The two ends of a fetch.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) transport: Transport,
    pub(super) url: OsString,
    pub(super) shown: String,
    pub(super) git_dir: PathBuf,
    pub(super) home: PathBuf,
    /// The host and port of a repository that is not on this machine.
    pub(super) destination: Option<Destination>,
}

impl Transfer {
    pub(super) fn new(git: &GitProgram, source: &Source, into: &Path) -> Result<Self, GitError> {
        let mut destination = None;
        let (transport, url, shown) = match source {
            Source::Remote(repo) => {
                let private = git.private_hosts.as_ref().is_some_and(|hosts| hosts.allows(repo));
                destination = Some(Destination::of(repo, private));
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
        let (git_dir, home) = (into.join("repo"), into.join("home"));
        Ok(Self { transport, url, shown, git_dir, home, destination })
    }

    /// A command that asks the source, with its way to the network, which is open as long as that is kept.
    pub(super) fn job(
        &self,
        git: &GitProgram,
        args: Vec<OsString>,
        wall: Duration,
        room: u64,
    ) -> Result<(Run, Option<Egress>), GitError> {
        let mut job = Run { timeout: wall, ..git.job(self.transport, &self.home, args) };
        let Some(destination) = self.destination.clone() else { return Ok((job, None)) };
        let egress = Egress::start(destination, EgressLimits::of(room, wall)).map_err(|error| {
            GitError::Unavailable {
                url: self.shown.clone(),
                reason: format!("no port of loopback for git's proxy: {error}"),
            }
        })?;
        job.env.extend(args::proxy_environment(egress.url()));
        Ok((job, Some(egress)))
    }

    /// Fetches a commit in one way.
    pub(super) async fn get(
        &self,
        git: &GitProgram,
        commit: Option<&CommitSha>,
        want: &str,
        options: FetchOptions,
        wall: Duration,
        room: u64,
    ) -> Result<(), GitError> {
        let FetchOptions { depth, blobs, check } = options;
        let (transport, dir) = (self.transport, &self.git_dir);
        let args = args::fetch_args(transport, dir, &self.url, want, depth, blobs, check);
        self.run(git, commit, args, None, wall, room).await
    }

    /// Runs a fetch into the repository, which may grow by `room` bytes.
    pub(super) async fn run(
        &self,
        git: &GitProgram,
        commit: Option<&CommitSha>,
        args: Vec<OsString>,
        stdin: Option<Vec<u8>>,
        wall: Duration,
        room: u64,
    ) -> Result<(), GitError> {
        let (job, egress) = self.job(git, args, wall, room)?;
        let job = Run { stdin, ..job };
        let most = size_of(&self.git_dir).unwrap_or_default().saturating_add(room);
        let before = self.packs();
        let done = tokio::select! {
            done = exec::run(job) => Some(done),
            () = grown_beyond(&self.git_dir, most) => None,
        };
        let refused = egress.as_ref().map_or(0, Egress::refused);
        if refused > 0 {
            tracing::warn!(event = "egress.refused", connections = refused, "{}", self.shown);
        }
        let fetched = match done {
            None => {
                // It was ended just now, perhaps in the middle of naming what it had finished.
                sleep(SIZE_POLL).await;
                Err(GitError::TooLarge { limit_mb: room / MB })
            }
            Some(Err(ExecError::TimedOut { seconds, .. })) => Err(GitError::TimedOut { seconds }),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(done)) if done.code != Some(0) => {
                let said = classify(self.transport, &self.shown, commit, &done.stderr_tail);
                Err(match egress.as_ref().and_then(Egress::failure) {
                    Some(failure) => failure.explain(&self.shown, room / MB, said),
                    None => said,
                })
            }
            // It came faster than it was looked at.
            Some(Ok(_)) if size_of(&self.git_dir).unwrap_or(u64::MAX) > most => {
                Err(GitError::TooLarge { limit_mb: room / MB })
            }
            Some(Ok(_)) => Ok(()),
        };
        if fetched.is_err() {
            for new in self.packs().difference(&before) {
                let _ = fs::remove_file(new);
            }
        }
        // Our own configuration takes the place of the one that the fetch wrote: with no promisor
        // remote in it, a blob that is not here is missing, and never fetched by another command.
        let config = self.git_dir.join("config");
        let plain = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
        fs::write(&config, plain).map_err(GitError::io(&config))?;
        fetched
    }

    /// The files of what was fetched so far.
    fn packs(&self) -> HashSet<PathBuf> {
        let entries = fs::read_dir(self.git_dir.join("objects/pack"));
        entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    }
}

/// A folder with a repository in it, or a bare repository; never a bundle file.
fn is_repository(path: &Path) -> bool {
    let bare = || ["HEAD", "objects", "refs"].iter().all(|part| path.join(part).exists());
    path.is_dir() && (path.join(".git").exists() || bare())
}

/// Ends when the folder holds more than `limit` bytes.
async fn grown_beyond(folder: &Path, limit: u64) {
    loop {
        sleep(SIZE_POLL).await;
        if size_of(folder).is_ok_and(|size| size > limit) {
            return;
        }
    }
}

pub(super) fn size_of(folder: &Path) -> io::Result<u64> {
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
mod tests {
    use super::*;

    #[tokio::test]
    async fn g24_a_pack_that_grows_beyond_the_limit_is_noticed_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("objects").join("tmp_pack");
        fs::create_dir_all(pack.parent().unwrap()).unwrap();
        fs::write(&pack, [0; 1_000]).unwrap();
        let in_time = SIZE_POLL * 10;
        let watch = |limit| tokio::time::timeout(in_time, grown_beyond(folder.path(), limit));
        assert!(watch(1_000).await.is_err(), "what fits is let alone");
        fs::write(&pack, [0; 1_001]).unwrap();
        assert!(watch(1_000).await.is_ok());
    }
}
