//! Fetching one commit of a hostile repository, and reading its blobs.
//!
//! Nothing is ever checked out. [`fetch`] brings one commit (or its history) into a bare
//! repository of our own; [`tree`] and [`history`] say what it holds; [`blobs`] reads contents, and
//! fetches those that did not come with the commit because only some are needed.
//! [`args`] is the one place where git's environment and flags are written down.

pub mod args;
pub mod blobs;
mod clone;
mod egress;
mod error;
mod failure;
pub mod fsck;
pub mod history;
mod lazy_blobs;
mod program;
mod retry;
mod source;
mod transfer;
pub mod tree;
mod worktree;

#[cfg(test)]
pub(crate) mod testhost;
#[cfg(test)]
pub(crate) mod testrepo;

pub use clone::{Blobs, Depth, Fetched, Wanted, fetch};
pub use error::{GitError, TRY_AGAIN_LATER};
pub use program::{GitProgram, GitVersion};
pub use source::Source;
pub use worktree::uncommitted;

use std::time::Duration;

/// How much of a repository is fetched and read. What lies beyond is named in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock of the fetch of one commit.
    pub wall: Duration,
    /// Wall clock of the fetch of a history, before one commit alone is taken.
    pub history_wall: Duration,
    /// The first wait before what the host could not answer for a moment is tried again.
    pub first_wait: Duration,
    /// Bytes that git may write while fetching.
    pub pack_bytes: u64,
    /// Files of a commit, blobs of a history, and code blocks of Markdown: of each kind.
    pub entries: usize,
    /// Bytes of one blob.
    pub blob_bytes: u64,
    /// Bytes of all blobs of the commit together, and of the history together.
    pub total_bytes: u64,
    /// Bytes of one path.
    pub path_bytes: usize,
    /// Folders above one file.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(120),
            history_wall: Duration::from_secs(90),
            first_wait: Duration::from_secs(1),
            pack_bytes: 200 * MB,
            entries: 20_000,
            blob_bytes: 10 * MB,
            total_bytes: 200 * MB,
            path_bytes: 4096,
            depth: 64,
        }
    }
}

pub(crate) const MB: u64 = 1_000_000;
