//! What a commit holds: the list of its files, and which of them are read.

use super::{Fetched, GitError, GitProgram, Limits, args::reading_args};
use crate::paths::note;
use skillgate_contract::{SkillPath, callback::FileNote};
use std::collections::HashSet;

/// Bytes of a listing that are read: room for the allowed entries with paths of usual length.
const MAX_LISTING: usize = 32 * 1024 * 1024;

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A regular file, executable or not.
    File,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

/// One entry of a commit's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub mode: Mode,
    /// Its object id: 40 hex digits.
    pub oid: String,
    /// Its path from the repository's top, as git holds it.
    pub path: Vec<u8>,
}

/// A commit's entries, within the limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// At most [`Limits::entries`].
    pub entries: Vec<Entry>,
    /// What lies beyond a limit.
    pub beyond: Vec<FileNote>,
}

/// All entries of a commit, whatever the limits, as far as git's answer is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// In git's order.
    pub entries: Vec<Entry>,
    /// There are more in the commit.
    pub cut: bool,
    /// There are more in the folder that was asked for.
    pub folder_cut: bool,
}

/// A listing that is not what git writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("git listed something that is no tree entry")]
pub struct ListingError;

/// Lists the files of a commit.
///
/// # Errors
/// git could not be run, or failed.
#[cfg(test)]
pub(crate) async fn list(
    git: &GitProgram,
    fetched: &Fetched,
    limits: &Limits,
) -> Result<Tree, GitError> {
    let Listing { entries, cut, .. } = all(git, fetched, None).await?;
    Ok(within(entries, cut, limits))
}

/// Lists the whole commit, and `folder` to its end where the commit is too large to be listed.
///
/// # Errors
/// git could not be run, or failed.
pub async fn whole(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
) -> Result<Listing, GitError> {
    let mut listing = all(git, fetched, None).await?;
    if let Some(folder) = folder.filter(|_| listing.cut) {
        listing.folder_cut = true;
        // A link has no entries of its own, and what it leads to may lie behind the cut.
        let Ok(inside) = all(git, fetched, Some(folder)).await else { return Ok(listing) };
        listing.folder_cut = inside.cut;
        let listed: HashSet<_> = listing.entries.iter().map(|e| e.path.clone()).collect();
        listing.entries.extend(inside.entries.into_iter().filter(|e| !listed.contains(&e.path)));
    }
    Ok(listing)
}

async fn all(
    git: &GitProgram,
    fetched: &Fetched,
    folder: Option<&SkillPath>,
) -> Result<Listing, GitError> {
    // `COMMIT:FOLDER` takes the folder's name as it stands, whatever characters it has.
    let tree = match folder {
        Some(folder) => format!("{}:{folder}", fetched.commit),
        None => fetched.commit.to_string(),
    };
    let dir = &fetched.git_dir;
    let args = reading_args(dir, ["ls-tree", "-r", "-z", "--full-tree", tree.as_str()]);
    let listing = git.read_cut(dir, args, MAX_LISTING).await?;
    if !listing.cut && listing.code != Some(0) {
        return Err(GitError::failed("ls-tree", &listing.stderr_tail));
    }
    let mut entries = parse(&listing.stdout)
        .map_err(|error| GitError::Failed { step: "ls-tree", message: error.to_string() })?;
    if let Some(folder) = folder {
        for entry in &mut entries {
            entry.path.splice(0..0, format!("{folder}/").into_bytes());
        }
    }
    Ok(Listing { entries, cut: listing.cut, folder_cut: false })
}

/// Parses `ls-tree -r -z`. An entry that is cut off at the end is left out.
///
/// # Errors
/// [`ListingError`].
pub fn parse(listing: &[u8]) -> Result<Vec<Entry>, ListingError> {
    let whole = listing.iter().rposition(|b| *b == 0).map_or(0, |end| end + 1);
    let records = listing.get(..whole).unwrap_or_default().split(|b| *b == 0);
    records.filter(|record| !record.is_empty()).map(parse_entry).collect()
}

fn parse_entry(record: &[u8]) -> Result<Entry, ListingError> {
    let tab = record.iter().position(|b| *b == b'\t').ok_or(ListingError)?;
    let (head, path) = record.split_at_checked(tab).ok_or(ListingError)?;
    let head = std::str::from_utf8(head).map_err(|_| ListingError)?;
    let [mode, _kind, oid] = head.split(' ').collect::<Vec<_>>()[..] else {
        return Err(ListingError);
    };
    let mode = mode_of(mode).ok_or(ListingError)?;
    let path = path.get(1..).unwrap_or_default().to_vec();
    if path.is_empty() || !is_oid(oid) {
        return Err(ListingError);
    }
    Ok(Entry { mode, oid: oid.to_owned(), path })
}

/// What git's octal mode means; `None` for a tree or nothing known.
fn mode_of(octal: &str) -> Option<Mode> {
    match octal {
        "120000" => Some(Mode::Symlink),
        "160000" => Some(Mode::Submodule),
        // Old tools wrote file modes such as 100664; all of them are regular files.
        file if file.len() == 6 && file.starts_with("100") => Some(Mode::File),
        _ => None,
    }
}

pub(super) fn is_oid(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Cuts a listing to the limits and names what is left out.
#[must_use]
pub fn within(entries: Vec<Entry>, cut: bool, limits: &Limits) -> Tree {
    let listed = entries.len();
    let mut tree = Tree::default();
    for entry in entries.into_iter().take(limits.entries) {
        let depth = entry.path.iter().filter(|b| **b == b'/').count();
        if entry.path.len() > limits.path_bytes {
            let reason = format!("its path is longer than {} bytes", limits.path_bytes);
            tree.beyond.push(note(&entry.path, reason));
        } else if depth > limits.depth {
            let reason = format!("it lies more than {} folders deep", limits.depth);
            tree.beyond.push(note(&entry.path, reason));
        } else {
            tree.entries.push(entry);
        }
    }
    if cut || listed > limits.entries {
        let more = listed.saturating_sub(limits.entries);
        let count = if cut { format!("more than {more}") } else { more.to_string() };
        let reason = format!("{count} files lie beyond the limit of {}", limits.entries);
        tree.beyond.push(FileNote::new("(repository)", reason));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OID: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn g09_a_listing_keeps_every_byte_of_a_path() {
        let mut listing = Vec::new();
        for (mode, kind, path) in [
            ("100644", "blob", b"a\tb\nc.js".as_slice()),
            ("100755", "blob", b"\xff\xfe.py"),
            ("120000", "blob", b"-link"),
            ("160000", "commit", b"sub"),
        ] {
            listing.extend(format!("{mode} {kind} {OID}\t").bytes());
            listing.extend(path);
            listing.push(0);
        }
        let entries = parse(&listing).unwrap();
        let got: Vec<_> = entries.iter().map(|e| (e.mode, e.path.as_slice())).collect();
        assert_eq!(
            got,
            [
                (Mode::File, b"a\tb\nc.js".as_slice()),
                (Mode::File, b"\xff\xfe.py"),
                (Mode::Symlink, b"-link"),
                (Mode::Submodule, b"sub"),
            ]
        );
        listing.extend(b"100644 blob cut of");
        assert_eq!(parse(&listing).unwrap().len(), 4);
    }

    #[test]
    fn g24_what_lies_beyond_a_limit_is_named() {
        let file = |path: &str| Entry { mode: Mode::File, oid: OID.into(), path: path.into() };
        let limits = Limits { entries: 3, path_bytes: 10, depth: 2, ..Limits::default() };
        let tree = within(
            vec![file("a"), file("too-long-a-path"), file("a/b/c/d"), file("e"), file("f")],
            false,
            &limits,
        );
        assert_eq!(tree.entries, [file("a")]);
        let reasons: Vec<_> = tree.beyond.iter().map(|n| n.reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "its path is longer than 10 bytes",
                "it lies more than 2 folders deep",
                "2 files lie beyond the limit of 3"
            ]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in any::<Vec<u8>>()) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_path_comes_back(path in proptest::collection::vec(1u8.., 1..50)) {
            let listing = [format!("100644 blob {OID}\t").as_bytes(), &path, &[0]].concat();
            prop_assert_eq!(&parse(&listing).unwrap()[0].path, &path);
        }
    }
}
