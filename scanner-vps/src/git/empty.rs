//! Why a folder of a commit holds no file.

use super::{Fetched, GitError, GitProgram, args::reading_args};
use skillgate_contract::SkillPath;
use std::ffi::OsString;

/// Bytes of a listing that are read: an entry for each part of the path.
const MAX_LISTING: usize = 1024 * 1024;

/// What stands in place of a folder that holds no file: a submodule (of it or above it), a file, nothing.
pub async fn why_empty(git: &GitProgram, fetched: &Fetched, folder: &SkillPath) -> GitError {
    let path = folder.to_string();
    let dir = &fetched.git_dir;
    let mut args = reading_args(dir, []);
    let command = ["ls-tree", "-z", "--full-tree", fetched.commit.as_str(), "--"];
    args.extend(command.map(OsString::from));
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    args.extend(ends.filter_map(|end| path.get(..end)).map(OsString::from));
    let listing = git.read_cut(dir, args, MAX_LISTING).await.map(|cut| cut.stdout);
    let listing = listing.unwrap_or_default();
    for record in String::from_utf8_lossy(&listing).split('\0') {
        match record.split_once('\t') {
            Some((head, submodule)) if head.starts_with("160000 ") && is_at(&path, submodule) => {
                return GitError::InSubmodule { path, submodule: submodule.to_owned() };
            }
            Some((head, file)) if head.starts_with("100") && file == path => {
                return GitError::NoFolder { path };
            }
            _ => {}
        }
    }
    GitError::EmptyFolder { path }
}

/// Whether a path is this one, or lies below it.
fn is_at(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{
        Depth,
        testrepo::{TestRepo, program},
    };

    #[tokio::test]
    async fn a_submodule_and_a_file_are_told_from_nothing() {
        let mut repo = TestRepo::new();
        let other = "1".repeat(40);
        let inner = vec![("160000", b"sub module".as_slice(), other), repo.file(b"a.js", b"a")];
        let inner = repo.tree(inner);
        let top = repo.tree(vec![("40000", b"skills", inner)]);
        repo.commit_tree(&top, "x");
        let fetched = repo.fetch(None, Depth::One).await.unwrap();
        for (folder, words) in [
            (
                "skills/sub module",
                "is in another repository, as the submodule skills/sub module: publish",
            ),
            (
                "skills/sub module/x/y",
                "as the submodule skills/sub module: publish the skill from there",
            ),
            ("skills/a.js", "skills/a.js is a file: give the folder that holds the skill"),
            ("skills/b", "the repository has no file below the folder skills/b"),
            ("b/c", "the repository has no file below the folder b/c"),
        ] {
            let why = why_empty(&program(), &fetched, &folder.parse().unwrap()).await.to_string();
            assert!(why.contains(words), "{folder}: {why}");
        }
    }
}
