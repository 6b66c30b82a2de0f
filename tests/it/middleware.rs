//! What each address owes its callers, in one table: methods, HEAD, ETags, who may keep and read it.

mod table;

use self::table::{HTML, READS, WRITES};
use crate::harness::{ADMIN, Harness, INTERNAL, NAME, PROVIDERS, request, result};
use skillgate_worker::http::{Body, Response};
use std::{collections::BTreeSet, fs};

/// A skill with a verdict, and an entry in the list.
fn world() -> Harness {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [1, 0, 0, 0]));
    }
    h
}

fn ask(h: &Harness, method: &str, target: &str, more: &[(&str, &str)]) -> Response {
    let token = format!("Bearer {ADMIN}");
    let mut headers = vec![("authorization", token.as_str()), ("x-internal-key", INTERNAL)];
    headers.extend_from_slice(more);
    h.fetch(method, target, &headers)
}

/// Every address that `src/route.rs` documents stands in one of the two tables.
#[test]
fn the_tables_leave_no_route_out() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/route.rs");
    let source = fs::read_to_string(source).unwrap();
    let routes: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// `")?.split_once('`'))
        .map(|(route, _)| route)
        .filter(|route| route.contains(" /"))
        .collect();
    let reads = READS.iter().map(|read| format!("GET {}", read.0));
    let known: BTreeSet<_> = reads.chain(WRITES.iter().map(|w| w.0.to_owned())).collect();
    let missing: Vec<_> = routes.iter().filter(|route| !known.contains(**route)).collect();
    assert!(missing.is_empty(), "give these a row: {missing:?}");
    assert_eq!(routes.len(), known.len());
}

#[test]
fn every_read_says_what_it_is_who_may_keep_it_and_who_may_read_it() {
    let h = world();
    for (_, target, kind, kept, etag, public) in READS {
        let response = ask(&h, "GET", target, &[]);
        let header = |name: &str| response.header(name);
        assert_eq!((response.status, header("content-type")), (200, Some(*kind)), "{target}");
        assert_eq!(header("cache-control"), Some(kept.header()), "{target}");
        assert_eq!(header("etag").is_some(), *etag, "{target}");
        assert_eq!(header("access-control-allow-origin"), public.then_some("*"), "{target}");
        assert_eq!(header("access-control-allow-credentials"), None);
        let resource = if *public { "cross-origin" } else { "same-origin" };
        assert_eq!(header("cross-origin-resource-policy"), Some(resource), "{target}");
        assert_safe(&response, target);
    }
}

/// No answer may be sniffed, framed, or run anything that it did not bring by hash.
fn assert_safe(response: &Response, target: &str) {
    let header = |name: &str| response.header(name).unwrap_or_else(|| panic!("{target}: {name}"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("strict-transport-security"), "max-age=31536000");
    assert_eq!(header("x-request-id").len(), 32);
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';"), "{target}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{target}: {policy}");
    for wide in ["unsafe", "*", "data:", "http"] {
        assert!(!policy.contains(wide), "{target}: {policy}");
    }
    if response.header("content-type").is_some_and(|kind| kind == HTML) {
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert!(header("permissions-policy").contains("camera=()"));
    } else {
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{target}");
    }
    let mut names = BTreeSet::new();
    for (name, value) in &response.headers {
        assert!(names.insert(*name), "{target}: {name} twice");
        assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)), "{target}: {name}: {value}");
    }
}

#[test]
fn head_has_the_headers_of_get_and_the_length_of_what_it_leaves_out() {
    let h = world();
    let missing = [("", "/api/v1/skills/no/security", "", table::Kept::No, false, false)];
    for (_, target, ..) in READS.iter().chain(&missing) {
        let (get, head) = (ask(&h, "GET", target, &[]), ask(&h, "HEAD", target, &[]));
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{target}");
        let length = get.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()), "{target}");
        let shared = |response: &Response| -> Vec<_> {
            let own = ["x-request-id", "content-length"];
            let headers = response.headers.iter().filter(|(name, _)| !own.contains(name));
            headers.cloned().collect()
        };
        assert_eq!(shared(&head), shared(&get), "{target}");
    }
}

#[test]
fn who_has_an_answer_already_is_not_sent_it_again() {
    let h = world();
    for (_, target, _, kept, etag, public) in READS.iter().filter(|read| read.4) {
        let first = ask(&h, "GET", target, &[]);
        let tag = first.header("etag").unwrap();
        assert!(etag & tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
        assert_eq!(ask(&h, "GET", target, &[]).header("etag"), Some(tag), "{target}");
        for known in [tag, &format!("W/{tag}"), &format!("\"x\" , {tag}"), "*"] {
            for method in ["GET", "HEAD"] {
                let again = ask(&h, method, target, &[("if-none-match", known)]);
                assert_eq!((again.status, again.body.as_str()), (304, ""), "{target} {known}");
                assert_eq!(again.header("etag"), Some(tag), "{target}");
                assert_eq!(again.header("cache-control"), Some(kept.header()), "{target}");
                assert_eq!(again.header("vary"), first.header("vary"), "{target}");
                assert_eq!(again.header("content-length"), None, "{target}");
                let cors = again.header("access-control-allow-origin");
                assert_eq!(cors, public.then_some("*"), "{target}");
            }
        }
        let other = ask(&h, "GET", target, &[("if-none-match", "\"other\"")]);
        assert_eq!((other.status, &other.body), (200, &first.body), "{target}");
    }
    // An error is not a representation of anything.
    let missing = "/api/v1/skills/no/security";
    assert_eq!(ask(&h, "GET", missing, &[("if-none-match", "*")]).status, 404);
    assert_eq!(ask(&h, "GET", missing, &[]).header("etag"), None);
}

#[test]
fn two_forms_of_one_address_have_tags_of_their_own() {
    let h = world();
    let target = format!("/api/v1/skills/{NAME}/security/semgrep");
    let tag = |accept: &str| {
        let response = ask(&h, "GET", &target, &[("accept", accept)]);
        assert_eq!(response.header("vary"), Some("accept"));
        response.header("etag").unwrap().to_owned()
    };
    assert_ne!(tag("application/json"), tag("application/sarif+json"));
}

#[test]
fn every_other_method_is_refused_with_the_methods_there_are() {
    let h = world();
    let reads = READS.iter().map(|read| (read.1.split('?').next().unwrap(), "GET, HEAD"));
    let rows = reads
        .filter(|(target, _)| WRITES.iter().all(|write| write.1 != *target))
        .chain(WRITES.iter().map(|write| (write.1, write.2)));
    for (target, allow) in rows {
        for method in ["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "TRACE", "get"] {
            if allow.split(", ").any(|a| a == method) {
                continue;
            }
            let response = ask(&h, method, target, &[]);
            assert_eq!((response.status, response.header("allow")), (405, Some(allow)), "{target}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
            assert_safe(&response, target);
        }
    }
}

#[test]
fn a_browser_is_told_that_it_may_read_what_is_public_and_do_nothing_else() {
    let h = world();
    let preflight = |target: &str, method: &str| {
        let headers =
            [("origin", "https://site.example"), ("access-control-request-method", method)];
        ask(&h, "OPTIONS", target, &headers)
    };
    for (_, target, _, _, _, public) in READS {
        let response = preflight(target, "GET");
        assert_eq!((response.status, response.body.as_str()), (204, ""), "{target}");
        assert!(response.header("allow").unwrap().starts_with("GET, HEAD"), "{target}");
        let header = |name: &str| response.header(name);
        assert_eq!(header("access-control-allow-origin"), public.then_some("*"), "{target}");
        assert_eq!(header("access-control-allow-methods"), public.then_some("GET, HEAD"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(header("content-length"), None);
        assert_safe(&response, target);
    }
    for (_, target, allow) in WRITES {
        let response = preflight(target, "POST");
        assert_eq!((response.status, response.header("allow")), (204, Some(*allow)), "{target}");
        assert_eq!(response.header("access-control-allow-origin"), None, "{target}");
    }
    assert_eq!(preflight("/nothing", "GET").status, 404);
}

#[test]
fn people_get_a_page_and_programs_a_problem() {
    let h = world();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (target, accept, page) in [
        ("/nothing", browser, true),
        ("/skills/nobody/security", browser, true),
        ("/skills/%3Cscript%3E/security", browser, true),
        ("/%zz", browser, true),
        ("/nothing", "*/*", false),
        ("/nothing", "", false),
        ("/nothing", "application/json, text/html;q=0.9", false),
        ("/nothing", "application/problem+json, text/html;q=0.9", false),
        ("/skills/nobody/security", "application/json", false),
        ("/api/v1/skills/nobody/security", browser, false),
        ("/api/v1/nothing", browser, false),
    ] {
        let response = ask(&h, "GET", target, &[("accept", accept)]);
        let kind = if page { HTML } else { "application/problem+json" };
        assert_eq!(
            (response.status, response.header("content-type")),
            (404, Some(kind)),
            "{target} {accept}"
        );
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_safe(&response, target);
        if page {
            assert_eq!(response.header("vary"), Some("accept"));
            let id = response.header("x-request-id").unwrap();
            for part in ["There is nothing here", "href=\"/docs\"", "Error 404", id] {
                assert!(response.body.contains(part), "{target}: {part}");
            }
            assert!(!response.body.contains("<script"), "{target}");
        }
    }
    let posted = ask(&h, "POST", "/docs", &[("accept", browser)]);
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
    assert_eq!(posted.header("content-type"), Some(HTML));
    h.db().go_down();
    let down = ask(&h, "GET", "/skills/tool/security", &[("accept", browser)]);
    assert_eq!((down.status, down.header("retry-after")), (503, Some("30")));
    assert!(down.body.contains("Nothing was changed"), "{}", down.body);
    assert!(!down.body.contains("sqlite"), "{}", down.body);
}

#[test]
fn without_https_nobody_is_told_to_insist_on_it() {
    let h = Harness::with(&[("PLATFORM_URL", "http://127.0.0.1:8787")]);
    assert_eq!(ask(&h, "GET", "/docs", &[]).header("strict-transport-security"), None);
}

#[test]
fn without_its_static_files_the_worker_says_so_and_serves_the_rest() {
    let h = world();
    h.world.bare.set(true);
    for (target, file) in [
        ("/docs", "docs.html"),
        ("/rules", "rules.html"),
        ("/openapi.json", "openapi.json"),
        ("/admin", "admin.js"),
    ] {
        let page = ask(&h, "GET", target, &[("accept", "text/html")]);
        let kind = if target == "/openapi.json" { "application/problem+json" } else { HTML };
        assert_eq!((page.status, page.header("content-type")), (500, Some(kind)), "{target}");
        assert!(
            page.body.to_lowercase().contains("something went wrong on our side"),
            "{}",
            page.body
        );
        assert_eq!((page.header("cache-control"), page.header("etag")), (Some("no-store"), None));
        assert_safe(&page, target);
        let failed = h.events("worker.failed").pop().unwrap();
        let cause = failed["message"].as_str().unwrap();
        assert!(cause.contains(&format!("static file: {file}")), "{failed}");
    }
    for target in ["/", "/skills/tool/security", "/api/v1/blocklist"] {
        assert_eq!(ask(&h, "GET", target, &[]).status, 200, "{target}");
    }
}

#[test]
fn a_caller_that_hangs_up_raises_no_alarm() {
    let h = world();
    for target in ["/api/v1/webhooks/scan-results", "/api/v1/skills/installs"] {
        let mut asked = request("POST", target, &[], Vec::new());
        asked.body = Body::Incomplete;
        let (lines, response) = (h.log(), h.send_request(&asked));
        assert_eq!(response.status, 400, "{target}");
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
        assert_eq!(h.log(), lines, "{target}: anybody can fill the log");
    }
}
