//! Deliveries to a real receiver on the loopback.

mod callback_sender;
pub(crate) mod receiver;
mod tls;

use super::*;
use crate::{
    callback_target::{AllowedCallbacks, CALLBACK_PATH, CallbackTarget},
    clock::Clock,
    credentials::{CallbackCredentials, TokenEndpoint},
    random::unique_id,
};
use receiver::{Receiver, Reply};
use skillgate_contract::{
    Counts, Finding, Millis, Provider, ScanStatus, Severity,
    callback::{Callback, Coverage, Event, FileNote, ScanResult, Tool},
    signature::{self, SigningKey},
};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use tempfile::TempDir;

pub(crate) const SECRET: &str = "canary-of-the-callback-secret-0123456789";
const START: i64 = 1_769_990_400_000;
const COMMIT: &str = "0123456789012345678901234567890123456789";

/// Waits of milliseconds, so that a test sees many tries.
pub(crate) fn quick() -> RetrySchedule {
    RetrySchedule::new([Duration::from_millis(10)], Duration::from_secs(24 * 3600))
}

pub(crate) fn delivery_queue(
    dir: &Path,
    allowed: &str,
    clock: Clock,
    schedule: RetrySchedule,
) -> DeliveryQueue {
    DeliveryQueue::new(DeliveryQueueSettings {
        allowed: AllowedCallbacks::parse(allowed).unwrap(),
        spool: open(dir),
        client: Client::new(false)
            .unwrap()
            .with_timeouts(Duration::from_millis(300), Duration::from_millis(500)),
        clock,
        schedule,
    })
}

/// A process that was ended gives up its lock a moment after it is gone.
fn open(dir: &Path) -> Spool {
    for _ in 0..200 {
        match Spool::open(dir) {
            Err(SpoolError::InUse(_)) => std::thread::sleep(Duration::from_millis(10)),
            other => return other.unwrap(),
        }
    }
    panic!("the spool stays locked");
}

fn finding() -> Finding {
    Finding {
        rule: "r".into(),
        severity: Severity::High,
        message: "m\nn".into(),
        file: "a b.js".into(),
        line: Some(3),
        end_line: None,
        code: "eval(\u{2665})".into(),
        provider: Some(Provider::Njsscan),
        chain: Vec::new(),
    }
}

pub(crate) fn result() -> ScanResult {
    ScanResult {
        commit_sha: COMMIT.parse().unwrap(),
        claimed: Some(ScanStatus::Incomplete),
        claimed_verdict: None,
        claimed_score: None,
        counts: Counts { critical: 0, high: 1, medium: 0, low: 0 },
        findings: vec![finding()],
        findings_truncated: false,
        coverage: Some(Coverage {
            complete: false,
            files_scanned: 3,
            text_rules_only: vec![],
            unscanned: vec![FileNote::new("big.bin", "too big")],
        }),
        tool: Some(Tool {
            name: "njsscan".into(),
            version: "1".into(),
            rules: "2".into(),
            engine: None,
        }),
        duration_ms: Some(12),
        error: Some("a file was too big".into()),
        auto_run: None,
        auto_run_truncated: false,
    }
}

fn delivery(url: &str, event: Event) -> PendingDelivery {
    let callback = Callback {
        scan_id: Some("scan-1".parse().unwrap()),
        skill_name: Some("o/r/t".parse().unwrap()),
        repo_url: Some("https://github.com/o/r".parse().unwrap()),
        commit_sha: Some(COMMIT.parse().unwrap()),
        attempt: Some(2),
        worker_host: Some("host".into()),
        isolation: Some("none".into()),
        event,
        ..Callback::of(Provider::Njsscan)
    };
    PendingDelivery::new(
        unique_id(),
        Millis(START),
        url.to_owned(),
        SECRET.parse().unwrap(),
        callback,
    )
}

fn result_for(receiver: &Receiver) -> PendingDelivery {
    delivery(&receiver.url(), Event::Result(Box::new(result())))
}

/// A clock that goes on by a minute each time it is asked.
fn minutes() -> Clock {
    let now = AtomicI64::new(START);
    Clock::new(move || Millis(now.fetch_add(Millis::MINUTE, Ordering::Relaxed)))
}

async fn post(delivery_queue: &DeliveryQueue, delivery: &PendingDelivery) {
    delivery_queue.persist(delivery).await;
    delivery_queue.deliver(delivery.clone(), async {});
}

async fn until(what: impl Fn() -> bool) {
    for _ in 0..500 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen");
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn g17_each_try_has_a_fresh_time_and_signature_and_the_same_delivery_id() {
    let receiver = Receiver::start([Reply::Status(503), Reply::Status(500), Reply::Hang]).await;
    let dir = TempDir::new().unwrap();
    let delivery_queue = delivery_queue(dir.path(), &receiver.origin(), minutes(), quick());
    let delivery = result_for(&receiver);
    post(&delivery_queue, &delivery).await;
    let tries = receiver.wait_for(4).await;
    let mut times = Vec::new();
    for sent in &tries {
        assert_eq!((sent.method.as_str(), sent.path.as_str()), ("POST", CALLBACK_PATH));
        let json = sent.json();
        assert_eq!(json["deliveryId"], delivery.delivery_id);
        let now = Millis(json["timestamp"].as_i64().unwrap());
        times.push(now);
        let key = SigningKey::new(SECRET).unwrap();
        let header = sent.header(signature::SIGNATURE_HEADER);
        assert_eq!(signature::verify(&[key], header, &sent.body), Ok(()));
        assert!(header.unwrap().starts_with("sha256="));
        assert_eq!(sent.header("content-type"), Some("application/json"));
        let agent = concat!("skillgate-scanner/", env!("CARGO_PKG_VERSION"));
        assert_eq!(sent.header("user-agent"), Some(agent));
        assert_eq!(sent.header("host"), receiver.origin().strip_prefix("http://"));
    }
    assert!(times.windows(2).all(|w| w[0] < w[1]), "{times:?}");
    // Pending until its file is removed, which is after it is counted as delivered.
    until(|| delivery_queue.counts().pending == 0).await;
    assert_eq!(
        delivery_queue.counts(),
        DeliveryCounts { pending: 0, delivered: 1, retried: 3, rejected: 0 }
    );
    assert!(names(dir.path()).is_empty());
}

#[test]
fn g17_a_killed_scanner_loses_nothing_and_the_next_one_delivers() {
    let dir = TempDir::new().unwrap();
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let origin = format!("http://127.0.0.1:{port}");
    let sent = delivery(&format!("{origin}{CALLBACK_PATH}"), Event::Result(Box::new(result())));

    let first = runtime();
    first.block_on(async {
        let delivery_queue = delivery_queue(dir.path(), &origin, Clock::system(), quick());
        // The receiver is down: every try fails until the process is gone.
        let fresh = PendingDelivery { created: Clock::system().now(), ..sent.clone() };
        post(&delivery_queue, &fresh).await;
        until(|| delivery_queue.counts().retried > 2).await;
    });
    first.shutdown_background();
    assert_eq!(names(dir.path()), [format!("{}.json", sent.delivery_id)]);

    runtime().block_on(async {
        let receiver = Receiver::start_on(port, []).await;
        let delivery_queue = delivery_queue(dir.path(), &origin, Clock::system(), quick());
        assert_eq!(delivery_queue.resume().await.unwrap(), 1);
        let got = receiver.wait_for(1).await.remove(0);
        assert_eq!(got.json()["deliveryId"], sent.delivery_id);
        let read = parse_callback(&got.body).unwrap();
        assert_eq!(read.content_digest(), sent.callback.content_digest());
        let key = SigningKey::new(SECRET).unwrap();
        let header = got.header(signature::SIGNATURE_HEADER);
        assert_eq!(signature::verify(&[key], header, &got.body), Ok(()));
        until(|| names(dir.path()).is_empty()).await;
    });
}

#[tokio::test]
async fn g23_a_redirect_is_a_failure_and_its_target_hears_nothing() {
    let elsewhere = Receiver::start([]).await;
    let moved = |status| Reply::With(status, "location", elsewhere.url());
    let receiver =
        Receiver::start([moved(301), moved(302), moved(303), moved(307), moved(308)]).await;
    let dir = TempDir::new().unwrap();
    let both = format!("{},{}", receiver.origin(), elsewhere.origin());
    let delivery_queue = delivery_queue(dir.path(), &both, Clock::new(|| Millis(START)), quick());
    post(&delivery_queue, &result_for(&receiver)).await;
    until(|| delivery_queue.counts().delivered == 1).await;
    assert_eq!(receiver.received().len(), 6);
    assert!(elsewhere.received().is_empty());
    assert!(receiver.received().iter().all(|r| !String::from_utf8_lossy(&r.body).contains(SECRET)));
}

#[tokio::test]
async fn what_repeating_cannot_help_is_put_aside_with_its_reason() {
    for status in [400, 401, 404, 409, 413, 415, 422] {
        let receiver = Receiver::start([Reply::Refusal(status)]).await;
        let dir = TempDir::new().unwrap();
        let delivery_queue =
            delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), quick());
        let delivery = result_for(&receiver);
        post(&delivery_queue, &delivery).await;
        until(|| delivery_queue.counts().pending == 0).await;
        assert_eq!(delivery_queue.counts().rejected, 1);
        let file = format!("{}.rejected", delivery.delivery_id);
        assert_eq!(names(dir.path()), std::slice::from_ref(&file));
        let kept: serde_json::Value =
            serde_json::from_slice(&fs::read(dir.path().join(file)).unwrap()).unwrap();
        assert_eq!(kept["rejection"]["status"], status);
        drop(delivery_queue);
        assert!(open(dir.path()).pending().unwrap().0.is_empty());
        assert_eq!(receiver.received().len(), 1);
    }
}

#[tokio::test]
async fn what_may_pass_is_repeated() {
    let again: Vec<_> = [408, 425, 429, 500, 502, 503, 504].map(Reply::Status).into();
    let receiver = Receiver::start(again).await;
    let dir = TempDir::new().unwrap();
    let delivery_queue =
        delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), quick());
    post(&delivery_queue, &result_for(&receiver)).await;
    until(|| delivery_queue.counts().delivered == 1).await;
    assert_eq!(delivery_queue.counts().retried, 7);
}

#[tokio::test]
async fn g46_a_refusal_that_the_worker_did_not_write_is_not_final() {
    let problem = |status: u16, title: &str| {
        format!(r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"no"}}"#)
    };
    let kind = "application/problem+json";
    let foreign = [
        Reply::Status(400),
        Reply::Status(401),
        Reply::Status(403),
        Reply::Status(404),
        Reply::Status(409),
        Reply::Status(413),
        Reply::Status(422),
        Reply::With(403, "content-type", "text/html".to_owned()),
        // The right words, and not the type.
        Reply::Json(404, problem(404, "Not found")),
        // The right type, and other words, another status, or one that the worker has no word for.
        Reply::Typed(404, kind, problem(404, "Not Found")),
        Reply::Typed(403, kind, problem(403, "Forbidden")),
        Reply::Typed(404, kind, problem(409, "Conflict")),
        Reply::Typed(404, kind, "{}".to_owned()),
        Reply::Typed(404, kind, "<html>".to_owned()),
    ];
    all_are_tried_again(foreign).await;
}

/// Each of these answers is neither the worker's acceptance nor its refusal: the report is sent until the worker takes it.
async fn all_are_tried_again<const N: usize>(replies: [Reply; N]) {
    let tries = u64::try_from(replies.len()).unwrap();
    let receiver = Receiver::start(replies).await;
    let dir = TempDir::new().unwrap();
    let delivery_queue =
        delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), quick());
    post(&delivery_queue, &result_for(&receiver)).await;
    until(|| delivery_queue.counts().delivered == 1).await;
    assert_eq!((delivery_queue.counts().retried, delivery_queue.counts().rejected), (tries, 0));
}

#[tokio::test]
async fn g46_an_acceptance_that_the_worker_did_not_write_is_none() {
    let kind = "text/html";
    let page = "<html>Sign in".to_owned();
    let accepts = |scan: &str| format!(r#"{{"ok":true,"scanId":"{scan}"}}"#);
    let foreign = [
        Reply::Status(200),
        Reply::Status(204),
        Reply::Typed(200, kind, page.clone()),
        Reply::Json(200, "{}".to_owned()),
        Reply::Json(200, r#"{"ok":true}"#.to_owned()),
        Reply::Json(200, r#"{"ok":false,"scanId":"scan-1"}"#.to_owned()),
        Reply::Json(200, r#"{"ok":"true","scanId":"scan-1"}"#.to_owned()),
        Reply::Json(200, accepts("another")),
        // It is not read to its end.
        Reply::Json(200, accepts("scan-1") + &" ".repeat(16 * 1024)),
        Reply::Json(500, accepts("scan-1")),
    ];
    all_are_tried_again(foreign).await;
    // A job's report is held to the same.
    let sign_in = std::iter::repeat_n(Reply::Typed(200, kind, page), 50);
    let receiver = Receiver::start(sign_in).await;
    let sent = callback_sender::gives_up_soon(&receiver).await;
    assert!(matches!(&sent, Err(Undelivered::GivenUp(why)) if why.contains("200")), "{sent:?}");
}

#[tokio::test]
async fn a_word_of_a_newer_worker_in_its_answer_costs_no_report() {
    let answer = r#"{"ok":true,"scanId":"scan-1","status":"QUANTUM","applied":true,"more":[1]}"#;
    let receiver = Receiver::start([Reply::Json(200, answer.to_owned())]).await;
    let dir = TempDir::new().unwrap();
    let delivery_queue =
        delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), quick());
    post(&delivery_queue, &result_for(&receiver)).await;
    until(|| delivery_queue.counts().delivered == 1).await;
    assert_eq!(delivery_queue.counts().retried, 0);
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let receiver = Receiver::start([Reply::With(429, "retry-after", "1".into())]).await;
    let dir = TempDir::new().unwrap();
    let delivery_queue =
        delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), quick());
    let start = std::time::Instant::now();
    post(&delivery_queue, &result_for(&receiver)).await;
    receiver.wait_for(2).await;
    assert!(start.elapsed() >= Duration::from_millis(990), "{:?}", start.elapsed());
}

#[tokio::test]
async fn after_a_day_a_report_is_put_aside() {
    let receiver = Receiver::start([Reply::Status(503)]).await;
    let dir = TempDir::new().unwrap();
    let later = Clock::new(|| Millis(START + 25 * Millis::HOUR));
    let delivery_queue = delivery_queue(dir.path(), &receiver.origin(), later, quick());
    post(&delivery_queue, &result_for(&receiver)).await;
    until(|| delivery_queue.counts().rejected == 1).await;
    assert_eq!(receiver.received().len(), 1, "even an old report is tried once");
}

#[tokio::test]
async fn g23_a_stale_spool_cannot_send_where_the_settings_no_longer_allow() {
    let receiver = Receiver::start([]).await;
    let dir = TempDir::new().unwrap();
    open(dir.path()).put(&result_for(&receiver)).unwrap();
    let clock = Clock::new(|| Millis(START));
    let delivery_queue = delivery_queue(dir.path(), "https://skills.example", clock, quick());
    assert_eq!(delivery_queue.resume().await.unwrap(), 1);
    until(|| delivery_queue.counts().rejected == 1).await;
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn g17_every_report_of_a_long_outage_arrives_once() {
    let receiver = Receiver::start([]).await;
    let dir = TempDir::new().unwrap();
    let spool = open(dir.path());
    for n in 0..50 {
        spool
            .put(&PendingDelivery { created: Millis(START + n), ..result_for(&receiver) })
            .unwrap();
    }
    drop(spool);
    let now = Clock::new(|| Millis(START));
    let delivery_queue = delivery_queue(dir.path(), &receiver.origin(), now, quick());
    assert_eq!(delivery_queue.resume().await.unwrap(), 50);
    until(|| delivery_queue.counts().delivered == 50).await;
    let ids: std::collections::HashSet<_> = receiver
        .received()
        .iter()
        .map(|r| r.json()["deliveryId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((ids.len(), receiver.received().len()), (50, 50));
}

#[tokio::test]
async fn settling_waits_for_one_try_of_each_and_not_for_more() {
    let receiver = Receiver::start([Reply::Status(503), Reply::Status(503)]).await;
    let dir = TempDir::new().unwrap();
    let slow = RetrySchedule::new([Duration::from_secs(60)], Duration::from_secs(3600));
    let delivery_queue =
        delivery_queue(dir.path(), &receiver.origin(), Clock::new(|| Millis(START)), slow);
    for _ in 0..2 {
        post(&delivery_queue, &result_for(&receiver)).await;
    }
    delivery_queue.flush(Duration::from_secs(30)).await;
    assert_eq!(receiver.received().len(), 2);
    assert_eq!(delivery_queue.counts().pending, 2);
    assert_eq!(names(dir.path()).len(), 2);
}

#[test]
fn what_is_stored_is_what_is_read() {
    let dir = TempDir::new().unwrap();
    let spool = open(dir.path());
    let url = "https://skills.example/api/v1/webhooks/scan-results";
    let failed = Event::Failed { error: "the clone failed".into() };
    for event in [Event::Result(Box::new(result())), failed] {
        let delivery = delivery(url, event);
        spool.put(&delivery).unwrap();
        let (read, damaged) = spool.pending().unwrap();
        assert_eq!(damaged, 0);
        assert_eq!(read[0].callback.content_digest(), delivery.callback.content_digest());
        let same = PendingDelivery { callback: delivery.callback.clone(), ..read[0].clone() };
        assert_eq!(same, delivery);
        spool.remove(&delivery).unwrap();
        spool.remove(&delivery).unwrap();
    }
}

#[test]
fn g27_only_the_owner_can_read_the_spool_and_debug_shows_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().unwrap();
    let spool = open(&dir.path().join("a/b"));
    let delivery = delivery("https://skills.example/x", Event::Started);
    spool.put(&delivery).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let inner = dir.path().join("a/b");
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(format!("{}.json", delivery.delivery_id))), 0o600);
    assert!(!format!("{delivery:?}").contains(SECRET));
}

#[test]
fn damaged_and_half_written_files_stop_nothing() {
    let dir = TempDir::new().unwrap();
    let spool = open(dir.path());
    spool.put(&delivery("https://skills.example/x", Event::Started)).unwrap();
    drop(spool);
    fs::write(dir.path().join("bad.json"), "{\"version\":1").unwrap();
    fs::write(dir.path().join("half.tmp"), "{").unwrap();
    let other = delivery("https://skills.example/x", Event::Started);
    fs::write(dir.path().join("renamed.json"), other.to_file(None)).unwrap();
    let (pending, damaged) = open(dir.path()).pending().unwrap();
    assert_eq!((pending.len(), damaged), (1, 2));
    let names = names(dir.path());
    assert!(names.contains(&"bad.unreadable".to_owned()), "{names:?}");
    assert!(!names.iter().any(|n| n.ends_with(".tmp")));
}

#[test]
fn two_scanners_cannot_share_a_spool() {
    let dir = TempDir::new().unwrap();
    let _held = open(dir.path());
    assert!(matches!(Spool::open(dir.path()), Err(SpoolError::InUse(_))));
}
