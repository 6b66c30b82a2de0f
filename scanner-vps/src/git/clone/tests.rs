//! Fetching from repositories on this machine, good and hostile.

use super::*;
use crate::git::testrepo::{TestRepo, is_empty, program};
use std::collections::HashSet;

fn gone(repo: &TestRepo) -> bool {
    is_empty(&repo.target().join("repo"))
}

#[tokio::test]
async fn head_and_a_commit_are_fetched_alone() {
    let mut repo = TestRepo::new();
    let first = repo.commit(&[(b"a.js", b"one\n")]);
    let second = repo.commit(&[(b"a.js", b"two\n")]);

    let head = repo.fetch(None, Depth::One).await.unwrap();
    assert_eq!(head.commit, second);
    assert_eq!(head.history_note, None);
    assert!(head.git_dir.join("shallow").exists());

    let older = repo.fetch(Some(&first), Depth::One).await.unwrap();
    assert_eq!(older.commit, first);
}

#[tokio::test]
async fn a_history_is_fetched_whole() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", b"one\n")]);
    repo.commit(&[(b"a.js", b"two\n")]);
    let fetched = repo.fetch(None, Depth::History).await.unwrap();
    assert_eq!(fetched.history_note, None);
    assert!(!fetched.git_dir.join("shallow").exists());
}

#[tokio::test]
async fn what_is_not_there_is_named_and_leaves_nothing_behind() {
    let mut repo = TestRepo::new();
    assert!(matches!(repo.fetch(None, Depth::One).await, Err(GitError::Empty)));
    repo.commit(&[(b"a", b"a")]);
    let missing = "0123456789012345678901234567890123456789".parse().unwrap();
    let error = repo.fetch(Some(&missing), Depth::One).await.unwrap_err();
    assert!(matches!(error, GitError::CommitNotFound { .. }), "{error}");
    assert!(gone(&repo));

    let plain = tempfile::tempdir().unwrap();
    let source = Source::Local(plain.path().into());
    let limits = Limits::default();
    let wanted = Wanted { commit: None, depth: Depth::One, whole: true };
    let error = fetch(&program(), &source, &wanted, &repo.target(), &limits).await.unwrap_err();
    assert!(error.to_string().contains("git init"), "{error}");
}

#[tokio::test]
async fn an_id_of_something_else_than_a_commit_is_named_as_what_it_is() {
    let mut repo = TestRepo::new();
    let commit = repo.commit(&[(b"a", b"a")]);
    repo.git(&["tag", "-a", "-m", "t", "v1"], b"");
    repo.git(&["tag", "-a", "-m", "t", "v2", "v1^{tree}"], b"");
    for (name, words) in [
        (
            "v1",
            format!("is no commit but an annotated tag: give the commit it points to, {commit}"),
        ),
        ("v2", "is no commit but a tag of something that is no commit".into()),
        ("v1^{tree}", "is no commit but a folder's tree: give a commit's id".into()),
        ("v1:a", "is no commit but a file's blob: give a commit's id".into()),
    ] {
        let id = repo.git(&["rev-parse", name], b"");
        for depth in [Depth::One, Depth::History] {
            let error = repo.fetch(Some(&id.parse().unwrap()), depth).await.unwrap_err();
            assert!(error.to_string().contains(&id), "{name}: {error}");
            assert!(error.to_string().contains(&words), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_head_without_its_branch_and_ids_of_another_kind_are_named() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a", b"a")]);
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/gone"], b"");
    let error = repo.fetch(None, Depth::One).await.unwrap_err().to_string();
    assert!(
        error.contains("default branch (HEAD) does not exist, though it has a branch"),
        "{error}"
    );
    repo.git(&["branch", "other", "main"], b"");
    let error = repo.fetch(None, Depth::One).await.unwrap_err().to_string();
    assert!(error.contains("though it has 2 branches: set its default branch"), "{error}");

    let sha256 = TestRepo::of_kind("sha256");
    let tree = sha256.git(&["mktree"], b"");
    let commit = sha256.git(&["commit-tree", &tree], b"a change");
    sha256.git(&["update-ref", "refs/heads/main", &commit], b"");
    let error = sha256.fetch(None, Depth::One).await.unwrap_err().to_string();
    assert!(error.contains("SHA-256 object ids, which are not supported"), "{error}");
}

#[tokio::test]
async fn a_partial_clone_is_named_as_that_and_its_commit_is_read_all_the_same() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"old.js", b"old\n")]);
    repo.commit(&[(b"a.js", b"one\n")]);
    // What a clone with --filter=blob:none holds after its checkout.
    let old = repo.git(&["rev-parse", "main~1:old.js"], b"");
    let (folder, name) = old.split_at(2);
    fs::remove_file(repo.path().join("objects").join(folder).join(name)).unwrap();
    let fetched = repo.fetch(None, Depth::History).await.unwrap();
    let note = fetched.history_note.unwrap();
    assert!(
        note.contains("lacks objects that its commits refer to (a partial or damaged clone)"),
        "{note}"
    );
    assert!(!note.contains('\u{fffd}'), "{note}");
}

#[tokio::test]
async fn g25_a_tree_that_leads_out_of_itself_is_refused() {
    for name in [b"..".as_slice(), b".git"] {
        let mut repo = TestRepo::new();
        let inner = repo.tree(vec![repo.file(b"evil", b"x")]);
        let tree = repo.tree(vec![("40000", name, inner)]);
        repo.commit_tree(&tree, "x");
        let error = repo.fetch(None, Depth::One).await.unwrap_err();
        assert!(matches!(error, GitError::Malformed { .. }), "{error}");
        assert!(gone(&repo));
    }
}

#[tokio::test]
async fn g25_hooks_and_programs_of_a_hostile_repository_are_not_run() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a", b"a")]);
    let marker = repo.path().join("ran");
    let touch = format!("touch {}; false", marker.display());
    for key in [
        "core.fsmonitor",
        "uploadpack.packObjectsHook",
        "core.sshCommand",
        "core.pager",
        "pager.upload-pack",
        "alias.upload-pack",
        "credential.helper",
    ] {
        repo.git(&["config", key, &touch], b"");
    }
    let hook = repo.path().join("hooks/post-upload-pack");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\n{touch}\n")).unwrap();
    repo.fetch(None, Depth::History).await.unwrap();
    assert!(!marker.exists());
}

#[tokio::test]
async fn g24_a_tree_that_unfolds_without_end_is_cut_and_named() {
    let mut repo = TestRepo::new();
    let mut tree = repo.tree(vec![repo.file(b"f.js", b"a\n")]);
    for _ in 0..9 {
        let names: Vec<_> = (b'a'..=b'j').map(|letter| [letter]).collect();
        tree = repo.tree(names.iter().map(|name| ("40000", &name[..], tree.clone())).collect());
    }
    repo.commit_tree(&tree, "a thousand million files");
    let limits = Limits::default();
    let fetched = repo.fetch(None, Depth::History).await.unwrap();
    let tree = crate::git::tree::list(&program(), &fetched, &limits).await.unwrap();
    assert_eq!(tree.entries.len(), limits.entries);
    assert!(tree.beyond[0].reason.contains("beyond the limit of 20000"), "{:?}", tree.beyond);
    let none = HashSet::new();
    let past = crate::git::history::list(&program(), &fetched, None, &none, &limits).await.unwrap();
    assert_eq!(past.blobs.len(), 1);
}

#[tokio::test]
async fn a_fetch_that_takes_too_long_is_named_as_that() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a", b"a")]);
    let limits = Limits { wall: Duration::from_millis(1), ..Limits::default() };
    let error = repo.fetch_within(None, Depth::One, &limits).await.unwrap_err();
    assert!(matches!(error, GitError::TimedOut { .. }), "{error}");
}
