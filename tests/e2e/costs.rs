//! The table of costs in docs/costs.md is what the worker says of itself.
//!
//! A new endpoint, or a new case of one, is one more [`Costs::step`]; the failure shows the table
//! that belongs into the document.

use crate::{
    harness::{Bench, wait_for, workspace},
    local::{COMMIT, id, result, started, with},
    stand_in::StandIn,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};
use xtask::stack::Answer;

const BEGIN: &str = "<!-- costs: kept true by tests/e2e/costs.rs -->\n";
const END: &str = "<!-- end of costs -->";
const NAME: &str = "demo/costs/costs";
const HEAD: &str = "\
| request | case | status | D1 batches (statements) | rows read | rows written | KV gets | KV puts |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// 200 skills with 600 finished scans, of which 50 have criticals and an entry each; 600 audit
/// lines; 600 sends, 60 of them in the last hour. KV is not behind.
const CATALOGUE: &str = "
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT i FROM n;
CREATE TEMP TABLE p AS SELECT 0 AS k, 'semgrep' AS provider UNION SELECT 1, 'njsscan' UNION SELECT 2, 'trufflehog';
INSERT INTO skill (name, bare_name, repo_url, commit_sha, created_at, updated_at, revision, kv_revision)
SELECT 'seed/repo' || i || '/skill' || i, 'skill' || i, 'https://github.com/seed/repo' || i, ?commit, 1, 1, 1, 1 FROM n;
INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at,
    write_token, attempt, dispatched_at, completed_at, critical_count, high_count, medium_count, low_count, score,
    findings, coverage, content_digest, entry_id)
SELECT 'seed-' || i || '-' || k, 'seed/repo' || i || '/skill' || i, 'skill' || i, provider,
    'https://github.com/seed/repo' || i, ?commit, CASE WHEN i % 4 = 0 AND k = 0 THEN 'FAIL' ELSE 'PASS' END, 1, 1,
    'seed', 1, 1, 1, CASE WHEN i % 4 = 0 AND k = 0 THEN 1 ELSE 0 END, 0, 0, 0,
    CASE WHEN i % 4 = 0 AND k = 0 THEN 75 ELSE 100 END, '[]', '{\"complete\":true,\"filesScanned\":1}', 'seed',
    CASE WHEN i % 4 = 0 AND k = 0 THEN 'seed-' || i || '-0' END
FROM n, p ORDER BY i, k;
INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
    evidence_urls, discovered_by, commit_sha, discovered_at, updated_at)
SELECT 'seed-' || i || '-0', 'seed/repo' || i || '/skill' || i, 'skill' || i, 'https://github.com/seed/repo' || i,
    'active', 'external-sast', 'critical', '',
    json_object('semgrep', json_object('scanId', 'seed-' || i || '-0', 'commitSha', ?commit, 'criticalCount', 1)),
    '[]', 'external-scan', ?commit, 1, 1
FROM n WHERE i % 4 = 0;
UPDATE blocklist_revision SET revision = 50, changed_at = 1;
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT 1, 'scanner', 'scan.result', skill_name, id, '{}' FROM external_scan_result;
INSERT INTO dispatch (scan_id, attempt, sent_at)
SELECT id, 1, CASE WHEN seq % 10 = 0 THEN unixepoch() * 1000 - 60000 ELSE 1 END FROM external_scan_result;
";

/// The worker under measurement, and the table so far.
struct Costs {
    bench: Bench,
    read: usize,
    table: String,
    routes: BTreeSet<&'static str>,
}

impl Costs {
    fn lines(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.bench.stack.worker.log()).unwrap();
        let (whole, _) = log.rsplit_once('\n').unwrap_or_default();
        let lines = whole.lines().filter_map(|line| line.find("{\"time\":").map(|at| &line[at..]));
        let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["event"] == "storage.measured").collect()
    }

    /// The next line that the worker says of its costs.
    fn next(&mut self, what: &str) -> Value {
        let line = wait_for(|| self.lines().get(self.read).cloned(), || what.to_owned());
        self.read += 1;
        line
    }

    fn row(&mut self, request: &str, case: &str, status: &str, costs: &Value) {
        let [batches, statements, read, written, gets, puts] =
            ["batches", "statements", "rowsRead", "rowsWritten", "kvGets", "kvPuts"]
                .map(|field| costs[field].as_u64().unwrap_or_else(|| panic!("{field}: {costs}")));
        self.table.push_str(&format!(
            "| {request} | {case} | {status} | {batches} ({statements}) | {read} | {written} | {gets} | {puts} |\n"
        ));
    }

    /// One request of a route, as `src/route.rs` words it.
    fn step(
        &mut self,
        route: &'static str,
        case: &str,
        ask: impl FnOnce(&Bench) -> Answer,
    ) -> Answer {
        let answer = ask(&self.bench);
        let line = self.next(route);
        let (method, path) = route.split_once(' ').unwrap();
        let start = path.split('{').next().unwrap();
        let (message, status) = (line["message"].as_str().unwrap(), answer.status.to_string());
        assert!(message.starts_with(&format!("{method} {start}")), "{route}: {line}");
        assert!(message.ends_with(&format!(" {status}")), "{route}: {line}");
        self.row(&format!("`{route}`"), case, &status, &line);
        self.routes.insert(route);
        answer
    }

    /// What the answer before it left to be sent.
    fn sends(&mut self, case: &str) {
        let line = self.next("sends");
        assert_eq!(line["message"], "sends");
        self.row("after the answer", case, "", &line);
    }

    fn cron(&mut self, case: &str) {
        self.bench.cron();
        let line = self.next("cron");
        assert_eq!(line["message"], "cron");
        self.row("the cron handler", case, "", &line);
    }

    fn get(
        &mut self,
        route: &'static str,
        case: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.step(route, case, |bench| bench.stack.client.get(path, headers).unwrap())
    }
}

#[test]
fn the_table_of_costs_is_true() {
    let stand_in = StandIn::start();
    let bench = Bench::alone(|options| {
        for (name, value) in [
            ("DISPATCH", "scanner"),
            ("SCANNER_WORKERS", &stand_in.url()),
            ("LOG_STORAGE_METRICS", "true"),
        ] {
            options.worker_vars.push((name.into(), value.into()));
        }
    });
    bench.d1().execute_batch(&CATALOGUE.replace("?commit", &format!("'{COMMIT}'"))).unwrap();
    let mut costs = Costs { bench, read: 0, table: HEAD.to_owned(), routes: BTreeSet::new() };
    // What was asked until it served.
    let served = costs.bench.stack.client.get("/nowhere", &[]).unwrap();
    while costs.next("the start")["message"] != "GET /nowhere 404" {}
    assert_eq!(served.status, 404);

    admins_and_scanners(&mut costs);
    reports(&mut costs);
    installers_and_people(&mut costs);
    pages_and_lists(&mut costs);
    badges_search_and_installs(&mut costs);
    blocklist_and_log(&mut costs);
    again_and_upkeep(&mut costs);

    every_route_is_there(&costs);
    let page = fs::read_to_string(workspace().root().join("docs/costs.md")).unwrap();
    let table = page.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).unwrap().0;
    assert!(table == costs.table, "docs/costs.md should say:\n\n{}", costs.table);
}

fn admins_and_scanners(costs: &mut Costs) {
    const PUBLISH: &str = "POST /api/v1/admin/skills/publish";
    let publish = |bench: &Bench| bench.published_as(NAME, &json!({"commitSha": COMMIT}));
    let answer = costs.step(PUBLISH, "a new skill, three scans", publish);
    assert_eq!(answer.status, 202, "{}", answer.body);
    costs.sends("three scans are taken");
    costs.step(PUBLISH, "all three are active", publish);
    costs.step(PUBLISH, "the name is another's", |bench| {
        bench.published_as(NAME, &json!({"repoUrl": "https://github.com/some/other"}))
    });

    let key = costs.bench.stack.secrets.internal.clone();
    let key = [("x-internal-key", key.as_str())];
    const PENDING: &str = "/api/v1/internal/pending-sast-scans";
    let offered = costs.get("GET /api/v1/internal/pending-sast-scans", "three wait", PENDING, &key);
    let scan = offered.json()["scans"][0].clone();
    for (route, case, what, by) in [
        ("POST /api/v1/internal/claim-sast-scan", "it is free", "claim", "me"),
        ("POST /api/v1/internal/claim-sast-scan", "it is claimed", "claim", "you"),
        ("POST /api/v1/internal/heartbeat-sast-scan", "", "heartbeat", "me"),
        ("POST /api/v1/internal/release-sast-scan", "", "release", "me"),
    ] {
        costs.step(route, case, |bench| bench.pull(what, id(&scan), by));
    }
}

fn reports(costs: &mut Costs) {
    const REPORT: &str = "POST /api/v1/webhooks/scan-results";
    let scans = costs.bench.offered();
    costs.next("offered");
    let clean = result(&scans[0], NAME, COMMIT, [0; 4]);
    let bad = result(&scans[1], NAME, COMMIT, [2, 0, 0, 0]);
    let failed = with(started(&scans[2]), &json!({"event": "failed", "error": "no"}));
    for (case, body, status) in [
        ("`started`", &started(&scans[0]), 200),
        ("`started` again", &started(&scans[0]), 200),
        ("a clean result", &clean, 200),
        ("its repeat", &clean, 200),
        ("another result", &with(clean.clone(), &json!({"lowCount": 1})), 409),
        ("a result with criticals", &bad, 200),
        ("`failed`", &failed, 200),
    ] {
        let answer = costs.step(REPORT, case, |bench| bench.report(body));
        assert_eq!(answer.status, status, "{case}: {}", answer.body);
    }
    costs.step(REPORT, "a signature that does not hold", |bench| bench.signed("sha256=00", b"{}"));
}

fn installers_and_people(costs: &mut Costs) {
    const SECURITY: &str = "GET /api/v1/skills/{name}/security";
    costs.get(SECURITY, "by its full name", &format!("/api/v1/skills/{NAME}/security"), &[]);
    costs.get(SECURITY, "by its bare name", "/api/v1/skills/costs/security", &[]);
    costs.get(SECURITY, "unknown", "/api/v1/skills/nobody/security", &[]);
    const ONE: &str = "GET /api/v1/skills/{name}/security/{provider}";
    let path = format!("/api/v1/skills/{NAME}/security/semgrep");
    costs.get(ONE, "by its full name", &path, &[]);
    const PAGE: &str = "GET /skills/{name}/security";
    costs.get(PAGE, "by its full name", &format!("/skills/{NAME}/security"), &[]);

    const LIST: &str = "GET /api/v1/blocklist";
    costs.get(LIST, "51 entries, the copy in KV is behind", "/api/v1/blocklist", &[]);
    let list = costs.get(LIST, "51 entries, the copy is right", "/api/v1/blocklist", &[]);
    assert_eq!(list.json()["count"], 51);
    const CHECK: &str = "GET /api/v1/blocklist/check";
    for (case, query) in [
        ("not blocked", "name=skill7&repoUrl=https://github.com/seed/repo7"),
        ("blocked", "name=skill8&repoUrl=https://github.com/seed/repo8"),
        ("blocked, by the bare name alone", "name=skill8"),
        ("blocked, by the full name", "name=seed/repo8/skill8"),
    ] {
        let answer = costs.get(CHECK, case, &format!("/api/v1/blocklist/check?{query}"), &[]);
        assert_eq!(answer.json()["blocked"], case != "not blocked", "{case}: {}", answer.body);
    }
    costs.get("GET /api/v1/health", "", "/api/v1/health", &[]);
    const HISTORY: &str = "GET /api/v1/skills/{name}/security/history";
    costs.get(HISTORY, "three scans", &format!("/api/v1/skills/{NAME}/security/history"), &[]);
}

fn pages_and_lists(costs: &mut Costs) {
    let skill = |rest: &str| format!("/skills/{NAME}{rest}");
    for (route, case, path) in [
        ("GET /", "eight skills", "/".to_owned()),
        ("GET /audits", "50 of 201 skills", "/audits".to_owned()),
        ("GET /audits", "50 of one status", "/audits?status=FAIL".to_owned()),
        ("GET /audits", "a search that finds 50 of 200", "/audits?q=seed".to_owned()),
        ("GET /rules", "", "/rules".to_owned()),
        ("GET /rules/{id}", "", "/rules/agents".to_owned()),
        ("GET /admin", "", "/admin".to_owned()),
        ("GET /skills/{name}", "blocked", skill("")),
        ("GET /skills/{name}/security/{provider}", "", skill("/security/semgrep")),
        ("GET /skills/{name}/security/history", "three scans", skill("/security/history")),
        ("GET /api/v1/audits", "50 of 603 scans", "/api/v1/audits".to_owned()),
        (
            "GET /api/v1/audits",
            "50 of one provider and status",
            "/api/v1/audits?provider=semgrep&status=PASS".to_owned(),
        ),
        ("GET /api/v1/audits", "a search", "/api/v1/audits?q=seed".to_owned()),
        ("GET /api/v1/skills/{name}", "by its full name", format!("/api/v1{}", skill(""))),
    ] {
        assert_eq!(costs.get(route, case, &path, &[]).status, 200, "{path}");
    }
}

fn badges_search_and_installs(costs: &mut Costs) {
    let badge = |provider: &str| format!("/api/v1/skills/{NAME}/badge/{provider}");
    for (route, case, path) in [
        ("GET /api/v1/skills/{name}/badge/{provider}", "`overall`", badge("overall")),
        ("GET /api/v1/skills/{name}/badge/{provider}", "an unknown provider", badge("other")),
        ("GET /api/v1/skills/search", "20 of 200", "/api/v1/skills/search?q=seed".to_owned()),
        ("GET /openapi.json", "", "/openapi.json".to_owned()),
        ("GET /docs", "", "/docs".to_owned()),
    ] {
        assert_eq!(costs.get(route, case, &path, &[]).status, 200, "{path}");
    }
    const ONE: &str = "POST /api/v1/skills/{name}/installs";
    let (known, unknown) =
        (format!("/api/v1/skills/{NAME}/installs"), "/api/v1/skills/nobody/installs");
    let all = json!({"names": ["seed/repo1/skill1", "skill2", "nobody"]}).to_string();
    for (route, case, path, body) in [
        (ONE, "it is counted", known.as_str(), ""),
        (ONE, "another one within a second", &known, ""),
        (ONE, "unknown", unknown, ""),
        (
            "POST /api/v1/skills/installs",
            "two of three are counted",
            "/api/v1/skills/installs",
            &all,
        ),
    ] {
        let post = |bench: &Bench| bench.stack.client.post(path, &[], body.as_bytes()).unwrap();
        assert_eq!(costs.step(route, case, post).status, 202, "{case}");
    }
}

fn blocklist_and_log(costs: &mut Costs) {
    let path = "/api/v1/admin/blocklist";
    let by_hand = json!({
        "skillName": "seed/repo9/skill9", "threatType": "typosquat", "severity": "high", "reason": "looks like another",
    });
    let ask = |method: &'static str, path: String, body: Value| {
        move |bench: &Bench| bench.stack.client.admin(method, &path, &body).unwrap()
    };
    let add = ask("POST", path.to_owned(), by_hand);
    let entry = costs.step("POST /api/v1/admin/blocklist", "a new entry", add);
    assert_eq!(entry.status, 201, "{}", entry.body);
    let list = ask("GET", format!("{path}?limit=20"), Value::Null);
    costs.step("GET /api/v1/admin/blocklist", "20 of 52 entries", list);
    let one = format!("{path}/{}", entry.json()["id"].as_str().unwrap());
    let lift = || ask("DELETE", one.clone(), json!({"reason": "it is not"}));
    const LIFT: &str = "DELETE /api/v1/admin/blocklist/{id}";
    assert_eq!(costs.step(LIFT, "it stands", lift()).status, 200);
    assert_eq!(costs.step(LIFT, "it is lifted", lift()).status, 404);
    const LOG: &str = "GET /api/v1/admin/audit-events";
    for (case, query) in [
        ("50 of all", "".to_owned()),
        ("of one skill", format!("?skill={NAME}")),
        ("50 of one action", "?action=scan.result".to_owned()),
        ("of one scan", "?scanId=seed-0-0".to_owned()),
    ] {
        costs.step(
            LOG,
            case,
            ask("GET", format!("/api/v1/admin/audit-events{query}"), Value::Null),
        );
    }
}

fn again_and_upkeep(costs: &mut Costs) {
    const AGAIN: &str = "POST /api/v1/admin/scan-external";
    let skill = "seed/repo9/skill9";
    for (case, body) in [
        ("three scans, none active", json!({"name": skill})),
        ("three scans, `force`", json!({"name": skill, "force": true})),
    ] {
        let path = "/api/v1/admin/scan-external";
        costs.step(AGAIN, case, |bench| bench.stack.client.admin("POST", path, &body).unwrap());
        costs.sends("three scans are taken");
    }
    let path = "/api/v1/admin/dispatches";
    costs.step("GET /api/v1/admin/dispatches", "nothing waits", |bench| {
        bench.stack.client.admin("GET", path, &Value::Null).unwrap()
    });

    let overdue = "UPDATE external_scan_result SET deadline_at = 1
                   WHERE status IN ('PENDING', 'RUNNING') AND deadline_at IS NOT NULL";
    costs.bench.d1().execute_batch(overdue).unwrap();
    let path = format!("/api/v1/skills/{skill}/security");
    let case = "three scans are overdue";
    let route = "GET /api/v1/skills/{name}/security";
    let answer = costs.get(route, case, &path, &[]);
    assert_eq!(answer.json()["overallVerdict"], "TIMED_OUT");
    costs.cron("three scans to send again, one skill behind in KV");
    costs.cron("nothing to do");
    costs.bench.d1().execute_batch(overdue).unwrap();
    costs.cron("three scans of one skill are overdue");
    let again = "UPDATE external_scan_result SET status = 'PENDING', deadline_at = 1
                 WHERE status = 'TIMED_OUT'";
    costs.bench.d1().execute_batch(again).unwrap();
    let path = "/api/v1/audits?status=TIMED_OUT";
    let case = "of what timed out, three scans are overdue";
    let answer = costs.get("GET /api/v1/audits", case, path, &[]);
    assert_eq!(answer.json()["scans"].as_array().map(Vec::len), Some(3));
}

/// Each address that `src/route.rs` documents has a row.
fn every_route_is_there(costs: &Costs) {
    let source = fs::read_to_string(workspace().root().join("src/route.rs")).unwrap();
    let routes: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// `")?.split_once('`'))
        .map(|(route, _)| route)
        .filter(|route| route.contains(" /"))
        .collect();
    let missing: Vec<_> = routes.difference(&costs.routes).collect();
    assert!(missing.is_empty(), "give these a step: {missing:?}");
}
