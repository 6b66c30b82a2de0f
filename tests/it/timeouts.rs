//! Silence.

use crate::harness::{Harness, MINUTE, NAME, PROVIDERS, result, started, tool};

#[test]
fn a_scan_that_nobody_answers_reads_timed_out_after_twenty_minutes() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE - 1);
    assert_eq!(h.phases(), ["PENDING"; 3]);
    h.advance(1);
    let answer = h.security();
    assert_eq!(answer["overallVerdict"], "TIMED_OUT");
    assert_eq!(answer["providers"][0]["status"], "TIMED_OUT");
    assert_eq!(h.audit("scan.timed_out"), 3);
    h.security();
    assert_eq!(h.audit("scan.timed_out"), 3, "once each");
    h.assert_kv_follows();
}

#[test]
fn the_page_promotes_what_is_overdue_as_well() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    let page = h.fetch("GET", &format!("/skills/{NAME}/security"), &[]);
    assert!(page.body.contains("TIMED OUT"));
    assert_eq!(h.audit("scan.timed_out"), 3);
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
fn upkeep_promotes_what_nobody_reads_and_kv_follows() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    h.upkeep();
    assert_eq!(h.audit("scan.timed_out"), 3);
    let copy = h.kv().json(&format!("external-scans:{NAME}")).unwrap();
    assert_eq!(copy["overallVerdict"], "TIMED_OUT");
    h.assert_kv_follows();
}

#[test]
fn a_running_scan_has_twenty_minutes_from_its_last_sign_of_life() {
    let (h, ids) = Harness::published();
    for _ in 0..5 {
        h.advance(15 * MINUTE);
        for (id, provider) in ids.iter().zip(PROVIDERS) {
            assert_eq!(h.callback(&started(id, provider)).0, 200);
        }
        h.upkeep();
        assert_eq!(h.phases(), ["RUNNING"; 3]);
    }
    assert_eq!(h.audit("scan.started"), 3, "a heartbeat is no event");
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; 3]);
}

#[test]
fn a_result_that_comes_late_replaces_timed_out() {
    let (h, ids) = Harness::published();
    h.advance(25 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; 3]);
    let (status, answer) = h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(true)));
    assert_eq!(h.phases()[0], "FAIL");
    h.assert_kv_follows();
    // A late sign of life is no result and changes nothing.
    let (status, answer) = h.callback(&started(&ids[1], "njsscan"));
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(false)));
    assert_eq!(h.phases()[1], "TIMED_OUT");
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
    assert_eq!(values.len(), 4);
    assert!(values.iter().all(|(_, (_, ttl))| *ttl == Some(31_536_000)));
}
