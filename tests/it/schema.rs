//! What the database itself holds to, whoever writes.

use crate::{
    harness::{Harness, result},
    sqlite::migrations,
};
use rusqlite::Connection;

fn refused(h: &Harness, sql: &str, why: &str) {
    let before = h.db().dump();
    let error = h.db().execute(sql).unwrap_err().to_string();
    assert!(error.contains(why), "{sql}: {error}");
    assert_eq!(h.db().dump(), before);
}

#[test]
fn the_audit_log_is_append_only() {
    let (h, _) = Harness::published();
    refused(&h, "UPDATE audit_event SET actor = 'nobody'", "never changed");
    refused(&h, "DELETE FROM audit_event", "never deleted");
    refused(
        &h,
        "INSERT OR REPLACE INTO audit_event (seq, at, actor, action, detail) VALUES (1, 1, 'a', 'b', '{}')",
        "never changed",
    );
}

#[test]
fn a_blocklist_entry_is_never_deleted_and_never_withdrawn_without_a_reason() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    refused(&h, "DELETE FROM blocklist_entry", "never deleted");
    refused(&h, "UPDATE blocklist_entry SET state = 'withdrawn'", "entry_withdrawn");
    refused(&h, "UPDATE blocklist_entry SET severity = 'mild'", "entry_severity");
}

#[test]
fn g31_a_withdrawn_entry_is_never_changed_and_no_state_goes_back() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    refused(&h, "UPDATE blocklist_entry SET state = 'proposed'", "never proposed again");
    refused(&h, "UPDATE blocklist_entry SET severity = 'high'", "only rises");
    for change in [
        "id = 'x'",
        "skill_name = 'x/y'",
        "source_url = NULL",
        "discovered_by = 'admin'",
        "discovered_at = 1",
    ] {
        let change = format!("UPDATE blocklist_entry SET {change}");
        refused(&h, &change, "what an entry is about is never changed");
    }
    h.db()
        .execute("UPDATE blocklist_entry SET state = 'withdrawn', withdrawn_at = 1, withdrawn_reason = 'x'")
        .unwrap();
    for change in
        ["state = 'active'", "withdrawn_reason = 'y'", "evidence = '{}'", "updated_at = 9"]
    {
        let change = format!("UPDATE blocklist_entry SET {change}");
        refused(&h, &change, "withdrawn entries are never changed");
    }
    refused(&h, "DELETE FROM blocklist_entry", "never deleted");
}

#[test]
fn the_lists_revision_rises_with_what_the_list_shows_whoever_writes() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let evidence = |provider: &str, count: u32| {
        format!(
            "evidence = json_set(evidence, '$.{provider}', json_object('scanId', 's', 'commitSha', 'c', 'criticalCount', {count}))"
        )
    };
    for (change, rises) in [
        ("updated_at = 7".to_owned(), false),
        ("reason = 'hidden behind the evidence'".to_owned(), false),
        (evidence("njsscan", 1), false),
        (evidence("njsscan", 2), false),
        (evidence("njsscan", 3), true),
        (evidence("semgrep", 3), true),
        ("commit_sha = 'ffffffffffffffffffffffffffffffffffffffff'".to_owned(), true),
        ("evidence_urls = '[\"https://a.example\"]'".to_owned(), true),
        ("threat_type = 'malware'".to_owned(), true),
        ("evidence = '{}'".to_owned(), true),
        ("reason = 'shown'".to_owned(), true),
        ("reason = 'shown'".to_owned(), false),
        ("state = 'withdrawn', withdrawn_at = 1, withdrawn_reason = 'x'".to_owned(), true),
    ] {
        let revision = || h.db().one::<i64>("SELECT revision FROM blocklist_revision");
        let before = revision();
        h.db().execute(&format!("UPDATE blocklist_entry SET {change}")).unwrap();
        assert_eq!(revision() - before, i64::from(rises), "{change}");
    }
}

#[test]
fn one_scan_at_most_is_active_for_a_skill_and_provider() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let copy = |status: &str, provider: &str| {
        format!(
            "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, write_token)
             VALUES ('{status}{provider}', 'owner/repo/tool', 'tool', '{provider}', 'x', '{status}', 1, 1, 'x')"
        )
    };
    refused(&h, &copy("PENDING", "njsscan"), "UNIQUE");
    refused(&h, &copy("RUNNING", "trufflehog"), "UNIQUE");
    h.db().execute(&copy("ERROR", "njsscan")).unwrap();
    h.db().execute(&copy("RUNNING", "semgrep")).unwrap();
    refused(&h, &copy("PENDING", "semgrep"), "UNIQUE");
}

#[test]
fn no_result_without_counts_and_no_pass_with_criticals() {
    let (h, ids) = Harness::published();
    let set =
        |what: &str| format!("UPDATE external_scan_result SET {what} WHERE id = '{}'", ids[0]);
    refused(&h, &set("status = 'PASS'"), "scan_result_has_counts");
    refused(&h, &set("status = 'GREEN'"), "scan_status");
    refused(&h, &set("provider = 'clamav'"), "FOREIGN KEY");
    refused(&h, &set("commit_sha = 'abc'"), "scan_commit");
    let counts = "high_count = 0, medium_count = 0, low_count = 0";
    refused(
        &h,
        &set(&format!("status = 'PASS', critical_count = 1, score = 75, {counts}")),
        "scan_pass_is_clean",
    );
    refused(
        &h,
        &set(&format!("status = 'PASS', critical_count = 0, score = 49, {counts}")),
        "scan_pass_is_clean",
    );
}

#[test]
fn every_table_is_strict() {
    let h = Harness::new();
    let lax: i64 = h.db().one("SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND schema = 'main'");
    assert_eq!(lax, 0);
    refused(
        &h,
        "INSERT INTO audit_event (at, actor, action, detail) VALUES ('noon', 'a', 'b', '{}')",
        "cannot store TEXT",
    );
}

#[test]
fn rows_from_before_the_lists_are_marked_as_the_triggers_mark_later_ones() {
    let scan = |id: &str, provider: &str, stray: u32| {
        format!(
            "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, {{unsolicited}}, created_at, updated_at, {{token}})
             VALUES ('{id}', 'Own_er/a.b/tool-x', 'tool-x', '{provider}', 'x', 'ERROR', {stray}, 1, 1, 'x');"
        )
    };
    let entry = |id: &str, state: &str| {
        format!(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, state, threat_type, severity, reason, evidence,
                 evidence_urls, discovered_by, discovered_at, updated_at, withdrawn_at, withdrawn_reason)
             VALUES ('{id}', '{id}', '{id}', '{state}', 'x', 'low', 'x', '{{}}', '[]', 'admin', 1, 1, 1, 'x');"
        )
    };
    let rows = [
        "INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at) VALUES ('Own_er/a.b/tool-x', 'tool-x', 'x', 1, 1);".to_owned(),
        scan("1", "semgrep", 0),
        scan("2", "semgrep", 1),
        scan("3", "njsscan", 0),
        scan("4", "semgrep", 0),
        scan("5", "semgrep", 0),
        scan("6", "semgrep", 1),
        entry("e1", "active"),
        entry("e2", "proposed"),
        entry("e3", "withdrawn"),
    ]
    .concat();
    let all: Vec<_> = migrations().into_iter().map(|(_, text)| text).collect();
    let lists = all.iter().position(|text| text.contains("ADD COLUMN newest")).unwrap();
    let read = |at: usize| {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&all[..at].concat()).unwrap();
        let (unsolicited, token) =
            if at == all.len() { ("unsolicited", "write_token") } else { ("stray", "last_write") };
        let rows = rows.replace("{unsolicited}", unsolicited).replace("{token}", token);
        connection.execute_batch(&rows).unwrap();
        connection.execute_batch(&all[at..].concat()).unwrap();
        let text =
            |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        [
            text(
                "SELECT group_concat(id, ' ') FROM external_scan_result WHERE newest = 1 AND unsolicited = 0",
            ),
            text("SELECT group_concat(word, ' ') FROM (SELECT word FROM skill_word ORDER BY word)"),
            text("SELECT skills || ' ' || blocked FROM catalogue"),
        ]
    };
    assert_eq!(read(all.len()), ["3 5", "a b er own tool x", "1 1"]);
    assert_eq!(read(lists), read(all.len()));
}

#[test]
fn the_provider_table_is_the_list_of_the_contract() {
    let h = Harness::new();
    let names: String =
        h.db().one("SELECT group_concat(name, ' ') FROM (SELECT name FROM provider ORDER BY rank)");
    assert_eq!(
        names,
        skillgate_contract::Provider::ALL.map(skillgate_contract::Provider::as_str).join(" ")
    );
}
