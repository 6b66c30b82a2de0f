//! The list that stops installations, and the question about one skill.

use crate::harness::{
    COMMIT, COUNT, Harness, NAME, OTHER_COMMIT, REPO, SECRET, result, tool, with,
};
use serde_json::{Value as Json, json};
use skillgate_worker::http::Response;

fn blocked() -> (Harness, [String; COUNT]) {
    let (h, ids) = Harness::published();
    h.advance(1_000);
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0])).0, 200);
    (h, ids)
}

fn check(h: &Harness, query: &str) -> Json {
    let (status, answer) = h.get(&format!("/api/v1/blocklist/check?{query}"));
    assert_eq!(status, 200, "{answer}");
    answer
}

fn list(h: &Harness, headers: &[(&str, &str)]) -> Response {
    h.fetch("GET", "/api/v1/blocklist", headers)
}

fn etag(h: &Harness) -> String {
    list(h, &[]).header("etag").unwrap().to_owned()
}

#[test]
fn a_critical_finding_blocks_before_the_callback_is_answered() {
    let (h, ids) = blocked();
    let report = format!("/skills/{NAME}/security");
    assert_eq!(
        check(&h, "name=tool"),
        json!({
            "blocked": true, "rejected": false, "tainted": false, "findings": 2, "commitSha": COMMIT, "reportUrl": report,
            "entry": {
                "id": ids[0], "skillName": "tool", "skill": NAME, "sourceUrl": REPO, "threatType": "external-sast",
                "severity": "critical", "reason": "semgrep found 2 critical findings", "commitSha": COMMIT,
                "evidenceUrls": [format!("https://skills.example{report}")], "reportUrl": report,
                "discoveredAt": "2026-02-02T00:00:01.000Z",
            },
        })
    );
}

#[test]
fn g28_the_right_skill_is_blocked_however_its_repository_is_spelt() {
    let (h, _) = blocked();
    for query in [
        "name=tool",
        "name=owner/repo/tool",
        "name=owner%2Frepo%2Ftool",
        "name=tool&repoUrl=",
        "name=tool&repoUrl=https://github.com/owner/repo",
        "name=tool&repoUrl=https%3A%2F%2Fgithub.com%2FOwner%2FREPO.git",
        "name=tool&repoUrl=http://www.GitHub.com/OWNER/repo/",
        "repoUrl=https://github.com/owner/repo&name=owner/repo/tool",
    ] {
        let answer = check(&h, query);
        assert_eq!(
            (&answer["blocked"], &answer["entry"]["skillName"]),
            (&json!(true), &json!("tool")),
            "{query}"
        );
    }
    for query in [
        "name=tool&repoUrl=https://github.com/other/repo",
        "name=owner/repo/tool&repoUrl=https://gitlab.com/owner/repo",
        "name=other/tool",
        "name=tools",
    ] {
        let answer = check(&h, query);
        assert_eq!(
            answer,
            json!({"blocked": false, "rejected": false, "tainted": false}),
            "{query}"
        );
    }
}

#[test]
fn g28_another_repositorys_skill_of_the_same_bare_name_is_not_blocked() {
    let (h, _) = blocked();
    let other = json!({"name": "google/tool", "repoUrl": "https://github.com/google/tool"});
    h.publish(&other);
    assert_eq!(check(&h, "name=tool&repoUrl=https://github.com/google/tool")["blocked"], false);
    assert_eq!(check(&h, "name=google/tool")["blocked"], false);
}

#[test]
fn g50_without_a_source_a_namesake_with_a_block_taints_and_blocks_only_where_all_are_blocked() {
    let (h, _) = blocked();
    let alone = check(&h, "name=tool");
    let google = json!({"name": "google/tool", "repoUrl": "https://github.com/google/tool"});
    assert_eq!(h.publish(&google).0, 202);
    let answer = check(&h, "name=TOOL");
    assert_eq!(
        answer,
        json!({
            "blocked": false, "rejected": false, "tainted": true, "findings": 2, "commitSha": COMMIT,
            "taintReason": "semgrep found 2 critical findings in owner/repo/tool, one of several skills",
            "reportUrl": format!("/skills/{NAME}/security"),
        })
    );
    let list: Json = serde_json::from_str(&list(&h, &[]).body).unwrap();
    assert_eq!(
        (&list["count"], &list["entries"][0]),
        (&json!(1), &alone["entry"]),
        "the list stays whole"
    );
    assert_eq!(check(&h, &format!("name=tool&repoUrl={REPO}"))["blocked"], true);
    assert_eq!(check(&h, &format!("name={NAME}"))["blocked"], true, "a full name means one skill");
    let by_hand = |name: &str, source: Option<&str>| {
        let entry = json!({"skillName": name, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
        let (status, entry) = h.admin("POST", "blocklist", &entry);
        assert_eq!(status, 201);
        format!("blocklist/{}", entry["id"].as_str().unwrap())
    };
    let lift =
        |entry: &str| assert_eq!(h.admin("DELETE", entry, &json!({"reason": "honest"})).0, 200);
    let entry = by_hand("google/tool", Some("https://github.com/google/tool"));
    assert_eq!(check(&h, "name=tool")["blocked"], true, "every published skill of the name is");
    lift(&entry);
    assert_eq!(check(&h, "name=tool")["blocked"], false);
    let entry = by_hand("tool", None);
    assert_eq!(check(&h, "name=tool")["blocked"], true, "an entry of whatever source");
    lift(&entry);
    assert_eq!(check(&h, "name=tool")["blocked"], false);
    // The honest one goes where an entry waits for it.
    let away = "https://github.com/away/tool";
    by_hand("google/tool", Some(away));
    assert_eq!(check(&h, "name=tool")["blocked"], false);
    assert_eq!(h.publish(&with(google, &json!({"repoUrl": away, "move": true}))).0, 202);
    assert_eq!(check(&h, "name=tool")["blocked"], true);
    // One that is published into an entry by the last segment is blocked at once.
    assert_eq!(h.publish(&json!({"name": "tool", "repoUrl": REPO})).0, 202);
    assert_eq!(check(&h, "name=tool")["blocked"], false);
    by_hand("new", Some(REPO));
    assert_eq!(check(&h, "name=new")["blocked"], true, "nothing of this name is published");
    assert_eq!(h.publish(&json!({"name": "a/new", "repoUrl": REPO})).0, 202);
    assert_eq!(check(&h, "name=new")["blocked"], true);
}

#[test]
fn g50_an_attackers_blocked_namesake_blocks_no_honest_skill_of_one_segment() {
    let h = Harness::new();
    assert_eq!(
        h.publish(&json!({"name": "tool", "repoUrl": "https://github.com/honest/tool"})).0,
        202
    );
    let ids = h.publish_tool();
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0])).0, 200);
    let answer = check(&h, "name=tool");
    assert_eq!((&answer["blocked"], &answer["tainted"]), (&json!(false), &json!(true)));
    let honest = check(&h, "name=tool&repoUrl=https://github.com/honest/tool");
    assert_eq!(honest, json!({"blocked": false, "rejected": false, "tainted": false}));
}

#[test]
fn questions_that_cannot_be_read_are_400() {
    let h = Harness::new();
    for query in [
        "",
        "name=",
        "name=a/b/c/d",
        "name=../x",
        "name=%00",
        "name=tool&repoUrl=nonsense",
        "name=tool&repoUrl=ssh://a.b/c/d",
        "name=%zz",
    ] {
        let (status, problem) = h.get(&format!("/api/v1/blocklist/check?{query}"));
        assert_eq!((status, problem["status"].as_u64()), (400, Some(400)), "{query}");
    }
}

#[test]
fn the_worst_providers_sentence_is_shown_and_the_evidence_is_merged() {
    let (h, ids) = blocked();
    h.callback(&result(&ids[1], "njsscan", [5, 0, 0, 0]));
    let answer = list(&h, &[]);
    let answer: Json = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["count"], 1);
    assert_eq!(answer["entries"][0]["reason"], "njsscan found 5 critical findings");
    let evidence: String = h.db().one("SELECT evidence FROM blocklist_entry");
    assert!(evidence.contains("semgrep") && evidence.contains("njsscan"), "{evidence}");
    h.callback(&result(&ids[2], "trufflehog", [1, 0, 0, 0]));
    assert_eq!(check(&h, "name=tool")["findings"], 5);
}

#[test]
fn g29_a_critical_finding_at_another_commit_taints_and_does_not_block() {
    let (h, _) = Harness::published();
    let before = etag(&h);
    let foreign = json!({"scanId": null, "commitSha": OTHER_COMMIT});
    let (status, answer) =
        h.callback_by(SECRET, &with(result("", "semgrep", [3, 0, 0, 0]), &foreign));
    assert_eq!((status, answer["applied"].as_bool()), (200, Some(true)));
    let answer = check(&h, &format!("name=tool&repoUrl={REPO}"));
    assert_eq!((&answer["blocked"], &answer["tainted"]), (&json!(false), &json!(true)));
    assert_eq!(answer["findings"], 3);
    assert_eq!(
        answer["taintReason"],
        "semgrep found 3 critical findings at commit fedcba9, which was not the published one"
    );
    assert_eq!(h.db().one::<i64>("SELECT count(*) FROM blocklist_entry"), 0);
    h.advance(1_000);
    assert_eq!(etag(&h), before);
}

#[test]
fn g29_a_result_that_ends_after_the_commit_moved_on_taints_and_the_list_stays_as_it_was() {
    let (h, ids) = Harness::published();
    let before = etag(&h);
    h.advance(1_000);
    h.publish(&with(tool(), &json!({ "commitSha": OTHER_COMMIT })));
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    let answer = check(&h, "name=tool");
    assert_eq!((&answer["blocked"], &answer["tainted"]), (&json!(false), &json!(true)));
    assert_eq!(etag(&h), before, "nothing of the list has changed");
}

#[test]
fn an_entry_outlives_a_clean_scan_of_a_newer_commit_and_stays_with_its_source() {
    let (h, ids) = blocked();
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    h.pass_from(2, &ids);
    h.publish(&with(tool(), &json!({ "commitSha": OTHER_COMMIT })));
    h.run_sends();
    for sent in &h.sent()[COUNT..] {
        let (id, provider) =
            (sent.body["scanId"].as_str().unwrap(), sent.body["provider"].as_str().unwrap());
        h.callback(&with(result(id, provider, [0; 4]), &json!({ "commitSha": OTHER_COMMIT })));
    }
    assert_eq!(h.security()["overallVerdict"], "PASS");
    assert_eq!(check(&h, "name=tool")["blocked"], true);
    h.publish(&with(tool(), &json!({"repoUrl": "https://github.com/new/home", "move": true})));
    assert_eq!(check(&h, "name=tool&repoUrl=https://github.com/new/home")["blocked"], false);
    assert_eq!(check(&h, &format!("name={NAME}&repoUrl={REPO}"))["blocked"], true);
}

#[test]
fn an_empty_list_has_entries_count_and_no_time() {
    let h = Harness::new();
    let (status, answer) = h.get("/api/v1/blocklist");
    assert_eq!((status, answer), (200, json!({"entries": [], "count": 0, "lastUpdated": null})));
}

#[test]
fn a_304_is_for_those_alone_who_name_the_current_etag() {
    let (h, _) = blocked();
    let tag = etag(&h);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        for method in ["GET", "HEAD"] {
            let response = h.fetch(method, "/api/v1/blocklist", &[("if-none-match", &known)]);
            assert_eq!((response.status, response.body.as_str()), (304, ""), "{known}");
            assert_eq!(response.header("etag"), Some(tag.as_str()));
            assert!(response.header("cache-control").is_some());
        }
    }
    for unknown in ["\"other\"", "", "W/\"other\"", tag.trim_matches('"')] {
        assert_eq!(list(&h, &[("if-none-match", unknown)]).status, 200, "{unknown}");
    }
    assert_eq!(list(&h, &[]).status, 200);
}

#[test]
fn the_etag_changes_exactly_when_the_list_does() {
    let (h, ids) = Harness::published();
    let empty = etag(&h);
    h.advance(1_000);
    h.callback(&result(&ids[1], "njsscan", [0, 9, 0, 0]));
    assert_eq!(etag(&h), empty, "a FAIL without criticals blocks nothing");
    h.advance(1_000);
    let report = result(&ids[0], "semgrep", [1, 0, 0, 0]);
    h.callback(&report);
    let one = etag(&h);
    assert_ne!(one, empty);
    h.advance(1_000);
    h.callback(&report);
    assert_eq!(etag(&h), one, "a repeat changes nothing");
    let body = list(&h, &[]).body;
    h.kv().values.borrow_mut().clear();
    assert_eq!((etag(&h), list(&h, &[]).body), (one.clone(), body), "built anew, it is the same");
    h.callback(&result(&ids[2], "trufflehog", [4, 0, 0, 0]));
    assert_ne!(etag(&h), one);
}

#[test]
fn a_current_copy_is_served_without_reading_the_entries() {
    let (h, ids) = blocked();
    let reads = |h: &Harness| {
        h.db().ran.borrow_mut().clear();
        let body = list(h, &[]).body;
        (
            h.db().ran.borrow().iter().filter(|sql| sql.contains("FROM blocklist_entry")).count(),
            h.db().ran.borrow().len(),
            body,
        )
    };
    let (entries, _, built) = reads(&h);
    assert_eq!(entries, 1);
    assert_eq!(reads(&h), (0, 1, built), "one row tells that the copy is right");
    h.callback(&result(&ids[1], "njsscan", [3, 0, 0, 0]));
    let (entries, _, body) = reads(&h);
    assert_eq!(entries, 1);
    assert!(body.contains("njsscan found 3"));
}

#[test]
fn g05_the_list_and_the_check_need_no_kv() {
    let (h, ids) = Harness::published();
    h.kv().set_down(true);
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0])).0, 200);
    assert_eq!(check(&h, "name=tool")["blocked"], true);
    let answer: Json = serde_json::from_str(&list(&h, &[]).body).unwrap();
    assert_eq!(answer["count"], 1);
    assert!(h.log().contains("429"));
}

#[test]
fn g34_with_the_database_down_a_copy_is_served_as_stale_and_else_nothing() {
    let (h, _) = blocked();
    h.db().go_down();
    let response = list(&h, &[]);
    assert_eq!((response.status, response.header("retry-after")), (503, Some("30")));
    assert!(!response.body.contains("entries"));
    h.db().heal();
    let fresh = list(&h, &[]);
    assert_eq!((fresh.header("warning"), fresh.header("age")), (None, None));
    h.advance(90_500);
    h.db().go_down();
    let stale = list(&h, &[]);
    assert_eq!((stale.status, &stale.body), (200, &fresh.body));
    assert_eq!(stale.header("age"), Some("90"), "seconds since it was read from the database");
    assert!(stale.header("warning").unwrap().starts_with("110 "));
    let question = h.fetch("GET", "/api/v1/blocklist/check?name=other", &[]);
    assert_eq!(question.status, 503);
    assert!(!question.body.contains("blocked\":"), "never blocked: false made up");
}

#[test]
fn a_copy_in_place_of_a_wrong_row_is_no_failure_of_d1() {
    let (h, _) = blocked();
    let fresh = list(&h, &[]);
    h.db().execute("DELETE FROM blocklist_revision").unwrap();
    let stale = list(&h, &[]);
    assert_eq!((stale.status, &stale.body), (200, &fresh.body));
    assert!(stale.header("warning").unwrap().starts_with("110 "));
    assert_eq!(h.events("stale.served"), Vec::<Json>::new());
    let failed = h.events("worker.failed");
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["message"], "no blocklist revision");
}

#[test]
fn a_broken_copy_in_kv_is_built_anew() {
    let (h, _) = blocked();
    let body = list(&h, &[]).body;
    for broken in ["", "{", "null", r#"{"revision":1}"#] {
        h.kv().values.borrow_mut().insert("blocklist".to_owned(), (broken.to_owned(), None));
        assert_eq!(list(&h, &[]).body, body, "{broken}");
    }
}

#[test]
fn g29_a_critical_of_the_repository_before_a_move_does_not_block_the_one_behind_it() {
    const FORK: &str = "https://github.com/new/home";
    let (h, ids) = Harness::published();
    h.publish(&with(tool(), &json!({"repoUrl": FORK, "move": true})));
    // A fork has the same commits.
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0])).0, 200);
    let check = |repo: &str| h.get(&format!("/api/v1/blocklist/check?name=tool&repoUrl={repo}")).1;
    let (new, old) = (check(FORK), check(REPO));
    assert_eq!((&new["blocked"], &new["tainted"]), (&json!(false), &json!(false)));
    assert_eq!((&old["blocked"], &old["tainted"]), (&json!(false), &json!(true)));
    assert_eq!(h.phases()[0], "PENDING", "the fork is scanned itself");
}

#[test]
fn g50_a_namesake_in_another_letter_case_unblocks_no_name_as_it_is_written() {
    let (h, _) = blocked();
    assert_eq!(h.publish(&json!({"name": "b/r/TOOL", "repoUrl": "https://github.com/b/r"})).0, 202);
    assert_eq!(check(&h, "name=tool")["blocked"], true);
    // As it is written, this is the other; in a case that nobody has, either may be meant.
    for name in ["TOOL", "Tool"] {
        assert_eq!(check(&h, &format!("name={name}"))["blocked"], false, "{name}");
    }
    assert_eq!(h.publish(&json!({"name": "c/r/tool", "repoUrl": "https://github.com/c/r"})).0, 202);
    assert_eq!(check(&h, "name=tool")["blocked"], false);
}

#[test]
fn g50_an_entry_of_whatever_source_is_found_behind_any_number_with_one() {
    let (h, _) = blocked();
    let entries =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 149)
        INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence, evidence_urls,
            discovered_by, discovered_at, updated_at)
        SELECT 'e' || i, 'e' || i || '/r/tool', 'tool', 'https://github.com/e' || i || '/r', 'active', 'external-sast', 'critical', '', '{}',
            '[]', 'external-scan', 1, 1 FROM n";
    assert_eq!(h.db().execute(entries).unwrap(), 150);
    assert_eq!(h.publish(&json!({"name": "c/r/tool", "repoUrl": "https://github.com/c/r"})).0, 202);
    assert_eq!(check(&h, "name=tool")["blocked"], false);
    let entry = json!({"skillName": "x/r/tool", "threatType": "malware", "severity": "high", "reason": "steals"});
    assert_eq!(h.admin("POST", "blocklist", &entry).0, 201);
    assert_eq!(check(&h, "name=tool")["blocked"], true);
}
