//! Scanners that have no open port: the real ones, on the worker's real queue.

use crate::harness::{Bench, row, scanner, wait_for};
use std::{
    fs,
    path::Path,
    process::{Child, Command},
};
use tempfile::TempDir;
use xtask::{samples::Sample, stack::StackOptions};

/// The worker, with nobody to send to.
fn queue() -> Bench {
    let dir = TempDir::new().unwrap();
    let options = StackOptions::without_scanner(dir.path());
    Bench::start_as(dir, &options)
}

/// A scanner of its own folder that pulls from the bench's worker.
fn puller(bench: &Bench, dir: &Path, name: &str) -> Command {
    let folder = dir.join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut command = scanner(&folder);
    command
        .env("PLATFORM_URL", bench.stack.worker.base_url())
        .env("INTERNAL_KEY", &bench.stack.secrets.internal)
        .env("SCANNER_ALLOWED_REPO_HOSTS", format!("127.0.0.1:{}", bench.stack.git.port()))
        .env("SCANNER_NAME", name)
        .stderr(fs::File::create(dir.join(format!("{name}.log"))).unwrap());
    command
}

/// A scanner that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL is for whoever does not go.
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

fn serve(bench: &Bench, dir: &Path, name: &str) -> Running {
    Running(puller(bench, dir, name).args(["serve", "--pull"]).spawn().unwrap())
}

fn claimants(bench: &Bench) -> Vec<String> {
    let database = bench.database();
    let mut rows = database
        .prepare("SELECT DISTINCT json_extract(detail, '$.claimedBy') FROM audit_event WHERE action = 'scan.claimed'")
        .unwrap();
    let names = rows.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

#[test]
fn two_scanners_without_a_port_share_one_queue() {
    let bench = queue();
    let dir = TempDir::new().unwrap();
    let malicious = bench.publish("bad", &Sample::Malicious.builder());
    bench.publish("good", &Sample::Clean.builder());
    let scanners = ["first", "second"].map(|name| {
        let mut command = puller(&bench, dir.path(), name);
        // So that there is something left for the other.
        command.env("SCANNER_MAX_CONCURRENT", "1");
        Running(command.args(["serve", "--pull"]).spawn().unwrap())
    });

    let bad = bench.settled("bad");
    assert_eq!((&bad["overallVerdict"], &bad["commitSha"]), (&"FAIL".into(), &malicious.into()));
    assert_eq!(bench.settled("good")["overallVerdict"], "PASS");
    let check = bench.stack.client.check("bad", Some(&bench.stack.git.url("demo", "bad"))).unwrap();
    assert_eq!(check.json()["blocked"], true, "{}", check.body);

    let claimed = "SELECT count(*) FROM audit_event WHERE action = 'scan.claimed'";
    let ended = "SELECT count(*) FROM audit_event WHERE action = 'scan.result'";
    assert_eq!((bench.count(claimed), bench.count(ended)), (6, 6), "each once");
    let names = claimants(&bench);
    assert!(names.len() == 2, "{names:?}");
    drop(scanners);
}

#[test]
fn g21_a_scanner_that_is_told_to_stop_hands_back_what_it_has_not_finished() {
    let bench = queue();
    let dir = TempDir::new().unwrap();
    bench.publish("kept", &Sample::Clean.builder());
    let mut command = puller(&bench, dir.path(), "leaving");
    command.env("SCANNER_SHUTDOWN_GRACE_SECONDS", "0");
    let leaving = Running(command.args(["serve", "--pull"]).spawn().unwrap());
    wait_for(
        || (row(&bench.security("kept"), "njsscan")["phase"] == "RUNNING").then_some(()),
        || fs::read_to_string(dir.path().join("leaving.log")).unwrap_or_default(),
    );
    drop(leaving);
    let open = "SELECT count(*) FROM external_scan_result WHERE status = 'RUNNING'";
    assert_eq!(bench.count(open), 0, "{}", bench.security("kept"));

    let _next = serve(&bench, dir.path(), "next");
    assert_eq!(bench.settled("kept")["overallVerdict"], "PASS");
}

#[test]
fn pull_once_works_the_queue_off_and_ends() {
    let bench = queue();
    let dir = TempDir::new().unwrap();
    bench.publish("once", &Sample::Clean.builder());
    let once = |name: &str| {
        let mut command = puller(&bench, dir.path(), name);
        let log = fs::read_to_string(dir.path().join(format!("{name}.log")));
        (command.args(["pull", "--once"]).status().unwrap().code(), log.unwrap_or_default())
    };
    assert_eq!(once("laptop").0, Some(0));
    assert_eq!(bench.security("once")["overallVerdict"], "PASS", "at once: nothing is under way");
    assert_eq!(once("laptop-again").0, Some(0), "nothing to do is no failure");

    let mut wrong = puller(&bench, dir.path(), "stranger");
    wrong.env("INTERNAL_KEY", "not-the-key-of-this-worker").args(["pull", "--once"]);
    assert_eq!(wrong.status().unwrap().code(), Some(2));
    let log = fs::read_to_string(dir.path().join("stranger.log")).unwrap();
    assert!(log.contains("401") && !log.contains("not-the-key"), "{log}");
}
