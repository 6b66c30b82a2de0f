//! How long the statements take that run most, among two hundred thousand scans. By hand:
//! `cargo test --test it -- --ignored volume --nocapture`.

use crate::harness::{COMMIT, Harness, MINUTE, NOW, OTHER_COMMIT, result, with};
use serde_json::json;
use std::time::Instant;

/// 66,667 skills with three ended scans each; of 3,000 a scan runs, of 5,000 one is due, and 3,000
/// scans of one bare name found criticals that were lifted.
fn registry() -> Harness {
    let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1000000")]);
    let sql = |sql: &str| h.db().execute(sql).unwrap();
    let numbers = |n: u32| {
        format!("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {n} - 1)")
    };
    sql(&format!(
        "INSERT INTO skill (name, bare_name, repo_url, commit_sha, created_at, updated_at, kv_revision)
         {} SELECT 'o' || i || '/tool', 'tool', 'https://github.com/o' || i || '/tool', '{COMMIT}', {NOW}, {NOW}, 1 FROM n",
        numbers(66_667)
    ));
    sql(&format!(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at,
             updated_at, write_token, attempt, completed_at, critical_count, high_count, medium_count, low_count, score)
         {} SELECT 'e' || i || p.value, 'o' || i || '/tool', 'tool', p.value, 'https://github.com/o' || i || '/tool', '{COMMIT}',
             'PASS', {NOW} - i, {NOW}, '', 1, {NOW}, 0, 0, 0, 0, 100
         FROM n, json_each('[\"semgrep\",\"njsscan\",\"trufflehog\"]') p",
        numbers(66_667)
    ));
    sql(&format!(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at,
             updated_at, write_token, attempt, deadline_at, claim_expires_at)
         {} SELECT 'r' || i, 'o' || i || '/tool', 'tool', 'semgrep', 'https://github.com/o' || i || '/tool', '{COMMIT}',
             'RUNNING', {NOW}, {NOW}, '', 1, {NOW} + 6000000, {NOW} + 6000000 FROM n",
        numbers(3_000)
    ));
    sql(&format!(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at,
             updated_at, write_token, attempt, dispatch_due_at)
         {} SELECT 'd' || i, 'o' || i || '/tool', 'tool', 'njsscan', 'https://github.com/o' || i || '/tool', '{COMMIT}',
             'PENDING', {NOW}, {NOW}, '', 0, {NOW} - i FROM n",
        numbers(5_000)
    ));
    sql(&format!(
        "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
             evidence_urls, discovered_by, commit_sha, discovered_at, updated_at, withdrawn_at, withdrawn_reason)
         {} SELECT 'w' || i, 'o' || i || '/tool', 'tool', 'https://github.com/o' || i || '/tool', 'withdrawn', 'external-sast',
             'critical', '', '{{}}', '[]', 'external-scan', '{COMMIT}', {NOW} - i, {NOW}, {NOW}, 'wrong' FROM n",
        numbers(3_000)
    ));
    sql(&format!(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at,
             updated_at, write_token, attempt, critical_count, high_count, medium_count, low_count, score, criticals, entry_id)
         {} SELECT 'c' || i || '-' || k.value, 'o' || i || '/tool', 'tool', 'trufflehog', 'https://github.com/o' || i || '/tool', '{COMMIT}',
             'FAIL', {NOW}, {NOW}, '', 1, 1, 0, 0, 0, 75, '[\"x\"]', iif(k.value = 0, 'w' || i, NULL) FROM n, json_each('[0,1]') k",
        numbers(3_000)
    ));
    h
}

#[test]
#[ignore = "a measurement, not a test"]
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn volume() {
    let h = registry();
    let time = |what: &str, work: &dyn Fn()| {
        let start = Instant::now();
        work();
        println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    };
    let answers = |target: &str| assert_eq!(h.get(target).0, 200, "{target}");
    let due = || h.db().one::<i64>("SELECT count(*) FROM dispatch");
    time("security", &|| answers("/api/v1/skills/o60000/tool/security"));
    time("security by a bare name of 66,667", &|| answers("/api/v1/skills/tool/security"));
    time("history", &|| answers("/api/v1/skills/o60000/tool/security/history"));
    for query in [
        "",
        "?status=FAIL",
        "?provider=njsscan",
        "?provider=njsscan&status=PENDING",
        "?status=ERROR",
        "?q=tool",
        "?q=o60000",
        "?q=tool&status=ERROR",
    ] {
        time(&format!("audits{query}"), &|| answers(&format!("/api/v1/audits{query}")));
        time(&format!("the page of audits{query}"), &|| {
            assert_eq!(h.fetch("GET", &format!("/audits{query}"), &[]).status, 200);
        });
    }
    time("the first page", &|| assert_eq!(h.fetch("GET", "/", &[]).status, 200));
    time("pending behind 3,000 running", &|| assert_eq!(h.pending().len(), 50));
    time("check, full name", &|| answers("/api/v1/blocklist/check?name=o60000/tool"));
    time("check, bare name with source", &|| {
        answers("/api/v1/blocklist/check?name=tool&repoUrl=https://github.com/o60000/tool");
    });
    time("check, bare name, 6,000 lifted criticals", &|| {
        answers("/api/v1/blocklist/check?name=tool");
    });
    time("publish and lease of 5,000 due", &|| {
        let publish = json!({"name": "o60001/tool", "repoUrl": "https://github.com/o60001/tool", "commitSha": OTHER_COMMIT});
        assert_eq!(h.publish(&publish).0, 202);
    });
    assert_eq!((due(), h.lose_sends()), (6, 6));
    time("result", &|| {
        let report = with(result("r7", "semgrep", [1, 0, 0, 0]), &json!({"skillName": "o7/tool"}));
        assert_eq!(h.callback(&report).0, 200);
    });
    time("admin's list", &|| assert_eq!(h.admin("GET", "blocklist", &json!(null)).0, 200));
    time("audit log", &|| assert_eq!(h.admin("GET", "audit-events", &json!(null)).0, 200));
    time("scheduled run that sends 120 of 5,000", &|| h.run_scheduled());
    h.advance(200 * MINUTE);
    time("scheduled run with 3,000 overdue", &|| h.run_scheduled());
}
