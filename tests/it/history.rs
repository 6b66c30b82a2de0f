//! Every scan that a skill ever had.

use crate::harness::{
    COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, failed, result,
    started, tool, with,
};
use serde_json::{Value as Json, json};

fn scans(h: &Harness) -> Vec<Json> {
    let (status, answer) = h.get(&format!("/api/v1/skills/{NAME}/security/history"));
    assert_eq!(status, 200, "{answer}");
    answer["scans"].as_array().unwrap().clone()
}

#[test]
fn a_scan_in_the_history_has_its_row_and_its_times() {
    let (h, ids) = Harness::published();
    h.advance(1_000);
    h.callback(&started(&ids[0], "semgrep"));
    h.advance(8_000);
    h.callback(&with(result(&ids[0], "semgrep", [2, 0, 1, 0]), &json!({"durationMs": 8000})));
    let all = scans(&h);
    assert_eq!(all.len(), COUNT);
    assert_eq!(
        all[COUNT - 1],
        json!({
            "provider": "semgrep", "status": "FAIL", "verdict": "FAIL", "phase": "FAIL", "criticalCount": 2, "highCount": 0,
            "mediumCount": 1, "lowCount": 0, "score": 47, "commitSha": COMMIT, "completedAt": "2026-02-02T00:00:09.000Z",
            "scanId": ids[0], "repoUrl": REPO, "createdAt": "2026-02-02T00:00:00.000Z",
            "startedAt": "2026-02-02T00:00:01.000Z", "durationMs": 8000, "current": true, "stray": false, "error": null,
            "removed": null,
        })
    );
}

#[test]
fn the_newest_of_each_provider_at_the_published_commit_is_current() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let foreign = json!({"scanId": null, "commitSha": OTHER_COMMIT});
    h.callback_by(SECRET, &with(result("", "njsscan", [0; 4]), &foreign));
    let (_, answer) = h.publish(&with(tool(), &json!({"providers": ["semgrep"]})));
    h.callback(&failed(answer["scans"][0]["scanId"].as_str().unwrap(), "semgrep", "clone failed"));
    let of_three = |scan: &&Json| PROVIDERS[..3].iter().any(|name| scan["provider"] == *name);
    let shown: Vec<_> = scans(&h)
        .iter()
        .filter(of_three)
        .map(|s| {
            (s["provider"].clone(), s["phase"].clone(), s["current"] == true, s["stray"] == true)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (json!("semgrep"), json!("ERROR"), true, false),
            (json!("njsscan"), json!("PASS"), false, true),
            (json!("trufflehog"), json!("PASS"), true, false),
            (json!("njsscan"), json!("PASS"), true, false),
            (json!("semgrep"), json!("PASS"), false, false),
        ]
    );
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["semgrep"]})));
    let current = scans(&h).iter().filter(|scan| scan["current"] == true).count();
    assert_eq!(current, 1, "the others have not seen this commit");
}

#[test]
fn the_history_promotes_what_is_overdue() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    assert!(scans(&h).iter().all(|scan| scan["phase"] == "TIMED_OUT"));
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    h.assert_kv_follows();
}

#[test]
fn the_history_is_paged_and_found_by_the_bare_name() {
    let (h, _) = Harness::published();
    for _ in 0..2 {
        h.advance(21 * MINUTE);
        h.security();
        h.publish_tool();
    }
    let all = scans(&h);
    assert_eq!(all.len(), 3 * COUNT);
    let (mut target, mut paged) =
        ("/api/v1/skills/tool/security/history?limit=4".to_owned(), Vec::new());
    loop {
        let response = h.fetch("GET", &target, &[]);
        let (status, page) = crate::harness::read(&response);
        assert_eq!(status, 200, "{page}");
        paged.extend(page["scans"].as_array().unwrap().clone());
        let Some(link) = response.header("link") else { break };
        target = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
    assert_eq!(paged, all);
    assert_eq!(h.get("/api/v1/skills/nobody/security/history").0, 404);
    assert_eq!(h.get("/api/v1/skills/tool/security/history?limit=x").0, 400);
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    assert_eq!(h.get("/api/v1/skills/tool/security/history").0, 409);
}
