//! A whole scan by the made-up fourth provider: of a real repository on this machine, with a real
//! process as its tool, to the body of the callback.

use super::*;
use crate::{
    delivery::parse_callback, exec::ISOLATION, final_callback, git::testrepo::TestRepo,
    tools::ToolSettings,
};
use skillgate_contract::{
    Millis, Severity,
    callback::{Callback, Event},
};
use std::{
    collections::BTreeMap, fs, fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path,
};

/// Prints each match of the words that the tool is defined by.
const WHOLE: &str = "grep -rnoE 'skillgate-stub-word|skillgate-stub-canary-f[0-9]+' \"$1\"";

/// The callback body of a scan with this shell command as the tool.
async fn scanned(folder: &Path, command: &str) -> Callback {
    let program = folder.join("stubscan");
    fs::write(&program, format!("#!/bin/sh\necho stubscan 1.0.0\n{command}\n")).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let mut repo = TestRepo::new();
    repo.commit(&[
        (b"SKILL.md", b"# Jam\n\n```sh\necho skillgate-stub-word\n```\n"),
        (b"run.js", b"one()\n// skillgate-stub-word\n"),
        (b"quiet.py", b"print(1)\n"),
    ]);
    let settings = ToolSettings {
        tools: BTreeMap::from([(Provider::Stub, program.into())]),
        path: std::env::var_os("PATH").unwrap(),
        ..ToolSettings::default()
    };
    let toolbox = Toolbox::discover(&settings).unwrap();
    let job = ScanJob {
        source: Source::Local(repo.path()),
        skill_name: Some("jam".parse().unwrap()),
        provider: Provider::Stub,
        commit: None,
        skill_path: None,
    };
    let limits = Limits { work_dir: folder.join("a"), ..Limits::default() };
    let outcome = scan(&job, &toolbox, &limits, &|_| {}).await.map_err(|e| e.to_string());
    let subject = Callback {
        scan_id: Some("0190cafe-0000-7000-8000-000000000001".parse().unwrap()),
        skill_name: job.skill_name,
        repo_url: Some("https://github.com/o/r".parse().unwrap()),
        isolation: Some(ISOLATION.to_owned()),
        ..Callback::of(Provider::Stub)
    };
    let now = Millis(1_700_000_000_000);
    let body = final_callback::ended(now, subject, outcome).to_json(now);
    parse_callback(&body).unwrap()
}

#[tokio::test]
async fn a_whole_scan_ends_in_a_callback_body() {
    let folder = tempfile::tempdir().unwrap();
    let callback = scanned(folder.path(), WHOLE).await;
    assert_eq!(callback.provider, Provider::Stub);
    let Event::Result(result) = callback.event else { panic!("{callback:?}") };
    assert_eq!((result.claimed, result.error.as_deref()), (Some(ScanStatus::Pass), None));
    let found: Vec<_> =
        result.findings.iter().map(|f| (f.file.as_str(), f.line, f.severity)).collect();
    assert_eq!(
        found,
        [("SKILL.md", Some(4), Severity::Medium), ("run.js", Some(2), Severity::Medium)]
    );
    assert!(result.findings.iter().all(|f| f.provider == Some(Provider::Stub)));
    let coverage = result.coverage.unwrap();
    assert!(coverage.complete && coverage.files_scanned == 3, "{coverage:?}");
    assert_eq!(result.tool.unwrap().version, "1.0.0");
}

#[tokio::test]
async fn a_tool_that_leaves_out_a_file_or_says_nothing_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let partly = format!("{WHOLE} --exclude='*.py'");
    let callback = scanned(folder.path(), &partly).await;
    let Event::Result(result) = callback.event else { panic!("{callback:?}") };
    assert_eq!(result.claimed, Some(ScanStatus::Incomplete));
    assert_eq!(result.coverage.unwrap().unscanned[0].file, "quiet.py");

    let silent = scanned(folder.path(), "exit 0").await;
    let Event::Failed { error } = silent.event else { panic!("{silent:?}") };
    assert!(error.contains("missed a planted positive"), "{error}");
}
