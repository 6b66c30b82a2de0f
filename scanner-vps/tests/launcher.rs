//! njsscan with stand-ins for both of its semgreps: which one it starts, and what is said of it.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

mod common;

use common::git;
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// It starts `semgrep`, and reports every file as read where that ends well.
const NJSSCAN: &str = "\
semgrep scan --json -- a.js || { echo '{\"njsscan_version\":\"1.0.2\",\"nodejs\":{},\"templates\":{},\"errors\":[\"it died\"]}'; exit 1; }
echo '{\"njsscan_version\":\"1.0.2\",\"templates\":{},\"errors\":[],\"nodejs\":{\"buffer_noassert\":{\"metadata\":{},\"files\":['
sep=
for f in \"$@\"; do case $f in */f*) echo \"$sep{\\\"file_path\\\":\\\"$f\\\",\\\"match_lines\\\":[999,999]}\"; sep=,;; esac; done
echo ']}}}'
";

/// A virtual environment of njsscan, and a repository.
struct Place(TempDir);

impl Place {
    /// One whose native engine runs this.
    fn new(native: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.program("v/bin/njsscan", NJSSCAN);
        place.program(
            "v/bin/semgrep",
            &format!("echo \"$@\" > {}\n", place.path("python").display()),
        );
        let record = format!("echo \"$@\" > {}\n{native}", place.path("native").display());
        let packages = "v/lib/python3.11/site-packages";
        place.program(&format!("{packages}/semgrep/bin/semgrep-core"), &record);
        fs::create_dir(place.path(&format!("{packages}/semgrep-1.172.0.dist-info"))).unwrap();
        let repository = place.path("r");
        fs::create_dir(&repository).unwrap();
        git(&repository, &["init", "-q"]);
        fs::write(repository.join("a.js"), "const a = 1;\n").unwrap();
        git(&repository, &["add", "."]);
        git(&repository, &["commit", "-qm", "a"]);
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn program(&self, below: &str, script: &str) {
        let file = self.path(below);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{script}")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What a program was started with, if it was.
    fn started(&self, which: &str) -> Option<String> {
        fs::read_to_string(self.path(which)).ok().map(|said| said.trim().to_owned())
    }

    fn scan(&self, engine: &str) -> Value {
        let scanner = Path::new(env!("CARGO_BIN_EXE_skillgate-scanner"));
        let output = Command::new(scanner)
            .args(["scan", "--format", "json", "--provider", "njsscan"])
            .arg(self.path("r"))
            .env("NJSSCAN_BIN", self.path("v/bin/njsscan"))
            .env("SEMGREP_ENGINE", engine)
            .env("SCANNER_WORK_DIR", self.path("w"))
            .output()
            .unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        said.get(0).unwrap().clone()
    }
}

#[test]
fn njsscan_starts_the_native_engine_with_the_limit_of_a_rule() {
    let place = Place::new("");
    let result = place.scan("auto");
    assert_eq!((&result["tool"]["engine"], &result["status"]), (&"native".into(), &"PASS".into()));
    // The switch and the limit stand before what separates files.
    let expected = "scan --timeout 1 --experimental --json -- a.js";
    assert_eq!(place.started("native").as_deref(), Some(expected));
    assert_eq!(place.started("python"), None);
}

#[test]
fn g01_after_a_doubt_njsscan_runs_again_with_its_own_semgrep() {
    for fault in ["exit 2", "kill -9 $$"] {
        let place = Place::new(fault);
        let result = place.scan("auto");
        assert_eq!(
            (&result["tool"]["engine"], &result["status"]),
            (&"python".into(), &"PASS".into())
        );
        assert!(place.started("native").is_some(), "{fault}");
        assert_eq!(place.started("python").as_deref(), Some("scan --json -- a.js"));

        let result = place.scan("native");
        assert_eq!(result["event"], "failed", "{fault}: {result}");
    }
}

#[test]
fn a_forced_or_missing_engine_leaves_njsscan_as_it_is() {
    let place = Place::new("");
    assert_eq!(place.scan("python")["tool"]["engine"], "python");
    assert_eq!(place.started("native"), None);
    fs::remove_dir_all(place.path("v/lib")).unwrap();
    assert_eq!(place.scan("auto")["tool"]["engine"], "python");
    let refused = place.scan("native").to_string();
    assert!(refused.contains("SEMGREP_ENGINE=native allows no other"), "{refused}");
}
