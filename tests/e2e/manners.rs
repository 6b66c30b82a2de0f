//! What the platform makes of our answers on the wire: HEAD, 304, OPTIONS, lengths.

use crate::{
    harness::Bench,
    local::{COMMIT, result},
};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

const NAME: &str = "owner/repo/tool";

/// One raw exchange: the status, the headers with lower-case names, and all that follows them.
fn exchange(
    bench: &Bench,
    method: &str,
    path: &str,
    more: &str,
) -> (u16, Vec<(String, String)>, String) {
    let base = bench.stack.worker.base_url();
    let address = base.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    (status, headers.map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect(), body.to_owned())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

#[test]
fn head_304_and_options_are_on_the_wire_what_they_are_in_the_worker() {
    let bench = Bench::alone(|_| {});
    for scan in bench.published(NAME, COMMIT) {
        let answer = bench.report(&result(&scan, NAME, COMMIT, [0; 4]));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let encoded = "owner%2Frepo%2Ftool";
    for path in [
        format!("/api/v1/skills/{NAME}/security"),
        format!("/api/v1/skills/{encoded}/badge/overall"),
        format!("/api/v1/skills/{encoded}/security/semgrep?format=sarif"),
        "/api/v1/blocklist".to_owned(),
        "/openapi.json".to_owned(),
        "/docs".to_owned(),
    ] {
        let get = bench.stack.client.get(&path, &[]).unwrap();
        let (status, headers, body) = exchange(&bench, "HEAD", &path, "");
        assert_eq!((status, body.as_str()), (200, ""), "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy", "vary"] {
            assert_eq!(header(&headers, name), get.header(name), "{path} {name}");
        }
        let length = get.body.len().to_string();
        assert_eq!(header(&headers, "content-length"), Some(length.as_str()), "{path}");

        let tag = get.header("etag").unwrap();
        let (status, headers, body) =
            exchange(&bench, "GET", &path, &format!("if-none-match: \"x\", W/{tag}\r\n"));
        assert_eq!((status, body.as_str()), (304, ""), "{path}");
        assert_eq!(header(&headers, "etag"), Some(tag), "{path}");
    }
    let path = format!("/api/v1/skills/{NAME}/badge/overall");
    let badge = bench.stack.client.get(&path, &[]).unwrap();
    assert_eq!(badge.header("content-type"), Some("image/svg+xml"));
    assert!(badge.body.contains("#10B981"), "{}", badge.body);

    let (status, headers, body) =
        exchange(&bench, "OPTIONS", &path, "origin: https://site.example\r\n");
    assert_eq!((status, body.as_str()), (204, ""));
    assert_eq!(header(&headers, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&headers, "allow"), Some("GET, HEAD"));
    let (status, headers, _) = exchange(&bench, "TRACE", &path, "");
    assert_eq!((status, header(&headers, "allow")), (405, Some("GET, HEAD")));

    let installed = format!("/api/v1/skills/{encoded}/installs");
    let answer = bench.stack.client.post(&installed, &[], b"").unwrap();
    assert_eq!((answer.status, answer.json()["counted"].as_u64()), (202, Some(1)));
    let (status, headers, body) = exchange(&bench, "GET", "/nothing", "accept: text/html\r\n");
    assert_eq!((status, header(&headers, "content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(body.contains("There is nothing here"), "{body}");
}

#[test]
fn g51_the_platform_counts_what_an_address_guesses() {
    let bench = Bench::alone(|_| {});
    let guess = |address: &str| {
        let shown =
            [("cf-connecting-ip", address), ("authorization", "Bearer a-guess-of-the-tests")];
        bench.stack.client.get("/api/v1/admin/blocklist", &shown).unwrap().status
    };
    // A minute may end among them.
    let statuses: Vec<u16> = (0..50).map(|_| guess("203.0.113.7")).collect();
    assert!(statuses.iter().take(20).all(|status| *status == 401), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(guess("198.51.100.9"), 401);
    let health = bench.stack.client.get("/api/v1/health", &[]).unwrap();
    assert!(health.body.contains("\"limits\":\"ok\""), "{}", health.body);
}
