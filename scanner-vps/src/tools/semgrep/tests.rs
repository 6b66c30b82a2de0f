//! Recorded output of semgrep 1.185.0, and what is made of it.

use super::{coverage::with_match_limits, *};
use crate::exec::StderrMatches;
use crate::staging::{Language, Origin};
use crate::tools::{
    output::ParseError,
    rules::RulesOnDisk,
    testcopy::{self, TestCopy},
};
use skillgate_contract::Severity;
use std::path::Path;

pub(super) const CLEAN: &[u8] = include_bytes!("../../../testdata/semgrep/clean.json");
const FINDING: &[u8] = include_bytes!("../../../testdata/semgrep/finding.json");
pub(super) const PARSE_ERROR: &[u8] = include_bytes!("../../../testdata/semgrep/parse-error.json");
const TIMEOUT: &[u8] = include_bytes!("../../../testdata/semgrep/timeout.json");
const TIMEOUT_SECOND: &[u8] = include_bytes!("../../../testdata/semgrep/timeout-second.json");
const KILLED: &[u8] = include_bytes!("../../../testdata/semgrep/killed-engine.json");

pub(super) fn all() -> TestCopy {
    testcopy::copy()
        .scripts()
        .file("js", "broken.js", Language::JavaScript, "function (((((;\n")
        .file("js", "bomb.js", Language::JavaScript, "const x=a+a;\n")
        .planted_for_semgrep()
}

fn judged(first: &[u8], second: Option<&[u8]>, copy: &TestCopy) -> Result<ToolReport, ToolError> {
    let second = second.map(|bytes| parse(bytes).unwrap());
    judge(&parse(first).unwrap(), second.as_ref(), &copy.copy, &RulePack::embedded(), None)
}

#[test]
fn a_clean_run_is_complete_and_names_tool_and_rules() {
    let copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    let report = judged(CLEAN, None, &copy).unwrap();
    assert_eq!((report.files_scanned, report.findings.len()), (1, 0));
    assert_eq!((report.unscanned.len(), report.text_rules_only.len()), (0, 0));
    assert!(report.problems.is_empty());
    assert_eq!((report.tool.name.as_str(), report.tool.version.as_str()), ("semgrep", "1.185.0"));
    assert!(!report.tool.rules.is_empty());
}

#[test]
fn a_match_is_found_at_its_place_in_the_repository() {
    let copy = all().without(&["broken.js", "bomb.js"]);
    let report = judged(FINDING, None, &copy).unwrap();
    let found = &report.findings[0];
    assert_eq!(found.rule, "skillgate.reverse-shell.dev-tcp");
    assert_eq!((found.file.as_str(), found.line, found.end_line), ("setup.sh", Some(2), Some(2)));
    assert_eq!(found.severity, Severity::Critical);
    assert!(found.code.contains("/dev/tcp/203.0.113.7"), "{}", found.code);
}

#[test]
fn g10_an_unparsable_file_is_read_by_the_text_rules_and_named() {
    let copy = all().without(&["setup.sh", "bomb.js"]);
    let report = judged(PARSE_ERROR, None, &copy).unwrap();
    assert_eq!(report.text_rules_only[0].file, "broken.js");
    assert_eq!(report.text_rules_only[0].reason, "a syntax error");
    assert_eq!(report.findings[0].rule, "skillgate.coverage.text-rules-only");
    assert_eq!(report.findings[0].severity, Severity::Low);
    assert!(report.unscanned.is_empty() && report.problems.is_empty());
}

#[test]
fn a_guess_that_does_not_parse_takes_nothing_from_the_coverage() {
    let mut copy = all().without(&["setup.sh", "bomb.js"]);
    copy.copy.files[2].guessed = true;
    let report = judged(PARSE_ERROR, None, &copy).unwrap();
    assert!(report.text_rules_only.is_empty() && report.findings.is_empty());
}

#[test]
fn g10_a_file_that_times_out_gets_a_second_reading_by_the_text_rules() {
    let copy = all().without(&["setup.sh", "broken.js"]);
    let first = parse(TIMEOUT).unwrap();
    assert_eq!(unsettled(&first, &copy.copy), ["f000004.js"]);
    let report = judged(TIMEOUT, Some(TIMEOUT_SECOND), &copy).unwrap();
    assert_eq!(report.text_rules_only[0].file, "bomb.js");
    assert_eq!(report.text_rules_only[0].reason, "a rule ran out of time");
    assert!(report.unscanned.is_empty());
    // A second reading that says nothing of the file leaves it unread.
    let silent = br#"{"version":"1.185.0","results":[],"errors":[]}"#;
    let report = judged(TIMEOUT, Some(silent), &copy).unwrap();
    assert_eq!(report.unscanned[0].file, "bomb.js");
}

#[test]
fn g02_a_run_without_its_planted_positives_is_void() {
    let copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    for output in [&b"{\"version\":\"1\",\"results\":[],\"errors\":[]}"[..], KILLED] {
        assert!(matches!(judged(output, None, &copy), Err(ToolError::PlantedMissing { .. })));
    }
    let nothing = TestCopy::file(testcopy::copy(), "py", "a.py", Language::Python, "x\n");
    assert!(matches!(judged(CLEAN, None, &nothing), Err(ToolError::NothingPlanted { .. })));
}

#[test]
fn g02_what_is_planted_must_be_found_and_is_no_finding() {
    let mut copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    let planted = copy
        .copy
        .files
        .iter_mut()
        .find(|f| f.language == Language::Shell && f.origin == Origin::Planted);
    let planted = planted.unwrap();
    planted.content_lines = 1;
    let name = planted.name.clone();
    // Its canaries lie behind the content now.
    let mut output = parse(CLEAN).unwrap();
    for hit in output.hits.iter_mut().filter(|hit| hit.name == name) {
        hit.line += 1;
        hit.end_line += 1;
    }
    let judge = |output: &ToolOutput| judge(output, None, &copy.copy, &RulePack::embedded(), None);
    assert!(matches!(judge(&output), Err(ToolError::PlantedMissing { .. })));
    let hit = Hit {
        rule: "skillgate.reverse-shell.dev-tcp".into(),
        line: 1,
        end_line: 1,
        ..output.hits[0].clone()
    };
    output.hits.push(Hit { name, ..hit });
    assert_eq!(judge(&output).unwrap().findings, []);
}

#[test]
fn g02_a_canary_that_the_author_wrote_proves_nothing() {
    let mut copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    copy.copy.files[0].content_lines = 99;
    let report = judged(CLEAN, None, &copy).unwrap();
    assert_eq!(report.unscanned[0].file, "scripts/a.py");
}

#[test]
fn g01_half_an_output_is_no_output() {
    for cut in [0, 1, FINDING.len() / 2, FINDING.len() - 3] {
        assert!(parse(&FINDING[..cut]).is_err(), "{cut}");
    }
    assert!(matches!(parse(b" \n"), Err(ParseError::Empty)));
    assert!(parse(b"[]").is_err() && parse(b"{}").is_err());
}

#[test]
fn an_error_about_the_whole_run_is_a_problem() {
    let copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    let mut output = parse(CLEAN).unwrap();
    output.faults.push(Fault {
        kind: "Rule parse error".into(),
        message: "in rule /srv/x/a.yaml".into(),
        ..Fault::default()
    });
    let report = judge(&output, None, &copy.copy, &RulePack::embedded(), None).unwrap();
    assert_eq!(report.problems, ["semgrep reported Rule parse error: in rule a.yaml"]);
}

#[test]
fn g01_a_warning_that_is_about_no_file_of_the_copy_is_a_problem_too() {
    let copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    let judged = |fault: &str| {
        let (version, results) = (r#""version":"1.185.0""#, r#""results":[]"#);
        let said = format!("{{{version},{results},\"errors\":[{fault}]}}");
        let mut output = parse(CLEAN).unwrap();
        output.faults = parse(said.as_bytes()).unwrap().faults;
        judge(&output, None, &copy.copy, &RulePack::embedded(), None).unwrap().problems
    };
    for level in ["warn", "info", "error"] {
        let fault = format!(r#"{{"level":"{level}","type":"Odd","message":"it skipped a rule"}}"#);
        assert_eq!(judged(&fault), ["semgrep reported Odd: it skipped a rule"], "{level}");
    }
    let elsewhere = r#"{"level":"warn","type":"Odd","path":"/srv/x/rule.yaml","message":"no"}"#;
    assert_eq!(judged(elsewhere), ["semgrep reported Odd: no"]);
    let of_a_file = r#"{"level":"warn","type":"Timeout","path":"/w/f000001.py","message":"no"}"#;
    assert_eq!(judged(of_a_file), [""; 0]);
}

#[test]
fn g06_no_file_comment_or_size_of_the_repository_steers_semgrep() {
    let rules = RulesOnDisk { all: "/w/a1".into(), text_only: vec!["/w/a1/text".into()] };
    let args = args(&rules, Path::new("/w/root"));
    for flag in ["--disable-nosem", "--no-git-ignore", "--max-target-bytes=0", "--metrics=off"] {
        assert!(args.contains(&flag.into()), "{flag}");
    }
    let again = text_args(&rules, Path::new("/w/root"), &["f000001.js".into()]);
    assert_eq!(again.last().unwrap(), "/w/root/f000001.js");
    assert!(again.contains(&"/w/a1/text".into()) && !again.contains(&"/w/a1".into()));
}

#[test]
fn g02_a_pattern_that_gave_up_is_a_file_not_read() {
    let copy = all().without(&["setup.sh", "broken.js", "bomb.js"]);
    let context = "[00.06][DEBUG](default): Core_scan analyzing /w/root/f000001.py".to_owned();
    let logged = |matched| StderrMatches { contexts: 9, matched };
    let clean = || parse(CLEAN).unwrap();
    let gave_up = with_match_limits(clean(), &logged(vec![context]));
    let rules = RulePack::embedded();
    assert_eq!(unsettled(&gave_up, &copy.copy), ["f000001.py"]);
    let report = judge(&gave_up, Some(&gave_up), &copy.copy, &rules, None).unwrap();
    assert_eq!(report.unscanned[0].file, "scripts/a.py");
    assert!(report.unscanned[0].reason.contains("a pattern gave up"));

    assert_eq!(with_match_limits(clean(), &logged(vec![])), clean());
    for logged in [StderrMatches::default(), logged(vec![String::new()])] {
        let report = with_match_limits(clean(), &logged);
        let report = judge(&report, None, &copy.copy, &rules, None).unwrap();
        assert_eq!(report.problems.len(), 1);
    }
}
