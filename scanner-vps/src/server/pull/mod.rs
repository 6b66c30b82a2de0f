//! `serve --pull` and `pull`: takes scans from the worker's own queue instead of listening for them.
//!
//! The worker lists what waits; a scanner claims one scan for each free place, and of many claimants
//! exactly one gets it. A claim holds 15 minutes and is kept by heartbeats; a scanner that stops
//! hands its claims back, and those of one that dies run out. Everything after the claim is what a
//! scan that was sent here meets too: [`Queue`], runner, [`Courier`].

mod drain;
mod pace;
mod puller;

#[cfg(test)]
mod tests;

pub use drain::{Drained, pull_once};
pub use pace::Pace;

use super::{LAST_DELIVERIES, Patience, Platform, Queue, QueueLimits, ScanRunner};
use crate::{
    delivery::{Courier, SpoolError},
    log::{self, Level},
};
use puller::Puller;
use skillgate_contract::HostPolicy;
use std::time::Duration;

/// How long scans that are cut off may take to end their processes, to let a sign of life arrive and
/// to be handed back: two requests at their slowest, and then some.
const HAND_BACK: Duration = Duration::from_secs(40);

/// What a puller works with.
#[derive(Debug)]
pub struct PullerSettings {
    /// The worker's queue.
    pub platform: Platform,
    /// Where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// Scans that run at once.
    pub max_concurrent: usize,
    /// The time between two signs of life of a running scan; claims end after 15 minutes without.
    pub heartbeat: Duration,
    /// When to ask again.
    pub pace: Pace,
    /// With git hosts that fail.
    pub patience: Patience,
    /// How long running scans may go on after `stop`.
    pub grace: Duration,
    /// This machine's name in the reports.
    pub worker_host: String,
}

impl PullerSettings {
    /// Nothing waits here: what no place is free for stays in the worker's queue for others.
    fn limits(&self) -> QueueLimits {
        let Self { max_concurrent, heartbeat, .. } = *self;
        QueueLimits {
            max_concurrent,
            queue_limit: 0,
            longest_wait: Duration::ZERO,
            heartbeat,
            patience: self.patience.clone(),
        }
    }
}

/// Works the worker's queue until `stop` is over, and then until what runs is reported or handed back.
///
/// At the start, what an earlier process left in the spool is taken up. After `stop` nothing new is
/// claimed; scans that run have the grace period, which `hurry` ends, and are then cut off and handed
/// back. Each report is tried once more; what has not arrived stays in the spool.
///
/// # Errors
/// The spool cannot be read.
pub async fn pull<R: ScanRunner>(
    settings: PullerSettings,
    courier: Courier,
    runner: R,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<(), SpoolError> {
    let left = courier.resume().await?;
    log::event(Level::Info, "server.started", &[("reportsLeft", &left)]);
    let limits = settings.limits();
    let PullerSettings { platform, repo_hosts, pace, grace, worker_host, .. } = settings;
    let queue = Queue::new(runner, courier.clone(), limits, worker_host, None);
    let puller = Puller::new(queue.clone(), platform, repo_hosts);
    tokio::join!(puller.follow(pace), queue.wind_down(stop, hurry, grace, HAND_BACK));
    courier.settle(LAST_DELIVERIES).await;
    log::event(Level::Info, "server.stopped", &[("reportsLeft", &courier.counts().pending)]);
    Ok(())
}
