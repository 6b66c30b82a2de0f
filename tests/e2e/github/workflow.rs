//! Runs `.github/workflows/github-scan.yml` as it stands, without GitHub: `act` in host mode, one folder for each job.
//!
//! In place of the runner's own actions stand those in `actions/`, under the very commits that the workflow pins. The scanner and
//! the tools are this machine's, as on a runner that has them.

use crate::harness::{scanner_binary, tools, workspace};
use serde_json::Value;
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use xtask::{process::Group, tools::WorkflowTools, ui::Ui};

pub(crate) const WORKFLOW: &str = ".github/workflows/github-scan.yml";
/// The repository of the workflow.
pub(crate) const REPOSITORY: &str = "registry/skillgate";
/// No run takes longer: three tools on a machine that does other things beside.
const PATIENCE: Duration = Duration::from_secs(240);
/// Tells runs apart, in their logs and on GitHub.
static RUNS: AtomicU32 = AtomicU32::new(1_000);

/// How one run ended.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: u32,
    pub(crate) succeeded: bool,
    pub(crate) log: String,
    /// Where its artifacts are.
    pub(crate) artifacts: PathBuf,
}

/// A repository with the workflow, and the settings of its Actions.
pub(crate) struct Runner {
    dir: TempDir,
    variables: Vec<(String, String)>,
    env: Vec<(String, OsString)>,
}

fn act() -> &'static Path {
    static ACT: OnceLock<PathBuf> = OnceLock::new();
    ACT.get_or_init(|| {
        let tools = WorkflowTools::ensure(&Ui::silent(), &workspace());
        tools.expect("act can be had").act.path
    })
}

impl Runner {
    /// A repository whose reports go to `platform`, for skills of `git_host`; `secret` is its
    /// WEBHOOK_SECRET, and where it has that one it has a CACHE_SIGNING_KEY too.
    pub(crate) fn new(platform: &str, git_host: &str, secret: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        repository(dir.path());
        let secrets = secret.map(|secret| {
            format!("WEBHOOK_SECRET={secret}\nCACHE_SIGNING_KEY=canary-of-the-seal\n")
        });
        fs::write(dir.path().join("secrets"), secrets.unwrap_or_default()).unwrap();
        let scanner = &tools().scanner;
        let env = [
            ("SKILLGATE_SCANNER_BIN", scanner_binary()),
            ("SEMGREP_BIN", scanner.semgrep.path.clone()),
            ("NJSSCAN_BIN", scanner.njsscan.path.clone()),
            ("TRUFFLEHOG_BIN", scanner.trufflehog.path.clone()),
        ];
        Self {
            dir,
            variables: vec![
                ("PLATFORM_URL".into(), platform.into()),
                ("ALLOWED_REPO_HOSTS".into(), git_host.into()),
            ],
            env: env.map(|(name, path)| (name.to_owned(), path.into_os_string())).to_vec(),
        }
    }

    /// Replaces or adds one variable of the runner's environment.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env.retain(|(other, _)| other != name);
        self.env.push((name.to_owned(), value.into()));
    }

    /// Replaces or adds a variable of the repository's Actions.
    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.env.retain(|(other, _)| other != name);
    }

    /// A folder for the test's own files; its path has nothing in it that njsscan would skip.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// The number of a run to come.
    pub(crate) fn next_id() -> u32 {
        RUNS.fetch_add(1, Ordering::SeqCst)
    }

    /// Runs the workflow for an event of this name, to its end.
    pub(crate) fn run(&self, id: u32, name: &str, event: &Value) -> Run {
        let folder = self.dir.path().join(id.to_string());
        let (artifacts, event_file) = (folder.join("artifacts"), folder.join("event.json"));
        fs::create_dir_all(&artifacts).unwrap();
        fs::write(&event_file, event.to_string()).unwrap();
        let mut command = Command::new(act());
        command
            .arg(name)
            .args(["--workflows", WORKFLOW, "--platform", "ubuntu-24.04=-self-hosted"])
            .args(["--no-cache-server", "--action-offline-mode", "--rm", "--eventpath"])
            .arg(&event_file)
            .arg("--secret-file")
            .arg(self.dir.path().join("secrets"))
            .args(["--env", &format!("GITHUB_RUN_ID={id}")])
            .args(stand_ins())
            .args(self.variables.iter().map(|(name, value)| format!("--var={name}={value}")))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &folder)
            .env("ARTIFACTS", &artifacts)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.dir.path().join("repository"));
        let log = folder.join("log");
        let mut group = Group::spawn(&mut command, &log).unwrap();
        let began = Instant::now();
        let status = loop {
            if let Some(status) = group.try_wait().unwrap() {
                break Some(status);
            }
            if began.elapsed() > PATIENCE {
                group.kill();
                break None;
            }
            sleep(Duration::from_millis(50));
        };
        let log = String::from_utf8_lossy(&fs::read(&log).unwrap()).into_owned();
        assert!(status.is_some(), "a run did not end in time:\n{log}");
        Run { id, succeeded: status.is_some_and(|s| s.success()), log, artifacts }
    }
}

/// Makes a repository of the workflow and its scripts in `folder`.
pub(crate) fn repository(folder: &Path) -> PathBuf {
    let root = workspace().root().to_path_buf();
    let repository = folder.join("repository");
    for part in [".github", "tools"] {
        copy(&root.join(part), &repository.join(part));
    }
    fs::copy(root.join("Cargo.toml"), repository.join("Cargo.toml")).unwrap();
    let remote = format!("https://github.com/{REPOSITORY}");
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["remote", "add", "origin", &remote],
        &["add", "--all"],
        &["-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-qm", "x"],
    ] {
        let status = Command::new("git").current_dir(&repository).args(args).status();
        assert!(status.unwrap().success(), "{args:?}");
    }
    repository
}

/// Each action that the workflow uses, at the commit that it pins, and what stands here for it.
fn stand_ins() -> Vec<String> {
    let actions = Path::new(env!("CARGO_MANIFEST_DIR")).join("github/actions");
    let workflow = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let mut args = Vec::new();
    for line in workflow.lines() {
        let Some((_, used)) = line.split_once("uses: ") else { continue };
        let (action, commit) = used.split_whitespace().next().unwrap().split_once('@').unwrap();
        assert!(commit.len() == 40, "{action} is not pinned");
        // act takes this one over: it copies the repository.
        if action == "actions/checkout" {
            continue;
        }
        let repository: Vec<&str> = action.splitn(3, '/').take(2).collect();
        let folder = actions.join(repository[1]);
        assert!(folder.is_dir(), "nothing stands here for {action}");
        let arg =
            format!("--local-repository={}@{commit}={}", repository.join("/"), folder.display());
        if !args.contains(&arg) {
            args.push(arg);
        }
    }
    args
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
