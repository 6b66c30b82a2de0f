//! Polls the worker's queue, claims one scan for each free slot, and submits it to the scan queue.

use super::PollBackoff;
use crate::{
    callback_target::CallbackTarget,
    log::scan_span,
    random::jitter,
    server::{
        platform::{ClaimResult, Platform, PlatformError},
        queue::Queue,
        runner::{ScanFailure, ScanRunner},
        task::Task,
    },
};
use skillgate_contract::{
    HostPolicy, ScanId,
    api::{ClaimedScan, PendingScan},
    scan_request::ScanRequest,
};
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

/// The cooldown of a scan after a claim, granted or not. A worker that offers it again at once has not
/// noticed the claim yet, and must not keep every scanner busy with it.
const CLAIM_COOLDOWN: Duration = Duration::from_secs(60);
/// The cooldown of a scan that is incompatible with this scanner's settings or version.
const INCOMPATIBLE_COOLDOWN: Duration = Duration::from_secs(900);
/// The list is shuffled in chunks of so many scans for each free slot, and of at least `MIN_CHUNK`, so
/// that scanners that share a queue rarely claim the same scan, and the oldest still come first.
const CHUNK_PER_SLOT: usize = 4;
const MIN_CHUNK: usize = 10;
/// Consecutive failed polls after which `--once` gives up.
const MAX_FAILURES: u32 = 3;
/// The longest backoff that `--once` waits for; it gives up where the worker asks for more.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

pub(super) struct Puller<R> {
    queue: Queue<R>,
    platform: Platform,
    repo_hosts: HostPolicy,
    /// Scans that are not claimed before the given time.
    cooldown: HashMap<ScanId, Instant>,
}

/// The result of one poll, or of several.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Scans that were claimed.
    pub(super) claimed: usize,
    /// Scans that were skipped because the settings forbid their callback URL.
    pub(super) incompatible: usize,
    /// The error that ended the poll.
    pub(super) failed: Option<PlatformError>,
}

impl<R: ScanRunner> Puller<R> {
    pub(super) fn new(queue: Queue<R>, platform: Platform, repo_hosts: HostPolicy) -> Self {
        Self { queue, platform, repo_hosts, cooldown: HashMap::new() }
    }

    /// Polls until the scanner shuts down.
    pub(super) async fn poll_loop(mut self, mut backoff: PollBackoff) {
        while self.wait_for_slot().await {
            let round = self.round().await;
            let wait = match &round.failed {
                Some(e) => note_failure(e, &mut backoff),
                None if round.claimed > 0 => {
                    note_recovery(&backoff);
                    backoff.reset();
                    continue;
                }
                None => {
                    note_recovery(&backoff);
                    backoff.after_empty(jitter())
                }
            };
            self.unless_shutting_down(sleep(wait)).await;
        }
    }

    /// Polls until the worker's queue is empty and nothing runs here. Returns the sum of all rounds. After
    /// an error or a shutdown, scans may still be running.
    pub(super) async fn drain(&mut self, backoff: &mut PollBackoff) -> Round {
        let mut all = Round::default();
        while self.wait_for_slot().await {
            let round = self.round().await;
            all.claimed += round.claimed;
            all.incompatible += round.incompatible;
            if let Some(e) = round.failed {
                let wait = note_failure(&e, backoff);
                if !e.is_transient() || backoff.failures() >= MAX_FAILURES || wait > MAX_BACKOFF {
                    all.failed = Some(e);
                    break;
                }
                self.unless_shutting_down(sleep(wait)).await;
                continue;
            }
            backoff.reset();
            let active = self.queue.stats().active;
            if round.claimed == 0 && active == 0 {
                break;
            }
            if round.claimed == 0 {
                // Meanwhile a skill may be published, or another scanner may release a scan.
                self.unless_shutting_down(self.queue.wait_below(active)).await;
            }
        }
        all
    }

    /// Waits for a free slot; false when the scanner shuts down first.
    async fn wait_for_slot(&self) -> bool {
        self.unless_shutting_down(self.queue.wait_below(self.queue.max_concurrent())).await
    }

    /// Waits for `what`; false when the scanner shuts down first.
    async fn unless_shutting_down(&self, what: impl Future<Output = ()>) -> bool {
        tokio::select! {
            biased;
            () = self.queue.wait_stopping() => false,
            () = what => true,
        }
    }

    async fn round(&mut self) -> Round {
        let mut round = Round::default();
        round.failed = self.claim_free_slots(&mut round).await.err();
        round
    }

    async fn claim_free_slots(&mut self, round: &mut Round) -> Result<(), PlatformError> {
        let offered = tokio::select! {
            biased;
            () = self.queue.wait_stopping() => return Ok(()),
            offered = self.platform.pending() => offered?,
        };
        let now = Instant::now();
        self.cooldown.retain(|_, until| *until > now);
        // A scan that runs here is offered where its heartbeats did not arrive; the next one may.
        let skipped = |id: &ScanId| self.cooldown.contains_key(id) || self.queue.runs(id);
        // A scan that was released because its git host failed is offered again at once.
        let backing_off =
            |scan: &PendingScan| self.queue.host_backoff().is_backing_off(&scan.repo_url, &scan.id);
        let mut offered: Vec<_> =
            offered.into_iter().filter(|scan| !skipped(&scan.id) && !backing_off(scan)).collect();
        shuffle(&mut offered, self.free_slots());
        for scan in offered {
            // A claim is never cancelled halfway: it might have been granted.
            if self.free_slots() == 0 || self.queue.stats().stopping {
                break;
            }
            // A host may have begun to fail since the list was asked for.
            if self.queue.host_backoff().is_backing_off(&scan.repo_url, &scan.id) {
                continue;
            }
            self.take(&scan, round).await?;
        }
        Ok(())
    }

    fn free_slots(&self) -> usize {
        self.queue.max_concurrent().saturating_sub(self.queue.stats().active)
    }

    async fn take(&mut self, scan: &PendingScan, round: &mut Round) -> Result<(), PlatformError> {
        if !self.may_report(&scan.callback_url) {
            self.skip_incompatible(&scan.id, round);
            return Ok(());
        }
        match self.platform.claim(&scan.id).await {
            Ok(ClaimResult::Granted(claimed)) => self.accept(*claimed, round).await,
            Ok(ClaimResult::Refused(why)) => {
                tracing::info!(event = "claim.refused", scanId = scan.id.as_str(), "{why}");
                self.cool_down(&scan.id, CLAIM_COOLDOWN);
            }
            Err(e) => {
                if matches!(e, PlatformError::Unreadable { .. }) {
                    self.cool_down(&scan.id, INCOMPATIBLE_COOLDOWN);
                }
                if e.may_have_worked() {
                    self.release(&scan.id).await;
                }
                return Err(e);
            }
        }
        Ok(())
    }

    async fn accept(&mut self, claimed: ClaimedScan, round: &mut Round) {
        let id = claimed.scan.id.clone();
        self.cool_down(&id, CLAIM_COOLDOWN);
        let request = ScanRequest::from(claimed);
        if !self.may_report(&request.callback_url) {
            self.skip_incompatible(&id, round);
            return self.release(&id).await;
        }
        if !self.repo_hosts.allows(&request.repo_url) {
            round.claimed += 1;
            let why = "this scanner's settings do not allow repositories from";
            let failure = ScanFailure::new(format!("{why} {}", request.repo_url.host()));
            let rejected = self.queue.complete(&request, Err(failure), None, async {});
            return rejected.instrument(scan_span(&request)).await;
        }
        let claim = Some(self.platform.claim_on(id.clone()));
        if self.queue.submit(Task { request, claim }).is_ok() {
            round.claimed += 1;
        } else {
            self.release(&id).await;
        }
    }

    fn may_report(&self, callback_url: &str) -> bool {
        CallbackTarget::parse(callback_url, self.queue.delivery_queue().allowed()).is_ok()
    }

    fn cool_down(&mut self, id: &ScanId, time: Duration) {
        self.cooldown.insert(id.clone(), Instant::now() + time);
    }

    fn skip_incompatible(&mut self, id: &ScanId, round: &mut Round) {
        let allowed = self.queue.delivery_queue().allowed().describe();
        let id_text = id.as_str();
        let why = "the settings forbid its callback URL; allowed origins";
        tracing::error!(event = "claim.skipped", scanId = id_text, "{why}: {allowed}");
        self.cool_down(id, INCOMPATIBLE_COOLDOWN);
        round.incompatible += 1;
    }

    async fn release(&self, id: &ScanId) {
        let released = self.platform.claim_on(id.clone()).release().await;
        match released {
            Ok(()) => tracing::info!(event = "claim.released", scanId = id.as_str()),
            Err(e) => {
                tracing::warn!(event = "claim.release_failed", scanId = id.as_str(), "{e}");
            }
        }
    }
}

/// Shuffles the list in chunks, so that the oldest still come first on the whole.
fn shuffle<T>(list: &mut [T], free_slots: usize) {
    for chunk in list.chunks_mut((free_slots * CHUNK_PER_SLOT).max(MIN_CHUNK)) {
        for last in (1..chunk.len()).rev() {
            chunk.swap(last, usize::from(jitter()) * (last + 1) / 256);
        }
    }
}

fn note_failure(e: &PlatformError, backoff: &mut PollBackoff) -> Duration {
    let wait = backoff.after_failure(e.retry_after(), jitter());
    let seconds = wait.as_secs();
    if e.is_transient() {
        tracing::warn!(event = "queue.failed", retryInSeconds = seconds, "{e}");
    } else {
        tracing::error!(event = "queue.failed", retryInSeconds = seconds, "{e}");
    }
    wait
}

fn note_recovery(backoff: &PollBackoff) {
    if backoff.failures() > 0 {
        tracing::info!(event = "queue.recovered", failures = backoff.failures());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffled_list_has_the_same_scans_and_the_oldest_first_on_the_whole() {
        let mut starts = std::collections::HashSet::new();
        for _ in 0..200 {
            let mut list: Vec<_> = (0..50).collect();
            shuffle(&mut list, 3);
            starts.insert(list[0]);
            assert!(list[..12].iter().all(|n| *n < 12) && list[48..].iter().all(|n| *n >= 48));
            list.sort_unstable();
            assert_eq!(list, (0..50).collect::<Vec<_>>());
        }
        assert!(starts.len() > 5, "{starts:?}");
    }
}
