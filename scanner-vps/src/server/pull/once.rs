//! `pull --once`: scans until the worker's queue is empty, then waits until every callback is delivered.

use super::{PullerSettings, RELEASE_TIMEOUT, puller::Puller};
use crate::{
    delivery::{DeliveryQueue, SpoolError},
    server::{
        FLUSH_TIMEOUT, Queue, ScanRunner,
        run::status,
        task::{ScanEnd, ScanObserver},
    },
};
use skillgate_contract::{scan_request::ScanRequest, text};
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// How long deliveries may take once all scans have ended: four attempts.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(60);
/// Characters of a failure's reason in a line for people.
const MAX_WHY_CHARS: usize = 200;

/// The summary of one `pull --once`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrainSummary {
    /// Scans that were claimed.
    pub taken: usize,
    /// Scans that were cancelled because the scanner was stopped.
    pub cancelled: usize,
    /// Scans that were released because their git host failed transiently.
    pub deferred: usize,
    /// Scans that were skipped because the settings forbid their callback URL.
    pub incompatible: usize,
    /// Callbacks that wait in the outbox for the next start.
    pub undelivered: u64,
    /// Callbacks that the worker rejected for good.
    pub rejected: u64,
    /// The error that ended polling before the queue was empty.
    pub failed: Option<String>,
}

impl DrainSummary {
    /// Whether the queue was emptied and every claimed scan is reported.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.cancelled == 0
            && self.deferred == 0
            && self.incompatible == 0
            && self.undelivered == 0
            && self.rejected == 0
            && self.failed.is_none()
    }

    /// The summary for people: a count, then one line for each problem.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} taken", scans(self.taken))];
        let mut add = |n: usize, line: String| {
            if n > 0 {
                lines.push(line);
            }
        };
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        add(self.cancelled, format!("{} given up: the scanner was stopped", scans(self.cancelled)));
        let deferred = scans(self.deferred);
        add(self.deferred, format!("{deferred} handed back: the git host failed for the moment"));
        let incompatible = scans(self.incompatible);
        add(
            self.incompatible,
            format!("{incompatible} left: SCANNER_ALLOWED_CALLBACK_HOSTS forbids the report"),
        );
        let waiting = self.undelivered;
        add(count(waiting), format!("not delivered yet: {waiting}; the next start tries again"));
        let refused = self.rejected;
        add(count(refused), format!("refused by the worker: {refused}; see the spool"));
        if let Some(why) = &self.failed {
            lines.push(format!("the queue could not be worked to its end: {why}"));
        }
        lines
    }
}

fn scans(n: usize) -> String {
    if n == 1 { "1 scan".to_owned() } else { format!("{n} scans") }
}

/// Works the worker's queue until it offers nothing more and nothing runs, then waits until every
/// report has arrived, at most a minute. `say` is given a line for each scan. `stop` and `hurry` are
/// as for [`pull`](super::pull).
///
/// # Errors
/// The spool cannot be read.
pub async fn pull_once<R: ScanRunner>(
    settings: PullerSettings,
    delivery_queue: DeliveryQueue,
    runner: R,
    say: impl Fn(&str) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<DrainSummary, SpoolError> {
    delivery_queue.resume().await?;
    let [cancelled, deferred] = [0, 0].map(|n| Arc::new(AtomicUsize::new(n)));
    let limits = settings.limits();
    let PullerSettings { platform, repo_hosts, mut backoff, grace, worker_host, .. } = settings;
    let observer = observer(Arc::clone(&cancelled), Arc::clone(&deferred), say);
    let queue = Queue::new(runner, delivery_queue.clone(), limits, worker_host, Some(observer));
    let mut puller = Puller::new(queue.clone(), platform, repo_hosts);
    let work = async {
        let mut drained = DrainSummary::default();
        loop {
            let round = puller.drain(&mut backoff).await;
            queue.wait_below(1).await;
            let arrived = tokio::select! {
                biased;
                () = queue.wait_stopping() => {
                    delivery_queue.flush(FLUSH_TIMEOUT).await;
                    false
                }
                arrived = delivery_queue.drained(DELIVERY_TIMEOUT) => arrived,
            };
            drained.taken += round.claimed;
            drained.incompatible += round.incompatible;
            drained.failed = round.failed.map(|e| e.to_string());
            // A delivered callback may have made the worker add a scan of a newer commit.
            if !arrived || drained.failed.is_some() || round.claimed == 0 {
                return drained;
            }
        }
    };
    let mut work = pin!(work);
    let drained = tokio::select! {
        drained = &mut work => drained,
        () = queue.shut_down(stop, hurry, grace, RELEASE_TIMEOUT) => {
            // A scan that cannot be aborted must not keep the process running.
            timeout(FLUSH_TIMEOUT * 2, work).await.unwrap_or_else(|_| DrainSummary {
                failed: Some("a scan could not be ended".to_owned()),
                ..DrainSummary::default()
            })
        }
    };
    let counts = delivery_queue.counts();
    Ok(DrainSummary {
        cancelled: cancelled.load(Ordering::Relaxed),
        deferred: deferred.load(Ordering::Relaxed),
        undelivered: counts.pending,
        rejected: counts.rejected,
        ..drained
    })
}

fn observer(
    cancelled: Arc<AtomicUsize>,
    deferred: Arc<AtomicUsize>,
    say: impl Fn(&str) + Send + Sync + 'static,
) -> ScanObserver {
    Box::new(move |request, end| {
        match end {
            ScanEnd::Cancelled => _ = cancelled.fetch_add(1, Ordering::Relaxed),
            ScanEnd::Deferred(_) => _ = deferred.fetch_add(1, Ordering::Relaxed),
            ScanEnd::Completed(_) | ScanEnd::LeaseLost => {}
        }
        say(&line(request, end));
    })
}

fn line(request: &ScanRequest, end: &ScanEnd) -> String {
    let what = match end {
        ScanEnd::Completed(outcome) => match outcome.as_ref() {
            Ok(result) => {
                let n = result.counts;
                format!(
                    "{} at {} ({} critical, {} high, {} medium, {} low)",
                    status(result).as_str(),
                    result.commit_sha.short(),
                    n.critical,
                    n.high,
                    n.medium,
                    n.low
                )
            }
            Err(failure) => format!("ERROR: {}", text::line(&failure.why, MAX_WHY_CHARS)),
        },
        ScanEnd::Cancelled => "given up: the scanner was stopped".to_owned(),
        ScanEnd::Deferred(why) => format!("handed back: {}", text::line(why, MAX_WHY_CHARS)),
        ScanEnd::LeaseLost => "dropped: another scanner has it, or it is over".to_owned(),
    };
    format!("{} {}: {what}", request.skill_name, request.provider)
}
