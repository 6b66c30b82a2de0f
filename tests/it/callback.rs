//! What a believed callback does.

use crate::harness::{
    COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, each, failed,
    pointers, result, scan_secret, started, tool, with,
};
use serde_json::{Value as Json, json};

/// Refused with a status, and nothing is written.
fn refused(h: &Harness, body: &Json, status: u16) -> Json {
    let before = h.db().dump();
    let (answered, problem) = h.callback(body);
    assert_eq!(answered, status, "{body} {problem}");
    assert_eq!(h.db().dump(), before, "{body}");
    problem
}

/// Taken with 200, and nothing is written.
fn repeated(h: &Harness, body: &Json, phase: &str) {
    let before = h.db().dump();
    let (status, answer) = h.callback(body);
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["applied"], &answer["status"]), (&json!(false), &json!(phase)));
    assert_eq!(h.db().dump(), before);
}

#[test]
fn a_clean_result_is_a_pass_with_coverage_and_incomplete_without() {
    let (h, ids) = Harness::published();
    let (status, answer) = h.callback(&result(&ids[0], "semgrep", [0, 1, 2, 3]));
    assert_eq!(status, 200);
    assert_eq!(answer, json!({"ok": true, "scanId": ids[0], "status": "PASS", "applied": true}));
    let partly = json!({"coverage": {"complete": false, "unscanned": [{"file": "a.wasm", "reason": "binary"}]}});
    h.callback(&with(result(&ids[1], "njsscan", [0; 4]), &partly));
    h.callback(&with(result(&ids[2], "trufflehog", [0; 4]), &json!({"coverage": null})));
    assert_eq!(h.phases(), each(&["PASS", "INCOMPLETE", "INCOMPLETE"], "PENDING"));
    assert_eq!(h.security()["providers"][0]["score"], 81);
    assert_eq!(h.security()["providers"][0]["commitSha"], COMMIT);
    assert_eq!(h.audit("scan.result"), 3);
}

#[test]
fn the_counts_decide_and_a_senders_own_verdict_is_only_compared() {
    let (h, ids) = Harness::published();
    let flattering = json!({"status": "PASS", "verdict": "PASS", "score": 100});
    let (_, answer) = h.callback(&with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &flattering));
    assert_eq!(answer["status"], "FAIL");
    assert!(h.log().contains("sender says PASS PASS/100, the counts say FAIL/75"), "{}", h.log());
    let modest = json!({"status": "INCOMPLETE"});
    let (_, answer) = h.callback(&with(result(&ids[1], "njsscan", [0; 4]), &modest));
    assert_eq!(answer["status"], "INCOMPLETE", "a sender's doubt counts");
    let lost = json!({"status": "ERROR", "error": "engine killed"});
    let (_, answer) = h.callback(&with(result(&ids[2], "trufflehog", [0; 4]), &lost));
    assert_eq!(answer["status"], "ERROR");
}

#[test]
fn a_senders_own_fail_without_a_finding_is_noted() {
    let (h, ids) = Harness::published();
    let torn = with(result(&ids[0], "semgrep", [0; 4]), &json!({"status": "FAIL"}));
    assert_eq!(h.callback(&torn).1["status"], "PASS");
    assert!(h.log().contains("sender says FAIL -/-, the counts say PASS/100"), "{}", h.log());
}

#[test]
fn a_coverage_that_contradicts_itself_is_no_pass() {
    for (file, informational, status) in [
        ("scripts/run.sh", false, "INCOMPLETE"),
        ("install", false, "INCOMPLETE"),
        ("lib/a.pyc", false, "INCOMPLETE"),
        ("assets/logo.PNG", false, "PASS"),
        ("void", true, "PASS"),
    ] {
        let (h, ids) = Harness::published();
        let mut note = json!({"file": file, "reason": "too large"});
        if informational {
            note["informational"] = json!(true);
        }
        let coverage =
            json!({"coverage": {"complete": true, "filesScanned": 3, "unscanned": [note]}});
        let (_, answer) = h.callback(&with(result(&ids[0], "semgrep", [0; 4]), &coverage));
        assert_eq!(answer["status"], status, "{file}");
        let (_, scan) = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep"));
        assert_eq!(scan["coverage"]["complete"], status == "PASS", "{scan}");
        assert_eq!(scan["coverage"]["unscanned"], json!([note]));
    }
}

#[test]
fn owner_and_name_alone_are_held_to_the_scans_repository() {
    let (h, ids) = Harness::published();
    for lie in [
        json!({"repoOwner": "somebody"}),
        json!({"repoName": "else"}),
        json!({"repoOwner": "somebody", "repoName": "repo"}),
        json!({"repoOwner": ""}),
        json!({"repoUrl": REPO, "repoName": "else"}),
    ] {
        for body in [
            result(&ids[0], "semgrep", [0; 4]),
            started(&ids[0], "semgrep"),
            failed(&ids[0], "semgrep", "no"),
        ] {
            refused(&h, &with(body, &lie), 409);
        }
        let mut unnamed = with(result(&ids[0], "semgrep", [0; 4]), &lie);
        unnamed.as_object_mut().unwrap().remove("scanId");
        let before = h.db().dump();
        assert_eq!(h.callback_by(SECRET, &unnamed).0, 409, "{unnamed}");
        assert_eq!(h.db().dump(), before);
    }
    let same = json!({"repoOwner": "OWNER", "repoName": "Repo.git"});
    assert_eq!(h.callback(&with(result(&ids[0], "semgrep", [0; 4]), &same)).0, 200);
}

#[test]
fn the_minimal_body_of_the_seed_finds_its_scan() {
    let (h, ids) = Harness::published();
    let minimal = json!({"provider": "semgrep", "skillName": NAME, "commitSha": COMMIT,
        "criticalCount": 0, "highCount": 0, "mediumCount": 0, "lowCount": 0});
    let (status, answer) = h.callback_by(SECRET, &minimal);
    assert_eq!((status, answer["scanId"].as_str()), (200, Some(&*ids[0])));
    assert_eq!(answer["status"], "INCOMPLETE", "it proves nothing");

    let trusting = Harness::with(&[("ALLOW_PASS_WITHOUT_COVERAGE", "true")]);
    trusting.publish_tool();
    assert_eq!(trusting.callback_by(SECRET, &minimal).1["status"], "PASS");
}

#[test]
fn a_scan_starts_runs_and_ends() {
    let (h, ids) = Harness::published();
    let (status, answer) = h.callback(&started(&ids[0], "semgrep"));
    assert_eq!(
        (status, answer["status"].as_str(), answer["applied"].as_bool()),
        (200, Some("RUNNING"), Some(true))
    );
    h.assert_kv_follows();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    repeated(&h, &started(&ids[0], "semgrep"), "PASS");
    h.callback(&started(&ids[1], "njsscan"));
    let (_, answer) = h.callback(&failed(&ids[1], "njsscan", "clone failed"));
    assert_eq!(answer["status"], "ERROR");
    assert_eq!(h.phases(), each(&["PASS", "ERROR"], "PENDING"));
    let (_, one) = h.get(&format!("/api/v1/skills/{NAME}/security/njsscan"));
    assert_eq!(one["error"], "clone failed");
    h.assert_kv_follows();
}

#[test]
fn g12_an_exact_repeat_changes_nothing_however_often() {
    let (h, ids) = Harness::published();
    let report = with(
        result(&ids[0], "semgrep", [1, 0, 0, 0]),
        &json!({"deliveryId": "d1", "durationMs": 5, "workerHost": "a"}),
    );
    assert_eq!(h.callback(&report).1["applied"], true);
    for n in 0..100 {
        h.advance(1_000);
        let again = with(
            report.clone(),
            &json!({"deliveryId": format!("d{n}"), "durationMs": n, "workerHost": "b"}),
        );
        repeated(&h, &again, "FAIL");
    }
    assert_eq!(h.audit("scan.result"), 1);
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 1);
    let error = failed(&ids[1], "njsscan", "clone failed");
    h.callback(&error);
    repeated(&h, &error, "ERROR");
}

#[test]
fn g13_another_content_for_a_finished_scan_is_refused_and_logged() {
    let (h, ids) = Harness::published();
    let report = with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &json!({"deliveryId": "d1"}));
    h.callback(&report);
    refused(&h, &with(report.clone(), &json!({"criticalCount": 0})), 409);
    refused(&h, &with(report, &json!({"coverage": null})), 409);
    refused(&h, &failed(&ids[0], "semgrep", "never mind"), 409);
    h.callback(&failed(&ids[1], "njsscan", "clone failed"));
    refused(&h, &result(&ids[1], "njsscan", [0; 4]), 409);
    refused(&h, &failed(&ids[1], "njsscan", "another reason"), 409);
    let conflict = &h.events("callback.conflict")[0];
    assert_eq!((&conflict["level"], &conflict["scanId"]), (&json!("error"), &json!(ids[0])));
    assert_eq!(conflict["message"], "not applied: the scan has another final result");
    assert_eq!(h.phases(), each(&["FAIL", "ERROR"], "PENDING"));
}

#[test]
fn g14_a_callback_that_speaks_of_another_subject_than_its_scan_is_refused() {
    let (h, ids) = Harness::published();
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let honest = result(&ids[0], "semgrep", [0; 4]);
    for lie in [
        json!({"provider": "njsscan"}),
        json!({"skillName": "else/tool"}),
        json!({"skillName": "tool"}),
        json!({"repoUrl": "https://github.com/else/tool"}),
        json!({"commitSha": OTHER_COMMIT}),
    ] {
        refused(&h, &with(honest.clone(), &lie), 409);
    }
    refused(&h, &with(failed(&ids[0], "semgrep", "x"), &json!({"commitSha": OTHER_COMMIT})), 409);
    refused(&h, &started(&ids[0], "trufflehog"), 409);
    let spelt = json!({"repoUrl": "https://www.github.com/OWNER/Repo.git", "commitSha": COMMIT.to_uppercase()});
    assert_eq!(h.callback(&with(honest, &spelt)).0, 200, "another spelling is no lie");
}

#[test]
fn g15_an_overtaken_attempt_is_refused_and_one_never_given_out_is_wrong() {
    let h = Harness::new();
    h.publish(&tool());
    h.lose_sends();
    h.advance(90_000);
    h.run_scheduled();
    let sent = h.sent();
    let id = sent[0].body["scanId"].as_str().unwrap();
    assert_eq!(sent[0].body["attempt"], 2);
    let report = |attempt: u32| with(result(id, "semgrep", [0; 4]), &json!({ "attempt": attempt }));
    refused(&h, &report(1), 409);
    assert!(h.log().contains("overtaken"));
    let problem = refused(&h, &report(3), 422);
    assert_eq!(pointers(&problem), ["/attempt"]);
    refused(&h, &with(started(id, "semgrep"), &json!({"attempt": 1})), 409);
    assert_eq!(h.callback(&report(2)).0, 200);
    repeated(&h, &report(2), "PASS");
}

#[test]
fn without_a_scan_id_another_commit_gets_a_row_of_its_own() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let foreign =
        with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "commitSha": OTHER_COMMIT}));
    let (status, answer) = h.callback_by(SECRET, &foreign);
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(true)));
    assert_ne!(answer["scanId"], ids[0]);
    let security = h.security();
    assert_eq!(
        security["providers"][0]["commitSha"], COMMIT,
        "an unsolicited result is never current"
    );
    assert_eq!((&security["current"], &security["overallVerdict"]), (&json!(true), &json!("PASS")));
    assert_eq!(security["publishedCommitSha"], COMMIT, "a result moves no published commit");
    h.assert_kv_follows();
    h.advance(1_000);
    repeated(&h, &foreign, "PASS");
    assert_eq!(h.callback_by(SECRET, &foreign).1["scanId"], answer["scanId"], "its own row");
}

#[test]
fn an_unsolicited_result_at_another_commit_does_not_hide_the_scan_under_way() {
    let (h, ids) = Harness::published();
    let foreign =
        with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "commitSha": OTHER_COMMIT}));
    assert_eq!(h.callback_by(SECRET, &foreign).0, 200);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_eq!(h.phases()[0], "FAIL");
    assert_eq!(h.security()["overallVerdict"], "FAIL");
}

#[test]
fn without_a_scan_id_a_timed_out_scan_is_meant_before_a_finished_one() {
    let (h, ids) = Harness::published();
    let report = with(result("", "semgrep", [0; 4]), &json!({"scanId": null}));
    assert_eq!(h.callback_by(SECRET, &report).1["scanId"], ids[0]);
    h.advance(25 * MINUTE);
    h.security();
    let late = with(result("", "njsscan", [0; 4]), &json!({"scanId": null}));
    assert_eq!(h.callback_by(SECRET, &late).1["scanId"], ids[1]);
    let (status, answer) = h.callback_by(SECRET, &report);
    assert_eq!(
        (status, answer["applied"].as_bool()),
        (200, Some(false)),
        "the newest has this very result"
    );
}

#[test]
fn unknown_skills_and_scans_are_404_behind_the_signature() {
    let (h, _) = Harness::published();
    let unknown = "f".repeat(32);
    refused(&h, &result(&unknown, "semgrep", [0; 4]), 404);
    refused(
        &h,
        &with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "skillName": "no/body"})),
        404,
    );
    // The bare name is the installer's, not a scanner's.
    refused(
        &h,
        &with(result("", "semgrep", [0; 4]), &json!({"scanId": null, "skillName": "tool"})),
        404,
    );
}

#[test]
fn every_wrong_field_of_a_callback_is_named() {
    let (h, ids) = Harness::published();
    let honest = result(&ids[0], "semgrep", [0; 4]);
    for (wrong, pointer) in [
        (json!({"provider": "clamav"}), "/provider"),
        (json!({"commitSha": &COMMIT[..39]}), "/commitSha"),
        (json!({"commitSha": "main"}), "/commitSha"),
        (json!({"commitSha": null}), "/commitSha"),
        (json!({"skillName": "a/b/c/d"}), "/skillName"),
        (json!({"repoUrl": "file:///etc"}), "/repoUrl"),
        (json!({"status": "GREEN"}), "/status"),
        (json!({"event": "paused"}), "/event"),
        (json!({"criticalCount": -1}), "/criticalCount"),
        (json!({"highCount": 1.5}), "/highCount"),
        (json!({"mediumCount": 1e12}), "/mediumCount"),
        (json!({"lowCount": null}), "/lowCount"),
        (json!({"attempt": 0}), "/attempt"),
        (json!({"coverage": true}), "/coverage"),
        (json!({"durationMs": -1}), "/durationMs"),
        (
            json!({"findings": [{"rule": "r", "severity": "deadly", "message": "m", "file": "f"}]}),
            "/findings/0/severity",
        ),
        (
            json!({"coverage": {"complete": true, "unscanned": [{"reason": "r"}]}}),
            "/coverage/unscanned/0/file",
        ),
        (json!({"tool": {"version": 1}}), "/tool/version"),
        (json!({"score": 101}), "/score"),
        (json!({"score": -1}), "/score"),
        (json!({"score": 99.5}), "/score"),
        (
            json!({"findings": [{"rule": "r", "severity": "critical", "message": "m", "file": "f", "code": ""}]}),
            "/criticalCount",
        ),
    ] {
        let problem = refused(&h, &with(honest.clone(), &wrong), 422);
        assert_eq!(pointers(&problem), [pointer], "{wrong}");
    }
    let problem = refused(&h, &json!({"event": "failed", "provider": "semgrep"}), 422);
    assert_eq!(pointers(&problem), ["/scanId", "/error"]);
}

#[test]
fn a_published_commit_that_did_not_move_is_not_scanned_again() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&with(result(id, provider, [0; 4]), &json!({ "repoUrl": REPO })));
    }
    h.run_sends();
    h.run_scheduled();
    assert_eq!(
        (h.sent().len(), h.count("SELECT count(*) FROM external_scan_result")),
        (COUNT, COUNT)
    );
}

#[test]
fn text_from_a_scanner_is_cut_and_cleaned_before_it_is_kept() {
    let (h, ids) = Harness::published();
    h.callback(&failed(&ids[0], "semgrep", &format!("\u{1b}[2J\u{202e}{}", "x".repeat(5_000))));
    let (_, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep"));
    let error = answer["error"].as_str().unwrap();
    assert!(error.starts_with("\u{fffd}[2J\u{fffd}xxx"));
    assert_eq!(error.chars().count(), 2_000);
    let secret = scan_secret(SECRET, &ids[0], 1);
    assert!(!h.db().dump().contains(&secret), "no key is kept");
}
