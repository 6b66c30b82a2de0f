//! Whatever happens in whatever order, some things hold.

use crate::{
    harness::{
        COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, failed, result,
        started, tool, with,
    },
    sqlite::Fault,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Something that happens. The numbers pick: a provider, which of its scans (from the newest), and
/// what is said.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Publish { moved: bool, move_source: bool },
    Sends,
    SendsLost,
    Started(usize, usize),
    Result(usize, usize, usize),
    Unaddressed(usize, usize, bool),
    Failed(usize, usize),
    Claim(usize, usize, usize),
    Beat(usize, usize, usize),
    Release(usize, usize, usize),
    ScanAgain(bool),
    Again,
    Wait(i64),
    Scheduled,
    Read,
    Database(usize, bool),
    Cache(usize),
    Scanners(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    prop_oneof![
        2 => (any::<bool>(), prop::bool::weighted(0.1)).prop_map(|(moved, move_source)| H::Publish { moved, move_source }),
        2 => Just(H::Sends),
        1 => Just(H::SendsLost),
        3 => (0..COUNT, 0..2usize).prop_map(|(p, s)| H::Started(p, s)),
        8 => (0..COUNT, 0..2usize, 0..4usize).prop_map(|(p, s, r)| H::Result(p, s, r)),
        1 => (0..COUNT, 0..4usize, any::<bool>()).prop_map(|(p, r, other)| H::Unaddressed(p, r, other)),
        2 => (0..COUNT, 0..2usize).prop_map(|(p, s)| H::Failed(p, s)),
        3 => (0..COUNT, 0..2usize, 0..2usize).prop_map(|(p, s, by)| H::Claim(p, s, by)),
        1 => (0..COUNT, 0..2usize, 0..2usize).prop_map(|(p, s, by)| H::Beat(p, s, by)),
        1 => (0..COUNT, 0..2usize, 0..2usize).prop_map(|(p, s, by)| H::Release(p, s, by)),
        1 => any::<bool>().prop_map(H::ScanAgain),
        2 => Just(H::Again),
        2 => prop_oneof![Just(1_000), Just(2 * MINUTE), Just(21 * MINUTE), Just(61 * MINUTE)].prop_map(H::Wait),
        2 => Just(H::Scheduled),
        2 => Just(H::Read),
        2 => (0..4usize, any::<bool>()).prop_map(|(n, lost)| H::Database(n, lost)),
        1 => (0..4usize).prop_map(H::Cache),
        1 => any::<bool>().prop_map(H::Scanners),
    ]
}

/// The fields of the four kinds of result.
fn kind(n: usize) -> ([u32; 4], Json) {
    match n {
        0 => ([0; 4], json!({})),
        1 => ([0, 7, 0, 0], json!({})),
        2 => ([2, 0, 0, 0], json!({})),
        _ => ([0; 4], json!({"coverage": null})),
    }
}

fn happens(h: &Harness, what: Happening, last: &mut Option<Json>) {
    let scan = |provider: usize, back: usize| {
        let rows = h.db().query(&format!(
            "SELECT id, commit_sha FROM external_scan_result WHERE provider = '{}' ORDER BY seq DESC", PROVIDERS[provider],
        ));
        rows.get(back)
            .map(|row| (row["id"].as_str().unwrap().to_owned(), row["commit_sha"].clone()))
    };
    let pull = |what: &str, provider: usize, back: usize, by: usize| {
        if let Some((id, _)) = scan(provider, back) {
            let (status, answer) =
                h.internal(what, &json!({"scanId": id, "claimedBy": format!("vps-{by}")}));
            assert!(matches!(status, 200 | 409 | 503), "{answer}");
        }
    };
    let previous = last.clone();
    let mut tell = |body: Json| {
        let (status, answer) = h.callback(&body);
        assert!(matches!(status, 200 | 404 | 409 | 503), "{body} {answer}");
        *last = Some(body);
    };
    match what {
        Happening::Publish { moved, move_source } => {
            let commit = if moved { OTHER_COMMIT } else { COMMIT };
            let repo = if move_source { "https://github.com/new/home" } else { REPO };
            let (status, answer) = h.publish(&with(
                tool(),
                &json!({"commitSha": commit, "repoUrl": repo, "move": move_source}),
            ));
            assert!(matches!(status, 202 | 409 | 503), "{answer}");
        }
        Happening::Sends => h.run_sends(),
        Happening::SendsLost => drop(h.lose_sends()),
        Happening::Started(provider, back) => {
            if let Some((id, _)) = scan(provider, back) {
                tell(started(&id, PROVIDERS[provider]));
            }
        }
        Happening::Result(provider, back, n) => {
            if let Some((id, commit)) = scan(provider, back) {
                let (counts, more) = kind(n);
                let commit = if commit.is_null() { json!(COMMIT) } else { commit };
                let report =
                    with(result(&id, PROVIDERS[provider], counts), &json!({ "commitSha": commit }));
                tell(with(report, &more));
            }
        }
        Happening::Unaddressed(provider, n, other) => {
            let (counts, more) = kind(n);
            let commit = if other { OTHER_COMMIT } else { COMMIT };
            let report = with(
                result("", PROVIDERS[provider], counts),
                &json!({"scanId": null, "commitSha": commit}),
            );
            tell(with(report, &more));
        }
        Happening::Failed(provider, back) => {
            if let Some((id, _)) = scan(provider, back) {
                tell(failed(&id, PROVIDERS[provider], "broken"));
            }
        }
        Happening::Claim(provider, back, by) => pull("claim", provider, back, by),
        Happening::Beat(provider, back, by) => pull("heartbeat", provider, back, by),
        Happening::Release(provider, back, by) => pull("release", provider, back, by),
        Happening::ScanAgain(force) => {
            let (status, answer) = h.scan_again(&json!({"name": NAME, "force": force}));
            assert!(matches!(status, 202 | 404 | 503), "{answer}");
        }
        Happening::Again => {
            if let Some(body) = previous {
                tell(body);
            }
        }
        Happening::Wait(ms) => h.advance(ms),
        Happening::Scheduled => h.run_scheduled(),
        Happening::Read => drop(h.get(&format!("/api/v1/skills/{NAME}/security"))),
        Happening::Database(n, lost) => {
            h.db().fail_at(n, if lost { Fault::ReplyLost } else { Fault::Halfway });
        }
        Happening::Cache(n) => h.kv().fail_put_at(n),
        Happening::Scanners(down) => h.scanners().all_down(down),
    }
}

const FINAL: &str = "('PASS', 'FAIL', 'INCOMPLETE', 'ERROR')";

/// Holds at every moment, in the rows themselves.
fn always(h: &Harness) {
    let none = |what: &str, sql: &str| {
        let found = h.db().query(sql);
        assert!(found.is_empty(), "{what}: {found:?}");
    };
    none(
        "two active scans",
        "SELECT skill_name, provider FROM external_scan_result
        WHERE status IN ('PENDING', 'RUNNING') GROUP BY 1, 2 HAVING count(*) > 1",
    );
    none("an entry without a critical scan at its commit", "SELECT id FROM blocklist_entry e WHERE NOT EXISTS (
        SELECT 1 FROM external_scan_result r WHERE r.skill_name = e.skill_name AND r.repo_url = e.source_url
        AND r.commit_sha = e.commit_sha AND r.critical_count > 0)");
    none(
        "criticals that are known of the published commit and that no entry rests on",
        "SELECT r.id FROM external_scan_result r JOIN skill s ON s.name = r.skill_name AND s.repo_url = r.repo_url
            AND s.commit_sha = r.commit_sha WHERE r.critical_count > 0 AND r.entry_id IS NULL",
    );
    none("an end that no audit line tells", &format!("SELECT id FROM external_scan_result r WHERE status IN {FINAL} AND 1 <> (
        SELECT count(*) FROM audit_event a WHERE a.scan_id = r.id AND a.action IN ('scan.result', 'scan.failed', 'scan.superseded'))"));
    none(
        "a scan whose making no audit line tells, or more than one",
        "SELECT id FROM external_scan_result r WHERE unsolicited = 0 AND 1 <> (
        SELECT count(*) FROM audit_event a WHERE a.scan_id = r.id AND a.action = 'scan.created')",
    );
    none(
        "a time-out that no audit line tells",
        "SELECT id FROM external_scan_result r WHERE status = 'TIMED_OUT' AND NOT EXISTS (
        SELECT 1 FROM audit_event a WHERE a.scan_id = r.id AND a.action = 'scan.timed_out')",
    );
    none(
        "a PASS that its counts do not bear",
        "SELECT id FROM external_scan_result
        WHERE status = 'PASS' AND (coverage IS NULL OR json_extract(coverage, '$.complete') <> 1)",
    );
    none(
        "a request without its attempt",
        "SELECT scan_id FROM dispatch d WHERE NOT EXISTS (
        SELECT 1 FROM external_scan_result r WHERE r.id = d.scan_id AND r.attempt >= d.attempt)",
    );
    none(
        "an attempt that was given out twice, or never",
        "SELECT id, attempt FROM external_scan_result r WHERE attempt <>
            (SELECT count(*) FROM dispatch d WHERE d.scan_id = r.id)",
    );
    none(
        "a claim that was not its owner's turn",
        "SELECT scan_id FROM audit_event a WHERE action = 'scan.claimed' AND NOT EXISTS (
            SELECT 1 FROM dispatch d WHERE d.scan_id = a.scan_id AND d.attempt = json_extract(a.detail, '$.attempt')
              AND d.counts_against_budget = 0 AND d.source_owner IS NOT NULL)",
    );
    none(
        "a scan on offer that a newer one has replaced, or that was offered three times",
        "SELECT id FROM external_scan_result r WHERE status = 'TIMED_OUT' AND given_up_at IS NULL AND unsolicited = 0 AND (
            time_outs >= 3 OR EXISTS (SELECT 1 FROM external_scan_result n
            WHERE n.skill_name = r.skill_name AND n.provider = r.provider AND n.unsolicited = 0 AND n.seq > r.seq))",
    );
    none(
        "a scan that is active, has not its clock running and is not to be sent either",
        "SELECT id FROM external_scan_result
        WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NULL AND dispatch_due_at IS NULL",
    );
    let sent: i64 = h.db().one(&format!(
        "SELECT count(*) FROM dispatch WHERE counts_against_budget = 1 AND sent_at > {}",
        h.now() - 60 * MINUTE
    ));
    assert!(sent <= 20, "over the budget: {sent}");
}

/// Holds of the answer.
fn answer_holds(h: &Harness) {
    let answer = h.security();
    let rows = answer["providers"].as_array().unwrap();
    if answer["overallVerdict"] == "PASS" {
        let published = &answer["publishedCommitSha"];
        assert!(
            rows.iter().all(|row| row["phase"] == "PASS" && row["commitSha"] == *published),
            "{answer}"
        );
    }
    if rows.iter().any(|row| row["phase"] == "FAIL") {
        assert_eq!(answer["overallVerdict"], "FAIL");
    }
    let name = NAME.to_uppercase();
    let blocked =
        &h.get(&format!("/api/v1/blocklist/check?name={name}&repoUrl={REPO}")).1["blocked"];
    let entries: i64 = h.db().one(&format!(
        "SELECT count(*) FROM blocklist_entry WHERE source_url = '{REPO}' AND state = 'active'"
    ));
    assert_eq!(*blocked, Json::from(entries > 0));
}

/// Scans that have ended, with how they ended: none ever leaves its end, or is changed in it.
fn ends(h: &Harness) -> Vec<Json> {
    h.db().query(&format!(
        "SELECT id, status, commit_sha, critical_count, score, content_digest, completed_at FROM external_scan_result
         WHERE status IN {FINAL} ORDER BY seq"
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn g18_the_rules_hold_after_any_sequence_of_events(
        happenings in proptest::collection::vec(happening(), 1..40), pulls in prop::bool::weighted(0.3),
    ) {
        let pull = [("DISPATCH", "pull"), ("SCANNER_WORKERS", "")];
        let push = [("DISPATCH_BUDGET_PER_HOUR", "20")];
        let h = Harness::with(if pulls { &pull } else { &push });
        h.publish(&tool());
        let mut last = None;
        for what in happenings {
            let before = ends(&h);
            happens(&h, what, &mut last);
            always(&h);
            let after = ends(&h);
            prop_assert!(before.iter().all(|end| after.contains(end)), "an end was changed by {:?}", what);
        }
        // Everything heals.
        h.db().heal();
        h.scanners().all_down(false);
        h.kv().fail_put_at(usize::MAX);
        h.advance(MINUTE);
        h.run_scheduled();
        answer_holds(&h);
        h.assert_kv_follows();
        // And everything ends: sent or given up, nothing waits for ever.
        for _ in 0..12 {
            h.advance(61 * MINUTE);
            h.run_scheduled();
        }
        always(&h);
        let open = h.db().query("SELECT id, status FROM external_scan_result WHERE status IN ('PENDING', 'RUNNING')");
        prop_assert!(open.is_empty(), "{:?}", open);
        h.assert_kv_follows();
    }
}
