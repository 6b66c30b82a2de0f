//! What the statements cost.

use crate::{
    harness::{
        Harness, MINUTE, NAME, OTHER_COMMIT, REPO, SECRET, failed, result, started, tool, with,
    },
    tokens,
};
use serde_json::json;
use std::{collections::BTreeSet, fs, path::PathBuf};

/// A day in the life of the worker, in which every statement runs.
fn a_day() -> Harness {
    let mut h = Harness::new();
    h.db().explain();
    h.scanners().all_down(true);
    h.publish_tool();
    h.scanners().all_down(false);
    h.advance(MINUTE);
    h.run_scheduled();
    h.advance(20 * MINUTE);
    h.security();
    let ids = h.publish_tool();
    h.kv().set_down(true);
    h.callback(&started(&ids[0], "semgrep"));
    h.kv().set_down(false);
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.callback(&failed(&ids[1], "njsscan", "no"));
    let foreign = json!({"scanId": null, "commitSha": OTHER_COMMIT});
    h.callback_by(SECRET, &with(result("", "trufflehog", [0; 4]), &foreign));
    h.publish(&json!({"name": "unknown/commit", "repoUrl": REPO}));
    let ids = h.db().query(
        "SELECT id FROM external_scan_result WHERE skill_name = 'unknown/commit' ORDER BY seq",
    );
    let first = ids[0]["id"].as_str().unwrap();
    let report = with(result(first, "semgrep", [0; 4]), &json!({"skillName": "unknown/commit"}));
    assert_eq!(h.callback(&report).0, 200);
    h.advance(30 * MINUTE);
    h.run_scheduled();
    let waiting = h.pending();
    let me = |id: &String| json!({"scanId": id, "claimedBy": "me"});
    assert_eq!(h.internal("claim", &me(&waiting[0])).0, 200);
    assert_eq!(h.internal("heartbeat", &me(&waiting[0])).0, 200);
    assert_eq!(h.internal("release", &me(&waiting[0])).0, 200);
    assert_eq!(h.scan_again(&json!({"name": NAME, "force": true})).0, 202);
    h.scanners().all_down(true);
    // More than a day for each of a skill's scans, of which one at a time finds out that no scanner works.
    for _ in 0..80 {
        h.advance(60 * MINUTE);
        h.run_scheduled();
    }
    assert_eq!(h.admin("GET", "dispatches", &json!({})).0, 200);
    for target in [
        "/api/v1/health".to_owned(),
        "/api/v1/blocklist".to_owned(),
        "/api/v1/blocklist/check?name=tool".to_owned(),
        format!("/api/v1/blocklist/check?name={NAME}&repoUrl={REPO}"),
        "/api/v1/skills/tool/security".to_owned(),
        format!("/api/v1/skills/{NAME}/security/semgrep"),
        format!("/api/v1/skills/{NAME}/security/history"),
        format!("/api/v1/skills/{NAME}/badge/overall"),
        "/api/v1/skills/search?q=to".to_owned(),
        "/api/v1/skills/search".to_owned(),
    ] {
        assert_eq!(h.fetch("GET", &target, &[]).status, 200, "{target}");
    }
    let installed = format!("/api/v1/skills/{NAME}/installs");
    assert_eq!(h.fetch("POST", &installed, &[]).status, 202);
    for query in
        ["", "?status=PENDING", "?provider=njsscan", "?provider=semgrep&status=FAIL", "?q=tool"]
    {
        for path in ["/api/v1/audits", "/audits"] {
            assert_eq!(h.fetch("GET", &format!("{path}{query}"), &[]).status, 200, "{path}{query}");
        }
    }
    for path in
        ["/".to_owned(), format!("/skills/{NAME}"), format!("/skills/{NAME}/security/history")]
    {
        assert_eq!(h.fetch("GET", &path, &[]).status, 200, "{path}");
    }
    for query in ["", "?skill=owner/repo/tool", "?action=scan.result", "?scanId=x"] {
        assert_eq!(h.admin("GET", &format!("audit-events{query}"), &json!(null)).0, 200);
    }
    let by_hand =
        json!({"skillName": "o/t", "threatType": "malware", "severity": "low", "reason": "bad"});
    let (_, entry) = h.admin("POST", "blocklist", &by_hand);
    let lift = format!("blocklist/{}", entry["id"].as_str().unwrap());
    assert_eq!(h.admin("DELETE", &lift, &json!({"reason": "good"})).0, 200);
    assert_eq!(h.admin("GET", "blocklist", &json!(null)).0, 200);
    assert_eq!(h.publish(&with(tool(), &json!({"repoUrl": "https://github.com/x/y"}))).0, 409);
    h.db()
        .execute(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
                 evidence_urls, discovered_by, discovered_at, updated_at)
             VALUES ('waits', 'w/waits', 'waits', 'https://github.com/w/waits', 'proposed', 'external-sast', 'critical', '', '{}',
                 '[]', 'external-scan', 1, 1)",
        )
        .unwrap();
    h.run_scheduled();
    no_room_and_another_way(&mut h);
    with_github(&mut h);
    h
}

/// A scanner without room, and then scanners that pull.
fn no_room_and_another_way(h: &mut Harness) {
    for base in ["https://a.example:9500", "https://b.example:9500"] {
        h.scanners().answers(base, Ok((429, "")));
    }
    h.publish(&json!({"name": "a/waits", "repoUrl": REPO}));
    h.run_sends();
    h.configure(&[("DISPATCH", "pull")]);
    h.run_scheduled();
}

/// The same worker with runs on GitHub Actions, which refuses the first, and a token of a run whose
/// key is unknown.
fn with_github(h: &mut Harness) {
    h.configure(&[
        ("DISPATCH", "github"),
        ("GITHUB_REPOSITORY", "owner/scans"),
        ("GITHUB_TOKEN", crate::github::TOKEN),
        ("GITHUB_OIDC_REPOSITORY_ID", tokens::REPOSITORY_ID),
        ("GITHUB_OIDC_WORKFLOW_REF", tokens::WORKFLOW_REF),
        ("GITHUB_OIDC_REF", tokens::REF),
    ]);
    let url = "https://api.github.com/repos/owner/scans/dispatches";
    h.publish(&json!({"name": "a/run", "repoUrl": REPO}));
    for status in [403, 204] {
        h.scanners().serves(url, Ok((status, "")));
        h.advance(60 * MINUTE);
        h.run_scheduled();
    }
    let body = h.stamped(&started("unknown", "semgrep"));
    assert_eq!(h.post_with_token(body.clone(), &tokens::token(h.now(), &body)).status, 503);
}

#[test]
fn every_query_uses_an_index() {
    let h = a_day();
    let scans: Vec<String> = h.db().full_scans().into_iter().collect();
    assert!(scans.is_empty(), "{}", scans.join("\n"));
}

#[test]
fn the_day_leaves_no_statement_out() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/sql");
    let sources = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let constants =
        |path: PathBuf| fs::read_to_string(path).unwrap().matches("store) const ").count();
    let written: usize = sources.map(constants).sum();
    let ran: BTreeSet<_> = a_day().db().distinct_statements();
    assert_eq!(ran.len(), written, "{ran:#?}");
}
