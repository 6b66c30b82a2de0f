//! `skillgate-scanner serve` and `pull`: settings in, work until a signal comes or the queue is empty.

use super::{
    HttpLimits, LocalScanner, Patience, Platform, QueueLimits, ServerSettings,
    pull::{Pace, PullerSettings, pull, pull_once},
    serve,
    startup::{StartError, nth, prepare, read_settings, say, watch_signals},
};
use crate::{
    config::{PullSettings, Settings},
    delivery::{Client, Courier},
    process::{deny_memory_access, host_name},
    random::unique_id,
};
use skillgate_contract::api::{Claimant, ClaimantError};
use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
    time::Duration,
};
use tokio::net::TcpListener;

/// Exit code where nothing could be started, or where `pull --once` did not report everything.
const EXIT_WRONG: u8 = 2;
/// Between two signs of life of a running scan. The worker gives a silent one up after 15 minutes, so
/// four may be lost in a row.
const HEARTBEAT: Duration = Duration::from_secs(180);
/// How long a scan that was sent here may wait: half of the time in which the worker has to hear of
/// it, or it sends it again. What is refused waits with the worker, which tries another scanner.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Where scans come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// They are sent to a port here.
    Listen,
    /// They are taken from the worker's queue.
    Pull,
    /// As `Pull`, until the queue is empty.
    PullOnce,
}

/// Works until SIGTERM or SIGINT, or until the queue is empty; a second signal ends the grace
/// period. Exit code 0 after an orderly end, 2 where it could not start or, of
/// [`Intake::PullOnce`], did not report everything.
pub async fn run(intake: Intake) -> ExitCode {
    let ended = match intake {
        Intake::Listen => listen().await.map(|()| true),
        Intake::Pull => pull_until_stopped().await.map(|()| true),
        Intake::PullOnce => pull_until_empty().await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(EXIT_WRONG),
        Err(e) => {
            say(&e.to_string());
            ExitCode::from(EXIT_WRONG)
        }
    }
}

async fn listen() -> Result<(), StartError> {
    deny_memory_access();
    let (settings, toolbox) = read_settings(Settings::read, |settings| &settings.work)?;
    let work = settings.work;
    let client = Client::new(work.callbacks.need_tls())?;
    let (courier, runner) = prepare(&work, client, toolbox)?;
    let signals = watch_signals()?;
    let address = SocketAddr::new(settings.bind, settings.port);
    let listener = TcpListener::bind(address).await.map_err(|e| StartError::Listen(address, e))?;
    let bound = listener.local_addr().map_err(|e| StartError::Listen(address, e))?;
    say(&format!("listening on http://{bound}"));
    let server = ServerSettings {
        secret: settings.worker_secret,
        repo_hosts: work.repo_hosts,
        queue: QueueLimits {
            max_concurrent: work.max_concurrent,
            queue_limit: settings.queue_limit,
            longest_wait: LONGEST_WAIT,
            heartbeat: HEARTBEAT,
            patience: Patience::default(),
        },
        http: HttpLimits::default(),
        grace: work.grace,
        worker_host: host_name(),
    };
    let (stop, hurry) = (nth(signals.clone(), 1), nth(signals, 2));
    Ok(serve(listener, server, courier, runner, stop, hurry).await?)
}

async fn pull_until_stopped() -> Result<(), StartError> {
    let (settings, courier, runner) = prepare_to_pull()?;
    let signals = watch_signals()?;
    say(&format!("pulling from {}", settings.platform));
    let (stop, hurry) = (nth(signals.clone(), 1), nth(signals, 2));
    Ok(pull(settings, courier, runner, stop, hurry).await?)
}

/// Whether everything was reported.
async fn pull_until_empty() -> Result<bool, StartError> {
    let (settings, courier, runner) = prepare_to_pull()?;
    let signals = watch_signals()?;
    let (stop, hurry) = (nth(signals.clone(), 1), nth(signals, 2));
    let drained = pull_once(settings, courier, runner, print, stop, hurry).await?;
    for line in drained.lines() {
        print(&line);
    }
    Ok(drained.is_complete())
}

fn prepare_to_pull() -> Result<(PullerSettings, Courier, LocalScanner), StartError> {
    deny_memory_access();
    let (settings, toolbox) = read_settings(PullSettings::read, |settings| &settings.work)?;
    let PullSettings { platform, key, name, work } = settings;
    let client = Client::new(work.callbacks.need_tls() || platform.is_tls())?;
    let (courier, runner) = prepare(&work, client.clone(), toolbox)?;
    let claimant = claimant(name.as_deref().unwrap_or(&host_name()))?;
    let settings = PullerSettings {
        platform: Platform::new(client, platform, &key, claimant)?,
        repo_hosts: work.repo_hosts,
        max_concurrent: work.max_concurrent,
        heartbeat: HEARTBEAT,
        pace: Pace::default(),
        patience: Patience::default(),
        grace: work.grace,
        worker_host: host_name(),
    };
    Ok((settings, courier, runner))
}

/// The name and a part that no other process has: two scanners of one name are two claimants, and a
/// start after a crash keeps nothing alive that its predecessor was working on.
fn claimant(name: &str) -> Result<Claimant, ClaimantError> {
    let id = unique_id();
    format!("{name}/{}", id.get(..8).unwrap_or(&id)).parse()
}

/// A line for people on standard output. A closed one is no reason to stop scanning.
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
