//! `serve` and `pull`: take scans, sent over HTTP or from the worker's queue, run so many at once, and
//! report each one's end.
//!
//! In scope: the three routes, the two ways to get scans, the queue, and what is said about a scan to
//! the worker. Out of scope: how a scan is run ([`ScanRunner`]) and how a report gets there
//! ([`Courier`]).

mod answer;
mod callback_builder;
mod command;
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
mod trouble;

#[cfg(test)]
mod tests;

pub use command::{Intake, run};
pub use listen::HttpLimits;
pub use local::LocalScanner;
pub use platform::{KeyError, Platform};
pub use pull::{Drained, Pace, PullerSettings, pull, pull_once};
pub use queue::QueueLimits;
pub use runner::{ScanFailure, ScanRunner};
pub use trouble::Patience;

use crate::{
    delivery::{Courier, SpoolError},
    log::{self, Level},
    secret::Secret,
};
use queue::Queue;
use skillgate_contract::HostPolicy;
use std::{future::Future, time::Duration};
use tokio::net::TcpListener;

/// How long scans that are cut off may take to end their processes.
const CUT_OFF: Duration = Duration::from_secs(10);
/// How long a shutdown waits for the first try of each report.
const LAST_DELIVERIES: Duration = Duration::from_secs(16);

/// What a server works with.
#[derive(Debug)]
pub struct ServerSettings {
    /// What `POST /scan` must bear.
    pub secret: Secret,
    /// Where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// How much is done at once.
    pub queue: QueueLimits,
    /// How patient the server is with its callers.
    pub http: HttpLimits,
    /// How long running scans may go on after `stop`.
    pub grace: Duration,
    /// This machine's name in the reports.
    pub worker_host: String,
}

/// Serves until `stop` is over, and then until everything that runs is reported.
///
/// At the start, what an earlier process left in the spool is taken up. After `stop` nothing new is
/// taken; scans that wait are reported as failed; those that run have the grace period, and are then
/// cut off and reported as failed. `hurry` ends the grace period early. Each report is tried once
/// more; what has not arrived stays in the spool.
///
/// # Errors
/// The spool cannot be read.
pub async fn serve<R: ScanRunner>(
    listener: TcpListener,
    settings: ServerSettings,
    courier: Courier,
    runner: R,
    stop: impl Future<Output = ()>,
    hurry: impl Future<Output = ()>,
) -> Result<(), SpoolError> {
    let left = courier.resume().await?;
    log::event(Level::Info, "server.started", &[("reportsLeft", &left)]);
    let ServerSettings { secret, repo_hosts, queue: limits, http, grace, worker_host } = settings;
    let max_concurrent = limits.max_concurrent;
    let queue = Queue::new(runner, courier.clone(), limits, worker_host, None);
    let body_timeout = http.body;
    let app =
        routes::App { queue: queue.clone(), secret, repo_hosts, max_concurrent, body_timeout };
    let wind_down = queue.wind_down(stop, hurry, grace, CUT_OFF);
    // The doors stay open while scans end, so that callers hear 503 and go elsewhere.
    listen::serve(listener, routes::router(app), http, wind_down).await;
    courier.settle(LAST_DELIVERIES).await;
    log::event(Level::Info, "server.stopped", &[("reportsLeft", &courier.counts().pending)]);
    Ok(())
}
