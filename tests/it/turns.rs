//! Turns of source owners: in what is sent, and in what scanners pull.

use crate::harness::{COUNT, HOUR, Harness, MINUTE, PROVIDERS, result, tool, with};
use serde_json::{Value as Json, json};

/// Scans of one owner that wait, each of a skill of its own: before all else, as they are the oldest.
fn flood(h: &Harness, scans: usize) {
    let pull = h.app().config.dispatch == skillgate_worker::config::DispatchMode::Pull;
    let due = if pull { "NULL" } else { "1" };
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {scans})
         INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, write_token,
             dispatch_due_at)
         SELECT 'flood-' || i, 'flood/repo/s' || i, 's' || i, 'semgrep', 'https://github.com/Flood/repo', 'PENDING', {now}, 1, '', {due} FROM n",
        now = h.now(),
    );
    assert_eq!(h.db().execute(&sql).unwrap(), scans);
}

fn skill_of(owner: &str) -> Json {
    json!({"name": format!("{owner}/repo/tool"), "repoUrl": format!("https://github.com/{owner}/repo")})
}

fn sent(h: &Harness) -> Vec<String> {
    h.sent().iter().map(|sent| sent.body["skillName"].as_str().unwrap().to_owned()).collect()
}

fn sent_of(h: &Harness, owner: &str) -> usize {
    sent(h).iter().filter(|name| name.starts_with(&format!("{owner}/"))).count()
}

#[test]
fn g48_an_owner_with_500_waiting_scans_delays_no_other_by_more_than_a_turn() {
    for owner in ["a", "z"] {
        let h = Harness::new();
        flood(&h, 500);
        h.publish(&skill_of(owner));
        h.run_sends();
        let sent = sent(&h);
        let first = sent.iter().position(|name| name.starts_with(owner)).unwrap();
        assert!(first < 2, "{sent:?}");
        assert_eq!(sent_of(&h, owner), COUNT, "each second turn is this owner's: {sent:?}");
    }
}

#[test]
fn g48_owners_take_turns_over_many_batches_and_all_are_served() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "10000")]);
    flood(&h, 300);
    for n in 0..40 {
        h.publish(&with(skill_of(&format!("o{n}")), &json!({"providers": ["semgrep"]})));
        h.lose_sends();
    }
    h.db()
        .execute(
            "UPDATE external_scan_result SET dispatch_due_at = 1, attempt = 0, status = 'PENDING'",
        )
        .unwrap();
    h.db().execute("DELETE FROM dispatch").unwrap();
    h.advance(2 * MINUTE);
    h.run_scheduled();
    let order = sent(&h);
    let last = order.iter().rposition(|name| name.starts_with('o')).unwrap();
    assert_eq!(order.iter().filter(|name| name.starts_with('o')).count(), 40);
    let flood = order[..last].iter().filter(|name| name.starts_with("flood")).count();
    assert!(flood <= 2, "one turn in each round of 41 owners: {order:?}");
    for _ in 0..3 {
        h.advance(MINUTE);
        h.run_scheduled();
    }
    assert_eq!(
        h.count("SELECT count(*) FROM external_scan_result WHERE dispatch_due_at IS NOT NULL"),
        0
    );
}

#[test]
fn g48_a_first_scan_goes_before_every_rescan() {
    let (h, ids) = Harness::published();
    h.pass_from(0, &ids);
    h.scanners().all_down(true);
    assert_eq!(h.scan_again(&json!({"name": tool()["name"]})).0, 202);
    h.run_sends();
    assert_eq!(h.count("SELECT count(*) FROM external_scan_result WHERE rescan = 1"), COUNT);
    // As old as may be: age makes no re-scan the first.
    h.db().execute("UPDATE external_scan_result SET dispatch_due_at = 1 WHERE rescan = 1").unwrap();
    h.scanners().all_down(false);
    let before = h.sent().len();
    h.advance(HOUR);
    h.publish(&skill_of("z"));
    h.run_sends();
    let sent = sent(&h).split_off(before);
    assert_eq!(sent.len(), 2 * COUNT, "re-scans go out as well, where the budget has room");
    assert!(sent[..COUNT].iter().all(|name| name.starts_with("z/")), "{sent:?}");
}

#[test]
fn g48_a_scan_without_a_result_of_its_commit_is_a_first_scan() {
    let (h, ids) = Harness::published();
    let first = |h: &Harness| {
        h.count("SELECT count(*) FROM external_scan_result WHERE newest = 1 AND rescan = 0")
    };
    // An error is no result, and ended by `force` neither.
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&crate::harness::failed(id, provider, "no"));
    }
    let again = h.publish_tool();
    h.scan_again(&json!({"name": tool()["name"], "force": true}));
    assert_eq!((first(&h), again.len()), (COUNT, COUNT));
    let ids =
        h.db().query("SELECT id, provider FROM external_scan_result WHERE status = 'PENDING'");
    for scan in ids {
        let (id, provider) = (scan["id"].as_str().unwrap(), scan["provider"].as_str().unwrap());
        assert_eq!(h.callback(&result(id, provider, [0; 4])).0, 200);
    }
    // Replaced before it ended, a re-scan is a re-scan still.
    h.publish_tool();
    h.scan_again(&json!({"name": tool()["name"], "force": true}));
    assert_eq!(first(&h), 0);
    // Another commit is scanned for the first time.
    h.scan_again(&json!({"name": tool()["name"], "force": true}));
    h.publish(&with(tool(), &json!({"commitSha": crate::harness::OTHER_COMMIT})));
    h.scan_again(&json!({"name": tool()["name"], "force": true}));
    assert_eq!(first(&h), COUNT);
    // Back at the commit that has results, it is none, whatever was published in between.
    h.publish_tool();
    h.scan_again(&json!({"name": tool()["name"], "force": true}));
    assert_eq!(first(&h), 0);
}

#[test]
fn g48_a_tenth_of_the_budget_is_for_owners_with_nothing_sent_in_the_hour() {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "20")]);
    flood(&h, 500);
    for _ in 0..10 {
        h.advance(MINUTE);
        h.run_scheduled();
    }
    assert_eq!(h.sent().len(), 18, "all but a tenth");
    for owner in ["a", "z"] {
        h.publish(&skill_of(owner));
        h.run_sends();
        assert_eq!(sent_of(&h, owner), 1, "its first request of the hour");
        h.run_scheduled();
        assert_eq!(sent_of(&h, owner), 1, "and no other");
    }
    h.publish(&skill_of("late"));
    h.run_sends();
    assert_eq!((h.sent().len(), sent_of(&h, "late")), (20, 0), "the budget is the limit of all");
    h.advance(HOUR);
    h.run_scheduled();
    assert!(["a", "z", "late"].iter().all(|owner| sent_of(&h, owner) == COUNT), "{:?}", sent(&h));
}

#[test]
fn g48_an_owner_whose_scans_wait_for_their_next_try_holds_nobody_up() {
    let h = Harness::new();
    flood(&h, 500);
    h.db()
        .execute(&format!("UPDATE external_scan_result SET dispatch_due_at = {}", h.now() + HOUR))
        .unwrap();
    h.publish(&skill_of("z"));
    h.run_sends();
    assert_eq!(sent(&h), vec!["z/repo/tool"; COUNT]);
}

fn pulled() -> Harness {
    Harness::with(&[("DISPATCH", "pull"), ("SCANNER_WORKERS", "")])
}

#[test]
fn g48_scanners_that_pull_take_turns_too() {
    for owner in ["a", "z"] {
        let h = pulled();
        flood(&h, 500);
        let (_, answer) = h.publish(&skill_of(owner));
        let of_owner: Vec<_> = answer["scans"]
            .as_array()
            .unwrap()
            .iter()
            .map(|scan| scan["scanId"].as_str().unwrap().to_owned())
            .collect();
        let mut claimed = 0;
        for turn in 1..=2 * COUNT {
            let offered = h.pending();
            assert_eq!(offered.len(), 50);
            assert_eq!(h.claim(&offered[0], "vps-1").0, 200);
            claimed += usize::from(of_owner.contains(&offered[0]));
            assert!(claimed >= turn / 2, "turn {turn} of {owner}");
        }
        assert_eq!(claimed, COUNT);
        assert_eq!(h.count("SELECT count(*) FROM dispatch WHERE counts_against_budget = 1"), 0);
    }
}

#[test]
fn g48_first_scans_are_offered_before_rescans() {
    let h = pulled();
    let ids = h.publish_tool();
    h.pass_from(0, &ids);
    h.publish_tool();
    let (_, answer) = h.publish(&skill_of("z"));
    let first: Vec<_> =
        answer["scans"].as_array().unwrap().iter().map(|scan| scan["scanId"].clone()).collect();
    assert_eq!(h.pending().len(), 2 * COUNT);
    assert_eq!(h.pending()[..COUNT], first);
}

#[test]
fn g48_health_and_an_alarm_tell_the_age_of_the_oldest_scan_that_waits() {
    let ages = |h: &Harness| {
        let (_, health) = h.get("/api/v1/health");
        [&health["oldestUnsentSeconds"], &health["oldestPendingSeconds"]].map(Json::as_i64)
    };
    let h = Harness::new();
    assert_eq!(ages(&h), [Some(0), Some(0)]);
    h.scanners().all_down(true);
    h.publish_tool();
    h.advance(15 * MINUTE);
    h.run_scheduled();
    assert_eq!((ages(&h), h.alarms().len()), ([Some(900), Some(900)], 0));
    h.advance(MINUTE);
    h.run_scheduled();
    assert_eq!((ages(&h)[0], h.alarms()), (Some(960), vec!["dispatch.waiting".to_owned()]));
    h.scanners().all_down(false);
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(ages(&h)[0], Some(0), "sent, and not begun");
    h.db().go_down();
    assert_eq!(ages(&h), [None, None]);

    let h = pulled();
    let ids = h.publish_tool();
    h.advance(16 * MINUTE);
    h.run_scheduled();
    assert_eq!((ages(&h), h.alarms()), ([Some(0), Some(960)], vec!["dispatch.waiting".to_owned()]));
    for id in &ids {
        assert_eq!(h.claim(id, "vps-1").0, 200);
    }
    assert_eq!(ages(&h), [Some(0), Some(0)]);
}

#[test]
fn g48_what_a_turn_costs_does_not_grow_with_the_queue_of_an_owner() {
    let steps = |waiting: usize, pulls: bool| {
        let h = if pulls { pulled() } else { Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "6")]) };
        flood(&h, waiting);
        h.publish(&skill_of("z"));
        h.lose_sends();
        h.advance(HOUR);
        h.db().count_steps();
        let _ = h.pending();
        assert_eq!(h.get("/api/v1/health").0, 200);
        h.run_scheduled();
        h.db().steps()
    };
    for pulls in [false, true] {
        let (few, many) = (steps(60, pulls), steps(2_000, pulls));
        assert!(many <= few + 400, "{few} steps, with 2,000 that wait {many}");
    }
}

/// Scans of as many owners, all before `z`, that are not to be had: sent later, or claimed.
fn crowd(h: &Harness, owners: usize, status: &str, due: &str) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {owners})
         INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, write_token,
             dispatch_due_at, claim_expires_at)
         SELECT 'crowd-' || i, 'c' || i || '/repo/s', 's', 'semgrep', 'https://github.com/c' || i || '/repo', '{status}', {now}, 1, '',
             {due}, {later} FROM n",
        now = h.now(),
        later = h.now() + HOUR,
    );
    assert_eq!(h.db().execute(&sql).unwrap(), owners);
}

#[test]
fn g48_many_owners_with_nothing_due_hold_nobody_up() {
    let h = Harness::new();
    crowd(&h, 250, "PENDING", &(h.now() + HOUR).to_string());
    h.publish(&skill_of("z"));
    h.run_sends();
    assert_eq!(sent(&h), vec!["z/repo/tool"; COUNT]);
}

#[test]
fn g48_many_owners_whose_scans_run_hold_nobody_up() {
    let h = pulled();
    crowd(&h, 250, "RUNNING", "NULL");
    h.publish(&skill_of("z"));
    assert_eq!(h.pending().len(), COUNT);
}

#[test]
fn g48_a_turn_walks_no_further_than_to_those_that_it_takes() {
    let steps = |owners: usize, pulls: bool| {
        let h = if pulls { pulled() } else { Harness::new() };
        crowd(&h, owners, "PENDING", if pulls { "NULL" } else { "1" });
        h.db().count_steps();
        if pulls {
            let _ = h.pending();
        } else {
            h.run_scheduled();
        }
        h.db().steps()
    };
    for pulls in [false, true] {
        let (few, many) = (steps(120, pulls), steps(2_000, pulls));
        assert!(many <= few + 400, "{few} steps, with 2,000 owners {many}");
    }
}
