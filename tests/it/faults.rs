//! Stores that fail.

use crate::{
    harness::{COUNT, Harness, MINUTE, NAME, PROVIDERS, result, started, tool},
    sqlite::Fault,
};

#[test]
fn a_kv_that_fails_fails_no_callback_and_is_healed_by_scheduled_run() {
    for n in 0..4 {
        let (h, ids) = Harness::published();
        h.callback(&started(&ids[1], "njsscan"));
        h.kv().fail_put_at(n);
        assert_eq!(h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0])).0, 200);
        assert!(h.log().contains("429"), "{}", h.log());
        assert_eq!(h.security()["overallVerdict"], "FAIL", "reads compute from the rows");
        h.run_scheduled();
        h.assert_kv_follows();
    }
}

#[test]
fn a_kv_that_stays_down_is_tried_again_each_time_and_no_skill_keeps_another_waiting() {
    let (h, ids) = Harness::published();
    h.publish(&serde_json::json!({"name": "else", "repoUrl": "https://github.com/e/e"}));
    h.kv().set_down(true);
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    h.run_scheduled();
    assert!(h.kv().values.borrow().is_empty());
    h.kv().set_down(false);
    h.run_scheduled();
    h.assert_kv_follows();
    assert!(h.kv().json("external-scans:else").is_some());
    let puts = h.kv().values.borrow().clone();
    h.kv().values.borrow_mut().clear();
    h.run_scheduled();
    assert!(h.kv().values.borrow().is_empty(), "what is up to date is not put again");
    assert_eq!(puts.len(), 2 * (COUNT + 1));
}

#[test]
fn g18_a_callback_that_fails_halfway_at_any_step_leaves_nothing_half_applied() {
    for fault in [Fault::Halfway, Fault::ReplyLost] {
        for n in 0..8 {
            let (h, ids) = Harness::published();
            h.run_scheduled();
            let before = h.db().dump();
            let report = result(&ids[0], "semgrep", [1, 0, 0, 0]);
            h.db().fail_at(n, fault);
            let (status, answer) = h.callback(&report);
            let stored = h.audit("scan.result") == 1;
            let blocked: i64 = h.db().one("SELECT count(*) FROM blocklist_entry");
            assert_eq!(stored, blocked == 1, "the entry comes with the result");
            if status == 503 {
                assert!(n <= 1, "only finding and writing can fail the callback: {n}");
                assert_eq!(stored, n == 1 && fault == Fault::ReplyLost, "{answer}");
                if !stored {
                    assert_eq!(h.db().dump(), before);
                }
            }
            h.db().heal();
            let (status, answer) = h.callback(&report);
            assert_eq!(
                (status, answer["applied"].as_bool()),
                (200, Some(!stored)),
                "{n} {fault:?}"
            );
            assert_eq!(h.audit("scan.result"), 1);
            assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 1);
            // Where a lease was taken and its reply lost, it has to end first.
            h.advance(MINUTE);
            h.run_scheduled();
            h.assert_kv_follows();
        }
    }
}

#[test]
fn g18_a_started_whose_reply_was_lost_is_a_heartbeat_when_it_comes_again() {
    let (h, ids) = Harness::published();
    h.db().fail_at(1, Fault::ReplyLost);
    assert_eq!(h.callback(&started(&ids[0], "semgrep")).0, 503);
    assert_eq!(h.callback(&started(&ids[0], "semgrep")).0, 200);
    assert_eq!(h.audit("scan.started"), 1);
}

#[test]
fn g34_with_the_database_down_every_answer_says_so_and_none_makes_anything_up() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    h.db().go_down();
    for target in [
        format!("/api/v1/skills/{NAME}/security"),
        format!("/api/v1/skills/{NAME}/security/semgrep"),
        format!("/skills/{NAME}/security"),
        "/api/v1/blocklist/check?name=tool".to_owned(),
        "/api/v1/blocklist".to_owned(),
    ] {
        let response = h.fetch("GET", &target, &[]);
        assert_eq!(
            (response.status, response.header("retry-after")),
            (503, Some("30")),
            "{target}"
        );
        assert_eq!(response.header("cache-control"), Some("no-store"));
        for made_up in ["PASS", "\"blocked\"", "Network connection"] {
            assert!(!response.body.contains(made_up), "{target}");
        }
    }
    assert_eq!(h.publish(&tool()).0, 503);
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [0; 4])).0, 503);
    h.run_scheduled();
    assert!(h.log().contains("Network connection lost"), "the operator is told why");
    h.db().heal();
    assert_eq!(h.security()["overallVerdict"], "PASS");
}

#[test]
fn health_says_which_store_fails() {
    let h = Harness::new();
    let (status, health) = h.get("/api/v1/health");
    assert_eq!(
        (status, &health["status"], &health["checks"]["d1"]),
        (200, &"ok".into(), &"ok".into())
    );
    h.kv().set_down(true);
    let (status, health) = h.get("/api/v1/health");
    assert_eq!(
        (status, &health["status"], &health["checks"]["kv"]),
        (200, &"degraded".into(), &"failing".into())
    );
    h.db().go_down();
    let (status, health) = h.get("/api/v1/health");
    assert_eq!((status, &health["checks"]["d1"]), (503, &"failing".into()));
    h.db().heal();
    assert_eq!(h.get("/api/v1/health").0, 200);
    h.db().execute("ALTER TABLE external_scan_result RENAME TO gone").unwrap();
    assert_eq!(h.get("/api/v1/health").0, 503, "a database without its tables is of no use");
}

#[test]
fn g19_a_send_that_could_not_be_noted_is_made_again_under_the_next_attempt() {
    let h = Harness::new();
    h.publish(&tool());
    h.db().fail_at(1, Fault::Halfway);
    h.run_sends();
    assert_eq!(h.sent().len(), COUNT);
    h.advance(90_000);
    h.run_scheduled();
    let sent = h.sent();
    assert_eq!(sent.len(), COUNT + 1, "only the one that was not noted");
    assert_eq!(
        (&sent[COUNT].body["provider"], &sent[COUNT].body["attempt"]),
        (&"semgrep".into(), &2.into())
    );
}

#[test]
fn g19_a_scheduled_step_that_fails_keeps_none_of_the_others_from_running() {
    let (h, _) = Harness::published();
    h.advance(20 * 60_000);
    h.db().fail_at(0, Fault::Halfway);
    h.run_scheduled();
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    h.assert_kv_follows();
}
