//! A skill's folder among others: links into it and out of it.

use super::*;
use skillgate_contract::CommitSha;

/// Commits files, links (`path -> target` with no content) and submodules (`path @`).
pub(super) fn commit(repo: &mut TestRepo, files: &[(&str, &str)]) -> CommitSha {
    let lines: String = files
        .iter()
        .map(|(path, content)| match (path.split_once(" -> "), path.strip_suffix(" @")) {
            (Some((link, target)), _) => {
                format!("120000 {}\t{link}\n", repo.blob(target.as_bytes()))
            }
            (None, Some(module)) => format!("160000 {}\t{module}\n", "1".repeat(40)),
            (None, None) => format!("100644 {}\t{path}\n", repo.blob(content.as_bytes())),
        })
        .collect();
    repo.git(&["read-tree", "--empty"], b"");
    repo.git(&["update-index", "--add", "--index-info"], lines.as_bytes());
    let tree = repo.git(&["write-tree"], b"");
    repo.commit_tree(&tree, "a change")
}

pub(super) async fn copy_of(
    repo: &TestRepo,
    provider: Provider,
    folder: &str,
) -> Result<StagedTree, StagingError> {
    std::fs::remove_dir_all(repo.copy().join("root")).ok();
    let depth = crate::tools::of(provider).depth();
    let fetched = repo.fetch(None, depth).await.unwrap();
    let plan = crate::tools::plan(provider, Some(folder.parse().unwrap()));
    stage(&fetched, &program(), &plan, &repo.copy(), &Limits::default()).await
}

pub(super) fn paths(copy: &StagedTree) -> Vec<&str> {
    let mut paths: Vec<_> = copy
        .files
        .iter()
        .filter(|file| file.origin == Origin::File)
        .map(|file| file.path.as_str())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[tokio::test]
async fn a_skill_path_that_is_a_link_is_the_folder_that_it_leads_to() {
    let mut repo = TestRepo::new();
    commit(
        &mut repo,
        &[("skills/photos/SKILL.md", "# Photos\n"), ("skills/photos/old.sh", "old\n")],
    );
    let last = commit(
        &mut repo,
        &[
            ("skills/photos/SKILL.md", "# Photos\n"),
            ("skills/other/SKILL.md", "# Other\n"),
            (".claude/skills/photos -> ../../skills/photos", ""),
            (".agents -> .claude", ""),
            ("out -> ../elsewhere", ""),
            ("round -> round", ""),
            ("void -> nothing", ""),
            ("top -> .", ""),
            ("file", "x\n"),
            ("vendor/other @", ""),
        ],
    );
    for provider in Provider::ALL {
        for path in [".claude/skills/photos", ".agents/skills/photos", "skills/photos"] {
            let copy = copy_of(&repo, provider, path).await.unwrap();
            let read = paths(&copy);
            if provider != Provider::Njsscan {
                assert_eq!(read, ["skills/photos/SKILL.md"], "{provider} {path}");
            }
            assert_eq!(copy.folder.as_deref(), Some("skills/photos"));
            let past = copy.files.iter().any(|f| f.path == "skills/photos/old.sh");
            assert_eq!(past, provider == Provider::Trufflehog, "{path}");
            let told: Vec<_> = copy.not_read.iter().map(|n| n.reason.clone()).collect();
            let expected = format!("{path} is a link: skills/photos was scanned in its place");
            let linked = path != "skills/photos";
            assert_eq!(told, if linked { vec![expected] } else { vec![] });
            let result = conclude(ToolReport::default(), copy, last.clone());
            assert_eq!(result.conclude(false), ScanStatus::Pass, "{:?}", result.error);
        }
    }
    let top = copy_of(&repo, Provider::Semgrep, "top").await.unwrap();
    assert!(paths(&top).contains(&"skills/other/SKILL.md"), "{:?}", paths(&top));
    for (path, error) in [
        ("out", "out is a link out of the repository: name a folder that is in it"),
        (
            "round",
            "round is a link that leads back to itself: name the folder that holds the skill",
        ),
        ("void", "the repository has no file below the folder void"),
        ("file", "file is a file: name the folder that holds the skill"),
        (
            "vendor/other",
            "vendor/other is or lies in a submodule: publish the skill from the submodule's own repository",
        ),
        (
            "vendor/other/skill",
            "vendor/other/skill is or lies in a submodule: publish the skill from the submodule's own repository",
        ),
    ] {
        let said = copy_of(&repo, Provider::Semgrep, path).await.unwrap_err().to_string();
        assert_eq!(said, error);
    }
}

#[tokio::test]
async fn links_to_folders_are_followed_as_installers_follow_them() {
    let mut repo = TestRepo::new();
    let last = commit(
        &mut repo,
        &[
            ("skills/photos/SKILL.md", "# Photos\n"),
            ("skills/photos/templates/v2/page.js", "page()\n"),
            ("skills/photos/templates/current -> v2", ""),
            ("skills/photos/references -> ../../shared/references", ""),
            ("skills/photos/logo.png -> ../../../logo.png", ""),
            ("shared/references/api.md", "# API\n"),
            ("shared/references/deep/call.js", "call()\n"),
            ("shared/references/up -> ../../skills/photos", ""),
            ("shared/unrelated.js", "no()\n"),
        ],
    );
    let copy = copy_of(&repo, Provider::Semgrep, "skills/photos").await.unwrap();
    assert_eq!(
        paths(&copy),
        [
            "skills/photos/SKILL.md",
            "skills/photos/references/api.md",
            "skills/photos/references/deep/call.js",
            "skills/photos/templates/v2/page.js",
        ]
    );
    assert_eq!(unscanned(&copy), []);
    assert_eq!(copy.not_read[0].file, "skills/photos/logo.png");
    let result = conclude(ToolReport::default(), copy, last);
    assert_eq!(result.conclude(false), ScanStatus::Pass, "{:?}", result.error);
}

#[tokio::test]
async fn a_link_out_of_the_repository_that_may_be_code_is_a_gap() {
    for (name, status) in [
        ("logo.png", ScanStatus::Pass),
        ("rows.csv", ScanStatus::Pass),
        ("SKILL.md", ScanStatus::Incomplete),
        ("run.sh", ScanStatus::Incomplete),
        ("assets", ScanStatus::Incomplete),
    ] {
        let mut repo = TestRepo::new();
        let link = format!("skill/{name} -> ../../../{name}");
        let last = commit(&mut repo, &[("skill/README.md", "# Read\n"), (&link, "")]);
        let copy = copy_of(&repo, Provider::Semgrep, "skill").await.unwrap();
        let result = conclude(ToolReport::default(), copy, last);
        assert_eq!(result.conclude(false), status, "{name}: {:?}", result.error);
    }
}

#[tokio::test]
async fn what_a_skill_calls_outside_of_its_folder_is_copied_with_it() {
    let mut repo = TestRepo::new();
    commit(
        &mut repo,
        &[
            ("skills/photos/SKILL.md", "# Photos\n\nRun `bash ../../tools/setup.sh` first.\n"),
            ("skills/photos/run.js", "require('../../lib/sort')\n"),
            ("skills/other/SKILL.md", "# Other\n"),
            ("tools/setup.sh", "source \"$(dirname \"$0\")/lib.sh\"\nrun\n"),
            ("tools/lib.sh", "bash ../../../outside.sh\n"),
            ("tools/unrelated.sh", "no\n"),
            ("lib/sort.ts", "export const x = 1;\n"),
        ],
    );
    for (provider, expected) in [
        (
            Provider::Semgrep,
            &[
                "lib/sort.ts",
                "skills/photos/SKILL.md",
                "skills/photos/run.js",
                "tools/lib.sh",
                "tools/setup.sh",
            ][..],
        ),
        (Provider::Njsscan, &["lib/sort.ts", "skills/photos/run.js"]),
        (
            Provider::Trufflehog,
            &[
                "lib/sort.ts",
                "skills/photos/SKILL.md",
                "skills/photos/run.js",
                "tools/lib.sh",
                "tools/setup.sh",
            ],
        ),
    ] {
        let copy = copy_of(&repo, provider, "skills/photos").await.unwrap();
        assert_eq!(paths(&copy), expected, "{provider}");
        assert_eq!(unscanned(&copy), [], "{provider}");
    }
    let copy = copy_of(&repo, Provider::Semgrep, "skills/photos").await.unwrap();
    let setup = find(&copy, "tools/setup.sh");
    assert_eq!(copy.locate(&setup.name, 2).unwrap().path, "tools/setup.sh");
    assert!(read(&copy, setup).contains("run\n"));
}

#[tokio::test]
async fn a_file_that_is_called_and_cannot_be_read_is_a_gap() {
    let mut repo = TestRepo::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    let last = commit(
        &mut repo,
        &[("skill/SKILL.md", "bash ../tools/setup.sh\n"), ("tools/setup.sh", pointer)],
    );
    let copy = copy_of(&repo, Provider::Semgrep, "skill").await.unwrap();
    assert_eq!(unscanned(&copy)[0].0, "tools/setup.sh");
    let result = conclude(ToolReport::default(), copy, last);
    assert_eq!(result.conclude(false), ScanStatus::Incomplete);
}
