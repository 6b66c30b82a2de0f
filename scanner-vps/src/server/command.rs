//! `skillgate-scanner serve` and `pull`: read the settings, run until a signal or an empty queue.

use super::{
    HostRetryPolicy, HttpLimits, LocalScanner, Platform, QueueLimits, ServerSettings,
    pull::{PollBackoff, PullerSettings, pull, pull_once},
    serve,
    startup::{
        StartError, nth_signal, prepare, print_line, read_settings, stop_or_stuck, watch_signals,
    },
};
use crate::{
    config::{PullSettings, Settings},
    delivery::{Client, DeliveryQueue},
    process::{deny_memory_access, host_name},
    random::unique_id,
    staging::readings_are_full,
};
use skillgate_contract::api::{Claimant, ClaimantError};
use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};
use tokio::net::TcpListener;

/// Exit code where the server could not start, or where `pull --once` did not report everything.
const EXIT_FAILURE: u8 = 2;
/// The time between two heartbeats of a running scan. The worker times a silent scan out after 15
/// minutes, so four may be lost in a row.
const HEARTBEAT: Duration = Duration::from_secs(180);
/// The longest expected wait of a scan that was sent here: half of the time after which the worker sends
/// it again. A scan that is refused stays with the worker, which tries another scanner.
const MAX_QUEUE_WAIT: Duration = Duration::from_secs(600);

/// Where scans come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// They are sent to a port here.
    Listen,
    /// They are claimed from the worker's queue.
    Pull,
    /// As `Pull`, until the queue is empty.
    PullOnce,
}

/// Runs until SIGTERM or SIGINT, or until the queue is empty; a second signal ends the grace period.
/// Exit code 0 after a graceful shutdown; 2 where it could not start, ended because hanging readings kept it from scanning or, with [`Intake::PullOnce`], did
/// not report everything.
pub async fn run(intake: Intake) -> ExitCode {
    let ended = match intake {
        Intake::Listen => listen().await.map(|()| !readings_are_full()),
        Intake::Pull => pull_until_stopped().await.map(|()| !readings_are_full()),
        Intake::PullOnce => pull_until_empty().await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_FAILURE),
        Err(e) => {
            print_line(&e.to_string());
            ExitCode::from(EXIT_FAILURE)
        }
    }
}

async fn listen() -> Result<(), StartError> {
    deny_memory_access();
    let (settings, toolbox) = read_settings(Settings::read, |settings| &settings.work)?;
    let work = settings.work;
    let client = Client::new(work.callbacks.need_tls())?;
    let (delivery_queue, runner) = prepare(&work, client, toolbox)?;
    let signals = watch_signals()?;
    let address = SocketAddr::new(settings.listen_addr, settings.port);
    let listener = TcpListener::bind(address).await.map_err(|e| StartError::Listen(address, e))?;
    let bound = listener.local_addr().map_err(|e| StartError::Listen(address, e))?;
    print_line(&format!("listening on http://{bound}"));
    let server = ServerSettings {
        secret: settings.worker_secret,
        repo_hosts: work.repo_hosts,
        queue: QueueLimits {
            max_concurrent: work.max_concurrent,
            queue_limit: settings.queue_limit,
            max_wait: MAX_QUEUE_WAIT,
            heartbeat: HEARTBEAT,
            host_retry: HostRetryPolicy::default(),
        },
        http: HttpLimits::default(),
        grace: work.grace,
        worker_host: host_name(),
    };
    let (stop, hurry) = (stop_or_stuck(signals.clone()), nth_signal(signals, 2));
    Ok(serve(listener, server, delivery_queue, runner, stop, hurry).await?)
}

async fn pull_until_stopped() -> Result<(), StartError> {
    let (settings, delivery_queue, runner) = prepare_to_pull()?;
    let signals = watch_signals()?;
    print_line(&format!("pulling from {}", settings.platform));
    let (stop, hurry) = (stop_or_stuck(signals.clone()), nth_signal(signals, 2));
    Ok(pull(settings, delivery_queue, runner, stop, hurry).await?)
}

/// Whether everything was reported.
async fn pull_until_empty() -> Result<bool, StartError> {
    let (settings, delivery_queue, runner) = prepare_to_pull()?;
    let signals = watch_signals()?;
    let (stop, hurry) = (nth_signal(signals.clone(), 1), nth_signal(signals, 2));
    let drained = pull_once(settings, delivery_queue, runner, print, stop, hurry).await?;
    for line in drained.lines() {
        print(&line);
    }
    Ok(drained.is_complete())
}

fn prepare_to_pull() -> Result<(PullerSettings, DeliveryQueue, LocalScanner), StartError> {
    deny_memory_access();
    let (settings, toolbox) = read_settings(PullSettings::read, |settings| &settings.work)?;
    let PullSettings { platform, key, name, work } = settings;
    let client = Client::new(work.callbacks.need_tls() || platform.is_tls())?;
    let (delivery_queue, runner) = prepare(&work, client.clone(), toolbox)?;
    let claimant = claimant(name.as_deref().unwrap_or(&host_name()))?;
    let settings = PullerSettings {
        platform: Platform::new(client, platform, &key, claimant)?,
        repo_hosts: work.repo_hosts,
        max_concurrent: work.max_concurrent,
        heartbeat: HEARTBEAT,
        backoff: PollBackoff::default(),
        host_retry: HostRetryPolicy::default(),
        grace: work.grace,
        worker_host: host_name(),
    };
    Ok((settings, delivery_queue, runner))
}

/// The scanner's name with a suffix that is unique to this process: two scanners of one name are two
/// claimants, and a restart after a crash does not renew the leases of its predecessor.
fn claimant(name: &str) -> Result<Claimant, ClaimantError> {
    let id = unique_id();
    format!("{name}/{}", id.get(..8).unwrap_or(&id)).parse()
}

/// Prints a line for people on standard output. Scanning goes on where it is closed.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_processes_claim_under_one_name() {
        let (a, b) = (claimant("vps").unwrap(), claimant("vps").unwrap());
        assert_ne!(a, b);
        assert!(a.as_str().starts_with("vps/") && a.as_str().len() == 12, "{a}");
        assert!(claimant(&"\u{fc}".repeat(80)).is_ok());
    }
}
