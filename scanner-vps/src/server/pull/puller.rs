//! Asks what waits, claims one scan for each free place, and hands it to the queue.

use super::Pace;
use crate::{
    callback_target::CallbackTarget,
    log::{self, Level},
    random::jitter,
    server::{
        platform::{Claimed, Platform, PlatformError},
        queue::{Queue, Task},
        runner::{ScanFailure, ScanRunner},
    },
};
use skillgate_contract::{
    HostPolicy, ScanId,
    api::{ClaimedScan, PendingScan},
    scan_request::ScanRequest,
};
use std::{collections::HashMap, fmt::Display, time::Duration};
use tokio::time::{Instant, sleep};

/// How long a scan is left alone after a claim, granted or not: a worker that offers it again at once
/// has not noticed, and must not keep everybody busy with it.
const AFTER_A_CLAIM: Duration = Duration::from_secs(60);
/// How long a scan that this scanner cannot work on is left alone.
const UNFIT: Duration = Duration::from_secs(900);
/// Scanners that share a queue begin at random among the oldest of what it offers: among so many
/// for each free place, and at least among this many.
const SPREAD_PER_PLACE: usize = 4;
const LEAST_SPREAD: usize = 10;
/// Questions in a row that may fail before `--once` gives up.
const TRIES: u32 = 3;
/// `--once` waits no longer than this for a worker that wants not to be asked.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Puller<R> {
    queue: Queue<R>,
    platform: Platform,
    repo_hosts: HostPolicy,
    /// What is left alone, and until when.
    aside: HashMap<ScanId, Instant>,
}

/// What came of asking once.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Scans that are ours now, or were.
    pub(super) claimed: usize,
    /// Scans that this scanner cannot report on.
    pub(super) unfit: usize,
    /// Why the round ended early.
    pub(super) failed: Option<PlatformError>,
}

impl<R: ScanRunner> Puller<R> {
    pub(super) fn new(queue: Queue<R>, platform: Platform, repo_hosts: HostPolicy) -> Self {
        Self { queue, platform, repo_hosts, aside: HashMap::new() }
    }

    /// Works the queue until nothing more is to be taken.
    pub(super) async fn follow(mut self, mut pace: Pace) {
        while self.place_is_free().await {
            let round = self.round().await;
            let wait = match &round.failed {
                Some(e) => note_failure(e, &mut pace),
                None if round.claimed > 0 => {
                    note_recovery(&pace);
                    pace.busy();
                    continue;
                }
                None => {
                    note_recovery(&pace);
                    pace.idle(jitter())
                }
            };
            self.unless_stopping(sleep(wait)).await;
        }
    }

    /// Works the queue until it offers nothing while nothing runs here. Returns what all rounds
    /// together took; scans may still run where a question failed or nothing more is to be taken.
    pub(super) async fn drain(&mut self, pace: &mut Pace) -> Round {
        let mut all = Round::default();
        while self.place_is_free().await {
            let round = self.round().await;
            all.claimed += round.claimed;
            all.unfit += round.unfit;
            if let Some(e) = round.failed {
                let wait = note_failure(&e, pace);
                if !e.may_pass() || pace.failures() >= TRIES || wait > PATIENCE {
                    all.failed = Some(e);
                    break;
                }
                self.unless_stopping(sleep(wait)).await;
                continue;
            }
            pace.busy();
            let active = self.queue.load().active;
            if round.claimed == 0 && active == 0 {
                break;
            }
            if round.claimed == 0 {
                // Meanwhile something may be published, or another scanner may hand something back.
                self.unless_stopping(self.queue.below(active)).await;
            }
        }
        all
    }

    /// Waits for a free place; false when nothing more is to be taken.
    async fn place_is_free(&self) -> bool {
        self.unless_stopping(self.queue.below(self.queue.max_concurrent())).await
    }

    /// Waits for this; false when nothing more is to be taken.
    async fn unless_stopping(&self, what: impl Future<Output = ()>) -> bool {
        tokio::select! {
            biased;
            () = self.queue.stopping() => false,
            () = what => true,
        }
    }

    async fn round(&mut self) -> Round {
        let mut round = Round::default();
        round.failed = self.fill(&mut round).await.err();
        round
    }

    async fn fill(&mut self, round: &mut Round) -> Result<(), PlatformError> {
        let offered = tokio::select! {
            biased;
            () = self.queue.stopping() => return Ok(()),
            offered = self.platform.pending() => offered?,
        };
        let now = Instant::now();
        self.aside.retain(|_, until| *until > now);
        // One of our own is offered where its heartbeats did not arrive; the next one may.
        let ours = |id: &ScanId| self.aside.contains_key(id) || self.queue.runs(id);
        // What was handed back for its git host's sake is offered again at once.
        let rests = |scan: &PendingScan| self.queue.trouble().rests(&scan.repo_url, &scan.id);
        let mut offered: Vec<_> =
            offered.into_iter().filter(|scan| !ours(&scan.id) && !rests(scan)).collect();
        mix(&mut offered, self.free());
        for scan in offered {
            // A claim is not broken off: it might have been granted.
            if self.free() == 0 || self.queue.load().stopping {
                break;
            }
            // A host may have begun to fail since the list was asked for.
            if self.queue.trouble().rests(&scan.repo_url, &scan.id) {
                continue;
            }
            self.take(&scan, round).await?;
        }
        Ok(())
    }

    fn free(&self) -> usize {
        self.queue.max_concurrent().saturating_sub(self.queue.load().active)
    }

    async fn take(&mut self, scan: &PendingScan, round: &mut Round) -> Result<(), PlatformError> {
        if !self.may_report(&scan.callback_url) {
            self.leave_unfit(&scan.id, round);
            return Ok(());
        }
        match self.platform.claim(&scan.id).await {
            Ok(Claimed::Yes(claimed)) => self.accept(*claimed, round).await,
            Ok(Claimed::No(why)) => {
                log::event(Level::Info, "claim.refused", &[("scanId", &scan.id), ("detail", &why)]);
                self.leave(&scan.id, AFTER_A_CLAIM);
            }
            Err(e) => {
                if matches!(e, PlatformError::Unreadable { .. }) {
                    self.leave(&scan.id, UNFIT);
                }
                if e.may_have_worked() {
                    self.hand_back(&scan.id).await;
                }
                return Err(e);
            }
        }
        Ok(())
    }

    async fn accept(&mut self, claimed: ClaimedScan, round: &mut Round) {
        let id = claimed.scan.id.clone();
        self.leave(&id, AFTER_A_CLAIM);
        let request = ScanRequest::from(claimed);
        if !self.may_report(&request.callback_url) {
            self.leave_unfit(&id, round);
            return self.hand_back(&id).await;
        }
        if !self.repo_hosts.allows(&request.repo_url) {
            round.claimed += 1;
            let why = "this scanner's settings do not allow repositories from";
            let failure = ScanFailure::new(format!("{why} {}", request.repo_url.host()));
            return self.queue.conclude(&request, Err(failure), async {}).await;
        }
        let claim = Some(self.platform.claim_on(id.clone()));
        if self.queue.submit(Task { request, claim }).is_ok() {
            round.claimed += 1;
        } else {
            self.hand_back(&id).await;
        }
    }

    fn may_report(&self, callback_url: &str) -> bool {
        CallbackTarget::parse(callback_url, self.queue.courier().allowed()).is_ok()
    }

    fn leave(&mut self, id: &ScanId, time: Duration) {
        self.aside.insert(id.clone(), Instant::now() + time);
    }

    fn leave_unfit(&mut self, id: &ScanId, round: &mut Round) {
        let allowed = self.queue.courier().allowed().describe();
        let why = format!("its report may not go where it should; allowed: {allowed}");
        log::event(Level::Error, "claim.unfit", &[("scanId", id), ("detail", &why)]);
        self.leave(id, UNFIT);
        round.unfit += 1;
    }

    async fn hand_back(&self, id: &ScanId) {
        let released = self.platform.claim_on(id.clone()).release().await;
        match released {
            Ok(()) => log::event(Level::Info, "claim.released", &[("scanId", id)]),
            Err(e) => {
                let values: [(&str, &dyn Display); 2] = [("scanId", id), ("detail", &e)];
                log::event(Level::Warn, "claim.release_failed", &values);
            }
        }
    }
}

/// Mixes each stretch of the list in itself, so that the oldest still come first on the whole.
fn mix<T>(list: &mut [T], free: usize) {
    for stretch in list.chunks_mut((free * SPREAD_PER_PLACE).max(LEAST_SPREAD)) {
        for last in (1..stretch.len()).rev() {
            stretch.swap(last, usize::from(jitter()) * (last + 1) / 256);
        }
    }
}

fn note_failure(e: &PlatformError, pace: &mut Pace) -> Duration {
    let wait = pace.failing(e.retry_after(), jitter());
    let level = if e.may_pass() { Level::Warn } else { Level::Error };
    let seconds = wait.as_secs();
    log::event(level, "queue.failed", &[("detail", e), ("againInSeconds", &seconds)]);
    wait
}

fn note_recovery(pace: &Pace) {
    if pace.failures() > 0 {
        log::event(Level::Info, "queue.back", &[("failures", &pace.failures())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixed_list_has_the_same_scans_and_the_oldest_first_on_the_whole() {
        let mut starts = std::collections::HashSet::new();
        for _ in 0..200 {
            let mut list: Vec<_> = (0..50).collect();
            mix(&mut list, 3);
            starts.insert(list[0]);
            assert!(list[..12].iter().all(|n| *n < 12) && list[48..].iter().all(|n| *n >= 48));
            list.sort_unstable();
            assert_eq!(list, (0..50).collect::<Vec<_>>());
        }
        assert!(starts.len() > 5, "{starts:?}");
    }
}
