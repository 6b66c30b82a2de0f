//! Callbacks that come again, too late, for another scan, at the edge of their time, or under an old key.

use crate::{
    harness::{Bench, WEBHOOK, now, row, wait_for},
    local::{COMMIT, id, result, with},
};
use serde_json::{Value, json};
use skillgate_contract::signature::SigningKey;
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    thread,
    time::Duration,
};

const NAME: &str = "demo/heard/heard";

#[test]
fn g12_a_callback_a_hundred_times_at_once_is_applied_once() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let report = result(&scans[0], NAME, COMMIT, [1, 0, 0, 0]);
    let answers: Vec<Value> = thread::scope(|scope| {
        let (bench, report) = (&bench, &report);
        let senders: Vec<_> = (0..10)
            .map(|_| scope.spawn(move || (0..10).map(|_| bench.report(report)).collect::<Vec<_>>()))
            .collect();
        let answers = senders.into_iter().flat_map(|sender| sender.join().unwrap());
        answers
            .map(|answer| {
                assert_eq!(answer.status, 200, "{}", answer.body);
                answer.json()
            })
            .collect()
    });
    let applied = answers.iter().filter(|answer| answer["applied"] == true).count();
    assert_eq!((answers.len(), applied), (100, 1));
    assert!(answers.iter().all(|answer| answer["status"] == "FAIL"));
    let count = |sql: &str| bench.count(&format!("SELECT count(*) FROM {sql}"));
    assert_eq!(count("audit_event WHERE action = 'scan.result'"), 1);
    assert_eq!(count("audit_event WHERE action = 'blocklist.blocked'"), 1);
    assert_eq!(count("blocklist_entry"), 1);
    assert_eq!(count("external_scan_result"), 3);

    // g13: another content, whichever its delivery id, changes nothing and is said in the log.
    let before = bench.written();
    for more in [json!({"lowCount": 1}), json!({"criticalCount": 0, "deliveryId": "again"})] {
        assert_eq!(bench.report(&with(report.clone(), &more)).status, 409);
    }
    assert_eq!(bench.written(), before);
    // The log may come after the answer.
    let log = || std::fs::read_to_string(bench.stack.worker.log()).unwrap();
    wait_for(|| log().contains("the scan has another final result").then_some(()), log);
    assert_eq!(bench.kv_differs(NAME), None);
}

#[test]
fn g14_a_scans_key_speaks_for_that_scan_only() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let others = bench.published("demo/other/other", &"b".repeat(40));
    assert_eq!(bench.pull("claim", id(&scans[0]), "me").status, 200);
    let before = bench.written();
    let honest =
        with(result(&scans[0], NAME, COMMIT, [0; 4]), &json!({"timestamp": now(), "attempt": 1}));
    // Signed by the key of scan A, in the words of scan B.
    for more in [
        json!({"provider": "njsscan"}),
        json!({"skillName": "demo/other/other"}),
        json!({"commitSha": "b".repeat(40)}),
        json!({"repoUrl": "https://github.com/demo/other"}),
    ] {
        let answer = bench.report(&with(honest.clone(), &more));
        assert_eq!(answer.status, 409, "{more}: {}", answer.body);
    }
    // Signed by the key of scan B, in the words of scan A; and under no id at all.
    let key = bench.scan_key(id(&others[0]));
    assert_eq!(bench.callback(&key, &honest).status, 401);
    let nameless = with(honest.clone(), &json!({"scanId": null}));
    assert_eq!(bench.callback(&key, &nameless).status, 401);
    assert_eq!(bench.callback(&bench.scan_key(id(&scans[0])), &nameless).status, 401);
    assert_eq!(bench.written(), before);
}

#[test]
fn g16_five_minutes_either_way_and_no_more() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    assert_eq!(bench.pull("claim", id(&scans[0]), "me").status, 200);
    let key = bench.scan_key(id(&scans[0]));
    let at = |ms: i64| {
        let body = with(
            json!({"scanId": id(&scans[0]), "provider": "semgrep", "event": "started"}),
            &json!({"timestamp": ms, "attempt": 1}),
        );
        bench.callback(&key, &body).status
    };
    // A loaded machine takes a second from now on: the edge is near, not on the line.
    for (ms, status) in [
        (now() - 290_000, 200),
        (now() + 299_000, 200),
        (now() - 301_000, 401),
        (now() + 310_000, 401),
        (i64::MAX, 401),
        (i64::MIN, 401),
    ] {
        assert_eq!(at(ms), status, "{ms}");
    }
}

#[test]
fn g32_a_rotated_secret_loses_no_callback_and_ends_with_its_window() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let old = bench.stack.secrets.webhook.clone();
    let new = old.chars().rev().collect::<String>();
    let key = |secret: &str, scan: &Value| {
        let master = SigningKey::new(secret).unwrap();
        master.scan_key(&id(scan).parse().unwrap(), 1)
    };
    let report = |scan: &Value| {
        let told = json!({"timestamp": now(), "attempt": 1});
        with(result(scan, NAME, COMMIT, [0; 4]), &told)
    };
    for scan in &scans[..2] {
        assert_eq!(bench.pull("claim", id(scan), "me").status, 200);
    }

    // Inside the window: what was under way lands under the old key, derived or not, and what
    // starts now has the new one.
    let secret = new.clone();
    let bench = bench.again(move |options| {
        let secrets = options.secrets.as_mut().unwrap();
        secrets.webhook_previous = Some(std::mem::replace(&mut secrets.webhook, secret));
    });
    assert_eq!(bench.callback(&key(&old, &scans[0]), &report(&scans[0])).status, 200);
    assert_eq!(
        bench.callback(&SigningKey::new(old.clone()).unwrap(), &report(&scans[1])).status,
        200
    );
    let claimed = bench.pull("claim", id(&scans[2]), "me").json()["scan"].clone();
    let given = SigningKey::new(claimed["callbackSecret"].as_str().unwrap()).unwrap();
    let last = report(&scans[2]);
    assert_eq!(given.sign(b"x"), key(&new, &scans[2]).sign(b"x"));
    assert_eq!(bench.callback(&given, &last).status, 200);
    assert_eq!(bench.security("heard")["overallVerdict"], "PASS");

    // After it: the old key opens nothing, the new one still does.
    let bench = bench.again(|options| options.secrets.as_mut().unwrap().webhook_previous = None);
    let before = bench.written();
    for scan in &scans {
        assert_eq!(bench.callback(&key(&old, scan), &report(scan)).status, 401);
        let master = SigningKey::new(old.clone()).unwrap();
        assert_eq!(bench.callback(&master, &report(scan)).status, 401);
    }
    let again = bench.callback(&key(&new, &scans[0]), &report(&scans[0]));
    assert_eq!((again.status, &again.json()["applied"]), (200, &false.into()), "{}", again.body);
    assert_eq!(bench.written(), before);
}

/// The status of a callback that says another length than it has; `None` where the connection ends
/// without one.
fn with_length(bench: &Bench, said: usize, signature: &str, body: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", bench.stack.worker.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!(
        "POST {WEBHOOK} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         x-webhook-signature: {signature}\r\ncontent-length: {said}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(body);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

#[test]
fn g33_a_length_that_lies_gets_nothing_in() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    assert_eq!(bench.pull("claim", id(&scans[0]), "me").status, 200);
    let before = bench.written();
    let key = bench.scan_key(id(&scans[0]));
    let report =
        with(result(&scans[0], NAME, COMMIT, [0; 4]), &json!({"timestamp": now(), "attempt": 1}));
    let large = with(report.clone(), &json!({"padding": "x".repeat(1024 * 1024)})).to_string();
    let large = large.as_bytes();
    let small = report.to_string();
    let small = small.as_bytes();
    // More is said than comes; less is said than comes, which leaves the signature of nothing.
    let more = with_length(&bench, large.len(), &key.sign(small), small);
    assert!(more.is_none_or(|status| status >= 400), "{more:?}");
    let less = with_length(&bench, small.len(), &key.sign(large), large);
    assert!(less.is_none_or(|status| status >= 400), "{less:?}");
    let cut = with_length(&bench, small.len() - 1, &key.sign(small), small);
    assert!(cut.is_none_or(|status| status == 401 || status == 400), "{cut:?}");
    for said in ["-1", "1e3", "18446744073709551616"] {
        let mut stream = TcpStream::connect(("127.0.0.1", bench.stack.worker.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head =
            format!("POST {WEBHOOK} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {said}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 2"), "{said}: {answer}");
    }
    assert_eq!(bench.written(), before);
    assert_eq!(bench.report(&report).status, 200, "the worker still serves");
    assert_eq!(row(&bench.security("heard"), "semgrep")["phase"], "PASS");
}
