//! Scanners that pull.

use crate::harness::{
    COMMIT, COUNT, HOUR, Harness, INTERNAL, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET,
    each, read, result, scan_secret, started, tool, with,
};
use serde_json::{Value as Json, json};

/// A worker that sends nothing, with the skill of most tests published.
fn pulled() -> (Harness, [String; COUNT]) {
    let h = Harness::with(&[("DISPATCH", "pull"), ("SCANNER_WORKERS", "")]);
    let ids = h.publish_tool();
    (h, ids)
}

fn beat(h: &Harness, scan: &str, by: &str) -> (u16, Json) {
    h.internal("heartbeat", &json!({"scanId": scan, "claimedBy": by}))
}

fn release(h: &Harness, scan: &str, by: &str) -> (u16, Json) {
    h.internal("release", &json!({"scanId": scan, "claimedBy": by}))
}

fn reason(answer: &(u16, Json)) -> (u16, &str) {
    assert_eq!(answer.1["ok"], false);
    (answer.0, answer.1["reason"].as_str().unwrap())
}

#[test]
fn what_waits_is_listed_oldest_first_with_all_that_a_scanner_needs() {
    let (h, ids) = pulled();
    assert!(h.sent().is_empty());
    let headers = [("x-internal-key", INTERNAL)];
    let list = |query: &str| {
        read(&h.fetch("GET", &format!("/api/v1/internal/pending-sast-scans{query}"), &headers))
    };
    let (_, answer) = list("");
    assert_eq!(
        answer["scans"][0],
        json!({
            "id": ids[0], "skillName": NAME, "repoUrl": REPO, "skillPath": null, "provider": "semgrep",
            "commitSha": COMMIT, "callbackUrl": "https://skills.example/api/v1/webhooks/scan-results",
            "dispatchedAt": null, "attempt": 0,
        })
    );
    assert_eq!(h.pending(), ids);
    let len = |query: &str| list(query).1["scans"].as_array().unwrap().len();
    assert_eq!(
        (len("?limit=2"), len("?limit=0"), len("?limit=-7"), len("?limit=99999999999999999999")),
        (2, 1, 1, COUNT)
    );
    for bad in ["?limit=", "?limit=x", "?limit=1e9", "?limit=%zz"] {
        assert_eq!(list(bad).0, 400, "{bad}");
    }
}

#[test]
fn a_claim_gives_the_scan_with_its_own_key_and_only_that() {
    let (h, ids) = pulled();
    let (status, answer) = h.claim(&ids[1], "vps-1");
    assert_eq!(status, 200, "{answer}");
    let scan = &answer["scan"];
    assert_eq!(answer["ok"], true);
    assert_eq!((&scan["id"], &scan["attempt"]), (&json!(ids[1]), &json!(1)));
    assert_eq!(scan["callbackSecret"], scan_secret(SECRET, &ids[1], 1));
    assert_eq!(h.phases(), each(&["PENDING", "RUNNING"], "PENDING"));
    h.assert_kv_follows();
    assert_eq!(h.pending(), [&ids[..1], &ids[2..]].concat());
    // What it reports with that key counts.
    let report = with(result(&ids[1], "njsscan", [0; 4]), &json!({"attempt": 1}));
    assert_eq!(h.callback_by(scan["callbackSecret"].as_str().unwrap(), &report).0, 200);
    assert_eq!(h.phases()[1], "PASS");
    assert_eq!(reason(&h.claim(&ids[1], "vps-2")), (409, "finished"));
    assert_eq!((h.audit("scan.claimed"), h.audit("scan.result")), (1, 1));
    assert!(!h.log().contains(scan["callbackSecret"].as_str().unwrap()));
}

#[test]
fn g21_of_many_claims_one_wins() {
    let (h, ids) = pulled();
    let won = (0..20).filter(|n| h.claim(&ids[0], &format!("vps-{n}")).0 == 200).count();
    assert_eq!(won, 1);
    assert_eq!(reason(&h.claim(&ids[0], "vps-0")), (409, "already_claimed"), "its own, too");
    assert_eq!(h.audit("scan.claimed"), 1);
}

#[test]
fn g21_a_claim_without_a_sign_of_life_is_free_after_fifteen_minutes() {
    let (h, ids) = pulled();
    h.claim(&ids[0], "vps-1");
    h.advance(15 * MINUTE - 1);
    assert_eq!(reason(&h.claim(&ids[0], "vps-2")), (409, "already_claimed"));
    assert!(!h.pending().contains(&ids[0]));
    h.advance(1);
    assert_eq!(h.phases()[0], "RUNNING", "not yet timed out, and free all the same");
    assert!(h.pending().contains(&ids[0]));
    let (status, answer) = h.claim(&ids[0], "vps-2");
    assert_eq!((status, &answer["scan"]["attempt"]), (200, &json!(2)));
    // The first one wakes up.
    assert_eq!(reason(&beat(&h, &ids[0], "vps-1")), (409, "not_yours"));
    let late = with(result(&ids[0], "semgrep", [0; 4]), &json!({"attempt": 1}));
    assert_eq!(h.callback(&late).0, 409);
    assert_eq!(h.phases()[0], "RUNNING");
    assert_eq!(h.callback(&with(late, &json!({"attempt": 2}))).0, 200);
}

#[test]
fn each_sign_of_life_is_good_for_fifteen_minutes() {
    let (h, ids) = pulled();
    h.claim(&ids[0], "vps-1");
    h.claim(&ids[1], "vps-1");
    for _ in 0..4 {
        h.advance(14 * MINUTE);
        let (status, answer) = beat(&h, &ids[0], "vps-1");
        assert_eq!((status, &answer["ok"]), (200, &json!(true)));
        let expires = skillgate_contract::Millis(h.now() + 15 * MINUTE).rfc3339();
        assert_eq!(answer["expiresAt"], json!(expires));
        assert_eq!(h.callback(&started(&ids[1], "njsscan")).0, 200, "a callback is one as well");
    }
    assert_eq!(h.phases(), each(&["RUNNING", "RUNNING"], "TIMED_OUT"));
    assert_eq!(h.pending(), ids[2..]);
    assert_eq!(reason(&beat(&h, &ids[0], "vps-2")), (409, "not_yours"));
    assert_eq!(beat(&h, "nobody", "vps-1").0, 404);
}

#[test]
fn what_is_handed_back_is_free_at_once() {
    let (h, ids) = pulled();
    h.claim(&ids[0], "vps-1");
    assert_eq!(reason(&release(&h, &ids[0], "vps-2")), (409, "not_yours"));
    assert_eq!(release(&h, &ids[0], "vps-1"), (200, json!({"ok": true})));
    assert_eq!(reason(&release(&h, &ids[0], "vps-1")), (409, "not_yours"), "no longer");
    assert_eq!(release(&h, "nobody", "vps-1").0, 404);
    assert_eq!(h.phases()[0], "PENDING");
    h.assert_kv_follows();
    assert_eq!(h.pending(), ids);
    assert_eq!(h.claim(&ids[0], "vps-2").1["scan"]["attempt"], 2);
    assert_eq!(h.audit("scan.released"), 1);
}

#[test]
fn what_nobody_pulls_times_out_stays_on_offer_and_is_given_up_at_its_third_time_out() {
    let (h, ids) = pulled();
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    h.advance(100 * HOUR);
    assert_eq!(h.pending(), ids, "however long that takes");
    for attempt in 1..=2 {
        let (status, answer) = h.claim(&ids[0], "vps-1");
        assert_eq!((status, &answer["scan"]["attempt"]), (200, &json!(attempt)));
        assert_eq!(h.phases()[0], "RUNNING");
        h.advance(20 * MINUTE);
    }
    // The third time-out is due, and nothing has met it yet.
    assert!(!h.pending().contains(&ids[0]));
    assert_eq!(reason(&h.claim(&ids[0], "vps-1")), (409, "finished"));
    assert_eq!(h.phases()[0], "TIMED_OUT");
    assert_eq!(h.pending(), ids[1..]);
    h.assert_kv_follows();
}

#[test]
fn a_scan_beside_a_newer_one_is_not_to_be_had() {
    let (h, old) = pulled();
    h.advance(20 * MINUTE);
    h.security();
    let new = h.publish_tool();
    assert_eq!(h.pending(), new);
    assert_eq!(reason(&h.claim(&old[0], "vps-1")), (409, "finished"));
    assert_eq!(h.claim(&new[0], "vps-1").0, 200);
}

#[test]
fn a_claim_that_meets_a_moved_commit_leaves_the_old_one_and_offers_the_new() {
    let (h, old) = pulled();
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    h.advance(20 * MINUTE);
    assert_eq!(reason(&h.claim(&old[0], "vps-1")), (409, "finished"));
    let now = h.pending();
    assert_eq!(now.len(), COUNT);
    assert!(!now.contains(&old[0]));
    let (_, answer) = h.claim(&now[0], "vps-1");
    assert_eq!(answer["scan"]["commitSha"], OTHER_COMMIT);
}

#[test]
fn a_worker_that_sends_may_be_pulled_from_as_well_and_no_scan_runs_twice() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1")]);
    let ids = h.publish_tool();
    assert_eq!(h.sent().len(), 1);
    assert_eq!(h.pending(), ids, "over the budget, or sent and not begun");
    assert_eq!(h.claim(&ids[2], "vps-1").0, 200);
    h.advance(61 * MINUTE);
    h.run_scheduled();
    let sent = h.sent();
    assert!(sent.iter().all(|sent| sent.body["provider"] != PROVIDERS[2]), "{sent:?}");
    // Handed back, it is sent.
    assert_eq!(release(&h, &ids[1], "vps-1").0, 409);
}

#[test]
fn a_push_that_is_under_way_while_somebody_claims_is_overtaken() {
    let h = Harness::new();
    let (_, answer) = h.publish(&tool());
    let id = answer["scans"][0]["scanId"].as_str().unwrap().to_owned();
    assert_eq!(h.claim(&id, "vps-1").1["scan"]["attempt"], 2);
    h.run_sends();
    assert_eq!(h.phases()[0], "RUNNING");
    let by_push = with(started(&id, "semgrep"), &json!({"attempt": 1}));
    assert_eq!(h.callback(&by_push).0, 409);
    h.advance(14 * MINUTE);
    assert_eq!(beat(&h, &id, "vps-1").0, 200, "the send changed nothing of the claim");
}

#[test]
fn the_key_is_asked_for_and_without_one_the_queue_is_closed() {
    let (mut h, ids) = pulled();
    let body = json!({"scanId": ids[0], "claimedBy": "vps-1"}).to_string().into_bytes();
    let calls = [
        ("GET", "/api/v1/internal/pending-sast-scans"),
        ("POST", "/api/v1/internal/claim-sast-scan"),
        ("POST", "/api/v1/internal/heartbeat-sast-scan"),
        ("POST", "/api/v1/internal/release-sast-scan"),
    ];
    let ask = |h: &Harness, headers: &[(&str, &str)]| {
        calls.map(|(method, target)| {
            let all = [headers, &[("content-type", "application/json")]].concat();
            h.send_request(&crate::harness::request(method, target, &all, body.clone()))
        })
    };
    for wrong in
        [&[][..], &[("x-internal-key", "")], &[("x-internal-key", "internal-key-of-the-test")]]
    {
        for answer in ask(&h, wrong) {
            assert_eq!(answer.status, 401);
            assert!(answer.header("www-authenticate").is_some());
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    let bearer = format!("Bearer {}", crate::harness::ADMIN);
    assert!(
        ask(&h, &[("authorization", &bearer)]).iter().all(|a| a.status == 401),
        "nor the admin's"
    );
    h.configure(&[("DISPATCH", "pull"), ("SCANNER_WORKERS", ""), ("INTERNAL_KEY", "")]);
    assert!(ask(&h, &[("x-internal-key", INTERNAL)]).iter().all(|a| a.status == 503));
    h.configure(&[("DISPATCH", "pull"), ("SCANNER_WORKERS", ""), ("WEBHOOK_SECRET", "")]);
    assert_eq!(h.claim(&ids[0], "vps-1").0, 503, "its report could not be verified");
    assert_eq!(h.audit("scan.claimed"), 0);
}

#[test]
fn bad_bodies_are_refused_field_by_field() {
    let (h, _) = pulled();
    for what in ["claim", "heartbeat", "release"] {
        let (status, answer) = h.internal(what, &json!({"scanId": "a b", "claimedBy": "\u{202e}"}));
        assert_eq!(
            (status, crate::harness::pointers(&answer)),
            (422, vec!["/scanId", "/claimedBy"])
        );
        assert_eq!(h.internal(what, &json!([])).0, 400);
        assert_eq!(h.internal(what, &json!({"scanId": "none", "claimedBy": "me"})).0, 404);
    }
}

#[test]
fn a_scan_whose_scanner_dies_each_time_is_given_up_too() {
    let (h, ids) = pulled();
    let claims = std::iter::repeat_with(|| {
        let (status, _) = h.claim(&ids[0], "vps-1");
        h.advance(15 * MINUTE + 1);
        h.run_scheduled();
        status
    });
    let taken = claims.take(6).filter(|status| *status == 200).count();
    assert_eq!((taken, h.phases()[0].as_str()), (3, "TIMED_OUT"));
    assert!(!h.pending().contains(&ids[0]));
    assert!(h.alarms().iter().any(|event| event == "scan.given_up"), "{}", h.log());
    h.assert_kv_follows();
}
