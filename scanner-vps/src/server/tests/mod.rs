//! The server over real sockets, with a runner that ends scans when the test says so.

mod doors;
mod scans;

use super::*;
use crate::{
    delivery::tests::{delivery_queue, quick, receiver::Receiver, result},
    scan::{ScanJob, ScanOutcome},
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{oneshot, watch},
    task::JoinHandle,
};

pub(super) const BEARER: &str = "canary-of-the-worker-secret";
pub(super) const CALLBACK_SECRET: &str = crate::delivery::tests::SECRET;

type Ends = oneshot::Sender<Result<ScanOutcome, ScanFailure>>;

/// What the runner has been asked to do, by the name of the skill.
#[derive(Default)]
pub(super) struct Board {
    running: Mutex<HashMap<String, Ends>>,
    began: watch::Sender<usize>,
    dropped: watch::Sender<usize>,
    /// How long scans take; without it they end when the test says so.
    takes: Option<Duration>,
    /// Every scan that began.
    names: Mutex<Vec<String>>,
}

impl Board {
    /// Scans that end by themselves.
    pub(super) fn of_scans_that_take(time: Duration) -> Arc<Self> {
        Arc::new(Self { takes: Some(time), ..Self::default() })
    }

    /// Waits until so many scans have begun.
    pub(super) async fn began(&self, n: usize) {
        let mut began = self.began.subscribe();
        let waited = began.wait_for(|have| *have >= n);
        tokio::time::timeout(Duration::from_secs(5), waited).await.unwrap().unwrap();
    }

    pub(super) fn has_begun(&self) -> Vec<String> {
        self.names.lock().unwrap().clone()
    }

    pub(super) fn was_cut_off(&self) -> usize {
        *self.dropped.borrow()
    }

    pub(super) fn end(&self, name: &str, outcome: Result<ScanOutcome, ScanFailure>) {
        let end = self.running.lock().unwrap().remove(name).unwrap();
        assert!(end.send(outcome).is_ok());
    }
}

pub(super) struct FakeRunner(pub(super) Arc<Board>);

/// Tells that a scan was cut off before it came to its end.
struct OnDrop(Arc<Board>, bool);

impl Drop for OnDrop {
    fn drop(&mut self) {
        if !self.1 {
            self.0.dropped.send_modify(|n| *n += 1);
        }
    }
}

impl ScanRunner for FakeRunner {
    async fn scan(&self, job: ScanJob) -> Result<ScanOutcome, ScanFailure> {
        let name = job.skill_name.unwrap().to_string();
        assert!(!name.contains("panics"), "as the test wants it");
        let (end, ended) = oneshot::channel();
        self.0.names.lock().unwrap().push(name.clone());
        self.0.running.lock().unwrap().insert(name, end);
        self.0.began.send_modify(|n| *n += 1);
        let mut guard = OnDrop(Arc::clone(&self.0), false);
        let outcome = match self.0.takes {
            Some(time) => {
                tokio::time::sleep(time).await;
                Ok(result())
            }
            None => ended.await.unwrap(),
        };
        guard.1 = true;
        outcome
    }

    fn tools(&self) -> Value {
        json!({"semgrep": "1.0"})
    }

    fn isolation(&self) -> Option<String> {
        Some("none".into())
    }
}

/// Rests that a test can wait for.
pub(super) fn quick_host_retry() -> HostRetryPolicy {
    HostRetryPolicy {
        initial: Duration::from_millis(30),
        max: Duration::from_millis(100),
        ..HostRetryPolicy::default()
    }
}

/// A server, its receiver of callbacks, and the strings of its runner.
pub(super) struct Stage {
    pub(super) port: u16,
    pub(super) receiver: Receiver,
    pub(super) spool: TempDir,
    board: Arc<Board>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Stage {
    pub(super) async fn set() -> Self {
        Self::with(|_| {}, Receiver::start([]).await).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut ServerSettings), receiver: Receiver) -> Self {
        let spool = TempDir::new().unwrap();
        let clock = crate::clock::Clock::system();
        let delivery_queue = delivery_queue(spool.path(), &receiver.origin(), clock, quick());
        let mut settings = ServerSettings {
            secret: secret(),
            repo_hosts: HostPolicy::default(),
            queue: QueueLimits {
                max_concurrent: 3,
                queue_limit: 2,
                max_wait: Duration::from_secs(600),
                heartbeat: Duration::from_secs(300),
                host_retry: quick_host_retry(),
            },
            http: HttpLimits::default(),
            grace: Duration::from_secs(30),
            worker_host: "host".into(),
        };
        change(&mut settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let board = Arc::new(Board::default());
        let runner = FakeRunner(Arc::clone(&board));
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            serve(listener, settings, delivery_queue, runner, stop, std::future::pending())
                .await
                .unwrap();
        });
        Self { port, receiver, spool, board, stop: Some(stop), server }
    }

    /// A request as the worker sends it, for the skill of this name.
    pub(super) fn order(&self, name: &str) -> Value {
        json!({
            "repoUrl": "https://github.com/o/r", "skillName": name, "provider": "semgrep",
            "callbackUrl": self.receiver.url(), "callbackSecret": CALLBACK_SECRET,
            "scanId": format!("scan-{name}"), "attempt": 1,
        })
    }

    pub(super) async fn post(&self, order: &Value) -> Answer {
        self.post_raw("application/json", order.to_string().as_bytes()).await
    }

    pub(super) async fn post_raw(&self, kind: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST /scan HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {BEARER}\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        self.raw(head.as_bytes()).await
    }

    pub(super) async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Answer::parse(&answer)
    }

    pub(super) async fn began(&self, n: usize) {
        self.board.began(n).await;
    }

    pub(super) fn has_begun(&self) -> usize {
        self.board.has_begun().len()
    }

    pub(super) fn was_cut_off(&self) -> usize {
        self.board.was_cut_off()
    }

    pub(super) fn end(&self, name: &str, outcome: Result<ScanOutcome, ScanFailure>) {
        self.board.end(name, outcome);
    }

    pub(super) fn pass(&self, name: &str) {
        self.end(name, Ok(result()));
    }

    pub(super) fn ask_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub(super) async fn stopped(self) -> (Receiver, TempDir) {
        tokio::time::timeout(Duration::from_secs(20), self.server).await.unwrap().unwrap();
        (self.receiver, self.spool)
    }
}

fn secret() -> Secret {
    let env = |name: &str| match name {
        "SCANNER_WORKER_SECRET" => Some(BEARER.into()),
        "SCANNER_ALLOWED_CALLBACK_HOSTS" => Some("https://skills.example".into()),
        "HOME" => Some("/home/x".into()),
        _ => None,
    };
    crate::config::Settings::read(env).unwrap().worker_secret
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(start.as_str()))
    }
}
