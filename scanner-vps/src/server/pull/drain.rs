//! `pull --once`: works the queue until it is empty, and waits until everything has been reported.

use super::{HAND_BACK, PullerSettings, puller::Puller};
use crate::{
    delivery::{Courier, SpoolError},
    server::{
        LAST_DELIVERIES, Queue, ScanRunner,
        queue::{End, Witness},
        run::status,
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

/// How long reports may take to arrive once all scans have ended: four tries.
const DELIVERIES: Duration = Duration::from_secs(60);
/// Characters of a failure in a line for people.
const MAX_WHY_CHARS: usize = 200;

/// What came of working the queue once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drained {
    /// Scans that were claimed.
    pub taken: usize,
    /// Scans that were given up because the scanner was stopped.
    pub stopped: usize,
    /// Scans that were handed back because their git host failed for the moment.
    pub deferred: usize,
    /// Scans that were offered but cannot be reported under these settings.
    pub unfit: usize,
    /// Reports that wait in the spool.
    pub undelivered: u64,
    /// Reports that the worker refused for good.
    pub rejected: u64,
    /// Why the queue was not worked to its end.
    pub failed: Option<String>,
}

impl Drained {
    /// Whether the queue was asked to its end and everything that was taken is reported.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.stopped == 0
            && self.deferred == 0
            && self.unfit == 0
            && self.undelivered == 0
            && self.rejected == 0
            && self.failed.is_none()
    }

    /// What to tell people: a count, then one line for each thing that needs them.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("{} taken", scans(self.taken))];
        let mut add = |n: usize, line: String| {
            if n > 0 {
                lines.push(line);
            }
        };
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        add(self.stopped, format!("{} given up: the scanner was stopped", scans(self.stopped)));
        let deferred = scans(self.deferred);
        add(self.deferred, format!("{deferred} handed back: the git host failed for the moment"));
        let unfit = scans(self.unfit);
        add(self.unfit, format!("{unfit} left: SCANNER_ALLOWED_CALLBACK_HOSTS forbids the report"));
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
    courier: Courier,
    runner: R,
    say: impl Fn(&str) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<Drained, SpoolError> {
    courier.resume().await?;
    let [stopped, deferred] = [0, 0].map(|n| Arc::new(AtomicUsize::new(n)));
    let limits = settings.limits();
    let PullerSettings { platform, repo_hosts, mut pace, grace, worker_host, .. } = settings;
    let witness = witness(Arc::clone(&stopped), Arc::clone(&deferred), say);
    let queue = Queue::new(runner, courier.clone(), limits, worker_host, Some(witness));
    let mut puller = Puller::new(queue.clone(), platform, repo_hosts);
    let work = async {
        let mut drained = Drained::default();
        loop {
            let round = puller.drain(&mut pace).await;
            queue.below(1).await;
            let arrived = tokio::select! {
                biased;
                () = queue.stopping() => {
                    courier.settle(LAST_DELIVERIES).await;
                    false
                }
                arrived = courier.arrived(DELIVERIES) => arrived,
            };
            drained.taken += round.claimed;
            drained.unfit += round.unfit;
            drained.failed = round.failed.map(|e| e.to_string());
            // A report that arrived may have made the worker add a scan, of a newer commit.
            if !arrived || drained.failed.is_some() || round.claimed == 0 {
                return drained;
            }
        }
    };
    let mut work = pin!(work);
    let drained = tokio::select! {
        drained = &mut work => drained,
        () = queue.wind_down(stop, hurry, grace, HAND_BACK) => {
            // A scan that cannot even be cut off must not keep the process.
            timeout(LAST_DELIVERIES * 2, work).await.unwrap_or_else(|_| Drained {
                failed: Some("a scan could not be ended".to_owned()),
                ..Drained::default()
            })
        }
    };
    let counts = courier.counts();
    Ok(Drained {
        stopped: stopped.load(Ordering::Relaxed),
        deferred: deferred.load(Ordering::Relaxed),
        undelivered: counts.pending,
        rejected: counts.rejected,
        ..drained
    })
}

fn witness(
    stopped: Arc<AtomicUsize>,
    deferred: Arc<AtomicUsize>,
    say: impl Fn(&str) + Send + Sync + 'static,
) -> Witness {
    Box::new(move |request, end| {
        match end {
            End::Stopped => _ = stopped.fetch_add(1, Ordering::Relaxed),
            End::Deferred(_) => _ = deferred.fetch_add(1, Ordering::Relaxed),
            End::Came(_) | End::Lost => {}
        }
        say(&line(request, end));
    })
}

fn line(request: &ScanRequest, end: &End) -> String {
    let what = match end {
        End::Came(outcome) => match outcome.as_ref() {
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
        End::Stopped => "given up: the scanner was stopped".to_owned(),
        End::Deferred(why) => format!("handed back: {}", text::line(why, MAX_WHY_CHARS)),
        End::Lost => "dropped: another scanner has it, or it is over".to_owned(),
    };
    format!("{} {}: {what}", request.skill_name, request.provider)
}
