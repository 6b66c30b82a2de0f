//! Finding skills, and counting who installs them.

use crate::harness::{Harness, NAME, REPO, read, request};
use serde_json::{Value, json};

fn publish(h: &Harness, name: &str) {
    let (status, answer) = h.publish(&json!({"name": name, "repoUrl": REPO}));
    assert_eq!(status, 202, "{answer}");
}

fn names(h: &Harness, query: &str) -> Vec<String> {
    let (status, answer) = h.get(&format!("/api/v1/skills/search{query}"));
    assert_eq!(status, 200, "{answer}");
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|skill| skill["name"].as_str().unwrap().to_owned()).collect()
}

fn post(h: &Harness, target: &str, body: &str) -> (u16, Value) {
    read(&h.send_request(&request("POST", target, &[], body.as_bytes().to_vec())))
}

fn installs(h: &Harness, name: &str) -> i64 {
    h.db().one(&format!("SELECT installs FROM skill WHERE name = '{name}'"))
}

#[test]
fn skills_are_found_by_the_words_of_their_names() {
    let h = Harness::new();
    for name in ["o/PDF-tool", "pdf", "pdf-tool/x", "other/csv"] {
        publish(&h, name);
    }
    assert_eq!(names(&h, "?q=pdf"), ["o/PDF-tool", "pdf", "pdf-tool/x"]);
    assert_eq!(names(&h, "?q=TOOL"), ["o/PDF-tool", "pdf-tool/x"]);
    assert_eq!(names(&h, "?q=PDF-T"), ["o/PDF-tool", "pdf-tool/x"]);
    assert_eq!(names(&h, "?q=x+pdf"), ["pdf-tool/x"]);
    assert_eq!(names(&h, "?q=other/"), ["other/csv"]);
    assert_eq!(names(&h, "?q=csv&limit=0"), ["other/csv"]);
    assert_eq!(names(&h, ""), ["o/PDF-tool", "other/csv", "pdf", "pdf-tool/x"]);
    for nothing in ["?q=df", "?q=%25", "?q=p%25f", "?q=%27%20OR%201=1--", "?q=%F0%9F%94%92", "?q=~"]
    {
        assert!(names(&h, nothing).is_empty(), "{nothing}");
    }
    let (_, answer) = h.get("/api/v1/skills/search?q=pdf&limit=2");
    assert_eq!(answer["pagination"], json!({"limit": 2, "hasMore": true}));
    assert_eq!(answer["results"].as_array().unwrap().len(), 2);
    let (_, answer) = h.get("/api/v1/skills/search?q=pdf&limit=3");
    assert_eq!(answer["pagination"], json!({"limit": 3, "hasMore": false}));
    assert_eq!(answer["results"][0]["reportUrl"], "/skills/o/PDF-tool/security");
    assert_eq!(h.get("/api/v1/skills/search?limit=x").0, 400);
}

#[test]
fn an_install_is_counted_and_answered_at_once() {
    let (h, _) = Harness::published();
    let told = json!({"ok": true, "counted": 1});
    assert_eq!(post(&h, "/api/v1/skills/owner/repo/tool/installs", ""), (202, told.clone()));
    h.advance(1_000);
    assert_eq!(post(&h, "/api/v1/skills/owner%2Frepo%2Ftool/installs", "{}"), (202, told.clone()));
    h.advance(1_000);
    assert_eq!(post(&h, "/api/v1/skills/tool/installs", "no json"), (202, told));
    assert_eq!(installs(&h, NAME), 3);
    assert_eq!(names(&h, "?q=tool").len(), 1);
    assert_eq!(h.get("/api/v1/skills/search?q=tool").1["results"][0]["installs"], 3);
}

#[test]
fn nobody_can_buy_more_than_one_write_a_second_for_each_skill() {
    let (h, _) = Harness::published();
    publish(&h, "another/tool");
    let nothing = json!({"ok": true, "counted": 0});
    let all = "/api/v1/skills/installs";
    for _ in 0..50 {
        post(&h, &format!("/api/v1/skills/{NAME}/installs"), "");
    }
    assert_eq!(installs(&h, NAME), 1);
    h.advance(999);
    assert_eq!(post(&h, all, &json!({"names": [NAME]}).to_string()).1, nothing);
    // Unknown, ambiguous, and no name at all.
    for name in ["nobody/knows", "tool", "../../etc", "<script>"] {
        assert_eq!(post(&h, all, &json!({"names": [name]}).to_string()), (202, nothing.clone()));
    }
    assert_eq!(post(&h, "/api/v1/skills/nobody/installs", ""), (202, nothing));
    assert_eq!(installs(&h, "another/tool"), 0);
    publish(&h, "tool");
    post(&h, "/api/v1/skills/tool/installs", "");
    assert_eq!(installs(&h, "tool"), 0, "it is the last segment of others too");
    h.advance(1);
    let many = json!({"skills": [
        {"skillName": NAME}, {"name": "another/tool", "repoUrl": REPO}, {"name": NAME}, "another/tool", 7, null,
    ]});
    assert_eq!(post(&h, all, &many.to_string()).1["counted"], 2);
    assert_eq!((installs(&h, NAME), installs(&h, "another/tool")), (2, 1));
    h.advance(1_000);
    let long: Vec<String> = (0..50).map(|n| format!("s/{n}")).chain([NAME.to_owned()]).collect();
    assert_eq!(post(&h, all, &json!({"names": long}).to_string()).1["counted"], 0);
}

#[test]
fn what_cannot_be_counted_does_not_alarm_the_installer() {
    let (h, _) = Harness::published();
    for body in ["[]", "{}", "7", "null", r#"{"skills": 7}"#, r#"{"skills": [{}]}"#] {
        assert_eq!(post(&h, "/api/v1/skills/installs", body).0, 202, "{body}");
    }
    for body in ["", "{", "\u{fffd}"] {
        let (status, problem) = post(&h, "/api/v1/skills/installs", body);
        assert_eq!((status, &problem["detail"]), (400, &json!("the body is not valid JSON")));
    }
    h.db().go_down();
    assert_eq!(post(&h, &format!("/api/v1/skills/{NAME}/installs"), "").0, 202);
    assert_eq!(h.events("database.failed").len(), 1, "{}", h.log());
}

#[test]
fn g45_a_web_page_of_others_counts_no_install() {
    let (h, _) = Harness::published();
    let many = json!({"names": [NAME]}).to_string();
    for target in ["/api/v1/skills/installs".to_owned(), format!("/api/v1/skills/{NAME}/installs")]
    {
        for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            for origin in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                let kind = kind.map(|kind| ("content-type", kind));
                let headers: Vec<_> = kind.into_iter().chain([origin]).collect();
                let body = many.clone().into_bytes();
                let response = h.send_request(&request("POST", &target, &headers, body));
                assert_eq!(response.status, 415, "{target} {headers:?}");
            }
        }
    }
    assert_eq!(installs(&h, NAME), 0);
    // No other origin may send JSON: it is asked for before, and gets no leave.
    let headers = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let asked = h.fetch("OPTIONS", "/api/v1/skills/installs", &headers);
    assert!(asked.header("access-control-allow-origin").is_none());
    assert_eq!(post(&h, "/api/v1/skills/installs", &many).1["counted"], 1);
}
