//! Publishing a skill, and sending its scans.

use crate::{
    harness::{
        ADMIN, COMMIT, COUNT, HOUR, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET,
        each, failed, pointers, read, result, scan_secret, tool, with,
    },
    sqlite::Fault,
};
use serde_json::{Value as Json, json};
use skillgate_contract::{
    object::JsonObject,
    scan_request::{KNOWN_FIELDS, ScanRequest},
};

fn column<'a>(answer: &'a Json, field: &str) -> Vec<&'a str> {
    answer["scans"].as_array().unwrap().iter().map(|scan| scan[field].as_str().unwrap()).collect()
}

#[test]
fn a_publish_answers_with_the_skill_and_a_scan_for_each_provider() {
    let h = Harness::new();
    let body = with(tool(), &json!({"version": "1.2.3", "skillPath": "skills/tool/"}));
    let (status, mut answer) = h.publish(&body);
    assert_eq!(status, 202);
    for scan in answer["scans"].as_array_mut().unwrap() {
        assert_eq!(scan["scanId"].as_str().unwrap().len(), 32);
        scan["scanId"] = "<id>".into();
    }
    let scan = |provider| json!({"provider": provider, "scanId": "<id>", "status": "PENDING", "dispatch": "dispatched"});
    assert_eq!(
        answer,
        json!({
            "skill": {"name": NAME, "repoUrl": REPO, "commitSha": COMMIT, "version": "1.2.3", "skillPath": "skills/tool"},
            "scans": PROVIDERS.map(scan),
        })
    );
    assert_eq!(h.audit("skill.published"), 1);
}

#[test]
fn scans_are_sent_after_the_answer_and_in_turn_to_each_scanner() {
    let h = Harness::new();
    h.publish(&tool());
    assert!(h.sent().is_empty(), "nothing is sent before the answer is out");
    h.run_sends();
    let hosts: Vec<_> = h.sent().into_iter().map(|sent| sent.url).collect();
    let (a, b) = ("https://a.example:9500/scan", "https://b.example:9500/scan");
    assert!(hosts.iter().all(|host| host == a || host == b), "{hosts:?}");
    assert!(hosts.windows(2).all(|next| next[0] != next[1]), "{hosts:?}");
}

#[test]
fn what_is_sent_is_a_scan_request_whose_secret_signs_an_accepted_callback() {
    let h = Harness::new();
    h.publish(&with(tool(), &json!({"skillPath": "skills/tool"})));
    h.run_sends();
    for (sent, provider) in h.sent().iter().zip(PROVIDERS) {
        assert_eq!(sent.bearer, "scanner-secret-of-the-tests");
        let body = sent.body.to_string();
        let request =
            ScanRequest::read(JsonObject::parse(body.as_bytes(), KNOWN_FIELDS).unwrap()).unwrap();
        assert_eq!(request.provider.as_str(), provider);
        assert_eq!(request.repo_url.to_string(), REPO);
        assert_eq!(request.callback_url, "https://skills.example/api/v1/webhooks/scan-results");
        assert_eq!(request.attempt, Some(1));
        assert_eq!(request.commit_sha.unwrap().as_str(), COMMIT);
        assert_eq!(request.skill_path.unwrap().as_str(), "skills/tool");
        let id = request.scan_id.unwrap();
        let secret = request.callback_secret.expose();
        assert_eq!(secret, scan_secret(SECRET, id.as_str(), 1));
        let report = with(result(id.as_str(), provider, [0; 4]), &json!({"attempt": 1}));
        assert_eq!(h.callback_by(secret, &report).0, 200);
    }
    assert_eq!(h.security()["overallVerdict"], "PASS");
    assert!(!h.log().contains(SECRET));
}

#[test]
fn a_provider_with_an_active_scan_is_skipped() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    let (status, answer) = h.publish(&tool());
    assert_eq!(status, 202);
    assert_eq!(column(&answer, "dispatch"), each(&["skipped", "dispatched"], "skipped"));
    let again = column(&answer, "scanId");
    assert_eq!((again[0], again[2]), (&*ids[0], &*ids[2]));
    assert_ne!(again[1], ids[1]);
}

#[test]
fn only_the_providers_that_are_named_are_scanned() {
    let h = Harness::new();
    let (_, answer) = h.publish(&with(tool(), &json!({"providers": ["trufflehog", "semgrep"]})));
    assert_eq!(column(&answer, "provider"), ["semgrep", "trufflehog"]);
    assert_eq!(h.phases(), each(&["PENDING", "NONE", "PENDING"], "NONE"));
}

#[test]
fn g19_a_scan_over_the_hours_budget_waits_and_goes_out_when_the_hour_moves_on() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "2")]);
    let (_, answer) = h.publish(&with(tool(), &json!({"providers": PROVIDERS[..3]})));
    assert_eq!(column(&answer, "dispatch"), ["dispatched", "dispatched", "queued"]);
    h.run_sends();
    h.advance(HOUR - 1);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 2, "no budget yet");
    assert_eq!(
        h.phases(),
        each(&["TIMED_OUT", "TIMED_OUT", "PENDING"], "NONE"),
        "its clock starts at the send"
    );
    h.advance(1);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 4, "the budget of this hour");
    assert_eq!(h.sent()[2].body["provider"], PROVIDERS[2], "before what was sent once already");
    assert_eq!(h.phases(), each(&["PENDING", "TIMED_OUT", "PENDING"], "NONE"));
    h.advance(20 * MINUTE);
    assert_eq!(h.phases()[2], "TIMED_OUT");
}

#[test]
fn g19_a_failed_send_is_told_kept_and_sent_again_with_backoff() {
    let h = Harness::new();
    h.scanners().answers("https://a.example:9500", Err("connection refused"));
    h.scanners().answers("https://b.example:9500", Ok((500, "out\u{1b}[31m of disk")));
    h.publish_tool();
    assert_eq!(h.sent().len(), 2, "where none works, the other scans need not find that out too");
    let (_, answer) = h.publish(&tool());
    assert_eq!(column(&answer, "dispatch"), ["retrying"; COUNT]);
    assert_eq!(column(&answer, "status"), ["PENDING"; COUNT]);
    let detail = column(&answer, "detail")[0];
    assert!(detail.contains("https://a.example:9500: connection refused"), "{detail}");
    assert!(
        detail.contains("https://b.example:9500 answered 500: out\u{fffd}[31m of disk"),
        "{detail}"
    );
    assert_eq!(h.audit("dispatch.failed"), COUNT);

    h.advance(29_000);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 2, "not before 30 seconds");
    h.scanners().all_down(false);
    h.advance(17_000);
    h.run_scheduled();
    let sent = h.sent();
    assert_eq!(sent.len(), 2 + COUNT);
    assert!(sent[2..].iter().all(|sent| sent.body["attempt"] == 2));
    assert_eq!(column(&h.publish(&tool()).1, "dispatch"), ["skipped"; COUNT]);
}

#[test]
fn one_scanner_that_is_down_costs_no_scan() {
    let h = Harness::new();
    h.scanners().answers("https://b.example:9500", Ok((429, "full")));
    h.publish_tool();
    assert_eq!(h.audit("dispatch.failed"), 0);
    assert_eq!(
        h.db().one::<i64>(
            "SELECT count(*) FROM external_scan_result WHERE dispatch_due_at IS NOT NULL"
        ),
        0
    );
}

#[test]
fn g19_scans_whose_worker_died_before_sending_are_sent_by_scheduled_run() {
    let h = Harness::new();
    h.publish(&tool());
    assert_eq!(h.lose_sends(), COUNT);
    h.advance(89_000);
    h.run_scheduled();
    assert!(h.sent().is_empty(), "their lease still stands");
    h.advance(1_000);
    h.run_scheduled();
    assert_eq!(h.sent().len(), COUNT);
    assert!(h.sent().iter().all(|sent| sent.body["attempt"] == 2));
}

#[test]
fn g19_a_scan_that_no_scanner_accepted_never_times_out_while_it_waits_for_budget() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", &COUNT.to_string())]);
    h.scanners().all_down(true);
    h.publish_tool();
    h.scanners().all_down(false);
    for _ in 0..4 {
        h.advance(14 * MINUTE);
        h.run_scheduled();
        assert_eq!(h.phases(), ["PENDING"; COUNT], "nobody was ever asked to scan it");
    }
    h.advance(4 * MINUTE);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 2 + COUNT);
}

#[test]
fn another_repository_is_refused_and_nothing_is_written_unless_it_may_move() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let before = h.db().dump();
    let elsewhere = with(tool(), &json!({"repoUrl": "https://github.com/thief/repo"}));
    let (status, problem) = h.publish(&elsewhere);
    assert_eq!((status, problem["title"].as_str()), (409, Some("Conflict")));
    assert!(problem["detail"].as_str().unwrap().contains("\"move\": true"));
    assert_eq!(h.db().dump(), before);

    let (status, answer) = h.publish(&with(elsewhere, &json!({"move": true})));
    assert_eq!(status, 202);
    assert_eq!(answer["skill"]["repoUrl"], "https://github.com/thief/repo");
    assert_eq!(column(&answer, "dispatch"), ["dispatched"; COUNT]);
    h.run_sends();
    assert_eq!(h.sent()[COUNT].body["repoUrl"], "https://github.com/thief/repo");
}

#[test]
fn a_refused_publish_takes_nothing_that_another_skill_is_waiting_for() {
    let h = Harness::new();
    h.publish(&tool());
    h.lose_sends();
    h.advance(90_000);
    let before = h.db().dump();
    let (status, _) =
        h.publish(&with(tool(), &json!({"repoUrl": "https://github.com/thief/repo"})));
    assert_eq!(status, 409);
    assert_eq!(h.db().dump(), before);
}

#[test]
fn a_publish_gives_up_a_scan_that_is_overdue_and_scans_again() {
    let (h, ids) = Harness::published();
    h.advance(20 * MINUTE);
    let (_, answer) = h.publish(&tool());
    assert_eq!(column(&answer, "dispatch"), ["dispatched"; COUNT]);
    assert!(column(&answer, "scanId").iter().all(|id| !ids.iter().any(|old| old == id)));
    assert_eq!(h.audit("scan.timed_out"), COUNT);
}

#[test]
fn the_same_repository_in_another_spelling_is_the_same() {
    let (h, _) = Harness::published();
    let spelt = json!({"repoUrl": "http://www.GitHub.com/Owner/Repo.git/", "commitSha": COMMIT.to_uppercase()});
    let (status, answer) = h.publish(&with(tool(), &spelt));
    assert_eq!((status, answer["skill"]["repoUrl"].as_str()), (202, Some(REPO)));
    assert_eq!(answer["skill"]["commitSha"], COMMIT);
}

#[test]
fn hosts_that_are_not_allowed_are_a_wrong_repo_url() {
    let h = Harness::new();
    for url in [
        "https://gitlab.com/owner/repo",
        "https://127.0.0.1:8080/o/r",
        "https://2130706433/o/r",
        "ssh://github.com/o/r",
        "https://user@github.com/o/r",
        "https://github.com/o/../r",
        "ext::sh -c x",
        "--upload-pack=x",
        "file:///etc",
        "https://github.com:444/o/r",
        "https://github.com/o/r\r\n",
        "https://[::1]/o/r",
    ] {
        let (status, problem) = h.publish(&with(tool(), &json!({ "repoUrl": url })));
        assert_eq!((status, pointers(&problem)), (422, vec!["/repoUrl"]), "{url}");
    }
    let open = Harness::with(&[("ALLOWED_REPO_HOSTS", "gitlab.com,127.0.0.1:8080")]);
    assert_eq!(open.publish(&with(tool(), &json!({"repoUrl": "https://gitlab.com/o/r"}))).0, 202);
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM skill"), 0);
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let h = Harness::new();
    let (status, problem) = h.publish(&json!({
        "name": "a/b/c/d", "repoUrl": 7, "commitSha": "0123456789abcdef0123456789abcdef0123456", "version": [],
        "skillPath": "../x", "providers": ["semgrep", "clamav"], "move": "yes",
    }));
    assert_eq!(status, 422);
    assert_eq!(
        pointers(&problem),
        ["/name", "/repoUrl", "/commitSha", "/version", "/skillPath", "/providers/1", "/move"]
    );
    assert_eq!(pointers(&h.publish(&json!({})).1), ["/name", "/repoUrl"]);
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM audit_event"), 0);
}

#[test]
fn what_is_no_json_of_an_admin_is_refused_before_anything_is_read() {
    let h = Harness::new();
    let bearer = format!("Bearer {ADMIN}");
    let good = tool().to_string().into_bytes();
    let json_type = ("content-type", "application/json");
    let auth = ("authorization", bearer.as_str());
    for (body, headers, status) in [
        (b"{".to_vec(), vec![auth, json_type], 400),
        (b"[]".to_vec(), vec![auth, json_type], 400),
        (br#"{"name":"a","name":"b"}"#.to_vec(), vec![auth, json_type], 400),
        (good.clone(), vec![auth], 415),
        (good.clone(), vec![auth, ("content-type", "text/plain")], 415),
        (good.clone(), vec![auth, ("content-type", "application/json-patch+json")], 415),
        (good.clone(), vec![json_type], 401),
        (good.clone(), vec![json_type, ("authorization", "Bearer wrong")], 401),
        (good.clone(), vec![json_type, ("authorization", "Bearer ")], 401),
        (good.clone(), vec![json_type, ("authorization", ADMIN)], 401),
        (good.clone(), vec![json_type, ("authorization", &format!("Basic {ADMIN}"))], 401),
        (good.clone(), vec![auth, ("content-type", "Application/JSON; charset=utf-8")], 202),
    ] {
        let response = h.publish_as(body, &headers);
        assert_eq!(response.status, status, "{headers:?} {}", response.body);
        assert_eq!(response.header("www-authenticate").is_some(), status == 401);
    }
}

#[test]
fn a_missing_secret_closes_publishing_and_is_logged() {
    for secret in ["ADMIN_TOKEN", "WEBHOOK_SECRET", "SCANNER_WORKER_SECRET"] {
        let h = Harness::with(&[(secret, "")]);
        let response = h.publish_as(
            tool().to_string().into_bytes(),
            &[("authorization", &format!("Bearer {ADMIN}")), ("content-type", "application/json")],
        );
        assert_eq!(read(&response).0, 503, "{secret}");
        assert_eq!(response.header("retry-after"), Some("30"));
        assert!(!response.body.contains(secret), "the caller is not told which");
        assert!(h.log().contains(secret));
        assert_eq!(h.db().one::<i64>("SELECT count(*) FROM skill"), 0);
    }
    // No token configured: no token, not even the empty one, opens it.
    let h = Harness::with(&[("ADMIN_TOKEN", "")]);
    assert_eq!(h.publish_as(Vec::new(), &[("authorization", "Bearer ")]).status, 503);
}

#[test]
fn where_scanners_pull_a_scan_is_queued_and_nothing_is_sent() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("SCANNER_WORKER_SECRET", "")]);
    let (status, answer) = h.publish(&tool());
    assert_eq!((status, column(&answer, "dispatch")), (202, vec!["queued"; COUNT]));
    h.run_sends();
    h.run_scheduled();
    assert!(h.sent().is_empty());
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM dispatch"), 0);
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT], "the clock runs from the row's creation");
}

#[test]
fn a_commit_that_moved_while_scans_ran_is_scanned_when_each_ends() {
    let (h, ids) = Harness::published();
    let (_, answer) = h.publish(&with(tool(), &json!({ "commitSha": OTHER_COMMIT })));
    assert_eq!(column(&answer, "dispatch"), ["skipped"; COUNT]);
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [0; 4])).0, 200);
    assert_eq!(h.callback(&failed(&ids[1], "njsscan", "no space left")).0, 200);
    h.run_sends();
    let sent = h.sent();
    assert_eq!(sent.len(), COUNT + 2);
    for (sent, provider) in sent[COUNT..].iter().zip(PROVIDERS) {
        assert_eq!(
            (&sent.body["provider"], &sent.body["commitSha"]),
            (&json!(provider), &json!(OTHER_COMMIT))
        );
    }
    assert_eq!(h.security()["overallVerdict"], "PENDING");
    // The others never answer: their end is the time-out.
    h.advance(20 * MINUTE);
    h.run_scheduled();
    h.run_scheduled();
    let last = h.sent().pop().unwrap().body;
    assert_eq!(
        (&last["provider"], &last["commitSha"]),
        (&json!(PROVIDERS[COUNT - 1]), &json!(OTHER_COMMIT))
    );
}

#[test]
fn g18_a_publish_that_fails_halfway_writes_nothing_and_one_whose_reply_was_lost_loses_no_scan() {
    let h = Harness::new();
    let before = h.db().dump();
    h.db().fail_at(0, Fault::Halfway);
    assert_eq!(h.publish(&tool()).0, 503);
    assert_eq!(h.db().dump(), before);
    h.db().fail_at(0, Fault::ReplyLost);
    assert_eq!(h.publish(&tool()).0, 503);
    let (status, answer) = h.publish(&tool());
    assert_eq!((status, column(&answer, "dispatch")), (202, vec!["skipped"; COUNT]));
    h.advance(90_000);
    h.run_scheduled();
    assert_eq!(h.sent().len(), COUNT);
    assert_eq!(h.count("SELECT count(*) FROM external_scan_result"), COUNT);
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}/security")).0, 200);
}
