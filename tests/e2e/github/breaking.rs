//! A run that breaks, at each of its steps: its scan ends as ERROR within the run.

use super::{
    bench, four_at_a_time, publish_by_hand, runner,
    workflow::{Run, Runner},
};
use crate::harness::{Bench, WEBHOOK, row, scanner_binary};
use serde_json::{Value, json};
use skillgate_test_http::{Request, Server};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};
use xtask::samples::Sample;

/// What the workflow's own last resort says.
const WITHOUT_A_SCANNER: &str = "the run on GitHub Actions broke before it could report";
/// What the scanner says where there is no file.
const NO_RESULT: &str = "the scan's job ended without a result";

/// A program made for a test.
fn program(path: PathBuf, script: &str) -> PathBuf {
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The scanner, killed where its arguments hold `BREAK_AT`, without an end where they hold `HANG_AT`; gives a result up after
/// `GIVE_UP_AFTER` seconds, and notes for each call whether it had the secret.
fn fragile_scanner(folder: &Path) -> PathBuf {
    let script = format!(
        r#"echo "$* ${{WEBHOOK_SECRET:+with the secret}}" >> "{calls}"
case " $* " in *"${{BREAK_AT:-nothing}}"*) kill -9 $$ ;; esac
case " $* " in *"${{HANG_AT:-nothing}}"*) exec sleep 200 ;; esac
case "$1 $2 $3" in "github report out/result.json") set -- "$@" ${{GIVE_UP_AFTER:+--give-up-after "$GIVE_UP_AFTER"}} ;; esac
exec "{scanner}" "$@""#,
        calls = folder.join("calls").display(),
        scanner = scanner_binary().display(),
    );
    program(folder.join("fragile-scanner"), &script)
}

struct Breaking<'a> {
    bench: &'a Bench,
    commit: String,
}

impl Breaking<'_> {
    /// Runs the workflow for one scan with semgrep, broken by `how`, and answers the run and the
    /// scan's error.
    fn run(&self, name: &str, how: impl FnOnce(&mut Runner)) -> (Run, String, Runner) {
        let event = publish_by_hand(self.bench, name, &self.commit, &["semgrep"]);
        let mut runner = runner(self.bench, Some(&self.bench.stack.secrets.webhook));
        let scanner = fragile_scanner(runner.folder());
        runner.set("SKILLGATE_SCANNER_BIN", scanner);
        // Where a test lets it come so far, the tool dies too: no test waits for a real one.
        let tool = program(runner.folder().join("semgrep"), "kill -9 $$");
        runner.set("SEMGREP_BIN", tool);
        how(&mut runner);
        let run = runner.run(Runner::next_id(), "repository_dispatch", &event);
        let skill = format!("demo/runs/{name}");
        let security = self.bench.security(&skill);
        let semgrep = row(&security, "semgrep");
        assert_eq!(semgrep["phase"], "ERROR", "{name}: {security}\n{}", run.log);
        // The others were not asked for, and are not touched.
        assert_eq!(row(&security, "njsscan")["phase"], "NONE", "{name}");
        let scan = self.bench.scan(&skill, "semgrep");
        let page = scan["githubRunUrl"].as_str().unwrap_or_default();
        assert!(page.ends_with(&format!("/actions/runs/{}", run.id)), "{name}: {scan}");
        assert!(!run.log.contains(&self.bench.stack.secrets.webhook), "{name}");
        let error = scan["error"].as_str().unwrap_or_default().to_owned();
        (run, error, runner)
    }
}

#[test]
fn a_run_that_breaks_at_any_step_ends_its_scan_as_an_error() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let commit = repository.head().unwrap().to_owned();
    let breaking = Breaking { bench: &bench, commit };
    let told = |name: &str, how: &dyn Fn(&mut Runner), expected: &str| {
        let (run, error, _) = breaking.run(name, how);
        assert!(error.contains(expected), "{name}: {error}\n{}", run.log);
        assert!(!run.succeeded, "{name}: a run that broke must not look good\n{}", run.log);
    };
    let set = |name: &'static str, value: &'static str| -> Box<dyn Fn(&mut Runner) + Sync> {
        Box::new(move |runner| runner.set(name, value))
    };
    // Takes the one minute that is the shortest limit.
    let hangs = |runner: &mut Runner| {
        runner.set_variable("SCAN_TIMEOUT_MINUTES", "1");
        runner.set("HANG_AT", "github scan");
    };
    // Without the tool and without a registry to get it from.
    let without_tool = |runner: &mut Runner| {
        runner.unset("SEMGREP_BIN");
        runner.set("PIP_NO_INDEX", "1");
    };
    let quick = [
        ("no-scanner", set("SKILLGATE_SCANNER_BIN", "/nowhere/scanner"), WITHOUT_A_SCANNER),
        ("event", set("BREAK_AT", " matrix "), WITHOUT_A_SCANNER),
        ("upload", set("BREAK_UPLOAD", "programs"), WITHOUT_A_SCANNER),
        ("download", set("BREAK_DOWNLOAD", "programs"), WITHOUT_A_SCANNER),
        ("started", set("BREAK_AT", "--event started"), "semgrep"),
        ("tool", set("BREAK_AT", "nothing at all"), "semgrep"),
        ("install", Box::new(without_tool), NO_RESULT),
        ("scan", set("BREAK_AT", "github scan"), NO_RESULT),
        ("left", set("BREAK_UPLOAD", "scan-semgrep"), NO_RESULT),
        ("found", set("BREAK_DOWNLOAD", "scan-semgrep"), NO_RESULT),
        ("report", set("BREAK_AT", "report out/result.json"), WITHOUT_A_SCANNER),
    ];
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| told("hang", &hangs, NO_RESULT));
        four_at_a_time(&quick, |(name, how, expected)| told(name, how, expected));
        slow.join().unwrap();
    });
}

#[test]
fn programs_that_were_replaced_between_the_jobs_are_not_run() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let breaking = Breaking { bench: &bench, commit: repository.head().unwrap().to_owned() };
    let (run, error, runner) = breaking.run("replaced", |runner| {
        // Both as the archive that is asked for, and as the very files that it would be unpacked to.
        let folder = runner.folder().join("forged");
        let programs = folder.join("programs");
        fs::create_dir_all(&programs).unwrap();
        let marker = runner.folder().join("marker");
        for name in ["skillgate-scanner", "install-tool.sh"] {
            program(programs.join(name), &format!("env > '{}'", marker.display()));
        }
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(folder.join("programs.tar.gz")).arg("-C").arg(&programs).arg(".");
        assert!(tar.status().unwrap().success());
        runner.set("FORGED_PROGRAMS", folder);
    });
    assert!(!runner.folder().join("marker").exists(), "{}", run.log);
    assert_eq!(error, WITHOUT_A_SCANNER, "{}", run.log);
}

#[test]
fn g55_a_result_that_another_job_put_in_its_place_is_not_reported() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let commit = repository.head().unwrap().to_owned();
    let clean = json!({
        "timestamp": 1, "provider": "semgrep", "skillName": "demo/runs/forged", "commitSha": commit,
        "criticalCount": 0, "highCount": 0, "mediumCount": 0, "lowCount": 0,
        "coverage": {"complete": true, "filesScanned": 1},
    });
    let breaking = Breaking { bench: &bench, commit };
    let forge = |runner: &mut Runner| {
        let forged = runner.folder().join("forged.json");
        fs::write(&forged, clean.to_string()).unwrap();
        runner.set("FORGED_RESULT", forged);
    };
    let (run, error, _) = breaking.run("forged", forge);
    assert!(
        error.contains("the result is refused: its SHA-256 is not the one"),
        "{error}\n{}",
        run.log
    );
    // A job that was killed before it gave a digest has no result, whatever lies under its name.
    let (run, error, _) = breaking.run("unbound", |runner| {
        forge(runner);
        runner.set("BREAK_AT", "github scan");
    });
    assert!(error.contains("the scan's job gave no SHA-256"), "{error}\n{}", run.log);
}

/// A worker that can be reached again after the run sends the scan once more; one that has heard of a failure does not.
#[test]
fn a_result_that_could_not_be_delivered_is_not_reported_as_a_failure() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let busy = Server::start({
        let heard = Arc::clone(&heard);
        move |request: Request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            heard.lock().unwrap().push(body["event"].as_str().unwrap_or("result").to_owned());
            (503, "{}".to_owned())
        }
    });
    let commit = repository.head().unwrap();
    let mut event = publish_by_hand(&bench, "undelivered", commit, &["semgrep"]);
    event["client_payload"]["callback_url"] = format!("{}{WEBHOOK}", busy.url()).into();
    let mut runner = runner(&bench, Some(&bench.stack.secrets.webhook));
    runner.set_variable("PLATFORM_URL", &busy.url());
    let scanner = fragile_scanner(runner.folder());
    runner.set("SKILLGATE_SCANNER_BIN", scanner);
    runner.set("BREAK_AT", "--event started");
    runner.set("GIVE_UP_AFTER", "1");
    let run = runner.run(Runner::next_id(), "repository_dispatch", &event);
    let heard = heard.lock().unwrap();
    assert!(!heard.is_empty(), "{}", run.log);
    assert!(heard.iter().all(|event| event == "result"), "{heard:?}\n{}", run.log);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("semgrep: this result was not delivered"), "{}", run.log);
}

#[test]
fn a_sign_of_life_that_is_lost_breaks_nothing() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let event = publish_by_hand(&bench, "quiet", repository.head().unwrap(), &["semgrep"]);
    let mut runner = runner(&bench, Some(&bench.stack.secrets.webhook));
    let scanner = fragile_scanner(runner.folder());
    runner.set("SKILLGATE_SCANNER_BIN", scanner);
    runner.set("BREAK_AT", "--event started");
    let run = runner.run(Runner::next_id(), "repository_dispatch", &event);
    let security = bench.security("demo/runs/quiet");
    assert_eq!(row(&security, "semgrep")["phase"], "PASS", "{security}\n{}", run.log);
    assert!(run.succeeded, "{}", run.log);
}

/// What a run shows; `text.rs` looks at every step there is.
#[test]
fn only_the_steps_that_report_have_the_secret() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let breaking = Breaking { bench: &bench, commit: repository.head().unwrap().to_owned() };
    let (run, _, runner) = breaking.run("secret", |_| {});
    let calls = fs::read_to_string(runner.folder().join("calls")).unwrap();
    let calls: Vec<&str> = calls.lines().map(str::trim_end).collect();
    let of = |command: &str| calls.iter().filter(|call| call.starts_with(command)).count();
    assert_eq!((of("github matrix"), of("github scan"), of("github report")), (1, 1, 2));
    for call in &calls {
        let has = call.ends_with("with the secret");
        assert_eq!(has, call.starts_with("github report"), "{call}\n{}", run.log);
    }
}
