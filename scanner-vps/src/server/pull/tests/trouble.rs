//! A worker that is down, answers nonsense, or offers what this scanner may not do.

use super::*;
use serde_json::json;
use skillgate_contract::Secret;

const LIST: &str = "pending-sast-scans";
const CLAIM: &str = "claim-sast-scan";
const RELEASE: &str = "release-sast-scan";

#[tokio::test]
async fn a_worker_that_is_down_is_asked_again_until_it_is_back() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = Worker::on(port, []).await;
    let puller = Running::start(&down, "one");
    down.until_asked(LIST, 1).await;
    down.say_once(LIST, [500, 502, 429, 503].map(|status| Canned::Says(status, String::new())));
    down.until_asked(LIST, 6).await;
    drop(down);
    tokio::time::sleep(Duration::from_millis(150)).await;
    let back = Worker::on(port, ["a"]).await;
    puller.board.began(1).await;
    puller.pass("a");
    back.until_over().await;
}

#[tokio::test]
async fn a_worker_that_wants_not_to_be_asked_is_not() {
    let worker = Worker::with(["a"]).await;
    worker.say_once(LIST, [Canned::RetryAfter(429, 1), Canned::RetryAfter(503, 1)]);
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    let asked = worker.asked(LIST);
    let waits: Vec<_> = asked.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    assert!(waits[..2].iter().all(|wait| *wait >= Duration::from_millis(990)), "{waits:?}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_the_worker_to_come_back() {
    let worker = Worker::with([]).await;
    worker.say_once(LIST, [Canned::RetryAfter(503, 3600)]);
    let mut puller = Running::start(&worker, "one");
    worker.until_asked(LIST, 1).await;
    puller.signal();
    puller.ended().await;
}

#[tokio::test]
async fn an_answer_that_is_not_as_agreed_stops_nothing() {
    let worker = Worker::with([]).await;
    let deep = "[".repeat(100_000);
    let long = format!("{{\"scans\":[\"{}\"]}}", "x".repeat(2 * 1024 * 1024));
    let bodies = ["", "[]", "{", "null", "{\"scans\":5}", "<html>", &deep, &long];
    worker.say_once(LIST, bodies.map(|body| Canned::Says(200, body.to_owned())));
    worker.say_once(LIST, [Canned::Says(302, String::new()), Canned::Says(204, String::new())]);
    let puller = Running::start(&worker, "one");
    worker.until_asked(LIST, 11).await;
    // What one scanner cannot read does not keep it from the rest.
    worker.offer("later", |offer| offer["provider"] = "of-the-future".into());
    worker.offer("wrong", |offer| offer["attempt"] = "1".into());
    worker.offer("odd", |offer| *offer = json!(["scan"]));
    worker.offer("a", |_| {});
    puller.board.began(1).await;
    assert_eq!(puller.board.has_begun(), ["a"]);
    assert_eq!(worker.asked(CLAIM).len(), 1);
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_or_cannot_be_read_is_handed_back() {
    let other = json!({"ok": true, "scan": {"id": "scan-other", "skillName": "x",
        "provider": "semgrep", "repoUrl": "https://github.com/o/r", "skillPath": null,
        "commitSha": null, "callbackUrl": "https://a.example", "dispatchedAt": null, "attempt": 1,
        "callbackSecret": "s3cret"}});
    let mut unnumbered = other.clone();
    unnumbered["scan"]["id"] = "scan-a".into();
    unnumbered["scan"]["attempt"] = 0.into();
    for canned in [
        Canned::Lost,
        Canned::Says(502, String::new()),
        Canned::Says(200, "{\"ok\":true}".into()),
        Canned::Says(200, other.to_string()),
        Canned::Says(200, unnumbered.to_string()),
    ] {
        let worker = Worker::with(["a"]).await;
        worker.say_once(CLAIM, [canned.clone()]);
        let _puller = Running::start(&worker, "one");
        worker.until_asked(RELEASE, 1).await;
        assert_eq!(worker.asked(CLAIM)[0].body, worker.asked(RELEASE)[0].body, "{canned:?}");
        worker.offer("b", |_| {});
        worker.until(|state| state.rows[1].holder == Holder::Claimed("one".into())).await;
        let again = worker.asked(CLAIM).iter().filter(|a| a.body["scanId"] == "scan-a").count();
        assert!(again <= 2, "{canned:?}: {again}");
    }
}

#[tokio::test]
async fn a_wrong_key_opens_nothing_and_is_asked_about_less_and_less() {
    let worker = Worker::with(["a"]).await;
    let wrong = worker::problem(401, "none").1.to_string();
    worker.say_once(LIST, [Canned::Says(401, wrong.clone()), Canned::Says(403, wrong)]);
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    assert_eq!(worker.asked(CLAIM).len(), 1);
}

#[tokio::test]
async fn g23_a_scan_whose_report_may_not_go_where_it_should_is_not_taken() {
    let worker = Worker::with([]).await;
    for (name, url) in [
        ("evil", "https://evil.example/api/v1/webhooks/scan-results"),
        ("user", "http://user@127.0.0.1/api/v1/webhooks/scan-results"),
    ] {
        worker.offer(name, |offer| offer["callbackUrl"] = url.into());
    }
    worker.offer("a", |_| {});
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!((puller.board.has_begun(), worker.asked(CLAIM).len()), (vec!["a".to_owned()], 1));
}

#[tokio::test]
async fn g23_a_claim_that_names_another_receiver_than_the_offer_is_handed_back_once() {
    let worker = Worker::with(["a"]).await;
    let evil = json!({"ok": true, "scan": {"id": "scan-a", "skillName": "a", "provider": "semgrep",
        "repoUrl": "https://github.com/o/r", "skillPath": null, "commitSha": null,
        "callbackUrl": "https://evil.example/api/v1/webhooks/scan-results", "dispatchedAt": null,
        "attempt": 1, "callbackSecret": "s3cret"}});
    worker.say_once(CLAIM, [Canned::Says(200, evil.to_string())]);
    let puller = Running::start(&worker, "one");
    worker.until_asked(RELEASE, 1).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!((worker.asked(CLAIM).len(), puller.board.has_begun().len()), (1, 0));
}

#[tokio::test]
async fn g22_a_repository_on_a_host_that_is_not_allowed_is_reported_and_not_run() {
    let worker = Worker::with([]).await;
    worker.offer("a", |offer| offer["repoUrl"] = "https://gitlab.example/o/r".into());
    let puller = Running::start(&worker, "one");
    worker.until_over().await;
    assert_eq!((worker.events("a"), puller.board.has_begun()), (vec!["failed".to_owned()], vec![]));
    let error = worker.asked("scan-results")[0].body["error"].as_str().unwrap().to_owned();
    assert!(error.contains("gitlab.example"), "{error}");
}

#[test]
fn g27_nothing_shows_the_key() {
    let settings = settings("http://127.0.0.1:1", "one");
    assert!(!format!("{settings:?} {}", settings.platform).contains(KEY));
    let secret: Secret = {
        let env = |name: &str| match name {
            "PLATFORM_URL" => Some("http://127.0.0.1:1".into()),
            "INTERNAL_KEY" => Some(KEY.into()),
            "HOME" => Some("/home/x".into()),
            _ => None,
        };
        PullSettings::read(env).unwrap().key
    };
    assert!(!format!("{secret:?}").contains(KEY));
}

#[tokio::test]
async fn a_worker_that_offers_the_same_scan_for_ever_keeps_nobody_busy() {
    let worker = Worker::with([]).await;
    worker.offer("a", |offer| offer["repoUrl"] = "https://gitlab.example/o/r".into());
    let offers = json!({"scans": [worker.look(|state| state.rows[0].offer.clone())]}).to_string();
    worker.say_once(LIST, (0..1_000).map(|_| Canned::Says(200, offers.clone())));
    let _puller = Running::start(&worker, "one");
    worker.until_asked(LIST, 6).await;
    assert_eq!((worker.asked(CLAIM).len(), worker.events("a").len()), (1, 1));
}
