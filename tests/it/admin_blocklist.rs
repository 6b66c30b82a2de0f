//! What admins do to the blocklist.

use crate::{
    harness::{
        COMMIT, Harness, NAME, OTHER_COMMIT, REPO, pointers, read, request, result, tool, with,
    },
    sqlite::Fault,
};
use serde_json::{Value as Json, json};

fn malware(name: &str) -> Json {
    json!({"skillName": name, "threatType": "malware", "severity": "high", "reason": "steals keys"})
}

fn add(h: &Harness, body: &Json) -> Json {
    let (status, entry) = h.admin("POST", "blocklist", body);
    assert_eq!(status, 201, "{entry}");
    entry
}

fn blocked(h: &Harness, query: &str) -> bool {
    h.get(&format!("/api/v1/blocklist/check?{query}")).1["blocked"] == true
}

#[test]
fn g31_a_lifted_entry_frees_at_once_and_its_record_stays() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let etag = || h.fetch("GET", "/api/v1/blocklist", &[]).header("etag").unwrap().to_owned();
    let before = etag();
    h.advance(5_000);
    let target = format!("blocklist/{}", ids[0]);
    let (status, entry) = h.admin("DELETE", &target, &json!({"reason": "a test fixture"}));
    assert_eq!(status, 200, "{entry}");
    assert_eq!(
        (&entry["state"], &entry["withdrawnReason"], &entry["withdrawnAt"]),
        (&json!("withdrawn"), &json!("a test fixture"), &json!("2026-02-02T00:00:05.000Z"))
    );
    assert_eq!(entry["evidence"]["semgrep"]["criticalCount"], 2);
    assert!(!blocked(&h, "name=tool"));
    assert_ne!(etag(), before);
    assert_eq!(h.get("/api/v1/blocklist").1["entries"], json!([]));
    assert_eq!(h.admin("GET", "blocklist", &json!(null)).1["entries"], json!([entry]));
    let (_, log) = h.admin("GET", &format!("audit-events?skill={NAME}"), &json!(null));
    let actions: Vec<_> = log["events"].as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert_eq!(actions[..2], [&json!("blocklist.lifted"), &json!("blocklist.blocked")]);
    assert_eq!(
        (&log["events"][0]["actor"], &log["events"][0]["detail"]["reason"]),
        (&json!("admin"), &json!("a test fixture"))
    );
    for change in
        ["UPDATE blocklist_entry SET severity = 'critical'", "DELETE FROM blocklist_entry"]
    {
        assert!(h.db().execute(change).unwrap_err().to_string().contains("never"), "{change}");
    }
    // It is lifted once.
    let dump = h.db().dump();
    assert_eq!(h.admin("DELETE", &target, &json!({"reason": "again"})).0, 404);
    assert_eq!(h.admin("DELETE", "blocklist/unknown", &json!({"reason": "x"})).0, 404);
    assert_eq!(h.db().dump(), dump);
}

#[test]
fn an_entry_by_hand_blocks_its_source_or_the_name_wherever_it_comes_from() {
    let h = Harness::new();
    let urls = json!({"sourceUrl": "https://GitHub.com/Owner/Repo.git", "evidenceUrls": ["https://proof.example/1"]});
    let entry = add(&h, &with(malware(NAME), &urls));
    assert_eq!(
        (&entry["skillName"], &entry["sourceUrl"], &entry["reason"], &entry["discoveredBy"]),
        (&json!(NAME), &json!(REPO), &json!("steals keys"), &json!("admin"))
    );
    assert_eq!(entry["evidenceUrls"], json!(["https://proof.example/1"]));
    assert!(blocked(&h, &format!("name=tool&repoUrl={REPO}")));
    assert!(!blocked(&h, "name=tool&repoUrl=https://github.com/other/repo"));
    add(&h, &malware("google"));
    assert!(blocked(&h, "name=google&repoUrl=https://github.com/any/repo"));
    assert_eq!(
        (h.audit("blocklist.added"), h.get("/api/v1/blocklist").1["count"].as_u64()),
        (2, Some(2))
    );
}

#[test]
fn by_hand_and_automatic_entries_of_one_source_are_one_and_nothing_of_it_is_lowered() {
    let (h, ids) = Harness::published();
    let source = json!({ "sourceUrl": REPO });
    let by_hand = add(&h, &with(malware(NAME), &source));
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let low = json!({"sourceUrl": REPO, "severity": "low", "threatType": "spam", "reason": "and this", "evidenceUrls": ["https://b.example"]});
    let merged = add(&h, &with(malware(NAME), &low));
    assert_eq!(merged["id"], by_hand["id"]);
    assert_eq!(
        (&merged["severity"], &merged["threatType"], &merged["statedReason"]),
        (&json!("critical"), &json!("malware"), &json!("and this"))
    );
    assert_eq!(merged["reason"], "semgrep found 2 critical findings");
    assert_eq!(merged["evidenceUrls"].as_array().unwrap().len(), 2);
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 1);
    assert_eq!((h.audit("blocklist.evidence"), h.audit("blocklist.merged")), (1, 1));
    // The same once more changes nothing that the public sees.
    let revision = || h.db().one::<i64>("SELECT revision FROM blocklist_revision");
    let before = revision();
    add(&h, &with(malware(NAME), &low));
    assert_eq!(revision(), before);
    assert_eq!(h.audit("blocklist.merged"), 2, "but it is an admin's action");
}

#[test]
fn a_lift_of_a_version_that_is_no_longer_there_is_refused() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    let (_, list) = h.admin("GET", "blocklist", &json!(null));
    let seen = json!({"reason": "mistake", "version": list["entries"][0]["version"]});
    h.callback(&result(&ids[1], "njsscan", [1, 0, 0, 0]));
    let dump = h.db().dump();
    assert_eq!(h.admin("DELETE", &format!("blocklist/{}", ids[0]), &seen).0, 409);
    assert_eq!(h.db().dump(), dump);
    let (_, list) = h.admin("GET", "blocklist", &json!(null));
    let seen = json!({"reason": "mistake", "version": list["entries"][0]["version"]});
    assert_eq!(h.admin("DELETE", &format!("blocklist/{}", ids[0]), &seen).0, 200);
}

#[test]
fn g18_a_lift_or_an_addition_that_fails_halfway_has_not_happened() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    let (target, reason) = (format!("blocklist/{}", ids[0]), json!({"reason": "mistake"}));
    let dump = h.db().dump();
    h.db().fail_at(0, Fault::Halfway);
    assert_eq!(h.admin("DELETE", &target, &reason).0, 503);
    h.db().fail_at(0, Fault::Halfway);
    assert_eq!(h.admin("POST", "blocklist", &malware("o/t")).0, 503);
    assert_eq!(h.db().dump(), dump);
    // Its answer is lost, and it is asked for again: it happened once.
    h.db().fail_at(0, Fault::ReplyLost);
    assert_eq!(h.admin("DELETE", &target, &reason).0, 503);
    assert_eq!(h.admin("DELETE", &target, &reason).0, 404);
    h.db().fail_at(0, Fault::ReplyLost);
    assert_eq!(h.admin("POST", "blocklist", &malware("o/t")).0, 503);
    add(&h, &malware("o/t"));
    assert_eq!(
        h.db().one::<i64>("SELECT count(*) FROM blocklist_entry WHERE skill_name = 'o/t'"),
        1
    );
    assert_eq!((h.audit("blocklist.lifted"), h.audit("blocklist.added")), (1, 1));
}

#[test]
fn wrong_fields_are_named_and_change_nothing() {
    let h = Harness::new();
    let dump = h.db().dump();
    let urls = |urls: Json| with(malware("t"), &json!({ "evidenceUrls": urls }));
    for (body, pointer) in [
        (with(malware("t"), &json!({"skillName": "a/../b"})), "/skillName"),
        (with(malware("t"), &json!({"sourceUrl": "file:///x"})), "/sourceUrl"),
        (with(malware("t"), &json!({"severity": "mild"})), "/severity"),
        (with(malware("t"), &json!({"reason": "a\u{1b}[2J"})), "/reason"),
        (with(malware("t"), &json!({"reason": "x".repeat(501)})), "/reason"),
        (with(malware("t"), &json!({"threatType": null})), "/threatType"),
        (urls(json!(["javascript:alert(1)"])), "/evidenceUrls/0"),
        (urls(json!(vec!["https://a.example"; 11])), "/evidenceUrls"),
        (urls(json!("https://a.example")), "/evidenceUrls"),
    ] {
        let (status, problem) = h.admin("POST", "blocklist", &body);
        assert_eq!((status, pointers(&problem)), (422, vec![pointer]), "{body}");
    }
    for body in [json!({}), json!({"reason": " "}), json!({"reason": 1})] {
        let (status, problem) = h.admin("DELETE", "blocklist/x", &body);
        assert_eq!((status, pointers(&problem)), (422, vec!["/reason"]), "{body}");
    }
    assert_eq!(h.admin("POST", "blocklist", &json!([1])).0, 400);
    assert_eq!(h.db().dump(), dump);
}

#[test]
fn nobody_but_an_admin_and_nothing_is_kept() {
    let h = Harness::new();
    for (method, target) in [
        ("GET", "blocklist"),
        ("POST", "blocklist"),
        ("DELETE", "blocklist/x"),
        ("GET", "audit-events"),
    ] {
        let target = format!("/api/v1/admin/{target}");
        for token in ["", "Bearer wrong", "Basic x"] {
            let headers = [("authorization", token), ("content-type", "application/json")];
            let body = malware("t").to_string().into_bytes();
            let response = h.send_request(&request(method, &target, &headers, body));
            assert_eq!(response.status, 401, "{method} {target}");
            assert!(response.header("www-authenticate").is_some());
            assert_eq!(response.header("access-control-allow-origin"), None);
        }
    }
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 0);
    let h = Harness::with(&[("ADMIN_TOKEN", "")]);
    assert_eq!(h.admin("GET", "blocklist", &json!(null)).0, 503);
}

#[test]
fn every_entry_is_on_exactly_one_page_whatever_happens_between_two() {
    let h = Harness::new();
    for n in 0..7 {
        h.advance(if n % 3 == 0 { 1 } else { 0 });
        add(&h, &malware(&format!("o/t{n}")));
    }
    let (mut target, mut names) = ("blocklist?limit=3".to_owned(), Vec::new());
    loop {
        let token = format!("Bearer {}", crate::harness::ADMIN);
        let response =
            h.fetch("GET", &format!("/api/v1/admin/{target}"), &[("authorization", &token)]);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let (status, page) = read(&response);
        assert_eq!(status, 200, "{page}");
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 3);
        names.extend(entries.iter().map(|e| e["skillName"].as_str().unwrap().to_owned()));
        add(&h, &malware(&format!("new/t{}", names.len())));
        let Some(cursor) = page["nextCursor"].as_str() else {
            assert_eq!(response.header("link"), None);
            break;
        };
        let link = response.header("link").unwrap();
        assert_eq!(
            link,
            format!("</api/v1/admin/blocklist?limit=3&cursor={cursor}>; rel=\"next\"")
        );
        target = format!("blocklist?limit=3&cursor={cursor}");
    }
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(sorted, (0..7).map(|n| format!("o/t{n}")).collect::<Vec<_>>());
    assert_eq!(names[0], "o/t6", "the newest comes first");
}

#[test]
fn limits_and_cursors_that_cannot_be_read_are_400_and_numbers_are_clamped() {
    let h = Harness::new();
    for n in 0..3 {
        add(&h, &malware(&format!("t{n}")));
    }
    for (limit, shown) in [("0", 1), ("-7", 1), ("2", 2), ("1000", 3)] {
        let (status, page) = h.admin("GET", &format!("blocklist?limit={limit}"), &json!(null));
        assert_eq!((status, page["entries"].as_array().unwrap().len()), (200, shown), "{limit}");
    }
    for query in [
        "limit=x",
        "limit=",
        "limit=1.5",
        "cursor=",
        "cursor=x",
        "cursor=1.%00",
        "cursor=99999999999999999.a",
    ] {
        assert_eq!(h.admin("GET", &format!("blocklist?{query}"), &json!(null)).0, 400, "{query}");
    }
}

#[test]
fn a_later_clean_scan_by_the_tool_that_found_it_marks_an_entry_for_review() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    let entry = || h.admin("GET", "blocklist", &json!(null)).1["entries"][0].clone();
    let rescan = |provider: &str, counts: [u32; 4]| {
        let (_, answer) = h.scan_again(&json!({"name": NAME, "provider": provider}));
        let id = answer["scans"][0]["scanId"].as_str().unwrap();
        assert_eq!(h.callback(&result(id, provider, counts)).0, 200);
        entry()["cleanCommitSha"].clone()
    };
    assert_eq!(rescan("njsscan", [0; 4]), json!(null), "it has found nothing before");
    assert_eq!(rescan("semgrep", [0, 1, 0, 0]), json!(COMMIT), "a rule was repaired");
    assert_eq!(entry()["review"], true);
    assert!(blocked(&h, "name=tool"), "an admin lifts it");
    assert_eq!(rescan("semgrep", [1, 0, 0, 0]), json!(null), "found again");
}

#[test]
fn a_clean_scan_of_a_newer_commit_marks_an_entry_for_review() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    let entry = || h.admin("GET", "blocklist", &json!(null)).1["entries"][0].clone();
    assert_eq!(
        (&entry()["review"], &entry()["cleanCommitSha"]),
        (&json!(false), &json!(null)),
        "another tool's clean scan of the same commit tells nothing"
    );
    let (_, answer) =
        h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["semgrep"]})));
    let id = answer["scans"][0]["scanId"].as_str().unwrap();
    h.callback(&with(result(id, "semgrep", [0; 4]), &json!({ "commitSha": OTHER_COMMIT })));
    assert_eq!(
        (&entry()["review"], &entry()["cleanCommitSha"], &entry()["commitSha"]),
        (&json!(true), &json!(OTHER_COMMIT), &json!(COMMIT))
    );
    assert!(blocked(&h, "name=tool"));
}
