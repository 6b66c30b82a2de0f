//! `pull --once`: the queue is worked until it is empty, and the end says whether all went well.

use super::*;
use std::{fs, sync::Mutex};

struct Once {
    lines: Arc<Mutex<Vec<String>>>,
    board: Arc<Board>,
    spool: TempDir,
    stop: oneshot::Sender<()>,
    task: JoinHandle<DrainSummary>,
}

impl Once {
    fn start(origin: &str, board: Arc<Board>) -> Self {
        let spool = TempDir::new().unwrap();
        let settings = PullerSettings { grace: Duration::ZERO, ..settings(origin, "one") };
        let (delivery_queue, runner) =
            (reporter(spool.path(), origin), FakeRunner(Arc::clone(&board)));
        let (stop, stopped) = oneshot::channel();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let page = Arc::clone(&lines);
        let say = move |line: &str| page.lock().unwrap().push(line.to_owned());
        let task = tokio::spawn(async move {
            let hurry = std::future::pending();
            pull_once(settings, delivery_queue, runner, say, heard(stopped), hurry).await.unwrap()
        });
        Self { lines, board, spool, stop, task }
    }

    fn of_quick_scans(origin: &str) -> Self {
        Self::start(origin, Board::of_scans_that_take(Duration::from_millis(10)))
    }

    async fn ended(self) -> (DrainSummary, Vec<String>, TempDir) {
        let waited = tokio::time::timeout(Duration::from_secs(20), self.task).await;
        let lines = self.lines.lock().unwrap().clone();
        (waited.unwrap().unwrap(), lines, self.spool)
    }
}

fn spooled(dir: &TempDir, extension: &str) -> usize {
    let is = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|e| e == extension);
    fs::read_dir(dir.path()).unwrap().filter(|e| is(e.as_ref().unwrap())).count()
}

#[tokio::test]
async fn an_empty_queue_is_done_at_once() {
    let worker = Worker::with([]).await;
    let (drained, lines, _) = Once::of_quick_scans(&worker.origin()).ended().await;
    assert_eq!((&drained, drained.is_complete()), (&DrainSummary::default(), true));
    assert_eq!((lines.len(), drained.lines()), (0, vec!["0 scans taken".to_owned()]));
    assert_eq!(worker.asked("pending-sast-scans").len(), 1);
}

#[tokio::test]
async fn the_queue_is_worked_until_it_is_empty_and_every_report_has_arrived() {
    let names: Vec<_> = (0..10).map(|n| format!("skill-{n}")).collect();
    let worker = Worker::with(names.iter().map(String::as_str)).await;
    worker.offer("foreign", |offer| offer["repoUrl"] = "https://gitlab.example/o/r".into());
    worker.say_once("scan-results", [Canned::Says(503, String::new())]);
    let (drained, mut lines, spool) = Once::of_quick_scans(&worker.origin()).ended().await;
    assert!(drained.is_complete(), "{drained:?}");
    assert_eq!((drained.taken, spooled(&spool, "json")), (11, 0));
    worker.until_over().await;
    lines.sort();
    assert_eq!(lines.len(), 11, "{lines:?}");
    assert!(lines[0].starts_with("foreign semgrep: ERROR: this scanner's settings"), "{lines:?}");
    let line = "skill-0 semgrep: INCOMPLETE at 0123456 (0 critical, 1 high, 0 medium, 0 low)";
    assert_eq!(lines[1], line);
}

#[tokio::test]
async fn what_is_published_while_a_scan_runs_is_taken_too() {
    let worker = Worker::with(["a"]).await;
    let once = Once::start(&worker.origin(), Arc::default());
    once.board.began(1).await;
    worker.until_asked("pending-sast-scans", 2).await;
    worker.offer("b", |_| {});
    once.board.end("a", Ok(result()));
    once.board.began(2).await;
    once.board.end("b", Ok(result()));
    let (drained, ..) = once.ended().await;
    assert_eq!((drained.taken, drained.is_complete()), (2, true));
}

#[tokio::test]
async fn a_queue_that_cannot_be_asked_is_a_failure() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Once::of_quick_scans(&format!("http://127.0.0.1:{port}"));
    assert!(!nobody.ended().await.0.is_complete());

    for (status, tries) in [(401, 1), (404, 1), (503, 3), (200, 1)] {
        let worker = Worker::with(["a"]).await;
        let says = (0..10).map(|_| Canned::Says(status, String::new()));
        worker.say_once("pending-sast-scans", says);
        let (drained, ..) = Once::of_quick_scans(&worker.origin()).ended().await;
        assert!(!drained.is_complete() && drained.failed.is_some());
        assert_eq!(worker.asked("pending-sast-scans").len(), tries, "{status}");
        assert_eq!(drained.lines().len(), 2, "{drained:?}");
    }
    let patient = Worker::with(["a"]).await;
    patient.say_once("pending-sast-scans", [Canned::RetryAfter(429, 600)]);
    assert!(!Once::of_quick_scans(&patient.origin()).ended().await.0.is_complete());

    let passing = Worker::with(["a"]).await;
    passing.say_once("pending-sast-scans", [Canned::Says(503, String::new()), Canned::Lost]);
    let (drained, ..) = Once::of_quick_scans(&passing.origin()).ended().await;
    assert_eq!((drained.taken, drained.is_complete()), (1, true));
}

#[tokio::test]
async fn a_failure_in_the_middle_does_not_lose_what_was_taken_before() {
    let worker = Worker::with(["a"]).await;
    let once = Once::start(&worker.origin(), Arc::default());
    once.board.began(1).await;
    worker.say_once("pending-sast-scans", (0..10).map(|_| Canned::Says(401, String::new())));
    once.board.end("a", Ok(result()));
    let (drained, ..) = once.ended().await;
    assert_eq!((drained.taken, drained.is_complete()), (1, false));
    assert_eq!(worker.events("a").last().unwrap(), "result");
}

#[tokio::test]
async fn a_report_that_does_not_arrive_is_a_failure_and_stays() {
    let worker = Worker::with(["a"]).await;
    worker.say_once("scan-results", (0..2).map(|_| Canned::Refuses(422)));
    let (drained, _, spool) = Once::of_quick_scans(&worker.origin()).ended().await;
    assert_eq!((drained.rejected, drained.is_complete()), (1, false));
    assert_eq!(spooled(&spool, "rejected"), 1);

    let worker = Worker::with(["a"]).await;
    worker.say_once("scan-results", (0..10_000).map(|_| Canned::Says(503, String::new())));
    let once = Once::of_quick_scans(&worker.origin());
    worker.until_asked("scan-results", 10).await;
    let _ = once.stop.send(());
    let waited = tokio::time::timeout(Duration::from_secs(20), once.task).await;
    let drained = waited.unwrap().unwrap();
    assert_eq!((drained.undelivered, drained.is_complete()), (1, false));
    assert_eq!(spooled(&once.spool, "json"), 1);
}

#[tokio::test]
async fn what_cannot_be_reported_here_is_said() {
    let worker = Worker::with([]).await;
    worker.offer("a", |offer| offer["callbackUrl"] = "https://evil.example/x".into());
    let (drained, ..) = Once::of_quick_scans(&worker.origin()).ended().await;
    assert_eq!((drained.incompatible, drained.taken, drained.is_complete()), (1, 0, false));
}

#[tokio::test]
async fn a_stop_hands_back_what_runs() {
    let worker = Worker::with(["a"]).await;
    let once = Once::start(&worker.origin(), Arc::default());
    once.board.began(1).await;
    let _ = once.stop.send(());
    let waited = tokio::time::timeout(Duration::from_secs(20), once.task).await;
    let drained = waited.unwrap().unwrap();
    assert_eq!((drained.taken, drained.cancelled, drained.is_complete()), (1, 1, false));
    assert_eq!(worker.holder("a"), Holder::Nobody);
    let line = "a semgrep: given up: the scanner was stopped";
    assert_eq!(*once.lines.lock().unwrap(), [line]);
}

#[tokio::test]
async fn f8_what_a_git_host_fails_for_the_moment_is_handed_back_and_said() {
    let worker = Worker::with(["a"]).await;
    let once = Once::start(&worker.origin(), Arc::default());
    once.board.began(1).await;
    once.board.end("a", Err(ScanFailure::transient("it fails (HTTP 503)")));
    let (drained, lines, spool) = once.ended().await;
    assert_eq!((drained.taken, drained.deferred, drained.is_complete()), (1, 1, false));
    assert_eq!(lines, ["a semgrep: handed back: it fails (HTTP 503)"]);
    assert!(
        drained.lines().contains(&"1 scan handed back: the git host failed for the moment".into())
    );
    assert_eq!((worker.holder("a"), spooled(&spool, "json")), (Holder::Nobody, 0));
}
