//! Badges: green for what is proven, and never for anything else.

use crate::harness::{
    Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, failed, read, result, tool, with,
};
use serde_json::json;
use skillgate_worker::http::Response;

const GREEN: &str = "#10B981";
const RED: &str = "#EF4444";
const GREY: &str = "#6B7280";

fn badge(h: &Harness, target: &str) -> Response {
    h.fetch("GET", &format!("/api/v1/skills/{target}"), &[])
}

/// Words, colour and `Cache-Control` of a badge; the image and the shield must agree.
fn shown(h: &Harness, target: &str) -> (String, String, String) {
    let (image, shield) = (badge(h, target), badge(h, &format!("{target}?format=json")));
    assert_eq!((image.status, image.header("content-type")), (200, Some("image/svg+xml")));
    let (status, shield) = read(&shield);
    assert_eq!((status, &shield["schemaVersion"]), (200, &json!(1)));
    let [label, message, color] =
        ["label", "message", "color"].map(|field| shield[field].as_str().unwrap().to_owned());
    let svg = &image.body;
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "), "{svg}");
    assert!(svg.contains(&format!("aria-label=\"{label}: {message}\"")), "{svg}");
    assert!(svg.contains(&format!("<title>{label}: {message}</title>")), "{svg}");
    assert!(svg.contains(&format!(">{message}</text>")), "{svg}");
    for other in [GREEN, RED, GREY] {
        assert_eq!(svg.contains(other), other == color, "{svg}");
    }
    (message, color, image.header("cache-control").unwrap().to_owned())
}

fn assert_shows(h: &Harness, target: &str, message: &str, color: &str, cache: &str) {
    let (is_message, is_color, is_cache) = shown(h, target);
    assert_eq!((&*is_message, &*is_color, &*is_cache), (message, color, cache), "{target}");
}

const FINAL: &str = "public, max-age=300";

#[test]
fn each_word_has_its_colour_and_what_is_pending_is_not_kept() {
    let (h, ids) = Harness::published();
    let of = |what: &str| format!("{NAME}/badge/{what}");
    for provider in PROVIDERS.iter().chain(&["overall"]) {
        assert_shows(&h, &of(provider), "PENDING", GREY, "no-cache");
        assert_eq!(badge(&h, &of(provider)).header("etag"), None);
    }
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    assert_shows(&h, &of("semgrep"), "PASS", GREEN, FINAL);
    assert_shows(&h, &of("overall"), "PENDING", GREY, "no-cache");
    h.callback(&failed(&ids[1], "njsscan", "no"));
    assert_shows(&h, &of("njsscan"), "ERROR", GREY, FINAL);
    let unproven = with(result(&ids[2], "trufflehog", [0; 4]), &json!({"coverage": null}));
    h.callback(&unproven);
    h.pass_from(3, &ids);
    assert_shows(&h, &of("trufflehog"), "INCOMPLETE", GREY, FINAL);
    assert_shows(&h, &of("overall"), "TIMED OUT", GREY, FINAL);

    let ids = h.publish_tool();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_shows(&h, &of("semgrep"), "FAIL", RED, FINAL);
    assert_shows(&h, &of("overall"), "FAIL", RED, FINAL);
    h.advance(21 * MINUTE);
    assert_shows(&h, &of("njsscan"), "TIMED OUT", GREY, FINAL);
}

#[test]
fn a_pass_of_another_commit_is_not_green() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    assert_shows(&h, &format!("{NAME}/badge/overall"), "PASS", GREEN, FINAL);
    let one = json!({"commitSha": OTHER_COMMIT, "providers": ["njsscan"]});
    let (status, answer) = h.publish(&with(tool(), &one));
    assert_eq!(status, 202, "{answer}");
    assert_shows(&h, &format!("{NAME}/badge/semgrep"), "outdated", GREY, FINAL);
    assert_shows(&h, &format!("{NAME}/badge/njsscan"), "PENDING", GREY, "no-cache");
    assert_shows(&h, &format!("{NAME}/badge/overall"), "PENDING", GREY, "no-cache");
    let scan = answer["scans"][0]["scanId"].as_str().unwrap();
    let moved = with(result(scan, "njsscan", [0; 4]), &json!({"commitSha": OTHER_COMMIT}));
    assert_eq!(h.callback(&moved).0, 200);
    assert_shows(&h, &format!("{NAME}/badge/njsscan"), "PASS", GREEN, FINAL);
    assert_shows(&h, &format!("{NAME}/badge/overall"), "outdated", GREY, FINAL);
}

#[test]
fn what_is_not_known_is_a_grey_image_and_not_an_error() {
    let (h, _) = Harness::published();
    for target in [
        "no/such/skill/badge/semgrep".to_owned(),
        "no/badge/overall".to_owned(),
        format!("{NAME}/badge/clamav"),
        format!("{NAME}/badge/%3Cscript%3E"),
        "a/b/c/d/e/badge/semgrep".to_owned(),
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E/badge/%22onload=".to_owned(),
    ] {
        let (message, color, cache) = shown(&h, &target);
        assert_eq!((&*message, &*color, &*cache), ("unknown", GREY, FINAL), "{target}");
        assert!(!badge(&h, &target).body.contains("script"), "{target}");
    }
    assert_eq!(badge(&h, &format!("{NAME}/badge/semgrep?format=gif")).status, 400);
}

#[test]
fn bare_names_resolve_where_they_are_unique() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    assert_shows(&h, "tool/badge/semgrep", "PASS", GREEN, FINAL);
    assert_shows(&h, "owner%2Frepo%2Ftool/badge/semgrep", "PASS", GREEN, FINAL);
    h.publish(&json!({"name": "another/tool", "repoUrl": REPO}));
    assert_shows(&h, "tool/badge/semgrep", "ambiguous", GREY, FINAL);
}

#[test]
fn a_badge_that_has_not_changed_is_not_sent_again() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let target = format!("/api/v1/skills/{NAME}/badge/semgrep");
    let first = h.fetch("GET", &target, &[]);
    let etag = first.header("etag").unwrap();
    assert!(etag.starts_with('"'), "strong: {etag}");
    let again = h.fetch("GET", &target, &[("if-none-match", &format!("\"x\", W/{etag}"))]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(etag));
    assert_eq!(again.header("cache-control"), Some(FINAL));
    let ids = h.publish_tool();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_eq!(h.fetch("GET", &target, &[("if-none-match", etag)]).status, 200);
}

#[test]
fn g34_with_the_database_down_a_badge_is_grey_and_not_kept() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    assert_shows(&h, &format!("{NAME}/badge/semgrep"), "PASS", GREEN, FINAL);
    h.db().go_down();
    assert_shows(&h, &format!("{NAME}/badge/semgrep"), "unknown", GREY, "no-cache");
    assert_shows(&h, &format!("{NAME}/badge/overall"), "unknown", GREY, "no-cache");
    let response = badge(&h, &format!("{NAME}/badge/semgrep"));
    assert_eq!(response.header("etag"), None);
    assert!(!h.events("database.failed").is_empty(), "{}", h.log());
}

#[test]
fn the_overall_badge_of_a_blocked_skill_is_never_green() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let entry = |source: &str| {
        let entry = json!({"skillName": NAME, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
        let (status, answer) = h.admin("POST", "blocklist", &entry);
        assert_eq!(status, 201, "{answer}");
    };
    entry("https://github.com/else/where");
    assert_shows(&h, &format!("{NAME}/badge/overall"), "PASS", GREEN, FINAL);
    entry(REPO);
    for name in [NAME, "tool"] {
        assert_shows(&h, &format!("{name}/badge/overall"), "blocked", GREY, FINAL);
        assert_shows(&h, &format!("{name}/badge/semgrep"), "PASS", GREEN, FINAL);
    }
    let ids = h.publish_tool();
    assert_shows(&h, &format!("{NAME}/badge/overall"), "blocked", GREY, FINAL);
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_shows(&h, &format!("{NAME}/badge/overall"), "FAIL", RED, FINAL);
}
