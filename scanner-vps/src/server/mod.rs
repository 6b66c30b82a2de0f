//! `serve` and `pull`: accept scans over HTTP or claim them from the worker's queue, run a limited number
//! at once, and report the end of each.
//!
//! In scope: the three routes, the two ways to get scans, the queue, and the callbacks about a scan.
//! Out of scope: how a scan is run ([`ScanRunner`]) and how a callback is delivered
//! ([`DeliveryQueue`]).

mod answer;
mod callback_builder;
mod command;
mod duration_ema;
mod host_backoff;
mod listen;
mod local;
mod metrics;
mod platform;
mod pull;
mod queue;
mod routes;
mod run;
mod runner;
mod startup;
mod task;

#[cfg(test)]
mod tests;

pub use command::{Intake, run};
pub use host_backoff::HostRetryPolicy;
pub use listen::HttpLimits;
pub use local::LocalScanner;
pub use platform::{KeyError, Platform};
pub use pull::{DrainSummary, PollBackoff, PullerSettings, pull, pull_once};
pub use queue::QueueLimits;
pub use runner::{ScanFailure, ScanRunner};

use crate::delivery::{DeliveryQueue, SpoolError};
use queue::Queue;
use skillgate_contract::{HostPolicy, Secret};
use std::{future::Future, time::Duration};
use tokio::net::TcpListener;

/// How long aborted scans may take to end their processes.
const ABORT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a shutdown waits for the first attempt of each delivery.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(16);

/// The settings of [`serve`].
#[derive(Debug)]
pub struct ServerSettings {
    /// The bearer token of `POST /scan`.
    pub secret: Secret,
    /// Where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// The limits of the scan queue.
    pub queue: QueueLimits,
    /// The time limits of connections.
    pub http: HttpLimits,
    /// How long running scans may go on after `stop`.
    pub grace: Duration,
    /// This machine's name in the reports.
    pub worker_host: String,
}

/// Serves until `stop` is over, then shuts down gracefully.
///
/// At the start, what an earlier process left in the outbox is delivered. After `stop` no scan is
/// accepted, and waiting scans are cancelled. Running scans have the grace period, which `hurry` ends
/// early, and are then aborted. Nothing is reported of a cancelled or aborted scan: the worker's time-out
/// sends it again. Each callback gets its first attempt; what is not delivered stays in the outbox.
///
/// # Errors
/// The spool cannot be read.
pub async fn serve<R: ScanRunner>(
    listener: TcpListener,
    settings: ServerSettings,
    delivery_queue: DeliveryQueue,
    runner: R,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<(), SpoolError> {
    let left = delivery_queue.resume().await?;
    tracing::info!(event = "server.started", pendingDeliveries = left);
    let ServerSettings { secret, repo_hosts, queue: limits, http, grace, worker_host } = settings;
    let max_concurrent = limits.max_concurrent;
    let queue = Queue::new(runner, delivery_queue.clone(), limits, worker_host, None);
    let body_timeout = http.body;
    let app =
        routes::App { queue: queue.clone(), secret, repo_hosts, max_concurrent, body_timeout };
    let shut_down = queue.shut_down(stop, hurry, grace, ABORT_TIMEOUT);
    // Requests are answered while scans end, so that callers get 503 and go elsewhere.
    listen::serve(listener, routes::router(app), http, shut_down).await;
    delivery_queue.flush(FLUSH_TIMEOUT).await;
    let left = delivery_queue.counts().pending;
    tracing::info!(event = "server.stopped", pendingDeliveries = left);
    Ok(())
}
