//! D1 and KV that fail: at a statement, at every write, altogether.

use crate::{
    harness::{Bench, tools, workspace},
    local::{COMMIT, id, result},
};
use serde_json::json;
use std::error::Error as _;
use xtask::{stack::execute, ui::Ui};

const NAME: &str = "demo/shaky/shaky";
/// In the middle of every batch that changes something.
const FAULT: &str = "CREATE TRIGGER fault BEFORE INSERT ON audit_event
    BEGIN SELECT RAISE(ABORT, 'disk I/O error: planted'); END";
/// Local KV keeps its entries in a database of its own.
const KV_FAULT: &str = "CREATE TRIGGER fault BEFORE INSERT ON _mf_entries
    BEGIN SELECT RAISE(ABORT, 'disk I/O error: planted'); END";
/// Shows that the file takes statements at all.
const HARMLESS: &str = "UPDATE skill SET updated_at = updated_at";
const HEAL: &str = "DROP TRIGGER fault";

#[test]
fn g18_d1_that_fails_in_the_middle_of_a_batch_leaves_nothing_half_written() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let report = result(&scans[0], NAME, COMMIT, [1, 0, 0, 0]);
    let before = bench.written();

    bench.d1().execute_batch(FAULT).unwrap();
    let answer = bench.report(&report);
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{}", answer.body);
    assert!(!answer.body.contains("planted"), "{}", answer.body);
    assert_eq!(bench.published_as("demo/other/other", &serde_json::json!({})).status, 503);
    for what in ["claim", "release"] {
        assert_eq!(
            bench.pull(what, id(&scans[1]), "me").status,
            if what == "claim" { 503 } else { 409 }
        );
    }
    assert_eq!(bench.written(), before);

    bench.d1().execute_batch(HEAL).unwrap();
    let answer = bench.report(&report);
    assert_eq!((answer.status, &answer.json()["applied"]), (200, &true.into()), "{}", answer.body);
    let blocked = bench.stack.client.check("shaky", None).unwrap().json();
    assert_eq!(blocked["blocked"], true);
    assert_eq!(bench.count("SELECT count(*) FROM audit_event WHERE action = 'scan.result'"), 1);
    assert_eq!(bench.kv_differs(NAME), None);
}

#[test]
fn g05_kv_that_takes_nothing_stops_no_verdict_and_converges_once_it_does() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    bench.cron();
    assert_eq!(bench.kv_differs(NAME), None);
    assert_eq!(bench.stack.client.get("/api/v1/blocklist", &[]).unwrap().json()["count"], 0);

    bench.kv().execute_batch(KV_FAULT).unwrap();
    let answer = bench.report(&result(&scans[0], NAME, COMMIT, [2, 0, 0, 0]));
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"FAIL".into()), "{}", answer.body);
    let check = bench.stack.client.check("shaky", None).unwrap().json();
    assert_eq!(check["blocked"], true, "{check}");
    assert_eq!(bench.security("shaky")["overallVerdict"], "FAIL");
    // The list is built anew as long as its copy cannot follow.
    assert_eq!(bench.stack.client.get("/api/v1/blocklist", &[]).unwrap().json()["count"], 1);
    assert!(bench.kv_differs(NAME).is_some(), "the fault was none");
    bench.cron();
    assert!(bench.kv_differs(NAME).is_some());

    // g04: healthy again, one run suffices.
    bench.kv().execute_batch(HEAL).unwrap();
    bench.cron();
    assert_eq!(bench.kv_differs(NAME), None);
}

#[test]
fn g34_without_d1_nothing_passes_and_nothing_is_free() {
    let bench = Bench::alone(|_| {});
    let client = &bench.stack.client;
    for name in [NAME, "demo/calm/calm"] {
        for scan in bench.published(name, COMMIT) {
            let criticals = u32::from(name == NAME);
            let answer = bench.report(&result(&scan, name, COMMIT, [criticals, 0, 0, 0]));
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
    assert_eq!(bench.security("calm")["overallVerdict"], "PASS");
    let list = client.get("/api/v1/blocklist", &[]).unwrap();
    assert_eq!((list.json()["count"].clone(), list.header("warning")), (1.into(), None));

    let tables = ["skill", "external_scan_result", "blocklist_entry", "blocklist_revision"];
    let renamed = |from: &str, to: &str| {
        let database = bench.d1();
        for table in tables {
            let rename = format!("ALTER TABLE {table}{from} RENAME TO {table}{to}");
            database.execute_batch(&rename).unwrap();
        }
    };
    renamed("", "_away");
    for path in [
        "/api/v1/skills/calm/security",
        "/api/v1/skills/demo/calm/calm/security",
        "/api/v1/skills/calm/security/semgrep",
        "/api/v1/blocklist/check?name=calm",
        "/skills/calm/security",
    ] {
        let answer = client.get(path, &[]).unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{path}");
        for word in ["PASS", "\"blocked\"", "planted", "no such table"] {
            assert!(!answer.body.contains(word), "{path}: {}", answer.body);
        }
    }
    let warning = Some("110 - \"Response is Stale\"");
    let stale = client.get("/api/v1/blocklist", &[]).unwrap();
    assert_eq!((stale.status, stale.body == list.body), (200, true), "{}", stale.body);
    assert_eq!(stale.header("warning"), warning);
    // What the copies know to be bad is told, whatever the case of the name.
    let security = format!("/api/v1/skills/{NAME}/security");
    let check = format!("/api/v1/blocklist/check?name={}", NAME.to_uppercase());
    for (path, field, value) in
        [(&check, "blocked", json!(true)), (&security, "overallVerdict", json!("FAIL"))]
    {
        let answer = client.get(path, &[]).unwrap();
        assert_eq!((answer.status, answer.header("warning")), (200, warning), "{}", answer.body);
        let age = answer.header("age").and_then(|age| age.parse::<u64>().ok());
        assert!(age.is_some_and(|age| age < 600), "{path}: {age:?}");
        let answer = answer.json();
        assert_eq!((&answer[field], &answer["stale"]), (&value, &json!(true)), "{path}: {answer}");
        assert!(!answer.to_string().contains("PASS"), "{path}: {answer}");
    }

    renamed("_away", "");
    assert_eq!(bench.security("calm")["overallVerdict"], "PASS");
    assert_eq!(client.check("shaky", None).unwrap().json()["blocked"], true);
}

#[test]
fn g31_the_real_database_keeps_every_audit_line_and_every_entry() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    bench.report(&result(&scans[0], NAME, COMMIT, [1, 0, 0, 0]));
    let before = bench.written();
    // By D1 itself, and by whoever has its file.
    for statement in ["UPDATE audit_event SET action = 'x'", "DELETE FROM audit_event"] {
        let (tools, place) = (tools(), bench.dir.path().join("worker"));
        let refused = execute(&Ui::silent(), &workspace(), &tools.worker.node, &place, statement);
        let why = refused.unwrap_err();
        let why = why.source().map_or_else(|| why.to_string(), ToString::to_string);
        assert!(why.contains("audit events are never"), "{statement}: {why}");
    }
    let database = bench.d1();
    for statement in [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "INSERT OR REPLACE INTO audit_event (seq, at, actor, action, detail) VALUES (1, 1, 'x', 'x', '{}')",
        "DELETE FROM blocklist_entry",
    ] {
        assert!(database.execute_batch(statement).is_err(), "{statement} was taken");
    }
    assert_eq!(bench.written(), before);
    database.execute_batch(HARMLESS).unwrap();
}
