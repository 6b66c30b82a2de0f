//! What a client's network may do only so often.

use crate::harness::{ADMIN, Harness, INTERNAL, MOST_A_MINUTE, NAME, SECRET, request, started};
use serde_json::{Value as Json, json};
use skillgate_worker::http::Response;

const HERE: (&str, &str) = ("cf-connecting-ip", "203.0.113.7");
const THERE: (&str, &str) = ("cf-connecting-ip", "198.51.100.9");

fn list(h: &Harness, from: (&str, &str), token: &str) -> Response {
    let token = format!("Bearer {token}");
    h.fetch("GET", "/api/v1/admin/blocklist", &[from, ("authorization", &token)])
}

fn pending(h: &Harness, from: (&str, &str), key: &str) -> u16 {
    h.fetch("GET", "/api/v1/internal/pending-sast-scans", &[from, ("x-internal-key", key)]).status
}

fn callback(h: &Harness, from: (&str, &str), id: &str, secret: &str) -> u16 {
    let body = h.stamped(&started(id, "semgrep"));
    let signature = crate::harness::key(secret).sign(&body);
    let headers = [from, ("content-type", "application/json"), ("x-webhook-signature", &signature)];
    h.send_request(&request("POST", "/api/v1/webhooks/scan-results", &headers, body)).status
}

#[test]
fn g51_wrong_secrets_of_an_address_are_limited_and_right_ones_always_taken() {
    let (mut h, ids) = Harness::published();
    h.configure(&[("DISPATCH", "pull")]);
    for _ in 0..MOST_A_MINUTE {
        assert_eq!(list(&h, HERE, "a-guess-of-the-tests").status, 401);
    }
    let refused = list(&h, HERE, "another-guess-of-the-tests");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("60")));
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    let problem: Json = serde_json::from_str(&refused.body).unwrap();
    assert_eq!((&problem["status"], &problem["title"]), (&json!(429), &json!("Too many requests")));
    assert_eq!(pending(&h, HERE, "a-key-of-nobody-here"), 429, "all secrets count together");
    assert_eq!(callback(&h, HERE, &ids[0], "a-secret-of-nobody"), 429);
    // Scanners behind the same address go on.
    assert_eq!(list(&h, HERE, ADMIN).status, 200);
    assert_eq!(pending(&h, HERE, INTERNAL), 200);
    assert_eq!(callback(&h, HERE, &ids[0], SECRET), 200);
    assert_eq!(h.fetch("GET", &format!("/api/v1/skills/{NAME}"), &[HERE]).status, 200);
    // Others are told as before.
    assert_eq!(list(&h, THERE, "a-guess-of-the-tests").status, 401);
}

#[test]
fn g51_a_right_secret_is_no_guess_and_without_limits_the_worker_works_and_says_so() {
    let h = Harness::new();
    for _ in 0..=2 * MOST_A_MINUTE {
        assert_eq!(list(&h, HERE, ADMIN).status, 200);
    }
    assert_eq!(list(&h, HERE, "a-guess-of-the-tests").status, 401);
    assert_eq!(h.get("/api/v1/health").1["checks"]["limits"], "ok");
    *h.world.limits.borrow_mut() = None;
    for _ in 0..=2 * MOST_A_MINUTE {
        assert_eq!(list(&h, HERE, "a-guess-of-the-tests").status, 401);
    }
    let (status, health) = h.get("/api/v1/health");
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    assert_eq!(health["checks"]["limits"], "missing");
}

#[test]
fn g51_all_addresses_of_one_ipv6_network_are_one_client() {
    let client = |address: &str| {
        let request = request("GET", "/", &[("cf-connecting-ip", address)], Vec::new());
        request.client()
    };
    let network = client("2001:db8:1:2:3:4:5:6");
    assert_eq!(network.as_deref(), Some("20010db800010002"));
    assert_eq!(client("2001:db8:1:2::1"), network);
    assert_ne!(client("2001:db8:1:3:3:4:5:6"), network);
    assert_eq!(client("2001:db8::a:b:c:d"), client("2001:db8::e"));
    assert_eq!(client("203.0.113.7").as_deref(), Some("203.0.113.7"));
    assert_eq!((client("127.0.0.1"), client("::1")), (None, None), "the machine itself");
}

#[test]
fn g52_installs_of_an_address_write_a_bounded_number_of_times_a_minute() {
    let (h, _) = Harness::published();
    let target = format!("/api/v1/skills/{NAME}/installs");
    let installed = |from: (&str, &str)| {
        h.advance(1_000);
        let response = h.fetch("POST", &target, &[from]);
        assert_eq!(response.status, 202, "no installer is kept waiting or told of an error");
        serde_json::from_str::<Json>(&response.body).unwrap()["counted"].as_u64().unwrap()
    };
    for _ in 0..MOST_A_MINUTE {
        assert_eq!(installed(HERE), 1);
    }
    assert_eq!(installed(HERE), 0);
    assert_eq!(installed(THERE), 1, "another address");
    let many = json!({"names": [NAME]}).to_string().into_bytes();
    h.advance(1_000);
    let response = h.send_request(&request("POST", "/api/v1/skills/installs", &[HERE], many));
    assert_eq!((response.status, response.body.contains("\"counted\":0")), (202, true));
    let counted: i64 = h.db().one("SELECT installs FROM skill");
    assert_eq!(counted, i64::from(MOST_A_MINUTE) + 1);
}
