//! An admin asks again, and where the commit comes from.

use crate::harness::{
    COMMIT, COUNT, Harness, NAME, OTHER_COMMIT, PROVIDERS, each, failed, pointers, result, started,
    tool, with,
};
use serde_json::{Value as Json, json};

fn column<'a>(answer: &'a Json, name: &str) -> Vec<&'a str> {
    let scans = answer["scans"].as_array().unwrap();
    scans.iter().map(|scan| scan[name].as_str().unwrap()).collect()
}

fn finish(h: &Harness, ids: &[String; COUNT]) {
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        assert_eq!(h.callback(&result(id, provider, [0; 4])).0, 200);
    }
}

#[test]
fn what_has_ended_is_scanned_again_and_what_runs_is_left_alone() {
    let (h, ids) = Harness::published();
    h.callback(&failed(&ids[0], "semgrep", "no"));
    let (status, answer) = h.scan_again(&json!({"name": NAME}));
    assert_eq!(status, 202, "{answer}");
    assert_eq!(column(&answer, "dispatch"), each(&["dispatched"], "skipped"));
    h.run_sends();
    assert_eq!(h.sent().len(), COUNT + 1);
    assert_eq!(h.sent()[COUNT].body["commitSha"], COMMIT);
    assert_eq!(answer["skill"]["commitSha"], COMMIT);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    h.assert_kv_follows();
    assert_eq!(h.audit("skill.scan_asked"), 1);
}

#[test]
fn one_provider_can_be_named() {
    let (h, ids) = Harness::published();
    finish(&h, &ids);
    let (_, answer) = h.scan_again(&json!({"name": NAME, "provider": "njsscan"}));
    assert_eq!(column(&answer, "provider"), ["njsscan"]);
    assert_eq!(h.phases(), each(&["PASS", "PENDING"], "PASS"));
}

#[test]
fn force_ends_what_runs_as_superseded_and_its_report_is_refused() {
    let (h, ids) = Harness::published();
    h.callback(&started(&ids[0], "semgrep"));
    let (status, answer) = h.scan_again(&json!({"name": NAME, "force": true}));
    assert_eq!(status, 202);
    assert_eq!(column(&answer, "dispatch"), ["dispatched"; COUNT]);
    let old =
        h.db().query("SELECT status, error FROM external_scan_result WHERE error = 'superseded'");
    assert_eq!(old, vec![json!({"status": "ERROR", "error": "superseded"}); COUNT]);
    assert_eq!(h.audit("scan.superseded"), COUNT);
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [9, 0, 0, 0])).0, 409);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    let new = column(&answer, "scanId");
    assert_eq!(h.callback(&result(new[0], "semgrep", [0; 4])).0, 200);
    h.assert_kv_follows();
}

#[test]
fn bad_calls_are_refused_and_change_nothing() {
    let (h, _) = Harness::published();
    let (status, answer) =
        h.scan_again(&json!({"name": "a b", "provider": "clamav", "force": "yes"}));
    assert_eq!((status, pointers(&answer)), (422, vec!["/name", "/provider", "/force"]));
    assert_eq!(h.scan_again(&json!([])).0, 400);
    assert_eq!(h.scan_again(&json!({"name": "nobody/knows"})).0, 404);
    assert_eq!(h.fetch("POST", "/api/v1/admin/scan-external", &[]).status, 401);
    assert_eq!(h.audit("skill.scan_asked"), 0);
}

const API: &str = "https://api.example/repos/owner/repo/commits/HEAD";

fn with_token() -> Harness {
    Harness::with(&[
        ("GITHUB_TOKEN", "github-token-of-tests"),
        ("GITHUB_API_URL", "https://api.example/"),
    ])
}

#[test]
fn without_a_commit_github_tells_the_one_that_all_scan() {
    let h = with_token();
    h.scanners().serves(API, Ok((200, OTHER_COMMIT)));
    let (_, answer) = h.publish(&with(tool(), &json!({"commitSha": null})));
    assert_eq!(answer["skill"]["commitSha"], OTHER_COMMIT);
    let asked = &h.sent()[0];
    assert_eq!((&*asked.url, &*asked.bearer), (API, "github-token-of-tests"));
    h.run_sends();
    assert!(h.sent()[1..].iter().all(|sent| sent.body["commitSha"] == OTHER_COMMIT));
    // A commit that is named is not asked for.
    h.publish(&tool());
    assert_eq!(h.sent().iter().filter(|sent| sent.url == API).count(), 1);
}

#[test]
fn where_github_does_not_tell_the_first_scanner_does() {
    for reply in
        [Ok((404, "{}")), Ok((200, "not a commit")), Ok((401, "no")), Err("timed out\u{1b}[0m")]
    {
        let h = with_token();
        h.scanners().serves(API, reply);
        let (status, answer) = h.publish(&with(tool(), &json!({"commitSha": null})));
        assert_eq!((status, &answer["skill"]["commitSha"]), (202, &Json::Null));
        assert_eq!(h.events("commit.unresolved")[0]["repo"], "https://github.com/owner/repo");
        assert!(!h.log().contains('\u{1b}') && !h.log().contains("github-token"));
        let id = answer["scans"][0]["scanId"].as_str().unwrap();
        h.callback(&result(id, "semgrep", [0; 4]));
        assert_eq!(h.security()["publishedCommitSha"], COMMIT);
    }
}

#[test]
fn other_hosts_and_workers_without_a_token_ask_nobody() {
    let h = Harness::with(&[
        ("GITHUB_TOKEN", "github-token-of-tests"),
        ("ALLOWED_REPO_HOSTS", "github.com,git.example"),
    ]);
    h.publish(&json!({"name": "a/b", "repoUrl": "https://git.example/owner/repo"}));
    let without = Harness::new();
    without.publish(&with(tool(), &json!({"commitSha": null})));
    assert!(h.sent().is_empty() && without.sent().is_empty());
}

#[test]
fn what_was_superseded_in_the_millisecond_of_its_send_is_not_sent_again() {
    let (h, ids) = Harness::published();
    assert_eq!(h.scan_again(&json!({"name": NAME, "force": true})).0, 202);
    h.run_sends();
    let sent: Vec<_> = h.sent().iter().map(|sent| sent.body["scanId"].clone()).collect();
    let of_old = sent.iter().filter(|id| ids.iter().any(|old| *id == old)).count();
    assert_eq!((sent.len(), of_old), (2 * COUNT, COUNT));
}
