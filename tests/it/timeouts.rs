//! Silence.

use crate::harness::{COUNT, HOUR, Harness, MINUTE, NAME, PROVIDERS, result, started, tool, with};
use serde_json::json;

#[test]
fn a_scan_that_nobody_answers_reads_timed_out_after_twenty_minutes() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE - 1);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    h.advance(1);
    let answer = h.security();
    assert_eq!(answer["overallVerdict"], "TIMED_OUT");
    assert_eq!(answer["providers"][0]["status"], "TIMED_OUT");
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    h.security();
    assert_eq!(h.audit("scan.timed_out"), COUNT, "once each");
    h.assert_kv_follows();
}

#[test]
fn the_page_promotes_what_is_overdue_as_well() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    let page = h.fetch("GET", &format!("/skills/{NAME}/security"), &[]);
    assert!(page.body.contains("TIMED OUT"));
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    h.assert_kv_follows();
}

#[test]
fn a_providers_own_address_promotes_what_is_overdue_as_well() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    let (_, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/njsscan"));
    assert_eq!(answer["phase"], "TIMED_OUT");
}

#[test]
fn scheduled_run_promotes_what_nobody_reads_and_kv_follows() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    h.run_scheduled();
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    let copy = h.kv().json(&format!("external-scans:{NAME}")).unwrap();
    assert_eq!(copy["overallVerdict"], "TIMED_OUT");
    h.assert_kv_follows();
}

#[test]
fn a_running_scan_has_twenty_minutes_from_its_last_sign_of_life() {
    let (h, ids) = Harness::published();
    for _ in 0..4 {
        h.advance(15 * MINUTE);
        for (id, provider) in ids.iter().zip(PROVIDERS) {
            assert_eq!(h.callback(&started(id, provider)).0, 200);
        }
        h.run_scheduled();
        assert_eq!(h.phases(), ["RUNNING"; COUNT]);
    }
    assert_eq!(h.audit("scan.started"), COUNT, "a heartbeat is no event");
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
}

#[test]
fn a_result_that_comes_late_replaces_timed_out() {
    let (h, ids) = Harness::published();
    h.advance(25 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    let (status, answer) = h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(true)));
    assert_eq!(h.phases()[0], "FAIL");
    h.assert_kv_follows();
}

#[test]
fn a_late_sign_of_life_brings_a_scan_back_until_it_is_given_up() {
    let (h, ids) = Harness::published();
    for time_out in 1..=3 {
        h.advance(20 * MINUTE);
        assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
        let (status, answer) = h.callback(&started(&ids[1], "njsscan"));
        assert_eq!((status, answer["applied"].as_bool()), (200, Some(time_out < 3)), "{answer}");
    }
    assert_eq!(h.phases()[1], "TIMED_OUT");
    h.assert_kv_follows();
}

#[test]
fn a_scan_that_timed_out_is_sent_twice_more_and_then_given_up() {
    let (h, ids) = Harness::published();
    for send in 2..=3 {
        h.advance(20 * MINUTE);
        assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
        h.run_scheduled();
        assert_eq!(h.phases(), ["PENDING"; COUNT]);
        let sent = h.sent();
        let last = &sent.last().unwrap().body;
        assert_eq!((sent.len(), &last["attempt"]), (send * COUNT, &send.into()));
        h.assert_kv_follows();
    }
    h.advance(20 * MINUTE);
    for _ in 0..3 {
        h.run_scheduled();
        h.advance(HOUR);
    }
    assert_eq!(h.sent().len(), 3 * COUNT, "no more than three times");
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    assert_eq!(
        (h.audit("scan.timed_out"), h.audit("scan.dispatched_again")),
        (3 * COUNT, 2 * COUNT)
    );
    let late = h.callback(&with(result(&ids[0], "semgrep", [0; 4]), &json!({"attempt": 3})));
    assert_eq!(late.0, 200, "a late result is evidence all the same");
    assert_eq!(h.phases()[0], "PASS");
    // And whoever wants another one asks for it.
    assert_eq!(h.publish(&tool()).0, 202);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
}

#[test]
fn g15_a_scan_that_was_sent_again_is_deaf_to_the_first_send() {
    let (h, ids) = Harness::published();
    h.advance(20 * MINUTE);
    h.security();
    h.run_scheduled();
    let first = with(result(&ids[0], "semgrep", [0; 4]), &json!({"attempt": 1}));
    assert_eq!(h.callback(&first).0, 409);
    assert_eq!(h.phases()[0], "PENDING");
    assert_eq!(h.callback(&with(first, &json!({"attempt": 2}))).0, 200);
    assert_eq!(h.phases()[0], "PASS");
}

#[test]
fn what_timed_out_is_given_up_when_a_newer_scan_takes_its_place() {
    let (h, old) = Harness::published();
    h.advance(20 * MINUTE);
    h.security();
    let new = h.publish_tool();
    h.run_scheduled();
    assert_eq!(h.sent().len(), 2 * COUNT, "the old ones are not sent again");
    let given_up =
        h.db().query("SELECT id FROM external_scan_result WHERE given_up_at IS NOT NULL");
    assert_eq!(given_up.len(), COUNT);
    assert_eq!(h.callback(&started(&old[0], "semgrep")).1["applied"], false);
    assert_eq!(h.callback(&result(&new[0], "semgrep", [0; 4])).0, 200);
}

#[test]
fn a_result_for_an_old_scan_stays_behind_the_newer_one() {
    let (h, old) = Harness::published();
    h.advance(25 * MINUTE);
    h.security();
    h.publish(&tool());
    h.run_sends();
    assert_eq!(h.callback(&result(&old[0], "semgrep", [0; 4])).0, 200);
    assert_eq!(h.phases()[0], "PENDING", "the newest scan is the current one");
}

#[test]
fn copies_in_kv_live_for_a_year() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let values = h.kv().values.borrow();
    assert_eq!(values.len(), COUNT + 1, "one of each provider, and the summary");
    assert!(values.iter().all(|(_, (_, ttl))| *ttl == Some(31_536_000)));
}

#[test]
fn g47_no_sign_of_life_prolongs_an_attempt_beyond_its_deadline() {
    let (h, ids) = Harness::published();
    let alive = with(started(&ids[0], "semgrep"), &json!({"attempt": 1}));
    let mut last = json!(null);
    for minute in 0..=60 {
        if minute > 0 {
            h.advance(MINUTE);
        }
        let (status, answer) = h.callback(&alive);
        assert_eq!(status, 200, "{answer}");
        last = answer;
    }
    assert_eq!(last["applied"], false, "an hour after the start");
    assert_eq!(h.security()["providers"][0]["phase"], "TIMED_OUT");
    h.advance(MINUTE);
    assert_eq!(h.callback(&alive).1["applied"], false, "nor does it come back");
    assert_eq!(h.security()["providers"][0]["phase"], "TIMED_OUT");
    // It is sent again as after silence, and the next attempt has its own time.
    h.run_scheduled();
    let again = with(alive, &json!({"attempt": 2}));
    assert_eq!(h.callback(&again).1["status"], "RUNNING");
    h.advance(19 * MINUTE);
    assert_eq!(h.callback(&again).1["applied"], true);
}

#[test]
fn g47_a_puller_cannot_hold_a_scan_for_ever() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("SCAN_DEADLINE_MINUTES", "30")]);
    let ids = h.publish_tool();
    let me = json!({"scanId": ids[0], "claimedBy": "me"});
    assert_eq!(h.claim(&ids[0], "me").0, 200);
    for _ in 0..2 {
        h.advance(14 * MINUTE);
        assert_eq!(h.internal("heartbeat", &me).0, 200);
    }
    h.advance(2 * MINUTE);
    h.run_scheduled();
    assert_eq!(h.phases()[0], "TIMED_OUT");
    assert_eq!(h.internal("heartbeat", &me).0, 409);
    assert_eq!(h.claim(&ids[0], "another").0, 200, "it is free for others");
}

#[test]
fn g47_handing_a_scan_back_gives_its_claimant_no_new_time() {
    let h = Harness::with(&[("DISPATCH", "pull")]);
    let ids = h.publish_tool();
    let me = json!({"scanId": ids[0], "claimedBy": "me"});
    for time_out in 1..=3 {
        assert_eq!(h.claim(&ids[0], "me").0, 200);
        for _ in 0..5 {
            h.advance(11 * MINUTE);
            assert_eq!(h.internal("heartbeat", &me).0, 200);
            assert_eq!(h.internal("release", &me).0, 200);
            assert_eq!(h.claim(&ids[0], "me").0, 200);
            h.run_scheduled();
            assert_eq!(h.phases()[0], "RUNNING");
        }
        // Whether it is held or handed back, an hour after its first claim it is over.
        if time_out == 2 {
            assert_eq!(h.internal("release", &me).0, 200);
        }
        h.advance(5 * MINUTE);
        h.run_scheduled();
        assert_eq!(h.phases()[0], "TIMED_OUT");
        assert_eq!(h.internal("heartbeat", &me).0, 409);
    }
    assert_eq!(h.claim(&ids[0], "me").0, 409, "given up");
    assert!(!h.pending().contains(&ids[0]));
}
