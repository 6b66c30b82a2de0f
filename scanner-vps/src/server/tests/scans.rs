//! What becomes of the scans that were taken.

use super::*;
use crate::delivery::tests::receiver::{Received, Reply};
use skillgate_contract::signature::{self, SigningKey};
use std::{collections::BTreeMap, fs};

async fn until(what: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if what().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

fn is_result(received: &Received) -> bool {
    received.json()["event"] == "result"
}

fn spooled(stage: &Stage) -> usize {
    let files = fs::read_dir(stage.spool.path()).unwrap();
    files.filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "json")).count()
}

#[tokio::test]
async fn a_scan_is_taken_shown_and_reported_with_its_own_key() {
    let stage = Stage::set().await;
    let answer = stage.post(&stage.order("a")).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.json(), json!({"accepted": true, "scanId": "scan-a", "queued": 0}));
    stage.receiver.wait_for_event("started").await;
    let health = stage.get("/health").await.json();
    assert_eq!((&health["status"], &health["activeScans"]), (&json!("ok"), &json!(1)));
    assert_eq!((&health["maxConcurrent"], &health["queued"]), (&json!(3), &json!(0)));
    assert_eq!(health["tools"], json!({"semgrep": "1.0"}));
    stage.pass("a");
    let sent = stage.receiver.wait_for_event("result").await;
    let key = SigningKey::new(CALLBACK_SECRET).unwrap();
    let header = sent.header(signature::SIGNATURE_HEADER);
    assert_eq!(signature::verify(&[key], header, &sent.body), Ok(()));
    let json = sent.json();
    assert_eq!((&json["scanId"], &json["attempt"]), (&json!("scan-a"), &json!(1)));
    assert_eq!((&json["workerHost"], &json["isolation"]), (&json!("host"), &json!("none")));
    assert_eq!((&json["repoOwner"], &json["highCount"]), (&json!("o"), &json!(1)));
    until(async || spooled(&stage) == 0).await;
    let metrics = stage.get("/metrics").await.body;
    let line = "skillgate_scans_total{provider=\"semgrep\",outcome=\"incomplete\"} 1";
    assert!(metrics.lines().any(|l| l == line), "{metrics}");
    assert!(metrics.lines().any(|l| l == "skillgate_deliveries_total{outcome=\"delivered\"} 1"));
    assert!(metrics.lines().any(|l| l == "skillgate_scans_active 0"));
    // More than these may have been sent: a heartbeat is an attempt too.
    let attempts = "skillgate_delivery_attempts_total{result=\"succeeded\"} ";
    let attempts: u64 =
        metrics.lines().find_map(|l| l.strip_prefix(attempts)).unwrap().parse().unwrap();
    assert!(attempts >= 1, "{metrics}");
    let ran = "skillgate_scan_duration_seconds_bucket{le=\"1200.0\",provider=\"semgrep\",outcome=\"incomplete\"} 1";
    let delivered = "skillgate_delivery_duration_seconds_count 1";
    for line in [ran, delivered, "# TYPE skillgate_scan_duration_seconds histogram", "# EOF"] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
}

#[tokio::test]
async fn three_run_at_once_two_wait_and_the_next_is_told_to_come_again() {
    let stage = Stage::set().await;
    for (name, queued) in [("a", 0), ("b", 0), ("c", 0), ("d", 1), ("e", 2)] {
        let answer = stage.post(&stage.order(name)).await;
        assert_eq!((answer.status, &answer.json()["queued"]), (202, &json!(queued)));
    }
    stage.began(3).await;
    let answer = stage.post(&stage.order("f")).await;
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(stage.has_begun(), 3);
    let health = stage.get("/health").await.json();
    assert_eq!((&health["activeScans"], &health["queued"]), (&json!(3), &json!(2)));
    stage.pass("b");
    stage.began(4).await;
    assert_eq!(stage.post(&stage.order("f")).await.status, 202);
    for name in ["a", "c", "d"] {
        stage.pass(name);
    }
    stage.began(6).await;
}

#[tokio::test]
async fn the_same_attempt_is_taken_twice_and_run_once() {
    let stage = Stage::set().await;
    for _ in 0..5 {
        assert_eq!(stage.post(&stage.order("a")).await.status, 202);
    }
    let mut nameless = stage.order("b");
    nameless.as_object_mut().unwrap().remove("scanId");
    for _ in 0..2 {
        let answer = stage.post(&nameless).await;
        assert_eq!((answer.status, &answer.json()["scanId"]), (202, &Value::Null));
    }
    stage.began(2).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(stage.has_begun(), 2);
    let mut next = stage.order("a");
    next["attempt"] = 2.into();
    assert_eq!(stage.post(&next).await.status, 202);
    stage.began(3).await;
}

#[tokio::test]
async fn a_newer_attempt_takes_the_place_of_an_older_one_that_waits() {
    let stage = Stage::set().await;
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(stage.post(&stage.order(name)).await.status, 202);
    }
    stage.began(3).await;
    // The queue is full, and the worker has lost patience with what waits in it.
    let mut newer = stage.order("d");
    newer["attempt"] = 2.into();
    for order in [&newer, &stage.order("d"), &newer] {
        let answer = stage.post(order).await;
        assert_eq!((answer.status, &answer.json()["queued"]), (202, &json!(2)));
    }
    stage.pass("a");
    stage.began(4).await;
    for name in ["b", "c", "d"] {
        stage.pass(name);
    }
    stage.began(5).await;
    stage.pass("e");
    until(async || stage.get("/health").await.json()["activeScans"] == 0).await;
    assert_eq!(stage.has_begun(), 5, "each scan once");
    until(async || stage.receiver.received().iter().filter(|r| is_result(r)).count() == 5).await;
    let attempts = stage.receiver.received().into_iter().filter(is_result).map(|r| {
        let json = r.json();
        (json["scanId"].as_str().unwrap().to_owned(), json["attempt"].as_u64().unwrap())
    });
    let attempts: BTreeMap<_, _> = attempts.collect();
    assert_eq!((attempts["scan-d"], attempts["scan-e"]), (2, 1));
}

#[tokio::test]
async fn a_scan_that_would_begin_too_late_is_told_to_come_again() {
    let receiver = Receiver::start([]).await;
    let one_at_a_time = |settings: &mut ServerSettings| {
        settings.queue.max_concurrent = 1;
        settings.queue.queue_limit = 20;
        settings.queue.max_wait = Duration::from_secs(200);
    };
    let stage = Stage::with(one_at_a_time, receiver).await;
    let submit = async |name: &str| stage.post(&stage.order(name)).await;
    // A minute each is the guess: three may wait.
    for name in ["runs", "first", "second", "third"] {
        assert_eq!(submit(name).await.status, 202);
    }
    let refused = submit("fourth").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    // Scans are over sooner than that: more may wait, but no more than if each took twenty seconds.
    for (n, name) in ["runs", "first", "second", "third"].into_iter().enumerate() {
        stage.began(n + 1).await;
        stage.pass(name);
    }
    for n in 0..8 {
        submit(&format!("short-{n}")).await;
        stage.began(5 + n).await;
        stage.pass(&format!("short-{n}"));
    }
    until(async || stage.get("/health").await.json()["activeScans"] == 0).await;
    let mut taken = 0;
    while submit(&format!("waits-{taken}")).await.status == 202 {
        taken += 1;
    }
    assert_eq!(taken, 1 + 10);
}

#[tokio::test]
async fn a_scan_that_fails_or_breaks_the_runner_is_reported_as_failed() {
    let stage = Stage::set().await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.end("a", Err(ScanFailure::new("the clone failed")));
    let sent = stage.receiver.wait_for_event("failed").await.json();
    assert_eq!(sent["error"], "the clone failed");
    stage.post(&stage.order("panics")).await;
    until(async || {
        stage
            .receiver
            .received()
            .iter()
            .any(|r| r.json()["scanId"] == "scan-panics" && r.json()["event"] == "failed")
    })
    .await;
    assert_eq!(stage.get("/health").await.json()["activeScans"], 0);
}

#[tokio::test]
async fn f8_a_scan_that_its_git_host_fails_for_the_moment_is_tried_again_and_nothing_final_is_said()
{
    let stage = Stage::set().await;
    stage.post(&stage.order("a")).await;
    for n in 1..=4 {
        stage.began(n).await;
        stage.end("a", Err(ScanFailure::transient("HTTP 503")));
    }
    stage.began(5).await;
    stage.pass("a");
    stage.receiver.wait_for_event("result").await;
    let events: Vec<_> = stage.receiver.received().iter().map(Received::event).collect();
    assert!(!events.iter().any(|event| event == "failed"), "{events:?}");
    let metrics = stage.get("/metrics").await.body;
    let line = "skillgate_scans_total{provider=\"semgrep\",outcome=\"deferred\"} 4";
    assert!(metrics.lines().any(|l| l == line), "{metrics}");
}

#[tokio::test]
async fn f8_what_rests_takes_no_place_is_not_taken_twice_and_gives_way_to_a_newer_attempt() {
    let long = |settings: &mut ServerSettings| {
        settings.queue.host_retry.initial = Duration::from_secs(600);
        settings.queue.host_retry.max = Duration::from_secs(600);
        settings.queue.max_concurrent = 1;
    };
    let stage = Stage::with(long, Receiver::start([]).await).await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.end("a", Err(ScanFailure::transient("HTTP 503")));
    until(async || stage.get("/health").await.json()["activeScans"] == 0).await;
    assert_eq!(stage.get("/health").await.json()["queued"], 1);
    assert_eq!(stage.post(&stage.order("a")).await.status, 202);
    stage.post(&stage.order("b")).await;
    stage.began(2).await;
    stage.pass("b");
    assert_eq!(stage.has_begun(), 2, "the one that rests is not begun by its repetition");
    let mut newer = stage.order("a");
    newer["attempt"] = 2.into();
    stage.post(&newer).await;
    stage.began(3).await;
    assert_eq!(stage.get("/health").await.json()["queued"], 0);
    stage.pass("a");
    until(async || stage.receiver.received().iter().filter(|r| is_result(r)).count() == 2).await;
}

#[tokio::test]
async fn f8_a_host_that_fails_for_long_ends_the_scan_with_the_reason() {
    let short = |settings: &mut ServerSettings| {
        settings.queue.host_retry.max_elapsed = Duration::from_millis(80);
    };
    let stage = Stage::with(short, Receiver::start([]).await).await;
    stage.post(&stage.order("a")).await;
    for n in 1.. {
        stage.began(n).await;
        stage.end("a", Err(ScanFailure::transient("HTTP 503; try again later")));
        let next = tokio::time::timeout(Duration::from_secs(1), stage.board.began(n + 1)).await;
        if next.is_err() {
            assert!(n > 1, "it was tried again");
            break;
        }
    }
    let sent = stage.receiver.wait_for_event("failed").await.json();
    assert_eq!(sent["error"], "HTTP 503; try again later");
}

#[tokio::test]
async fn f8_what_rests_when_the_server_stops_is_left_to_the_workers_time_out() {
    let long = |settings: &mut ServerSettings| {
        settings.queue.host_retry.initial = Duration::from_secs(600);
        settings.queue.host_retry.max = Duration::from_secs(600);
    };
    let mut stage = Stage::with(long, Receiver::start([]).await).await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.end("a", Err(ScanFailure::transient("HTTP 503")));
    until(async || stage.get("/health").await.json()["activeScans"] == 0).await;
    stage.ask_to_stop();
    let (receiver, _spool) = stage.stopped().await;
    let events: Vec<_> = receiver.received().iter().map(Received::event).collect();
    assert_eq!(events, ["started"]);
}

#[tokio::test]
async fn a_running_scan_shows_life_at_every_heartbeat_and_never_after_its_result() {
    let quick = |settings: &mut ServerSettings| {
        settings.queue.heartbeat = Duration::from_millis(30);
    };
    let stage = Stage::with(quick, Receiver::start([]).await).await;
    stage.post(&stage.order("a")).await;
    let seen = stage.receiver.wait_for(4).await;
    assert!(seen.iter().all(|r| r.event() == "started"));
    stage.pass("a");
    stage.receiver.wait_for_event("result").await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(stage.receiver.received().last().unwrap().event(), "result");
}

#[tokio::test]
async fn a_result_waits_for_the_sign_of_life_that_is_on_its_way_but_is_on_disk_before() {
    let stage = Stage::with(|_| {}, Receiver::start([Reply::Hang]).await).await;
    stage.post(&stage.order("a")).await;
    stage.receiver.wait_for(1).await;
    stage.pass("a");
    until(async || spooled(&stage) == 1).await;
    assert_eq!(stage.receiver.received().len(), 1);
    let events: Vec<_> = stage.receiver.wait_for(2).await.iter().map(Received::event).collect();
    assert_eq!(events, ["started", "result"]);
}

#[tokio::test]
async fn a_stopping_server_lets_running_scans_end_and_takes_nothing_new() {
    let mut stage = Stage::set().await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.ask_to_stop();
    until(async || stage.get("/health").await.status == 503).await;
    let answer = stage.post(&stage.order("b")).await;
    assert_eq!(answer.status, 503);
    assert!(answer.header("retry-after").is_some());
    stage.pass("a");
    let (receiver, spool) = stage.stopped().await;
    let events: Vec<_> = receiver.received().iter().map(Received::event).collect();
    assert_eq!(events, ["started", "result"]);
    assert!(
        !fs::read_dir(spool.path())
            .unwrap()
            .any(|e| { e.unwrap().path().extension().is_some_and(|x| x == "json") })
    );
}

#[tokio::test]
async fn what_a_stop_cuts_off_or_never_lets_begin_is_left_to_the_workers_time_out() {
    let short = |settings: &mut ServerSettings| {
        settings.grace = Duration::from_millis(100);
        settings.queue.max_concurrent = 1;
    };
    let mut stage = Stage::with(short, Receiver::start([]).await).await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.post(&stage.order("b")).await;
    stage.ask_to_stop();
    until(async || stage.was_cut_off() == 1).await;
    let (receiver, spool) = stage.stopped().await;
    let events: Vec<_> = receiver.received().iter().map(Received::event).collect();
    assert_eq!(events, ["started"]);
    let mut kept = fs::read_dir(spool.path()).unwrap().map(|e| e.unwrap().path());
    assert!(!kept.any(|path| path.extension().is_some_and(|x| x == "json")));
}

#[tokio::test]
async fn g17_what_could_not_be_reported_stays_in_the_spool_when_the_server_ends() {
    let down: Vec<_> = (0..10_000).map(|_| Reply::Status(503)).collect();
    let mut stage = Stage::with(|_| {}, Receiver::start(down).await).await;
    stage.post(&stage.order("a")).await;
    stage.began(1).await;
    stage.pass("a");
    stage.ask_to_stop();
    let (_receiver, spool) = stage.stopped().await;
    let kept = fs::read_dir(spool.path())
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "json"))
        .count();
    assert_eq!(kept, 1);
}
