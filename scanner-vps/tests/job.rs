//! The real binary as the jobs of a GitHub Actions run call it.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use skillgate_contract::{
    api::{PROBLEM_TYPE, refusal_title},
    signature::{self, SIGNATURE_HEADER, SigningKey},
};
use skillgate_test_http::{Answer, Request, Server};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

const SECRET: &str = "canary-of-the-webhook-secret";

/// The signature and the body of each callback.
type Taken = Vec<(String, Vec<u8>)>;

/// Answers callbacks, and hands over their signatures and bodies.
struct Worker {
    server: Server,
    expected: usize,
    taken: Arc<Mutex<Taken>>,
}

impl Worker {
    fn taking(count: usize) -> Self {
        Self::answering(count, 200)
    }

    fn answering(expected: usize, status: u16) -> Self {
        let taken = Arc::<Mutex<Taken>>::default();
        let server = Server::start({
            let taken = Arc::clone(&taken);
            move |request: Request| {
                let signature = request.header(SIGNATURE_HEADER).unwrap_or_default().to_owned();
                let answer = answer(status, &request.body);
                taken.lock().unwrap().push((signature, request.body));
                answer
            }
        });
        Self { server, expected, taken }
    }

    fn origin(&self) -> String {
        self.server.url()
    }

    /// All callbacks that came; as many as were expected.
    fn taken(self) -> Taken {
        let taken = std::mem::take(&mut *self.taken.lock().unwrap());
        assert_eq!(taken.len(), self.expected);
        taken
    }
}

fn answer(status: u16, body: &[u8]) -> Answer {
    let sent: Value = serde_json::from_slice(body).unwrap();
    let (kind, answer) = match refusal_title(status) {
        Some(title) => {
            let refusal =
                json!({"type": "about:blank", "title": title, "status": status, "detail": ""});
            (PROBLEM_TYPE, refusal)
        }
        // Where no scan is named one is made.
        None => (
            "application/json",
            json!({"ok": true, "scanId": sent.get("scanId").and_then(Value::as_str).unwrap_or("made")}),
        ),
    };
    Answer { reply: (status, answer.to_string()), headers: vec![("content-type", kind)] }
}

/// A run for semgrep and njsscan on a repository that no scanner of these tests may clone.
fn run(dir: &TempDir, origin: &str, args: &[&str]) -> Output {
    run_attempt(3, dir, origin, args)
}

fn run_attempt(attempt: u32, dir: &TempDir, origin: &str, args: &[&str]) -> Output {
    let event = dir.path().join("event.json");
    let text = format!(
        r#"{{"client_payload":{{"skill_name":"o/r/t","repo_url":"https://git.example/o/r","callback_url":"{origin}/api/v1/webhooks/scan-results","providers":["semgrep","njsscan"],"scan_ids":{{"semgrep":"s1","njsscan":"s2"}},"attempt":{attempt}}}}}"#
    );
    fs::write(&event, text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"))
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GITHUB_EVENT_PATH", event)
        .env("GITHUB_STEP_SUMMARY", dir.path().join("summary.md"))
        .env("GITHUB_OUTPUT", dir.path().join("output"))
        .env("PLATFORM_URL", origin)
        .env("WEBHOOK_SECRET", SECRET)
        .current_dir(dir.path())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    text
}

/// The old name and the replacement of each `command.deprecated` in the log.
fn deprecated(output: &Output) -> Vec<(String, String)> {
    let log = String::from_utf8(output.stderr.clone()).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |line: &Value, field: &str| line.get(field)?.as_str().map(str::to_owned);
    lines
        .filter(|line| line.get("event").is_some_and(|event| event == "command.deprecated"))
        .map(|line| (text(&line, "command").unwrap(), text(&line, "replacement").unwrap()))
        .collect()
}

/// The callbacks as JSON, each rightly signed.
fn verified(worker: Worker) -> Vec<Value> {
    let key = SigningKey::new(SECRET).unwrap();
    let taken = worker.taken();
    let verified = taken.into_iter().map(|(signature, body)| {
        let held = signature::verify(std::slice::from_ref(&key), Some(&signature), &body);
        assert_eq!(held, Ok(()));
        serde_json::from_slice(&body).unwrap()
    });
    verified.collect()
}

#[test]
fn a_run_starts_scans_without_the_secret_and_reports_without_a_tool() {
    let (dir, worker) = (TempDir::new().unwrap(), Worker::taking(4));
    let origin = worker.origin();
    let output = run(&dir, &origin, &["github", "matrix"]);
    // `printf o/r/t | sha256sum | head -c 16`
    let skill = "99f2c5dbf180ee99";
    let scans: Value = serde_json::from_str(&said(&output)).unwrap();
    let expected = ["semgrep", "njsscan"]
        .map(|provider| serde_json::json!({"provider": provider, "skill": skill}));
    assert_eq!(scans, Value::from(expected.to_vec()));
    let output = run(&dir, &origin, &["github", "report", "--event", "started"]);
    assert!(output.status.success(), "{}", said(&output));

    let out = ["--result-file", "result.json", "--sarif-file", "scan.sarif"];
    let output =
        run(&dir, &origin, &[&["github", "scan", "--provider", "njsscan"][..], &out].concat());
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let sarif: Value = read(&dir.path().join("scan.sarif"));
    assert_eq!(sarif.pointer("/runs/0/invocations/0/executionSuccessful"), Some(&false.into()));

    // What the scan gave as its job's output is what the report takes the file by.
    let given = fs::read_to_string(dir.path().join("output")).unwrap();
    let digest = digest(&dir.path().join("result.json"));
    assert_eq!(given, format!("digest={digest}\n"));
    let report = ["github", "report", "result.json", "--provider", "njsscan", "--digest", &digest];
    let output = run(&dir, &origin, &report);
    assert!(output.status.success(), "{}", said(&output));
    let none = ["github", "report", "nothing.json", "--provider", "semgrep"];
    let output = run(&dir, &origin, &none);
    assert!(output.status.success(), "{}", said(&output));

    let summary = fs::read_to_string(dir.path().join("summary.md")).unwrap();
    assert!(
        summary.contains("<h3>njsscan</h3>") && summary.contains("<td>ERROR</td>"),
        "{summary}"
    );
    let reports = verified(worker);
    let told: Vec<_> = reports
        .iter()
        .map(|r| ["event", "scanId", "error"].map(|name| r.get(name).and_then(Value::as_str)))
        .collect();
    let host = "this scanner's settings do not allow repositories from git.example";
    assert_eq!(
        told,
        [
            [Some("started"), Some("s1"), None],
            [Some("started"), Some("s2"), None],
            [Some("failed"), Some("s2"), Some(host)],
            [Some("failed"), Some("s1"), Some("the scan's job ended without a result")],
        ]
    );
    for report in &reports {
        assert_eq!(report.get("attempt"), Some(&3.into()));
        assert_eq!(report.get("skillName"), Some(&"o/r/t".into()));
    }
}

#[test]
fn one_command_does_all_of_it() {
    let old: &[&str] = &["scan", "--job"];
    for command in [&["github", "scan"], old] {
        let (dir, worker) = (TempDir::new().unwrap(), Worker::taking(2));
        let args = [command, &["--provider", "semgrep", "--callback"]].concat();
        let output = run(&dir, &worker.origin(), &args);
        assert_eq!(output.status.code(), Some(2), "the scan failed: {}", said(&output));
        let events: Vec<_> = verified(worker).iter().map(|r| r.get("event").cloned()).collect();
        assert_eq!(events, [Some("started".into()), Some("failed".into())]);
    }
}

#[test]
fn the_old_names_of_the_commands_and_their_files_still_work_and_are_logged_once() {
    let (dir, worker) = (TempDir::new().unwrap(), Worker::taking(1));
    let origin = worker.origin();
    let [old, new] = [&["event"][..], &["github", "matrix"]].map(|args| run(&dir, &origin, args));
    assert_eq!((old.status.code(), &old.stdout), (Some(0), &new.stdout));
    assert_eq!(deprecated(&old), [("event".into(), "github matrix".into())]);
    assert_eq!(deprecated(&new), []);
    let files = ["--out", "result.json", "--sarif", "scan.sarif"];
    let scan = [&["scan", "--job", "--provider", "njsscan"][..], &files].concat();
    let output = run(&dir, &origin, &scan);
    assert_eq!(output.status.code(), Some(2));
    let names =
        [("scan --job", "github scan"), ("--out", "--result-file"), ("--sarif", "--sarif-file")];
    assert_eq!(deprecated(&output), names.map(|(old, new)| (old.into(), new.into())));
    assert!(dir.path().join("scan.sarif").exists());
    let files = ["--result-file", "result.json", "--sarif-file", "scan.sarif"];
    let scan = [&["github", "scan", "--provider", "njsscan"][..], &files].concat();
    assert_eq!(deprecated(&run(&dir, &origin, &scan)), []);
    let both = ["--provider", "njsscan", "--out", "a.json", "--result-file", "b.json"];
    let output = run(&dir, &origin, &[&["github", "scan"][..], &both].concat());
    assert!(said(&output).contains("cannot be used with"), "{}", said(&output));
    let output = run(&dir, &origin, &["report", "result.json", "--provider", "njsscan"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(deprecated(&output), [("report".into(), "github report".into())]);
    assert_eq!(verified(worker)[0].get("event"), Some(&"failed".into()));
}

#[test]
fn a_good_result_that_nobody_took_in_time_has_an_exit_code_of_its_own() {
    let dir = TempDir::new().unwrap();
    let left = r#"{"timestamp":1,"provider":"semgrep","skillName":"o/r/t","commitSha":"0123456789012345678901234567890123456789","criticalCount":1,"highCount":0,"mediumCount":0,"lowCount":0,"coverage":{"complete":true,"filesScanned":1}}"#;
    fs::write(dir.path().join("good.json"), left).unwrap();
    let clean = left.replace(r#""criticalCount":1"#, r#""criticalCount":0"#);
    fs::write(dir.path().join("clean.json"), clean).unwrap();
    for (file, status, code) in [
        ("good.json", 200, 0),
        ("good.json", 409, 0),
        ("good.json", 503, 3),
        // For good: what is refused would be refused again. What has criticals must not end as a failure.
        ("clean.json", 422, 2),
        ("good.json", 422, 3),
        ("nothing.json", 503, 2),
    ] {
        let worker = Worker::answering(1, status);
        let digest = digest(&dir.path().join(file));
        let report = ["github", "report", file, "--provider", "semgrep", "--digest", &digest];
        let args = [&report[..], &["--give-up-after", "1"]].concat();
        let output = run(&dir, &worker.origin(), &args);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{file}, {status}: {said}");
        assert!(file != "good.json" || said.contains("FAIL"), "{said}");
        assert!(!worker.taken.lock().unwrap().is_empty(), "{file}, {status}");
    }
}

#[test]
fn f8_the_failure_of_a_moment_is_the_end_of_the_last_attempt_only() {
    let dir = TempDir::new().unwrap();
    for (attempt, error, sent, code) in [
        (1, "HTTP 503; try again later", 0, 3),
        (2, "HTTP 503; try again later", 0, 3),
        (3, "HTTP 503; try again later", 1, 0),
        (1, "there is no public repository", 1, 0),
    ] {
        let left = serde_json::json!({"timestamp": 1, "provider": "semgrep", "skillName": "o/r/t",
            "event": "failed", "error": error});
        fs::write(dir.path().join("left.json"), left.to_string()).unwrap();
        let worker = Worker::taking(sent);
        let digest = digest(&dir.path().join("left.json"));
        let report =
            ["github", "report", "left.json", "--provider", "semgrep", "--digest", &digest];
        let args = [&report[..], &["--give-up-after", "1"]].concat();
        let output = run_attempt(attempt, &dir, &worker.origin(), &args);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{attempt}, {error}: {said}");
        assert!(said.contains(error), "{said}");
        assert_eq!(verified(worker).len(), sent);
    }
}

#[test]
fn what_a_run_was_not_started_for_is_left_alone() {
    let dir = TempDir::new().unwrap();
    // Nobody listens there: a report would fail.
    let origin = "http://127.0.0.1:9";
    let other = ["github", "report", "result.json", "--provider", "trufflehog"];
    let output = run(&dir, origin, &other);
    assert!(output.status.success(), "{}", said(&output));
    for args in [
        &["github", "scan", "--provider", "trufflehog", "--result-file", "x"][..],
        &["github", "scan", "--result-file", "x"],
        &["github", "scan", "https://github.com/o/r"],
        &["scan", "--job", "https://github.com/o/r"],
        &["scan", "--callback", "https://github.com/o/r"],
        &["github", "report"],
        &["github", "report", "result.json"],
        &["github", "report", "--event", "failed", "--give-up-after", "1"],
    ] {
        let output = run(&dir, origin, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", said(&output));
    }
    assert!(!dir.path().join("x").exists());
}

#[test]
fn g55_a_result_without_the_digest_of_its_job_is_reported_as_failed() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("result.json");
    let clean = r#"{"timestamp":1,"provider":"semgrep","skillName":"o/r/t","commitSha":"0123456789012345678901234567890123456789","criticalCount":0,"highCount":0,"mediumCount":0,"lowCount":0,"coverage":{"complete":true,"filesScanned":1}}"#;
    fs::write(&file, clean).unwrap();
    let own = digest(&file);
    let another = own.chars().rev().collect::<String>();
    for (more, event) in [
        (&["--digest", &own][..], None),
        (&["--digest", &another], Some("failed")),
        (&["--digest", ""], Some("failed")),
        (&[], Some("failed")),
    ] {
        let worker = Worker::taking(1);
        let report = ["github", "report", "result.json", "--provider", "semgrep"];
        let output = run(&dir, &worker.origin(), &[&report[..], more].concat());
        assert!(output.status.success(), "{more:?}: {}", said(&output));
        let sent = verified(worker).remove(0);
        let sent_event = sent.get("event").and_then(Value::as_str).filter(|e| *e != "result");
        assert_eq!(sent_event, event, "{sent}");
        let error = sent.get("error").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(error.starts_with("the result is refused: "), event.is_some(), "{sent}");
    }
}

/// The SHA-256 of a file, as the output of the job that wrote it; empty where there is none.
fn digest(path: &Path) -> String {
    fs::read(path).map(|body| hex::encode(Sha256::digest(body))).unwrap_or_default()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
