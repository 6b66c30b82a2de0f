//! Lazy fetches: blobs that did not come with the commit, by their object ids.
//!
//! A skill of two files may lie in a repository of hundreds of megabytes. Its commit and trees come
//! first, without blobs; whoever asks for a size or a content then gets the blob here. Only this module
//! fetches them, with the settings and limits of every other fetch: git's own way (a promisor remote,
//! from which any command fetches what it misses) is never configured.

use super::{
    Blobs, GitError, GitProgram, Limits, MB, args,
    clone::FetchOptions,
    fsck::{self, Check},
    retry::Retries,
    transfer::{Transfer, size_of},
};
use skillgate_contract::CommitSha;
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Blobs in one request: the first time, and at most.
const FIRST_BATCH: usize = 64;
const MAX_BATCH: usize = 1024;
/// One request may bring this part of what may be kept. Nobody says how large a blob is before it comes;
/// a batch that is larger is broken off and asked for in halves, until the blob behind it is alone.
const BATCH_PART: u64 = 6;
/// What is broken off costs time and traffic: in all, at most this many times what may be kept.
const WASTE: u64 = 2;

/// The source of blobs that are missing in a partial clone.
#[derive(Debug)]
pub(super) struct LazyBlobs {
    pub(super) transfer: Transfer,
    commit: CommitSha,
    options: FetchOptions,
    end: Instant,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What stays away because all together would be too much.
    beyond: HashSet<String>,
    /// What was asked for: it is here, or is larger than one blob may be.
    asked: HashSet<String>,
    wasted: u64,
    /// The host gives out no blob by its id: all came with the commit.
    whole: bool,
}

impl LazyBlobs {
    pub(super) fn new(
        transfer: Transfer,
        commit: CommitSha,
        options: FetchOptions,
        end: Instant,
        limits: &Limits,
    ) -> Self {
        Self { transfer, commit, options, end, limits: limits.clone(), state: Mutex::default() }
    }

    pub(super) fn is_beyond(&self, oid: &str) -> bool {
        self.state().beyond.contains(oid)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held cannot leave the sets half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches blobs that are missing here, in this order, as far as the limits go; each is asked for
    /// once. What does not come is larger than one blob may be, or [beyond](Self::is_beyond).
    ///
    /// # Errors
    /// The host failed, or gives out neither single blobs nor all of them within the limits.
    pub(super) async fn fetch(&self, git: &GitProgram, missing: &[&str]) -> Result<(), GitError> {
        let mut new = Vec::new();
        {
            let mut state = self.state();
            if state.whole {
                return Ok(());
            }
            for oid in missing {
                if state.asked.insert((*oid).to_owned()) {
                    new.push(*oid);
                }
            }
        }
        let (mut size, mut most) = (FIRST_BATCH, MAX_BATCH);
        let mut left = VecDeque::from(new);
        while !left.is_empty() {
            let batch: Vec<_> = left.iter().take(size).copied().collect();
            let room = self.room();
            if room == 0 {
                self.state().beyond.extend(left.drain(..).map(str::to_owned));
                break;
            }
            let held = self.held();
            match self.get(git, &batch, room).await {
                Ok(()) => {
                    left.drain(..batch.len());
                    // The next ones are probably of the same kind: no more than would fit.
                    let each = self.held().saturating_sub(held) / batch.len().max(1) as u64 + 1;
                    let fit = usize::try_from(room / 4 * 3 / each).unwrap_or(most);
                    size = (size * 2).min(most).min(fit).max(1);
                }
                Err(GitError::TooLarge { .. }) => {
                    self.state().wasted += room;
                    if batch.len() > 1 {
                        size = batch.len() / 2;
                        continue;
                    }
                    left.pop_front();
                    if room < self.limits.blob_bytes {
                        self.state().beyond.extend(batch.into_iter().map(str::to_owned));
                    }
                }
                // It takes too long over so many.
                Err(GitError::TooSlow { .. }) if batch.len() > 1 => {
                    most = batch.len().div_ceil(4);
                    size = most;
                }
                // It gives out what it advertises, and nothing by its id.
                Err(GitError::Empty | GitError::CommitNotFound { .. }) => {
                    return self.get_whole(git).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Bytes that are here.
    fn held(&self) -> u64 {
        size_of(&self.transfer.git_dir).unwrap_or(u64::MAX)
    }

    /// Bytes that the next request may bring.
    fn room(&self) -> u64 {
        let waste = self.limits.pack_bytes.saturating_mul(WASTE);
        if self.state().wasted >= waste {
            return 0;
        }
        // One blob of the largest allowed size must fit, with what a pack has around it.
        let most = (self.limits.pack_bytes / BATCH_PART)
            .max(self.limits.blob_bytes.saturating_add(MB / 10));
        self.limits.pack_bytes.saturating_sub(self.held()).min(most)
    }

    async fn get(&self, git: &GitProgram, oids: &[&str], room: u64) -> Result<(), GitError> {
        let question: String = oids.iter().flat_map(|oid| [oid, "\n"]).collect();
        let mut retries = Retries::until(self.end, &self.limits);
        loop {
            let transfer = &self.transfer;
            let args = args::fetch_ids_args(transfer.transport, &transfer.git_dir, &transfer.url);
            let input = Some(question.clone().into_bytes());
            match transfer.run(git, None, args, input, self.time_left()?, room).await {
                Ok(()) => return Ok(()),
                Err(error @ GitError::TooSlow { .. }) if oids.len() > 1 => return Err(error),
                Err(error) => retries.wait_after(error).await?,
            }
        }
    }

    /// The commit with its blobs, as where all of them are wanted.
    async fn get_whole(&self, git: &GitProgram) -> Result<(), GitError> {
        let (transfer, commit) = (&self.transfer, &self.commit);
        let mut retries = Retries::until(self.end, &self.limits);
        loop {
            let options = FetchOptions { blobs: Blobs::Again, ..self.options };
            let (left, room) = (self.time_left()?, self.limits.pack_bytes);
            match transfer.get(git, Some(commit), commit.as_str(), options, left, room).await {
                Ok(()) => {
                    self.state().whole = true;
                    if options.check == Check::Afterwards {
                        fsck::check(git, &transfer.git_dir, commit).await?;
                    }
                    return Ok(());
                }
                Err(error) => retries.wait_after(error).await?,
            }
        }
    }

    fn time_left(&self) -> Result<Duration, GitError> {
        let left = self.end.saturating_duration_since(Instant::now());
        let seconds = (self.limits.wall + self.limits.history_wall).as_secs();
        if left.is_zero() { Err(GitError::TimedOut { seconds }) } else { Ok(left) }
    }
}

#[cfg(test)]
mod tests;
