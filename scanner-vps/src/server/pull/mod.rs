//! `serve --pull` and `pull`: claim scans from the worker's queue instead of listening for requests.
//!
//! The worker lists pending scans. A scanner claims one scan for each free slot; of many claimants
//! exactly one gets it. A claim is a lease of 15 minutes that heartbeats renew. A scanner that shuts down
//! releases its claims; those of a crashed scanner expire. After the claim, a scan takes the same path
//! as one that was sent here: [`Queue`], runner, [`DeliveryQueue`].

mod once;
mod poll_backoff;
mod puller;

#[cfg(test)]
mod tests;

pub use once::{DrainSummary, pull_once};
pub use poll_backoff::PollBackoff;

use super::{FLUSH_TIMEOUT, HostRetryPolicy, Platform, Queue, QueueLimits, ScanRunner};
use crate::delivery::{DeliveryQueue, SpoolError};
use puller::Puller;
use skillgate_contract::HostPolicy;
use std::time::Duration;

/// How long aborted scans may take to end their processes, to let a heartbeat arrive and to be released:
/// two requests at their slowest, with some reserve.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(40);

/// The settings of [`pull`] and [`pull_once`].
#[derive(Debug)]
pub struct PullerSettings {
    /// The client of the worker's queue.
    pub platform: Platform,
    /// Where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// The number of scans that run at once.
    pub max_concurrent: usize,
    /// The time between two heartbeats of a running scan. A claim expires after 15 minutes without one.
    pub heartbeat: Duration,
    /// The backoff between two polls.
    pub backoff: PollBackoff,
    /// How scans are retried whose git host fails transiently.
    pub host_retry: HostRetryPolicy,
    /// How long running scans may go on after `stop`.
    pub grace: Duration,
    /// This machine's name in the reports.
    pub worker_host: String,
}

impl PullerSettings {
    /// The limits of the scan queue. No scan waits here: without a free slot none is claimed.
    fn limits(&self) -> QueueLimits {
        let Self { max_concurrent, heartbeat, .. } = *self;
        QueueLimits {
            max_concurrent,
            queue_limit: 0,
            max_wait: Duration::ZERO,
            heartbeat,
            host_retry: self.host_retry.clone(),
        }
    }
}

/// Claims scans until `stop` is over, then waits until each running scan is reported or released.
///
/// At the start, what an earlier process left in the outbox is delivered. After `stop` nothing more is
/// claimed. Running scans have the grace period, which `hurry` ends early, and are then aborted and
/// released. Each callback gets its first attempt; what is not delivered stays in the outbox.
///
/// # Errors
/// The spool cannot be read.
pub async fn pull<R: ScanRunner>(
    settings: PullerSettings,
    delivery_queue: DeliveryQueue,
    runner: R,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<(), SpoolError> {
    let left = delivery_queue.resume().await?;
    tracing::info!(event = "server.started", pendingDeliveries = left);
    let limits = settings.limits();
    let PullerSettings { platform, repo_hosts, backoff, grace, worker_host, .. } = settings;
    let queue = Queue::new(runner, delivery_queue.clone(), limits, worker_host, None);
    let puller = Puller::new(queue.clone(), platform, repo_hosts);
    tokio::join!(puller.poll_loop(backoff), queue.shut_down(stop, hurry, grace, RELEASE_TIMEOUT));
    delivery_queue.flush(FLUSH_TIMEOUT).await;
    let left = delivery_queue.counts().pending;
    tracing::info!(event = "server.stopped", pendingDeliveries = left);
    Ok(())
}
