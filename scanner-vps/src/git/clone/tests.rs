//! Fetching from repositories on this machine, good and hostile.

use super::*;
use crate::git::testrepo::{TestRepo, is_empty, program};

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
    let error =
        fetch(&program(), &source, None, Depth::One, &repo.target(), &limits).await.unwrap_err();
    assert!(error.to_string().contains("git init"), "{error}");
}

#[tokio::test]
async fn a_tag_in_place_of_a_commit_is_another_commit() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a", b"a")]);
    repo.git(&["tag", "-a", "-m", "t", "v1"], b"");
    let tag = repo.git(&["rev-parse", "v1"], b"").parse().unwrap();
    let error = repo.fetch(Some(&tag), Depth::One).await.unwrap_err();
    assert!(matches!(error, GitError::OtherCommit { .. }), "{error}");
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
async fn g24_a_pack_beyond_the_limit_is_refused_and_removed() {
    let mut repo = TestRepo::new();
    // Noise that does not compress, from a plain generator.
    let mut seed = 1u64;
    let noise: Vec<u8> = (0..2_000_000)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
            (seed >> 56) as u8
        })
        .collect();
    repo.commit(&[(b"noise.bin", &noise)]);
    let limits = Limits { pack_bytes: MB, ..Limits::default() };
    let error = repo.fetch_within(None, Depth::One, &limits).await.unwrap_err();
    assert_eq!(error.to_string(), "the repository is larger than the limit of 1 MB for one fetch");
    assert!(gone(&repo));

    repo.commit(&[(b"small.js", b"a\n")]);
    let fetched = repo.fetch_within(None, Depth::History, &limits).await.unwrap();
    let note = fetched.history_note.unwrap();
    assert!(note.contains("limit of 1 MB"), "{note}");
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
    let none = std::collections::HashSet::new();
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

#[test]
fn what_git_says_is_told_in_our_words() {
    let place = Place {
        transport: Transport::Https,
        url: "https://github.com/o/r.git".into(),
        shown: "https://github.com/o/r".into(),
        git_dir: PathBuf::new(),
        home: PathBuf::new(),
    };
    let say = |stderr| explain(&place, None, stderr).to_string();
    for stderr in [
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        "remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found",
    ] {
        assert_eq!(say(stderr), "there is no public repository at https://github.com/o/r");
    }
    assert!(
        say("fatal: detected dubious ownership in repository at '/x'").contains("another user")
    );
    assert_eq!(say("\n"), "git fetch failed: it gave no reason");
    assert_eq!(say("fatal: \u{1b}[31mx"), "git fetch failed: fatal: \u{fffd}[31mx");
}

#[tokio::test]
async fn g24_a_pack_that_grows_beyond_the_limit_is_noticed_while_it_grows() {
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("objects").join("tmp_pack");
    fs::create_dir_all(pack.parent().unwrap()).unwrap();
    fs::write(&pack, [0; 1_000]).unwrap();
    let in_time = SIZE_POLL * 10;
    let watch = |limit| tokio::time::timeout(in_time, grown_beyond(folder.path(), limit));
    assert!(watch(1_000).await.is_err(), "what fits is let alone");
    fs::write(&pack, [0; 1_001]).unwrap();
    assert!(watch(1_000).await.is_ok());
}
