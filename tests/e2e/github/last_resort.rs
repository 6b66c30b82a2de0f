//! The workflow's last resort by itself: the script that reports a scan's failure where no scanner can.

use super::workflow::WORKFLOW;
use crate::harness::{WEBHOOK, workspace};
use serde_json::{Value, json};
use skillgate_test_http::{Request, Server};
use std::{
    fs,
    process::Command,
    sync::{Arc, Mutex},
};

const BROKE: &str = "the run on GitHub Actions broke before it could report";

/// The script, as the runner gives it to python.
fn script() -> String {
    let text = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let (_, step) = text.split_once("shell: python3 {0}\n").unwrap();
    let (_, script) = step.split_once("        run: |\n").unwrap();
    script
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("          ").unwrap_or(line)))
        .collect()
}

/// Runs it for semgrep, for a worker that answers so: whether it succeeded, what the run's page says, and what the worker heard.
fn told(skill: &str, status: u16) -> (bool, String, Vec<Value>) {
    let dir = tempfile::tempdir().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let worker = Server::start({
        let heard = Arc::clone(&heard);
        move |request: Request| {
            heard.lock().unwrap().push(serde_json::from_slice(&request.body).unwrap());
            (status, "{}".to_owned())
        }
    });
    let event = json!({"client_payload": {
        "skill_name": skill, "repo_url": "https://git.example/o/r", "providers": ["semgrep"],
        "callback_url": format!("{}{WEBHOOK}", worker.url()), "scan_ids": {"semgrep": "s1"},
    }});
    let file = |name: &str| dir.path().join(name);
    fs::write(file("event.json"), event.to_string()).unwrap();
    fs::write(file("script.py"), script()).unwrap();
    let output = Command::new("python3")
        .arg(file("script.py"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GITHUB_EVENT_PATH", file("event.json"))
        .env("GITHUB_STEP_SUMMARY", file("summary.md"))
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "registry/skillgate")
        .env("GITHUB_RUN_ID", "77")
        .env("PLATFORM_URL", worker.url())
        .env("WEBHOOK_SECRET", "canary-of-the-secret")
        .env("PROVIDER", "semgrep")
        .output()
        .unwrap();
    let page = fs::read_to_string(file("summary.md")).unwrap_or_default();
    let heard = heard.lock().unwrap().clone();
    (output.status.success(), page, heard)
}

#[test]
fn the_runs_page_says_in_one_line_which_scan_ended_as_an_error_and_why() {
    let (good, page, heard) = told("o/r/t", 200);
    assert_eq!((heard.len(), &heard[0]["event"]), (1, &json!("failed")));
    assert!(!good, "a run that broke must not look good");
    assert_eq!(page, format!("semgrep of `o/r/t` ended as ERROR: {BROKE}\n\n"));

    let (good, page, _) = told("o/r/t", 403);
    let open = "and that could not be reported either, so it will read TIMED_OUT: answered 403";
    assert!(!good);
    assert_eq!(page, format!("semgrep of `o/r/t` has no end: {BROKE}, {open}\n\n"));

    // It has its end.
    assert_eq!(told("o/r/t", 409).1, "");
}

#[test]
fn a_name_that_would_act_on_the_page_does_not() {
    let name = "o/r`\n# x <img src=x> [a](javascript:b) @somebody *b*";
    let (_, page, _) = told(name, 200);
    let shown = "o/r????x??img?src?x???a??javascript?b???somebody??b?";
    assert_eq!(page, format!("semgrep of `{shown}` ended as ERROR: {BROKE}\n\n"));
}
