//! What the database itself holds to, whoever writes.

use crate::harness::{Harness, result};

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
fn one_scan_at_most_is_active_for_a_skill_and_provider() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let copy = |status: &str, provider: &str| {
        format!(
            "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, last_write)
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
    refused(&h, &set("provider = 'clamav'"), "scan_provider");
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
    let lax: i64 = h.db().one("SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%' AND schema = 'main'");
    assert_eq!(lax, 0);
    refused(
        &h,
        "INSERT INTO audit_event (at, actor, action, detail) VALUES ('noon', 'a', 'b', '{}')",
        "cannot store TEXT",
    );
}
