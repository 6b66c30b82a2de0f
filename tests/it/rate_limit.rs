//! One bad rule must not block the catalogue.

use crate::{
    harness::{
        COMMIT, HOUR, Harness, MINUTE, OTHER_COMMIT, SECRET, callback_request, key, result, with,
    },
    interleavings::{Picks, requests_at_once},
    sqlite::Turns,
};
use serde_json::{Value as Json, json};

fn repo(n: usize) -> String {
    format!("https://github.com/o{n}/tool")
}

/// Publishes one skill of many.
fn publish(h: &Harness, n: usize) -> String {
    let name = format!("o{n}/tool{n}");
    let skill =
        json!({"name": name, "repoUrl": repo(n), "commitSha": COMMIT, "providers": ["semgrep"]});
    assert_eq!(h.publish(&skill).0, 202);
    name
}

/// One critical finding in one skill of many.
fn critical(h: &Harness, n: usize) {
    let name = publish(h, n);
    let more = json!({"scanId": null, "skillName": name});
    let report = with(result("", "semgrep", [1, 0, 0, 0]), &more);
    assert_eq!(h.callback_by(SECRET, &report).0, 200);
}

fn check(h: &Harness, n: usize) -> Json {
    h.get(&format!("/api/v1/blocklist/check?name=tool{n}&repoUrl={}", repo(n))).1
}

fn states(h: &Harness) -> (i64, i64) {
    let count = |state: &str| {
        h.db().one(&format!("SELECT count(*) FROM blocklist_entry WHERE state = '{state}'"))
    };
    (count("active"), count("proposed"))
}

#[test]
fn g30_the_fifty_first_entry_of_an_hour_is_only_proposed() {
    let h = Harness::new();
    for n in 0..55 {
        h.advance(1_000);
        critical(&h, n);
    }
    assert_eq!(states(&h), (50, 5));
    assert_eq!(check(&h, 49)["blocked"], true, "existing entries stay");
    let answer = check(&h, 50);
    assert_eq!(
        (&answer["blocked"], &answer["rejected"], &answer["tainted"]),
        (&json!(false), &json!(true), &json!(true))
    );
    assert_eq!(answer["rejection"]["state"], "proposed");
    assert_eq!(answer["taintReason"], "semgrep found 1 critical findings");
    assert_eq!(h.get("/api/v1/blocklist").1["count"], 50);
    assert_eq!((h.audit("blocklist.blocked"), h.audit("blocklist.proposed")), (50, 5));
    assert_eq!(h.events("blocklist.rate_limited").len(), 5);
}

#[test]
fn g30_a_hundred_callbacks_at_once_do_not_pass_the_rate_limit() {
    let h =
        Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "10"), ("DISPATCH_BUDGET_PER_HOUR", "1000")]);
    let requests: Vec<_> = (0..100)
        .map(|n| {
            let name = publish(&h, n);
            let more = json!({"scanId": null, "skillName": name});
            let body = h.stamped(&with(result("", "semgrep", [1, 0, 0, 0]), &more));
            let signature = key(SECRET).sign(&body);
            callback_request(body, &signature)
        })
        .collect();
    h.take_turns(Turns::Calls);
    // Each in turn goes as far as its next call of a store.
    let turns: Vec<usize> = (0..1_000).collect();
    assert_eq!(requests_at_once(&h, &requests, Picks::AmongThoseLeft(&turns)), [200; 100]);
    h.take_turns(Turns::None);
    assert_eq!(states(&h), (10, 90));
}

#[test]
fn g30_the_alarm_is_repeated_until_nothing_waits_for_an_admin() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    h.run_scheduled();
    assert_eq!(h.alarms(), [""; 0]);
    critical(&h, 1);
    h.run_scheduled();
    let proposed = h.events("blocklist.proposed");
    assert_eq!((proposed.len(), &proposed[0]["entries"]), (1, &json!(1)));
    let id: String = h.db().one("SELECT id FROM blocklist_entry WHERE state = 'proposed'");
    h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "bad rule"}));
    h.run_scheduled();
    assert_eq!(h.events("blocklist.proposed").len(), 1);
}

#[test]
fn g30_the_rate_limit_ends_once_the_hour_is_over() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "2")]);
    (0..3).for_each(|n| critical(&h, n));
    assert_eq!(states(&h), (2, 1));
    h.advance(HOUR - 1);
    critical(&h, 3);
    assert_eq!(states(&h), (2, 2));
    h.advance(1);
    critical(&h, 4);
    critical(&h, 5);
    assert_eq!(states(&h), (4, 2), "only what became active has taken of the limit");
    critical(&h, 6);
    assert_eq!(states(&h), (4, 3));
}

/// A critical in a skill of one owner who has many.
fn critical_of(h: &Harness, owner: &str, n: usize) {
    let (name, repo) =
        (format!("{owner}/r{n}/tool{n}"), format!("https://github.com/{owner}/r{n}"));
    let skill =
        json!({"name": name, "repoUrl": repo, "commitSha": COMMIT, "providers": ["semgrep"]});
    assert_eq!(h.publish(&skill).0, 202);
    let finding =
        json!({"rule": "example.rule", "severity": "critical", "message": "bad", "file": "run.sh"});
    let more = json!({"scanId": null, "skillName": name, "findings": [finding]});
    let report = with(result("", "semgrep", [1, 0, 0, 0]), &more);
    assert_eq!(h.callback_by(SECRET, &report).0, 200);
}

#[test]
fn g42_throw_away_skills_of_one_owner_do_not_trip_the_limit() {
    let h = Harness::new();
    for n in 0..60 {
        critical_of(&h, "attacker", n);
    }
    assert_eq!(states(&h), (60, 0), "all of one owner take one unit");
    critical(&h, 1);
    assert_eq!((states(&h), &check(&h, 1)["blocked"]), ((61, 0), &json!(true)));
    assert_eq!(h.events("blocklist.rate_limited").len(), 0);
    // Letter case makes no other owner, and another host does.
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical_of(&h, "attacker", 0);
    critical_of(&h, "Attacker", 1);
    assert_eq!(states(&h), (2, 0));
    critical_of(&h, "attacker2", 2);
    assert_eq!(states(&h), (2, 1));
}

#[test]
fn g42_a_proposed_entry_blocks_once_the_hour_has_room() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "2")]);
    for n in 0..7 {
        h.advance(1);
        critical(&h, n);
    }
    h.run_scheduled();
    assert_eq!(states(&h), (2, 5));
    h.advance(HOUR);
    let revision = || h.db().one::<i64>("SELECT revision FROM blocklist_revision");
    let before = revision();
    h.run_scheduled();
    assert_eq!(
        (states(&h), revision()),
        ((4, 3), before + 2),
        "the oldest, as many as there is room for"
    );
    assert_eq!((&check(&h, 2)["blocked"], &check(&h, 4)["blocked"]), (&json!(true), &json!(false)));
    assert_eq!(h.get("/api/v1/blocklist").1["count"], 4);
    assert_eq!(h.audit("blocklist.blocked"), 4);
    h.run_scheduled();
    assert_eq!(states(&h), (4, 3), "what became active has taken of this hour");
    for _ in 0..2 {
        h.advance(HOUR);
        h.run_scheduled();
    }
    assert_eq!(states(&h), (7, 0));
}

#[test]
fn g42_proposed_entries_that_wait_cost_a_scheduled_run_little() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    for n in 0..30 {
        h.advance(1);
        critical(&h, n);
    }
    assert_eq!(states(&h), (1, 29));
    let steps = || {
        h.db().count_steps();
        h.run_scheduled();
        h.db().steps()
    };
    steps();
    let without_room = steps();
    assert_eq!(states(&h), (1, 29));
    assert!(without_room < 5_000, "{without_room} steps");
}

#[test]
fn g42_a_new_critical_asks_for_room_again() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    critical(&h, 1);
    critical(&h, 1);
    assert_eq!(states(&h), (1, 1), "within the hour nothing changes");
    h.advance(HOUR);
    critical(&h, 1);
    assert_eq!((states(&h), h.audit("blocklist.blocked")), ((2, 0), 2));
    critical(&h, 2);
    assert_eq!(states(&h), (2, 1), "it has taken the unit of this hour");
}

#[test]
fn g42_the_alarms_name_owner_and_rule() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    critical_of(&h, "attacker", 1);
    critical(&h, 2);
    h.run_scheduled();
    for event in ["blocklist.rate_limited", "blocklist.proposed"] {
        let alarm = h.events(event).remove(0);
        let named = (&alarm["owner"], &alarm["rule"]);
        assert_eq!(
            named,
            (&json!("https://github.com/attacker"), &json!("example.rule")),
            "{event}"
        );
    }
}

#[test]
fn g30_more_evidence_confirms_nothing_and_an_admin_does() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    critical(&h, 1);
    critical(&h, 1);
    assert_eq!(states(&h), (1, 1));
    let id: String = h.db().one("SELECT id FROM blocklist_entry WHERE state = 'proposed'");
    let by_hand = json!({"skillName": "o1/tool1", "sourceUrl": repo(1), "threatType": "malware", "severity": "low", "reason": "confirmed"});
    let (status, entry) = h.admin("POST", "blocklist", &by_hand);
    assert_eq!((status, &entry["id"]), (201, &json!(id)));
    assert_eq!(
        (&entry["state"], &entry["severity"], &entry["threatType"]),
        (&json!("active"), &json!("critical"), &json!("external-sast"))
    );
    assert_eq!(check(&h, 1)["blocked"], true);
    assert_eq!(h.audit("blocklist.confirmed"), 1);
}

#[test]
fn g30_a_dropped_proposal_does_not_come_back_by_the_same_finding() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    critical(&h, 1);
    let id: String = h.db().one("SELECT id FROM blocklist_entry WHERE state = 'proposed'");
    let revision = || h.db().one::<i64>("SELECT revision FROM blocklist_revision");
    let before = revision();
    assert_eq!(
        h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "bad rule"})).0,
        200
    );
    assert_eq!(h.audit("blocklist.dropped"), 1);
    assert_eq!(revision(), before, "it was never on the list");
    h.advance(2 * HOUR);
    critical(&h, 1);
    let answer = check(&h, 1);
    assert_eq!((&answer["rejected"], &answer["tainted"]), (&json!(false), &json!(false)));
}

#[test]
fn g30_lifting_makes_no_room_within_the_hour() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    critical(&h, 0);
    let id: String = h.db().one("SELECT id FROM blocklist_entry");
    h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "bad rule"}));
    h.advance(MINUTE);
    critical(&h, 1);
    assert_eq!(states(&h), (0, 1));
}

#[test]
fn g30_entries_by_hand_and_old_ones_need_no_room() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    for n in 0..3 {
        let by_hand = json!({"skillName": format!("h/{n}"), "threatType": "malware", "severity": "low", "reason": "bad"});
        assert_eq!(h.admin("POST", "blocklist", &by_hand).0, 201);
    }
    critical(&h, 0);
    critical(&h, 0);
    assert_eq!(states(&h), (4, 0));
}

#[test]
fn g30_of_a_large_catalogue_one_in_a_hundred_is_the_most() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1000")]);
    let fill = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9998)
        INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at)
        SELECT 'full/' || i, i, 'https://github.com/full/' || i, 1, 1 FROM n";
    assert_eq!(h.db().execute(fill).unwrap(), 9_999);
    critical(&h, 0);
    assert_eq!(h.db().one::<i64>("SELECT skills FROM catalogue"), 10_000);
    critical(&h, 0);
    assert_eq!(h.db().one::<i64>("SELECT skills FROM catalogue"), 10_000, "the same skill again");
    let earlier = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 97)
        INSERT INTO blocklist_entry (id, skill_name, bare_name, state, threat_type, severity, reason, evidence, evidence_urls,
            discovered_by, discovered_at, updated_at, limit_counted_at)
        SELECT 'e' || i, 'e/' || i, i, 'active', 'external-sast', 'critical', '', '{{}}', '[]', 'external-scan', {now}, {now}, {now} FROM n",
        now = h.now()
    );
    assert_eq!(h.db().execute(&earlier).unwrap(), 98);
    critical(&h, 1);
    assert_eq!(states(&h), (100, 0), "one in a hundred exactly");
    critical(&h, 2);
    assert_eq!(states(&h), (100, 1));
}

/// A critical in a skill of its own owner, by the report of a scanner that pulls.
fn pulled(h: &Harness, n: usize, by: &str) {
    pulled_and(h, n, by, |_| ());
}

/// As [`pulled`], after what the scanner does to its claim.
fn pulled_and(h: &Harness, n: usize, by: &str, between: impl Fn(&str)) {
    let name = publish(h, n);
    let id: String = h.db().one(&format!(
        "SELECT id FROM external_scan_result WHERE skill_name = '{name}' ORDER BY seq DESC LIMIT 1"
    ));
    let (status, claimed) = h.claim(&id, by);
    assert_eq!(status, 200);
    between(&id);
    let finding =
        json!({"rule": "example.rule", "severity": "critical", "message": "bad", "file": "run.sh"});
    let more = json!({"skillName": name, "repoUrl": repo(n), "findings": [finding],
        "attempt": claimed["scan"]["attempt"]});
    assert_eq!(h.callback(&with(result(&id, "semgrep", [1, 0, 0, 0]), &more)).0, 200);
}

#[test]
fn g49_what_is_claimed_and_given_back_counts_as_its_pullers() {
    let give_back: fn(&Harness, &str) = |h, id| {
        assert_eq!(h.internal("release", &json!({"scanId": id, "claimedBy": "liar"})).0, 200);
    };
    let wait: fn(&Harness, &str) = |h, _| {
        h.advance(21 * MINUTE);
        h.run_scheduled();
    };
    for between in [give_back, wait] {
        let h = Harness::with(&[("DISPATCH", "pull"), ("AUTO_BLOCK_LIMIT_PER_PULLER", "1")]);
        for n in 0..3 {
            pulled_and(&h, n, "liar", |id| between(&h, id));
        }
        assert_eq!(states(&h), (1, 2));
        assert_eq!(h.events("blocklist.rate_limited").remove(0)["puller"], "liar");
    }
}

#[test]
fn g49_a_scan_that_is_sent_after_a_claim_is_no_pullers() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_PULLER", "1")]);
    let name = publish(&h, 0);
    let id: String = h.db().one(&format!(
        "SELECT id FROM external_scan_result WHERE skill_name = '{name}' ORDER BY seq DESC LIMIT 1"
    ));
    assert_eq!(h.claim(&id, "liar").0, 200);
    assert_eq!(h.internal("release", &json!({"scanId": id, "claimedBy": "liar"})).0, 200);
    h.run_scheduled();
    assert_eq!(
        h.count("SELECT count(*) FROM external_scan_result WHERE attempt_by IS NOT NULL"),
        0
    );
}

#[test]
fn g49_one_puller_blocks_only_so_much_in_an_hour_and_the_alarm_names_it() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("AUTO_BLOCK_LIMIT_PER_PULLER", "3")]);
    for n in 0..5 {
        pulled(&h, n, "liar");
    }
    assert_eq!(states(&h), (3, 2));
    let answer = check(&h, 4);
    assert_eq!(
        (&answer["blocked"], &answer["rejected"], &answer["tainted"]),
        (&json!(false), &json!(true), &json!(true))
    );
    h.run_scheduled();
    assert_eq!(states(&h), (3, 2), "nor does the next minute block them");
    for event in ["blocklist.rate_limited", "blocklist.proposed"] {
        assert_eq!(h.events(event).remove(0)["puller"], "liar", "{event}");
    }
    // Other pullers, and scans that were sent, have room.
    pulled(&h, 5, "honest");
    critical(&h, 6);
    assert_eq!((&check(&h, 5)["blocked"], &check(&h, 6)["blocked"]), (&json!(true), &json!(true)));
    // Another's report of the same skill blocks it.
    pulled(&h, 3, "honest");
    assert_eq!((states(&h), &check(&h, 3)["blocked"]), ((6, 1), &json!(true)));
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(states(&h), (7, 0), "the next hour has room");
}

#[test]
fn g49_without_a_setting_a_puller_may_take_half_of_the_hour() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("AUTO_BLOCK_LIMIT_PER_HOUR", "5")]);
    for n in 0..5 {
        pulled(&h, n, "one");
    }
    assert_eq!(states(&h), (3, 2));
    for n in 5..8 {
        pulled(&h, n, "other");
    }
    assert_eq!(states(&h), (5, 3), "the limit of all holds beside it");
}

#[test]
fn g49_what_waits_of_a_puller_without_room_holds_no_other_back() {
    let h = Harness::with(&[
        ("DISPATCH", "pull"),
        ("AUTO_BLOCK_LIMIT_PER_HOUR", "3"),
        ("AUTO_BLOCK_LIMIT_PER_PULLER", "1"),
    ]);
    pulled(&h, 0, "liar");
    let waiting = format!(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149)
        INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
            discovered_by, discovered_at, updated_at, reported_by)
        SELECT 'e' || i, 'e/' || i, i, 'https://github.com/e' || i || '/r', 'proposed', 'external-sast', 'critical', '', '{{}}', '[]',
            'external-scan', {at}, {at}, 'liar' FROM n",
        at = h.now() - 1
    );
    assert_eq!(h.db().execute(&waiting).unwrap(), 150);
    for (id, by) in [("'honest'", "'honest'"), ("'sent'", "NULL")] {
        let entry = format!(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
                discovered_by, discovered_at, updated_at, reported_by)
            VALUES ({id}, {id}, {id}, 'https://github.com/' || {id} || '/r', 'proposed', 'external-sast', 'critical', '', '{{}}', '[]',
                'external-scan', {now}, {now}, {by})",
            now = h.now()
        );
        assert_eq!(h.db().execute(&entry).unwrap(), 1);
    }
    h.run_scheduled();
    assert_eq!(
        h.db().one::<String>(
            "SELECT group_concat(id, ' ') FROM (SELECT id FROM blocklist_entry WHERE state = 'active' AND id IN ('honest', 'sent') ORDER BY id)"
        ),
        "honest sent"
    );
    assert_eq!(states(&h), (3, 150));
}

#[test]
fn g49_a_report_at_another_commit_counts_as_its_pullers() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("AUTO_BLOCK_LIMIT_PER_PULLER", "1")]);
    for n in 0..3 {
        let name = publish(&h, n);
        let scan = format!("SELECT id FROM external_scan_result WHERE skill_name = '{name}'");
        assert_eq!(h.claim(&h.db().one::<String>(&scan), "liar").0, 200);
        // The commit moves on while the puller has the scan, and it reports that one without naming the scan.
        let moved = json!({"name": name, "repoUrl": repo(n), "commitSha": OTHER_COMMIT, "providers": ["semgrep"]});
        assert_eq!(h.publish(&moved).0, 202);
        let more = json!({"scanId": null, "skillName": name, "commitSha": OTHER_COMMIT});
        let report = with(result("", "semgrep", [1, 0, 0, 0]), &more);
        assert_eq!(h.callback_by(SECRET, &report).0, 200);
    }
    assert_eq!(h.count("SELECT count(*) FROM external_scan_result WHERE unsolicited = 1 AND attempt_by = 'liar'"), 3);
    assert_eq!(states(&h), (1, 2));
    assert_eq!(h.events("blocklist.rate_limited").remove(0)["puller"], "liar");
}

#[test]
fn g49_no_names_that_a_puller_takes_delay_an_older_entry() {
    let h = Harness::with(&[
        ("DISPATCH", "pull"),
        ("AUTO_BLOCK_LIMIT_PER_HOUR", "4"),
        ("AUTO_BLOCK_LIMIT_PER_PULLER", "1"),
    ]);
    let entries = |ids: &str, names: &str, at: i64, count: i64| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
            INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
                discovered_by, discovered_at, updated_at, reported_by)
            SELECT '{ids}' || i, '{ids}/' || i, i, 'https://github.com/{ids}' || i || '/r', 'proposed', 'external-sast', 'critical', '',
                '{{}}', '[]', 'external-scan', {at}, {at}, {names} FROM n"
        );
        h.db().execute(&sql).unwrap();
    };
    // Three names have used their unit of the hour, and have older entries that wait.
    for n in 0..3 {
        let name = format!("'full{n}'");
        pulled(&h, n, &format!("full{n}"));
        entries(&format!("full{n}-"), &name, h.now() - 3, 40);
    }
    // Then comes an honest one, and 200 names that sort before it.
    entries("honest", "'zz'", h.now() - 2, 1);
    entries("late", "'a' || i", h.now() - 1, 200);
    h.run_scheduled();
    assert_eq!(
        h.db().one::<String>("SELECT state FROM blocklist_entry WHERE id = 'honest1'"),
        "active"
    );
    assert_eq!(states(&h), (4, 320));
    let waiting = "SELECT count(*) FROM puller_waiting";
    let names = "SELECT count(DISTINCT reported_by) FROM blocklist_entry WHERE state = 'proposed'";
    assert_eq!(h.count(waiting), h.count(names));
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(states(&h).0, 8, "the oldest of all, one of each name");
    assert_eq!(
        h.count(
            "SELECT count(*) FROM blocklist_entry WHERE state = 'active' AND id GLOB 'full?-*'"
        ),
        3
    );
}
