//! What becomes of the scans that are claimed.

use super::*;
use worker::CALLBACK_SECRET;

#[tokio::test]
async fn a_scan_is_claimed_run_and_reported_with_the_claims_own_attempt() {
    let worker = Worker::with(["a"]).await;
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    assert_eq!(worker.holder("a"), Holder::Claimed("one".into()));
    worker.until_asked("scan-results", 1).await;
    puller.pass("a");
    worker.until_over().await;
    assert_eq!(worker.events("a"), ["started", "result"]);
    let reports = worker.asked("scan-results");
    assert!(reports.iter().all(|r| r.body["attempt"] == 1 && r.body["workerHost"] == "host"));
    worker.until(|state| !state.rows.is_empty()).await;
    let shown = format!("{:?} {}", worker.look(|s| s.asked.clone()), puller.spool.path().display());
    assert!(!shown.contains(KEY) && !shown.contains(CALLBACK_SECRET));
}

#[tokio::test]
async fn g21_two_pullers_share_a_queue_and_each_scan_runs_once() {
    let names: Vec<_> = (0..30).map(|n| format!("skill-{n:02}")).collect();
    let worker = Worker::with(names.iter().map(String::as_str)).await;
    let board = Board::of_scans_that_take(Duration::from_millis(20));
    let pullers: Vec<_> =
        ["one", "two"].map(|name| Running::with(&worker, name, Arc::clone(&board), |_| {})).into();
    worker.until_over().await;
    let mut begun = board.has_begun();
    begun.sort();
    assert_eq!(begun, names);
    for name in &names {
        let results = worker.events(name).iter().filter(|e| *e == "result").count();
        assert_eq!(results, 1, "{name}");
    }
    let by = |name: &str| {
        worker.asked("claim-sast-scan").iter().filter(|a| a.body["claimedBy"] == name).count()
    };
    assert!(by("one") > 3 && by("two") > 3, "{} {}", by("one"), by("two"));
    drop(pullers);
}

#[tokio::test]
async fn no_more_is_claimed_than_there_are_free_places() {
    let worker = Worker::with(["a", "b", "c", "d", "e"]).await;
    let puller = Running::start(&worker, "one");
    puller.board.began(3).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    let begun = puller.board.has_begun();
    assert_eq!((begun.len(), worker.asked("claim-sast-scan").len()), (3, 3));
    puller.pass(&begun[0]);
    puller.board.began(4).await;
}

#[tokio::test]
async fn a_lost_race_is_left_and_the_next_is_tried() {
    let worker = Worker::with(["a", "b"]).await;
    let lost = worker::problem(409, "already_claimed").1.to_string();
    worker.say_once("claim-sast-scan", [Canned::Says(409, lost)]);
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(puller.board.has_begun().len(), 1);
    assert_eq!(worker.asked("claim-sast-scan").len(), 2, "what was lost is left alone");
    assert!(worker.asked("release-sast-scan").is_empty());
}

#[tokio::test]
async fn a_claim_is_kept_by_heartbeats_whatever_becomes_of_some() {
    let worker = Worker::with(["a"]).await;
    worker.say_once(
        "heartbeat-sast-scan",
        [Canned::Says(503, String::new()), Canned::Says(200, "[]".into()), Canned::Lost],
    );
    let short = |s: &mut PullerSettings| s.heartbeat = Duration::from_millis(40);
    let puller = Running::with(&worker, "one", Arc::default(), short);
    worker.until_asked("heartbeat-sast-scan", 6).await;
    let beats = worker.asked("heartbeat-sast-scan");
    assert!(beats.iter().all(|b| b.body["claimedBy"] == "one" && b.body["scanId"] == "scan-a"));
    assert_eq!(puller.board.was_cut_off(), 0);
    puller.pass("a");
    worker.until_over().await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    let beats = worker.asked("heartbeat-sast-scan").len();
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(worker.asked("heartbeat-sast-scan").len(), beats, "none after the end");
}

#[tokio::test]
async fn a_scan_that_is_another_scanners_by_now_is_cut_off_and_nothing_is_said() {
    for reason in ["not_yours", "finished"] {
        let worker = Worker::with(["a"]).await;
        let gone = worker::problem(409, reason).1.to_string();
        worker.say_once("heartbeat-sast-scan", [Canned::Says(409, gone)]);
        let short = |s: &mut PullerSettings| s.heartbeat = Duration::from_millis(60);
        let mut puller = Running::with(&worker, "one", Arc::default(), short);
        puller.board.began(1).await;
        worker.until_asked("heartbeat-sast-scan", 1).await;
        worker.offer("b", |_| {});
        puller.board.began(2).await;
        assert_eq!(puller.board.was_cut_off(), 1);
        puller.pass("b");
        worker.until(|state| state.rows[1].holder == Holder::Over).await;
        puller.signal();
        puller.ended().await;
        assert!(worker.events("a").iter().all(|event| event == "started"), "{reason}");
        assert!(worker.asked("release-sast-scan").is_empty());
    }
}

#[tokio::test]
async fn what_a_stop_cuts_off_is_handed_back_and_another_scanner_takes_it() {
    let worker = Worker::with(["a"]).await;
    let short = |s: &mut PullerSettings| s.grace = Duration::from_millis(100);
    let mut first = Running::with(&worker, "one", Arc::default(), short);
    first.board.began(1).await;
    first.signal();
    let board = Arc::clone(&first.board);
    first.ended().await;
    assert_eq!((board.was_cut_off(), worker.holder("a")), (1, Holder::Nobody));
    assert!(worker.events("a").iter().all(|event| event == "started"));
    let last = worker.look(|state| state.asked.last().unwrap().what.clone());
    assert_eq!(last, "release-sast-scan", "nothing makes it look taken again");

    let second = Running::start(&worker, "two");
    second.board.began(1).await;
    second.pass("a");
    worker.until_over().await;
    assert_eq!(worker.asked("scan-results").last().unwrap().body["attempt"], 2);
}

#[tokio::test]
async fn a_stopping_puller_lets_scans_end_and_claims_nothing_new() {
    let worker = Worker::with(["a"]).await;
    let mut puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    puller.signal();
    tokio::time::sleep(Duration::from_millis(50)).await;
    worker.offer("b", |_| {});
    tokio::time::sleep(Duration::from_millis(150)).await;
    puller.pass("a");
    puller.ended().await;
    assert_eq!((worker.holder("a"), worker.holder("b")), (Holder::Over, Holder::Nobody));
}

#[tokio::test]
async fn a_second_signal_ends_the_grace_period() {
    let worker = Worker::with(["a"]).await;
    let long = |s: &mut PullerSettings| s.grace = Duration::from_secs(3600);
    let mut puller = Running::with(&worker, "one", Arc::default(), long);
    puller.board.began(1).await;
    puller.signal();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(puller.board.was_cut_off(), 0);
    puller.signal();
    puller.ended().await;
    assert_eq!(worker.holder("a"), Holder::Nobody);
}

#[tokio::test]
async fn a_claim_that_is_granted_during_a_stop_is_handed_back() {
    for canned in [Canned::Late(Duration::from_millis(200)), Canned::Lost] {
        let worker = Worker::with(["a"]).await;
        worker.say_once("claim-sast-scan", [canned]);
        let mut puller = Running::start(&worker, "one");
        worker.until_asked("claim-sast-scan", 1).await;
        puller.signal();
        let board = Arc::clone(&puller.board);
        puller.ended().await;
        assert_eq!((worker.holder("a"), board.has_begun().len()), (Holder::Nobody, 0));
        assert_eq!(worker.asked("release-sast-scan").len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_handed_back_before_a_sign_of_life_on_its_way_has_arrived() {
    let worker = Worker::with(["a"]).await;
    worker.say_once("scan-results", [Canned::Late(Duration::from_millis(300))]);
    let short = |s: &mut PullerSettings| s.grace = Duration::ZERO;
    let mut puller = Running::with(&worker, "one", Arc::default(), short);
    worker.until_asked("scan-results", 1).await;
    puller.signal();
    puller.ended().await;
    let (life, release) = (worker.asked("scan-results"), worker.asked("release-sast-scan"));
    assert!(release[0].at - life[0].at >= Duration::from_millis(290));
}

#[tokio::test]
async fn f8_a_scan_that_its_git_host_fails_for_the_moment_is_handed_back_and_taken_again_later() {
    let worker = Worker::with(["a"]).await;
    let puller = Running::start(&worker, "one");
    puller.board.began(1).await;
    puller.board.end("a", Err(ScanFailure::transient("HTTP 503")));
    worker.until_asked("release-sast-scan", 1).await;
    assert_eq!(worker.events("a"), ["started"], "nothing final is said");
    // The worker offers it at once; the one that handed it back does not take it at once.
    let lists = worker.asked("pending-sast-scans").len();
    worker.until_asked("pending-sast-scans", lists + 3).await;
    assert_eq!((worker.asked("claim-sast-scan").len(), worker.holder("a")), (1, Holder::Nobody));
    let other = Running::start(&worker, "two");
    other.board.began(1).await;
    other.pass("a");
    worker.until_over().await;
    assert_eq!(worker.events("a").last().unwrap(), "result");
}

#[tokio::test]
async fn f8_a_failing_host_is_not_asked_for_its_other_scans_and_others_go_on() {
    let worker = Worker::with(["a"]).await;
    let long = |s: &mut PullerSettings| {
        s.host_retry.initial = Duration::from_secs(600);
        s.host_retry.max = Duration::from_secs(3600);
        s.max_concurrent = 1;
        let hosts =
            |name: &str| (name == "ALLOWED_REPO_HOSTS").then(|| "github.com,gitlab.example".into());
        s.repo_hosts = crate::config::repo_hosts(hosts).unwrap();
    };
    let puller = Running::with(&worker, "one", Arc::default(), long);
    puller.board.began(1).await;
    for name in ["b", "c", "d"] {
        worker.offer(name, |_| {});
    }
    puller.board.end("a", Err(ScanFailure::transient("HTTP 503")));
    worker.until_asked("release-sast-scan", 1).await;
    worker.offer("elsewhere", |offer| offer["repoUrl"] = "https://gitlab.example/o/r".into());
    puller.board.began(2).await;
    assert_eq!(puller.board.has_begun(), ["a", "elsewhere"]);
    let lists = worker.asked("pending-sast-scans").len();
    puller.pass("elsewhere");
    worker.until_asked("pending-sast-scans", lists + 3).await;
    assert_eq!(puller.board.has_begun().len(), 2);
}
