//! Ten thousand publish calls, claims and callbacks over a network that drops, doubles and reorders
//! them, by several clients at once: nothing is lost, nothing is doubled, and KV says what D1 says.

mod client;
mod message;
mod plan;

use crate::harness::Bench;
use client::{Sender, Shared};
use plan::{Call, Plan, SCANS};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Mutex, thread, time::Instant};

const CLIENTS: usize = 8;
const SEED: u64 = 20_261_124;

#[test]
fn ten_thousand_events_lose_and_double_nothing() {
    let seed = std::env::var("SKILLGATE_SOAK_SEED").ok().map_or(SEED, |seed| seed.parse().unwrap());
    let plan = Plan { seed };
    println!("SKILLGATE_SOAK_SEED={seed}");
    let bench = Bench::in_memory();
    let shared = Mutex::new(Shared::new());
    let began = Instant::now();
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let sender = Sender::new(plan, &shared, &bench.stack, number);
            scope.spawn(move || sender.run());
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let shared = shared.into_inner().unwrap();
    let requests: usize = shared.requests.values().sum();
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let rate = requests as f64 / seconds;
    println!("{requests} requests in {seconds:.0} s, {rate:.0} a second: {:?}", shared.requests);
    println!("what befell the messages: {:?}", shared.fates);
    assert!(requests >= 10_000);

    every_scan_is_final_and_none_is_lost_or_doubled(&bench, plan, &shared);
    kv_is_equal_to_d1(&bench);
    the_blocklist_is_exact(&bench);
    println!("checked after {:.0} s", began.elapsed().as_secs_f64());
}

fn texts(bench: &Bench, sql: &str) -> BTreeSet<String> {
    let database = bench.database();
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn every_scan_is_final_and_none_is_lost_or_doubled(bench: &Bench, plan: Plan, shared: &Shared) {
    let count = |sql: &str| usize::try_from(bench.count(sql)).unwrap();
    let scans = texts(bench, "SELECT id FROM external_scan_result");
    assert_eq!(scans.len(), SCANS);
    assert_eq!(scans, shared.reported);
    let waiting = "SELECT count(*) FROM external_scan_result WHERE completed_at IS NULL
                   OR status IN ('PENDING', 'RUNNING', 'TIMED_OUT')";
    assert_eq!(count(waiting), 0);
    let audited = |actions: &str, expected: &str| {
        let odd = format!(
            "SELECT count(*) FROM external_scan_result r WHERE {expected} <>
             (SELECT count(*) FROM audit_event e WHERE e.skill_name = r.skill_name AND e.scan_id = r.id
              AND e.action IN ({actions}))"
        );
        assert_eq!(count(&odd), 0, "{actions}");
    };
    audited("'scan.result', 'scan.failed'", "1");
    audited("'scan.claimed'", "r.attempt");
    assert_eq!(count("SELECT sum(attempt) FROM external_scan_result"), shared.claims);

    let database = bench.database();
    let sql = "SELECT skill_name, provider, commit_sha, status FROM external_scan_result";
    let mut statement = database.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let [name, provider, commit, status]: [String; 4] =
            std::array::from_fn(|at| row.get(at).unwrap());
        let (expected, _) = plan.outcome(&name, &provider, &commit);
        assert_eq!(status, expected.as_str(), "{name} {provider}");
    }
}

fn kv_is_equal_to_d1(bench: &Bench) {
    let behind = "SELECT count(*) FROM skill WHERE kv_revision < revision";
    let left = bench.count(behind);
    bench.cron();
    println!(
        "{left} skills were behind in KV, {} after a run of the cron handler",
        bench.count(behind)
    );
    assert_eq!(bench.count(behind), 0);
    let names: Vec<String> = Plan::calls().into_iter().map(Call::name).collect();
    let differences: Vec<String> = thread::scope(|scope| {
        let parts = names.chunks(names.len().div_ceil(CLIENTS));
        let parts: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    part.iter().filter_map(|name| bench.kv_differs(name)).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "{} differ, as {}", differences.len(), differences[0]);
}

/// Automatic entries that may become active within an hour where no setting says otherwise.
const BRAKE: usize = 50;

/// An entry for each skill that had criticals at the commit that was published when they arrived,
/// as the order of the audit log tells, and for no other; those beyond the brake wait for an admin,
/// and the public list has none of them.
fn the_blocklist_is_exact(bench: &Bench) {
    let expected = texts(
        bench,
        "SELECT DISTINCT e.skill_name FROM audit_event e
         WHERE e.action = 'scan.result' AND json_extract(e.detail, '$.criticalCount') > 0
           AND json_extract(e.detail, '$.commitSha') = (
             SELECT json_extract(p.detail, '$.commitSha') FROM audit_event p
             WHERE p.skill_name = e.skill_name AND p.action = 'skill.published' AND p.seq < e.seq
             ORDER BY p.seq DESC LIMIT 1)",
    );
    assert!(expected.len() > BRAKE, "{expected:?}");
    let standing = "SELECT skill_name FROM blocklist_entry WHERE state IN ('active', 'proposed')";
    assert_eq!(texts(bench, standing), expected);
    let active = texts(bench, "SELECT skill_name FROM blocklist_entry WHERE state = 'active'");
    assert_eq!(active.len(), BRAKE);
    let list = bench.stack.client.get("/api/v1/blocklist", &[]).unwrap().json();
    let shown = |entry: &Value| entry["skillName"].as_str().unwrap().to_owned();
    let listed: BTreeSet<String> = list["entries"].as_array().unwrap().iter().map(shown).collect();
    let bare = |name: &String| name.rsplit('/').next().unwrap().to_owned();
    assert_eq!(listed, active.iter().map(bare).collect());
    assert_eq!(list["count"], BRAKE);
    println!("{BRAKE} skills are blocked, {} wait for an admin", expected.len() - BRAKE);
}
