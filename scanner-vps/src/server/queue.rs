//! The queue: so many scans at once, so many waiting, each one once.

use super::{
    metrics::{Ending, Metrics},
    report::{self, Reporter},
    runner::{ScanFailure, ScanRunner},
};
use crate::{
    delivery::Courier,
    log::{self, Level},
    scan::ScanOutcome,
};
use skillgate_contract::{ScanId, scan_request::ScanRequest};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::{sleep, timeout},
};

/// How long a failed sign of life waits for its one repetition.
const STARTED_AGAIN: Duration = Duration::from_secs(5);
/// How long scans that are cut off may take to end their processes.
const CUT_OFF: Duration = Duration::from_secs(10);
/// What the report of a scan that was cut off says.
const STOPPED: &str = "the scanner was stopped";

/// How much the queue takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// Scans that run at once.
    pub max_concurrent: usize,
    /// Scans that may wait.
    pub queue_limit: usize,
    /// The time between two signs of life of a running scan.
    pub heartbeat: Duration,
}

/// Why a scan was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Stopping,
}

/// What the queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) active: usize,
    pub(super) queued: usize,
    pub(super) stopping: bool,
}

/// What makes two requests the same scan: the worker's id and attempt, or, from a sender without
/// ids, everything that is to be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Scan(ScanId, Option<u32>),
    Subject(String),
}

impl Key {
    fn of(request: &ScanRequest) -> Self {
        match &request.scan_id {
            Some(id) => Self::Scan(id.clone(), request.attempt),
            None => Self::Subject(format!(
                "{} {} {} {:?} {:?} {:?} {}",
                request.provider,
                request.skill_name,
                request.repo_url,
                request.commit_sha,
                request.skill_path,
                request.attempt,
                request.callback_url,
            )),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<ScanRequest>,
    running: HashSet<Key>,
    stopping: bool,
}

/// The queue. Clones share everything.
pub(super) struct Queue<R>(Arc<Inner<R>>);

impl<R> Clone for Queue<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<R> {
    runner: Arc<R>,
    courier: Courier,
    limits: QueueLimits,
    worker_host: String,
    metrics: Metrics,
    state: Mutex<State>,
    /// How many scans run, for those who wait for the last one.
    active: watch::Sender<usize>,
    /// Turns true when running scans are to be cut off.
    cut: watch::Sender<bool>,
}

impl<R: ScanRunner> Queue<R> {
    pub(super) fn new(
        runner: R,
        courier: Courier,
        limits: QueueLimits,
        worker_host: String,
    ) -> Self {
        Self(Arc::new(Inner {
            runner: Arc::new(runner),
            courier,
            limits,
            worker_host,
            metrics: Metrics::default(),
            state: Mutex::default(),
            active: watch::Sender::new(0),
            cut: watch::Sender::new(false),
        }))
    }

    pub(super) fn runner(&self) -> &R {
        &self.0.runner
    }

    pub(super) fn courier(&self) -> &Courier {
        &self.0.courier
    }

    pub(super) fn load(&self) -> Load {
        let state = self.state();
        Load { active: state.running.len(), queued: state.waiting.len(), stopping: state.stopping }
    }

    pub(super) fn metrics(&self) -> String {
        let Load { active, queued, .. } = self.load();
        self.0.metrics.render(active, queued, self.0.courier.counts())
    }

    /// Takes a scan, or finds that it is already here. Returns how many scans wait.
    pub(super) fn submit(&self, request: ScanRequest) -> Result<usize, Refused> {
        let key = Key::of(&request);
        let mut state = self.state();
        if state.stopping {
            return Err(Refused::Stopping);
        }
        if state.running.contains(&key) || state.waiting.iter().any(|r| Key::of(r) == key) {
            note(Level::Info, "scan.repeated", &request, "");
            return Ok(state.waiting.len());
        }
        if state.running.len() < self.0.limits.max_concurrent {
            note(Level::Info, "scan.accepted", &request, "");
            self.start(&mut state, request);
        } else if state.waiting.len() < self.0.limits.queue_limit {
            note(Level::Info, "scan.accepted", &request, "waits");
            state.waiting.push_back(request);
        } else {
            return Err(Refused::Full);
        }
        Ok(state.waiting.len())
    }

    /// Takes nothing more, and reports what never began.
    pub(super) async fn refuse_all(&self) {
        let waiting = {
            let mut state = self.state();
            state.stopping = true;
            std::mem::take(&mut state.waiting)
        };
        for request in waiting {
            let failure = ScanFailure(format!("{STOPPED} before this scan began"));
            self.conclude(&request, Err(failure), Some(Ending::Stopped), async {}).await;
        }
    }

    /// Waits until no scan runs, at most this long.
    pub(super) async fn idle(&self, at_most: Duration) {
        let mut active = self.0.active.subscribe();
        let _ = timeout(at_most, active.wait_for(|n| *n == 0)).await;
    }

    /// Cuts off what still runs and waits until that is reported.
    pub(super) async fn cut_off(&self) {
        self.0.cut.send_replace(true);
        self.idle(CUT_OFF).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held cannot leave the sets half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, state: &mut State, request: ScanRequest) {
        state.running.insert(Key::of(&request));
        self.0.active.send_replace(state.running.len());
        let queue = self.clone();
        tokio::spawn(async move {
            queue.run(&request).await;
            queue.finish(&request);
        });
    }

    fn finish(&self, request: &ScanRequest) {
        let mut state = self.state();
        state.running.remove(&Key::of(request));
        if let Some(next) = state.waiting.pop_front() {
            self.start(&mut state, next);
        }
        self.0.active.send_replace(state.running.len());
    }

    async fn run(&self, request: &ScanRequest) {
        let (over, is_over) = watch::channel(false);
        let signs_of_life = tokio::spawn(self.clone().show_life(self.reporter(request), is_over));
        let (job, runner) = (report::job(request), Arc::clone(&self.0.runner));
        let mut scan = tokio::spawn(async move { runner.scan(job).await });
        let (outcome, ending) = self.watch_over(&mut scan).await;
        over.send_replace(true);
        // The result goes out only after a sign of life that is on its way, or the order would break.
        let life_is_over = async move {
            let _ = signs_of_life.await;
        };
        self.conclude(request, outcome, ending, life_is_over).await;
    }

    /// Waits for a scan's end or for the order to cut it off.
    async fn watch_over(
        &self,
        scan: &mut JoinHandle<Result<ScanOutcome, ScanFailure>>,
    ) -> (Result<ScanOutcome, ScanFailure>, Option<Ending>) {
        let mut orders = self.0.cut.subscribe();
        let cut = async {
            let _ = orders.wait_for(|cut| *cut).await;
        };
        let joined: Result<_, JoinError> = tokio::select! {
            biased;
            joined = &mut *scan => joined,
            () = cut => {
                scan.abort();
                scan.await
            }
        };
        match joined {
            Ok(outcome) => (outcome, None),
            Err(e) if e.is_cancelled() => (Err(ScanFailure(STOPPED.into())), Some(Ending::Stopped)),
            Err(_) => (Err(ScanFailure("the scanner failed during this scan".into())), None),
        }
    }

    /// Reports a scan's end; when this returns, the report is on disk.
    async fn conclude(
        &self,
        request: &ScanRequest,
        outcome: Result<ScanOutcome, ScanFailure>,
        ending: Option<Ending>,
        first: impl Future<Output = ()> + Send + 'static,
    ) {
        let ending = ending.unwrap_or_else(|| match &outcome {
            Ok(result) => Ending::of(result.claimed.unwrap_or_else(|| result.conclude(false))),
            Err(_) => Ending::Error,
        });
        let level = if outcome.is_ok() { Level::Info } else { Level::Warn };
        let why = outcome.as_ref().err().map_or("", |failure| &failure.0);
        note(level, "scan.ended", request, &format!("{} {why}", ending.as_str()));
        self.0.metrics.ended(request.provider, ending);
        let parcel = self.reporter(request).ended(self.0.courier.clock().now(), outcome);
        self.0.courier.keep(&parcel).await;
        self.0.courier.send(parcel, first);
    }

    /// Says that a scan runs, now and at every heartbeat, until it is over.
    async fn show_life(self, reporter: Reporter, mut is_over: watch::Receiver<bool>) {
        loop {
            let parcel = reporter.started(self.0.courier.clock().now());
            if !self.0.courier.send_once(&parcel).await {
                if ended_within(&mut is_over, STARTED_AGAIN).await {
                    return;
                }
                self.0.courier.send_once(&parcel).await;
            }
            if ended_within(&mut is_over, self.0.limits.heartbeat).await {
                return;
            }
        }
    }

    fn reporter(&self, request: &ScanRequest) -> Reporter {
        Reporter {
            request: request.clone(),
            worker_host: self.0.worker_host.clone(),
            isolation: self.0.runner.isolation(),
        }
    }
}

async fn ended_within(is_over: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        biased;
        _ = is_over.wait_for(|over| *over) => true,
        () = sleep(time) => false,
    }
}

fn note(level: Level, name: &str, request: &ScanRequest, detail: &str) {
    let scan = request.scan_id.as_ref().map_or("-", ScanId::as_str);
    let attempt = request.attempt.unwrap_or(0);
    log::event(
        level,
        name,
        &[
            ("scanId", &scan),
            ("attempt", &attempt),
            ("provider", &request.provider),
            ("skill", &request.skill_name),
            ("repo", &request.repo_url),
            ("detail", &detail.trim()),
        ],
    );
}
