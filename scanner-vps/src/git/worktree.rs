//! Which files of a folder on this machine differ from the commit that is scanned of it.
//!
//! A scan reads commits; whoever mends a file and scans again before committing must hear that. The
//! repository's own configuration may name programs to run (`core.fsmonitor`, filters, hooks), so it is
//! never read: the comparison runs in the repository of our own that holds the fetched commit, with an
//! index of our own, and takes nothing but file contents, `.gitattributes` and `.gitignore` from the
//! folder. Attributes name filters; what a filter does stands in configuration, and ours has none.

use super::{
    Fetched, GitError, GitProgram,
    args::{Transport, reading_args},
};
use crate::exec::{self, Run};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Bytes of a listing that are read; beyond it the count is one of at least so many.
const MAX_LISTING: usize = 4 * 1024 * 1024;

/// How many files of the folder are not as the commit has them: changed, gone, or new and not ignored.
/// `None` for a bare repository, which has no files of its own.
///
/// # Errors
/// git failed, or took too long.
pub async fn uncommitted(
    git: &GitProgram,
    fetched: &Fetched,
    folder: &Path,
) -> Result<Option<usize>, GitError> {
    let folder = folder.canonicalize().map_err(GitError::io(folder))?;
    if !folder.join(".git").exists() {
        return Ok(None);
    }
    let own = Own { git, fetched, folder, index: fetched.git_dir.join("index-of-folder") };
    let commit = fetched.commit.as_str();
    own.ask(&["read-tree", "--reset", commit]).await?;
    // Compares contents, since the index knows no times yet; exit code 1 where some differ.
    own.ask(&["update-index", "-q", "--ignore-submodules", "--refresh"]).await?;
    let changed = own.ask(&["diff-files", "-z", "--name-only", "--ignore-submodules=all"]).await?;
    let new = own.ask(&["ls-files", "-z", "--others", "--exclude-standard"]).await?;
    let mut files: BTreeSet<_> = paths(&changed).collect();
    own.leave_out_filtered(&mut files).await?;
    files.extend(paths(&new));
    Ok(Some(files.len()))
}

fn paths(listing: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    listing.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec)
}

/// The folder, seen through a repository and an index of our own.
struct Own<'a> {
    git: &'a GitProgram,
    fetched: &'a Fetched,
    folder: PathBuf,
    index: PathBuf,
}

impl Own<'_> {
    async fn ask(&self, command: &[&str]) -> Result<Vec<u8>, GitError> {
        self.ask_about(command, None).await
    }

    async fn ask_about(
        &self,
        command: &[&str],
        stdin: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, GitError> {
        let dir = &self.fetched.git_dir;
        let mut args = reading_args(dir, []);
        let mut tree = OsString::from("--work-tree=");
        tree.push(&self.folder);
        args.push(tree);
        // Links are links here, and a system without executable bits has changed nothing.
        args.extend(["-c", "core.symlinks=true", "-c", "core.fileMode=false"].map(OsString::from));
        args.extend(command.iter().map(OsString::from));
        let mut job = self.git.job(Transport::None, dir, args);
        job.env.push(("GIT_INDEX_FILE".into(), self.index.clone().into()));
        let run = Run { cwd: self.folder.clone(), max_stdout: MAX_LISTING, stdin, ..job };
        let done = exec::run_cut(run).await?;
        if done.cut || matches!(done.code, Some(0 | 1)) {
            Ok(done.stdout)
        } else {
            Err(GitError::failed("status", &done.stderr_tail))
        }
    }

    /// A file that a filter writes (Git LFS) differs from its blob in every clone.
    async fn leave_out_filtered(&self, files: &mut BTreeSet<Vec<u8>>) -> Result<(), GitError> {
        if files.is_empty() {
            return Ok(());
        }
        let question = files.iter().flat_map(|path| [path.as_slice(), b"\0"].concat()).collect();
        let answer =
            self.ask_about(&["check-attr", "-z", "--stdin", "filter"], Some(question)).await?;
        let fields: Vec<_> = answer.split(|byte| *byte == 0).collect();
        for field in fields.chunks_exact(3) {
            if let [path, _, value] = field
                && !matches!(*value, b"unspecified" | b"unset" | b"")
            {
                files.remove(*path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{Depth, Limits, Source, Wanted, fetch, testrepo::program};
    use std::{fs, os::unix::fs::symlink, process::Command};
    use tempfile::TempDir;

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            folder.git(&["init", "--quiet", "--initial-branch=main", "."]);
            for (name, text) in [("a.js", "1\n"), ("b.js", "2\n"), (".gitignore", "*.log\n")] {
                folder.write(name, text);
            }
            symlink("a.js", folder.path().join("link.js")).unwrap();
            folder.git(&["add", "-A"]);
            folder.git(&["commit", "--quiet", "-m", "one"]);
            folder
        }

        fn path(&self) -> &Path {
            self.0.path()
        }

        fn write(&self, name: &str, text: &str) {
            let path = self.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn git(&self, args: &[&str]) {
            let done = Command::new("git")
                .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"])
                .args(args)
                .current_dir(self.path())
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .status();
            assert!(done.unwrap().success(), "git {args:?}");
        }

        async fn uncommitted(&self, whole: bool) -> Option<usize> {
            let into = tempfile::tempdir().unwrap();
            let source = Source::Local(self.path().into());
            let wanted = Wanted { commit: None, depth: Depth::One, whole };
            let limits = Limits::default();
            let fetched = fetch(&program(), &source, &wanted, into.path(), &limits).await.unwrap();
            uncommitted(&program(), &fetched, self.path()).await.unwrap()
        }
    }

    #[tokio::test]
    async fn what_is_changed_gone_or_new_counts_and_what_is_ignored_does_not() {
        let folder = Folder::new();
        folder.write("x.log", "ignored");
        assert_eq!(folder.uncommitted(true).await, Some(0));
        folder.write("a.js", "changed\n");
        assert_eq!(folder.uncommitted(true).await, Some(1));
        folder.git(&["add", "a.js"]);
        assert_eq!(folder.uncommitted(true).await, Some(1), "staged is not committed");
        folder.write("new/c.js", "new\n");
        folder.write("new/d.js", "new\n");
        fs::remove_file(folder.path().join("b.js")).unwrap();
        for whole in [true, false] {
            assert_eq!(folder.uncommitted(whole).await, Some(4));
        }
        folder.git(&["add", "-A"]);
        folder.git(&["commit", "--quiet", "-m", "two"]);
        assert_eq!(folder.uncommitted(true).await, Some(0));
    }

    #[tokio::test]
    async fn a_file_that_a_filter_writes_is_not_taken_for_changed() {
        let folder = Folder::new();
        folder.write(".gitattributes", "*.bin filter=lfs\n");
        folder.write("a.bin", "pointer");
        folder.git(&["add", "-A"]);
        folder.git(&["commit", "--quiet", "-m", "two"]);
        folder.write("a.bin", "what the pointer stands for");
        assert_eq!(folder.uncommitted(true).await, Some(0));
    }

    #[tokio::test]
    async fn g25_nothing_that_a_hostile_folder_configures_is_run() {
        let folder = Folder::new();
        let marker = folder.path().join("ran.log");
        let touch = format!("touch {}; false", marker.display());
        folder.write(
            ".gitattributes",
            "*.js filter=evil diff=evil\n*.txt ident working-tree-encoding=UTF-16\n",
        );
        for key in [
            "core.fsmonitor",
            "core.sshCommand",
            "core.pager",
            "core.alternateRefsCommand",
            "filter.evil.clean",
            "filter.evil.smudge",
            "filter.evil.process",
            "diff.evil.command",
            "diff.evil.textconv",
            "diff.external",
            "alias.diff-files",
        ] {
            folder.git(&["config", key, &touch]);
        }
        for name in ["post-index-change", "post-checkout", "fsmonitor-watchman"] {
            let hook = folder.path().join(".git/hooks").join(name);
            folder.write(&format!(".git/hooks/{name}"), &format!("#!/bin/sh\n{touch}\n"));
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(hook, mode).unwrap();
        }
        // A repository inside, as a submodule's checkout is one.
        fs::create_dir_all(folder.path().join("inner")).unwrap();
        let inner = folder.path().join("inner");
        let init = Command::new("git").args(["init", "--quiet"]).arg(&inner).status();
        assert!(init.unwrap().success());
        let config = format!("[core]\n\tfsmonitor = \"{touch}\"\n");
        let at = inner.join(".git/config");
        fs::write(&at, fs::read_to_string(&at).unwrap() + &config).unwrap();
        folder.write("a.js", "changed\n");
        folder.write("c.txt", "new\n");
        let found = folder.uncommitted(true).await;
        assert!(found.is_some_and(|files| files > 0), "{found:?}");
        assert!(!marker.exists());
        // The same asked in the folder itself runs what it configures.
        let mut status = Command::new("git");
        status.args(["status", "--short"]).current_dir(folder.path()).output().unwrap();
        assert!(marker.exists());
    }
}
