//! One provider's scan as SARIF.

use crate::harness::{COMMIT, Harness, NAME, REPO, failed, read, result, with};
use serde_json::{Value, json};

const KIND: &str = "application/sarif+json";

fn target(provider: &str) -> String {
    format!("/api/v1/skills/{NAME}/security/{provider}")
}

fn log(h: &Harness, provider: &str) -> Value {
    let (status, log) = read(&h.fetch("GET", &target(provider), &[("accept", KIND)]));
    assert_eq!(status, 200, "{log}");
    log["runs"][0].clone()
}

#[test]
fn sarif_is_given_to_who_asks_for_it_and_only_to_them() {
    let (h, _) = Harness::published();
    for (accept, query, sarif) in [
        (KIND, "", true),
        ("application/sarif+json;q=0.9, application/json;q=0.1", "", true),
        ("application/json, application/sarif+json;q=0.5", "", false),
        ("*/*", "", false),
        ("", "", false),
        ("application/json", "?format=sarif", true),
        (KIND, "?format=json", false),
    ] {
        let target = target("semgrep") + query;
        let response = h.fetch("GET", &target, &[("accept", accept)]);
        let kind = if sarif { KIND } else { "application/json" };
        assert_eq!(response.header("content-type"), Some(kind), "{accept} {query}");
        assert_eq!(response.header("vary"), Some("accept"));
    }
    assert_eq!(h.get(&(target("semgrep") + "?format=xml")).0, 400);
    assert_eq!(h.get("/api/v1/skills/no/security/semgrep?format=sarif").0, 404);
}

#[test]
fn a_log_tells_findings_commit_and_whether_the_scan_proves_anything() {
    let (h, ids) = Harness::published();
    let hostile = "<script>alert(1)</script>\u{202e}";
    let findings = json!({"findings": [{
        "rule": hostile, "severity": "critical", "message": hostile, "file": "//evil.example/../a b.js", "line": 7,
        "code": hostile, "provider": "semgrep",
    }], "tool": {"name": "semgrep", "version": "1.2.3"}});
    h.callback(&with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &findings));
    let tool = json!({"tool": {"name": "njsscan", "version": "0.4.3"}});
    h.callback(&with(failed(&ids[1], "njsscan", "the clone failed"), &tool));
    let run = log(&h, "semgrep");
    assert_eq!(run["invocations"], json!([{"executionSuccessful": true}]));
    assert_eq!(run["versionControlProvenance"][0]["repositoryUri"], REPO);
    assert_eq!(run["versionControlProvenance"][0]["revisionId"], COMMIT);
    let help = "https://skills.example/rules#semgrep";
    assert_eq!(run["tool"]["driver"]["rules"][0]["helpUri"], help);
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "evil.example/a%20b.js");
    assert_eq!(place["region"]["startLine"], 7);
    for (provider, why, version) in [
        ("njsscan", "the clone failed", "0.4.3"),
        ("trufflehog", "The scan has not ended yet.", "0 (unknown)"),
    ] {
        let run = log(&h, provider);
        assert_eq!(run["tool"]["driver"]["version"], version, "{provider}");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false, "{provider}");
        assert!(run["invocations"].to_string().contains(why), "{run}");
        assert_eq!(run["results"], json!([]));
    }
}
