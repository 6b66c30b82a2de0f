//! Conclusions.

use super::*;
use skillgate_contract::callback::MAX_COVERAGE_FILES;
use skillgate_contract::{Finding, Severity};

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
    }
}

fn concluded(report: ToolReport, copy: NeutralCopy) -> ScanResult {
    conclude(report, copy, "0123456789".repeat(4).parse().unwrap())
}

#[test]
fn g02_nothing_found_passes_only_when_everything_was_read() {
    let note = || FileNote { file: "b.js".into(), reason: "a submodule".into() };
    let clean = concluded(ToolReport::default(), NeutralCopy::default());
    assert_eq!((clean.claimed, clean.error), (Some(ScanStatus::Pass), None));

    let unscanned = ToolReport { unscanned: vec![note()], ..ToolReport::default() };
    let problem = ToolReport { problems: vec!["half".into()], ..ToolReport::default() };
    let copy = NeutralCopy { unscanned: vec![note()], ..NeutralCopy::default() };
    for result in [
        concluded(unscanned, NeutralCopy::default()),
        concluded(problem, NeutralCopy::default()),
        concluded(ToolReport::default(), copy),
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
    assert_eq!(concluded(report, NeutralCopy::default()).claimed, Some(ScanStatus::Fail));
}

#[test]
fn g37_counts_are_of_everything_and_the_list_is_cut() {
    let findings = (0..1000).map(|n| finding(&format!("r{n}"), Severity::Low, n)).collect();
    let result =
        concluded(ToolReport { findings, ..ToolReport::default() }, NeutralCopy::default());
    assert_eq!((result.counts.low, result.findings.len()), (1000, 100));
    assert!(result.findings_truncated);
}

#[test]
fn what_the_copy_met_counts_too() {
    let found = finding("skillgate.evasion.suppression", Severity::Medium, 3);
    let copy = NeutralCopy { findings: vec![found], ..NeutralCopy::default() };
    assert_eq!(concluded(ToolReport::default(), copy).counts.medium, 1);
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
    let copy = NeutralCopy { findings: (1..=18).map(asked).collect(), ..NeutralCopy::default() };
    let report = ToolReport { findings: (1..=18).map(habit).collect(), ..ToolReport::default() };
    let result = concluded(report, copy);
    assert_eq!(result.claimed, Some(ScanStatus::Pass), "{:?}", result.counts);
    assert!(result.findings.iter().any(|f| f.message.contains("18 files")));
}

#[test]
fn an_error_names_no_path_of_this_machine() {
    let io = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let errors: [ScanError; 3] = [
        GitError::Io { path: "/srv/scans/x".into(), source: io() }.into(),
        CopyError::Io { path: "/srv/scans/x".into(), source: io() }.into(),
        CopyError::NotNeutral { path: "/srv/scans/x".into() }.into(),
    ];
    for error in errors {
        assert!(!error.to_string().contains("/srv"), "{error}");
    }
}

#[test]
fn g24_what_was_left_aside_is_listed_and_no_reason_for_doubt() {
    let note = |file: &str| FileNote { file: file.into(), reason: "it is too large".into() };
    let copy = NeutralCopy { not_read: vec![note("a.log")], ..NeutralCopy::default() };
    let result = concluded(ToolReport::default(), copy);
    assert_eq!((result.claimed, result.error), (Some(ScanStatus::Pass), None));
    let coverage = result.coverage.unwrap();
    assert!(coverage.complete);
    assert_eq!(coverage.unscanned, [note("a.log")]);

    let report = ToolReport { unscanned: vec![note("b.js")], ..ToolReport::default() };
    let many = vec![note("a.log"); MAX_COVERAGE_FILES];
    let result = concluded(report, NeutralCopy { not_read: many, ..NeutralCopy::default() });
    let listed = result.coverage.unwrap().unscanned;
    let all = MAX_COVERAGE_FILES + 1;
    assert_eq!((listed[0].file.as_str(), listed.len()), ("b.js", all), "its sender cuts it");
    assert_eq!(result.error.unwrap(), "not read: b.js (it is too large)");
}
