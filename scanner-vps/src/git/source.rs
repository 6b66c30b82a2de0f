//! Where a repository is fetched from.

use skillgate_contract::RepoUrl;
use std::path::PathBuf;

/// Where the code comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A repository on an allowed host.
    Remote(RepoUrl),
    /// A repository on this machine, named by the person at the keyboard (never by a request).
    Local(PathBuf),
}
