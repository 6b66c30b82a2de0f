//! Recorded output of njsscan 1.0.2, and what is made of it.

use super::*;
use crate::{
    neutral::Language,
    tools::testcopy::{self, TestCopy},
};
use skillgate_contract::Severity;

const CLEAN: &[u8] = include_bytes!("../../../testdata/njsscan/clean.json");
const FINDING: &[u8] = include_bytes!("../../../testdata/njsscan/finding.json");
const PARSE_ERROR: &[u8] = include_bytes!("../../../testdata/njsscan/parse-error.json");
const KILLED: &[u8] = include_bytes!("../../../testdata/njsscan/killed-engine.json");

fn all() -> TestCopy {
    let handler = "app.get('/', function (req, res) {\n  eval(req.query.x);\n});\n";
    testcopy::copy()
        .file("js", "a.mjs", Language::JavaScript, "export const a = 1;\n")
        .file("js", "examples/server.js", Language::JavaScript, handler)
        .file("js", "broken.js", Language::JavaScript, "function (((((;\n")
        .file("html", "page.html", Language::Template, "<p>\n{{{name}}}\n</p>\n")
        .planted("js", Language::JavaScript)
        .planted("ts", Language::TypeScript)
        .planted("tsx", Language::Tsx)
        .planted("html", Language::Template)
}

fn judged(output: &[u8], copy: &TestCopy) -> Result<ToolReport, ToolError> {
    judge(&parse(output).unwrap(), &copy.copy, None)
}

#[test]
fn a_clean_run_is_complete() {
    let copy = all().without(&["examples/server.js", "broken.js", "page.html"]);
    let report = judged(CLEAN, &copy).unwrap();
    assert_eq!((report.files_scanned, report.findings.len()), (1, 0));
    assert!(report.unscanned.is_empty() && report.problems.is_empty());
    assert_eq!(report.tool.rules, "njsscan 1.0.2");
}

#[test]
fn a_repository_without_node_code_is_complete_with_no_file() {
    let copy = all().without(&["a.mjs", "examples/server.js", "broken.js", "page.html"]);
    let report = judged(CLEAN, &copy).unwrap();
    assert_eq!((report.files_scanned, report.unscanned.len()), (0, 0));
}

#[test]
fn matches_of_code_and_templates_stand_at_their_lines() {
    let report = judged(FINDING, &all().without(&["broken.js"])).unwrap();
    let places: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.rule.as_str(), f.file.as_str(), f.line.unwrap(), f.severity))
        .collect();
    assert_eq!(
        places,
        [
            ("eval_nodejs", "examples/server.js", 2, Severity::Medium),
            ("handlebar_mustache_template", "page.html", 2, Severity::High),
        ]
    );
}

#[test]
fn a_file_that_it_cannot_parse_is_named() {
    let copy = all().without(&["examples/server.js", "page.html"]);
    let report = judged(PARSE_ERROR, &copy).unwrap();
    assert_eq!(report.text_rules_only[0].file, "broken.js");
    assert_eq!(report.findings[0].severity, Severity::Low);
    assert!(report.unscanned.is_empty() && report.problems.is_empty());
}

#[test]
fn g01_a_killed_engine_is_an_error_whatever_the_exit_code_says() {
    let copy = all().without(&["examples/server.js", "broken.js", "page.html"]);
    let error = judged(KILLED, &copy).unwrap_err();
    assert!(error.to_string().contains("engine was killed"), "{error}");
    let silent = br#"{"njsscan_version":"1","nodejs":{},"templates":{},"errors":[]}"#;
    assert!(matches!(judged(silent, &copy), Err(ToolError::PlantedMissing { .. })));
    let absent =
        br#"{"njsscan_version":"1","nodejs":{},"templates":{},"errors":["semgrep not found."]}"#;
    assert!(judged(absent, &copy).unwrap_err().to_string().contains("semgrep not found"));
}

#[test]
fn g01_a_file_lost_without_a_word_is_unread() {
    let copy = all().without(&["examples/server.js", "page.html"]);
    let report = judged(CLEAN, &copy).unwrap();
    assert_eq!(report.unscanned[0].file, "broken.js");
}

#[test]
fn g01_half_an_output_is_no_output() {
    for cut in [0, 1, CLEAN.len() / 2, CLEAN.len() - 3] {
        assert!(parse(&CLEAN[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn g06_the_configuration_is_ours() {
    let args = args(Path::new("/w/a1/njsscan.yaml"), Path::new("/w/root"));
    assert_eq!(args, ["--json", "--config", "/w/a1/njsscan.yaml", "/w/root"]);
}
