//! One scan from its start to its end: it is run, it shows life, and what became of it is said.

use super::{
    callback_builder::{self, CallbackBuilder},
    metrics::Ending,
    platform::{Claim, Held},
    queue::{End, Queue, Task, note},
    runner::{ScanFailure, ScanRunner},
};
use crate::{log::Level, scan::ScanOutcome, tools::version};
use skillgate_contract::{ScanStatus, scan_request::ScanRequest};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
    time::sleep,
};

/// How long a failed sign of life waits for its one repetition.
const STARTED_AGAIN: Duration = Duration::from_secs(5);
/// What the log says of a scan that the scanner gave up.
const STOPPED: &str = "the scanner was stopped";
const LEFT: &str = "the scanner was stopped: left to the worker's time-out";

impl<R: ScanRunner> Queue<R> {
    /// Runs a scan. Returns how long it rests where it is to be tried again here.
    pub(super) async fn run(&self, task: &Task) -> Option<Duration> {
        let request = &task.request;
        let (over, is_over) = watch::channel(false);
        let lost = watch::Sender::new(false);
        if let Some(claim) = task.claim.clone() {
            let heartbeat = self.0.limits.heartbeat;
            tokio::spawn(hold(claim, request.clone(), heartbeat, is_over.clone(), lost.clone()));
        }
        let signs_of_life = tokio::spawn(self.clone().show_life(self.reporter(request), is_over));
        let (job, runner) = (callback_builder::job(request), Arc::clone(&self.0.runner));
        let mut scan = tokio::spawn(async move { runner.scan(job).await });
        let end = self.watch_over(&mut scan, lost.subscribe()).await;
        over.send_replace(true);
        // What follows goes out only after a sign of life that is on its way, or the order would break.
        let life_is_over = async move {
            let _ = signs_of_life.await;
        };
        match end {
            End::Came(outcome) => match self.deferral(request, &outcome) {
                Some((wait, why)) => return self.hand_back(task, wait, why, life_is_over).await,
                None => self.conclude(request, *outcome, life_is_over).await,
            },
            End::Stopped => self.give_up(task, life_is_over).await,
            End::Deferred(_) => {}
            End::Lost => {
                note(Level::Warn, "scan.lost", request, "it is another scanner's, or over");
                self.0.metrics.ended(request.provider, Ending::Stopped);
                self.tell(request, &End::Lost);
            }
        }
        None
    }

    /// How long a scan rests that failed for what may be over in a moment, and what that is.
    fn deferral(
        &self,
        request: &ScanRequest,
        outcome: &Result<ScanOutcome, ScanFailure>,
    ) -> Option<(Duration, String)> {
        match outcome {
            Err(failure) if failure.may_pass => {
                Some((self.trouble().failed(request)?, failure.why.clone()))
            }
            _ => {
                self.trouble().is_over(request);
                None
            }
        }
    }

    /// Says nothing final of a scan that could not be done for the moment. A claimed one goes back to
    /// the worker's queue, where any scanner may take it; one that was sent here rests here, and each
    /// new try shows life, so that the worker neither sends it again nor gives it up.
    async fn hand_back(
        &self,
        task: &Task,
        wait: Duration,
        why: String,
        first: impl Future<Output = ()>,
    ) -> Option<Duration> {
        let Task { request, claim } = task;
        // A sign of life after the release would make the scan look taken again.
        first.await;
        let seconds = wait.as_secs();
        note(Level::Warn, "scan.deferred", request, &format!("again in {seconds} s: {why}"));
        if let Some(claim) = claim
            && let Err(e) = claim.release().await
        {
            note(Level::Warn, "scan.release_failed", request, &e.to_string());
        }
        self.0.metrics.ended(request.provider, Ending::Deferred);
        self.tell(request, &End::Deferred(why));
        claim.is_none().then_some(wait)
    }

    /// Waits for a scan's end, for the order to cut it off, or for the loss of the claim on it.
    async fn watch_over(
        &self,
        scan: &mut JoinHandle<Result<ScanOutcome, ScanFailure>>,
        mut lost: watch::Receiver<bool>,
    ) -> End {
        let mut orders = self.0.cut.subscribe();
        let cut = async {
            let _ = orders.wait_for(|cut| *cut).await;
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
                return End::Lost;
            }
            () = cut => {
                scan.abort();
                scan.await
            }
        };
        match joined {
            Ok(outcome) => End::Came(Box::new(outcome)),
            Err(e) if e.is_cancelled() => End::Stopped,
            Err(_) => {
                let failure = ScanFailure::new("the scanner failed during this scan");
                End::Came(Box::new(Err(failure)))
            }
        }
    }

    /// Ends a scan that the scanner has no time for: a claimed one is handed back, so that another
    /// scanner takes it at once. Of one that was sent here nothing is said: a failure would be the
    /// worker's last word on it, while after silence the worker sends it again.
    pub(super) async fn give_up(&self, task: &Task, first: impl Future<Output = ()>) {
        let Task { request, claim } = task;
        if let Some(claim) = claim {
            // A sign of life after the release would make the scan look taken again.
            first.await;
            match claim.release().await {
                Ok(()) => note(Level::Info, "scan.released", request, STOPPED),
                Err(e) => note(Level::Warn, "scan.release_failed", request, &e.to_string()),
            }
        } else {
            note(Level::Warn, "scan.left", request, LEFT);
        }
        self.0.metrics.ended(request.provider, Ending::Stopped);
        self.tell(request, &End::Stopped);
    }

    /// Reports a scan's end; when this returns, the report is on disk.
    pub(super) async fn conclude(
        &self,
        request: &ScanRequest,
        outcome: Result<ScanOutcome, ScanFailure>,
        first: impl Future<Output = ()> + Send + 'static,
    ) {
        let ending = match &outcome {
            Ok(result) => Ending::of(status(result)),
            Err(_) => Ending::Error,
        };
        let level = if outcome.is_ok() { Level::Info } else { Level::Warn };
        let why = outcome.as_ref().err().map_or("", |failure| &failure.why);
        note(level, "scan.ended", request, &format!("{} {why}", ending.as_str()));
        self.0.metrics.ended(request.provider, ending);
        let parcel = self.reporter(request).ended(self.0.courier.clock().now(), outcome.clone());
        self.0.courier.keep(&parcel).await;
        self.0.courier.send(parcel, first);
        self.tell(request, &End::Came(Box::new(outcome)));
    }

    fn tell(&self, request: &ScanRequest, end: &End) {
        if let Some(witness) = &self.0.witness {
            witness(request, end);
        }
    }

    /// Says that a scan runs, now and at every heartbeat, until it is over.
    async fn show_life(self, reporter: CallbackBuilder, mut is_over: watch::Receiver<bool>) {
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

    fn reporter(&self, request: &ScanRequest) -> CallbackBuilder {
        CallbackBuilder {
            request: request.clone(),
            worker_host: self.0.worker_host.clone(),
            isolation: self.0.runner.isolation(),
            tool: version::tool(&self.0.runner.tools(), request.provider),
        }
    }
}

/// The status that a result stands for.
pub(super) fn status(result: &ScanOutcome) -> ScanStatus {
    result.claimed.unwrap_or_else(|| result.conclude(false))
}

/// Keeps a claim while its scan runs. Only the worker's word that it is gone ends the scan: a worker
/// that cannot be asked changes nothing.
async fn hold(
    claim: Claim,
    request: ScanRequest,
    heartbeat: Duration,
    mut is_over: watch::Receiver<bool>,
    lost: watch::Sender<bool>,
) {
    let mut wait = heartbeat;
    while !ended_within(&mut is_over, wait).await {
        wait = match claim.keep().await {
            Ok(Held::Yes) => heartbeat,
            Ok(Held::No(refusal)) => {
                note(Level::Warn, "claim.lost", &request, &refusal.to_string());
                lost.send_replace(true);
                return;
            }
            Err(e) => {
                note(Level::Warn, "heartbeat.failed", &request, &e.to_string());
                // Sooner than usual, so that one lost heartbeat does not cost a third of the claim.
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
