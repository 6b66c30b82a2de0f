//! Things that break in the middle of a scan.

use crate::harness::{Bench, row, wait_for};
use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use xtask::{
    samples::Sample,
    stack::{RepoBuilder, StackOptions},
};

/// A skill that takes a tool some seconds.
fn large() -> RepoBuilder {
    let script = "export function add(a, b) {\n  return a + b;\n}\n".repeat(200);
    (0..60)
        .fold(RepoBuilder::new(), |repo, i| repo.file(format!("src/part{i}.js"), script.clone()))
        .commit("a large skill")
}

/// The processes below `ancestor` whose program has `part` in its path.
fn below(ancestor: u32, part: &str) -> Vec<u32> {
    let parent = |id: u32| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()
    };
    let is_below = |mut id: u32| loop {
        match parent(id) {
            Some(up) if up == ancestor => return true,
            Some(up) if up > 1 => id = up,
            _ => return false,
        }
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|id| {
            // Not by its arguments: the native engine is started under another name.
            let program = fs::read_link(format!("/proc/{id}/exe")).unwrap_or_default();
            program.to_string_lossy().contains(part) && is_below(*id)
        })
        .collect()
}

fn kill(id: u32) {
    let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
}

/// g01: whoever runs semgrep loses its engine to SIGKILL, as the kernel does when memory ends.
fn engine_is_killed(provider: &str) {
    let bench = Bench::start();
    let scanner = bench.stack.scanner.as_ref().unwrap().id();
    let (done, killed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let hunter = thread::spawn({
        let (done, killed) = (Arc::clone(&done), Arc::clone(&killed));
        move || {
            while !done.load(Ordering::Relaxed) {
                for id in below(scanner, "semgrep-core") {
                    kill(id);
                    killed.store(true, Ordering::Relaxed);
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
    });
    let repository = large().write(bench.stack.repos(), "demo", "large").unwrap();
    let body = serde_json::json!({
        "name": "demo/large/large", "repoUrl": bench.stack.git.url("demo", "large"),
        "commitSha": repository.head(), "providers": [provider],
    });
    assert_eq!(bench.stack.client.publish(&body).unwrap().status, 202);
    let phase = wait_for(
        || {
            let phase = row(&bench.security("large"), provider)["phase"].clone();
            (phase != "PENDING" && phase != "RUNNING").then_some(phase)
        },
        || bench.logs(),
    );
    done.store(true, Ordering::Relaxed);
    hunter.join().unwrap();
    assert!(killed.load(Ordering::Relaxed), "no engine was met: {}", bench.logs());
    assert!(
        phase == "ERROR" || phase == "INCOMPLETE",
        "{phase}: {}",
        bench.scan("large", provider)
    );
}

#[test]
fn g01_semgrep_without_its_engine_is_never_a_pass() {
    engine_is_killed("semgrep");
}

#[test]
fn g01_njsscan_without_its_engine_is_never_a_pass() {
    engine_is_killed("njsscan");
}

#[test]
fn a_scanner_that_dies_leaves_the_scan_waiting() {
    let mut bench = Bench::start();
    bench.publish("large", &large());
    bench.wait_for_phase("large", "semgrep", "RUNNING");
    bench.stack.scanner.take().unwrap().kill();
    thread::sleep(Duration::from_secs(2));
    let security = bench.security("large");
    let phase = &row(&security, "semgrep")["phase"];
    assert!(phase == "RUNNING" || phase == "PENDING", "{phase}");
    assert_eq!(security["overallVerdict"], "PENDING");
}

#[test]
fn g19_a_worker_that_dies_loses_nothing_that_it_answered() {
    let nobody = |options: &mut StackOptions| {
        options.worker_vars.push(("SCANNER_WORKERS".into(), "http://127.0.0.1:9".into()));
    };
    let bench = Bench::start_with(nobody);
    bench.publish("kept", &Sample::Clean.builder());
    let before = bench.security("kept");
    assert_eq!(before["overallVerdict"], "PENDING");
    let dir = bench.crash();

    let again = Bench::start_in(dir, nobody);
    assert_eq!(again.security("kept")["publishedCommitSha"], before["publishedCommitSha"]);
    assert_eq!(row(&again.security("kept"), "semgrep")["phase"], "PENDING");
}
