//! What every answer has, whatever was asked.

use crate::harness::{ADMIN, Harness, NAME, result, tool};
use std::collections::BTreeSet;

const PAGE: &str = "/skills/owner/repo/tool/security";
const SECURITY: &str = "/api/v1/skills/owner/repo/tool/security";

#[test]
fn head_answers_as_get_does_without_a_body() {
    let (h, _) = Harness::published();
    for target in [
        PAGE,
        SECURITY,
        "/api/v1/blocklist",
        "/api/v1/blocklist/check?name=tool",
        "/api/v1/health",
        "/api/v1/skills/no/security",
    ] {
        let (get, head) = (h.fetch("GET", target, &[]), h.fetch("HEAD", target, &[]));
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{target}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert!(!get.body.is_empty());
    }
}

#[test]
fn wrong_addresses_and_methods_are_problems_with_the_methods_there_are() {
    let h = Harness::new();
    for (method, target, status, allow) in [
        ("GET", "/nothing", 404, None),
        ("POST", "/api/v1/blocklist", 405, Some("GET, HEAD")),
        ("PUT", SECURITY, 405, Some("GET, HEAD")),
        ("GET", "/api/v1/webhooks/scan-results", 405, Some("POST")),
        ("HEAD", "/api/v1/admin/skills/publish", 405, Some("POST")),
        ("DELETE", PAGE, 405, Some("GET, HEAD")),
    ] {
        let response = h.fetch(method, target, &[]);
        assert_eq!(
            (response.status, response.header("allow")),
            (status, allow),
            "{method} {target}"
        );
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        if method != "HEAD" {
            let problem: serde_json::Value = serde_json::from_str(&response.body).unwrap();
            assert_eq!(
                (&problem["type"], &problem["status"]),
                (&"about:blank".into(), &status.into())
            );
        }
    }
}

#[test]
fn every_answer_has_its_own_request_id_and_is_not_sniffed() {
    let (h, _) = Harness::published();
    let mut ids = BTreeSet::new();
    let ours = [("x-request-id", "chosen-by-the-caller")];
    for target in [PAGE, SECURITY, "/nothing", "/api/v1/blocklist", "/api/v1/health", SECURITY] {
        let response = h.fetch("GET", target, &ours);
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        let id = response.header("x-request-id").unwrap();
        assert!(id != "chosen-by-the-caller" && ids.insert(id.to_owned()), "{id}");
        for (name, value) in &response.headers {
            assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{name}: {value}");
            assert_eq!(response.headers.iter().filter(|(n, _)| n == name).count(), 1, "{name}");
        }
    }
}

#[test]
fn only_public_reads_may_be_read_by_any_sites_scripts() {
    let (h, _) = Harness::published();
    let cors = |target: &str| {
        h.fetch("GET", target, &[]).header("access-control-allow-origin").map(str::to_owned)
    };
    for target in
        [SECURITY, "/api/v1/blocklist", "/api/v1/blocklist/check?name=tool", "/api/v1/health"]
    {
        assert_eq!(cors(target).as_deref(), Some("*"), "{target}");
    }
    assert_eq!(cors(PAGE), None);
    for target in
        ["/api/v1/admin%2Fblocklist", "/api/v1/%61dmin/blocklist", "/api%2fv1/admin/blocklist"]
    {
        let token = format!("Bearer {ADMIN}");
        let response = h.fetch("GET", target, &[("authorization", &token)]);
        let cors = response.header("access-control-allow-origin");
        assert_eq!((response.status, cors), (200, None), "{target}");
    }
    let response = h.publish_as(
        tool().to_string().into_bytes(),
        &[
            ("authorization", &format!("Bearer {ADMIN}")),
            ("content-type", "application/json"),
            ("origin", "https://evil.example"),
        ],
    );
    assert_eq!((response.status, response.header("access-control-allow-origin")), (202, None));
    assert_eq!(response.header("cache-control"), Some("no-store"));
}

#[test]
fn an_answer_is_kept_as_long_as_it_may_hold_and_no_longer() {
    let (h, ids) = Harness::published();
    let cache =
        |target: &str| h.fetch("GET", target, &[]).header("cache-control").unwrap().to_owned();
    assert_eq!(cache(SECURITY), "no-cache", "something is pending");
    assert_eq!(cache("/api/v1/blocklist"), "public, max-age=60, stale-if-error=86400");
    assert_eq!(cache("/api/v1/blocklist/check?name=tool"), "public, max-age=30");
    assert_eq!(cache("/api/v1/health"), "no-store");
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    assert_eq!(cache(SECURITY), "public, max-age=30");
    assert_eq!(cache(&format!("/api/v1/skills/{NAME}/security/njsscan")), "no-cache");
}

#[test]
fn a_query_that_cannot_be_read_is_400_and_not_another_question() {
    let (h, _) = Harness::published();
    let history = format!("/api/v1/skills/{NAME}/security/history");
    for target in [
        "/api/v1/blocklist/check?name=%zz".to_owned(),
        "/api/v1/blocklist/check?name=tool&repoUrl=%ff".to_owned(),
        format!("{history}?cursor=%zz"),
        format!("{history}?limit=%"),
    ] {
        assert_eq!(h.get(&target).0, 400, "{target}");
    }
    for target in [
        format!("{history}?limit=99999999999999999999999999"),
        format!("{history}?limit=-99999999999999999999999999"),
        format!("{history}?other=%zz&%zz=1"),
    ] {
        assert_eq!(h.get(&target).0, 200, "{target}");
    }
}
