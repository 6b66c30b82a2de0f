//! The real binary: how it starts, ends, and what survives when it is killed.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

use skillgate_contract::signature::{self, SIGNATURE_HEADER, SigningKey};
use skillgate_test_http::{Request, Server};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const BEARER: &str = "canary-of-the-worker-secret";
const CALLBACK_SECRET: &str = "canary-of-the-callback-secret";

fn scanner() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"));
    command.arg("serve").env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).env("PATH", std::env::var_os("PATH").unwrap());
    command
}

/// A git host that has no repository.
fn empty_git_host() -> Server {
    Server::start(|_| (404, String::new()))
}

struct Running {
    child: Child,
    port: u16,
    git: Server,
    log: thread::JoinHandle<String>,
}

impl Running {
    fn start(dir: &Path, callback_port: u16) -> Self {
        let git = empty_git_host();
        let git_port = git.port();
        let mut child = scanner()
            .env("SCANNER_PORT", "0")
            .env("SCANNER_WORKER_SECRET", BEARER)
            .env("SCANNER_ALLOWED_CALLBACK_HOSTS", format!("http://127.0.0.1:{callback_port}"))
            .env("SCANNER_ALLOWED_REPO_HOSTS", format!("127.0.0.1:{git_port}"))
            .env("SCANNER_SHUTDOWN_GRACE_SECONDS", "1")
            .env("SCANNER_WORK_DIR", dir.join("w"))
            .env("SCANNER_SPOOL_DIR", dir.join("s"))
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let port = first.trim().strip_prefix("listening on http://127.0.0.1:").unwrap();
        let port = port.parse().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            lines.read_to_string(&mut log).unwrap();
            log
        });
        Self { child, port, git, log }
    }

    fn order(&self, callback_port: u16) -> String {
        let git_port = self.git.port();
        let body = format!(
            r#"{{"repoUrl":"http://127.0.0.1:{git_port}/o/r","skillName":"o/r/t","provider":"semgrep","scanId":"scan-1",
               "attempt":1,"callbackUrl":"http://127.0.0.1:{callback_port}/api/v1/webhooks/scan-results",
               "callbackSecret":"{CALLBACK_SECRET}"}}"#
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "POST /scan HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {BEARER}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&mut self, name: &str) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        let log = std::mem::replace(&mut self.log, thread::spawn(String::new)).join().unwrap();
        (code, log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Accepts callbacks on this port, and hands over the signature header and the body of each.
fn receiver(port: u16) -> (Server, mpsc::Receiver<(String, Vec<u8>)>) {
    let (send, received) = mpsc::channel();
    let server = Server::start_on(port, move |request: Request| {
        let sent: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let signature = request.header(SIGNATURE_HEADER).unwrap_or_default().to_owned();
        let _ = send.send((signature, request.body));
        (200, serde_json::json!({"ok": true, "scanId": sent.get("scanId")}).to_string())
    });
    (server, received)
}

fn wait_until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(60), "it did not happen");
        thread::sleep(Duration::from_millis(20));
    }
}

fn waiting(dir: &Path) -> usize {
    let files = fs::read_dir(dir.join("s")).unwrap();
    files.filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|x| x == "json")).count()
}

#[test]
fn wrong_settings_are_all_named_and_nothing_starts() {
    let Output { status, stderr, .. } = scanner()
        .env("SCANNER_PORT", "http")
        .env("SCANNER_WORKER_SECRET", "short")
        .env("SKILLGATE_RULES", "/nowhere/at/all")
        .output()
        .unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{said}");
    for name in [
        "SCANNER_PORT must be",
        "SCANNER_WORKER_SECRET must be",
        "SCANNER_ALLOWED_CALLBACK_HOSTS must be",
        "SCANNER_SPOOL_DIR must be",
        "SCANNER_WORK_DIR must be",
        "SKILLGATE_RULES must be",
    ] {
        assert!(said.contains(name), "{name} in {said}");
    }
    assert!(!said.contains("short"));
}

#[test]
fn g17_a_report_survives_kill_nine_and_g27_no_secret_is_in_the_log() {
    let dir = TempDir::new().unwrap();
    // Nobody listens there yet: the receiver is down.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let callback_port = listener.local_addr().unwrap().port();
    drop(listener);

    let mut first = Running::start(dir.path(), callback_port);
    let answer = first.order(callback_port);
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    wait_until(|| waiting(dir.path()) == 1);
    let (_, first_log) = first.signal("KILL");
    assert_eq!(waiting(dir.path()), 1);

    let (_server, received) = receiver(callback_port);
    let mut second = Running::start(dir.path(), callback_port);
    let (header, body) = received.recv_timeout(Duration::from_secs(10)).unwrap();
    let key = SigningKey::new(CALLBACK_SECRET).unwrap();
    assert_eq!(signature::verify(&[key], Some(&header), &body), Ok(()));
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&sent["event"], &sent["scanId"]), (&"failed".into(), &"scan-1".into()));
    wait_until(|| waiting(dir.path()) == 0);
    let (code, second_log) = second.signal("TERM");
    assert_eq!(code, Some(0), "{second_log}");
    assert!(second_log.contains("server.stopped"), "{second_log}");
    for text in [first_log, second_log, String::from_utf8(body).unwrap(), answer] {
        assert!(!text.contains(BEARER) && !text.contains(CALLBACK_SECRET), "{text}");
    }
}
