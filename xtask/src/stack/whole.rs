//! The whole product on loopback: a git host, the scanner, the worker, and the secrets between them.

use super::scanner::{ScannerOptions, ScannerProcess};
use super::wrangler::{StackError, StartOptions, WorkerProcess};
use super::{GitHost, client::Client};
use crate::files;
use crate::tools::Tools;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// Bits of a generated secret, in bytes.
const SECRET_BYTES: usize = 32;

/// How to start everything.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// Where everything keeps its files; kept when the stack ends.
    pub dir: PathBuf,
    /// The scanner's program; without it, no scanner runs and scans wait to be pulled.
    pub scanner: Option<PathBuf>,
    /// The secrets; without them, new ones are made.
    pub secrets: Option<Secrets>,
    /// Settings of the worker on top, and in place, of the usual ones.
    pub worker_vars: Vec<(String, String)>,
    /// The worker's wrangler.toml; without it, the product's own.
    pub worker_config: Option<PathBuf>,
    /// Settings of the scanner on top, and in place, of the usual ones.
    pub scanner_env: Vec<(String, OsString)>,
}

impl StackOptions {
    /// The worker without a scanner, with its files in `dir`.
    #[must_use]
    pub fn without_scanner(dir: &Path) -> Self {
        Self {
            dir: dir.to_path_buf(),
            scanner: None,
            secrets: None,
            worker_vars: Vec::new(),
            worker_config: None,
            scanner_env: Vec::new(),
        }
    }

    /// The usual stack, with its files in `dir`.
    #[must_use]
    pub fn new(dir: &Path, scanner: &Path) -> Self {
        Self { scanner: Some(scanner.to_path_buf()), ..Self::without_scanner(dir) }
    }
}

/// The secrets of one stack: made for it, known to nobody else.
#[derive(Clone)]
pub struct Secrets {
    /// `ADMIN_TOKEN`.
    pub admin: String,
    /// `WEBHOOK_SECRET`.
    pub webhook: String,
    /// `WEBHOOK_SECRET_PREVIOUS`, while one is rotated.
    pub webhook_previous: Option<String>,
    /// `INTERNAL_KEY`.
    pub internal: String,
    /// `SCANNER_WORKER_SECRET`.
    pub scanner: String,
    /// `GITHUB_TOKEN`, where runs are started on GitHub Actions.
    pub github: Option<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secrets([redacted])")
    }
}

impl Secrets {
    /// New ones, without those of GitHub.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn generate() -> Result<Self, StackError> {
        let secret = || {
            let mut bytes = [0; SECRET_BYTES];
            getrandom::fill(&mut bytes).map_err(|_| StackError::Random)?;
            Ok::<_, StackError>(hex::encode(bytes))
        };
        Ok(Self {
            admin: secret()?,
            webhook: secret()?,
            webhook_previous: None,
            internal: secret()?,
            scanner: secret()?,
            github: None,
        })
    }

    /// As the worker's settings name them.
    fn settings(&self) -> Vec<(String, String)> {
        let named = [
            ("ADMIN_TOKEN", Some(&self.admin)),
            ("WEBHOOK_SECRET", Some(&self.webhook)),
            ("WEBHOOK_SECRET_PREVIOUS", self.webhook_previous.as_ref()),
            ("INTERNAL_KEY", Some(&self.internal)),
            ("SCANNER_WORKER_SECRET", Some(&self.scanner)),
            ("GITHUB_TOKEN", self.github.as_ref()),
        ];
        let set = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        set.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

/// Everything, up and talking to each other; it all ends when this is dropped.
#[derive(Debug)]
pub struct Stack {
    /// What is asked over HTTP.
    pub client: Client,
    /// The secrets.
    pub secrets: Secrets,
    /// The worker.
    pub worker: WorkerProcess,
    /// The scanner, where one runs; taken out to be killed.
    pub scanner: Option<ScannerProcess>,
    scanner_options: Option<ScannerOptions>,
    /// The git host.
    pub git: GitHost,
    repos: PathBuf,
}

impl Stack {
    /// Starts git host, scanner and worker, each told where the others are.
    ///
    /// # Errors
    /// When one of them does not come up; the error shows why.
    pub fn start(
        ui: &Ui,
        workspace: &Workspace,
        tools: &Tools,
        options: &StackOptions,
    ) -> Result<Self, StackError> {
        let repos = options.dir.join("repos");
        files::create_dir(&repos)?;
        let git = GitHost::start(&repos)?;
        let git_host = format!("127.0.0.1:{}", git.port());
        let secrets = options.secrets.clone().map_or_else(Secrets::generate, Ok)?;
        let port = free_port()?;
        let origin = format!("http://127.0.0.1:{port}");
        let scanner_options = options.scanner.as_ref().map(|binary| ScannerOptions {
            binary: binary.clone(),
            state_dir: options.dir.join("scanner"),
            worker: origin.clone(),
            git_host: git_host.clone(),
            worker_secret: secrets.scanner.clone(),
            extra: options.scanner_env.clone(),
        });
        let start = |options| ScannerProcess::start(ui, workspace, &tools.scanner, options);
        let scanner = scanner_options.as_ref().map(start).transpose()?;
        let var = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut vars = vec![
            var("PLATFORM_URL", &origin),
            var("DISPATCH", if scanner.is_some() { "scanner" } else { "pull" }),
            var(
                "SCANNER_WORKERS",
                &scanner.as_ref().map(ScannerProcess::base_url).unwrap_or_default(),
            ),
            var("ALLOWED_REPO_HOSTS", &git_host),
        ];
        let replaced = |name: &str| options.worker_vars.iter().any(|(other, _)| other == name);
        vars.retain(|(name, value)| !value.is_empty() && !replaced(name));
        vars.extend(options.worker_vars.iter().cloned());
        let worker = WorkerProcess::start(
            ui,
            workspace,
            &tools.worker.node,
            &StartOptions {
                persist_dir: options.dir.join("worker"),
                port: Some(port),
                vars,
                secrets: secrets.settings(),
                config: options
                    .worker_config
                    .clone()
                    .unwrap_or_else(|| workspace.root().join("wrangler.toml")),
                test_scheduled: false,
            },
        )?;
        let client = Client::new(&worker.base_url(), &secrets.admin);
        Ok(Self { client, secrets, worker, scanner, scanner_options, git, repos })
    }

    /// Ends the scanner, where one runs, and starts it with other tools on the same port.
    ///
    /// # Errors
    /// When it does not come up again; the error shows why.
    pub fn restart_scanner(
        &mut self,
        ui: &Ui,
        workspace: &Workspace,
        tools: &Tools,
    ) -> Result<(), StackError> {
        let (Some(scanner), Some(options)) = (self.scanner.take(), &self.scanner_options) else {
            return Ok(());
        };
        let port = scanner.port().to_string();
        drop(scanner);
        let mut options = options.clone();
        options.extra.push(("SCANNER_PORT".to_owned(), port.into()));
        self.scanner = Some(ScannerProcess::start(ui, workspace, &tools.scanner, &options)?);
        Ok(())
    }

    /// Where the git host's repositories are: `<owner>/<name>.git`.
    #[must_use]
    pub fn repos(&self) -> &Path {
        &self.repos
    }
}

/// A port that is free now; the worker says so clearly should somebody else be faster.
fn free_port() -> Result<u16, StackError> {
    let port = |listener: TcpListener| listener.local_addr().map(|address| address.port());
    TcpListener::bind("127.0.0.1:0").and_then(port).map_err(StackError::NoPort)
}
