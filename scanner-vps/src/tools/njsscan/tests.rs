//! Recorded output of njsscan 1.0.2, and what is made of it.

use super::*;
use crate::{
    staging::Language,
    tools::{
        ToolDirs, Toolbox,
        testcopy::{self, TestCopy},
    },
};
use skillgate_contract::Severity;
use std::time::Duration;

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
    judge(&parse(output).unwrap(), &HashMap::new(), &copy.copy, None)
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
    let names = ["f000001.js".to_owned()];
    let args = args(Path::new("/w/a1/njsscan.yaml"), Path::new("/w/root"), &names);
    assert_eq!(args, ["--json", "--config", "/w/a1/njsscan.yaml", "--", "/w/root/f000001.js"]);
}

#[test]
fn g10_a_file_that_its_time_did_not_suffice_for_is_left_to_the_text_rules_and_named() {
    let copy = all().without(&["examples/server.js", "page.html"]);
    let late = HashMap::from([("f000003.js".to_owned(), LATE)]);
    let report = judge(&parse(CLEAN).unwrap(), &late, &copy.copy, None).unwrap();
    let [note] = report.text_rules_only.as_slice() else { panic!("{report:?}") };
    assert_eq!((note.file.as_str(), note.reason.as_str()), ("broken.js", LATE));
    assert!(report.unscanned.is_empty() && report.problems.is_empty());
}

/// A stand-in that takes too long where it is given one of the names.
async fn run_with_slow(names: &str, files: usize) -> Result<ToolReport, ToolError> {
    use crate::tools::{ToolPath, rules::RulePack, toolbox::Requirement};
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join("njsscan");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in {names}) sleep 100;; esac\n\
         echo '{{\"njsscan_version\":\"1\",\"templates\":{{}},\"errors\":[],\"nodejs\":\
         {{\"buffer_noassert\":{{\"metadata\":{{}},\"files\":['\n\
         sep=\nfor f in \"$@\"; do case $f in */f*.js) \
         echo \"$sep{{\\\"file_path\\\":\\\"$f\\\",\\\"match_lines\\\":[9,9]}}\"; sep=,;; \
         esac; done\necho ']}}}}}}'\n"
    );
    fs::write(&tool, script).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let mut copy = testcopy::copy();
    for n in 1..=files {
        let text = "a".repeat(700_000 + n);
        copy = copy.file("js", &format!("{n}.js"), Language::JavaScript, &text);
    }
    let copy = copy.planted("js", Language::JavaScript);
    let toolbox = Toolbox {
        tools: BTreeMap::from([(Provider::Njsscan, tool)]),
        git: ToolPath::Missing(Requirement::GIT),
        private_repo_hosts: None,
        rules: RulePack::embedded(),
        severities: crate::tools::overrides::Overrides::default(),
        engine: crate::tools::engine::EngineChoice::Auto,
        launcher: None,
    };
    let dirs = ToolDirs::new(folder.path()).unwrap();
    let (copy, wall) = (&copy.copy, Duration::from_secs(62));
    let ends = Instant::now() + Duration::from_secs(3_000);
    run(ToolRun { toolbox: &toolbox, copy, dirs: &dirs, root: None, wall, ends }).await
}

#[tokio::test]
async fn g10_a_run_that_hangs_costs_its_own_files_alone() {
    let report = run_with_slow("*f000002.js*", 2).await.unwrap();
    let late: Vec<_> = report.text_rules_only.iter().map(|note| note.file.as_str()).collect();
    assert_eq!(late, ["2.js"]);
    assert_eq!(report.files_scanned, 2);
    assert!(report.unscanned.is_empty());
}

#[tokio::test]
async fn g01_where_no_run_ends_nothing_is_learnt() {
    let end = run_with_slow("*", 1).await;
    assert!(matches!(end, Err(ToolError::TooLong { .. })), "{end:?}");
}
