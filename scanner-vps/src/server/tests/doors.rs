//! Who and what is let in, and what the rest is told.

use super::*;

fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-request-id").unwrap().len(), 32);
    assert_eq!(answer.json()["status"], status);
    for secret in [BEARER, CALLBACK_SECRET] {
        assert!(!answer.body.contains(secret));
    }
}

#[tokio::test]
async fn only_the_bearer_of_the_secret_may_order_a_scan() {
    let stage = Stage::set().await;
    let body = stage.order("a").to_string();
    for authorization in [
        String::new(),
        "Authorization: Bearer wrong\r\n".into(),
        "Authorization: Bearer \r\n".into(),
        format!("Authorization: Basic {BEARER}\r\n"),
        format!("Authorization: {BEARER}\r\n"),
        format!("Authorization: Bearer {BEARER}x\r\n"),
        format!("Authorization: Bearer {BEARER}\r\nAuthorization: Bearer {BEARER}\r\n"),
        format!("X-Internal-Key: {BEARER}\r\n"),
    ] {
        let request = format!(
            "POST /scan HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = stage.raw(request.as_bytes()).await;
        assert_problem(&answer, 401);
        assert_eq!(answer.header("www-authenticate"), Some("bearer"));
    }
    assert_eq!(stage.has_begun(), 0);
}

#[tokio::test]
async fn a_stranger_is_refused_before_the_body_is_looked_at() {
    let stage = Stage::set().await;
    let request = "POST /scan HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n";
    assert_problem(&stage.raw(request.as_bytes()).await, 401);
}

#[tokio::test]
async fn a_body_over_sixteen_kibibytes_is_refused_announced_or_not() {
    let stage = Stage::set().await;
    assert_problem(&stage.post_raw("application/json", &[b' '; 16 * 1024 + 1]).await, 413);
    let chunk = "x".repeat(20_000);
    let request = format!(
        "POST /scan HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {BEARER}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n0\r\n\r\n",
        chunk.len()
    );
    assert_problem(&stage.raw(request.as_bytes()).await, 413);
    let full = [b' '; 16 * 1024];
    assert_problem(&stage.post_raw("application/json", &full).await, 400);
}

#[tokio::test]
async fn only_json_is_read() {
    let stage = Stage::set().await;
    for kind in ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", ""] {
        assert_problem(&stage.post_raw(kind, b"{}").await, 415);
    }
    for (body, status) in [("", 400), ("[]", 400), ("{", 400), ("{\"attempt\":NaN}", 400)] {
        let kind = "Application/JSON; charset=utf-8";
        assert_problem(&stage.post_raw(kind, body.as_bytes()).await, status);
    }
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let stage = Stage::set().await;
    let mut order = stage.order("a");
    order["provider"] = "eslint".into();
    order["commitSha"] = "0".repeat(39).into();
    order["attempt"] = 0.into();
    let answer = stage.post(&order).await;
    assert_problem(&answer, 422);
    let errors = answer.json()["errors"].clone();
    let pointers: Vec<_> = errors.as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/provider", "/commitSha", "/attempt"]);
}

#[tokio::test]
async fn g22_a_repository_that_is_no_plain_url_or_on_another_host_starts_nothing() {
    let stage = Stage::set().await;
    for (url, status) in [
        ("--upload-pack=touch x", 422),
        ("ext::sh -c x", 422),
        ("file:///etc", 422),
        ("ssh://git@github.com/o/r", 422),
        ("https://u:p@github.com/o/r", 422),
        ("https://2130706433/o/r", 422),
        ("https://0x7f.1/o/r", 422),
        ("https://[::ffff:127.0.0.1]/o/r", 422),
        ("https://github.com:444/o/r", 422),
        ("https://github.com/o/..", 422),
        ("https://github.com/o/r\r\nX: y", 422),
        ("https://gitlab.example/o/r", 403),
        ("http://127.0.0.1:4000/o/r", 403),
    ] {
        let mut order = stage.order("a");
        order["repoUrl"] = url.into();
        let answer = stage.post(&order).await;
        assert_problem(&answer, status);
        assert_eq!(answer.json()["errors"][0]["pointer"], "/repoUrl");
    }
    assert_eq!(stage.has_begun(), 0);
}

#[tokio::test]
async fn g23_a_callback_that_the_settings_do_not_allow_is_refused_and_hears_nothing() {
    let stage = Stage::set().await;
    let stranger = Receiver::start([]).await;
    let own = stage.receiver.url();
    for url in [
        stranger.url(),
        format!("{own}?x=1"),
        format!("{own}/"),
        own.replace("127.0.0.1", "user@127.0.0.1"),
        own.replace("127.0.0.1", "localhost"),
        own.replace("http://", "https://"),
        "https://evil.example/api/v1/webhooks/scan-results".into(),
    ] {
        let mut order = stage.order("a");
        order["callbackUrl"] = url.into();
        let answer = stage.post(&order).await;
        assert_problem(&answer, 403);
        assert_eq!(answer.json()["errors"][0]["pointer"], "/callbackUrl");
    }
    assert_eq!(stage.has_begun(), 0);
    assert!(stranger.received().is_empty() && stage.receiver.received().is_empty());
}

#[tokio::test]
async fn other_paths_and_methods_are_told_so() {
    let stage = Stage::set().await;
    assert_problem(&stage.get("/").await, 404);
    assert_problem(&stage.get("/scan/").await, 404);
    let answer = stage.get("/scan").await;
    assert_problem(&answer, 405);
    assert_eq!(answer.header("allow"), Some("post"));
    let request = "DELETE /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = stage.raw(request.as_bytes()).await;
    assert_problem(&answer, 405);
    assert_eq!(answer.header("allow"), Some("get,head"));
}

#[tokio::test]
async fn a_caller_who_dawdles_is_cut_off() {
    let quick = |settings: &mut ServerSettings| {
        settings.http.head = Duration::from_millis(200);
        settings.http.body = Duration::from_millis(200);
    };
    let stage = Stage::with(quick, Receiver::start([]).await).await;
    let start = std::time::Instant::now();
    // `raw` returns when the server closes the connection.
    let answer = stage.raw(b"POST /scan HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert_ne!(answer.status, 202);
    let head = format!(
        "POST /scan HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {BEARER}\r\n\
         Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{{"
    );
    assert_problem(&stage.raw(head.as_bytes()).await, 408);
    assert!(start.elapsed() < Duration::from_secs(5));
}
