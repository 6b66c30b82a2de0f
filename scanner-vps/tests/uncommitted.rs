//! `skillgate-scanner scan FOLDER`: what it says of changes that are not committed.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

mod common;

use common::git;
use std::{fs, process::Command};

#[test]
fn uncommitted_changes_are_told_once_though_every_tool_fails() {
    let dir = tempfile::tempdir().unwrap();
    let repo = dir.path().join("r");
    fs::create_dir(&repo).unwrap();
    git(&repo, &["init", "-q"]);
    fs::write(repo.join("a.js"), "const a = 1;\n").unwrap();
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "a"]);
    fs::write(repo.join("b.js"), "const b = 1;\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"))
        .arg("scan")
        .arg(&repo)
        .env("SEMGREP_BIN", "/nowhere/semgrep")
        .env("NJSSCAN_BIN", "/nowhere/njsscan")
        .env("TRUFFLEHOG_BIN", "/nowhere/trufflehog")
        .env("SCANNER_WORK_DIR", dir.path().join("w"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.matches("1 file has uncommitted changes").count(), 1, "{said}");
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(table.matches("ERROR").count(), 3, "{table}");
    assert_eq!(output.status.code(), Some(2));
}
