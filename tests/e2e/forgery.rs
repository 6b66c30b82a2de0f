//! Callbacks that must not be believed: each gets the contract's answer, and nothing is written.

use crate::harness::{Bench, WEBHOOK, now, row};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};
use xtask::stack::RepoBuilder;

/// A worker with one published skill whose scans no scanner takes up.
fn waiting() -> (Bench, String, String) {
    // Nothing listens on the discard port of loopback.
    let bench = Bench::start_with(|options| {
        options.worker_vars.push(("SCANNER_WORKERS".into(), "http://127.0.0.1:9".into()));
    });
    let commit =
        bench.publish("calm", &RepoBuilder::new().file("SKILL.md", "# Calm\n").commit("x"));
    let scan = bench.scan("calm", "semgrep")["scanId"].as_str().unwrap().to_owned();
    // The failed sends have been noted, so that nothing is written by anybody else from here.
    crate::harness::wait_for(
        || {
            (bench.database().query_row(
                "SELECT count(*) FROM external_scan_result WHERE dispatch_error IS NOT NULL",
                [],
                |r| r.get(0),
            ) == Ok(3))
            .then_some(())
        },
        || bench.written(),
    );
    (bench, commit, scan)
}

fn clean_result(scan: &str, commit: &str) -> Value {
    json!({
        "timestamp": now(), "scanId": scan, "attempt": 1, "provider": "semgrep", "skillName": "demo/calm/calm",
        "commitSha": commit, "status": "PASS", "criticalCount": 0, "highCount": 0, "mediumCount": 0,
        "lowCount": 0, "coverage": {"complete": true, "filesScanned": 1},
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[test]
fn g03_what_is_not_believed_writes_nothing() {
    let (bench, commit, scan) = waiting();
    let key = bench.scan_key(&scan);
    let good = clean_result(&scan, &commit);
    let before = bench.written();
    let body = good.to_string();
    let body = body.as_bytes();
    let signature = key.sign(body);
    let digits = signature.strip_prefix("sha256=").unwrap();

    // Signatures (g03): one and the same answer to all of them.
    let wrong_key = bench.scan_key("another-scan").sign(body);
    let mut answers = vec![
        bench.stack.client.post(WEBHOOK, &[("content-type", "application/json")], body).unwrap(),
    ];
    for signature in [
        wrong_key.as_str(),
        "",
        "sha256=",
        &format!("sha1={digits}"),
        &format!("sha256={}", &digits[1..]),
        &format!("sha256={digits}0"),
        &format!("sha256={}", "z".repeat(64)),
        &format!("{signature},{signature}"),
    ] {
        answers.push(bench.signed(signature, body));
    }
    // Times (g16).
    for ms in [
        json!(now() - 301_000),
        json!(now() + 301_000),
        json!("1"),
        Value::Null,
        json!(i64::MAX),
        json!(i64::MIN),
    ] {
        answers.push(bench.callback(&key, &with(good.clone(), "timestamp", ms)));
    }
    let overflowing = good.to_string().replacen(&good["timestamp"].to_string(), "1e400", 1);
    answers.push(bench.signed(&key.sign(overflowing.as_bytes()), overflowing.as_bytes()));
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (401, &answers[0].body));
    }

    // Bodies.
    let raw = |text: &str| bench.signed(&key.sign(text.as_bytes()), text.as_bytes()).status;
    let master = |text: &str| {
        bench.signed(&bench.master_key().sign(text.as_bytes()), text.as_bytes()).status
    };
    assert_eq!(master("{\"timestamp\": 1"), 400);
    assert_eq!(master("[]"), 400);
    assert_eq!(master("{\"timestamp\": NaN}"), 400);
    assert_eq!(master(&format!("{{\"timestamp\": {}, \"timestamp\": {0}}}", now())), 400);
    assert_eq!(raw("{}"), 401);
    for (name, value, pointer) in [
        ("provider", json!("clamav"), "/provider"),
        ("commitSha", json!(&commit[1..]), "/commitSha"),
        ("criticalCount", json!(-1), "/criticalCount"),
        ("status", json!("CERTIFIED"), "/status"),
        ("attempt", json!(99), "/attempt"),
    ] {
        // Another attempt has another key.
        let signer = if name == "attempt" { bench.master_key() } else { bench.scan_key(&scan) };
        let answer = bench.callback(&signer, &with(good.clone(), name, value));
        assert_eq!(
            (answer.status, &answer.json()["errors"][0]["pointer"]),
            (422, &pointer.into()),
            "{}",
            answer.body
        );
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    // Another subject than the scan's (g14), and no such scan.
    for (name, value, status) in [
        ("provider", json!("njsscan"), 409),
        ("skillName", json!("demo/other/other"), 409),
        ("commitSha", json!("f".repeat(40)), 409),
        ("repoUrl", json!("https://github.com/some/other"), 409),
    ] {
        let answer = bench.callback(&key, &with(good.clone(), name, value));
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
    }
    assert_eq!(
        bench.callback(&bench.master_key(), &with(good.clone(), "scanId", json!("nobody"))).status,
        404
    );
    // The media type.
    let text = [("content-type", "text/plain"), ("x-webhook-signature", signature.as_str())];
    assert_eq!(bench.stack.client.post(WEBHOOK, &text, body).unwrap().status, 415);

    assert_eq!(bench.written(), before);
    assert_eq!(row(&bench.security("calm"), "semgrep")["phase"], "PENDING");

    // The very same body, rightly signed, is believed; its repeat changes nothing (g12).
    let answer = bench.callback(&key, &good).json();
    assert_eq!((&answer["status"], &answer["applied"]), (&"PASS".into(), &true.into()));
    let after = bench.written();
    let again = bench.callback(&key, &with(good.clone(), "timestamp", json!(now()))).json();
    assert_eq!((&again["status"], &again["applied"]), (&"PASS".into(), &false.into()));
    // Another content for the finished scan is refused (g13).
    assert_eq!(bench.callback(&key, &with(good, "lowCount", json!(1))).status, 409);
    assert_eq!(bench.written(), after);
}

#[test]
fn g33_a_body_over_one_mebibyte_is_refused_however_it_comes() {
    let (bench, commit, scan) = waiting();
    let before = bench.written();
    let key = bench.scan_key(&scan);
    let padded = |bytes: usize| {
        let mut body = with(clean_result(&scan, &commit), "padding", json!("")).to_string();
        let at = body.len() - bytes.min(body.len());
        assert!(at < body.len());
        let padding = bytes - body.len();
        body = body.replacen(
            "\"padding\":\"\"",
            &format!("\"padding\":\"{}\"", "x".repeat(padding)),
            1,
        );
        body
    };
    let over = padded(1024 * 1024 + 1);
    assert_eq!(bench.signed(&key.sign(over.as_bytes()), over.as_bytes()).status, 413);
    assert_eq!(chunked(&bench, &key.sign(over.as_bytes()), over.as_bytes()), 413);
    assert_eq!(bench.written(), before);
    let exact = padded(1024 * 1024);
    assert_eq!(bench.signed(&key.sign(exact.as_bytes()), exact.as_bytes()).status, 200);
}

/// The status of a callback sent in chunks, without a length.
fn chunked(bench: &Bench, signature: &str, body: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", bench.stack.worker.port())).unwrap();
    let head = format!(
        "POST {WEBHOOK} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         x-webhook-signature: {signature}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in body.chunks(64 * 1024) {
        // The worker may answer and hang up before it has read everything.
        let sent = stream
            .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
            .and_then(|()| stream.write_all(chunk))
            .and_then(|()| stream.write_all(b"\r\n"));
        if sent.is_err() {
            break;
        }
    }
    let _ = stream.write_all(b"0\r\n\r\n");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_default()
}
