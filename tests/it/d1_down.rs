//! With D1 down, what is known to be bad stays bad, and nothing is made good.

use crate::harness::{COUNT, Harness, MINUTE, NAME, PROVIDERS, REPO, result, tool, with};
use serde_json::{Value as Json, json};
use skillgate_worker::http::Response;

const WARNING: &str = "110 - \"Response is Stale\"";

fn ask(h: &Harness, target: &str) -> (Response, Json) {
    let response = h.fetch("GET", target, &[]);
    let body = serde_json::from_str(&response.body).unwrap();
    (response, body)
}

fn check(h: &Harness, query: &str) -> (Response, Json) {
    ask(h, &format!("/api/v1/blocklist/check?{query}"))
}

fn by_hand(h: &Harness, name: &str, source: Option<&str>) {
    let entry = json!({"skillName": name, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
    assert_eq!(h.admin("POST", "blocklist", &entry).0, 201);
}

/// What is answered where the copy says nothing bad.
fn assert_unknown(response: &Response, what: &str) {
    assert_eq!((response.status, response.header("retry-after")), (503, Some("30")), "{what}");
    assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
    for made_up in ["PASS", "\"blocked\"", "stale"] {
        assert!(!response.body.contains(made_up), "{what}: {}", response.body);
    }
}

fn assert_stale(response: &Response, age: &str, what: &str) {
    assert_eq!(response.status, 200, "{what}: {}", response.body);
    assert_eq!(response.header("age"), Some(age), "{what}");
    assert_eq!(response.header("warning"), Some(WARNING), "{what}");
    assert_eq!(response.header("cache-control"), Some("public, max-age=30"), "{what}");
}

#[test]
fn a_block_holds_from_the_copy_however_it_is_asked_for() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    by_hand(&h, "other/one", Some("https://github.com/other/one"));
    h.run_scheduled();
    let known = check(&h, &format!("name=tool&repoUrl={REPO}")).1;
    h.advance(MINUTE);
    h.db().go_down();
    for name in ["tool", "TOOL", NAME, "Owner/Repo/TOOL", "owner%2Frepo%2Ftool"] {
        for query in [
            "",
            "&repoUrl=",
            "&repoUrl=https://github.com/OWNER/Repo.git",
            "&repoUrl=https://www.github.com/owner/repo/",
        ] {
            let what = format!("name={name}{query}");
            let (response, answer) = check(&h, &what);
            assert_stale(&response, "60", &what);
            for field in ["blocked", "entry", "rejected", "tainted"] {
                assert_eq!(answer[field], known[field], "{what} {field}");
            }
            assert_eq!((&answer["blocked"], &answer["stale"]), (&json!(true), &json!(true)));
            let head = h.fetch("HEAD", &format!("/api/v1/blocklist/check?{what}"), &[]);
            assert_stale(&head, "60", &what);
        }
    }
    for query in [
        "name=tool&repoUrl=https://github.com/else/repo",
        "name=owner/tool",
        "name=owner/tool/tool",
        "name=repo",
        "name=oo",
        "name=nothing",
    ] {
        assert_unknown(&check(&h, query).0, query);
    }
    assert_eq!(check(&h, "").0.status, 400);
    assert!(h.log().contains("Network connection lost"), "the operator is told why");
    h.db().heal();
    assert_eq!(check(&h, "name=tool").1.get("stale"), None);
}

#[test]
fn an_entry_by_hand_blocks_from_the_copy_what_it_surely_is_about() {
    let elsewhere = "https://github.com/else/where";
    for (entry, source, known, unknown) in [
        // A last segment alone.
        (
            "tool",
            None,
            vec!["name=tool", "name=a/tool", "name=a/TOOL&repoUrl=https://github.com/x/y"],
            vec!["name=tools"],
        ),
        // A last segment of a source that nobody has published from.
        (
            "tool",
            Some(elsewhere),
            // By its last segment, D1 says that it is one of several: the copy cannot tell, and blocks.
            vec!["name=x/tool&repoUrl=https://github.com/else/where"],
            vec![
                "name=x/tool",
                "name=owner/repo/tool",
                "name=tool&repoUrl=https://github.com/owner/repo",
            ],
        ),
        // A whole name of any source.
        (
            NAME,
            None,
            vec![
                "name=tool",
                "name=OWNER/repo/tool",
                "name=owner/repo/tool&repoUrl=https://github.com/x/y",
                "name=tool&repoUrl=https://github.com/owner/repo",
            ],
            vec!["name=x/tool", "name=tool&repoUrl=https://github.com/x/y"],
        ),
    ] {
        let (h, _) = Harness::published();
        by_hand(&h, entry, source);
        h.run_scheduled();
        for query in &known {
            assert_eq!(check(&h, query).1["blocked"], true, "{entry} {source:?}: {query}");
        }
        h.db().go_down();
        for query in known {
            let (response, answer) = check(&h, query);
            assert_stale(&response, "0", query);
            assert_eq!((&answer["blocked"], &answer["stale"]), (&json!(true), &json!(true)));
        }
        for query in unknown {
            assert_unknown(&check(&h, query).0, query);
        }
    }
}

#[test]
fn an_entry_by_its_last_segment_is_of_a_skill_whose_source_the_copy_knows() {
    let h = Harness::new();
    for name in ["a/tool", "b/tool"] {
        assert_eq!(h.publish(&json!({"name": name, "repoUrl": REPO})).0, 202);
    }
    by_hand(&h, "tool", Some(REPO));
    h.run_scheduled();
    h.db().go_down();
    assert_stale(&check(&h, "name=a/tool").0, "0", "published from there");
    assert_unknown(&check(&h, "name=c/tool").0, "published from nowhere");
}

#[test]
fn what_is_proposed_or_lifted_or_not_in_the_copy_is_unknown() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let down = |h: &Harness| {
        h.db().go_down();
        let asked = check(h, "name=tool").0;
        h.db().heal();
        asked
    };
    h.kv().values.borrow_mut().clear();
    assert_unknown(&down(&h), "no copy");
    h.run_scheduled();
    assert_eq!(down(&h).status, 200);
    h.kv().set_down(true);
    assert_unknown(&down(&h), "KV is down as well");
    h.kv().set_down(false);
    let id = &ids[0];
    assert_eq!(h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "x"})).0, 200);
    h.run_scheduled();
    assert_unknown(&down(&h), "lifted");
}

#[test]
fn no_text_of_an_entry_is_taken_for_another_entry() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    for n in 0..40 {
        h.advance(1);
        let reason = "},{\"id\":\"x\",\"skillName\":\"none\"".repeat(8);
        let entry = json!({"skillName": format!("many{n}"), "threatType": "t", "severity": "low", "reason": reason});
        assert_eq!(h.admin("POST", "blocklist", &entry).0, 201);
    }
    h.run_scheduled();
    h.db().go_down();
    for name in ["tool", "many0", "many39"] {
        let (response, answer) = check(&h, &format!("name={name}"));
        assert_eq!((response.status, &answer["entry"]["skillName"]), (200, &json!(name)));
    }
    assert_unknown(&check(&h, "name=none").0, "the words of a reason");
}

#[test]
fn a_fail_holds_from_the_copy_and_no_pass_beside_it() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    h.callback(&result(&ids[0], "semgrep", [2, 1, 0, 0]));
    let known = h.security();
    h.advance(MINUTE);
    h.db().go_down();
    for method in ["GET", "HEAD"] {
        let target = format!("/api/v1/skills/{NAME}/security");
        assert_stale(&h.fetch(method, &target, &[]), "60", method);
    }
    let (response, answer) = ask(&h, "/api/v1/skills/owner%2Frepo%2Ftool/security");
    assert_stale(&response, "60", "one segment");
    for field in
        ["skillName", "overallVerdict", "reportUrl", "repoUrl", "publishedCommitSha", "updatedAt"]
    {
        assert_eq!(answer[field], known[field], "{field}");
    }
    assert_eq!(answer["stale"], true);
    let rows = answer["providers"].as_array().unwrap();
    assert_eq!(rows[0], known["providers"][0], "the criticals");
    assert_eq!((&rows[0]["status"], &rows[0]["criticalCount"]), (&json!("FAIL"), &json!(2)));
    for (row, provider) in rows.iter().zip(PROVIDERS).skip(1) {
        assert_eq!((&row["provider"], &row["status"]), (&json!(provider), &json!("PENDING")));
        assert_eq!((&row["verdict"], &row["score"]), (&Json::Null, &Json::Null));
    }
    assert_eq!(rows.len(), COUNT);
    assert!(!response.body.contains("PASS"), "{}", response.body);
    for internal in ["revision", "readAt", "skill"] {
        assert_eq!(answer.get(internal), None, "{internal}");
    }
}

#[test]
fn all_else_of_a_skill_is_unknown() {
    let target = format!("/api/v1/skills/{NAME}/security");
    let (h, ids) = Harness::published();
    h.run_scheduled();
    h.db().go_down();
    assert_unknown(&h.fetch("GET", &target, &[]), "pending");
    h.db().heal();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    h.db().go_down();
    for name in [NAME, "tool", "nobody"] {
        assert_unknown(&h.fetch("GET", &format!("/api/v1/skills/{name}/security"), &[]), name);
    }
    h.db().heal();
    // Whose last segment a bare name is, only D1 knows: a FAIL may be somebody else's.
    let ids = h.publish_tool();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.db().go_down();
    assert_eq!(h.fetch("GET", &target, &[]).status, 200);
    for name in ["tool", "owner/repo/Tool"] {
        assert_unknown(&h.fetch("GET", &format!("/api/v1/skills/{name}/security"), &[]), name);
    }
    h.kv().set_down(true);
    assert_unknown(&h.fetch("GET", &target, &[]), "KV is down as well");
}

#[test]
fn g50_without_d1_a_bare_name_stays_blocked_and_failed() {
    let h = Harness::new();
    let short = with(tool(), &json!({"name": "tool"}));
    assert_eq!(h.publish(&short).0, 202);
    let id: String = h.db().one("SELECT id FROM external_scan_result WHERE provider = 'semgrep'");
    let report = with(result(&id, "semgrep", [1, 0, 0, 0]), &json!({"skillName": "tool"}));
    assert_eq!(h.callback(&report).0, 200);
    h.run_scheduled();
    h.db().go_down();
    let (response, answer) = ask(&h, "/api/v1/skills/tool/security");
    assert_stale(&response, "0", "tool");
    assert_eq!(answer["overallVerdict"], "FAIL");
    let (response, answer) = check(&h, "name=tool");
    assert_stale(&response, "0", "check");
    assert_eq!((&answer["blocked"], &answer["stale"]), (&json!(true), &json!(true)));
}
