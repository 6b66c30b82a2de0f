//! The worker in real workerd, through `wrangler dev`, with real local D1 and KV, on loopback only.

use super::secrets::{SecretError, SecretFile};
use super::state;
use crate::files::FileError;
use crate::interrupt;
use crate::process::{self, Group, ProcessError};
use crate::tools::NodeTools;
use crate::ui::{Step, Ui};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The D1 binding in wrangler.toml.
const DATABASE: &str = "DB";
/// What wrangler prints before the address that it listens on.
const READY: &str = "Ready on http://127.0.0.1:";
/// Answers 200 once the worker can reach its database.
const HEALTH_PATH: &str = "/api/v1/health";
/// A start takes 2 to 4 seconds; a machine under load gets this long.
const MAX_START: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(50);

/// No news, no metrics, no request for the machine's place in the world, no prompts, nothing outside of our own folders:
/// with these, wrangler contacts no public address.
const OFFLINE: [(&str, &str); 7] = [
    ("WRANGLER_HIDE_BANNER", "true"),
    ("WRANGLER_SEND_METRICS", "false"),
    ("WRANGLER_SEND_ERROR_REPORTS", "false"),
    ("WRANGLER_WRITE_LOGS", "false"),
    ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
    ("CI", "1"),
    ("NO_COLOR", "1"),
];

/// Tells the logs of several workers of one process apart.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct StartOptions {
    /// Where D1 and KV keep their files; kept when the worker ends.
    pub persist_dir: PathBuf,
    /// The port to listen on; without one, any that is free.
    pub port: Option<u16>,
    /// Plain settings.
    pub vars: Vec<(String, String)>,
    /// Secret settings: they travel in a private file, never in arguments.
    pub secrets: Vec<(String, String)>,
    /// The wrangler.toml.
    pub config: PathBuf,
    /// Whether `/__scheduled` runs the cron handler; `/cdn-cgi/local/scheduled` always does.
    pub test_scheduled: bool,
}

/// Why the stack, or a part of it, does not run.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// wrangler failed.
    #[error("wrangler failed")]
    Process(#[from] ProcessError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The worker has not been built.
    #[error("{config} or what it serves is not there; run `cargo xtask build` first")]
    NotBuilt {
        /// The wrangler.toml.
        config: PathBuf,
    },
    /// A secret cannot be handed over.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// It ended instead of serving.
    #[error("the worker ended before it was ready; its whole log is {log}, its end:\n{tail}")]
    Ended {
        /// Where its output is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// No port is free.
    #[error("no free port on 127.0.0.1")]
    NoPort(#[source] std::io::Error),
    /// No secret can be made.
    #[error("the system has no random numbers")]
    Random,
    /// The git host does not run.
    #[error(transparent)]
    GitHost(#[from] super::githost::GitHostError),
    /// The scanner ended instead of serving.
    #[error("the scanner ended before it was ready; its whole log is {log}, its end:\n{tail}")]
    ScannerEnded {
        /// Where its output is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// The scanner does not listen.
    #[error("the scanner does not listen; its whole log is {log}, its end:\n{tail}")]
    ScannerSilent {
        /// Where its output is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// It does not answer.
    #[error(
        "the worker did not answer {HEALTH_PATH} with 200 within {seconds} seconds ({last}); \
         its whole log is {log}, its end:\n{tail}"
    )]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// What the last question brought.
        last: String,
        /// Where its output is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
}

/// A worker that serves; it ends, with all its processes, when this is dropped.
#[derive(Debug)]
pub struct WorkerProcess {
    // Dropped in this order: the processes first, then the secrets that they have read.
    group: Group,
    _secrets: SecretFile,
    port: u16,
    log: PathBuf,
}

impl WorkerProcess {
    /// Migrates the database, starts the worker, and returns once it answers.
    ///
    /// # Errors
    /// When it cannot start, or does not answer; the error shows the end of its log.
    pub fn start(
        ui: &Ui,
        workspace: &Workspace,
        node: &NodeTools,
        options: &StartOptions,
    ) -> Result<Self, StackError> {
        let wrangler = Wrangler::new(workspace, node, &options.config)?;
        state::prepare(ui, workspace, &wrangler, &options.persist_dir)?;
        let step = ui.step("worker: starting workerd");
        let secrets = SecretFile::write(&options.secrets)?;
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = workspace.log_file(&format!("worker-{}-{number}", std::process::id()));
        let mut command = wrangler.dev(options, secrets.path());
        let mut group = Group::spawn(&mut command, &log)?;
        let port = wait_until_ready(&mut group, &log, &step)?;
        step.done();
        Ok(Self { group, _secrets: secrets, port, log })
    }

    /// The address that it serves on, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port that it serves on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its output goes.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Ends it at once, as a crash would; D1 and KV keep what was written.
    pub fn kill(self) {
        self.group.kill();
    }

    /// What runs the worker's cron handler, as if its time had come, when it is asked for with GET.
    #[must_use]
    pub fn scheduled_url(&self, cron: &str) -> String {
        let cron = cron.replace(' ', "+");
        format!("{}/cdn-cgi/local/scheduled?cron={cron}&format=json", self.base_url())
    }
}

/// wrangler with one configuration.
#[derive(Debug)]
pub(super) struct Wrangler<'a> {
    workspace: &'a Workspace,
    node: &'a NodeTools,
    config: &'a Path,
}

impl<'a> Wrangler<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        node: &'a NodeTools,
        config: &'a Path,
    ) -> Result<Self, StackError> {
        let has = |file: &str| workspace.root().join(file).is_file();
        let built = has("build/index.js") && has("build/assets/openapi.json") && config.is_file();
        let config_path = config.to_path_buf();
        built
            .then_some(Self { workspace, node, config })
            .ok_or(StackError::NotBuilt { config: config_path })
    }

    pub(super) fn config(&self) -> &Path {
        self.config
    }

    pub(super) fn version(&self) -> String {
        self.node.wrangler.version.to_string()
    }

    /// Applies the migrations that the database in `persist_dir` does not have yet.
    pub(super) fn migrate(&self, persist_dir: &Path, step: &Step) -> Result<(), StackError> {
        let mut command = self.command(["d1", "migrations", "apply", DATABASE, "--local"]);
        command.arg("--persist-to").arg(persist_dir);
        Ok(process::run(&mut command, &self.workspace.log_file("migrations"), step)?)
    }

    /// Runs one statement, by D1 itself, in the database in `persist_dir`.
    pub(super) fn execute(
        &self,
        persist_dir: &Path,
        sql: &str,
        step: &Step,
    ) -> Result<(), StackError> {
        let mut command = self.command(["d1", "execute", DATABASE, "--local", "--command", sql]);
        command.arg("--persist-to").arg(persist_dir);
        Ok(process::run(&mut command, &self.workspace.log_file("statement"), step)?)
    }

    fn dev(&self, options: &StartOptions, env_file: &Path) -> Command {
        let port = options.port.unwrap_or(0).to_string();
        let mut command = self.command(["dev", "--local", "--ip", "127.0.0.1", "--port", &port]);
        command.args(["--inspector-port", "0", "--show-interactive-dev-session", "false"]);
        command.arg("--persist-to").arg(&options.persist_dir);
        // Also when there are no secrets: without it, wrangler reads the person's own .dev.vars.
        command.arg("--env-file").arg(env_file);
        command.args(
            options
                .vars
                .iter()
                .flat_map(|(name, value)| ["--var".to_owned(), format!("{name}:{value}")]),
        );
        command.args(options.test_scheduled.then_some("--test-scheduled"));
        // Workers that find each other through the registry would share more than they should.
        command.env("WRANGLER_REGISTRY_PATH", env_file.with_file_name("registry"));
        command
    }

    fn command<'b>(&self, args: impl IntoIterator<Item = &'b str>) -> Command {
        let mut command = Command::new(&self.node.wrangler.path);
        command.args(args).arg("--config").arg(self.config);
        command.current_dir(self.workspace.root()).env("PATH", self.node.path_env()).envs(OFFLINE);
        command
    }
}

fn wait_until_ready(group: &mut Group, log: &Path, step: &Step) -> Result<u16, StackError> {
    let began = Instant::now();
    let mut last = "it does not listen yet".to_owned();
    while began.elapsed() < MAX_START {
        if group.try_wait()?.is_some() {
            return Err(StackError::Ended { log: log.to_path_buf(), tail: process::tail(log) });
        }
        if let Some(port) = port_in(&fs::read_to_string(log).unwrap_or_default()) {
            match ask_health(port) {
                Ok(()) => return Ok(port),
                Err(answer) => last = answer,
            }
        }
        step.tick();
        if interrupt::sleep(POLL) {
            return Err(ProcessError::Interrupted.into());
        }
    }
    Err(StackError::NotReady {
        seconds: MAX_START.as_secs(),
        last,
        log: log.to_path_buf(),
        tail: process::tail(log),
    })
}

fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once(READY)?;
    // A digit must be followed by something, or the line may still be in the middle of being written.
    let (port, _) = rest.split_once(|c: char| !c.is_ascii_digit())?;
    port.parse().ok()
}

fn ask_health(port: u16) -> Result<(), String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into();
    match agent.get(format!("http://127.0.0.1:{port}{HEALTH_PATH}")).call() {
        Ok(answer) if answer.status() == 200 => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status())),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_is_read_from_a_whole_line_only() {
        assert_eq!(port_in("x\n[wrangler:info] Ready on http://127.0.0.1:36657\n"), Some(36657));
        assert_eq!(port_in("[wrangler:info] Ready on http://127.0.0.1:366"), None);
        assert_eq!(port_in("Starting local server..."), None);
    }
}
