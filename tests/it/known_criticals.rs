//! What is known of a commit counts when that commit is published.

use crate::{
    by_hand::fill_the_hour,
    harness::{
        COMMIT, Harness, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, admin_request,
        callback_request, key, result, tool, with,
    },
    interleavings::{Picks, requests_at_once},
    lifting::check,
    sqlite::Turns,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const FORK: &str = "https://github.com/new/home";

/// A result that nobody asked for.
fn unsolicited(h: &Harness, provider: &str, commit: &str, criticals: u32, rule: &str) {
    let listed = json!([{"rule": rule, "severity": "critical", "file": "a.js", "code": "x"}]);
    let more = json!({"scanId": null, "commitSha": commit, "findings": listed});
    let (status, answer) =
        h.callback_by(SECRET, &with(result("", provider, [criticals, 0, 0, 0]), &more));
    assert_eq!(status, 200, "{answer}");
}

fn answer(h: &Harness) -> Json {
    h.get(&format!("/api/v1/blocklist/check?name=tool&repoUrl={REPO}")).1
}

fn publish(h: &Harness, more: &Json) {
    let (status, answer) = h.publish(&with(tool(), more));
    assert_eq!(status, 202, "{answer}");
}

/// Lifts or drops the one entry that stands.
fn lift(h: &Harness) {
    let id: String = h.db().one(
        "SELECT id FROM blocklist_entry WHERE state <> 'withdrawn' AND skill_name LIKE 'owner/%'",
    );
    assert_eq!(h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "mistake"})).0, 200);
}

fn badge(h: &Harness) -> String {
    let (_, badge) = h.get(&format!("/api/v1/skills/{NAME}/badge/overall?format=json"));
    badge["message"].as_str().unwrap().to_owned()
}

/// The scans that a publish asked for all pass.
fn all_pass(h: &Harness) {
    let open = h.db().query(
        "SELECT id, provider, commit_sha FROM external_scan_result WHERE status = 'PENDING' AND skill_name LIKE 'owner/%'",
    );
    for row in open {
        let (id, provider) = (row["id"].as_str().unwrap(), row["provider"].as_str().unwrap());
        let more = json!({"commitSha": row["commit_sha"]});
        assert_eq!(h.callback(&with(result(id, provider, [0; 4]), &more)).0, 200);
    }
}

#[test]
fn criticals_that_are_known_of_a_commit_block_when_it_is_published() {
    let (h, _) = Harness::published();
    all_pass(&h);
    unsolicited(&h, "semgrep", OTHER_COMMIT, 3, "eval");
    unsolicited(&h, "njsscan", OTHER_COMMIT, 1, "exec");
    assert_eq!(check(&h), (false, true));
    assert!(answer(&h)["taintReason"].as_str().unwrap().contains("not the published one"));
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    let told = answer(&h);
    assert_eq!((&told["blocked"], &told["tainted"]), (&json!(true), &json!(false)), "{told}");
    assert_eq!(
        (&told["entry"]["reason"], &told["entry"]["commitSha"]),
        (&json!("semgrep found 3 critical findings"), &json!(OTHER_COMMIT))
    );
    let evidence: String = h.db().one("SELECT evidence FROM blocklist_entry");
    assert!(evidence.contains("njsscan"), "{evidence}");
    all_pass(&h);
    assert_eq!(badge(&h), "blocked");
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}")).1["blocked"], true);
    assert_eq!(h.get("/api/v1/blocklist").1["count"], 1);
    assert_eq!((h.audit("blocklist.blocked"), h.audit("blocklist.evidence")), (1, 1));
    // It is told once.
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    assert_eq!((h.audit("blocklist.blocked"), h.audit("blocklist.evidence")), (1, 1));
    lift(&h);
    assert_eq!(check(&h), (false, false));
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    publish(&h, &json!({}));
    assert_eq!(check(&h), (false, false), "what was lifted stays lifted");
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    unsolicited(&h, "semgrep", OTHER_COMMIT, 1, "spawn");
    assert_eq!(check(&h), (true, false), "and what is new blocks");
}

#[test]
fn a_result_that_came_late_blocks_once_its_commit_is_back() {
    let (h, ids) = Harness::published();
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0])).0, 200);
    assert_eq!(check(&h), (false, true));
    publish(&h, &json!({}));
    assert_eq!(check(&h), (true, false));
    all_pass(&h);
    assert_ne!(badge(&h), "PASS");
}

#[test]
fn a_move_counts_what_is_known_of_the_source_it_goes_to() {
    let (h, ids) = Harness::published();
    publish(&h, &json!({"repoUrl": FORK, "move": true}));
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0])).0, 200);
    let fork = format!("/api/v1/blocklist/check?name=tool&repoUrl={FORK}");
    assert_eq!(h.get(&fork).1["blocked"], false);
    assert_eq!(check(&h), (false, true));
    // A publish that is refused counts nothing.
    assert_eq!(h.publish(&tool()).0, 409);
    assert_eq!(check(&h), (false, true));
    publish(&h, &json!({"move": true}));
    assert_eq!(check(&h), (true, false));
    assert_eq!(h.get(&fork).1["blocked"], false);
}

#[test]
fn a_head_that_turns_out_to_be_a_known_commit_counts_too() {
    let h = Harness::new();
    let (status, answer) = h.publish(&json!({"name": NAME, "repoUrl": REPO}));
    assert_eq!(status, 202, "{answer}");
    let id = |at: usize| answer["scans"][at]["scanId"].as_str().unwrap().to_owned();
    // semgrep's scan resolves the head; what comes without a number for another commit is kept beside it.
    assert_eq!(
        h.callback(&with(result(&id(0), "semgrep", [0; 4]), &json!({ "commitSha": OTHER_COMMIT })))
            .0,
        200
    );
    unsolicited(&h, "semgrep", COMMIT, 2, "eval");
    assert_eq!(check(&h), (false, true));
    // Published anew without a commit, the head is the commit that is known.
    let (_, again) = h.publish(&json!({"name": NAME, "repoUrl": REPO, "providers": ["semgrep"]}));
    assert_eq!(check(&h), (false, true));
    let id = again["scans"][0]["scanId"].as_str().unwrap();
    h.advance(1);
    assert_eq!(h.callback(&result(id, "semgrep", [0; 4])).0, 200);
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}")).1["commitSha"], COMMIT);
    assert_eq!(check(&h), (true, false), "though this very scan was clean");
}

#[test]
fn another_folders_criticals_do_not_block_and_the_sentence_is_true() {
    let (h, ids) = Harness::published();
    publish(&h, &json!({"skillPath": "skills/tool"}));
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0])).0, 200);
    assert_eq!(check(&h), (false, true));
    let reason = answer(&h)["taintReason"].as_str().unwrap().to_owned();
    assert!(!reason.contains("not the published one"), "{reason}");
    publish(&h, &json!({}));
    assert_eq!(check(&h), (true, false), "back in the folder that was scanned");
}

#[test]
fn an_admin_clears_a_taint_and_not_what_comes_after_it() {
    for source in [Some(REPO), None] {
        let (h, _) = Harness::published();
        unsolicited(&h, "semgrep", OTHER_COMMIT, 1, "eval");
        let body = json!({"skillName": NAME, "sourceUrl": source, "threatType": "t", "severity": "low", "reason": "looked at"});
        assert_eq!(h.admin("POST", "blocklist", &body).0, 201);
        assert_eq!(check(&h), (true, false));
        lift(&h);
        assert_eq!(check(&h), (false, false), "{source:?}");
        unsolicited(&h, "njsscan", OTHER_COMMIT, 1, "eval");
        assert_eq!(check(&h), (false, true), "{source:?}");
        // Nobody has lifted the findings themselves.
        publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
        assert_eq!(check(&h), (true, false), "{source:?}");
    }
}

#[test]
fn lifting_an_entry_clears_the_taint_beside_it() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    unsolicited(&h, "njsscan", OTHER_COMMIT, 2, "exec");
    assert_eq!(check(&h), (true, false));
    lift(&h);
    assert_eq!(check(&h), (false, false));
}

#[test]
fn beyond_the_rate_limit_the_known_criticals_are_proposed_and_no_badge_is_green() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    fill_the_hour(&h);
    h.publish_tool();
    all_pass(&h);
    unsolicited(&h, "semgrep", OTHER_COMMIT, 2, "eval");
    publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
    let told = answer(&h);
    assert_eq!(
        (&told["blocked"], &told["rejected"], &told["tainted"]),
        (&json!(false), &json!(true), &json!(true))
    );
    assert_eq!(told["taintReason"], "semgrep found 2 critical findings");
    assert_eq!(h.alarms(), ["blocklist.rate_limited"], "{}", h.log());
    all_pass(&h);
    assert_ne!(badge(&h), "PASS");
    lift(&h);
    assert_eq!((check(&h), badge(&h)), ((false, false), "PASS".to_owned()));
}

#[test]
fn each_provider_and_every_number_of_criticals_counts() {
    for (n, provider) in PROVIDERS.into_iter().enumerate() {
        let (h, _) = Harness::published();
        let count = u32::try_from(n).unwrap() + 1;
        unsolicited(&h, provider, OTHER_COMMIT, count, "eval");
        publish(&h, &json!({ "commitSha": OTHER_COMMIT }));
        let told = answer(&h);
        assert_eq!(told["entry"]["reason"], format!("{provider} found {count} critical findings"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever comes first: once both are there, it blocks.
    #[test]
    fn a_publish_and_a_result_of_its_commit_at_once_block(turns in proptest::collection::vec(0..2usize, 0..16)) {
        let (h, _) = Harness::published();
        let more = json!({"scanId": null, "commitSha": OTHER_COMMIT});
        let body = h.stamped(&with(result("", "semgrep", [1, 0, 0, 0]), &more));
        let signature = key(SECRET).sign(&body);
        let published = with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["njsscan"]}));
        let requests = [
            callback_request(body, &signature),
            admin_request("POST", "skills/publish", &published),
        ];
        h.take_turns(Turns::Calls);
        prop_assert_eq!(requests_at_once(&h, &requests, Picks::AmongThoseLeft(&turns)), [200, 202]);
        h.take_turns(Turns::None);
        prop_assert_eq!(check(&h), (true, false));
        prop_assert_eq!(h.audit("blocklist.blocked"), 1);
    }
}
