//! The copy of real repositories, as odd as git allows.

use super::*;
use crate::git::{
    Depth, Limits,
    testrepo::{TestRepo, program},
};
use crate::{scan::conclude, tools::ToolReport};
use skillgate_contract::{Provider, ScanStatus};

mod folders;
mod linked;
mod packed;
mod parts;

async fn copy_within(repo: &TestRepo, plan: StagingPlan, limits: &Limits) -> StagedTree {
    let depth = crate::tools::of(plan.tool.provider()).depth();
    let fetched = repo.fetch(None, depth).await.unwrap();
    stage(&fetched, &program(), &plan, &repo.copy(), limits).await.unwrap()
}

async fn copy(repo: &TestRepo, provider: Provider) -> StagedTree {
    copy_within(repo, crate::tools::plan(provider, None), &Limits::default()).await
}

fn read(copy: &StagedTree, file: &StagedFile) -> String {
    std::fs::read_to_string(copy.root.join(&file.name)).unwrap()
}

fn find<'a>(copy: &'a StagedTree, path: &str) -> &'a StagedFile {
    copy.files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path}"))
}

fn unscanned(copy: &StagedTree) -> Vec<(&str, &str)> {
    copy.unscanned.iter().map(|n| (n.file.as_str(), n.reason.as_str())).collect()
}

#[tokio::test]
async fn every_file_is_copied_under_our_name_and_found_again() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.JS", b"one\ntwo"), (b"run", b"#!/usr/bin/env python3\nx\n")]);
    let copy = copy(&repo, Provider::Semgrep).await;
    let file = find(&copy, "a.JS");
    assert_eq!(file.language, Language::JavaScript);
    assert_eq!(
        read(&copy, file),
        format!("one\ntwo\n\n;__vs_canary(\"{0}\");\n// __vs_canary_text_{0}\n", file.id)
    );
    let place = copy.locate(&format!("/some/where/{}", file.name), 2).unwrap();
    assert_eq!((place.path.as_str(), place.line), ("a.JS", 2));
    assert_eq!(copy.locate(&file.name, 3), None);
    assert!(copy.is_canary_line(&file.name, 4) && !copy.is_canary_line(&file.name, 2));
    assert_eq!(copy.excerpt(&file.name, 1, 9), "one\ntwo");
    assert_eq!(find(&copy, "run").language, Language::Python);
    assert_eq!(copy.locate("f999999.js", 1), None);
    assert_eq!(copy.locate("passwd", 1), None);
    let written: u64 = std::fs::read_dir(&copy.root)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(copy.bytes, written);
}

#[tokio::test]
async fn g09_odd_names_are_copied_and_shown_harmless() {
    let mut repo = TestRepo::new();
    let long = [b'x'; 255];
    repo.commit(&[
        (b"a\nb.js", b"1\n"),
        ("a\u{202e}sj.js".as_bytes(), b"2\n"),
        (b"\xff.js", b"3\n"),
        (b"-rf.js", b"4\n"),
        (&long, b"5\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    for (path, content) in
        [("a b.js", "1"), ("a\u{fffd}sj.js", "2"), ("\u{fffd}.js", "3"), ("-rf.js", "4")]
    {
        assert!(read(&copy, find(&copy, path)).starts_with(content), "{path}");
    }
    assert!(read(&copy, find(&copy, &"x".repeat(255))).starts_with('5'));
    assert_eq!(unscanned(&copy), []);
    for file in &copy.files {
        assert!(file.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.'), "{}", file.name);
    }
}

#[tokio::test]
async fn g11_links_and_submodules_are_read_or_listed_and_never_followed_out() {
    let mut repo = TestRepo::new();
    let link = |target: &[u8]| repo.blob(target);
    let tree = repo.tree(vec![
        repo.file(b"data.txt", b"eval(x)\n"),
        repo.file(b"same.js", b"1\n"),
        repo.file(
            b"logo.png",
            b"\x89PNG\r\n\x1a\n\n\nrun this\n\x90\x90\x90\x90\x90\x90\x90\x90\0",
        ),
        ("120000", b"run.js", link(b"data.txt")),
        ("120000", b"alias.js", link(b"same.js")),
        ("120000", b"install", link(b"logo.png")),
        ("120000", b"shadow", link(b"/etc/passwd")),
        ("120000", b"up.js", link(b"../../x.js")),
        ("120000", b"void", link(b"nothing")),
        ("160000", b"sub", "0123456789012345678901234567890123456789".into()),
    ]);
    repo.commit_tree(&tree, "x");
    let copy = copy(&repo, Provider::Semgrep).await;
    assert_eq!(find(&copy, "run.js").language, Language::JavaScript);
    assert!(read(&copy, find(&copy, "run.js")).starts_with("eval(x)\n"));
    assert!(read(&copy, find(&copy, "install")).contains("run this"));
    assert!(!copy.files.iter().any(|f| ["shadow", "up.js", "alias.js"].contains(&&*f.path)));
    let mut listed: Vec<_> = unscanned(&copy).into_iter().map(|(file, _)| file).collect();
    listed.sort_unstable();
    assert_eq!(listed, ["shadow", "sub", "up.js"]);
    assert_eq!(copy.not_read[0].file, "void");
}

#[tokio::test]
async fn g11_attributes_and_encodings_do_not_change_what_is_read() {
    let mut repo = TestRepo::new();
    let wide: Vec<u8> = "eval(x)\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.commit(&[
        (b".gitattributes", b"*.js working-tree-encoding=UTF-16LE-BOM eol=crlf filter=x\n"),
        (b"plain.js", b"eval(x)\n"),
        (b"wide.js", &wide),
        (b"lfs.py", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    for path in ["plain.js", "wide.js"] {
        assert!(read(&copy, find(&copy, path)).starts_with("eval(x)\n\n;"), "{path}");
    }
    assert_eq!(unscanned(&copy).len(), 1);
    assert_eq!(unscanned(&copy)[0].0, "lfs.py");
}

#[tokio::test]
async fn g06_pleas_to_look_away_are_broken_and_told_once_by_their_own_tool() {
    let mut repo = TestRepo::new();
    let code =
        b"a() // nosemgrep\nb() // nosem\nc() // njsscan-ignore: x\nk = 1 # trufflehog:ignore\n";
    repo.commit(&[
        (b".semgrepignore", b"*\n"),
        (b"SKILL.md", b"# T\n\n```js\na() // nosemgrep, njsscan-ignore\n```\n"),
        (b"a.js", code),
    ]);
    for (provider, expected) in [
        (
            Provider::Semgrep,
            vec![
                ("skillgate.evasion.ignore-file", ".semgrepignore", None),
                ("skillgate.evasion.suppression", "SKILL.md", Some(4)),
                ("skillgate.evasion.suppression", "a.js", Some(1)),
            ],
        ),
        (
            Provider::Njsscan,
            vec![
                ("skillgate.evasion.suppression", "SKILL.md", Some(4)),
                ("skillgate.evasion.suppression", "a.js", Some(3)),
            ],
        ),
        (Provider::Trufflehog, vec![("skillgate.evasion.suppression", "a.js", Some(4))]),
    ] {
        std::fs::remove_dir_all(repo.copy().join("root")).ok();
        let copy = copy(&repo, provider).await;
        let mut found: Vec<_> =
            copy.findings.iter().map(|f| (f.rule.as_str(), f.file.as_str(), f.line)).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{provider:?}");
        let file = find(&copy, "a.js");
        let text = read(&copy, file).to_lowercase();
        for word in ["nosem", "njsscan-ignore", "trufflehog:ignore"] {
            assert!(!text.contains(word), "{word}");
        }
        let (first, last) = (file.lines_before + 2, file.lines_before + 3);
        let excerpt = copy.excerpt(&file.name, first, last);
        assert_eq!(excerpt, "b() // nosem\nc() // njsscan-ignore: x");
    }
}

#[tokio::test]
async fn g08_a_block_of_markdown_is_found_at_its_line_in_the_markdown() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"SKILL.md", b"# T\n\n> ```js\n> a\n> b\n> ```\n")]);
    let copy = copy(&repo, Provider::Njsscan).await;
    let block = find(&copy, "SKILL.md");
    assert_eq!(block.origin, Origin::Embedded { first_line: 4 });
    assert!(read(&copy, block).starts_with("a\nb\n\n;__vs_f000001.readUInt8(0,true);\n"));
    let place = copy.locate(&block.name, 2).unwrap();
    assert_eq!((place.path.as_str(), place.line), ("SKILL.md", 5));
    let planted = copy.files.iter().filter(|f| f.origin == Origin::Planted);
    let languages: Vec<_> = planted.map(|f| f.language).collect();
    let expected = crate::tools::of(Provider::Njsscan).planted().iter();
    assert_eq!(languages, expected.map(|(language, _)| *language).collect::<Vec<_>>());
}

#[tokio::test]
async fn g24_what_is_too_large_is_named_and_the_rest_is_read() {
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"big.js", &vec![b'/'; 11_000_000]),
        (b"big.png", &vec![b'x'; 11_000_000]),
        (b"big.log", &vec![b'l'; 11_000_000]),
        (b"mcp.json", &vec![b' '; 11_000_000]),
        (b"small.js", b"a\n"),
    ]);
    let copy = copy(&repo, Provider::Semgrep).await;
    let reason = "it is larger than the limit of 10 MB";
    assert_eq!(unscanned(&copy), [("big.js", reason), ("mcp.json", reason)]);
    let not_read: Vec<_> = copy.not_read.iter().map(|note| note.file.as_str()).collect();
    assert_eq!(not_read, ["big.log", "big.png"]);
    assert!(copy.files.iter().any(|f| f.path == "small.js"));
}

#[tokio::test]
async fn g24_limits_in_all_are_named() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", &[b'a'; 600]), (b"b.js", &[b'b'; 600]), (b"c.js", b"c")]);
    let limits = Limits { total_bytes: 1000, entries: 2, ..Limits::default() };
    let plan = crate::tools::plan(Provider::Semgrep, None);
    let copy = copy_within(&repo, plan, &limits).await;
    let reasons: Vec<_> = unscanned(&copy).into_iter().map(|(_, reason)| reason).collect();
    assert!(reasons.contains(&"1 files lie beyond the limit of 2"), "{reasons:?}");
    assert!(reasons.contains(&"1 files lie beyond the limit of 0 MB in all"), "{reasons:?}");
}

#[tokio::test]
async fn g24_what_holds_no_code_is_counted_beyond_the_limit_in_all() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"gone.csv", &[b'g'; 700]), (b"gone.png", &[b'p'; 700])]);
    repo.commit(&[(b"a.js", b"a"), (b"b.csv", &[b'b'; 600]), (b"c.png", &[b'c'; 600])]);
    let limits = Limits { total_bytes: 1000, ..Limits::default() };
    for (provider, places) in [
        (Provider::Semgrep, &["(repository)"][..]),
        (Provider::Trufflehog, &["(repository)", "(history)"]),
    ] {
        std::fs::remove_dir_all(repo.copy().join("root")).ok();
        let plan = crate::tools::plan(provider, None);
        let copy = copy_within(&repo, plan, &limits).await;
        assert_eq!(unscanned(&copy), []);
        let told: Vec<_> =
            copy.not_read.iter().map(|n| (n.file.as_str(), n.reason.as_str())).collect();
        let reason =
            "1 files of kinds that hold no code for this tool lie beyond the limit of 0 MB in all";
        assert_eq!(told, places.iter().map(|at| (*at, reason)).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn g24_settings_beyond_the_limit_in_all_leave_a_gap() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", &[b'a'; 600]), (b"mcp.json", &[b' '; 600])]);
    let limits = Limits { total_bytes: 1000, ..Limits::default() };
    let plan = crate::tools::plan(Provider::Semgrep, None);
    let copy = copy_within(&repo, plan, &limits).await;
    let reason = "1 files lie beyond the limit of 0 MB in all";
    assert_eq!(unscanned(&copy), [("(repository)", reason)]);
}

/// A picture of one pixel.
const PICTURE: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\xdac\xfc\xcf\xc0P\x0f\0\x04\x85\x01\x80\x84\xa9\x8c!\0\0\0\0IEND\xaeB`\x82";

#[tokio::test]
async fn g02_a_commit_that_holds_nothing_to_read_does_not_pass() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    let nothing = Some("the commit holds nothing that could be read");
    for (name, files, error) in [
        ("empty", vec![], nothing),
        ("a picture", vec![(&b"a.png"[..], PICTURE)], nothing),
        ("a pointer", vec![(&b"a.png"[..], &pointer[..])], nothing),
        // Nothing in them is njsscan's; that it ran is shown by its planted positives.
        ("prose", vec![(&b"SKILL.md"[..], &b"# Title\n"[..])], None),
        ("Python", vec![(&b"a.png"[..], PICTURE), (b"a.py", b"x = 1\n")], None),
    ] {
        let mut repo = TestRepo::new();
        // What only the history holds is not what is published.
        repo.commit(&[(b"old.js", b"a\n")]);
        let commit = repo.commit(&files);
        for provider in Provider::ALL {
            std::fs::remove_dir_all(repo.copy().join("root")).ok();
            let copy = copy(&repo, provider).await;
            let result = conclude(ToolReport::default(), copy, commit.clone());
            assert_eq!(result.error.as_deref(), error, "{name} {provider}");
            let status = if error.is_some() { ScanStatus::Incomplete } else { ScanStatus::Pass };
            assert_eq!(result.conclude(false), status, "{name} {provider}");
        }
    }
}

#[tokio::test]
async fn a_nul_in_a_string_is_read_and_a_program_is_not() {
    let pyc = [b"\xcb\r\r\n\x01\0\0\0".as_slice(), &[0x90; 40]].concat();
    for (name, content, complete) in [
        (&b"key.mjs"[..], &b"export const key = (a, b) => `${a}\0${b}`;\n"[..], true),
        (b"a.png", PICTURE, true),
        (b"a.cpython-312.pyc", &pyc, false),
        (b"a.py", &[0x90, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3], false),
    ] {
        let mut repo = TestRepo::new();
        let commit = repo.commit(&[(b"SKILL.md", b"# Keys\n"), (name, content)]);
        let copy = copy(&repo, Provider::Semgrep).await;
        let result = conclude(ToolReport::default(), copy, commit);
        let shown = String::from_utf8_lossy(name);
        let status = if complete { ScanStatus::Pass } else { ScanStatus::Incomplete };
        assert_eq!(result.conclude(false), status, "{shown}: {:?}", result.error);
        assert!(result.counts.medium == 0 || !complete, "{shown}");
    }
}

#[tokio::test]
async fn g36_a_secret_that_was_deleted_is_in_the_history_and_messages_are_read() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.env", b"SECRET=1\n"), (b"kept", b"k\n")]);
    let tree = repo.tree(vec![repo.file(b"kept", b"k\n"), repo.file(b"z.zip", b"PK\0\xff")]);
    repo.commit_tree(&tree, "remove the secret\n\nit was 1");
    let copy = copy(&repo, Provider::Trufflehog).await;
    let gone = find(&copy, "a.env");
    assert!(matches!(gone.origin, Origin::History { .. }));
    let text = read(&copy, gone);
    let head = "\n".repeat(4096);
    assert_eq!(text, format!("{head}SECRET=1\n\nskillgatecanary-{}{}\n", copy.mark, gone.id));
    assert_eq!(copy.locate(&gone.name, 4097).unwrap().line, 1);
    assert_eq!(copy.locate(&gone.name, 4096), None);
    let zip = find(&copy, "z.zip");
    assert_eq!(std::fs::read(copy.root.join(&zip.name)).unwrap(), b"PK\0\xff");
    assert!(
        copy.files
            .iter()
            .any(|f| f.path.starts_with("commit message ") && read(&copy, f).contains("it was 1"))
    );
    assert_eq!(copy.files.iter().filter(|f| f.path == "kept").count(), 1);
    assert_eq!(unscanned(&copy), []);
}

#[tokio::test]
async fn only_the_folder_of_the_skill_decides() {
    let mut repo = TestRepo::new();
    let inner = repo.tree(vec![repo.file(b"in.js", b"1\n"), repo.file(b"old.js", b"o\n")]);
    let tree = repo.tree(vec![repo.file(b"out.js", b"2\n"), ("40000", b"skill", inner)]);
    repo.commit_tree(&tree, "x");
    let inner = repo.tree(vec![repo.file(b"in.js", b"1\n")]);
    let tree = repo.tree(vec![repo.file(b"other.js", b"3\n"), ("40000", b"skill", inner)]);
    repo.commit_tree(&tree, "x");
    let plan = |folder: &str, provider| crate::tools::plan(provider, Some(folder.parse().unwrap()));
    let limits = Limits::default();
    let copy = copy_within(&repo, plan("skill", Provider::Trufflehog), &limits).await;
    let mut paths: Vec<_> = copy.files.iter().map(|f| f.path.as_str()).collect();
    paths.retain(|path| path.ends_with(".js"));
    assert_eq!(paths, ["skill/in.js", "skill/old.js"]);

    let fetched = repo.fetch(None, Depth::One).await.unwrap();
    std::fs::remove_dir_all(repo.copy().join("root")).unwrap();
    let missing = plan("nowhere", Provider::Semgrep);
    let error = stage(&fetched, &program(), &missing, &repo.copy(), &limits).await.unwrap_err();
    assert_eq!(error.to_string(), "the repository has no file below the folder nowhere");
}

#[tokio::test]
async fn g07_a_scratch_folder_that_njsscan_would_skip_is_refused() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"inspector-example.spec.min.js", b"a\n")]);
    let fetched = repo.fetch(None, Depth::One).await.unwrap();
    let plan = crate::tools::plan(Provider::Njsscan, None);
    let skipped = repo.copy().join("inspector");
    std::fs::create_dir(&skipped).unwrap();
    let limits = Limits::default();
    let error = stage(&fetched, &program(), &plan, &skipped, &limits).await.unwrap_err();
    assert!(matches!(error, StagingError::SkippedPath { .. }), "{error}");
    let copy = stage(&fetched, &program(), &plan, &repo.copy(), &limits).await.unwrap();
    for file in &copy.files {
        assert!(crate::tools::read_below(&copy.root.join(&file.name)), "{}", file.name);
    }
}

#[tokio::test]
async fn g10_an_open_string_or_comment_cannot_join_our_lines_to_its_own() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.sh", b"echo \\"), (b"b.py", b"x = '''")]);
    let copy = copy(&repo, Provider::Semgrep).await;
    assert!(read(&copy, find(&copy, "a.sh")).contains("echo \\\n\n__vs_canary f"));
    assert!(read(&copy, find(&copy, "b.py")).contains("x = '''\n\n__vs_canary(\"f"));
}

#[tokio::test]
async fn g24_large_blobs_of_the_history_are_counted() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"old.sh", &vec![b'#'; 11_000_000]), (b"old.zip", &vec![b'z'; 11_000_000])]);
    repo.commit(&[(b"new.sh", b"a\n")]);
    let copy = copy(&repo, Provider::Trufflehog).await;
    let reason = "2 blobs that are gone by now are larger than 10 MB";
    assert_eq!(copy.not_read[0].reason, reason);
    assert_eq!(unscanned(&copy), []);
}

#[tokio::test]
async fn a_branch_that_a_merge_threw_away_is_read_too() {
    let mut repo = TestRepo::new();
    let base = repo.commit(&[(b"skill", b"k\n")]);
    let inner = repo.tree(vec![repo.file(b"a.env", b"SECRET=1\n")]);
    let side_tree = repo.tree(vec![("40000", b"s", inner)]);
    let base = base.to_string();
    let side = repo.git(&["commit-tree", &side_tree, "-p", &base], b"side");
    let kept = repo.tree(vec![repo.file(b"b", b"b\n")]);
    let main_tree = repo.tree(vec![("40000", b"s", kept)]);
    let main = repo.git(&["commit-tree", &main_tree, "-p", &base], b"main");
    let merge = repo.git(&["commit-tree", &main_tree, "-p", &main, "-p", &side], b"merge");
    repo.git(&["update-ref", "refs/heads/main", &merge], b"");
    let plan = crate::tools::plan(Provider::Trufflehog, Some("s".parse().unwrap()));
    let copy = copy_within(&repo, plan, &Limits::default()).await;
    assert!(read(&copy, find(&copy, "s/a.env")).contains("SECRET=1"));
}
