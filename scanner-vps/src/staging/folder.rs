//! The folder of a skill in a commit, by way of the links in its path.

use super::tree_index::{LinkTarget, Resolved, TreeIndex, is_below};
use crate::git::{
    Fetched, GitError, GitProgram, Limits, blobs,
    tree::{self, Listing, Mode, Tree},
};
use crate::paths::shown;
use skillgate_contract::{SkillPath, callback::FileNote};
use std::collections::HashMap;

/// Bytes of a link; a longer one leads nowhere on any system.
const MAX_LINK: u64 = 4096;
/// Links of one commit that are read.
const MAX_LINKS: usize = 20_000;

/// The folder of the plan is none that can be scanned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// It does not exist, or is empty.
    #[error("the repository has no file below the folder {path}")]
    Empty {
        /// The folder.
        path: String,
    },
    /// It is a file.
    #[error("{path} is a file: name the folder that holds the skill")]
    File {
        /// The file.
        path: String,
    },
    /// It lies in another repository.
    #[error(
        "{path} is or lies in a submodule: publish the skill from the submodule's own repository"
    )]
    Submodule {
        /// The folder.
        path: String,
    },
    /// A link in it leads out of the repository.
    #[error("{path} is a link out of the repository: name a folder that is in it")]
    Outside {
        /// The folder.
        path: String,
    },
    /// A link in it leads back to itself.
    #[error("{path} is a link that leads back to itself: name the folder that holds the skill")]
    Loop {
        /// The folder.
        path: String,
    },
    /// It lies where the list of the commit's files was cut off or behind too many links, or its name
    /// is odd.
    #[error("{path} is a link that could not be followed: name the folder that it leads to")]
    Unknown {
        /// The folder.
        path: String,
    },
}

/// The commit's entries with the targets of its links.
pub(super) async fn index(
    git: &GitProgram,
    fetched: &Fetched,
    listing: &Listing,
) -> Result<TreeIndex, GitError> {
    let links = listing.entries.iter().filter(|entry| entry.mode == Mode::Symlink);
    let mut oids: Vec<_> = links.map(|entry| entry.oid.as_str()).collect();
    oids.sort_unstable();
    oids.dedup();
    oids.truncate(MAX_LINKS);
    let sizes = blobs::sizes(git, fetched, &oids).await?;
    let short = |(oid, size): (&_, Option<u64>)| Some((*oid, size.filter(|s| *s <= MAX_LINK)?));
    let short: Vec<(&str, u64)> = oids.iter().zip(sizes).filter_map(short).collect();
    let sizes: Vec<_> = short.iter().map(|(_, size)| *size).collect();
    let mut targets = HashMap::new();
    for round in blobs::rounds(&sizes) {
        let wanted = short.get(round).unwrap_or_default();
        let contents = blobs::contents(git, &fetched.git_dir, wanted).await?;
        targets.extend(wanted.iter().map(|(oid, _)| (*oid).to_owned()).zip(contents));
    }
    Ok(TreeIndex::new(&listing.entries, targets, listing.cut))
}

/// The folder itself, and what to say where the plan's path is another one. `None`: all of the
/// commit.
pub(super) fn real(
    index: &TreeIndex,
    folder: Option<&SkillPath>,
) -> Result<(Option<SkillPath>, Option<FileNote>), FolderError> {
    let Some(folder) = folder else { return Ok((None, None)) };
    let Resolved { target, path: real, .. } = index.resolve(b"", folder.as_str().as_bytes());
    let path = folder.to_string();
    match target {
        LinkTarget::Folder if real == path.as_bytes() => return Ok((Some(folder.clone()), None)),
        LinkTarget::Folder => {}
        LinkTarget::Nothing => return Err(FolderError::Empty { path }),
        LinkTarget::File => return Err(FolderError::File { path }),
        LinkTarget::Submodule => return Err(FolderError::Submodule { path }),
        LinkTarget::Outside => return Err(FolderError::Outside { path }),
        LinkTarget::Loop => return Err(FolderError::Loop { path }),
        LinkTarget::Far | LinkTarget::Unlisted => return Err(FolderError::Unknown { path }),
    }
    let name = if real.is_empty() { "its top folder".to_owned() } else { shown(&real) };
    let reason = format!("{path} is a link: {name} was scanned in its place");
    let linked = Some(FileNote::new("(repository)", reason));
    if real.is_empty() {
        return Ok((None, linked));
    }
    let real = std::str::from_utf8(&real).ok().and_then(|real| real.parse().ok());
    real.map(|real| (Some(real), linked)).ok_or(FolderError::Unknown { path })
}

/// The entries of the folder, within the limits.
pub(super) fn entries(listing: Listing, folder: Option<&SkillPath>, limits: &Limits) -> Tree {
    let Listing { mut entries, cut, folder_cut } = listing;
    if let Some(folder) = folder {
        entries.retain(|entry| is_below(&entry.path, folder.as_str().as_bytes()));
    }
    let cut = if folder.is_some() { folder_cut } else { cut };
    tree::within(entries, cut, limits)
}
