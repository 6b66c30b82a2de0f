//! Conclusions.

use super::*;
use crate::tools::ToolSettings;
use skillgate_contract::callback::MAX_COVERAGE_FILES;
use skillgate_contract::{Finding, Severity};
use std::os::unix::fs::PermissionsExt as _;

fn finding(rule: &str, severity: Severity, line: u32) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        message: String::new(),
        file: "a.js".into(),
        line: Some(line),
        end_line: Some(line),
        code: String::new(),
        provider: Some(Provider::Semgrep),
        chain: Vec::new(),
    }
}

/// The copy of a commit that holds text.
fn copy() -> StagedTree {
    StagedTree { holds_text: true, ..StagedTree::default() }
}

fn concluded(report: ToolReport, copy: StagedTree) -> ScanResult {
    conclude(report, copy, "0123456789".repeat(4).parse().unwrap())
}

#[test]
fn g02_nothing_found_passes_only_when_everything_was_read() {
    let note = || FileNote::new("b.js", "a submodule");
    let clean = concluded(ToolReport::default(), copy());
    assert_eq!((clean.claimed, clean.error), (Some(ScanStatus::Pass), None));

    let unscanned = ToolReport { unscanned: vec![note()], ..ToolReport::default() };
    let problem = ToolReport { problems: vec!["half".into()], ..ToolReport::default() };
    let met = StagedTree { unscanned: vec![note()], ..copy() };
    for result in [
        concluded(unscanned, copy()),
        concluded(problem, copy()),
        concluded(ToolReport::default(), met),
    ] {
        assert_eq!(result.claimed, Some(ScanStatus::Incomplete));
        assert_eq!(result.conclude(false), ScanStatus::Incomplete);
        assert!(result.error.is_some());
    }
}

#[test]
fn a_critical_fails_whatever_the_coverage() {
    let report = ToolReport {
        findings: vec![finding("skillgate.a.b", Severity::Critical, 1)],
        problems: vec!["half".into()],
        ..ToolReport::default()
    };
    assert_eq!(concluded(report, copy()).claimed, Some(ScanStatus::Fail));
}

#[test]
fn g37_counts_are_of_everything_and_the_list_is_cut() {
    let findings = (0..1000).map(|n| finding(&format!("r{n}"), Severity::Low, n)).collect();
    let result = concluded(ToolReport { findings, ..ToolReport::default() }, copy());
    assert_eq!((result.counts.low, result.findings.len()), (1000, 100));
    assert!(result.findings_truncated);
}

#[test]
fn what_the_copy_met_counts_too() {
    let found = finding("skillgate.evasion.suppression", Severity::Medium, 3);
    let met = StagedTree { findings: vec![found], ..copy() };
    assert_eq!(concluded(ToolReport::default(), met).counts.medium, 1);
}

#[test]
fn g06_an_honest_repository_with_many_suppressions_passes() {
    let asked = |n: u32| Finding {
        file: format!("src/f{n}.js"),
        ..finding("skillgate.evasion.suppression", Severity::Medium, n)
    };
    let habit = |n: u32| Finding {
        file: format!("docs/f{n}.md"),
        ..finding("skillgate.download-exec.pipe-shell", Severity::Medium, n)
    };
    let met = StagedTree { findings: (1..=18).map(asked).collect(), ..copy() };
    let report = ToolReport { findings: (1..=18).map(habit).collect(), ..ToolReport::default() };
    let result = concluded(report, met);
    assert_eq!(result.claimed, Some(ScanStatus::Pass), "{:?}", result.counts);
    assert!(result.findings.iter().any(|f| f.message.contains("18 files")));
}

#[test]
fn what_counts_no_more_is_named_at_once_and_changes_no_verdict() {
    let found = |rule: &str, n: u32| Finding {
        file: format!("skills/s{n}/SKILL.md"),
        ..finding(rule, Severity::Medium, n)
    };
    let all = |rule, most| (1..=most).map(move |n| found(rule, n));
    let report = |findings| ToolReport { findings, ..ToolReport::default() };
    let result = concluded(report(all("skillgate.download-exec.pipe-shell", 8).collect()), copy());
    assert_eq!((result.counts.medium, result.findings.len()), (4, 4));
    let shown = serde_json::to_string(&result.findings).unwrap();
    for n in 1..=8 {
        assert!(shown.contains(&format!("skills/s{n}/SKILL.md")), "{n}: {shown}");
    }
    assert!(!result.findings_truncated, "all are named");

    // Four habits of a repository of any size pass; what has no room is said.
    let rules = ["a.b", "c.d", "e.f", "g.h"].into_iter();
    let result = concluded(report(rules.flat_map(|rule| all(rule, 900)).collect()), copy());
    assert_eq!((result.claimed, result.counts.medium), (Some(ScanStatus::Pass), 16));
    assert!(result.findings_truncated);
    let last = result.findings.iter().filter(|f| f.message.contains("that are not named here"));
    assert_eq!(last.count(), 4);
}

#[test]
fn an_error_names_no_path_of_this_machine() {
    let io = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let errors: [ScanError; 3] = [
        GitError::Io { path: "/srv/scans/x".into(), source: io() }.into(),
        StagingError::Io { path: "/srv/scans/x".into(), source: io() }.into(),
        StagingError::SkippedPath {
            provider: Provider::Njsscan,
            path: "/srv/scans/x".into(),
            words: String::new(),
        }
        .into(),
    ];
    for error in errors {
        assert!(!error.to_string().contains("/srv"), "{error}");
    }
}

#[test]
fn g24_what_was_left_out_is_listed_and_no_reason_for_doubt() {
    let note = |file: &str| FileNote::new(file, "it is too large");
    let met = StagedTree { not_read: vec![note("a.log")], ..copy() };
    let result = concluded(ToolReport::default(), met);
    assert_eq!((result.claimed, result.error), (Some(ScanStatus::Pass), None));
    let coverage = result.coverage.unwrap();
    assert!(coverage.complete);
    assert_eq!(coverage.unscanned, [note("a.log").informational()]);

    let report = ToolReport { unscanned: vec![note("b.js")], ..ToolReport::default() };
    let many = vec![note("a.log"); MAX_COVERAGE_FILES];
    let result = concluded(report, StagedTree { not_read: many, ..copy() });
    let listed = result.coverage.unwrap().unscanned;
    let all = MAX_COVERAGE_FILES + 1;
    assert_eq!((listed[0].file.as_str(), listed.len()), ("b.js", all), "its sender cuts it");
    assert_eq!(result.error.unwrap(), "not read: b.js (it is too large)");
}

#[tokio::test]
async fn a_git_that_is_too_old_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let git = folder.path().join("git");
    std::fs::write(&git, "#!/bin/sh\necho git version 2.38.9\n").unwrap();
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    let settings = ToolSettings { git: Some(git.into()), ..ToolSettings::default() };
    let toolbox = Toolbox::discover(&settings).unwrap();
    let job = ScanJob {
        source: Source::Local(folder.path().to_owned()),
        skill_name: None,
        provider: Provider::Semgrep,
        commit: None,
        skill_path: None,
    };
    let limits = Limits { work_dir: folder.path().join("work"), ..Limits::default() };
    let error = scan(&job, &toolbox, &limits, &|_| {}).await.unwrap_err().to_string();
    assert_eq!(error, "git 2.38.9 on this scanner is too old: at least 2.39.0");
}
