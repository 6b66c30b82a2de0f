//! The real scanner binary in its server form, on loopback.

use super::wrangler::StackError;
use crate::interrupt;
use crate::process::{self, Group, ProcessError};
use crate::tools::ScannerTools;
use crate::ui::{Step, Ui};
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What the scanner prints before the port that it listens on.
const READY: &str = "listening on http://127.0.0.1:";
const MAX_START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(25);

/// Tells the logs of several scanners of one process apart.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// How to start a scanner.
#[derive(Debug, Clone)]
pub struct ScannerOptions {
    /// The program.
    pub binary: PathBuf,
    /// Where it works and keeps reports that have not arrived yet; kept when the scanner ends.
    pub state_dir: PathBuf,
    /// The worker's origin: the only place that it may report to.
    pub worker: String,
    /// `127.0.0.1:PORT` of the git host: the only place that it may clone from.
    pub git_host: String,
    /// What the worker must bear.
    pub worker_secret: String,
    /// Settings on top, and in place, of these.
    pub extra: Vec<(String, OsString)>,
}

/// A scanner that serves; it ends, with all that it runs, when this is dropped.
#[derive(Debug)]
pub struct ScannerProcess {
    group: Group,
    port: u16,
    log: PathBuf,
}

impl ScannerProcess {
    /// Starts the scanner and returns once it listens.
    ///
    /// # Errors
    /// When it ends instead, or does not listen; the error shows the end of its log.
    pub fn start(
        ui: &Ui,
        workspace: &Workspace,
        tools: &ScannerTools,
        options: &ScannerOptions,
    ) -> Result<Self, StackError> {
        let step = ui.step("scanner: starting");
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = workspace.log_file(&format!("scanner-{}-{number}", std::process::id()));
        let mut group = Group::spawn(&mut command(tools, options), &log)?;
        let port = wait_until_ready(&mut group, &log, &step)?;
        step.done();
        Ok(Self { group, port, log })
    }

    /// The address that it serves on, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port that it listens on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Where its output goes.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The scanner's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.group.id()
    }

    /// Ends it at once with all that it runs, as a power cut would.
    pub fn kill(self) {
        self.group.kill();
    }
}

/// The command that runs the scanner with these tools and nothing of the caller's environment but PATH.
fn command(tools: &ScannerTools, options: &ScannerOptions) -> Command {
    let mut command = Command::new(&options.binary);
    command
        .arg("serve")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &options.state_dir)
        .env("SCANNER_PORT", "0")
        .env("SCANNER_WORKER_SECRET", &options.worker_secret)
        .env("SCANNER_ALLOWED_REPO_HOSTS", &options.git_host)
        .env("SCANNER_ALLOWED_CALLBACK_HOSTS", &options.worker)
        .env("SCANNER_SPOOL_DIR", options.state_dir.join("spool"))
        .env("SEMGREP_BIN", &tools.semgrep.path)
        .env("NJSSCAN_BIN", &tools.njsscan.path)
        .env("TRUFFLEHOG_BIN", &tools.trufflehog.path)
        .envs(options.extra.iter().map(|(name, value)| (name, value)));
    command
}

fn wait_until_ready(group: &mut Group, log: &Path, step: &Step) -> Result<u16, StackError> {
    let began = Instant::now();
    while began.elapsed() < MAX_START {
        if group.try_wait()?.is_some() {
            return Err(StackError::ScannerEnded {
                log: log.to_path_buf(),
                tail: process::tail(log),
            });
        }
        if let Some(port) = port_in(&fs::read_to_string(log).unwrap_or_default()) {
            return Ok(port);
        }
        step.tick();
        if interrupt::sleep(POLL) {
            return Err(ProcessError::Interrupted.into());
        }
    }
    Err(StackError::ScannerSilent { log: log.to_path_buf(), tail: process::tail(log) })
}

fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once(READY)?;
    // A digit must be followed by something, or the line may still be in the middle of being written.
    let (port, _) = rest.split_once(|c: char| !c.is_ascii_digit())?;
    port.parse().ok()
}
