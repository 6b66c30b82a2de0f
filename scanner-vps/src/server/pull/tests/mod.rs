//! Pullers and a worker's queue over real sockets, with scans that end when the test says so.

mod once;
mod scans;
mod trouble;
mod worker;

use super::*;
use crate::{
    clock::Clock,
    config::PullSettings,
    delivery::{
        Client,
        tests::{delivery_queue, quick, result},
    },
    server::{
        ScanFailure,
        tests::{Board, FakeRunner, quick_host_retry},
    },
};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};
use worker::{Canned, Holder, KEY, Worker};

/// A puller at work.
struct Running {
    board: Arc<Board>,
    spool: TempDir,
    signals: Vec<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

fn settings(origin: &str, name: &str) -> PullerSettings {
    let env = |variable: &str| match variable {
        "PLATFORM_URL" => Some(origin.into()),
        "INTERNAL_KEY" => Some(KEY.into()),
        "HOME" => Some("/home/x".into()),
        _ => None,
    };
    let PullSettings { platform, key, work, .. } = PullSettings::read(env).unwrap();
    let quick_client = Client::new(false)
        .unwrap()
        .with_timeouts(Duration::from_millis(300), Duration::from_millis(500));
    PullerSettings {
        platform: Platform::new(quick_client, platform, &key, name.parse().unwrap()).unwrap(),
        repo_hosts: work.repo_hosts,
        max_concurrent: 3,
        heartbeat: Duration::from_secs(300),
        backoff: PollBackoff::new(
            Duration::from_millis(10),
            Duration::from_millis(40),
            Duration::from_millis(40),
        ),
        host_retry: quick_host_retry(),
        grace: Duration::from_secs(30),
        worker_host: "host".into(),
    }
}

fn reporter(spool: &Path, origin: &str) -> DeliveryQueue {
    delivery_queue(spool, origin, Clock::system(), quick())
}

async fn heard(signal: oneshot::Receiver<()>) {
    // A test that drops its end wants no signal.
    if signal.await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Running {
    fn start(worker: &Worker, name: &str) -> Self {
        Self::with(worker, name, Arc::default(), |_| {})
    }

    fn with(
        worker: &Worker,
        name: &str,
        board: Arc<Board>,
        change: impl FnOnce(&mut PullerSettings),
    ) -> Self {
        let spool = TempDir::new().unwrap();
        let mut settings = settings(&worker.origin(), name);
        change(&mut settings);
        let delivery_queue = reporter(spool.path(), &worker.origin());
        let runner = FakeRunner(Arc::clone(&board));
        let ((stop, stopped), (hurry, hurried)) = (oneshot::channel(), oneshot::channel());
        let task = tokio::spawn(async move {
            pull(settings, delivery_queue, runner, heard(stopped), heard(hurried)).await.unwrap();
        });
        Self { board, spool, signals: vec![hurry, stop], task }
    }

    /// The first is a request to stop, the second one to hurry.
    fn signal(&mut self) {
        let _ = self.signals.pop().unwrap().send(());
    }

    fn pass(&self, name: &str) {
        self.board.end(name, Ok(result()));
    }

    async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(20), self.task).await.unwrap().unwrap();
    }
}
