//! Where a run of GitHub Actions decides whether its programs are those of these sources, no crate of the scanner is
//! left out: a stale scanner would report under a version that it is not.

use std::{fs, path::Path, process::Command};

#[test]
fn a_run_s_key_covers_every_crate_that_the_scanner_is_made_of() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf();
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let workspace = read("Cargo.toml");
    let folder = |package: &str| {
        let line = workspace.lines().find(|line| line.starts_with(&format!("{package} = ")));
        let path = line.and_then(|line| line.split("path = \"").nth(1)).unwrap();
        path.split('"').next().unwrap().to_owned()
    };
    let manifest = read("scanner-vps/Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).unwrap();
    let dependencies = section.split("\n[").next().unwrap();
    let mut crates: Vec<_> = dependencies
        .lines()
        .filter_map(|line| line.strip_suffix(".workspace = true"))
        .filter(|name| name.starts_with("skillgate-"))
        .map(folder)
        .collect();
    assert!(crates.contains(&"contract".to_owned()));
    crates.push("scanner-vps".to_owned());
    let workflow = read(".github/workflows/github-scan.yml");
    for name in &crates {
        assert!(workflow.contains(&format!("'{name}/**'")), "github-scan.yml: {name}");
    }
    // A release is taken though documents differ, so no document is a part of the scanner.
    let programs = read("tools/actions/programs.sh");
    assert!(programs.contains("HEAD -- . ':(exclude)docs' ':(exclude)*.md'"));
    for name in &crates {
        let args = ["grep", "-hE", "include_(str|bytes)!|include!"];
        let mut git = Command::new("git");
        let found = git.args(args).arg("--").arg(format!("{name}/*.rs")).current_dir(&root);
        let found = String::from_utf8(found.output().unwrap().stdout).unwrap();
        let documents: Vec<_> =
            found.lines().filter(|line| line.contains(".md") || line.contains("docs/")).collect();
        assert!(documents.is_empty(), "{name}: {documents:?}");
    }
}
