//! Where symbolic links of a commit lead, as far as it takes to fetch what they lead to.
//!
//! What a link means is git's to say ([`super::blobs::follow`]); git needs the blobs for that.

use super::{
    Fetched, GitError, GitProgram,
    args::reading_args,
    blobs,
    tree::{self, Entry, Mode},
};
use std::collections::HashMap;

/// Bytes of a listing that are read.
const MAX_LISTING: usize = 32 * 1024 * 1024;
/// As many as git follows.
const MOST_STEPS: usize = 40;
/// Parts of paths that are walked for one link.
const MAX_PARTS: usize = 1_024;
/// Bytes of a link; a longer one leads nowhere on any system.
const MAX_LINK: u64 = 4096;
/// Links of one commit whose blobs are fetched.
const MAX_LINKS: usize = 20_000;

/// A commit's entries by their paths.
type Entries<'a> = HashMap<&'a [u8], &'a Entry>;
/// The contents of links by their blobs.
type Contents<'a> = HashMap<&'a str, Vec<u8>>;

/// Fetches what these links lead to, and every link on the way, where blobs are fetched as needed.
///
/// # Errors
/// git failed, or the host of the blobs did.
pub(super) async fn fetch_targets(
    git: &GitProgram,
    fetched: &Fetched,
    links: &[&[u8]],
) -> Result<(), GitError> {
    if fetched.need.is_none() || links.is_empty() {
        return Ok(());
    }
    let dir = &fetched.git_dir;
    let commit = fetched.commit.as_str();
    let args = reading_args(dir, ["ls-tree", "-r", "-z", "--full-tree", commit]);
    let listing = git.read_cut(dir, args, MAX_LISTING).await?;
    let Ok(entries) = tree::parse(&listing.stdout) else { return Ok(()) };
    let all_links = entries.iter().filter(|entry| entry.mode == Mode::Symlink).take(MAX_LINKS);
    let oids: Vec<_> = all_links.map(|entry| entry.oid.as_str()).collect();
    let contents = contents(git, fetched, &oids).await?;
    let entries: Entries<'_> = entries.iter().map(|e| (e.path.as_slice(), e)).collect();
    let targets: Vec<_> =
        links.iter().filter_map(|link| target(link, &entries, &contents)).collect();
    blobs::sizes(git, fetched, &targets).await.map(drop)
}

async fn contents<'a>(
    git: &GitProgram,
    fetched: &Fetched,
    oids: &[&'a str],
) -> Result<Contents<'a>, GitError> {
    let sizes = blobs::sizes(git, fetched, oids).await?;
    let short: Vec<_> = oids
        .iter()
        .zip(sizes)
        .filter_map(|(oid, size)| Some((*oid, size.filter(|size| *size <= MAX_LINK)?)))
        .collect();
    let mut all = Contents::new();
    let lengths: Vec<_> = short.iter().map(|(_, size)| *size).collect();
    for round in blobs::rounds(&lengths) {
        let round = short.get(round).unwrap_or_default();
        let contents = blobs::contents(git, &fetched.git_dir, round).await?;
        all.extend(round.iter().map(|(oid, _)| *oid).zip(contents));
    }
    Ok(all)
}

/// The blob that a link leads to inside the commit, if it leads to one.
fn target<'a>(link: &[u8], entries: &Entries<'a>, contents: &Contents<'_>) -> Option<&'a str> {
    // What is still to be walked, last part first, from the top of the repository.
    let mut left: Vec<Vec<u8>> = parts(link).rev().collect();
    let mut here: Vec<Vec<u8>> = Vec::new();
    let mut steps = 0;
    let mut walked = 0;
    while let Some(part) = left.pop() {
        walked += 1;
        if walked > MAX_PARTS {
            return None;
        }
        match part.as_slice() {
            b"" | b"." => continue,
            b".." => {
                here.pop()?;
                continue;
            }
            _ => here.push(part),
        }
        let Some(entry) = entries.get(here.join(&b'/').as_slice()) else { continue };
        match entry.mode {
            Mode::File if left.is_empty() => return Some(&entry.oid),
            Mode::File | Mode::Submodule => return None,
            Mode::Symlink => {
                steps += 1;
                let to = contents.get(entry.oid.as_str())?;
                if steps > MOST_STEPS || to.starts_with(b"/") {
                    return None;
                }
                here.pop();
                left.extend(parts(to).rev());
            }
        }
    }
    None
}

fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = Vec<u8>> {
    path.split(|byte| *byte == b'/').map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_to_its_blob_and_never_out_of_the_commit() {
        let all = [
            (Mode::File, "real/a.sh", "", "A"),
            (Mode::Symlink, "s/one", "../real/a.sh", "1"),
            (Mode::Symlink, "s/two", "one", "2"),
            (Mode::Symlink, "folder", "./real", "3"),
            (Mode::Symlink, "s/through", "../folder//a.sh", "4"),
            (Mode::Symlink, "s/loop", "loop", "5"),
            (Mode::Symlink, "s/out", "../../etc/passwd", "6"),
            (Mode::Symlink, "s/root", "/real/a.sh", "7"),
            (Mode::Symlink, "s/gone", "nothing", "8"),
            (Mode::Symlink, "s/beneath", "../real/a.sh/x", "9"),
            (Mode::Symlink, "s/bomb", "bomb/bomb", "10"),
        ];
        let owned: Vec<_> = all
            .iter()
            .map(|(mode, path, _, oid)| Entry {
                mode: *mode,
                oid: (*oid).into(),
                path: path.as_bytes().to_vec(),
            })
            .collect();
        let entries: Entries<'_> = owned.iter().map(|e| (e.path.as_slice(), e)).collect();
        let contents: Contents<'_> =
            all.iter().map(|(_, _, to, oid)| (*oid, to.as_bytes().to_vec())).collect();
        for (link, oid) in [
            ("s/one", Some("A")),
            ("s/two", Some("A")),
            ("s/through", Some("A")),
            ("folder/a.sh", Some("A")),
            ("folder", None),
            ("s/loop", None),
            ("s/out", None),
            ("s/root", None),
            ("s/gone", None),
            ("s/beneath", None),
            ("s/bomb", None),
        ] {
            assert_eq!(target(link.as_bytes(), &entries, &contents), oid, "{link}");
        }
    }
}
