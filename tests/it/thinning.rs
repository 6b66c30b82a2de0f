//! What scans found and read is removed some time after they were replaced, and what is kept of one owner has a quota.

use crate::harness::{
    COMMIT, HOUR, Harness, NAME, OTHER_COMMIT, REPO, SECRET, failed, result, tool, with,
};
use serde_json::{Value as Json, json};

const DAY: i64 = 24 * HOUR;

/// One scan of semgrep that is under way.
fn asked(h: &Harness, commit: &str) -> String {
    let skill = with(tool(), &json!({"providers": ["semgrep"], "commitSha": commit}));
    let (status, answer) = h.publish(&skill);
    assert_eq!(status, 202, "{answer}");
    answer["scans"][0]["scanId"].as_str().unwrap().to_owned()
}

/// So many findings, the worst first, of some bytes each.
fn findings(counts: [u32; 4], bytes: usize) -> Vec<Json> {
    let of = |(severity, count): (&str, u32)| {
        let finding = |n| {
            json!({"rule": format!("{severity}-{n}"), "severity": severity, "message": "m".repeat(bytes), "file": format!("{n}.sh"),
                "line": 3, "code": "c".repeat(bytes)})
        };
        (0..count).map(finding).collect::<Vec<_>>()
    };
    ["critical", "high", "medium", "low"].into_iter().zip(counts).flat_map(of).collect()
}

/// A scan with its result, of which each finding has twice so many bytes.
fn scanned(h: &Harness, commit: &str, counts: [u32; 4], bytes: usize) -> String {
    let id = asked(h, commit);
    let run = json!({"agent": "claude", "file": "a", "line": 1, "key": "k", "when": "load", "gate": "none", "command": "c", "language": "sh"});
    let more = json!({
        "commitSha": commit, "findings": findings(counts, bytes), "autoRun": [run, run, run, run],
        "tool": {"name": "semgrep", "version": "1.2", "rules": "7"},
    });
    let (status, answer) = h.callback(&with(result(&id, "semgrep", counts), &more));
    assert_eq!(status, 200, "{answer}");
    h.advance(1);
    id
}

/// Which of these scans have what they found.
fn whole(h: &Harness, ids: &[String]) -> Vec<bool> {
    let has = |id: &String| {
        let sql =
            format!("SELECT findings IS NOT NULL FROM external_scan_result WHERE id = '{id}'");
        h.db().one::<i64>(&sql) == 1
    };
    ids.iter().map(has).collect()
}

fn in_history(h: &Harness, id: &str) -> Json {
    let (_, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/history"));
    answer["scans"].as_array().unwrap().iter().find(|scan| scan["scanId"] == *id).unwrap().clone()
}

/// Whether the sums of the owners are those of the rows.
fn assert_sums(h: &Harness) {
    let sums = "SELECT ifnull(group_concat(source_owner || ' ' || bytes, ', '), '') FROM (SELECT source_owner, bytes FROM owner_storage WHERE bytes > 0 ORDER BY 1)";
    let rows = "SELECT ifnull(group_concat(source_owner || ' ' || bytes, ', '), '') FROM (
        SELECT source_owner, sum(bulky_bytes) AS bytes FROM external_scan_result GROUP BY 1 HAVING sum(bulky_bytes) > 0 ORDER BY 1)";
    assert_eq!(h.db().one::<String>(sums), h.db().one::<String>(rows));
}

#[test]
fn g58_what_a_replaced_scan_found_goes_by_age_and_number_and_the_rest_stays() {
    let h = Harness::with(&[("FINDINGS_KEEP_DAYS", "30"), ("FINDINGS_KEEP_SCANS", "2")]);
    let ids: Vec<_> = (0..4).map(|_| scanned(&h, COMMIT, [0, 2, 0, 1], 10)).collect();
    h.advance(29 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [true; 4], "not old enough");
    let before = in_history(&h, &ids[0]);
    h.advance(2 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [false, false, true, true], "the newest two stay");
    assert_sums(&h);
    let why = "findings were removed after 31 days; counts remain";
    assert_eq!(in_history(&h, &ids[0]), with(before, &json!({ "removed": why })));
    let kept = "SELECT status || critical_count || high_count || low_count || commit_sha || length(content_digest) || provider
        FROM external_scan_result WHERE id = '";
    assert_eq!(
        h.db().one::<String>(&format!("{kept}{}'", ids[0])),
        h.db().one::<String>(&format!("{kept}{}'", ids[3]))
    );
    let bulky = "SELECT count(*) FROM external_scan_result WHERE thinned_at IS NOT NULL AND coalesce(findings, coverage, tool, auto_run) IS NOT NULL";
    assert_eq!(h.count(bulky), 0);
    let page =
        h.fetch("GET", &format!("/skills/{NAME}/security/semgrep?scan={}", ids[0]), &[]).body;
    for part in [why, "None of these is listed.", "Nothing that fails was found."] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("takes it at its word"), "{page}");
    let newest = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep")).1;
    assert_eq!(
        (&newest["removed"], newest["findings"].as_array().unwrap().len()),
        (&json!(null), 3)
    );
    // What stayed goes once enough newer ones exist.
    let last = scanned(&h, COMMIT, [0; 4], 10);
    h.advance(61 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &[ids[2].clone(), ids[3].clone(), last]), [false, true, true]);
}

#[test]
fn g58_what_a_standing_entry_rests_on_stays_until_it_is_lifted() {
    let h = Harness::with(&[
        ("FINDINGS_KEEP_DAYS", "1"),
        ("FINDINGS_KEEP_SCANS", "1"),
        ("OWNER_QUOTA_BYTES", "2"),
    ]);
    let bad = scanned(&h, COMMIT, [1, 0, 0, 0], 10);
    let replaced = scanned(&h, OTHER_COMMIT, [0; 4], 10);
    let newest = scanned(&h, OTHER_COMMIT, [0; 4], 10);
    let ids = [bad, replaced, newest];
    for _ in 0..3 {
        h.advance(2 * DAY);
        h.run_scheduled();
    }
    assert_eq!(whole(&h, &ids), [true, false, true]);
    let entry = h.db().one::<String>("SELECT id FROM blocklist_entry");
    assert_eq!(h.admin("DELETE", &format!("blocklist/{entry}"), &json!({"reason": "good"})).0, 200);
    h.advance(3 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [false, false, true]);
    // What was lifted stays lifted, and new criticals block.
    scanned(&h, COMMIT, [1, 0, 0, 0], 10);
    let blocked = || {
        h.get(&format!("/api/v1/blocklist/check?name={NAME}&repoUrl={REPO}")).1["blocked"].clone()
    };
    assert_eq!(blocked(), false);
    scanned(&h, COMMIT, [2, 0, 0, 0], 10);
    assert_eq!(blocked(), true);
}

#[test]
fn g58_a_scan_without_a_result_takes_no_findings_away() {
    let h = Harness::with(&[
        ("FINDINGS_KEEP_DAYS", "1"),
        ("FINDINGS_KEEP_SCANS", "1"),
        ("OWNER_QUOTA_BYTES", "2"),
    ]);
    let bad = scanned(&h, COMMIT, [0, 60, 0, 0], 1);
    let broken = asked(&h, COMMIT);
    assert_eq!(h.callback(&failed(&broken, "semgrep", "clone failed")).0, 200);
    let waits = asked(&h, COMMIT);
    h.advance(2 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, std::slice::from_ref(&bad)), [true], "the newest result there is");
    // The result comes late, after a newer scan has taken its place.
    h.advance(HOUR);
    let newest = asked(&h, COMMIT);
    assert_ne!(waits, newest);
    assert_eq!(h.callback(&result(&waits, "semgrep", [0; 4])).0, 200);
    h.advance(2 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &[bad, waits.clone()]), [false, true]);
    assert_eq!(h.callback(&result(&newest, "semgrep", [0; 4])).0, 200);
    h.advance(2 * DAY);
    h.run_scheduled();
    assert_eq!(whole(&h, &[waits, newest]), [false, true]);
    assert_sums(&h);
}

#[test]
fn g58_results_that_nobody_asked_for_are_thinned_too() {
    let h = Harness::with(&[("FINDINGS_KEEP_DAYS", "1")]);
    let current = scanned(&h, COMMIT, [0; 4], 10);
    let foreign =
        json!({"scanId": null, "commitSha": OTHER_COMMIT, "findings": findings([1, 0, 0, 0], 10)});
    let (status, answer) =
        h.callback_by(SECRET, &with(result("", "semgrep", [1, 0, 0, 0]), &foreign));
    assert_eq!(status, 200, "{answer}");
    let ids = [current, answer["scanId"].as_str().unwrap().to_owned()];
    h.advance(DAY - 1);
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [true, true]);
    h.advance(1);
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [true, false]);
    let check = h.get(&format!("/api/v1/blocklist/check?name={NAME}&repoUrl={REPO}")).1;
    assert_eq!(check["tainted"], true, "its criticals still taint: {check}");
}

#[test]
fn g58_a_run_thins_a_bounded_number_and_what_stays_holds_nothing_up() {
    let h = Harness::with(&[("FINDINGS_KEEP_DAYS", "1"), ("FINDINGS_KEEP_SCANS", "1")]);
    scanned(&h, COMMIT, [0; 4], 1);
    // First of all, 50 scans that an entry stands on, then 50 that nothing does.
    for (kind, entry, at) in [("rests", "'e' || i", 1), ("gone", "NULL", 2)] {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
             INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, unsolicited, created_at,
                 updated_at, write_token, completed_at, critical_count, high_count, medium_count, low_count, score, findings, entry_id, thin_after)
             SELECT '{kind}-' || i, '{NAME}', 'tool', 'semgrep', '{REPO}', '{COMMIT}', 'FAIL', 1, 1, 1, 't', 1, 1, 0, 0, 0, 75, '[]',
                 {entry}, {at} FROM n"
        );
        assert_eq!(h.db().execute(&sql).unwrap(), 50);
    }
    h.db()
        .execute(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
                 evidence_urls, discovered_by, discovered_at, updated_at)
             SELECT entry_id, entry_id, entry_id, 'https://github.com/x/' || entry_id, 'active', 'external-sast', 'critical', '',
                 json_object('semgrep', json_object('scanId', id)), '[]', 'external-scan', 1, 1
             FROM external_scan_result WHERE id GLOB 'rests-*'",
        )
        .unwrap();
    let left = |kind: &str| {
        h.count(&format!("SELECT count(*) FROM external_scan_result WHERE id GLOB '{kind}-*' AND findings IS NOT NULL"))
    };
    let mut gone = Vec::new();
    for _ in 0..6 {
        let before = left("gone");
        h.run_scheduled();
        gone.push(before - left("gone"));
    }
    assert!(gone.iter().all(|thinned| *thinned <= 20), "{gone:?}");
    assert_eq!((left("gone"), left("rests")), (0, 50), "{gone:?}");
}

#[test]
fn g58_of_an_owner_beyond_half_of_its_quota_replaced_scans_go_at_once() {
    let h = Harness::with(&[("OWNER_QUOTA_BYTES", "20000")]);
    let ids: Vec<_> = (0..3).map(|_| scanned(&h, COMMIT, [0, 3, 0, 0], 500)).collect();
    let other = json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool", "commitSha": COMMIT, "providers": ["semgrep"]});
    let mut others = Vec::new();
    for _ in 0..2 {
        let (_, answer) = h.publish(&other);
        let id = answer["scans"][0]["scanId"].as_str().unwrap().to_owned();
        let more = json!({"skillName": "else/tool", "findings": findings([0, 1, 0, 0], 500)});
        assert_eq!(h.callback(&with(result(&id, "semgrep", [0, 1, 0, 0]), &more)).0, 200);
        others.push(id);
    }
    h.run_scheduled();
    assert_eq!(whole(&h, &ids), [false, false, true]);
    assert_eq!(whole(&h, &others), [true, true], "an owner pays for itself alone");
    assert_sums(&h);
}

#[test]
fn g58_beyond_its_quota_an_owners_results_are_cut_and_no_critical_is_lost() {
    let of = |quota: &str| {
        let h = Harness::with(&[("OWNER_QUOTA_BYTES", quota)]);
        let id = scanned(&h, COMMIT, [5, 2, 1, 0], 1_500);
        assert_sums(&h);
        (h, id)
    };
    let ((full, _), (cut, id)) = (of("1000000"), of("10000"));
    let detail = |h: &Harness| h.get(&format!("/api/v1/skills/{NAME}/security/semgrep")).1;
    let (whole, short) = (detail(&full), detail(&cut));
    for field in [
        "status",
        "verdict",
        "phase",
        "criticalCount",
        "highCount",
        "mediumCount",
        "lowCount",
        "score",
        "commitSha",
        "tool",
    ] {
        assert_eq!(whole[field], short[field], "{field}");
    }
    assert_eq!((whole["findings"].as_array().unwrap().len(), &whole["removed"]), (8, &json!(null)));
    let listed = short["findings"].as_array().unwrap();
    assert_eq!(listed.len(), 3);
    for (kept, found) in listed.iter().zip(whole["findings"].as_array().unwrap()) {
        assert_eq!(*kept, with(found.clone(), &json!({"message": "", "code": ""})));
    }
    assert_eq!(
        (&short["findingsTruncated"], &short["autoRunTruncated"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(short["autoRun"].as_array().unwrap().len(), 3);
    assert_eq!(short["coverage"], whole["coverage"]);
    let why = "the storage quota of the source's owner is used up: at most the three worst findings are kept; counts remain";
    assert_eq!(short["removed"], why);
    assert_eq!(in_history(&cut, &id)["removed"], why);
    let page = cut.fetch("GET", &format!("/skills/{NAME}/security/semgrep"), &[]).body;
    assert!(page.contains("the storage quota of the source"), "{page}");
    for h in [&full, &cut] {
        let check = h.get(&format!("/api/v1/blocklist/check?name={NAME}&repoUrl={REPO}")).1;
        assert_eq!(check["blocked"], true, "{check}");
        assert_eq!(h.security()["overallVerdict"], "FAIL");
    }
    let digests =
        "SELECT json_array_length(criticals) FROM external_scan_result WHERE critical_count > 0";
    assert_eq!((full.count(digests), cut.count(digests)), (5, 5));
    assert!(cut.count("SELECT bytes FROM owner_storage") < 2_000, "what is cut takes little");
}

#[test]
fn g58_a_cut_coverage_proves_no_more_than_before() {
    let h = Harness::with(&[("OWNER_QUOTA_BYTES", "10")]);
    let id = asked(&h, COMMIT);
    let unread: Vec<_> =
        (0..60).map(|n| json!({"file": format!("{n}.js"), "reason": "r".repeat(300)})).collect();
    let more = json!({"coverage": {"complete": false, "filesScanned": 3, "unscanned": unread, "textRulesOnly": unread}});
    assert_eq!(h.callback(&with(result(&id, "semgrep", [0; 4]), &more)).0, 200);
    let detail = h.get(&format!("/api/v1/skills/{NAME}/security/semgrep")).1;
    assert_eq!(
        (&detail["phase"], &detail["coverage"]["complete"]),
        (&json!("INCOMPLETE"), &json!(false))
    );
    assert_eq!(detail["coverage"]["unscanned"].as_array().unwrap().len(), 3);
    assert!(detail["removed"].is_string() && detail["findingsTruncated"] == false, "{detail}");
}

#[test]
fn g58_health_and_alarms_tell_how_full_the_database_is() {
    let h = Harness::with(&[("D1_SIZE_LIMIT_BYTES", "8000000000")]);
    for (bytes, percent, alarm) in [
        (None, None, None),
        (Some(4_880_000_000), Some(61), Some("database.filling")),
        (Some(4_800_000_000), Some(60), None),
        (Some(6_479_999_999), Some(80), Some("database.filling")),
        (Some(6_480_000_000_i64), Some(81), Some("database.nearly_full")),
    ] {
        h.db().size.set(bytes);
        let (status, health) = h.get("/api/v1/health");
        assert_eq!((status, &health["databaseBytes"]), (200, &json!(bytes)));
        assert_eq!(health["databasePercent"], json!(percent));
        h.world.lines.borrow_mut().clear();
        h.run_scheduled();
        assert_eq!(
            h.alarms(),
            alarm.map(str::to_owned).into_iter().collect::<Vec<_>>(),
            "{bytes:?}"
        );
        if let Some(name) = alarm {
            let line = h.events(name).remove(0);
            assert_eq!((&line["bytes"], &line["percent"]), (&json!(bytes), &json!(percent)));
        }
    }
}
