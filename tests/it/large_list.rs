//! The public list with a hundred thousand entries.

use crate::{
    harness::{HOUR, Harness, MINUTE, request},
    sqlite::Turns,
};
use serde_json::{Value as Json, json};
use skillgate_worker::{http::Response, router};
use std::{
    collections::BTreeSet,
    future::Future as _,
    task::{Context, Poll, Waker},
};

/// What one value of KV holds at most.
const KV_VALUE_BYTES: usize = 25 * 1024 * 1024;

fn with_entries(many: usize) -> Harness {
    let h = Harness::new();
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let fill = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
        INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
            evidence_urls, discovered_by, commit_sha, discovered_at, updated_at)
        SELECT printf('%032x', i), 'owner-' || i || '/repository/skill-' || i, 'skill-' || i,
            'https://github.com/owner-' || i || '/repository', 'active', 'external-sast', 'critical', '',
            '{{\"semgrep\":{{\"scanId\":\"' || printf('%032x', i) || '\",\"commitSha\":\"{sha}\",\"criticalCount\":2}}}}',
            '[]', 'external-scan', '{sha}', 1769000000000 + i / 3, 1769000000000 FROM n"
    );
    assert_eq!(h.db().execute(&fill).unwrap(), many);
    h
}

/// Blocks a name by hand: the exact stop is never late.
fn block(h: &Harness, name: &str) {
    let by_hand =
        json!({"skillName": name, "threatType": "malware", "severity": "low", "reason": "bad"});
    assert_eq!(h.admin("POST", "blocklist", &by_hand).0, 201);
    let (_, check) = h.get(&format!("/api/v1/blocklist/check?name={name}"));
    assert_eq!(check["blocked"], true);
}

fn list(h: &Harness) -> (Response, usize) {
    h.db().ran.borrow_mut().clear();
    let response = h.fetch("GET", "/api/v1/blocklist", &[]);
    assert_eq!(response.status, 200);
    let statements = h.db().ran.borrow().len();
    (response, statements)
}

#[test]
fn a_hundred_thousand_entries_are_served_by_one_row_of_the_database() {
    let h = with_entries(100_000);
    let (built, statements) = list(&h);
    // 33 pages of it in full, until that is too long, then all in brief; a page is two statements.
    assert_eq!(statements, 1 + 2 * (33 + 101));
    let list_of = |response: &Response| -> Json { serde_json::from_str(&response.body).unwrap() };
    let json = list_of(&built);
    assert_eq!(
        (json["count"].as_u64(), json["entries"].as_array().unwrap().len()),
        (Some(100_000), 100_000)
    );
    let ids: BTreeSet<_> =
        json["entries"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 100_000);
    let (served, statements) = list(&h);
    assert_eq!((statements, served.body == built.body), (1, true));
    let sizes: Vec<_> = h.kv().values.borrow().values().map(|(value, _)| value.len()).collect();
    assert!(sizes.iter().all(|size| *size < KV_VALUE_BYTES), "{sizes:?}");
    assert!(built.body.len() < 40 * 1024 * 1024, "a worker holds it twice: {}", built.body.len());
    assert_eq!(
        json["entries"][0],
        json!({
            "id": format!("{:032}", 1), "skillName": "skill-1", "skill": "owner-1/repository/skill-1",
            "sourceUrl": "https://github.com/owner-1/repository", "threatType": "external-sast", "severity": "critical",
            "reason": "semgrep found 2 critical findings", "evidenceUrls": [], "discoveredAt": "2026-01-21T12:53:20.000Z",
        })
    );
    println!("{} bytes in {} values of KV", built.body.len(), sizes.len());

    // A 304 needs no part but the first.
    let parts: Vec<_> =
        h.kv().values.borrow().keys().filter(|key| key.contains(':')).cloned().collect();
    assert!(parts.len() > 1);
    let lost = h.kv().values.borrow_mut().remove(&parts[0]).unwrap();
    let tag = built.header("etag").unwrap();
    let known = h.fetch("GET", "/api/v1/blocklist", &[("if-none-match", tag)]);
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    // A lost part is no shorter list: it is built anew.
    let (healed, statements) = list(&h);
    assert_eq!((statements > 1, healed.body == built.body), (true, true));
    // With the database down and a part lost there is no answer, rather than half of one.
    h.kv().values.borrow_mut().remove(&parts[0]).unwrap();
    h.db().go_down();
    assert_eq!(h.fetch("GET", "/api/v1/blocklist", &[]).status, 503);
    h.kv().values.borrow_mut().insert(parts[0].clone(), lost);
    let stale = h.fetch("GET", "/api/v1/blocklist", &[]);
    assert_eq!((stale.status, stale.body == built.body), (200, true));
    assert!(stale.header("warning").is_some());
}

#[test]
fn scheduled_run_builds_the_list_before_anybody_asks() {
    let h = with_entries(2_500);
    h.run_scheduled();
    assert_eq!(list(&h).1, 1);
    block(&h, "o/t");
    h.advance(MINUTE);
    h.run_scheduled();
    let (response, statements) = list(&h);
    assert_eq!(statements, 1);
    let answer: Json = serde_json::from_str(&response.body).unwrap();
    assert_eq!(
        (answer["count"].as_u64(), &answer["entries"][2_500]["skill"]),
        (Some(2_501), &json!("o/t"))
    );
}

#[test]
fn a_list_whose_parts_cannot_be_put_is_answered_all_the_same() {
    let h = with_entries(30_000);
    let full: Json = serde_json::from_str(&list(&h).0.body).unwrap();
    assert!(full["entries"][0]["reportUrl"].is_string(), "this many are told in full");
    h.kv().values.borrow_mut().clear();
    h.kv().fail_put_at(0);
    let (built, _) = list(&h);
    assert!(h.kv().values.borrow().is_empty(), "the first part comes last");
    assert_eq!(list(&h).0.body, built.body);
    assert_eq!(list(&h).1, 1);
}

#[test]
fn a_long_list_is_served_as_it_was_for_two_minutes_behind_a_change() {
    let h = with_entries(4_000);
    let old_copy = |h: &Harness| h.kv().values.borrow()["blocklist"].clone();
    let is_stale = |response: &Response| {
        let warning = response.header("warning").is_some();
        assert_eq!(response.header("age").is_some(), warning);
        warning
    };
    h.run_scheduled();
    let (before, statements) = list(&h);
    assert_eq!((statements, is_stale(&before)), (1, false));

    block(&h, "o/first");
    h.advance(MINUTE);
    let (stale, statements) = list(&h);
    assert_eq!((statements, is_stale(&stale), stale.body == before.body), (1, true, true));
    assert_eq!(stale.header("age"), Some("60"));
    let tag = before.header("etag").unwrap();
    let known = h.fetch("GET", "/api/v1/blocklist", &[("if-none-match", tag)]);
    assert_eq!((known.status, is_stale(&known)), (304, true));
    // The cron handler builds the next one. Where KV does not show it yet, it is the old one still.
    let lagging = old_copy(&h);
    h.run_scheduled();
    let (after, statements) = list(&h);
    assert_eq!((statements, is_stale(&after)), (1, false));
    assert!(after.body.contains("o/first") && !stale.body.contains("o/first"));
    h.kv().values.borrow_mut().insert("blocklist".to_owned(), lagging.clone());
    assert!(is_stale(&list(&h).0));
    // Not for longer than two minutes, whatever else has changed since.
    block(&h, "o/second");
    h.advance(MINUTE - 1);
    assert!(is_stale(&list(&h).0));
    h.advance(1);
    let (built, statements) = list(&h);
    assert_eq!((statements > 1, is_stale(&built)), (true, false));
    assert!(built.body.contains("o/second"));
    // A copy of which nobody knows since when it lacks something is not served.
    block(&h, "o/third");
    h.db().execute("DELETE FROM blocklist_change").unwrap();
    assert!(!is_stale(&list(&h).0));
}

#[test]
fn a_list_that_changes_faster_than_it_can_be_read_is_served_as_it_was() {
    let h = with_entries(4_000);
    h.run_scheduled();
    let (before, _) = list(&h);
    block(&h, "o/t");
    h.advance(3 * MINUTE);
    h.take_turns(Turns::Calls);
    let request = request("GET", "/api/v1/blocklist", &[], Vec::new());
    let app = h.app();
    let mut running = Box::pin(router::handle(&app, &request));
    let mut context = Context::from_waker(Waker::noop());
    let change =
        "UPDATE blocklist_entry SET evidence_urls = json_array(random()) WHERE skill_name = 'o/t'";
    let response = loop {
        match running.as_mut().poll(&mut context) {
            Poll::Ready(handled) => break handled.response,
            Poll::Pending => h.db().execute(change).map(drop).unwrap(),
        }
    };
    assert_eq!((response.status, response.body == before.body), (200, true));
    assert!(response.header("warning").is_some());
    assert!(h.log().contains("changes faster than it can be read"), "{}", h.log());
}

#[test]
fn a_list_that_nobody_changes_is_built_again_before_its_parts_end() {
    let h = with_entries(1_000);
    h.run_scheduled();
    h.advance(3 * 24 * HOUR);
    h.kv().values.borrow_mut().clear();
    h.run_scheduled();
    let built = |h: &Harness| {
        let (value, _) = h.kv().values.borrow()["blocklist"].clone();
        let line: Json = serde_json::from_str(value.lines().next().unwrap()).unwrap();
        line["read_at"].as_i64().unwrap()
    };
    let first = built(&h);
    h.advance(3 * 24 * HOUR);
    h.run_scheduled();
    assert_eq!(built(&h), first);
    h.advance(24 * HOUR);
    h.run_scheduled();
    assert_eq!(built(&h), h.now());
}

#[test]
fn a_short_list_is_never_served_as_it_was() {
    let h = with_entries(1_000);
    h.run_scheduled();
    block(&h, "o/t");
    let (built, _) = list(&h);
    assert!(built.body.contains("o/t") && built.header("warning").is_none());
}

#[test]
fn the_last_thousand_changes_are_known() {
    let h = with_entries(2_500);
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_change"), 1_000);
    assert_eq!(h.db().one::<i64>("SELECT max(revision) FROM blocklist_change"), 2_500);
}
