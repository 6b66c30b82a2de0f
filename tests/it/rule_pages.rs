//! The page of each rule: which there are, the deployed files decide.

use crate::harness::Harness;

const ID: &str = "skillgate.decode-exec.js-eval";

#[test]
fn every_rule_of_the_pack_and_every_chain_has_a_page() {
    let h = Harness::new();
    let index = h.fetch("GET", "/rules", &[]).body;
    let book = skillgate_openapi::files();
    let names: Vec<_> = book
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".html")?.strip_prefix("rules/"))
        .collect();
    assert!(names.len() > 60, "{names:?}");
    for name in names {
        let page = h.fetch("GET", &format!("/rules/{name}"), &[]);
        assert_eq!(page.status, 200, "{name}");
        assert!(page.body.contains(&format!(
            "<link rel=\"canonical\" href=\"https://skills.example/rules/{name}\">"
        )));
        assert!(index.contains(&format!("href=\"/rules/{name}\"")), "{name} is not listed");
    }
}

#[test]
fn a_page_of_a_rule_is_kept_until_it_changes() {
    let h = Harness::new();
    let path = format!("/rules/{ID}");
    let page = h.fetch("GET", &path, &[]);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(page.body.contains(&format!("<title>{ID} · Skillgate</title>")), "{}", page.body);
    let etag = page.header("etag").unwrap().to_owned();
    let again = h.fetch("GET", &path, &[("if-none-match", &etag)]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let head = h.fetch("HEAD", &path, &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let length = page.body.len().to_string();
    assert_eq!(
        (head.header("etag"), head.header("content-length")),
        (Some(&*etag), Some(&*length))
    );
}

#[test]
fn an_address_that_is_no_rule_is_not_found_and_reads_no_other_file() {
    let h = Harness::new();
    for name in [
        "skillgate.no-such-family.x",
        "no-such-document",
        "SKILLGATE.decode-exec.js-eval",
        "..%2fadmin.js",
        "..%2Fopenapi.json",
        "%2e%2e%2fdocs",
        "..",
        "a%00b",
        "agents.html",
        "a%5cb",
        "a%0d%0ab",
        "",
        &"a".repeat(5_000),
    ] {
        for accept in ["text/html", "application/json"] {
            let answer = h.fetch("GET", &format!("/rules/{name}"), &[("accept", accept)]);
            assert_eq!(answer.status, 404, "{name}");
            let kind = answer.header("content-type").unwrap();
            let expected =
                if accept == "text/html" { "text/html" } else { "application/problem+json" };
            assert!(kind.starts_with(expected), "{name}: {kind}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
        }
    }
    assert_eq!(h.fetch("POST", &format!("/rules/{ID}"), &[]).status, 405);
}

#[test]
fn a_rule_without_a_page_leads_to_its_family() {
    let h = Harness::new();
    for (id, family) in [
        ("skillgate.decode-exec.no-such-rule", "decode-exec"),
        ("skillgate.coverage.of-a-newer-scanner", "coverage"),
        ("skillgate.windows", "windows"),
    ] {
        let answer = h.fetch("GET", &format!("/rules/{id}"), &[]);
        let section = format!("/rules#{family}");
        assert_eq!((answer.status, answer.header("location")), (302, Some(&*section)), "{id}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn a_deployment_without_its_files_raises_the_alarm_for_every_page_of_rules() {
    for path in ["/rules".to_owned(), format!("/rules/{ID}"), "/rules/agents".to_owned()] {
        let h = Harness::new();
        h.world.bare.set(true);
        assert_eq!(h.fetch("GET", &path, &[]).status, 500, "{path}");
        assert_eq!(h.events("worker.failed").len(), 1, "{path}");
    }
}
