//! Lists over all skills, and one skill as it is published.

use crate::harness::{
    COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, failed, read,
    result, tool, with,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Skills of these names, published a minute apart.
fn registry(names: &[&str]) -> Harness {
    let h = Harness::with(&[("DISPATCH", "pull"), ("PENDING_TIMEOUT_MINUTES", "600")]);
    for name in names {
        let publish = json!({"name": name, "repoUrl": REPO, "commitSha": COMMIT});
        assert_eq!(h.publish(&publish).0, 202, "{name}");
        h.advance(MINUTE);
    }
    h
}

/// Ends the newest scan of a skill and provider.
fn finish(h: &Harness, name: &str, provider: &str, counts: [u32; 4]) {
    let report = json!({"scanId": null, "skillName": name});
    let (status, answer) = h.callback_by(SECRET, &with(result("", provider, counts), &report));
    assert_eq!(status, 200, "{answer}");
}

/// Every page of a list, by its links; each as (skill, provider, phase).
fn all(h: &Harness, query: &str) -> Vec<(String, String, String)> {
    let mut target = format!("/api/v1/audits?{query}");
    let limit = query
        .split("limit=")
        .nth(1)
        .map_or(50, |rest| rest.split('&').next().unwrap().parse().unwrap());
    let mut found = Vec::new();
    for _ in 0..200 {
        let response = h.fetch("GET", &target, &[]);
        let (status, page) = read(&response);
        assert_eq!(status, 200, "{page}");
        let text = |scan: &Json, field: &str| scan[field].as_str().unwrap().to_owned();
        let scans = page["scans"].as_array().unwrap();
        assert!(scans.len() <= limit, "{query}: {}", scans.len());
        found.extend(
            scans.iter().map(|s| (text(s, "skillName"), text(s, "provider"), text(s, "phase"))),
        );
        assert_eq!(response.header("link").is_some(), page["nextCursor"].is_string());
        let Some(link) = response.header("link") else { return found };
        target = link.split(['<', '>']).nth(1).unwrap().to_owned();
    }
    panic!("the pages of {query} do not end");
}

#[test]
fn the_newest_scan_of_each_skill_and_provider_is_listed_once_latest_first() {
    let h = registry(&["o/a", "o/b", "o/c"]);
    finish(&h, "o/a", "semgrep", [0; 4]);
    assert_eq!(h.scan_again(&json!({"name": "o/a", "provider": "semgrep"})).0, 202);
    // An unsolicited result of another commit is nobody's newest.
    finish(&h, "o/b", "semgrep", [0; 4]);
    let unsolicited = json!({"scanId": null, "skillName": "o/b", "commitSha": OTHER_COMMIT});
    assert_eq!(h.callback_by(SECRET, &with(result("", "semgrep", [0; 4]), &unsolicited)).0, 200);
    let whole = all(&h, "limit=100");
    assert_eq!(whole.len(), 3 * COUNT);
    assert_eq!(whole[0], ("o/a".into(), "semgrep".into(), "PENDING".into()));
    assert_eq!(whole[1].0, "o/c");
    assert!(whole.contains(&("o/b".into(), "semgrep".into(), "PASS".into())));
    for limit in [1, 2, 4, 3 * COUNT] {
        assert_eq!(all(&h, &format!("limit={limit}")), whole, "pages of {limit}");
    }
}

#[test]
fn filters_are_of_the_exact_status_and_of_one_provider() {
    let h = registry(&["o/a", "o/b", "o/c"]);
    finish(&h, "o/a", "semgrep", [1, 0, 0, 0]);
    finish(&h, "o/b", "njsscan", [0, 9, 0, 0]);
    finish(&h, "o/b", "semgrep", [0; 4]);
    h.callback_by(
        SECRET,
        &with(failed("", "trufflehog", "no"), &json!({"scanId": null, "skillName": "o/c"})),
    );
    let names = |query: &str| -> Vec<_> {
        all(&h, query)
            .into_iter()
            .map(|(skill, provider, _)| format!("{skill} {provider}"))
            .collect()
    };
    assert_eq!(names("status=FAIL&limit=1"), ["o/b njsscan", "o/a semgrep"]);
    assert_eq!(names("status=FAIL&provider=semgrep"), ["o/a semgrep"]);
    assert_eq!(names("status=ERROR"), ["o/c trufflehog"]);
    assert_eq!(names("status=TIMED_OUT"), [""; 0]);
    assert_eq!(
        names("provider=trufflehog&limit=2"),
        ["o/c trufflehog", "o/b trufflehog", "o/a trufflehog"]
    );
    assert_eq!(names("q=b&status=PASS&limit=1"), ["o/b semgrep"]);
    for wrong in [
        "status=pass",
        "status=x",
        "provider=clamav",
        "limit=x",
        "cursor=x",
        "q=%ff",
        "q=a&cursor=x",
    ] {
        let (status, problem) = h.get(&format!("/api/v1/audits?{wrong}"));
        assert_eq!(status, 400, "{wrong}: {problem}");
        assert_eq!(h.fetch("GET", &format!("/audits?{wrong}"), &[]).status, 400, "{wrong}");
    }
    assert_eq!(
        all(&h, "status=&provider=&q=").len(),
        3 * COUNT,
        "a form sends what it leaves empty"
    );
}

#[test]
fn an_old_failure_is_not_listed_once_a_newer_scan_stands() {
    let h = registry(&["o/a"]);
    finish(&h, "o/a", "semgrep", [1, 0, 0, 0]);
    assert_eq!(all(&h, "status=FAIL").len(), 1);
    h.scan_again(&json!({"name": "o/a", "provider": "semgrep"}));
    assert_eq!(all(&h, "status=FAIL").len(), 0);
    assert_eq!(all(&h, "").len(), COUNT);
}

#[test]
fn a_search_finds_names_by_the_beginning_of_any_word_page_by_page() {
    let names = ["acme/skills/pdf-tools", "Acme/PDF", "pdf/pdf.pdfs/x_pdf", "bob/web", "zoe/apdf"];
    let h = registry(&names);
    let found = |q: &str, limit: u32| {
        let list = all(&h, &format!("q={q}&limit={limit}"));
        let skills: BTreeSet<_> = list.iter().map(|(skill, ..)| skill.clone()).collect();
        let each: BTreeSet<_> = list.iter().cloned().collect();
        assert_eq!((each.len(), list.len()), (list.len(), skills.len() * COUNT), "{q}: each once");
        skills.into_iter().collect::<Vec<_>>()
    };
    for limit in [1, 2, 5, 100] {
        assert_eq!(
            found("pdf", limit),
            ["Acme/PDF", "acme/skills/pdf-tools", "pdf/pdf.pdfs/x_pdf"]
        );
        assert_eq!(found("ACME+p", limit), ["Acme/PDF", "acme/skills/pdf-tools"]);
        assert_eq!(found("acme/skills/pdf", limit), ["acme/skills/pdf-tools"]);
        assert_eq!(found("nobody", limit), [""; 0]);
        assert_eq!(found("%F0%9F%92%A5", limit), [""; 0]);
    }
}

#[test]
fn a_list_promotes_what_is_overdue_before_it_is_shown() {
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    let list = all(&h, "");
    assert!(list.iter().all(|(_, _, phase)| phase == "TIMED_OUT"), "{list:?}");
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    h.run_scheduled();
    h.assert_kv_follows();
    let (h, _) = Harness::published();
    h.advance(20 * MINUTE);
    for path in ["/", "/audits"] {
        let body = h.fetch("GET", path, &[]).body;
        let table = body.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        assert!(table.contains("TIMED OUT") && !table.contains("PENDING"), "{path}: {table}");
    }
    assert_eq!(h.audit("scan.timed_out"), COUNT);
}

#[test]
fn a_list_of_what_timed_out_has_what_nothing_else_has_read_since() {
    for page in [false, true] {
        let names: Vec<String> = (0..60).map(|n| format!("o/silent-{n}")).collect();
        let h = Harness::with(&[("DISPATCH_BUDGET_PER_HOUR", "1000")]);
        for name in &names {
            assert_eq!(h.publish(&json!({"name": name, "repoUrl": REPO})).0, 202, "{name}");
        }
        h.run_sends();
        h.advance(20 * MINUTE);
        if page {
            let body = h.fetch("GET", "/audits?status=TIMED_OUT&limit=100", &[]).body;
            let missing = names.iter().find(|name| !body.contains(&format!("/{name}/")));
            assert_eq!(missing, None);
        }
        assert_eq!(all(&h, "status=TIMED_OUT").len(), 60 * COUNT);
        assert_eq!(h.audit("scan.timed_out"), 60 * COUNT);
    }
}

#[test]
fn the_page_has_each_skill_once_with_a_column_per_tool() {
    let h = registry(&["o/a", "o/b", "o/c"]);
    finish(&h, "o/a", "semgrep", [1, 0, 0, 0]);
    finish(&h, "o/a", "njsscan", [0, 9, 0, 0]);
    let mut target = "/audits?limit=2".to_owned();
    let mut rows = Vec::new();
    for _ in 0..2 {
        let body = h.fetch("GET", &target, &[]).body;
        rows.extend(body.split("<th scope=\"row\">").skip(1).map(|row| {
            row.split("href=\"/skills/").nth(1).unwrap().split('"').next().unwrap().to_owned()
        }));
        let next = body.split("rel=\"next\" href=\"").nth(1);
        target = next
            .map_or(String::new(), |rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
        if !target.is_empty() {
            target.push_str("&limit=2");
        }
    }
    assert_eq!(rows, ["o/c", "o/b", "o/a"]);
    assert_eq!(target, "", "the last page has no next one");
    let body = h.fetch("GET", "/audits?status=FAIL", &[]).body;
    assert_eq!(body.matches("<th scope=\"row\">").count(), 1, "{body}");
    for provider in PROVIDERS {
        assert!(body.contains(&format!("<th scope=\"col\">{provider}</th>")));
    }
    assert!(body.contains("<option value=\"FAIL\" selected>"), "{body}");
    let body = h.fetch("GET", "/audits?q=b", &[]).body;
    assert!(body.contains("/skills/o/b/security\"") && !body.contains("/skills/o/a"), "{body}");
}

#[test]
fn the_first_page_counts_skills_scans_and_blocks() {
    let h = registry(&["o/a", "o/b"]);
    let totals = || {
        let body = h.fetch("GET", "/", &[]).body;
        let number = |part: &str| part.split("</dd>").next().unwrap().to_owned();
        let list = body
            .split("class=\"totals\"")
            .nth(1)
            .unwrap()
            .split("</dl>")
            .next()
            .unwrap()
            .to_owned();
        list.split("<dd>").skip(1).map(number).collect::<Vec<_>>()
    };
    let scans = (2 * COUNT).to_string();
    assert_eq!(totals(), ["2", scans.as_str(), "0"]);
    finish(&h, "o/a", "semgrep", [1, 0, 0, 0]);
    assert_eq!(totals(), ["2", scans.as_str(), "1"]);
    let entry = h.db().one::<String>("SELECT id FROM blocklist_entry");
    assert_eq!(
        h.admin("DELETE", &format!("blocklist/{entry}"), &json!({"reason": "wrong"})).0,
        200
    );
    assert_eq!(totals(), ["2", scans.as_str(), "0"]);
}

#[test]
fn a_blocked_skill_reads_blocked_in_every_list_though_a_newer_commit_passes() {
    let h = registry(&["o/good", "o/bad", "o/moved"]);
    for name in ["o/bad", "o/moved"] {
        finish(&h, name, "semgrep", [1, 0, 0, 0]);
    }
    let again = json!({"name": "o/bad", "repoUrl": REPO, "commitSha": OTHER_COMMIT});
    h.publish(&again);
    for provider in PROVIDERS {
        let report = json!({"scanId": null, "skillName": "o/bad", "commitSha": OTHER_COMMIT, "attempt": null});
        h.callback_by(SECRET, &with(result("", provider, [0; 4]), &report));
    }
    let elsewhere =
        json!({"name": "o/moved", "repoUrl": "https://github.com/else/where", "move": true});
    assert_eq!(h.publish(&elsewhere).0, 202);
    for path in ["/", "/audits", "/audits?q=bad"] {
        let body = h.fetch("GET", path, &[]).body;
        let row = body.split("<tr>").find(|row| row.contains("/skills/o/bad\"")).unwrap();
        assert!(row.contains("BLOCKED"), "{path}: {row}");
        let blocked = body
            .split("<tr>")
            .skip(1)
            .filter(|row| row.split("</tr>").next().is_some_and(|row| row.contains("BLOCKED")));
        assert_eq!(blocked.count(), 1, "{path}: {body}");
    }
    let entry: String = h.db().one("SELECT id FROM blocklist_entry WHERE skill_name = 'o/bad'");
    let lift = h.admin("DELETE", &format!("blocklist/{entry}"), &json!({"reason": "mended"}));
    assert_eq!(lift.0, 200);
    assert!(!h.fetch("GET", "/audits", &[]).body.contains("BLOCKED"));
}

#[test]
fn a_skill_is_answered_as_published_with_its_summary() {
    let (h, ids) = Harness::published();
    let path = format!("/api/v1/skills/{NAME}");
    let (status, skill) = h.get(&path);
    assert_eq!((status, &skill["blocked"]), (200, &json!(false)));
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    let (_, skill) = h.get("/api/v1/skills/tool");
    for (field, value) in [
        ("name", json!(NAME)),
        ("repoUrl", json!(REPO)),
        ("commitSha", json!(COMMIT)),
        ("version", json!(null)),
        ("skillPath", json!(null)),
        ("blocked", json!(true)),
        ("security", h.security()),
    ] {
        assert_eq!(skill[field], value, "{field}");
    }
    assert_eq!(h.get("/api/v1/skills/nobody").0, 404);
    h.publish(&with(tool(), &json!({"name": "else/tool"})));
    assert_eq!(h.get("/api/v1/skills/tool").0, 409);
    for page in ["", "/security", "/security/semgrep", "/security/history"] {
        let body = h.fetch("GET", &format!("/skills/tool{page}"), &[]).body;
        assert!(body.contains(&format!("href=\"/skills/else/tool{page}\"")), "{page}: {body}");
    }
}
