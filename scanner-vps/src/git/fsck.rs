//! What git's check of received objects may let pass: the ids of git-fsck's messages, in git 2.39 to
//! 2.51, each decided here.
//!
//! A commit or tag stays in a history for ever, and old tools wrote odd ones. What stands in an author,
//! committer or tagger line is read by nothing here, and git reads a commit's tree and parents, and a
//! tag's object, without it. Everything else stays the error that `transfer.fsckObjects` makes of it.

use super::{GitError, GitProgram, args::reading_args, error::last_words};
use skillgate_contract::CommitSha;
use std::{ffi::OsString, path::Path};

/// Bytes of what it says that are read.
const MAX_LISTING: usize = 32 * 1024 * 1024;

/// Let pass: none of these changes which objects a commit leads to.
pub const LET_PASS: [&str; 20] = [
    // The author, committer or tagger line is odd.
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badName",
    "badTimezone",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "zeroPaddedDate",
    // It is not there, or there twice. It stands behind the tree and the parents.
    "missingAuthor",
    "missingCommitter",
    "multipleAuthors",
    // A tag's name and what follows it. They stand behind the tagged object and its kind.
    "badTagName",
    "extraHeaderEntry",
    "missingTagEntry",
    "missingTag",
    "missingTaggerEntry",
    // How a mode was written. A mode that is none of git's own is read as a file's, never as a folder's.
    "badFilemode",
    "zeroPaddedFilemode",
];

/// Kept as errors. A setting would be pointless: they are in the tests, so that each id was decided.
#[cfg(test)]
const ERRORS: [(&str, &str); 41] = [
    ("badObjectSha1", "what the commit leads to cannot be read"),
    ("badParentSha1", "what the commit leads to cannot be read"),
    ("badTree", "what the commit leads to cannot be read"),
    ("badTreeSha1", "what the commit leads to cannot be read"),
    ("badType", "what the commit leads to cannot be read"),
    ("unknownType", "what the commit leads to cannot be read"),
    ("missingObject", "what the tag leads to cannot be read"),
    ("missingTree", "what the commit leads to cannot be read"),
    ("missingType", "what the tag leads to cannot be read"),
    ("missingTypeEntry", "what the tag leads to cannot be read"),
    ("nulInCommit", "git shows a message up to its first NUL, so the rest would not be read"),
    ("nulInHeader", "fatal to git"),
    ("unterminatedHeader", "fatal to git"),
    ("duplicateEntries", "two programs may read two different files under one name"),
    ("treeNotSorted", "programs may find a file, or not"),
    ("emptyName", "a path that leads elsewhere"),
    ("fullPathname", "a path that leads elsewhere"),
    ("hasDot", "a path that leads elsewhere"),
    ("hasDotdot", "a path that leads elsewhere"),
    ("hasDotgit", "a path that leads into a checkout's own repository"),
    ("largePathname", "a path that no checkout has"),
    ("nullSha1", "an entry of nothing"),
    ("gitattributesBlob", "git acts on its content in a checkout"),
    ("gitattributesLarge", "git acts on its content in a checkout"),
    ("gitattributesLineLength", "git acts on its content in a checkout"),
    ("gitattributesMissing", "git acts on its content in a checkout"),
    ("gitattributesSymlink", "git acts on its content in a checkout"),
    ("gitignoreSymlink", "git acts on its content in a checkout"),
    ("gitmodulesBlob", "git acts on its content in a clone with submodules"),
    ("gitmodulesLarge", "git acts on its content in a clone with submodules"),
    ("gitmodulesMissing", "git acts on its content in a clone with submodules"),
    ("gitmodulesName", "git acts on its content in a clone with submodules"),
    ("gitmodulesParse", "git acts on its content in a clone with submodules"),
    ("gitmodulesPath", "git acts on its content in a clone with submodules"),
    ("gitmodulesSymlink", "git acts on its content in a clone with submodules"),
    ("gitmodulesUpdate", "git acts on its content in a clone with submodules"),
    ("gitmodulesUrl", "git acts on its content in a clone with submodules"),
    ("mailmapSymlink", "git acts on its content in a checkout"),
    ("symlinkPointsToGitDir", "a link into a checkout's own repository"),
    ("symlinkTargetBlob", "a link whose target cannot be read"),
    ("symlinkTargetLength", "a link whose target no system takes"),
];

/// When what was fetched is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// While it arrives. With a filter, a git before 2.44 does not pass on what may pass here.
    OnArrival,
    /// Before anything is read of it, by `check`.
    Afterwards,
}

/// The settings that let them pass. A git that does not know one of them skips it.
pub(super) fn settings() -> impl Iterator<Item = String> {
    LET_PASS.iter().map(|id| format!("fetch.fsck.{id}=warn"))
}

/// Checks every object of what was fetched, as strictly as on arrival.
///
/// # Errors
/// [`GitError::Malformed`], or git failed.
pub(super) async fn check(
    git: &GitProgram,
    git_dir: &Path,
    commit: &CommitSha,
) -> Result<(), GitError> {
    let mut args = reading_args(git_dir, []);
    // That blobs are missing is no error: they are from a source that has them, by this one word.
    let missing = ["-c".into(), "remote.source.promisor=true".into()];
    let let_pass = LET_PASS.iter().flat_map(|id| ["-c".into(), format!("fsck.{id}=warn")]);
    args.extend(missing.into_iter().chain(let_pass).map(OsString::from));
    let command = ["fsck", "--strict", "--no-dangling", "--no-reflogs", "--no-progress"];
    args.extend(command.into_iter().chain([commit.as_str()]).map(OsString::from));
    let done = git.read_cut(git_dir, args, MAX_LISTING).await?;
    // Its exit code is a sum: 2 stands for objects that are not here.
    match done.code {
        Some(0 | 2) if !done.cut => Ok(()),
        _ => Err(GitError::Malformed { message: last_words(&done.stderr_tail) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Depth, testrepo::TestRepo};

    #[test]
    fn each_id_is_decided_once() {
        let mut all: Vec<_> = LET_PASS.iter().chain(ERRORS.iter().map(|(id, _)| id)).collect();
        let number = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), number);
        assert!(LET_PASS.iter().all(|id| !id.starts_with("git") && !id.starts_with("has")));
    }

    /// A commit with these lines where author and committer stand.
    fn odd_commit(repo: &mut TestRepo, people: &str, message: &[u8]) -> String {
        let tree = repo.tree(vec![repo.file(b"a.js", b"1\n")]);
        let mut commit = format!("tree {tree}\n{people}\n").into_bytes();
        commit.extend_from_slice(message);
        repo.git(&["hash-object", "-w", "-t", "commit", "--literally", "--stdin"], &commit)
    }

    /// A head on top of this commit, fetched with its history.
    async fn head_on(repo: &mut TestRepo, old: &str) -> Result<(), GitError> {
        repo.git(&["update-ref", "refs/heads/main", old], b"");
        let tree = repo.tree(vec![repo.file(b"a.js", b"2\n")]);
        let head = repo.git(&["commit-tree", &tree, "-p", old], b"new");
        repo.git(&["update-ref", "refs/heads/main", &head], b"");
        let fetched = repo.fetch(None, Depth::History).await?;
        assert_eq!(fetched.history_note, None);
        Ok(())
    }

    #[tokio::test]
    async fn an_old_commit_of_odd_people_costs_no_history() {
        let good = "a <a@example.invalid> 1 +0000";
        for people in [
            "author old importer<a@example.invalid> 1 +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid 1 +0000\ncommitter C".to_owned(),
            "author a a@example.invalid> 1 +0000\ncommitter C".to_owned(),
            "author a 1 +0000\ncommitter C".to_owned(),
            "author <a@example.invalid> 1 +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid>1 +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid> +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid> 01 +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid> 99999999999999999999999 +0000\ncommitter C".to_owned(),
            "author a <a@example.invalid> 1 0000\ncommitter C".to_owned(),
            "author a <a@example.invalid> 1 +00000\ncommitter C".to_owned(),
            "author C\nauthor C\ncommitter C".to_owned(),
            "author C".to_owned(),
            "committer C".to_owned(),
        ] {
            let mut repo = TestRepo::new();
            let people = people.replace(" C", &format!(" {good}"));
            let old = odd_commit(&mut repo, &people, b"\nold\n");
            let fetched = head_on(&mut repo, &old).await;
            assert!(fetched.is_ok(), "{people}: {fetched:?}");
        }
    }

    #[tokio::test]
    async fn what_is_checked_afterwards_is_checked_as_strictly() {
        let good = "author a<a@example.invalid> 1 +0000\ncommitter a <a@example.invalid> 1 +0000";
        for (mode, name, words) in [
            ("40000", b"..".as_slice(), "hasDotdot"),
            ("40000", b".git", "hasDotgit"),
            ("40000", b".", "hasDot"),
            ("120000", b".gitmodules", "gitmodulesSymlink"),
        ] {
            let mut repo = TestRepo::new();
            let old = odd_commit(&mut repo, good, b"\nold\n");
            repo.git(&["update-ref", "refs/heads/main", &old], b"");
            let oid = if mode == "40000" {
                repo.tree(vec![repo.file(b"evil", b"x")])
            } else {
                repo.blob(b"evil")
            };
            let tree = repo.tree(vec![(mode, name, oid)]);
            let head = repo.git(&["commit-tree", &tree, "-p", &old], b"new");
            repo.git(&["update-ref", "refs/heads/main", &head], b"");
            let error = repo.fetch(None, Depth::History).await.unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
    }

    #[tokio::test]
    async fn a_message_that_git_would_not_show_whole_is_refused() {
        let mut repo = TestRepo::new();
        let people = "author a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000";
        let old = odd_commit(&mut repo, people, b"\nold\0hidden\n");
        repo.git(&["update-ref", "refs/heads/main", &old], b"");
        let error = repo.fetch(None, Depth::One).await.unwrap_err();
        assert!(matches!(&error, GitError::Malformed { .. }), "{error}");
    }

    #[tokio::test]
    async fn an_old_tag_is_no_worse_than_a_new_one() {
        for rest in
            ["tag v1", "tag ..bad name\ntagger a <a@b> 1 +0000", "tag v1\ntagger a<a@b> 1 +0000"]
        {
            let mut repo = TestRepo::new();
            let commit = repo.commit(&[(b"a.js", b"1\n")]);
            let tag = format!("object {commit}\ntype commit\n{rest}\n\nold\n");
            let args = ["hash-object", "-w", "-t", "tag", "--literally", "--stdin"];
            let tag = repo.git(&args, tag.as_bytes());
            let error = repo.fetch(Some(&tag.parse().unwrap()), Depth::One).await.unwrap_err();
            assert!(error.to_string().contains(commit.as_str()), "{rest}: {error}");
        }
    }
}
