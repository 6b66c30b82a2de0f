//! Scanners that fail.

use crate::harness::{COUNT, HOUR, Harness, MINUTE, SECRET, result, scan_secret, tool, with};
use serde_json::json;

const A: &str = "https://a.example:9500";
const B: &str = "https://b.example:9500";

fn tried(h: &Harness, base: &str) -> usize {
    h.sent().iter().filter(|sent| sent.url.starts_with(base)).count()
}

#[test]
fn a_scanner_that_fails_is_skipped_for_a_while_and_then_tried_again() {
    let h = Harness::new();
    h.scanners().answers(A, Err("connection refused"));
    for n in 0..4 {
        h.publish(&json!({"name": format!("skill/{n}"), "repoUrl": tool()["repoUrl"]}));
        h.run_sends();
    }
    assert_eq!((tried(&h, A), tried(&h, B)), (1, 4 * COUNT), "once, not for each scan");
    h.scanners().answers(A, Ok((202, "{}")));
    h.advance(MINUTE);
    h.publish(&tool());
    h.run_sends();
    assert!(tried(&h, A) > 1);
    let (_, answer) = h.admin("GET", "dispatches", &json!({}));
    assert_eq!(answer, json!({"waiting": [], "failingScanners": []}));
}

#[test]
fn one_scan_that_no_scanner_wants_does_not_stop_the_others() {
    let h = Harness::new();
    h.scanners().answers(A, Ok((403, "not this host")));
    h.scanners().answers(B, Ok((403, "not this host")));
    h.publish_tool();
    assert_eq!(h.sent().len(), 2 * COUNT, "each scan is offered to each");
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM failing_scanner"), 0);
}

#[test]
fn g19_one_scheduled_run_sends_all_that_waits() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1000")]);
    for n in 0..30 {
        h.publish(&json!({"name": format!("skill/{n}"), "repoUrl": tool()["repoUrl"]}));
    }
    assert_eq!(h.lose_sends(), 30 * COUNT);
    h.advance(2 * MINUTE);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 30 * COUNT);
    assert_eq!(
        h.db().one::<i64>(
            "SELECT count(*) FROM external_scan_result WHERE dispatch_due_at IS NOT NULL"
        ),
        0
    );
}

#[test]
fn a_full_scanner_does_not_count_as_failing() {
    let h = Harness::new();
    h.scanners().answers(A, Ok((429, "{}")));
    h.publish_tool();
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM failing_scanner"), 0);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
}

#[test]
fn the_admin_sees_what_waits_and_why() {
    let h = Harness::new();
    h.scanners().answers(A, Err("connection refused"));
    h.scanners().answers(B, Ok((500, "out of disk")));
    h.publish_tool();
    let (status, answer) = h.admin("GET", "dispatches", &json!({}));
    assert_eq!(status, 200);
    let waiting = answer["waiting"].as_array().unwrap();
    assert_eq!(waiting.len(), COUNT);
    assert_eq!((&waiting[0]["failures"], &waiting[0]["attempt"]), (&json!(1), &json!(1)));
    assert!(waiting[0]["error"].as_str().unwrap().contains("out of disk"));
    let failing = answer["failingScanners"].as_array().unwrap();
    assert_eq!(
        (&failing[0]["url"], &failing[0]["error"]),
        (&json!(A), &json!("connection refused"))
    );
    assert_eq!(failing[1]["failures"], 1);
    assert_eq!(h.fetch("GET", "/api/v1/admin/dispatches", &[]).status, 401);
}

#[test]
fn g19_a_scan_that_nobody_takes_ends_as_an_error_with_an_alarm_after_a_day() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1000")]);
    h.scanners().all_down(true);
    h.publish_tool();
    for _ in 0..22 * 2 {
        h.advance(HOUR / 2);
        h.run_scheduled();
    }
    assert_eq!(h.phases(), ["PENDING"; COUNT], "not before a day is over");
    for _ in 0..30 {
        h.advance(HOUR);
        h.run_scheduled();
    }
    assert_eq!(h.phases(), ["ERROR"; COUNT]);
    assert_eq!(h.events("dispatch.given_up").len(), COUNT);
    assert_eq!(h.audit("scan.failed"), COUNT);
    let (_, detail) = h.get("/api/v1/skills/tool/security/semgrep");
    assert!(detail["error"].as_str().unwrap().contains("connection refused"), "{detail}");
    h.assert_kv_follows();
    let sends = h.sent().len();
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(h.sent().len(), sends);
    // The next publish starts anew.
    h.scanners().all_down(false);
    h.advance(HOUR);
    h.publish_tool();
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
}

#[test]
fn a_scanner_that_repeats_what_it_was_sent_puts_no_secret_into_the_log_or_the_database() {
    let h = Harness::new();
    let (_, answer) = h.publish(&with(tool(), &json!({"providers": ["semgrep"]})));
    let id = answer["scans"][0]["scanId"].as_str().unwrap();
    let secret = scan_secret(SECRET, id, 1);
    let echo = format!("{} Bearer scanner-secret-of-the-tests {secret}", "x".repeat(130));
    for base in [A, B] {
        h.scanners().answers(base, Ok((422, &echo)));
    }
    h.run_sends();
    let told = h.admin("GET", "dispatches", &json!(null)).1.to_string();
    for place in [h.log(), h.db().dump(), told] {
        assert!(place.contains("answered 422"), "{place}");
        for secret in ["scanner-secret", &secret[..8]] {
            assert!(!place.contains(secret), "{place}");
        }
    }
}

#[test]
fn a_busy_scanner_costs_neither_the_hours_budget_nor_a_scans_patience() {
    let h = Harness::with(&[("SCANNER_WORKERS", A), ("DISPATCH_BUDGET_PER_HOUR", "40")]);
    h.scanners().has_room(0);
    let ids: Vec<String> = (0..20)
        .flat_map(|n| {
            let skill = json!({"name": format!("skill/{n}"), "repoUrl": tool()["repoUrl"]});
            let (_, answer) = h.publish(&skill);
            h.run_sends();
            let scans = answer["scans"].as_array().unwrap().clone();
            scans.into_iter().map(|scan| scan["scanId"].as_str().unwrap().to_owned())
        })
        .collect();
    assert!(h.sent().len() <= 20, "one answer is enough for a batch: {}", h.sent().len());
    for _ in 0..60 {
        h.advance(MINUTE);
        h.run_scheduled();
    }
    assert!(h.sent().len() <= 20 + 60, "{}", h.sent().len());
    let spent = "SELECT count(*) FROM dispatch WHERE counts_against_budget = 1";
    assert_eq!((h.count(spent), h.audit("dispatch.failed")), (0, 0));
    let (_, answer) = h.admin("GET", "dispatches", &json!({}));
    let waiting = answer["waiting"].as_array().unwrap();
    assert_eq!((waiting.len(), &answer["failingScanners"]), (20 * COUNT, &json!([])));
    for scan in waiting {
        assert_eq!((&scan["status"], &scan["failures"]), (&json!("PENDING"), &json!(0)));
        assert!(scan["error"].as_str().unwrap().contains("429"), "{scan}");
    }

    // One place: one scan goes, and its report makes room for the next.
    h.scanners().has_room(1);
    let mut done = 0;
    for _ in 0..30 {
        h.advance(MINUTE);
        h.run_scheduled();
        let taken = h.db().query("SELECT id, provider, attempt, skill_name FROM external_scan_result WHERE status = 'PENDING' AND dispatch_due_at IS NULL");
        assert_eq!(taken.len(), 1);
        let scan = &taken[0];
        let report = with(
            result(scan["id"].as_str().unwrap(), scan["provider"].as_str().unwrap(), [0; 4]),
            &json!({"attempt": scan["attempt"], "skillName": scan["skill_name"]}),
        );
        h.scanners().has_room(1);
        let (status, answer) = h.callback(&report);
        assert_eq!(status, 200, "{answer}");
        h.run_sends();
        done += 1;
    }
    assert_eq!((h.count(spent), h.audit("scan.result")), (done + 1, done));
    assert_eq!(h.audit("scan.timed_out"), 0);
    assert_eq!(ids.len(), 20 * COUNT);
    // It is not waited for in silence.
    let minutes_beyond_15 = 60 + 30 - 15;
    assert_eq!(h.alarms(), vec!["dispatch.waiting"; minutes_beyond_15]);
}

#[test]
fn what_waits_when_the_way_of_dispatch_is_changed_goes_the_new_way() {
    // Scanners pulled, and did not come; now scans are sent.
    let mut h = Harness::with(&[("DISPATCH", "pull")]);
    h.publish(&tool());
    h.advance(20 * MINUTE);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    h.configure(&[]);
    h.run_scheduled();
    assert_eq!((h.sent().len(), h.phases()), (COUNT, ["PENDING"; COUNT].map(str::to_owned)));

    // Scans could not be sent; now scanners pull, and do not come either.
    let mut h = Harness::new();
    h.scanners().all_down(true);
    h.publish_tool();
    h.configure(&[("DISPATCH", "pull")]);
    h.run_scheduled();
    let (_, answer) = h.admin("GET", "dispatches", &json!({}));
    assert_eq!(answer["waiting"], json!([]));
    h.advance(20 * MINUTE - 1);
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
    h.advance(1);
    assert_eq!(h.phases(), ["TIMED_OUT"; COUNT]);
    assert_eq!(h.pending().len(), COUNT);
}
