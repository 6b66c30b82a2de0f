//! What a public read costs does not grow with history.

use crate::harness::{COMMIT, Harness, NAME, OTHER_COMMIT, REPO};

/// Work of SQLite's machine that one more replaced scan may cost, for steps of its trees.
const MOST_STEPS_MORE: i32 = 400;

/// A skill whose newest scan by each provider lies between `replaced` older scans and as many unsolicited ones.
fn after(replaced: usize) -> Harness {
    let (h, _) = Harness::published();
    h.db()
        .execute("UPDATE external_scan_result SET status = 'ERROR', dispatch_due_at = NULL")
        .unwrap();
    for (unsolicited, provider) in [(0, "semgrep"), (1, "semgrep"), (1, "trufflehog")] {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {replaced})
             INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited,
                 created_at, updated_at, write_token, completed_at)
             SELECT 'old-{unsolicited}-{provider}-' || i, '{NAME}', 'tool', '{provider}', '{REPO}', '{COMMIT}', 'ERROR', {unsolicited}, 1, 1, 't', 1 FROM n"
        );
        assert_eq!(h.db().execute(&sql).unwrap(), replaced);
    }
    // Criticals that a lift has cleared, and later ones that say what was lifted; the former tell what that is.
    let scan = |kind: &str, scans: usize, commit: &str, entry: &str, cleared: usize| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {scans})
             INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited,
                 created_at, updated_at, write_token, completed_at, critical_count, high_count, medium_count, low_count, score,
                 criticals, entry_id, cleared)
             SELECT '{kind}-' || i, '{NAME}', 'tool', 'semgrep', '{REPO}', '{commit}', 'FAIL', 1, 1, 1, 't', 1, 1, 0, 0, 0, 75,
                 '[\"d\"]', {entry}, {cleared} FROM n"
        );
        assert_eq!(h.db().execute(&sql).unwrap(), scans);
    };
    scan("cleared", replaced, OTHER_COMMIT, "NULL", 1);
    scan("evidence", 1, COMMIT, "'lifted'", 0);
    h.db()
        .execute(&format!(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
                 evidence_urls, discovered_by, discovered_at, updated_at, withdrawn_at, withdrawn_reason)
             VALUES ('lifted', '{NAME}', 'tool', '{REPO}', 'withdrawn', 'external-sast', 'critical', '', '{{}}', '[]',
                 'external-scan', 1, 1, 1, 'honest')"
        ))
        .unwrap();
    scan("again", replaced, COMMIT, "NULL", 0);
    // As a result is stored.
    h.db()
        .execute("UPDATE external_scan_result SET critical_count = 1 WHERE id GLOB 'again-*'")
        .unwrap();
    let cleared = h.db().one::<i64>("SELECT count(*) FROM external_scan_result WHERE cleared = 1");
    assert_eq!(cleared, 2 * i64::try_from(replaced).unwrap());
    // Skills that end in the same name.
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {replaced})
         INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at)
         SELECT 'many' || i || '/shared', 'shared', 'https://github.com/many' || i || '/shared', 1, 1 FROM n"
    );
    assert_eq!(h.db().execute(&sql).unwrap(), replaced);
    h
}

/// Steps of SQLite's machine that a request costs.
fn steps(h: &Harness, target: &str) -> i32 {
    h.db().count_steps();
    assert_eq!(h.fetch("GET", target, &[]).status, 200, "{target}");
    h.db().steps()
}

#[test]
fn g43_a_public_read_costs_the_same_however_long_the_history_is() {
    let (short, long) = (after(50), after(2_000));
    let middle = long.db().one::<i64>("SELECT max(seq) / 2 FROM external_scan_result");
    for target in [
        "/".to_owned(),
        "/audits".to_owned(),
        "/api/v1/audits".to_owned(),
        "/api/v1/audits?cursor=4".to_owned(),
        format!("/api/v1/audits?cursor={middle}"),
        format!("/api/v1/audits?provider=njsscan&cursor={middle}"),
        format!("/api/v1/audits?status=ERROR&cursor={middle}"),
        "/api/v1/audits?q=tool".to_owned(),
        format!("/api/v1/skills/{NAME}"),
        format!("/api/v1/skills/{NAME}/security"),
        format!("/api/v1/skills/{NAME}/security/semgrep"),
        format!("/api/v1/skills/{NAME}/security/history?limit=10"),
        format!("/api/v1/skills/{NAME}/badge/overall"),
        format!("/skills/{NAME}"),
        "/api/v1/skills/search?q=tool".to_owned(),
        "/api/v1/blocklist".to_owned(),
        format!("/api/v1/blocklist/check?name=tool&repoUrl={REPO}"),
        "/api/v1/blocklist/check?name=tool".to_owned(),
        format!("/api/v1/blocklist/check?name={NAME}"),
        "/api/v1/blocklist/check?name=shared".to_owned(),
        "/api/v1/skills/shared/security".to_owned(),
    ] {
        let (few, many) = (steps(&short, &target), steps(&long, &target));
        assert!(many <= few + MOST_STEPS_MORE, "{target}: {few} steps, with a long history {many}");
    }
}
