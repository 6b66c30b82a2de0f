//! What the installer asks before it installs.

use crate::harness::{
    COMMIT, COUNT, Harness, NAME, OTHER_COMMIT, PROVIDERS, REPO, failed, result, started, tool,
    with,
};
use serde_json::json;

#[test]
fn g40_the_answer_has_exactly_the_shape_of_the_contract() {
    let (h, ids) = Harness::published();
    h.advance(8_000);
    h.callback(&result(&ids[0], "semgrep", [2, 0, 1, 0]));
    let pending = |provider| {
        json!({"provider": provider, "status": "PENDING", "verdict": null, "criticalCount": 0, "highCount": 0,
            "mediumCount": 0, "lowCount": 0, "score": null, "commitSha": COMMIT, "completedAt": null, "phase": "PENDING"})
    };
    let mut rows = vec![json!({
        "provider": "semgrep", "status": "FAIL", "verdict": "FAIL", "criticalCount": 2, "highCount": 0, "mediumCount": 1,
        "lowCount": 0, "score": 47, "commitSha": COMMIT, "completedAt": "2026-02-02T00:00:08.000Z", "phase": "FAIL",
    })];
    rows.extend(PROVIDERS[1..].iter().map(pending));
    assert_eq!(
        h.security(),
        json!({
            "skillName": NAME, "overallVerdict": "FAIL", "reportUrl": "/skills/owner/repo/tool/security", "repoUrl": REPO,
            "commitSha": COMMIT, "publishedCommitSha": COMMIT, "current": true, "updatedAt": "2026-02-02T00:00:08.000Z",
            "providers": rows,
        })
    );
}

#[test]
fn the_verdict_is_the_worst_word_of_all() {
    let pass = [0, 0, 2, 0];
    let fail = [0, 6, 0, 0];
    let all: Vec<usize> = (0..COUNT).collect();
    for (failing, verdict) in [(&all[..0], "PASS"), (&all[1..2], "FAIL"), (&all[..], "FAIL")] {
        let (h, ids) = Harness::published();
        for (at, provider) in PROVIDERS.into_iter().enumerate() {
            let counts = if failing.contains(&at) { fail } else { pass };
            assert_eq!(h.callback(&result(&ids[at], provider, counts)).0, 200);
            if at + 1 < COUNT && verdict == "PASS" {
                assert_eq!(h.security()["overallVerdict"], "PENDING");
            }
        }
        let answer = h.security();
        assert_eq!(
            (&answer["overallVerdict"], &answer["current"]),
            (&json!(verdict), &json!(true))
        );
        assert_eq!(answer["commitSha"], COMMIT);
        h.assert_kv_follows();
    }
}

#[test]
fn g40_only_the_installers_words_are_used() {
    let (h, ids) = Harness::published();
    h.callback(&started(&ids[0], "semgrep"));
    h.callback(&failed(&ids[1], "njsscan", "clone failed"));
    let unproven = with(result(&ids[2], "trufflehog", [0; 4]), &json!({"coverage": null}));
    h.callback(&unproven);
    h.pass_from(3, &ids);
    let answer = h.security();
    let rows = &answer["providers"].as_array().unwrap()[..3];
    let words = |field: &str| rows.iter().map(|row| row[field].clone()).collect::<Vec<_>>();
    assert_eq!(words("phase"), ["RUNNING", "ERROR", "INCOMPLETE"]);
    assert_eq!(words("status"), ["PENDING", "TIMED_OUT", "TIMED_OUT"]);
    assert_eq!(words("verdict"), [json!(null), json!(null), json!("CONCERNS")]);
    assert_eq!(words("score"), [json!(null), json!(null), json!(100)]);
    assert_eq!(answer["overallVerdict"], "PENDING");
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    assert_eq!(h.security()["overallVerdict"], "TIMED_OUT", "an error and a doubt are no pass");
}

#[test]
fn a_provider_that_was_never_asked_reads_pending_and_none() {
    let h = Harness::new();
    h.publish(&with(tool(), &json!({"providers": ["njsscan"]})));
    let answer = h.security();
    assert_eq!(answer["providers"].as_array().unwrap().len(), COUNT);
    let row = &answer["providers"][0];
    assert_eq!((&row["status"], &row["phase"]), (&json!("PENDING"), &json!("NONE")));
    assert_eq!((&row["criticalCount"], &row["score"]), (&json!(0), &json!(null)));
    assert_eq!((&answer["current"], &answer["commitSha"]), (&json!(false), &json!(null)));
}

#[test]
fn a_bare_name_is_the_one_skill_that_ends_in_it() {
    let (h, _) = Harness::published();
    let (status, answer) = h.get("/api/v1/skills/tool/security");
    assert_eq!((status, answer["skillName"].as_str()), (200, Some(NAME)));
    assert_eq!(answer["reportUrl"], "/skills/owner/repo/tool/security");
    assert_eq!(h.get("/api/v1/skills/owner%2Frepo%2Ftool/security").1, answer);
}

#[test]
fn g50_a_skill_of_one_segment_takes_no_name_from_those_that_end_in_it() {
    let h = Harness::new();
    assert_eq!(
        h.publish(&json!({"name": "tool", "repoUrl": "https://github.com/short/tool"})).0,
        202
    );
    let alone = h.get("/api/v1/skills/tool/security").1;
    assert_eq!((alone["skillName"].as_str(), alone["ambiguous"].is_null()), (Some("tool"), true));
    h.publish_tool();
    let answer = h.get("/api/v1/skills/tool/security").1;
    assert_eq!(
        (&answer["ambiguous"], &answer["overallVerdict"]),
        (&json!(true), &json!("PENDING"))
    );
    let candidates = answer["candidates"].as_array().unwrap();
    let names: Vec<_> =
        candidates.iter().map(|skill| skill["skillName"].as_str().unwrap()).collect();
    assert_eq!(names, [NAME, "tool"]);
    let badge = h.get("/api/v1/skills/tool/badge/overall?format=json").1;
    assert_eq!(badge["message"], "ambiguous");
    assert_eq!(h.get("/api/v1/skills/tool").0, 409);
    assert_eq!(h.get("/api/v1/skills/tool/security/semgrep").0, 409);
    // Another letter case is another name where this one is there.
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}/security")).1["skillName"], NAME);
}

#[test]
fn a_bare_name_of_several_skills_is_pending_with_its_candidates() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let (status, answer) = h.get("/api/v1/skills/tool/security");
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({
            "skillName": "tool", "overallVerdict": "PENDING", "reportUrl": "/skills/tool/security", "repoUrl": null,
            "commitSha": null, "publishedCommitSha": null, "current": false, "updatedAt": null, "providers": [],
            "ambiguous": true,
            "candidates": [
                {"skillName": "else/tool", "repoUrl": "https://github.com/else/tool"},
                {"skillName": NAME, "repoUrl": REPO},
            ],
        })
    );
}

#[test]
fn an_unknown_skill_is_a_problem_and_never_a_pass() {
    let h = Harness::new();
    for path in [
        "/api/v1/skills/nobody/security",
        "/api/v1/skills/nobody/security/semgrep",
        "/skills/nobody/security",
    ] {
        let response = h.fetch("GET", path, &[]);
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert!(!response.body.contains("PASS"));
    }
}

#[test]
fn g01_passes_at_an_older_commit_are_no_pass() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    assert_eq!(h.security()["overallVerdict"], "PASS");
    let (status, _) =
        h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["semgrep"]})));
    assert_eq!(status, 202);
    let answer = h.security();
    assert_eq!((&answer["overallVerdict"], &answer["current"]), (&json!("PENDING"), &json!(false)));
    h.run_sends();
    let sent = h.sent();
    let id = sent.last().unwrap().body["scanId"].as_str().unwrap();
    h.callback(&with(result(id, "semgrep", [0; 4]), &json!({ "commitSha": OTHER_COMMIT })));
    let answer = h.security();
    assert_eq!(answer["overallVerdict"], "TIMED_OUT", "the other tools have not read this commit");
    assert_eq!(answer["commitSha"], json!(null), "the results share none");
    assert_eq!(answer["publishedCommitSha"], OTHER_COMMIT);
}

#[test]
fn passes_of_another_repository_are_no_pass_after_a_move() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let moved =
        json!({"repoUrl": "https://github.com/new/repo", "move": true, "providers": ["semgrep"]});
    assert_eq!(h.publish(&with(tool(), &moved)).0, 202);
    h.run_sends();
    let sent = h.sent();
    let id = sent.last().unwrap().body["scanId"].as_str().unwrap();
    h.callback(&result(id, "semgrep", [0; 4]));
    let answer = h.security();
    assert_eq!(
        (&answer["overallVerdict"], &answer["current"]),
        (&json!("TIMED_OUT"), &json!(false))
    );
}

#[test]
fn one_providers_address_has_its_findings_as_they_were_sent() {
    let (h, ids) = Harness::published();
    let more = json!({
        "findings": [{"rule": "r1", "severity": "critical", "message": "bad", "file": "a.js", "line": 3, "code": "x()"}],
        "tool": {"name": "semgrep", "version": "1.2", "rules": "7"}, "workerHost": "host-1", "durationMs": 8123,
        "isolation": "landlock", "githubRunUrl": "https://github.com/o/r/actions/runs/1",
    });
    h.callback(&with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &more));
    let (status, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep"));
    assert_eq!(status, 200);
    assert_eq!(answer["scanId"], ids[0]);
    assert_eq!(answer["findings"][0]["rule"], "r1");
    assert_eq!(answer["findings"][0]["line"], 3);
    assert_eq!(answer["coverage"]["filesScanned"], 3);
    assert_eq!(answer["tool"], json!({"name": "semgrep", "version": "1.2", "rules": "7"}));
    assert_eq!((&answer["durationMs"], &answer["isolation"]), (&json!(8123), &json!("landlock")));
    assert_eq!(answer["findingsTruncated"], false);
    let (_, none) = h.get(&format!("/api/v1/skills/{NAME}/security/njsscan"));
    assert_eq!((&none["phase"], &none["findings"]), (&json!("PENDING"), &json!(null)));
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}/security/clamav")).0, 404);
}

#[test]
fn g37_a_thousand_findings_are_counted_exactly_and_a_hundred_listed_worst_first() {
    let (h, ids) = Harness::published();
    let finding = |severity: &str, n: usize| json!({"rule": format!("{severity}-{n}"), "severity": severity, "message": "m".repeat(300), "file": "f", "code": "c"});
    let mut findings: Vec<_> = (0..990).map(|n| finding("low", n)).collect();
    findings.extend((0..10).map(|n| finding("critical", n)));
    let report =
        with(result(&ids[0], "semgrep", [10, 0, 0, 990]), &json!({ "findings": findings }));
    assert_eq!(h.callback(&report).0, 200);
    let (_, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep"));
    assert_eq!((&answer["criticalCount"], &answer["lowCount"]), (&json!(10), &json!(990)));
    assert_eq!(answer["findingsTruncated"], true);
    let listed = answer["findings"].as_array().unwrap();
    assert_eq!(listed.len(), 100);
    assert!(listed[..10].iter().all(|f| f["severity"] == "critical"));

    // A hundred of the largest that a body holds.
    let fat: Vec<_> = (0..100)
        .map(|n| json!({"rule": n.to_string(), "severity": "low", "message": "♥".repeat(1_500), "file": "f", "code": "♥".repeat(1_500)}))
        .collect();
    let report = with(result(&ids[1], "njsscan", [0, 0, 0, 100]), &json!({ "findings": fat }));
    assert_eq!(h.callback(&report).0, 200);
    let longest: i64 =
        h.db().one("SELECT max(length(CAST(findings AS BLOB))) FROM external_scan_result");
    assert!(longest <= 512 * 1024, "{longest}");
    let (_, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/njsscan"));
    assert_eq!((&answer["lowCount"], &answer["findingsTruncated"]), (&json!(100), &json!(true)));
}

#[test]
fn a_commit_that_was_unknown_at_the_publish_is_the_first_results() {
    let h = Harness::new();
    let (_, answer) = h.publish(&json!({"name": NAME, "repoUrl": REPO}));
    assert_eq!(answer["skill"]["commitSha"], json!(null));
    h.run_sends();
    assert_eq!(h.sent()[0].body["commitSha"], json!(null));
    let ids: Vec<_> =
        (0..COUNT).map(|at| answer["scans"][at]["scanId"].as_str().unwrap().to_owned()).collect();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    let answer = h.security();
    assert_eq!(
        (&answer["publishedCommitSha"], &answer["commitSha"]),
        (&json!(COMMIT), &json!(COMMIT))
    );
    assert_eq!(
        h.get("/api/v1/blocklist/check?name=tool").1["blocked"],
        true,
        "it was of the published commit"
    );
    // A force-push between the scans: the second saw another HEAD, and is asked again.
    h.callback(&with(result(&ids[1], "njsscan", [0; 4]), &json!({ "commitSha": OTHER_COMMIT })));
    assert_eq!(h.security()["publishedCommitSha"], COMMIT);
    h.run_sends();
    let last = h.sent().pop().unwrap().body;
    assert_eq!((&last["provider"], &last["commitSha"]), (&json!("njsscan"), &json!(COMMIT)));
}
