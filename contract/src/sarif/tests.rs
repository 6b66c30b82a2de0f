//! What others read in a log.

use super::*;
use crate::callback::FileNote;
use proptest::prelude::*;
use serde_json::{Value, json};

fn finding(rule: &str, severity: Severity, line: u32) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        message: "runs [what](javascript:alert(1)) it fetched".into(),
        file: "scripts/a b#1.sh".into(),
        line: Some(line),
        end_line: Some(line + 1),
        code: "curl x | sh".into(),
        provider: Some(Provider::Semgrep),
        chain: Vec::new(),
    }
}

fn page(provider: Provider, rule: &str) -> String {
    format!("https://skills.example/rules#{provider}-{rule}")
}

fn as_json(change: impl FnOnce(&mut Scan<'_>)) -> Value {
    let findings = [
        finding("fetch.run", Severity::Critical, 3),
        finding("fetch.run", Severity::Critical, 9),
        finding("loud", Severity::Low, 1),
    ];
    let tool =
        Tool { name: "semgrep".into(), version: "1.2.3".into(), rules: "2".into(), engine: None };
    let skill = "o/r/t".parse().unwrap();
    let repo = "https://github.com/o/r".parse().unwrap();
    let commit = "a".repeat(40).parse().unwrap();
    let mut scan = Scan {
        provider: Provider::Semgrep,
        skill_name: Some(&skill),
        repo_url: Some(&repo),
        commit_sha: Some(&commit),
        status: Some(ScanStatus::Fail),
        tool: Some(&tool),
        findings: &findings,
        findings_truncated: false,
        coverage: None,
        error: None,
    };
    change(&mut scan);
    serde_json::to_value(log(&[scan], &page)).unwrap()
}

#[test]
fn a_log_names_tool_commit_rules_and_places() {
    let log = as_json(|_| {});
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!((&driver["name"], &driver["version"]), (&json!("semgrep"), &json!("1.2.3")));
    assert_eq!(driver["informationUri"], "https://github.com/semgrep/semgrep");
    assert_eq!(driver["rules"].as_array().unwrap().len(), 2);
    let page = "https://skills.example/rules#semgrep-fetch.run";
    let rule = &driver["rules"][0];
    assert_eq!((&rule["id"], &rule["helpUri"]), (&json!("fetch.run"), &json!(page)));
    assert_eq!(
        rule["help"],
        json!({
            "text": format!("runs [what] (javascript:alert(1)) it fetched\n\n{page}"),
            "markdown": format!(
                "runs \\[what\\]\\(javascript\\:alert\\(1\\)\\) it fetched\n\n[What this rule looks for]({page})"
            ),
        })
    );
    assert_eq!(driver["rules"][0]["properties"]["security-severity"], "9.5");
    assert_eq!(driver["rules"][1]["defaultConfiguration"]["level"], "note");
    assert_eq!(run["automationDetails"]["id"], "skillgate/semgrep/o/r/t/");
    assert_eq!(
        run["versionControlProvenance"],
        json!([{
            "repositoryUri": "https://github.com/o/r", "revisionId": "a".repeat(40),
            "mappedTo": {"uriBaseId": "SRCROOT"},
        }])
    );
    assert_eq!(run["invocations"], json!([{"executionSuccessful": true}]));
    let result = &run["results"][1];
    assert_eq!((&result["ruleId"], &result["ruleIndex"]), (&json!("fetch.run"), &json!(0)));
    assert_eq!((&result["level"], &run["results"][2]["level"]), (&json!("error"), &json!("note")));
    assert_eq!(
        result["locations"][0]["physicalLocation"],
        json!({
            "artifactLocation": {"uri": "scripts/a%20b%231.sh", "uriBaseId": "SRCROOT"},
            "region": {"startLine": 9, "endLine": 10, "snippet": {"text": "curl x | sh"}},
        })
    );
    let message = result["message"]["text"].as_str().unwrap();
    assert!(!message.contains("]("), "{message}");
}

#[test]
fn equal_findings_have_fingerprints_of_their_own_and_moved_ones_keep_theirs() {
    let prints = |log: &Value| -> Vec<String> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let print = |r: &Value| r["partialFingerprints"]["skillgateFinding/v1"].to_string();
        results.iter().map(print).collect()
    };
    let before = prints(&as_json(|_| {}));
    assert!(before[0] != before[1] && before[1] != before[2]);
    let moved = [finding("fetch.run", Severity::Critical, 30)];
    let log = |findings: &[Finding]| {
        let scan = Scan {
            provider: Provider::Semgrep,
            skill_name: None,
            repo_url: None,
            commit_sha: None,
            status: None,
            tool: None,
            findings,
            findings_truncated: false,
            coverage: None,
            error: None,
        };
        serde_json::to_value(log(&[scan], &page)).unwrap()
    };
    assert_eq!(prints(&log(&moved)), before[..1]);
}

#[test]
fn only_a_scan_with_a_verdict_was_successful_and_the_others_say_why() {
    for status in ScanStatus::ALL.map(Some).into_iter().chain([None]) {
        let log = as_json(|scan| {
            scan.status = status;
            scan.findings = &[];
        });
        let invocation = &log["runs"][0]["invocations"][0];
        let good = matches!(status, Some(ScanStatus::Pass | ScanStatus::Fail));
        assert_eq!(invocation["executionSuccessful"], good, "{status:?}");
        assert_eq!(invocation["toolExecutionNotifications"].is_null(), good, "{status:?}");
        assert_eq!(log["runs"][0]["results"], json!([]));
    }
    let note = |file: &str| FileNote::new(file, "too large");
    let coverage = Coverage {
        complete: false,
        files_scanned: 1,
        text_rules_only: vec![note("a.js")],
        unscanned: vec![note("b.js")],
    };
    let log = as_json(|scan| {
        scan.status = Some(ScanStatus::Incomplete);
        scan.error = Some("a limit");
        scan.findings_truncated = true;
        // The test's own scan lives shorter than this list.
        scan.coverage = Some(Box::leak(Box::new(coverage)));
    });
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let levels: Vec<_> = notes.iter().map(|note| note["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "note", "warning", "note"]);
    let uri = |at: usize| &notes[at]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!((uri(3), uri(4)), (&json!("b.js"), &json!("a.js")));
}

#[test]
fn what_a_finding_does_not_say_is_filled_in_as_github_wants_it() {
    let mut nowhere = finding("r", Severity::High, 0);
    nowhere.message.clear();
    nowhere.end_line = None;
    let mut no_file = Finding { line: None, code: String::new(), ..nowhere.clone() };
    no_file.file = "../".into();
    let silent = Finding { rule: " ".into(), line: Some(u32::MAX), ..nowhere.clone() };
    let all = [nowhere, no_file, silent];
    let log = as_json(|scan| {
        scan.findings = Box::leak(Box::new(all));
        scan.skill_name = None;
    });
    let run = &log["runs"][0];
    let place = |at: usize| &run["results"][at]["locations"][0]["physicalLocation"];
    assert_eq!(place(0)["region"]["startLine"], 1);
    assert_eq!(
        *place(1),
        json!({"artifactLocation": {"uri": "", "uriBaseId": "SRCROOT"}, "region": {"startLine": 1}})
    );
    assert_eq!(place(2)["region"]["startLine"], i32::MAX);
    let text = |at: usize| run["results"][at]["message"]["text"].as_str().unwrap();
    assert_eq!((text(0), text(2)), ("r", "no text"));
    assert_eq!(run["tool"]["driver"]["rules"][1]["shortDescription"]["text"], "no text");
    assert_eq!(run["automationDetails"]["id"], "skillgate/semgrep/");
}

#[test]
fn every_run_has_a_version_that_begins_with_a_number() {
    for (said, shown) in [
        (None, "0 (unknown)"),
        (Some(""), "0 (unknown)"),
        (Some("dev"), "0 (dev)"),
        (Some("3.9"), "3.9"),
    ] {
        let tool = said.map(|version| Tool { version: version.to_owned(), ..Tool::default() });
        let log = as_json(|scan| scan.tool = Box::leak(Box::new(tool)).as_ref());
        assert_eq!(log["runs"][0]["tool"]["driver"]["version"], shown);
    }
}

#[test]
fn the_help_of_a_rule_shows_foreign_text_and_does_not_act_on_it() {
    let mut hostile = finding("r", Severity::High, 1);
    hostile.message =
        "<img src=x> ![a](https://evil.example) @somebody\n# x `y` www.evil.example".into();
    let log = as_json(|scan| scan.findings = Box::leak(Box::new([hostile])));
    let markdown =
        log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["markdown"].as_str().unwrap();
    let (said, ours) = markdown.split_once("\n\n").unwrap();
    assert_eq!(ours, "[What this rule looks for](https://skills.example/rules#semgrep-r)");
    let mut before = ' ';
    for c in said.chars() {
        assert!(!c.is_ascii_punctuation() || before == '\\' || c == '\\', "{said}");
        before = if before == '\\' { ' ' } else { c };
    }
    assert!(!said.contains('\n'), "{said}");
}

#[test]
fn a_path_is_a_relative_uri_inside_of_the_repository() {
    for (path, uri) in [
        ("a/b.js", "a/b.js"),
        ("ä?.js", "%C3%A4%3F.js"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("//evil.example/x", "evil.example/x"),
        ("/etc/passwd", "etc/passwd"),
        ("a/../../b/./c", "a/b/c"),
        ("100%.md", "100%25.md"),
    ] {
        assert_eq!(relative_uri(path), uri);
    }
}

proptest! {
    #[test]
    fn any_path_is_a_uri(path in any::<String>()) {
        let uri = relative_uri(&path);
        prop_assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)));
        prop_assert!(!uri.starts_with('/') && !uri.split('/').any(|part| part == ".."));
    }
}

#[test]
fn a_chain_is_one_flow_whose_steps_say_what_happens() {
    let mut found = finding("fetch.run", Severity::Critical, 3);
    let step = |fact: &str, line| ChainStep {
        fact: fact.into(),
        file: "../a b.sh".into(),
        line,
        end_line: Some(line),
        code: "curl x | sh".into(),
    };
    found.chain = vec![step("read-secret", 9), step(" ", 0)];
    let plain = finding("loud", Severity::Low, 1);
    let log = as_json(|scan| scan.findings = Box::leak(Box::new([found, plain])));
    let results = &log["runs"][0]["results"];
    let location = |line: u32, words: &str| {
        json!({"location": {
            "physicalLocation": {
                "artifactLocation": {"uri": "a%20b.sh", "uriBaseId": "SRCROOT"},
                "region": {"startLine": line, "endLine": line.max(1), "snippet": {"text": "curl x | sh"}},
            },
            "message": {"text": words},
        }})
    };
    let mut last = location(1, "step");
    last["location"]["physicalLocation"]["region"].as_object_mut().unwrap().remove("endLine");
    let locations = [location(9, "read secret"), last];
    assert_eq!(results[0]["codeFlows"], json!([{"threadFlows": [{"locations": locations}]}]));
    assert_eq!(results[1]["codeFlows"], Value::Null);
    assert_eq!(results[0]["locations"][0]["message"], Value::Null);
}

#[test]
fn a_member_of_an_archive_is_a_place_in_the_archive_and_is_named_in_the_text() {
    let step = |file: &str| ChainStep {
        fact: "run".into(),
        file: file.into(),
        line: 3,
        end_line: None,
        code: "sh run.sh".into(),
    };
    let mut found = finding("fetch.run", Severity::Critical, 3);
    found.file = "a/kit.zip!/run.sh".into();
    found.chain = vec![step("a/kit.zip!/run.sh"), step("b!/run.sh")];
    let coverage = Coverage {
        unscanned: vec![FileNote::new("a/kit.zip!/x.7z", "not opened")],
        ..Coverage::default()
    };
    let log = as_json(|scan| {
        scan.findings = Box::leak(Box::new([found]));
        scan.coverage = Some(Box::leak(Box::new(coverage)));
    });
    let result = &log["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a/kit.zip");
    assert_eq!(
        (&place["region"]["startLine"], &place["region"]["endLine"]),
        (&json!(1), &Value::Null)
    );
    let text = result["message"]["text"].as_str().unwrap();
    assert!(text.ends_with(" (in its member run.sh, line 3)"), "{text}");
    let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
    let uri = |at: usize| &steps[at]["location"]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!((uri(0), uri(1)), (&json!("a/kit.zip"), &json!("b%21/run.sh")));
    let notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(
        notes.contains("not opened (in its member x.7z)") && !notes.contains("kit.zip%21"),
        "{notes}"
    );
}
