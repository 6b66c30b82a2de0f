//! What the worker answers beside the main job: errors, health, methods.

use crate::harness::Bench;
use serde_json::json;

#[test]
fn every_error_is_a_problem_and_every_answer_has_an_id() {
    let bench = Bench::start();
    let client = &bench.stack.client;
    let health = client.get("/api/v1/health", &[]).unwrap();
    assert_eq!(
        (health.status, &health.json()["checks"]),
        (200, &json!({"d1": "ok", "kv": "ok", "limits": "ok"}))
    );
    let size = health.json()["databaseBytes"].as_i64().unwrap();
    assert!(size > 100_000, "D1 tells its size with each answer: {size}");

    let unknown = client.security("nobody/nothing").unwrap();
    assert_eq!(
        (unknown.status, unknown.header("content-type")),
        (404, Some("application/problem+json"))
    );
    assert_eq!(client.get("/nowhere", &[]).unwrap().status, 404);
    let wrong_method = client.post("/api/v1/blocklist", &[], b"").unwrap();
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, Some("GET, HEAD")));

    let publish = |body: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        client.post("/api/v1/admin/skills/publish", &headers, body.as_bytes()).unwrap()
    };
    let admin = &bench.stack.secrets.admin;
    assert_eq!(publish("{}", "wrong").status, 401);
    assert!(publish("{}", "wrong").header("www-authenticate").is_some());
    assert_eq!(publish("{", admin).status, 400);
    let fields =
        publish(r#"{"name": "a//b", "repoUrl": "file:///etc/passwd", "commitSha": "main"}"#, admin);
    let pointers: Vec<_> =
        fields.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(
        (fields.status, pointers),
        (422, vec!["/name".into(), "/repoUrl".into(), "/commitSha".into()])
    );
    let host = publish(r#"{"name": "a", "repoUrl": "https://git.example.invalid/a/b"}"#, admin);
    assert_eq!((host.status, &host.json()["errors"][0]["pointer"]), (422, &"/repoUrl".into()));
    assert_eq!(bench.written(), "");

    let ids: Vec<_> = [&health, &unknown, &wrong_method, &host]
        .map(|answer| answer.header("x-request-id").unwrap().to_owned())
        .into();
    assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1));
}
