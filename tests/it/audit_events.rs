//! The audit log, as admins read it.

use crate::harness::{COUNT, Harness, NAME, result};
use serde_json::{Value as Json, json};

fn events(h: &Harness, query: &str) -> Vec<Json> {
    let (status, page) = h.admin("GET", &format!("audit-events?{query}"), &json!(null));
    assert_eq!(status, 200, "{page}");
    page["events"].as_array().unwrap().clone()
}

fn eventful() -> (Harness, [String; COUNT]) {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    let other =
        json!({"skillName": "o/t", "threatType": "malware", "severity": "low", "reason": "bad"});
    h.admin("POST", "blocklist", &other);
    (h, ids)
}

#[test]
fn the_log_is_read_newest_first_and_every_line_once() {
    let (h, _) = eventful();
    let all = events(&h, "limit=100");
    let total: i64 = h.db().one("SELECT count(*) FROM audit_event");
    assert_eq!(i64::try_from(all.len()).unwrap(), total);
    let ids: Vec<_> = all.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "{ids:?}");
    let (mut paged, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let (_, page) = h.admin("GET", &format!("audit-events?{query}"), &json!(null));
        paged.extend(page["events"].as_array().unwrap().clone());
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(paged, all);
}

#[test]
fn the_log_is_read_by_skill_action_and_scan_together_or_alone() {
    let (h, ids) = eventful();
    let actions = |query: &str| -> Vec<String> {
        let events = events(&h, query);
        events.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        actions(&format!("scanId={}", ids[0])),
        ["blocklist.blocked", "scan.result", "scan.created"]
    );
    assert_eq!(actions(&format!("scanId={}&action=scan.result", ids[0])), ["scan.result"]);
    assert_eq!(actions(&format!("scanId={}&skill=o/t", ids[0])), [""; 0]);
    assert_eq!(actions("skill=o/t"), ["blocklist.added"]);
    assert_eq!(actions(&format!("skill={NAME}&action=skill.published")), ["skill.published"]);
    assert_eq!(actions("action=scan.result"), ["scan.result"; 2]);
    let detail = &events(&h, "skill=o/t")[0]["detail"];
    assert_eq!((&detail["reason"], &detail["severity"]), (&json!("bad"), &json!("low")));
    for query in ["skill=..", "action=DROP%20TABLE", "scanId=%00", "cursor=0", "cursor=x"] {
        let (status, _) = h.admin("GET", &format!("audit-events?{query}"), &json!(null));
        assert_eq!(status, 400, "{query}");
    }
}

#[test]
fn the_link_to_the_next_page_keeps_the_filters() {
    let (h, _) = eventful();
    let token = format!("Bearer {}", crate::harness::ADMIN);
    let target = format!("/api/v1/admin/audit-events?skill={NAME}&limit=1");
    let response = h.fetch("GET", &target, &[("authorization", &token)]);
    let link = response.header("link").unwrap();
    assert!(link.contains(&format!("&skill={NAME}>; rel=\"next\"")), "{link}");
}
