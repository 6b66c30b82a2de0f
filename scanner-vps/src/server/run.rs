//! The life of one scan: run it, send heartbeats, renew its lease, report its end.

use super::{
    callback_builder::{self, CallbackBuilder},
    metrics::ScanOutcomeLabel,
    platform::{Claim, LeaseState},
    queue::Queue,
    runner::{ScanFailure, ScanRunner},
    task::{ScanEnd, Task},
};
use crate::{scan::ScanOutcome, tools::version};
use skillgate_contract::{ScanStatus, scan_request::ScanRequest};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::sleep,
};
use tracing::Instrument as _;

/// The wait before the one repetition of a failed heartbeat.
const HEARTBEAT_RETRY: Duration = Duration::from_secs(5);
/// The log's detail of a cancelled scan.
const STOPPED: &str = "the scanner was stopped";
const ABANDONED: &str = "the scanner was stopped: abandoned to the worker's time-out";

impl<R: ScanRunner> Queue<R> {
    /// Runs a scan to its end. Returns the backoff where it is to be retried here.
    pub(super) async fn run(&self, task: &Task, began: Instant) -> Option<Duration> {
        let request = &task.request;
        let (over, is_over) = watch::channel(false);
        let lost = watch::Sender::new(false);
        if let Some(claim) = task.claim.clone() {
            let heartbeat = self.0.limits.heartbeat;
            let lease = renew_lease(claim, heartbeat, is_over.clone(), lost.clone());
            tokio::spawn(lease.in_current_span());
        }
        let heartbeats = self.clone().send_heartbeats(self.reporter(request), is_over);
        let heartbeats = tokio::spawn(heartbeats.in_current_span());
        let (job, runner) = (callback_builder::job(request), Arc::clone(&self.0.runner));
        let mut scan = tokio::spawn(async move { runner.scan(job).await }.in_current_span());
        let end = self.wait_for_end(&mut scan, lost.subscribe()).await;
        over.send_replace(true);
        let ran = Some(began.elapsed());
        // A heartbeat that is being sent has to arrive before the end, or the order would break.
        let heartbeats_over = async move {
            let _ = heartbeats.await;
        };
        match end {
            ScanEnd::Completed(outcome) => match self.defer_for(request, &outcome) {
                Some((wait, why)) => {
                    return self.defer(task, wait, why, ran, heartbeats_over).await;
                }
                None => self.complete(request, *outcome, ran, heartbeats_over).await,
            },
            ScanEnd::Cancelled => self.cancel(task, ran, heartbeats_over).await,
            ScanEnd::Deferred(_) => {}
            ScanEnd::LeaseLost => {
                tracing::warn!(event = "scan.lost", "another scanner has it, or it is over");
                self.0.metrics.ended(request.provider, ScanOutcomeLabel::Stopped, ran);
                self.notify_observer(request, &ScanEnd::LeaseLost);
            }
        }
        None
    }

    /// The backoff and the reason of a scan that failed transiently and may be retried.
    fn defer_for(
        &self,
        request: &ScanRequest,
        outcome: &Result<ScanOutcome, ScanFailure>,
    ) -> Option<(Duration, String)> {
        match outcome {
            Err(failure) if failure.is_transient => {
                Some((self.host_backoff().record_failure(request)?, failure.why.clone()))
            }
            _ => {
                self.host_backoff().record_success(request);
                None
            }
        }
    }

    /// Defers a scan that failed transiently; nothing final is reported. A claimed scan is released, so
    /// that any scanner may claim it. A scan that was sent here is retried here, with heartbeats at each
    /// retry, so that the worker neither sends it again nor times it out.
    async fn defer(
        &self,
        task: &Task,
        wait: Duration,
        why: String,
        ran: Option<Duration>,
        first: impl Future<Output = ()>,
    ) -> Option<Duration> {
        let Task { request, claim } = task;
        // A heartbeat after the release would make the scan look claimed again.
        first.await;
        let seconds = wait.as_secs();
        tracing::warn!(event = "scan.deferred", retryInSeconds = seconds, "{why}");
        if let Some(claim) = claim
            && let Err(e) = claim.release().await
        {
            tracing::warn!(event = "scan.release_failed", "{e}");
        }
        self.0.metrics.ended(request.provider, ScanOutcomeLabel::Deferred, ran);
        self.notify_observer(request, &ScanEnd::Deferred(why));
        claim.is_none().then_some(wait)
    }

    /// Waits for the scan's end, for the order to abort it, or for the loss of its lease.
    async fn wait_for_end(
        &self,
        scan: &mut JoinHandle<Result<ScanOutcome, ScanFailure>>,
        mut lost: watch::Receiver<bool>,
    ) -> ScanEnd {
        let mut orders = self.0.abort.subscribe();
        let aborted = async {
            let _ = orders.wait_for(|abort| *abort).await;
        };
        let gone = async {
            let _ = lost.wait_for(|lost| *lost).await;
        };
        let joined: Result<_, JoinError> = tokio::select! {
            biased;
            joined = &mut *scan => joined,
            () = gone => {
                scan.abort();
                let _ = scan.await;
                return ScanEnd::LeaseLost;
            }
            () = aborted => {
                scan.abort();
                scan.await
            }
        };
        match joined {
            Ok(outcome) => ScanEnd::Completed(Box::new(outcome)),
            Err(e) if e.is_cancelled() => ScanEnd::Cancelled,
            Err(_) => {
                let failure = ScanFailure::new("the scanner failed during this scan");
                ScanEnd::Completed(Box::new(Err(failure)))
            }
        }
    }

    /// Cancels a scan because the scanner stops. A claimed scan is released, so that another scanner
    /// claims it at once. Nothing is reported of a scan that was sent here: a failure would end it, while
    /// after silence the worker sends it again.
    pub(super) async fn cancel(
        &self,
        task: &Task,
        ran: Option<Duration>,
        first: impl Future<Output = ()>,
    ) {
        let Task { request, claim } = task;
        if let Some(claim) = claim {
            // A heartbeat after the release would make the scan look claimed again.
            first.await;
            match claim.release().await {
                Ok(()) => tracing::info!(event = "scan.released", "{STOPPED}"),
                Err(e) => tracing::warn!(event = "scan.release_failed", "{e}"),
            }
        } else {
            tracing::warn!(event = "scan.abandoned", "{ABANDONED}");
        }
        self.0.metrics.ended(request.provider, ScanOutcomeLabel::Stopped, ran);
        self.notify_observer(request, &ScanEnd::Cancelled);
    }

    /// Reports a scan's end. When this returns, the callback is in the outbox.
    pub(super) async fn complete(
        &self,
        request: &ScanRequest,
        outcome: Result<ScanOutcome, ScanFailure>,
        ran: Option<Duration>,
        first: impl Future<Output = ()> + Send + 'static,
    ) {
        let ending = match &outcome {
            Ok(result) => ScanOutcomeLabel::of(status(result)),
            Err(_) => ScanOutcomeLabel::Error,
        };
        let outcome_name = ending.as_str();
        match &outcome {
            Ok(_) => tracing::info!(event = "scan.ended", outcome = outcome_name),
            Err(ScanFailure { why, .. }) => {
                tracing::warn!(event = "scan.ended", outcome = outcome_name, "{why}");
            }
        }
        self.0.metrics.ended(request.provider, ending, ran);
        let delivery =
            self.reporter(request).ended(self.0.delivery_queue.clock().now(), outcome.clone());
        self.0.delivery_queue.persist(&delivery).await;
        self.0.delivery_queue.deliver(delivery, first);
        self.notify_observer(request, &ScanEnd::Completed(Box::new(outcome)));
    }

    fn notify_observer(&self, request: &ScanRequest, end: &ScanEnd) {
        if let Some(observer) = &self.0.observer {
            observer(request, end);
        }
    }

    /// Sends a `started` callback now and at every heartbeat interval, until the scan is over.
    async fn send_heartbeats(self, reporter: CallbackBuilder, mut is_over: watch::Receiver<bool>) {
        loop {
            let delivery = reporter.started(self.0.delivery_queue.clock().now());
            if !self.0.delivery_queue.try_once(&delivery).await {
                if ended_within(&mut is_over, HEARTBEAT_RETRY).await {
                    return;
                }
                self.0.delivery_queue.try_once(&delivery).await;
            }
            if ended_within(&mut is_over, self.0.limits.heartbeat).await {
                return;
            }
        }
    }

    fn reporter(&self, request: &ScanRequest) -> CallbackBuilder {
        CallbackBuilder {
            request: request.clone(),
            worker_host: self.0.worker_host.clone(),
            isolation: self.0.runner.isolation(),
            tool: version::tool(&self.0.runner.tools(), request.provider),
        }
    }
}

/// The status of a result: the claimed one, else the one that its counts give.
pub(super) fn status(result: &ScanOutcome) -> ScanStatus {
    result.claimed.unwrap_or_else(|| result.conclude(false))
}

/// Renews the lease of a running scan. Only the worker's answer that the lease is lost ends the scan; a
/// worker that cannot be reached does not.
async fn renew_lease(
    claim: Claim,
    heartbeat: Duration,
    mut is_over: watch::Receiver<bool>,
    lost: watch::Sender<bool>,
) {
    let mut wait = heartbeat;
    while !ended_within(&mut is_over, wait).await {
        wait = match claim.renew().await {
            Ok(LeaseState::Held) => heartbeat,
            Ok(LeaseState::Lost(refusal)) => {
                tracing::warn!(event = "claim.lost", "{refusal}");
                lost.send_replace(true);
                return;
            }
            Err(e) => {
                tracing::warn!(event = "heartbeat.failed", "{e}");
                // Sooner than usual: one lost renewal must not cost a fifth of the lease.
                heartbeat / 4
            }
        };
    }
}

async fn ended_within(is_over: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        biased;
        _ = is_over.wait_for(|over| *over) => true,
        () = sleep(time) => false,
    }
}
