//! The parts of a start that `serve` and `pull` share: settings, outbox, scratch folder, signals.

use super::LocalScanner;
use crate::{
    clock::Clock,
    config::{SettingError, WorkSettings},
    delivery::{
        Client, ClientError, DeliveryQueue, DeliveryQueueSettings, RetrySchedule, Spool, SpoolError,
    },
    process::note_stop,
    scan::Limits,
    staging::readings_are_full,
    tools::{self, ToolSettings, Toolbox},
};
use sha2::{Digest, Sha256};
use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::sleep,
};

/// How long readings that hang may keep this process from scanning: some that are only slow end in that time.
const STUCK: Duration = Duration::from_secs(600);

/// Why the server was not started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    /// One line per wrong setting.
    #[error("{0}")]
    Settings(String),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    #[error("signals cannot be heard: {0}")]
    Signals(io::Error),
    #[error("INTERNAL_KEY cannot be used: {0}")]
    Key(#[from] super::KeyError),
    #[error("SCANNER_NAME cannot be used: {0}")]
    Name(#[from] skillgate_contract::api::ClaimantError),
}

/// Reads the settings and finds the tools. An error lists everything that is wrong at once. `read` reads
/// the settings; `work` returns the common ones among them.
pub(super) fn read_settings<T>(
    read: impl FnOnce(fn(&str) -> Option<OsString>) -> Result<T, Vec<SettingError>>,
    work: impl FnOnce(&T) -> &WorkSettings,
) -> Result<(T, Toolbox), StartError> {
    let settings = read(|name| std::env::var_os(name));
    let toolbox = Toolbox::discover(&ToolSettings::from_env());
    let mut wrong = Vec::new();
    if let Err(faults) = &settings {
        wrong.extend(faults.iter().map(ToString::to_string));
    }
    if let Err(e) = &toolbox {
        wrong.push(e.to_string());
    }
    if settings.as_ref().is_ok_and(|settings| !tools::read_below(&work(settings).work_dir)) {
        let why = "has a word in it for which njsscan skips every file below";
        wrong.push(format!("SCANNER_WORK_DIR {why}; name another folder"));
    }
    match (settings, toolbox) {
        (Ok(settings), Ok(toolbox)) if wrong.is_empty() => Ok((settings, toolbox)),
        _ => Err(StartError::Settings(wrong.join("\n"))),
    }
}

/// Opens the outbox, and makes the delivery queue and the runner.
pub(super) fn prepare(
    work: &WorkSettings,
    client: Client,
    toolbox: Toolbox,
) -> Result<(DeliveryQueue, LocalScanner), StartError> {
    let spool = Spool::open(&work.spool_dir)?;
    let limits = Limits { work_dir: scratch_dir(work), ..Limits::default() };
    let delivery_queue = DeliveryQueue::new(DeliveryQueueSettings {
        allowed: work.callbacks.clone(),
        spool,
        client,
        clock: Clock::system(),
        schedule: RetrySchedule::default(),
    });
    for line in toolbox.severities.lines() {
        tracing::info!(event = "severity.overridden", "{line}");
    }
    let runner = LocalScanner::new(toolbox, limits, work.max_concurrent);
    runner.ask_versions();
    Ok((delivery_queue, runner))
}

/// The scratch folder of this server, emptied of what a killed predecessor left. Its name is derived
/// from the outbox folder, whose lock keeps a second server away from both.
fn scratch_dir(work: &WorkSettings) -> PathBuf {
    let digest = hex::encode(Sha256::digest(work.spool_dir.as_os_str().as_encoded_bytes()));
    let folder = work.work_dir.join(digest.get(..16).unwrap_or_default());
    match fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(event = "scratch.cleanup_failed", "{e}");
        }
        _ => {}
    }
    folder
}

/// Counts the SIGTERM and SIGINT signals that this process receives.
pub(super) fn watch_signals() -> Result<watch::Receiver<u32>, StartError> {
    let hear = |kind| signal(kind).map_err(StartError::Signals);
    let (mut term, mut int) = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
    let (count, counted) = watch::channel(0);
    tokio::spawn(async move {
        while next_signal(&mut term, &mut int).await {
            note_stop();
            count.send_modify(|n| *n += 1);
        }
    });
    Ok(counted)
}

async fn next_signal(term: &mut Signal, int: &mut Signal) -> bool {
    tokio::select! {
        came = term.recv() => came.is_some(),
        came = int.recv() => came.is_some(),
    }
}

/// Waits for the first signal, or until readings of strangers' files that do not end have kept this process from scanning
/// for [`STUCK`]: only its own end ends their threads.
pub(super) async fn stop_or_stuck(signals: watch::Receiver<u32>) {
    tokio::select! {
        () = nth_signal(signals, 1) => {}
        () = stuck(readings_are_full, STUCK) => tracing::error!(
            event = "server.stuck",
            "readings of earlier files do not end: the scanner ends with exit code 2, to be started anew"
        ),
    }
}

/// Waits until `is_full` has been so for as long as `patience`, whenever it is looked at.
async fn stuck(is_full: impl Fn() -> bool, patience: Duration) {
    const LOOKS: u32 = 20;
    let mut full = 0;
    while full < LOOKS {
        sleep(patience / LOOKS).await;
        full = if is_full() { full + 1 } else { 0 };
    }
}

/// Waits until `n` signals have been received.
pub(super) async fn nth_signal(mut signals: watch::Receiver<u32>, n: u32) {
    let _ = signals.wait_for(|count| *count >= n).await;
}

/// Prints a line for people on standard error.
pub(super) fn print_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, time::Instant};

    #[tokio::test]
    async fn g54_a_server_ends_itself_once_readings_that_hang_keep_it_from_scanning() {
        let (patience, looks) = (Duration::from_millis(100), Cell::new(0));
        let began = Instant::now();
        // Room in between makes it wait as long again.
        let is_full = || {
            looks.set(looks.get() + 1);
            looks.get() != 15
        };
        stuck(is_full, patience).await;
        assert_eq!(looks.get(), 35);
        assert!(began.elapsed() >= patience);
        let never = tokio::time::timeout(patience * 3, stuck(|| false, patience)).await;
        assert!(never.is_err(), "what can scan goes on");
    }
}
