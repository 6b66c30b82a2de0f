//! Many publish calls at the same moment.

use crate::{
    harness::{Bench, wait_for},
    local::{COMMIT, result},
    stand_in::StandIn,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
    thread,
};
use xtask::stack::StackOptions;

const CALLS: usize = 50;
/// The hour's budget without its last tenth: all skills are of one owner.
const BUDGET: usize = 90;

fn sends_to(stand_in: &StandIn) -> impl Fn(&mut StackOptions) {
    let url = stand_in.url();
    move |options| {
        options.worker_vars.push(("DISPATCH".into(), "scanner".into()));
        options.worker_vars.push(("SCANNER_WORKERS".into(), url.clone()));
    }
}

/// Publishes these skills, each by a caller of its own, and answers what they were told.
fn publish_at_once(bench: &Bench, names: &[String]) -> Vec<Value> {
    let barrier = Barrier::new(names.len());
    thread::scope(|scope| {
        let calls: Vec<_> = names
            .iter()
            .map(|name| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    bench.published_as(name, &json!({"commitSha": COMMIT}))
                })
            })
            .collect();
        let answers = calls.into_iter().map(|call| call.join().unwrap());
        answers
            .map(|answer| {
                assert_eq!(answer.status, 202, "{}", answer.body);
                answer.json()
            })
            .collect()
    })
}

/// How often each scan was sent.
fn sends(stand_in: &StandIn) -> BTreeMap<String, usize> {
    stand_in.sent().iter().fold(BTreeMap::new(), |mut sends, body| {
        *sends.entry(body["scanId"].as_str().unwrap().to_owned()).or_default() += 1;
        sends
    })
}

#[test]
fn fifty_publishes_of_one_skill_make_three_scans_and_send_each_once() {
    let stand_in = StandIn::start();
    let bench = Bench::alone(sends_to(&stand_in));
    let name = "demo/popular/popular".to_owned();
    let answers = publish_at_once(&bench, &vec![name; CALLS]);

    let mut made: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for scan in answers.iter().flat_map(|answer| answer["scans"].as_array().unwrap()) {
        ids.insert(scan["scanId"].as_str().unwrap());
        if scan["dispatch"] != "skipped" {
            *made.entry(scan["provider"].as_str().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(ids.len(), 3, "{ids:?}");
    assert_eq!(made, BTreeMap::from([("njsscan", 1), ("semgrep", 1), ("trufflehog", 1)]));
    assert_eq!(bench.count("SELECT count(*) FROM external_scan_result"), 3);
    wait_for(|| (stand_in.sent().len() >= 3).then_some(()), || bench.written());
    bench.cron();
    assert_eq!(sends(&stand_in).into_values().collect::<Vec<_>>(), [1; 3]);
    assert_eq!(bench.count("SELECT count(*) FROM dispatch"), 3);
    let published = "SELECT count(*) FROM audit_event WHERE action = 'skill.published'";
    assert_eq!(bench.count(published), 50);
}

#[test]
fn fifty_skills_at_once_send_what_the_hour_allows_and_keep_the_rest() {
    let stand_in = StandIn::start();
    let bench = Bench::alone(sends_to(&stand_in));
    let names: Vec<String> = (0..CALLS).map(|i| format!("demo/many/skill-{i}")).collect();
    let answers = publish_at_once(&bench, &names);
    for scan in answers.iter().flat_map(|answer| answer["scans"].as_array().unwrap()) {
        let dispatch = scan["dispatch"].as_str().unwrap();
        assert!(["dispatched", "queued"].contains(&dispatch), "{scan}");
    }
    let rows = "SELECT count(*) FROM dispatch";
    let at_first = bench.count(rows);
    let mut runs = 0;
    let mut before = -1;
    while bench.count(rows) != before {
        before = bench.count(rows);
        bench.cron();
        runs += 1;
    }
    println!("{at_first} sent by the calls, {before} after {runs} runs of the cron handler");
    assert_eq!(before, 90);
    wait_for(|| (stand_in.sent().len() >= BUDGET).then_some(()), || bench.written());
    bench.cron();

    let sends = sends(&stand_in);
    assert_eq!((sends.len(), stand_in.sent().len()), (BUDGET, BUDGET), "each scan once");
    assert_eq!(bench.count(rows), 90, "the hour's budget for one owner");
    let waiting = "SELECT count(*) FROM external_scan_result WHERE status = 'PENDING'";
    assert_eq!(bench.count(waiting), 150);
    assert_eq!(bench.count(&format!("{waiting} AND attempt = 0 AND deadline_at IS NULL")), 60);
    let noted = format!("{waiting} AND attempt = 1 AND dispatch_due_at IS NULL");
    wait_for(|| (bench.count(&noted) == 90).then_some(()), || bench.written());

    // An hour later the rest goes, each once too, though cron runs overlap.
    let hour = "UPDATE dispatch SET sent_at = sent_at - 3600000";
    bench.d1().execute_batch(hour).unwrap();
    while bench.count(&format!("{waiting} AND attempt = 0")) > 0 {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| bench.cron());
            }
        });
    }
    wait_for(|| (stand_in.sent().len() >= 150).then_some(()), || bench.written());
    assert_eq!((self::sends(&stand_in).len(), stand_in.sent().len()), (150, 150));
    for body in stand_in.sent() {
        assert_eq!((&body["attempt"], &body["commitSha"]), (&1.into(), &COMMIT.into()));
    }
}

#[test]
fn g04_three_callbacks_of_one_skill_at_once_leave_the_overview_whole() {
    let bench = Bench::alone(|_| {});
    for n in 0..20 {
        let name = format!("demo/whole/skill-{n}");
        let scans = bench.published(&name, COMMIT);
        let barrier = Barrier::new(scans.len());
        thread::scope(|scope| {
            for (at, scan) in scans.iter().enumerate() {
                let (bench, barrier, name) = (&bench, &barrier, &name);
                scope.spawn(move || {
                    let report = result(scan, name, COMMIT, [u32::from(at == n % 3), 0, 0, 0]);
                    barrier.wait();
                    assert_eq!(bench.report(&report).status, 200);
                });
            }
        });
        let security = bench.security(&name);
        assert_eq!(security["overallVerdict"], "FAIL", "{security}");
        // At once, without the cron handler.
        assert_eq!(bench.kv_differs(&name), None);
    }
    assert_eq!(bench.count("SELECT count(*) FROM external_scan_result"), 60);
    assert_eq!(bench.count("SELECT count(*) FROM skill WHERE kv_revision < revision"), 0);
}

#[test]
fn g19_a_worker_that_dies_before_its_sends_sends_each_after_its_lease() {
    let stand_in = StandIn::start();
    stand_in.fall_silent(true);
    let bench = Bench::alone(sends_to(&stand_in));
    let scans = bench.published("demo/kept/kept", COMMIT);
    for scan in &scans {
        assert_eq!(scan["dispatch"], "dispatched");
    }
    // Its first send hangs, and the others wait behind it.
    let bench = bench.again(sends_to(&stand_in));
    let hung = stand_in.sent().len();
    assert_eq!(hung, 0);
    stand_in.fall_silent(false);
    bench.cron();
    assert_eq!(bench.count("SELECT count(*) FROM dispatch"), 3, "their lease still holds");

    // The lease of 90 seconds ends.
    let later = "UPDATE external_scan_result SET dispatch_due_at = dispatch_due_at - 90000;
                 UPDATE dispatch SET sent_at = sent_at - 90000";
    bench.d1().execute_batch(later).unwrap();
    bench.cron();
    let again: Vec<_> = stand_in.sent().into_iter().filter(|body| body["attempt"] == 2).collect();
    let ids: BTreeSet<_> = again.iter().map(|body| body["scanId"].clone().to_string()).collect();
    assert_eq!((again.len(), ids.len()), (3, 3), "{:?}", stand_in.sent());
    let waiting = "SELECT count(*) FROM external_scan_result
                   WHERE status = 'PENDING' AND attempt = 2 AND dispatch_due_at IS NULL";
    assert_eq!(bench.count(waiting), 3);
    // What the dead worker had under way is overtaken: an answer to it changes nothing.
    for body in &again {
        let late = json!({
            "scanId": body["scanId"], "provider": body["provider"], "event": "started", "attempt": 1,
        });
        assert_eq!(bench.report(&late).status, 409);
    }
}
