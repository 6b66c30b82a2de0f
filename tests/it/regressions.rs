//! Faults that were found once.

use crate::harness::{
    COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, failed, result,
    tool, with,
};
use serde_json::json;
use skillgate_contract::{Millis, Provider, signature::MAX_BODY_BYTES};
use skillgate_worker::{
    error::AppError,
    store::{DispatchTarget, NewScan, Scheduling, Store},
};

#[test]
fn a_publish_that_drops_the_commit_under_a_running_scan_is_scanned_when_that_one_ends() {
    let (h, ids) = Harness::published();
    h.publish(&json!({"name": NAME, "repoUrl": REPO}));
    h.callback(&result(&ids[0], "semgrep", [3, 0, 0, 0]));
    assert_eq!(h.phases()[0], "PENDING", "the head of the repository is scanned");
    let next = h.db().query(
        "SELECT id FROM external_scan_result WHERE status = 'PENDING' AND provider = 'semgrep'",
    );
    let next = next[0]["id"].as_str().unwrap();
    let head = with(result(next, "semgrep", [3, 0, 0, 0]), &json!({"commitSha": OTHER_COMMIT}));
    assert_eq!(h.callback(&head).0, 200);
    let check = h.get("/api/v1/blocklist/check?name=tool").1;
    assert_eq!((&check["blocked"], &check["commitSha"]), (&json!(true), &json!(OTHER_COMMIT)));
}

#[test]
fn a_commit_that_is_published_while_the_head_is_scanned_is_followed_after_a_failure() {
    let h = Harness::new();
    h.publish(&json!({"name": NAME, "repoUrl": REPO}));
    let ids = h.db().query("SELECT id FROM external_scan_result ORDER BY seq");
    h.publish(&tool());
    h.callback(&failed(ids[0]["id"].as_str().unwrap(), "semgrep", "no"));
    assert_eq!(h.phases()[0], "PENDING");
    let commits = h.db().query("SELECT commit_sha FROM external_scan_result WHERE provider = 'semgrep' AND status = 'PENDING'");
    assert_eq!(commits[0]["commit_sha"], COMMIT);
}

#[test]
fn no_number_of_other_sources_hides_an_entry() {
    let h = Harness::with(&[
        ("DISPATCH_BUDGET_PER_HOUR", "1000"),
        ("AUTO_BLOCK_LIMIT_PER_HOUR", "1000"),
    ]);
    for i in 0..102 {
        let (name, repo) = (format!("o{i}/tool"), format!("https://github.com/o{i}/tool"));
        h.publish(
            &json!({"name": name, "repoUrl": repo, "commitSha": COMMIT, "providers": ["semgrep"]}),
        );
        let report =
            with(result("", "semgrep", [1, 0, 0, 0]), &json!({"scanId": null, "skillName": name}));
        assert_eq!(h.callback_by(SECRET, &report).0, 200);
    }
    for i in 0..102 {
        let check = h
            .get(&format!("/api/v1/blocklist/check?name=tool&repoUrl=https://github.com/o{i}/tool"))
            .1;
        assert_eq!(check["blocked"], true, "{i}");
    }
}

#[test]
fn a_scan_whose_sends_were_lost_waits_for_budget_without_timing_out() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", &COUNT.to_string())]);
    h.publish(&tool());
    h.lose_sends();
    for _ in 0..10 {
        h.advance(5 * MINUTE);
        h.run_scheduled();
    }
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    h.advance(15 * MINUTE);
    h.run_scheduled();
    assert_eq!(h.sent().len(), COUNT);
}

#[test]
fn g12_a_repeat_without_a_scan_id_never_lands_in_an_older_scan() {
    let (h, _) = Harness::published();
    h.advance(25 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    h.publish_tool();
    let report = with(result("", "semgrep", [0; 4]), &json!({"scanId": null}));
    let (first, again) = (h.callback_by(SECRET, &report).1, h.callback_by(SECRET, &report).1);
    assert_eq!(first["scanId"], again["scanId"]);
    assert_eq!((&first["applied"], &again["applied"]), (&json!(true), &json!(false)));
}

#[test]
fn every_block_has_its_audit_line() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [1, 0, 0, 0]));
    }
    assert_eq!((h.audit("blocklist.blocked"), h.audit("blocklist.evidence")), (1, COUNT - 1));
}

#[test]
fn what_was_lifted_taints_no_more() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.db()
        .execute("UPDATE blocklist_entry SET state = 'withdrawn', withdrawn_at = 1, withdrawn_reason = 'mistake'")
        .unwrap();
    let check = h.get("/api/v1/blocklist/check?name=tool").1;
    assert_eq!((&check["blocked"], &check["tainted"]), (&json!(false), &json!(false)));
}

#[test]
fn the_previous_secret_alone_opens_nothing() {
    let (mut h, ids) = Harness::published();
    h.configure(&[("WEBHOOK_SECRET", ""), ("WEBHOOK_SECRET_PREVIOUS", SECRET)]);
    assert_eq!(h.callback_by(SECRET, &result(&ids[0], "semgrep", [0; 4])).0, 503);
}

#[test]
fn scans_from_before_a_switch_to_pulling_are_not_sent() {
    let mut h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1")]);
    h.publish(&tool());
    h.run_sends();
    let sent = h.sent().len();
    h.configure(&[("DISPATCH", "pull")]);
    h.advance(61 * MINUTE);
    let answer = h.publish(&tool()).1;
    assert_eq!(answer["scans"][1]["dispatch"], "skipped");
    h.run_sends();
    assert!(h.sent().len() <= sent);
}

#[test]
fn a_folder_that_is_published_under_a_running_scan_is_scanned_before_anything_passes() {
    let h = Harness::new();
    let folder = |path: &str| with(tool(), &json!({ "skillPath": path }));
    let (_, published) = h.publish(&folder("harmless"));
    h.publish(&folder("hostile"));
    let ids = PROVIDERS.map(|provider| {
        let scans = published["scans"].as_array().unwrap();
        let scan = scans.iter().find(|scan| scan["provider"] == provider).unwrap();
        scan["scanId"].as_str().unwrap().to_owned()
    });
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        assert_eq!(h.callback(&result(id, provider, [0; 4])).0, 200);
    }
    assert_eq!(
        (&h.security()["overallVerdict"], h.phases()),
        (&json!("PENDING"), ["PENDING"; COUNT].map(String::from))
    );
    let waiting =
        h.db().query("SELECT skill_path FROM external_scan_result WHERE status = 'PENDING'");
    assert!(waiting.len() == COUNT && waiting.iter().all(|scan| scan["skill_path"] == "hostile"));
}

#[test]
fn a_folder_that_is_published_under_a_scan_that_times_out_is_scanned_next() {
    let h = Harness::with(&[("DISPATCH", "pull")]);
    h.publish(&with(tool(), &json!({"skillPath": "harmless"})));
    h.publish(&with(tool(), &json!({"skillPath": "hostile"})));
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    let waiting =
        h.db().query("SELECT skill_path FROM external_scan_result WHERE status = 'PENDING'");
    assert!(waiting.len() == COUNT && waiting.iter().all(|scan| scan["skill_path"] == "hostile"));
}

#[test]
fn g29_a_critical_at_the_published_commit_blocks_though_another_commits_scan_is_under_way() {
    let (h, _) = Harness::published();
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    let report = with(
        result("", "semgrep", [2, 0, 0, 0]),
        &json!({"scanId": null, "commitSha": OTHER_COMMIT}),
    );
    let (status, answer) = h.callback_by(SECRET, &report);
    assert_eq!((status, &answer["applied"]), (200, &json!(true)));
    let check = h.get("/api/v1/blocklist/check?name=tool").1;
    assert_eq!((&check["blocked"], &check["commitSha"]), (&json!(true), &json!(OTHER_COMMIT)));
    assert_eq!((h.callback_by(SECRET, &report).0, h.audit("blocklist.blocked")), (200, 1));
}

#[test]
fn a_forced_scan_of_a_skill_that_moves_meanwhile_ends_nothing_without_a_scan_in_its_place() {
    let (h, _) = Harness::published();
    let store = Store(h.db());
    let name = NAME.parse().unwrap();
    let before = pollster::block_on(store.skill_state(&name)).unwrap().unwrap().skill;
    h.publish(&with(tool(), &json!({"repoUrl": "https://github.com/new/home", "move": true})));
    let scans = [NewScan { id: "forced".parse().unwrap(), provider: Provider::Semgrep }];
    let scheduling = Scheduling {
        longest_ms: 60 * 60_000,
        now: Millis(h.now()),
        sends: DispatchTarget::Scanner,
        budget_per_hour: 100,
        timeout_ms: 20 * MINUTE,
    };
    let forced = pollster::block_on(store.scan_again(&before, &scans, true, "token", scheduling));
    assert!(matches!(forced, Err(AppError::Conflict(_))), "{forced:?}");
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    assert_eq!(h.audit("scan.superseded"), 0);
}

#[test]
fn a_report_that_grows_as_it_is_cleaned_still_fits_a_row() {
    let (h, ids) = Harness::published();
    // One byte each in the body, three where a character that is shown stands for it.
    let note = json!({"file": "\u{7f}".repeat(1_300), "reason": "\u{7f}".repeat(1_200)});
    let notes = vec![note; 200];
    let report = with(
        result(&ids[0], "semgrep", [0; 4]),
        &json!({"coverage": {"complete": false, "textRulesOnly": notes, "unscanned": notes}}),
    );
    assert!(h.stamped(&report).len() <= MAX_BODY_BYTES);
    let (status, answer) = h.callback(&report);
    assert_eq!((status, &answer["status"]), (200, &json!("INCOMPLETE")), "{answer}");
    let bytes: i64 =
        h.db().one("SELECT max(length(CAST(coverage AS BLOB))) FROM external_scan_result");
    assert!((1..=512 * 1024).contains(&bytes), "{bytes}");
}

#[test]
fn a_publish_without_a_commit_under_a_scan_of_the_head_asks_for_the_new_head() {
    let h = Harness::new();
    let head = json!({"name": NAME, "repoUrl": REPO});
    let first = h.publish(&head).1["scans"][0]["scanId"].as_str().unwrap().to_owned();
    h.advance(MINUTE);
    assert_eq!(h.publish(&head).1["scans"][0]["dispatch"], "skipped");
    // The scanner had fetched the head before it moved.
    assert_eq!(h.callback(&result(&first, "semgrep", [0; 4])).0, 200);
    assert_eq!(h.phases()[0], "PENDING", "what is published now was read by nobody");
    let next = h.db().query(
        "SELECT id FROM external_scan_result WHERE status = 'PENDING' AND provider = 'semgrep'",
    );
    h.run_sends();
    let next = next[0]["id"].as_str().unwrap();
    let report = with(result(next, "semgrep", [0; 4]), &json!({"commitSha": OTHER_COMMIT}));
    assert_eq!(h.callback(&report).0, 200);
    assert_eq!(h.phases()[0], "PASS");
    assert_eq!(h.db().query("SELECT commit_sha FROM skill")[0]["commit_sha"], OTHER_COMMIT);
    assert_eq!(h.audit("skill.commit_resolved"), 1);
}

#[test]
fn criticals_of_a_folder_that_is_no_longer_published_do_not_block() {
    let h = Harness::new();
    let whole = h.publish(&tool()).1["scans"][0]["scanId"].as_str().unwrap().to_owned();
    h.publish(&with(tool(), &json!({"skillPath": "mine"})));
    assert_eq!(h.callback(&result(&whole, "semgrep", [1, 0, 0, 0])).0, 200);
    assert_eq!(h.get("/api/v1/blocklist/check?name=tool").1["blocked"], false);
    let mine = h.db().query(
        "SELECT id FROM external_scan_result WHERE status = 'PENDING' AND provider = 'semgrep'",
    );
    h.run_sends();
    let report = result(mine[0]["id"].as_str().unwrap(), "semgrep", [1, 0, 0, 0]);
    assert_eq!(h.callback(&report).0, 200);
    assert_eq!(h.get("/api/v1/blocklist/check?name=tool").1["blocked"], true);
}
