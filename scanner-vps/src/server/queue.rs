//! The scan queue: at most so many scans run, at most so many wait, and each scan is here once.

use super::{
    duration_ema::DurationEma,
    host_backoff::{HostBackoff, HostRetryPolicy},
    metrics::Metrics,
    runner::ScanRunner,
    task::{Key, ScanObserver, Task},
};
use crate::{delivery::DeliveryQueue, log::scan_span};
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
use tracing::Instrument as _;

/// The limits of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// The number of scans that run at once.
    pub max_concurrent: usize,
    /// The number of scans that may wait.
    pub queue_limit: usize,
    /// A scan whose expected wait is longer is not accepted.
    pub max_wait: Duration,
    /// The time between two heartbeats of a running scan.
    pub heartbeat: Duration,
    /// How scans are retried whose git host fails transiently.
    pub host_retry: HostRetryPolicy,
}

/// Why a scan was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SubmitError {
    Full,
    Stopping,
}

/// The state of the queue, for `/health` and `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueStats {
    pub(super) active: usize,
    pub(super) queued: usize,
    pub(super) stopping: bool,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Task>,
    running: HashMap<Key, Option<ScanId>>,
    /// Scans that wait for the backoff of their git host before they are retried here.
    deferred: HashMap<Key, Task>,
    /// The usual duration of a scan.
    scan_duration: DurationEma,
}

impl State {
    /// The expected wait of a scan that is submitted now.
    fn expected_wait(&self, at_once: usize) -> Duration {
        let rounds = (self.waiting.len() + 1).div_ceil(at_once.max(1));
        self.scan_duration.get().saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }

    /// The waiting entry of the same scan, in any attempt.
    fn find_waiting(&mut self, request: &ScanRequest) -> Option<&mut Task> {
        let same = |other: &ScanRequest| match &request.scan_id {
            None => Key::of(other) == Key::of(request),
            id => other.scan_id == *id,
        };
        self.waiting.iter_mut().find(|task| same(&task.request))
    }
}

/// The scan queue. Clones share everything.
pub(super) struct Queue<R>(pub(super) Arc<Inner<R>>);

impl<R> Clone for Queue<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

pub(super) struct Inner<R> {
    pub(super) runner: Arc<R>,
    pub(super) delivery_queue: DeliveryQueue,
    pub(super) limits: QueueLimits,
    pub(super) worker_host: String,
    pub(super) metrics: Metrics,
    pub(super) observer: Option<ScanObserver>,
    host_backoff: HostBackoff,
    state: Mutex<State>,
    /// The number of running scans; a change wakes whoever waits for a free slot or for the last end.
    active: watch::Sender<usize>,
    /// True once no scan is accepted any more. Changed only while the state is locked.
    stopping: watch::Sender<bool>,
    /// True once running scans are to be aborted.
    pub(super) abort: watch::Sender<bool>,
}

impl<R: ScanRunner> Queue<R> {
    pub(super) fn new(
        runner: R,
        delivery_queue: DeliveryQueue,
        limits: QueueLimits,
        worker_host: String,
        observer: Option<ScanObserver>,
    ) -> Self {
        let host_backoff = HostBackoff::new(limits.host_retry.clone());
        Self(Arc::new(Inner {
            host_backoff,
            metrics: Metrics::new(&delivery_queue),
            runner: Arc::new(runner),
            delivery_queue,
            limits,
            worker_host,
            observer,
            state: Mutex::default(),
            active: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            abort: watch::Sender::new(false),
        }))
    }

    pub(super) fn runner(&self) -> &R {
        &self.0.runner
    }

    pub(super) fn max_concurrent(&self) -> usize {
        self.0.limits.max_concurrent
    }

    pub(super) fn host_backoff(&self) -> &HostBackoff {
        &self.0.host_backoff
    }

    pub(super) fn delivery_queue(&self) -> &DeliveryQueue {
        &self.0.delivery_queue
    }

    pub(super) fn stats(&self) -> QueueStats {
        let state = self.state();
        let stopping = *self.0.stopping.borrow();
        let queued = state.waiting.len() + state.deferred.len();
        QueueStats { active: state.running.len(), queued, stopping }
    }

    /// Whether this scan is running here, in any attempt.
    pub(super) fn runs(&self, id: &ScanId) -> bool {
        self.state().running.values().any(|running| running.as_ref() == Some(id))
    }

    pub(super) fn metrics(&self) -> String {
        let QueueStats { active, queued, .. } = self.stats();
        self.0.metrics.render(active, queued)
    }

    /// Accepts a scan. Submitting is idempotent: a scan that is already here is not queued again, and a
    /// newer attempt replaces an older one that waits. Returns how many scans wait.
    pub(super) fn submit(&self, task: Task) -> Result<usize, SubmitError> {
        let key = Key::of(&task.request);
        let span = scan_span(&task.request);
        let _entered = span.enter();
        let mut state = self.state();
        if *self.0.stopping.borrow() {
            return Err(SubmitError::Stopping);
        }
        if state.running.contains_key(&key) {
            tracing::info!(event = "scan.repeated");
            return Ok(state.waiting.len());
        }
        if state.deferred.contains_key(&key) {
            tracing::info!(event = "scan.repeated", "deferred");
            return Ok(state.waiting.len());
        }
        // A newer attempt starts at once and replaces the deferred one.
        if let Some(id) = &task.request.scan_id {
            state.deferred.retain(|_, deferred| deferred.request.scan_id.as_ref() != Some(id));
        }
        if let Some(waiting) = state.find_waiting(&task.request) {
            if waiting.request.attempt < task.request.attempt {
                tracing::info!(event = "scan.accepted", "in place of an older attempt");
                *waiting = task;
            } else {
                tracing::info!(event = "scan.repeated");
            }
            return Ok(state.waiting.len());
        }
        let QueueLimits { max_concurrent, queue_limit, max_wait, .. } = self.0.limits;
        if state.running.len() < max_concurrent {
            tracing::info!(event = "scan.accepted");
            self.start(&mut state, task);
        } else if state.waiting.len() < queue_limit
            && state.expected_wait(max_concurrent) <= max_wait
        {
            tracing::info!(event = "scan.accepted", "waits");
            state.waiting.push_back(task);
        } else {
            return Err(SubmitError::Full);
        }
        Ok(state.waiting.len())
    }

    /// Shuts down gracefully: after `stop`, no scan is accepted and waiting ones are cancelled. Running
    /// scans have `grace`, which `hurry` ends early, and are then aborted, at most `abort_timeout` long.
    pub(super) async fn shut_down(
        &self,
        stop: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
        grace: Duration,
        abort_timeout: Duration,
    ) {
        stop.await;
        tracing::info!(event = "server.stopping", active = self.stats().active);
        self.cancel_waiting().await;
        let mut hurry = pin!(hurry);
        tokio::select! {
            () = self.idle(grace) => {}
            () = &mut hurry => {}
        }
        self.0.abort.send_replace(true);
        self.idle(abort_timeout).await;
    }

    async fn cancel_waiting(&self) {
        let waiting = {
            let mut state = self.state();
            self.0.stopping.send_replace(true);
            let deferred = std::mem::take(&mut state.deferred);
            std::mem::take(&mut state.waiting).into_iter().chain(deferred.into_values())
        };
        for task in waiting {
            let span = scan_span(&task.request);
            self.cancel(&task, None, async {}).instrument(span).await;
        }
    }

    /// Waits until no scan runs, at most this long.
    pub(super) async fn idle(&self, at_most: Duration) {
        let _ = timeout(at_most, self.wait_below(1)).await;
    }

    /// Waits until fewer scans run than this.
    pub(super) async fn wait_below(&self, n: usize) {
        let mut active = self.0.active.subscribe();
        let _ = active.wait_for(|active| *active < n).await;
    }

    /// Waits until no scan is accepted any more.
    pub(super) async fn wait_stopping(&self) {
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
        let span = scan_span(&task.request);
        let run = async move {
            let began = Instant::now();
            let retry_after = queue.run(&task, began).await;
            queue.finish(task, began.elapsed(), retry_after);
        };
        tokio::spawn(run.instrument(span));
    }

    fn finish(&self, task: Task, time: Duration, retry_after: Option<Duration>) {
        let key = Key::of(&task.request);
        let mut state = self.state();
        state.running.remove(&key);
        if let Some(wait) = retry_after {
            state.deferred.insert(key.clone(), task);
            let queue = self.clone();
            tokio::spawn(async move {
                sleep(wait).await;
                queue.resume(&key);
            });
        } else {
            state.scan_duration.record(time);
        }
        if let Some(next) = state.waiting.pop_front() {
            self.start(&mut state, next);
        }
        self.0.active.send_replace(state.running.len());
    }

    /// Retries a deferred scan before all waiting ones, unless it was cancelled or replaced meanwhile.
    fn resume(&self, key: &Key) {
        let mut state = self.state();
        let Some(task) = state.deferred.remove(key) else { return };
        if state.running.len() < self.0.limits.max_concurrent {
            self.start(&mut state, task);
        } else {
            state.waiting.push_front(task);
        }
    }
}
