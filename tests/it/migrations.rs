//! Every migration over rows that an earlier version wrote.
//!
//! `data/migrations/NNNN.sql` holds rows in the schema that migration `NNNN` finds. A new migration needs one, or
//! these tests fail; give it rows in each table that the migration touches, and assert below what becomes of them.

use crate::sqlite::{self, migrations};
use rusqlite::Connection;
use serde_json::Value as Json;
use std::{fs, path::PathBuf};

/// What the rows are while one migration runs: `before` and `after` it.
struct Step {
    number: String,
    before: Vec<Json>,
    after: Vec<Json>,
}

fn fixture(number: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/migrations");
    let path = folder.join(format!("{number}.sql"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn scans(connection: &Connection) -> Vec<Json> {
    let sql = "SELECT * FROM external_scan_result ORDER BY seq";
    // A cached statement would keep the column names of an earlier schema.
    connection.flush_prepared_statement_cache();
    sqlite::rows(connection, sql, &[]).unwrap_or_default()
}

/// The database after all migrations, each of which ran as one transaction over the rows of the fixtures so far.
fn migrated() -> (Connection, Vec<Step>) {
    let connection = Connection::open_in_memory().unwrap();
    let mut steps = Vec::new();
    for (name, text) in migrations() {
        let number = name.split('_').next().unwrap().to_owned();
        connection.execute_batch(&fixture(&number)).unwrap_or_else(|e| panic!("{number}: {e}"));
        let before = scans(&connection);
        let transaction = connection.unchecked_transaction().unwrap();
        transaction.execute_batch(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        transaction.commit().unwrap();
        steps.push(Step { number, before, after: scans(&connection) });
    }
    (connection, steps)
}

/// Every row of a query, its values separated by blanks; `-` is NULL.
fn table(connection: &Connection, sql: &str) -> String {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let value = |at| match row.get::<_, rusqlite::types::Value>(at).unwrap() {
            rusqlite::types::Value::Null => "-".to_owned(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        Ok((0..columns).map(value).collect::<Vec<_>>().join(" "))
    });
    rows.unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_migration_but_the_first_has_rows_to_run_over() {
    for (name, _) in migrations() {
        let number = name.split('_').next().unwrap();
        let rows = fixture(number);
        let writes = ["INSERT INTO", "UPDATE "].iter().any(|word| rows.contains(word));
        assert_eq!(writes, number != "0001", "{name}");
    }
}

#[test]
fn rows_of_every_version_end_as_a_row_of_today() {
    let (db, _) = migrated();
    let table = |sql: &str| table(&db, sql);
    assert_eq!(
        table(
            "SELECT seq, id, provider, status, unsolicited, newest, write_token, time_outs, given_up_at, critical_count, entry_id, cleared
             FROM external_scan_result ORDER BY seq"
        ),
        "\
1 waits trufflehog PENDING 0 1 w0 0 - - - 0
2 silent semgrep TIMED_OUT 0 0 w1 0 - - - 0
3 bad semgrep FAIL 0 1 w2 1 - 2 e-auto 0
4 unasked njsscan ERROR 1 0 w3 0 - - - 0
5 older njsscan ERROR 0 0 w4 0 - - - 0
6 newer njsscan ERROR 0 1 w5 0 - - - 0
7 given-up semgrep TIMED_OUT 0 1 w6 3 91 - - 0
8 case njsscan FAIL 0 1 w7 0 - 1 e-case 0
9 taints trufflehog FAIL 0 1 w8 0 - 3 - 0
10 whole semgrep INCOMPLETE 1 1 w9 1 126 5 - 1
11 old-sender semgrep PASS 1 1 w10 0 - 0 - 0
12 runs-again semgrep RUNNING 0 1 w11 0 - - - 0
13 silent-again njsscan TIMED_OUT 0 1 w12 0 - - - 0
14 waits-again trufflehog PENDING 0 1 w13 0 - - - 0
15 runs-first semgrep RUNNING 0 1 w14 0 - - - 0
16 turn-done semgrep PASS 0 0 w15 0 - 0 - 0
17 turn-waits semgrep PENDING 0 1 w16 0 - - - 0
18 lifts semgrep FAIL 0 0 w15 0 - 1 auto-lifted 0
19 lifted-again semgrep FAIL 0 0 w16 0 - 1 - 1
20 says-more semgrep FAIL 0 1 w17 0 - 1 - 0"
    );
    assert_eq!(
        table(
            "SELECT id, started_at FROM external_scan_result WHERE id = 'whole' OR skill_name IN ('own/again', 'own/first') ORDER BY seq"
        ),
        "\
whole 127
runs-again 143
silent-again 143
waits-again -
runs-first 142"
    );
    assert_eq!(
        table(
            "SELECT auto_run, auto_run_truncated FROM external_scan_result WHERE id = 'old-sender'"
        ),
        "- 0"
    );
    assert_eq!(
        table(
            "SELECT id, source_owner, limit_counted_at FROM blocklist_entry WHERE discovered_by = 'external-scan' ORDER BY id"
        ),
        "\
auto-blocks https://github.com/own 151
auto-lifted https://git.example/own -
auto-waits https://github.com/own -
e-auto https://github.com/own -
e-case https://github.com/o 113"
    );
    assert_eq!(
        table("SELECT source_owner, rescan FROM external_scan_result WHERE id = 'turn-waits'"),
        "https://github.com/own 0",
        "what waits is sent as a first scan"
    );
    assert_eq!(
        table("SELECT attempt, keyed_attempt FROM external_scan_result WHERE id = 'waits'"),
        "2 0"
    );
    assert_eq!(
        table(
            "SELECT id, skill_name, state, severity, write_token, evidence_urls, withdrawn_at, withdrawn_reason FROM blocklist_entry ORDER BY id"
        ),
        "\
auto-blocks own/blocks active critical t3 [] - -
auto-lifted own/lifted withdrawn critical t4 [] 153 honest
auto-waits own/waits proposed critical t2 [] - -
e-auto Own_er/a.b/tool-x active critical  [] - -
e-case o/Case active critical t1 [\"https://why.example\"] - -
e-hand o/case withdrawn high t0 [\"https://why.example\"] 112 one with e-case
e-waits else/Thing proposed high  [] - -"
    );
    assert_eq!(
        table(
            "SELECT name, revision, kv_revision, installs, published_at, kv_write_lease_until FROM skill ORDER BY name"
        ),
        "Own_er/a.b/tool-x 3 3 0 0 0\nblocks 1 0 0 0 0\nelse/Thing 7 5 0 0 134\nown/blocks 1 0 0 0 0"
    );
    assert_eq!(
        table("SELECT name FROM skill WHERE blocked ORDER BY name"),
        "Own_er/a.b/tool-x\nown/blocks"
    );
    assert_eq!(
        table(
            "SELECT scan_id, attempt, sent_at, counts_against_budget, source_owner FROM dispatch ORDER BY seq"
        ),
        "waits 1 10 1 -\nwaits 2 60 1 -\nwhole 4 130 0 -\nturn-done 1 160 1 -"
    );
    assert_eq!(
        table(
            "SELECT settings_digest, url, failures, error, failed_at, open_until FROM dispatch_circuit"
        ),
        "0011223344556677 https://api.github.com 2 403 131 132"
    );
    assert_eq!(
        table("SELECT url, failures, error, failed_at, ejected_until FROM failing_scanner"),
        "http://a.example 3 refused 40 50"
    );
    assert_eq!(table("SELECT window_started_at, fetches FROM jwks_fetch"), "133 4");
    assert_eq!(table("SELECT skills, blocked FROM catalogue"), "4 3");
    assert_eq!(table("SELECT revision, changed_at FROM blocklist_revision"), "47 151");
    assert_eq!(table("SELECT count(*), min(revision) FROM blocklist_change"), "6 42");
    assert_eq!(
        table("SELECT action, skill_name, scan_id FROM audit_event ORDER BY seq"),
        "scan.result Own_er/a.b/tool-x bad\nblocklist.merged o/case -"
    );
    assert_eq!(
        table("SELECT group_concat(word, ' ') FROM (SELECT word FROM skill_word ORDER BY word)"),
        "a b blocks blocks else er own own thing tool x"
    );
    assert_eq!(
        table(
            "SELECT id, thin_after, thinned_at FROM external_scan_result WHERE findings IS NOT NULL ORDER BY seq"
        ),
        "\
bad - -
whole 121 -
old-sender 141 -
turn-done 160 -
lifts 161 -
says-more - -",
        "what is replaced or was not asked for goes some day"
    );
    assert_eq!(
        table("SELECT source_owner, bytes FROM owner_storage ORDER BY bytes"),
        "https://github.com/else 2\nhttps://git.example/own 10\nhttps://github.com/own 26"
    );
    assert_eq!(table("SELECT puller, since FROM puller_waiting ORDER BY puller"), " 73\np1 150");
    assert_eq!(table("PRAGMA foreign_key_check"), "");
    assert_eq!(table("PRAGMA integrity_check"), "ok");
}

#[test]
fn the_copy_of_the_scans_keeps_every_value_and_the_next_number() {
    let (db, steps) = migrated();
    let copied = steps.iter().find(|step| step.number == "0012").unwrap();
    let renamed = |row: &Json| -> Json {
        let columns = row.as_object().unwrap().iter().map(|(name, value)| {
            let name = match name.as_str() {
                "stray" => "unsolicited",
                "last_write" => "write_token",
                other => other,
            };
            (name.to_owned(), value.clone())
        });
        Json::Object(columns.collect())
    };
    assert_eq!(copied.before.iter().map(renamed).collect::<Vec<_>>(), copied.after);
    let whole = copied.after.iter().find(|row| row["id"] == "whole").unwrap();
    let null: Vec<_> = whole.as_object().unwrap().iter().filter(|(_, v)| v.is_null()).collect();
    assert_eq!(
        null,
        [(&"entry_id".to_owned(), &Json::Null)],
        "the fixture has a value in each other column"
    );
    db.execute_batch(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, status, created_at, updated_at, write_token)
         VALUES ('next', 'Own_er/a.b/tool-x', 'tool-x', 'njsscan', 'x', 'PENDING', 1, 1, 'x')",
    )
    .unwrap();
    assert_eq!(table(&db, "SELECT seq FROM external_scan_result WHERE id = 'next'"), "21");
    assert_eq!(table(&db, "SELECT newest FROM external_scan_result WHERE id = 'newer'"), "0");
}

#[test]
fn the_copy_of_the_scans_keeps_every_index_trigger_and_constraint() {
    let schema = |until: usize| {
        let db = Connection::open_in_memory().unwrap();
        for (_, text) in migrations().into_iter().take(until) {
            db.execute_batch(&text).unwrap();
        }
        let named = table(
            &db,
            "SELECT type || ' ' || name || ' ' || tbl_name FROM sqlite_master
             WHERE type IN ('index', 'trigger') AND name NOT LIKE 'sqlite_%' ORDER BY type, name",
        );
        let made = table(&db, "SELECT sql FROM sqlite_master WHERE name = 'external_scan_result'");
        let columns = table(
            &db,
            r#"SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('external_scan_result')"#,
        );
        (named, made, columns)
    };
    let at = migrations().iter().position(|(name, _)| name == "0012_provider.sql").unwrap();
    let (before, old, old_columns) = schema(at);
    let (after, new, columns) = schema(at + 1);
    let renamed = before
        .replace("index scan_stray ", "index scan_unsolicited ")
        .replace("index scan_charged ", "index scan_by_evidence ")
        .replace("index scan_uncharged ", "index scan_without_entry ")
        .replace("trigger scan_is_charged ", "trigger scan_becomes_evidence ");
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&renamed), sorted(&after));
    let constraints = |sql: &str| sql.split_once("CONSTRAINT scan_status").unwrap().1.to_owned();
    assert_eq!(constraints(&old), constraints(&new));
    assert_eq!(
        sorted(
            &old_columns.replace("stray ", "unsolicited ").replace("last_write ", "write_token ")
        ),
        sorted(&columns)
    );
}
