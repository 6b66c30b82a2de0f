//! The queue: so many scans at once, so many waiting, each one once.

use super::{
    metrics::Metrics,
    platform::Claim,
    runner::{ScanFailure, ScanRunner},
    trouble::{Patience, Trouble},
};
use crate::{
    delivery::Courier,
    log::{self, Level},
    scan::ScanOutcome,
};
use skillgate_contract::{ScanId, scan_request::ScanRequest};
use std::{
    collections::{HashMap, VecDeque},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// How much the queue takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// Scans that run at once.
    pub max_concurrent: usize,
    /// Scans that may wait.
    pub queue_limit: usize,
    /// A scan that would probably wait for longer is not taken.
    pub longest_wait: Duration,
    /// The time between two signs of life of a running scan.
    pub heartbeat: Duration,
    /// With git hosts that fail.
    pub patience: Patience,
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

/// A scan to run.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) request: ScanRequest,
    /// The hold on a scan of the worker's queue; none on one that was sent here.
    pub(super) claim: Option<Claim>,
}

impl From<ScanRequest> for Task {
    fn from(request: ScanRequest) -> Self {
        Self { request, claim: None }
    }
}

/// What became of a scan that was taken.
#[derive(Debug)]
pub(super) enum End {
    /// It came to its end, and that is on its way to the worker.
    Came(Box<Result<ScanOutcome, ScanFailure>>),
    /// It was given up because the scanner stops: handed back, or left to the worker's time-out.
    Stopped,
    /// It could not be done for the moment, for this reason: handed back, or tried again later.
    Deferred(String),
    /// It was cut off because it is another scanner's by now, or over: nothing is said about it.
    Lost,
}

/// Is told what became of each scan.
pub(super) type Witness = Box<dyn Fn(&ScanRequest, &End) + Send + Sync>;

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
    waiting: VecDeque<Task>,
    running: HashMap<Key, Option<ScanId>>,
    /// What could not be done for the moment and is tried again here.
    resting: HashMap<Key, Task>,
    /// How long a scan usually runs: the later ones count more.
    usual: Usual,
}

#[derive(Debug)]
struct Usual(Duration);

impl Default for Usual {
    /// A guess, until scans have ended.
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}

impl Usual {
    /// Scans that fail at once say nothing about the others.
    const SHORTEST: Duration = Duration::from_secs(20);

    fn ran(&mut self, time: Duration) {
        self.0 = ((self.0 * 3 + time) / 4).max(Self::SHORTEST);
    }
}

impl State {
    /// How long a scan that comes now will probably wait.
    fn wait(&self, at_once: usize) -> Duration {
        let rounds = (self.waiting.len() + 1).div_ceil(at_once.max(1));
        self.usual.0.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    /// The place of a scan that waits here, in whatever attempt.
    fn place(&mut self, request: &ScanRequest) -> Option<&mut Task> {
        let same = |other: &ScanRequest| match &request.scan_id {
            None => Key::of(other) == Key::of(request),
            id => other.scan_id == *id,
        };
        self.waiting.iter_mut().find(|task| same(&task.request))
    }
}

/// The queue. Clones share everything.
pub(super) struct Queue<R>(pub(super) Arc<Inner<R>>);

impl<R> Clone for Queue<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

pub(super) struct Inner<R> {
    pub(super) runner: Arc<R>,
    pub(super) courier: Courier,
    pub(super) limits: QueueLimits,
    pub(super) worker_host: String,
    pub(super) metrics: Metrics,
    pub(super) witness: Option<Witness>,
    trouble: Trouble,
    state: Mutex<State>,
    /// How many scans run, for those who wait for a free place or the last one's end.
    active: watch::Sender<usize>,
    /// Turns true when nothing more is taken; only while the state is locked.
    stopping: watch::Sender<bool>,
    /// Turns true when running scans are to be cut off.
    pub(super) cut: watch::Sender<bool>,
}

impl<R: ScanRunner> Queue<R> {
    pub(super) fn new(
        runner: R,
        courier: Courier,
        limits: QueueLimits,
        worker_host: String,
        witness: Option<Witness>,
    ) -> Self {
        let trouble = Trouble::new(limits.patience.clone());
        Self(Arc::new(Inner {
            trouble,
            runner: Arc::new(runner),
            courier,
            limits,
            worker_host,
            metrics: Metrics::default(),
            witness,
            state: Mutex::default(),
            active: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            cut: watch::Sender::new(false),
        }))
    }

    pub(super) fn runner(&self) -> &R {
        &self.0.runner
    }

    pub(super) fn max_concurrent(&self) -> usize {
        self.0.limits.max_concurrent
    }

    pub(super) fn trouble(&self) -> &Trouble {
        &self.0.trouble
    }

    pub(super) fn courier(&self) -> &Courier {
        &self.0.courier
    }

    pub(super) fn load(&self) -> Load {
        let state = self.state();
        let stopping = *self.0.stopping.borrow();
        let queued = state.waiting.len() + state.resting.len();
        Load { active: state.running.len(), queued, stopping }
    }

    /// Whether this scan runs here, in whatever attempt.
    pub(super) fn runs(&self, id: &ScanId) -> bool {
        self.state().running.values().any(|running| running.as_ref() == Some(id))
    }

    pub(super) fn metrics(&self) -> String {
        let Load { active, queued, .. } = self.load();
        self.0.metrics.render(active, queued, self.0.courier.counts())
    }

    /// Takes a scan, or finds that it is already here: where it waits in an older attempt, the newer
    /// one takes its place. Returns how many scans wait.
    pub(super) fn submit(&self, task: Task) -> Result<usize, Refused> {
        let key = Key::of(&task.request);
        let mut state = self.state();
        if *self.0.stopping.borrow() {
            return Err(Refused::Stopping);
        }
        if state.running.contains_key(&key) {
            note(Level::Info, "scan.repeated", &task.request, "");
            return Ok(state.waiting.len());
        }
        if state.resting.contains_key(&key) {
            note(Level::Info, "scan.repeated", &task.request, "rests");
            return Ok(state.waiting.len());
        }
        // A newer attempt begins at once, and the one that rests is forgotten.
        if let Some(id) = &task.request.scan_id {
            state.resting.retain(|_, resting| resting.request.scan_id.as_ref() != Some(id));
        }
        if let Some(waiting) = state.place(&task.request) {
            if waiting.request.attempt < task.request.attempt {
                note(Level::Info, "scan.accepted", &task.request, "in place of an older attempt");
                *waiting = task;
            } else {
                note(Level::Info, "scan.repeated", &task.request, "");
            }
            return Ok(state.waiting.len());
        }
        let QueueLimits { max_concurrent, queue_limit, longest_wait, .. } = self.0.limits;
        if state.running.len() < max_concurrent {
            note(Level::Info, "scan.accepted", &task.request, "");
            self.start(&mut state, task);
        } else if state.waiting.len() < queue_limit && state.wait(max_concurrent) <= longest_wait {
            note(Level::Info, "scan.accepted", &task.request, "waits");
            state.waiting.push_back(task);
        } else {
            return Err(Refused::Full);
        }
        Ok(state.waiting.len())
    }

    /// Stops in order: after `stop` nothing new is taken and what waits is given up; what runs has
    /// `grace`, unless `hurry` comes first, and is then cut off, which may take this long.
    pub(super) async fn wind_down(
        &self,
        stop: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
        grace: Duration,
        cut_off: Duration,
    ) {
        stop.await;
        log::event(Level::Info, "server.stopping", &[("active", &self.load().active)]);
        self.give_up_waiting().await;
        let mut hurry = pin!(hurry);
        tokio::select! {
            () = self.idle(grace) => {}
            () = &mut hurry => {}
        }
        self.0.cut.send_replace(true);
        self.idle(cut_off).await;
    }

    async fn give_up_waiting(&self) {
        let waiting = {
            let mut state = self.state();
            self.0.stopping.send_replace(true);
            let resting = std::mem::take(&mut state.resting);
            std::mem::take(&mut state.waiting).into_iter().chain(resting.into_values())
        };
        for task in waiting {
            self.give_up(&task, async {}).await;
        }
    }

    /// Waits until no scan runs, at most this long.
    pub(super) async fn idle(&self, at_most: Duration) {
        let _ = timeout(at_most, self.below(1)).await;
    }

    /// Waits until fewer scans run than this.
    pub(super) async fn below(&self, n: usize) {
        let mut active = self.0.active.subscribe();
        let _ = active.wait_for(|active| *active < n).await;
    }

    /// Waits until nothing more is taken.
    pub(super) async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held cannot leave the sets half changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, state: &mut State, task: Task) {
        state.running.insert(Key::of(&task.request), task.request.scan_id.clone());
        self.0.active.send_replace(state.running.len());
        let queue = self.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            let rest = queue.run(&task).await;
            queue.finish(task, began.elapsed(), rest);
        });
    }

    fn finish(&self, task: Task, time: Duration, rest: Option<Duration>) {
        let key = Key::of(&task.request);
        let mut state = self.state();
        state.running.remove(&key);
        if let Some(wait) = rest {
            state.resting.insert(key.clone(), task);
            let queue = self.clone();
            tokio::spawn(async move {
                sleep(wait).await;
                queue.resume(&key);
            });
        } else {
            state.usual.ran(time);
        }
        if let Some(next) = state.waiting.pop_front() {
            self.start(&mut state, next);
        }
        self.0.active.send_replace(state.running.len());
    }

    /// Tries again what has rested, before all that waits; unless it was given up or replaced meanwhile.
    fn resume(&self, key: &Key) {
        let mut state = self.state();
        let Some(task) = state.resting.remove(key) else { return };
        if state.running.len() < self.0.limits.max_concurrent {
            self.start(&mut state, task);
        } else {
            state.waiting.push_front(task);
        }
    }
}

pub(super) fn note(level: Level, name: &str, request: &ScanRequest, detail: &str) {
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
