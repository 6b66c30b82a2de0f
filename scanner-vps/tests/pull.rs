//! The real binary as a puller: how it starts and ends, and who sees its key.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

use serde_json::{Value, json};
use skillgate_test_http::{Request, Server};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const KEY: &str = "canary-of-the-internal-key";
const CALLBACK_SECRET: &str = "canary-of-the-callback-secret";

/// A git host that answers with these statuses, and then always with the last of them.
fn git_host(statuses: &'static [u16]) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |_| {
        let n = count.fetch_add(1, Ordering::SeqCst).min(statuses.len() - 1);
        (*statuses.get(n).unwrap(), String::new())
    });
    (server, asked)
}

type Heard = Arc<Mutex<Vec<(String, Value)>>>;

/// A queue with one scan, whose clone must fail. Remembers each path and body.
struct Worker {
    server: Server,
    git: Server,
    asked_git: Arc<AtomicUsize>,
    heard: Heard,
}

impl Worker {
    /// Answers every request with this status, where it is not 200.
    fn start(status: u16, scans: usize) -> Self {
        Self::with_git_host(status, scans, &[404])
    }

    fn with_git_host(status: u16, scans: usize, git: &'static [u16]) -> Self {
        let (git, asked_git) = git_host(git);
        let heard = Heard::default();
        let server = Server::start({
            let (heard, repository) = (Arc::clone(&heard), format!("{}/o/r", git.url()));
            move |request: Request| (status, answer(&request, &repository, scans, &heard))
        });
        Self { server, git, asked_git, heard }
    }

    fn heard(&self, path: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|(p, _)| p.contains(path)).map(|(_, body)| body.clone()).collect()
    }
}

fn answer(request: &Request, repository: &str, scans: usize, heard: &Heard) -> String {
    let path = &request.path;
    let report = path.ends_with("/scan-results");
    let key = request.headers.iter().any(|(_, value)| value.contains(KEY));
    assert_eq!(key, !report, "the key goes to the queue alone");
    let mut heard = heard.lock().unwrap();
    heard.push((path.clone(), serde_json::from_slice(&request.body).unwrap_or(Value::Null)));
    let claims = heard.iter().filter(|(path, _)| path.ends_with("/claim-sast-scan")).count();
    let origin = format!("http://{}", request.header("host").unwrap());
    let mut scan = json!({"id": "scan-1", "skillName": "o/r/t", "provider": "semgrep",
        "repoUrl": repository, "skillPath": null, "commitSha": null,
        "callbackUrl": format!("{origin}/api/v1/webhooks/scan-results"),
        "dispatchedAt": null, "attempt": 1});
    let answer = if path.contains("pending") && claims < scans {
        json!({"scans": [scan]})
    } else if path.contains("pending") {
        json!({"scans": []})
    } else {
        let secret = CALLBACK_SECRET.into();
        scan.as_object_mut().unwrap().insert("callbackSecret".to_owned(), secret);
        json!({"ok": true, "scan": scan, "scanId": "scan-1"})
    };
    answer.to_string()
}

fn scanner(args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("SCANNER_WORK_DIR", dir.join("w")).env("SCANNER_SPOOL_DIR", dir.join("s"));
    command.env("INTERNAL_KEY", KEY);
    command.env("SCANNER_NAME", "vps");
    command
}

fn platform(command: &mut Command, worker: &Worker) {
    command.env("PLATFORM_URL", worker.server.url());
    command.env("SCANNER_ALLOWED_REPO_HOSTS", format!("127.0.0.1:{}", worker.git.port()));
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8(both).unwrap();
    assert!(!text.contains(KEY) && !text.contains(CALLBACK_SECRET), "{text}");
    text
}

#[test]
fn wrong_settings_of_a_puller_are_all_named_and_nothing_starts() {
    for args in [&["serve", "--pull"][..], &["pull"], &["pull", "--once"]] {
        let dir = TempDir::new().unwrap();
        let output = scanner(args, dir.path())
            .env("PLATFORM_URL", "http://skills.example")
            .env("INTERNAL_KEY", "wrong-value")
            .env("SCANNER_WORK_DIR", "relative")
            .output()
            .unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for name in ["PLATFORM_URL must be", "INTERNAL_KEY must be", "SCANNER_WORK_DIR must be"] {
            assert!(said.contains(name), "{name} in {said}");
        }
        assert!(!said.contains("wrong-value") && !said.contains("SCANNER_WORKER_SECRET"));
    }
}

#[test]
fn pull_once_says_by_its_exit_code_whether_all_was_reported() {
    let dir = TempDir::new().unwrap();
    for (status, scans, code) in [(200, 0, 0), (200, 1, 0), (401, 0, 2)] {
        let worker = Worker::start(status, scans);
        let mut command = scanner(&["pull", "--once"], dir.path());
        platform(&mut command, &worker);
        let output = command.output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        let reports = worker.heard("/scan-results");
        let failed: Vec<_> = reports.iter().filter(|report| report["event"] == "failed").collect();
        assert_eq!(failed.len(), scans, "{said}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(stdout.lines().count(), scans + 1 + usize::from(code == 2), "{stdout}");
        if scans == 1 {
            assert!(stdout.starts_with("o/r/t semgrep: ERROR: "), "{stdout}");
            let claimed = worker.heard("/claim-sast-scan");
            assert!(claimed[0]["claimedBy"].as_str().unwrap().starts_with("vps/"));
        }
    }
}

#[test]
fn f8_a_git_host_that_fails_once_costs_nothing_and_one_that_goes_on_ends_nothing() {
    let dir = TempDir::new().unwrap();
    let worker = Worker::with_git_host(200, 1, &[503, 404]);
    let mut command = scanner(&["pull", "--once"], dir.path());
    platform(&mut command, &worker);
    let output = command.output().unwrap();
    let said = said(&output);
    assert!(said.contains("ERROR: there is no public repository"), "{said}");
    assert!(worker.heard("/release-sast-scan").is_empty());
    assert_eq!(worker.asked_git.load(Ordering::SeqCst), 2);

    let worker = Worker::with_git_host(200, 1, &[503]);
    let mut command = scanner(&["pull", "--once"], dir.path());
    platform(&mut command, &worker);
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        stdout.starts_with("o/r/t semgrep: handed back: the git host cannot give out"),
        "{stdout}"
    );
    assert!(stdout.contains("it fails (HTTP 503); try again later"), "{stdout}");
    assert_eq!(output.status.code(), Some(2), "{stdout}");
    let reports = worker.heard("/scan-results");
    assert!(reports.iter().all(|report| report["event"] == "started"), "{reports:?}");
    assert_eq!(worker.heard("/release-sast-scan").len(), 1);
    assert_eq!(worker.asked_git.load(Ordering::SeqCst), 4);
}

#[test]
fn g27_no_child_of_a_puller_sees_the_key() {
    let dir = TempDir::new().unwrap();
    let (seen, git) = (dir.path().join("seen"), dir.path().join("git"));
    let script = format!(
        "#!/bin/sh\n{{ env; echo \"$@\"; }} >> {}\n[ \"$1\" = --version ] && echo git version 2.50.1\n",
        seen.display()
    );
    fs::write(&git, script).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let worker = Worker::start(200, 1);
    let mut command = scanner(&["pull", "--once"], dir.path());
    platform(&mut command, &worker);
    let output = command.env("GIT_BIN", &git).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let seen = fs::read_to_string(seen).unwrap();
    assert!(seen.contains("PATH=") || seen.contains("PWD="), "{seen}");
    assert!(seen.contains(" init "), "{seen}");
    for secret in [KEY, CALLBACK_SECRET, "INTERNAL_KEY", "PLATFORM_URL"] {
        assert!(!seen.contains(secret), "{seen}");
    }
}

#[test]
fn a_puller_opens_no_port_and_ends_on_a_signal() {
    let dir = TempDir::new().unwrap();
    let worker = Worker::start(200, 0);
    let mut command = scanner(&["serve", "--pull"], dir.path());
    platform(&mut command, &worker);
    // Whoever listened would fail: this port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    command.env("SCANNER_PORT", taken.local_addr().unwrap().port().to_string());
    let mut child = command.spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut first = String::new();
    log.read_line(&mut first).unwrap();
    assert!(first.starts_with("pulling from http://127.0.0.1:") && first.contains(" as vps/"));
    let start = Instant::now();
    while worker.heard("/pending").is_empty() {
        assert!(start.elapsed() < Duration::from_secs(30), "it asks nothing");
        thread::sleep(Duration::from_millis(10));
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("server.stopped") && !rest.contains(KEY), "{rest}");
}
