//! What an admin has lifted stays lifted, and nothing more.

use crate::{
    harness::{
        COMMIT, Harness, NAME, OTHER_COMMIT, REPO, admin_request, callback_request,
        callback_secret, key, result, tool, with,
    },
    interleavings::{Picks, requests_at_once},
    sqlite::Turns,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Has one provider scan the skill at a commit: how many criticals, and which of them are listed.
pub(crate) fn scan(h: &Harness, provider: &str, commit: &str, count: usize, listed: &[&str]) {
    let (status, answer) = h.callback(&report(h, provider, commit, count, listed));
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(true)), "{answer}");
}

/// Publishes a commit for one provider, and what that provider then reports.
fn report(h: &Harness, provider: &str, commit: &str, count: usize, listed: &[&str]) -> Json {
    let publish = json!({"commitSha": commit, "providers": [provider]});
    let (status, answer) = h.publish(&with(tool(), &publish));
    assert_eq!(status, 202, "{answer}");
    let id = answer["scans"][0]["scanId"].as_str().unwrap();
    let findings: Vec<_> = listed
        .iter()
        .map(|rule| json!({"rule": rule, "severity": "critical", "message": "m", "file": "a.js", "code": "x"}))
        .collect();
    let count = u32::try_from(count).unwrap();
    let more = json!({"commitSha": commit, "findings": findings});
    with(result(id, provider, [count, 0, 0, 0]), &more)
}

pub(crate) fn check(h: &Harness) -> (bool, bool) {
    let (status, answer) = h.get(&format!("/api/v1/blocklist/check?name={NAME}&repoUrl={REPO}"));
    assert_eq!(status, 200, "{answer}");
    (answer["blocked"] == true, answer["tainted"] == true)
}

/// Lifts the one entry that stands.
fn lift(h: &Harness) {
    let id: String =
        h.db().one("SELECT id FROM blocklist_entry WHERE state IN ('proposed', 'active')");
    let (status, entry) =
        h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "mistake"}));
    assert_eq!((status, entry["state"].as_str()), (200, Some("withdrawn")), "{entry}");
}

const FREE: (bool, bool) = (false, false);
const BLOCKED: (bool, bool) = (true, false);

#[test]
fn g31_the_same_finding_at_the_same_commit_does_not_block_again_and_a_new_one_does() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 2, &["eval", "exec"]);
    lift(&h);
    assert_eq!(check(&h), FREE);
    for fewer in [&["eval", "exec"][..], &["exec"], &["eval", "eval", "exec"]] {
        scan(&h, "semgrep", COMMIT, fewer.len(), fewer);
        assert_eq!(check(&h), FREE, "{fewer:?}");
    }
    scan(&h, "semgrep", COMMIT, 2, &["eval", "spawn"]);
    assert_eq!(check(&h), BLOCKED);
    lift(&h);
    scan(&h, "semgrep", COMMIT, 3, &["eval", "exec", "spawn"]);
    assert_eq!(check(&h), FREE, "what both lifts lifted");
}

#[test]
fn g31_of_a_result_that_lists_nothing_only_a_larger_number_blocks_again() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 3, &[]);
    lift(&h);
    for fewer in [3, 1] {
        scan(&h, "semgrep", COMMIT, fewer, &[]);
        assert_eq!(check(&h), FREE, "{fewer}");
    }
    scan(&h, "semgrep", COMMIT, 4, &[]);
    assert_eq!(check(&h), BLOCKED);
    lift(&h);
    scan(&h, "semgrep", COMMIT, 1, &["eval"]);
    assert_eq!(check(&h), BLOCKED, "what was never listed cannot be told to be the same");
}

#[test]
fn g31_of_a_list_that_was_cut_the_number_counts_too() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 5, &["eval"]);
    lift(&h);
    scan(&h, "semgrep", COMMIT, 5, &["eval"]);
    assert_eq!(check(&h), FREE);
    scan(&h, "semgrep", COMMIT, 6, &["eval"]);
    assert_eq!(check(&h), BLOCKED);
}

#[test]
fn g31_another_provider_and_another_commit_block_again() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 1, &["eval"]);
    lift(&h);
    scan(&h, "njsscan", COMMIT, 1, &["eval"]);
    assert_eq!(check(&h), BLOCKED);
    lift(&h);
    scan(&h, "semgrep", OTHER_COMMIT, 1, &["eval"]);
    assert_eq!(check(&h), BLOCKED);
}

#[test]
fn what_was_lifted_is_no_evidence_of_the_next_entry() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 9, &[]);
    lift(&h);
    scan(&h, "njsscan", COMMIT, 1, &["eval"]);
    scan(&h, "semgrep", COMMIT, 9, &[]);
    let evidence: String =
        h.db().one("SELECT evidence FROM blocklist_entry WHERE state = 'active'");
    assert!(!evidence.contains("semgrep"), "{evidence}");
}

#[test]
fn the_same_finding_in_a_result_that_nobody_asked_for_taints_until_it_is_lifted() {
    let (h, _) = Harness::published();
    let unsolicited = |rule: &str| {
        let finding = json!([{"rule": rule, "severity": "critical", "file": "a.js", "code": "x"}]);
        let more = json!({"scanId": null, "commitSha": OTHER_COMMIT, "findings": finding});
        assert_eq!(h.callback(&with(result("", "semgrep", [1, 0, 0, 0]), &more)).0, 200);
    };
    unsolicited("eval");
    assert_eq!(check(&h), (false, true));
    // The scan that a publish of the other commit waits for has ended.
    h.advance(25 * crate::harness::MINUTE);
    h.security();
    scan(&h, "semgrep", OTHER_COMMIT, 1, &["eval"]);
    assert_eq!(check(&h), BLOCKED);
    lift(&h);
    assert_eq!(check(&h), FREE, "the unsolicited result said the same");
    h.publish(&tool());
    unsolicited("exec");
    assert_eq!(check(&h), (false, true), "and this one says something new");
}

#[test]
fn at_one_commit_the_larger_count_stays_in_the_sentence() {
    let h = Harness::new();
    scan(&h, "semgrep", COMMIT, 5, &[]);
    scan(&h, "semgrep", COMMIT, 2, &[]);
    let (_, answer) = h.get("/api/v1/blocklist");
    assert_eq!(answer["entries"][0]["reason"], "semgrep found 5 critical findings");
    scan(&h, "semgrep", OTHER_COMMIT, 2, &[]);
    let (_, answer) = h.get("/api/v1/blocklist");
    assert_eq!(answer["entries"][0]["reason"], "semgrep found 2 critical findings");
}

#[test]
fn what_still_stands_is_not_lifted_and_follows_the_published_commit_back() {
    let h = Harness::new();
    let entry = || h.get("/api/v1/blocklist").1["entries"][0].clone();
    for (commit, count) in [(COMMIT, 2), (OTHER_COMMIT, 1), (COMMIT, 1)] {
        scan(&h, "semgrep", commit, count, &["eval", "exec"][..count]);
        assert_eq!(entry()["commitSha"], commit);
    }
    lift(&h);
    for (commit, count) in [(COMMIT, 2), (OTHER_COMMIT, 1)] {
        scan(&h, "semgrep", commit, count, &["eval", "exec"][..count]);
        assert_eq!(check(&h), FREE, "the lift was of all that the entry ever rested on");
    }
    scan(&h, "semgrep", OTHER_COMMIT, 1, &["exec"]);
    assert_eq!(check(&h), BLOCKED);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever comes first: afterwards the skill is blocked by the new finding, or the entry that
    /// had it was lifted; what was lifted alone blocks in no order.
    #[test]
    fn g31_a_lift_and_a_result_at_once(new in any::<bool>(), turns in proptest::collection::vec(0..2usize, 0..12)) {
        let h = Harness::new();
        scan(&h, "semgrep", COMMIT, 1, &["eval"]);
        let id: String = h.db().one("SELECT id FROM blocklist_entry");
        let found: &[&str] = if new { &["eval", "exec"] } else { &["eval"] };
        let body = report(&h, "semgrep", COMMIT, found.len(), found);
        let bytes = h.stamped(&body);
        let signature = key(&callback_secret(&body)).sign(&bytes);
        let requests = [
            admin_request("DELETE", &format!("blocklist/{id}"), &json!({"reason": "mistake"})),
            callback_request(bytes, &signature),
        ];
        h.take_turns(Turns::Calls);
        prop_assert_eq!(requests_at_once(&h, &requests, Picks::AmongThoseLeft(&turns)), [200, 200]);
        h.take_turns(Turns::None);
        let entries: i64 = h.db().one("SELECT count(*) FROM blocklist_entry");
        let (blocked, tainted) = check(&h);
        prop_assert!(!tainted);
        prop_assert_eq!(blocked, entries == 2);
        prop_assert!(new || !blocked);
        let merged = h.audit("blocklist.evidence") == 1;
        prop_assert_eq!(blocked, new && !merged);
        prop_assert_eq!(h.audit("blocklist.lifted"), 1);
    }
}
