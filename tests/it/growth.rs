//! What a public read costs does not grow with history.

use crate::harness::{COMMIT, Harness, NAME, REPO};

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
    ] {
        let (few, many) = (steps(&short, &target), steps(&long, &target));
        assert!(many <= few + MOST_STEPS_MORE, "{target}: {few} steps, with a long history {many}");
    }
}
