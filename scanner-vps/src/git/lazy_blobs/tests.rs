//! A small skill in a large repository, with hosts that help and hosts that do not.

use super::*;
use crate::git::{
    Depth, Fetched, Wanted, blobs, fetch, history,
    testhost::{TestHost, Trouble},
    testrepo::{TestRepo, program},
    tree,
};
use crate::{git::Source, staging};
use skillgate_contract::Provider;
use std::fs;

/// Noise that does not compress, from a plain generator.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut seed = seed;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
        (seed >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

fn limits(pack_mb: u64) -> Limits {
    Limits {
        pack_bytes: pack_mb * MB,
        blob_bytes: MB,
        first_wait: Duration::from_millis(5),
        ..Limits::default()
    }
}

/// 4 MB of media in eight files, and a skill of two files and a link.
fn large() -> TestRepo {
    let mut repo = TestRepo::new();
    let media = (0..8).map(|n| (format!("{n}.png"), noise(n, 500_000))).collect::<Vec<_>>();
    let media =
        repo.tree(media.iter().map(|(name, bytes)| repo.file(name.as_bytes(), bytes)).collect());
    let shared = repo.tree(vec![repo.file(b"setup.sh", b"echo shared\n")]);
    let link = ("120000", b"setup.sh".as_slice(), repo.blob(b"../shared/setup.sh"));
    let skill = vec![repo.file(b"SKILL.md", b"# Photos\n"), repo.file(b"run.js", b"1\n"), link];
    let skill = repo.tree(skill);
    let top = vec![
        ("40000", b"media".as_slice(), media),
        ("40000", b"shared", shared),
        ("40000", b"skill", skill),
    ];
    let top = repo.tree(top);
    repo.commit_tree(&top, "all");
    repo
}

const SKILL: Wanted<'static> = Wanted { commit: None, depth: Depth::One, whole: false };

async fn from(
    host: &TestHost,
    repo: &TestRepo,
    wanted: &Wanted<'_>,
    limits: &Limits,
) -> Result<Fetched, GitError> {
    let source = Source::Remote(host.url().parse().unwrap());
    fetch(&program(), &source, wanted, &repo.target(), limits).await
}

/// The files of the folder, or of all, by path; `None` for what did not come.
async fn sizes(fetched: &Fetched, folder: Option<&str>) -> Vec<(String, Option<u64>)> {
    let git = program();
    let mut entries = tree::list(&git, fetched, &Limits::default()).await.unwrap().entries;
    let below = folder.map(|folder| format!("{folder}/"));
    entries.retain(|entry| below.as_ref().is_none_or(|b| entry.path.starts_with(b.as_bytes())));
    let oids: Vec<_> = entries.iter().map(|entry| entry.oid.as_str()).collect();
    let sizes = blobs::sizes(&git, fetched, &oids).await.unwrap();
    entries.iter().map(|entry| crate::paths::shown(&entry.path)).zip(sizes).collect()
}

#[tokio::test]
async fn of_a_large_repository_only_what_the_skill_needs_is_fetched() {
    let repo = large();
    let host = TestHost::of(&repo.path());
    // Far too little for all of it.
    let fetched = from(&host, &repo, &SKILL, &limits(1)).await.unwrap();
    let skill = sizes(&fetched, Some("skill")).await;
    let want = [("skill/SKILL.md", 9), ("skill/run.js", 2), ("skill/setup.sh", 18)];
    assert_eq!(skill, want.map(|(path, size)| (path.to_owned(), Some(size))));
    // What the link leads to.
    let oid = repo.git(&["rev-parse", "main:shared/setup.sh"], b"");
    assert_eq!(blobs::sizes(&program(), &fetched, &[&oid]).await.unwrap(), [Some(12)]);
    let shared = blobs::contents(&program(), &fetched.git_dir, &[(&oid, 12)]).await.unwrap();
    assert_eq!(shared, [b"echo shared\n"]);
    assert!(host.sent() < 20_000, "{}", host.sent());
    let config = fs::read_to_string(fetched.git_dir.join("config")).unwrap();
    assert!(!config.contains("promisor") && !config.contains("127.0.0.1"), "{config}");
}

#[tokio::test]
async fn a_blob_stays_away_where_nothing_asks_for_it_by_our_own_request() {
    let repo = large();
    let host = TestHost::of(&repo.path());
    let fetched = from(&host, &repo, &SKILL, &limits(200)).await.unwrap();
    let before = host.asked();
    let picture = repo.git(&["rev-parse", "main:media/1.png"], b"");
    let contents = blobs::contents(&program(), &fetched.git_dir, &[(&picture, 500_000)]).await;
    assert!(contents.is_err() && host.asked() == before, "nothing is fetched on the side");
}

#[tokio::test]
async fn beyond_the_limit_what_is_asked_for_first_comes_and_the_rest_is_named() {
    let repo = large();
    let host = TestHost::of(&repo.path());
    let whole = Wanted { whole: true, ..SKILL };
    let fetched = from(&host, &repo, &whole, &limits(2)).await.unwrap();
    let oid = |path: &str| repo.git(&["rev-parse", &format!("main:{path}")], b"");
    let paths =
        ["skill/run.js", "media/0.png", "media/1.png", "media/2.png", "media/3.png", "media/4.png"];
    let oids = paths.map(oid);
    let oids = oids.each_ref().map(String::as_str);
    let sizes = blobs::sizes(&program(), &fetched, &oids).await.unwrap();
    assert_eq!(sizes[0], Some(2));
    let come = sizes.iter().flatten().count();
    assert!((2..5).contains(&come), "{sizes:?}");
    for (oid, size) in oids.iter().zip(&sizes) {
        assert_eq!(fetched.is_beyond(oid), size.is_none(), "{sizes:?}");
    }
    assert!(size_of(&fetched.git_dir).unwrap() <= 2 * MB + MB / 10);
    let asked = host.asked();
    assert_eq!(blobs::sizes(&program(), &fetched, &oids).await.unwrap(), sizes);
    assert_eq!(host.asked(), asked, "each is asked for once");
}

#[tokio::test]
async fn one_huge_file_among_many_costs_itself_only() {
    let mut repo = TestRepo::new();
    let mut files: Vec<(Vec<u8>, Vec<u8>)> = (0..40)
        .map(|n| (format!("{n:02}.js").into_bytes(), format!("{n}\n").into_bytes()))
        .collect();
    files.push((b"20-huge.js".to_vec(), noise(1, 9_000_000)));
    let files: Vec<_> = files.iter().map(|(n, c)| (n.as_slice(), c.as_slice())).collect();
    repo.commit(&files);
    let host = TestHost::of(&repo.path());
    let fetched = from(&host, &repo, &SKILL, &limits(12)).await.unwrap();
    for (path, size) in sizes(&fetched, None).await {
        assert_eq!(size.is_none(), path == "20-huge.js", "{path}");
    }
    let huge = repo.git(&["rev-parse", "main:20-huge.js"], b"");
    assert!(!fetched.is_beyond(&huge), "it is too large by itself");
}

#[tokio::test]
async fn a_host_without_filters_or_single_objects_gives_the_commit_whole() {
    let mut repo = large();
    repo.git(&["config", "uploadpack.allowFilter", "false"], b"");
    let host = TestHost::of(&repo.path());
    let fetched = from(&host, &repo, &SKILL, &limits(200)).await.unwrap();
    assert!(sizes(&fetched, None).await.iter().all(|(_, size)| size.is_some()));
    assert!(host.sent() > 4_000_000);
    let error = from(&host, &repo, &SKILL, &limits(1)).await.unwrap_err();
    assert_eq!(error.to_string(), "the repository is larger than the limit of 1 MB for one fetch");

    // Protocol 0 gives out what it advertises alone.
    repo.git(&["config", "uploadpack.allowFilter", "true"], b"");
    repo.commit(&[(b"a.js", b"1\n"), (b"b.js", b"22\n")]);
    let host = TestHost::of(&repo.path()).speaking_v0();
    let fetched = from(&host, &repo, &SKILL, &limits(200)).await.unwrap();
    let all = [("a.js".to_owned(), Some(2)), ("b.js".to_owned(), Some(3))];
    assert_eq!(sizes(&fetched, None).await, all);
}

#[tokio::test]
async fn the_history_of_one_folder_is_fetched_without_the_others() {
    let mut repo = TestRepo::new();
    for n in 0..3u64 {
        let secret = repo.tree(vec![repo.file(b"key.env", format!("KEY={n}\n").as_bytes())]);
        let media = repo.tree(vec![repo.file(b"a.png", &noise(n, 600_000))]);
        let top = vec![("40000", b"media".as_slice(), media), ("40000", b"skill", secret)];
        let top = repo.tree(top);
        repo.commit_tree(&top, "a change");
    }
    let host = TestHost::of(&repo.path());
    let limits = limits(1);
    let wanted = Wanted { depth: Depth::History, ..SKILL };
    let fetched = from(&host, &repo, &wanted, &limits).await.unwrap();
    assert_eq!(fetched.history_note, None);
    let present = sizes(&fetched, Some("skill")).await;
    assert_eq!(present, [("skill/key.env".to_owned(), Some(6))]);
    let now = repo.git(&["rev-parse", "main:skill/key.env"], b"");
    let present = HashSet::from([now.as_str()]);
    let folder = "skill".parse().unwrap();
    let past = history::list(&program(), &fetched, Some(&folder), &present, &limits).await.unwrap();
    assert_eq!((past.blobs.len(), past.missing, past.beyond.len()), (2, 0, 0));
    assert!(past.blobs.iter().all(|blob| blob.path == b"skill/key.env"), "{past:?}");
    assert!(host.sent() < 20_000, "{}", host.sent());

    // Of all folders there is too much: what is newest comes, and the rest is counted.
    let wanted = Wanted { whole: true, ..wanted };
    let fetched = from(&host, &repo, &wanted, &limits).await.unwrap();
    assert_eq!(fetched.history_note, None);
    let past = history::list(&program(), &fetched, None, &present, &limits).await.unwrap();
    let note = past.beyond.iter().find(|n| n.reason.contains("limit of 1 MB"));
    let note = &note.unwrap_or_else(|| panic!("{past:?}")).reason;
    let unread: usize = note.split(' ').next().unwrap().parse().unwrap();
    assert_eq!((past.blobs.len() + unread, past.missing), (5, 0), "{note}");
    assert!(!past.blobs.is_empty(), "{note}");
}

#[tokio::test]
async fn f8_a_blob_that_the_host_cannot_give_for_a_moment_is_asked_for_again() {
    let repo = large();
    let host = TestHost::of(&repo.path());
    let fetched = from(&host, &repo, &SKILL, &limits(200)).await.unwrap();
    let host = host.then([Trouble::Status(503), Trouble::Half, Trouble::Silence]);
    assert!(sizes(&fetched, Some("skill")).await.iter().all(|(_, size)| size.is_some()));
    drop(host);
}

#[tokio::test]
async fn a_copy_beyond_the_limit_holds_the_code_and_counts_the_pictures() {
    let repo = large();
    let host = TestHost::of(&repo.path());
    let limits = limits(2);
    let whole = Wanted { whole: true, ..SKILL };
    let fetched = from(&host, &repo, &whole, &limits).await.unwrap();
    let plan = crate::tools::plan(Provider::Semgrep, None);
    let copy = staging::stage(&fetched, &program(), &plan, &repo.copy(), &limits).await.unwrap();
    assert!(copy.unscanned.is_empty(), "{:?}", copy.unscanned);
    let note = &copy.not_read.iter().find(|note| note.file == "(repository)").unwrap().reason;
    assert!(note.contains("files of kinds that hold no code for this tool lie beyond"), "{note}");
}
