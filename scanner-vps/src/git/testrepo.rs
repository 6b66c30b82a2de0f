//! Repositories made for tests by git's plumbing, as odd as a test needs them.

use super::{Depth, Fetched, GitError, GitProgram, Limits, Wanted, fetch};
use crate::git::Source;
use skillgate_contract::CommitSha;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A repository in a temporary folder, and room to fetch it.
pub(crate) struct TestRepo {
    dir: TempDir,
    parent: Option<String>,
}

/// An entry of a tree: its mode, its name and its object.
pub(crate) type Leaf<'a> = (&'a str, &'a [u8], String);

impl TestRepo {
    pub(crate) fn new() -> Self {
        Self::of_kind("sha1")
    }

    pub(crate) fn of_kind(ids: &str) -> Self {
        let repo = Self { dir: tempfile::tempdir().unwrap(), parent: None };
        std::fs::create_dir(repo.path()).unwrap();
        for name in ["into", "copy"] {
            std::fs::create_dir(repo.dir.path().join(name)).unwrap();
        }
        let kind = format!("--object-format={ids}");
        repo.git(&["init", "--quiet", "--bare", "--initial-branch=main", &kind, "."], b"");
        repo.git(&["config", "uploadpack.allowFilter", "true"], b"");
        repo
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("source")
    }

    pub(crate) fn target(&self) -> PathBuf {
        self.dir.path().join("into")
    }

    pub(crate) fn copy(&self) -> PathBuf {
        self.dir.path().join("copy")
    }

    pub(crate) fn git(&self, args: &[&str], input: &[u8]) -> String {
        let mut child = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.invalid"])
            .args(args)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "git {args:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn blob(&self, content: &[u8]) -> String {
        self.git(&["hash-object", "-w", "--stdin"], content)
    }

    pub(crate) fn file<'a>(&self, name: &'a [u8], content: &[u8]) -> Leaf<'a> {
        ("100644", name, self.blob(content))
    }

    /// Writes a tree object as it is given; nothing checks it.
    pub(crate) fn tree(&self, mut leaves: Vec<Leaf<'_>>) -> String {
        leaves.sort_by_key(|(mode, name, _)| {
            let slash: &[u8] = if *mode == "40000" { b"/" } else { b"" };
            [name, slash].concat()
        });
        let mut tree = Vec::new();
        for (mode, name, oid) in leaves {
            tree.extend([mode.as_bytes(), b" ", name, b"\0"].concat());
            tree.extend(hex::decode(oid).unwrap());
        }
        self.git(&["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &tree)
    }

    /// Commits a tree on top of the last commit of this repository.
    pub(crate) fn commit_tree(&mut self, tree: &str, message: &str) -> CommitSha {
        let mut args = vec!["commit-tree", tree];
        if let Some(parent) = &self.parent {
            args.extend(["-p", parent]);
        }
        let commit = self.git(&args, message.as_bytes());
        self.git(&["update-ref", "refs/heads/main", &commit], b"");
        self.parent = Some(commit.clone());
        commit.parse().unwrap()
    }

    pub(crate) fn commit(&mut self, files: &[(&[u8], &[u8])]) -> CommitSha {
        let leaves = files.iter().map(|(name, content)| self.file(name, content)).collect();
        let tree = self.tree(leaves);
        self.commit_tree(&tree, "a change")
    }

    pub(crate) async fn fetch(
        &self,
        commit: Option<&CommitSha>,
        depth: Depth,
    ) -> Result<Fetched, GitError> {
        self.fetch_within(commit, depth, &Limits::default()).await
    }

    pub(crate) async fn fetch_within(
        &self,
        commit: Option<&CommitSha>,
        depth: Depth,
        limits: &Limits,
    ) -> Result<Fetched, GitError> {
        self.fetch_wanted(&Wanted { commit, depth, whole: true }, limits).await
    }

    pub(crate) async fn fetch_wanted(
        &self,
        wanted: &Wanted<'_>,
        limits: &Limits,
    ) -> Result<Fetched, GitError> {
        fetch(&program(), &Source::Local(self.path()), wanted, &self.target(), limits).await
    }
}

pub(crate) fn program() -> GitProgram {
    GitProgram::find(&std::env::var_os("PATH").unwrap()).unwrap()
}

pub(crate) fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
}
