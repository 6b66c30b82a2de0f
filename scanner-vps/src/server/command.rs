//! `skillgate-scanner serve`: settings in, a server until a signal comes.

use super::{HttpLimits, LocalScanner, QueueLimits, ServerSettings, serve};
use crate::{
    config::Settings,
    delivery::{
        Client, ClientError, Clock, Courier, CourierSettings, RetrySchedule, Spool, SpoolError,
    },
    log::{self, Level},
    neutral::is_neutral_path,
    scan::Limits,
    tools::{ToolSettings, Toolbox},
};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use sha2::{Digest, Sha256};
use std::{
    env, fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// Exit code where nothing could be started.
const EXIT_WRONG: u8 = 2;
/// Between two signs of life of a running scan; the worker gives a silent one up after 15 minutes.
const HEARTBEAT: Duration = Duration::from_secs(300);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
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
}

/// Serves until SIGTERM or SIGINT; a second one ends the grace period. Exit code 0 after an orderly
/// end, 2 where it could not start.
pub async fn run() -> ExitCode {
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            say(&e.to_string());
            ExitCode::from(EXIT_WRONG)
        }
    }
}

async fn start() -> Result<(), StartError> {
    hide_memory();
    let (settings, toolbox) = read_settings()?;
    let spool = Spool::open(&settings.spool_dir)?;
    let client = Client::new(settings.callbacks.need_tls())?;
    let limits = Limits { work_dir: scratch(&settings), ..Limits::default() };
    let courier = Courier::new(CourierSettings {
        allowed: settings.callbacks,
        spool,
        client,
        clock: Clock::system(),
        schedule: RetrySchedule::default(),
    });
    let signals = watch_signals().map_err(StartError::Signals)?;
    let address = SocketAddr::new(settings.bind, settings.port);
    let listener = TcpListener::bind(address).await.map_err(|e| StartError::Listen(address, e))?;
    let bound = listener.local_addr().map_err(|e| StartError::Listen(address, e))?;
    say(&format!("listening on http://{bound}"));
    let server = ServerSettings {
        secret: settings.worker_secret,
        repo_hosts: settings.repo_hosts,
        queue: QueueLimits {
            max_concurrent: settings.max_concurrent,
            queue_limit: settings.queue_limit,
            heartbeat: HEARTBEAT,
        },
        http: HttpLimits::default(),
        grace: settings.grace,
        worker_host: host_name(),
    };
    let runner = LocalScanner::new(toolbox, limits);
    let (stop, hurry) = (nth(signals.clone(), 1), nth(signals, 2));
    Ok(serve(listener, server, courier, runner, stop, hurry).await?)
}

/// Everything that is wrong with the environment, at once.
fn read_settings() -> Result<(Settings, Toolbox), StartError> {
    let settings = Settings::read(|name| env::var_os(name));
    let toolbox = Toolbox::discover(&ToolSettings::from_env());
    let mut wrong = Vec::new();
    if let Err(faults) = &settings {
        wrong.extend(faults.iter().map(ToString::to_string));
    }
    if let Err(e) = &toolbox {
        wrong.push(format!("SKILLGATE_RULES must be a folder with a rule pack: {e}"));
    }
    if settings.as_ref().is_ok_and(|settings| !is_neutral_path(&settings.work_dir)) {
        let why = "has a word in it for which njsscan skips every file below";
        wrong.push(format!("SCANNER_WORK_DIR {why}; name another folder"));
    }
    match (settings, toolbox) {
        (Ok(settings), Ok(toolbox)) if wrong.is_empty() => Ok((settings, toolbox)),
        _ => Err(StartError::Settings(wrong.join("\n"))),
    }
}

/// The tools run as this user: they must not read the secrets in this process's memory or
/// environment, and no core file may hold them.
fn hide_memory() {
    if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        log::event(Level::Warn, "server.dumpable", &[("error", &e)]);
    }
}

/// This server's own folder for checkouts, without what a killed predecessor left there. It bears the
/// name of the spool, whose lock keeps any second server away from both.
fn scratch(settings: &Settings) -> PathBuf {
    let digest = hex::encode(Sha256::digest(settings.spool_dir.as_os_str().as_encoded_bytes()));
    let folder = settings.work_dir.join(digest.get(..16).unwrap_or_default());
    match fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            log::event(Level::Warn, "server.scratch", &[("error", &e)]);
        }
        _ => {}
    }
    folder
}

fn watch_signals() -> io::Result<watch::Receiver<u32>> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (count, counted) = watch::channel(0);
    tokio::spawn(async move {
        while either(&mut term, &mut int).await {
            count.send_modify(|n| *n += 1);
        }
    });
    Ok(counted)
}

async fn either(term: &mut Signal, int: &mut Signal) -> bool {
    tokio::select! {
        came = term.recv() => came.is_some(),
        came = int.recv() => came.is_some(),
    }
}

async fn nth(mut signals: watch::Receiver<u32>, n: u32) {
    let _ = signals.wait_for(|count| *count >= n).await;
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = skillgate_contract::text::line(name.trim(), 100);
    if name.is_empty() { "unknown".to_owned() } else { name }
}

fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
