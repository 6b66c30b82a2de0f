//! SIGTERM and SIGINT to `skillgate-scanner scan`, with a stand-in for a tool that never ends.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

mod common;

use common::git;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// How many processes are in a group, dead ones that nobody has reaped left out.
fn alive_in_group(group: &str) -> usize {
    let in_group = |stat: String| {
        // `pid (name) state ppid pgrp …`; the name may hold anything.
        let rest = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned())?;
        let mut fields = rest.split(' ');
        let (state, pgrp) = (fields.next()?, fields.nth(1)?);
        Some(pgrp == group && state != "Z")
    };
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok())
        .filter(|stat| in_group(stat.clone()) == Some(true))
        .count()
}

fn eventually(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn stopped_by(signal: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (repo, work) = (folder.path().join("r"), folder.path().join("w"));
    let (tool, group) = (folder.path().join("tool"), folder.path().join("group"));
    fs::create_dir(&repo).unwrap();
    git(&repo, &["init", "-q"]);
    fs::write(repo.join("a.js"), "const a = 1;\n").unwrap();
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "a"]);
    // A child and a grandchild, which end by nothing but a signal.
    let script = format!(
        "#!/bin/sh\n(sleep 300; :) &\nsleep 300 &\necho $$ > {0}.new && mv {0}.new {0}\nwait\n",
        group.display()
    );
    fs::write(&tool, script).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();

    let scan = Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"))
        .args(["scan", "--provider", "njsscan", "--result-file"])
        .arg(folder.path().join("out.json"))
        .arg(&repo)
        .env("NJSSCAN_BIN", &tool)
        .env("SCANNER_WORK_DIR", &work)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the tool did not start", || group.exists());
    let leader = fs::read_to_string(&group).unwrap().trim().to_owned();
    assert!(alive_in_group(&leader) >= 3);

    let pid = scan.id().to_string();
    assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    let output = scan.wait_with_output().unwrap();
    // Before anything is asserted: a test that fails leaves no process either.
    thread::sleep(Duration::from_millis(500));
    let left = alive_in_group(&leader);
    if left > 0 {
        let group = format!("-{leader}");
        Command::new("kill").args(["-s", "KILL", "--", &group]).status().unwrap();
    }
    assert_eq!(left, 0, "processes of the tool are left");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("stopped by SIG{signal}")), "{said}");
    assert!(output.stdout.is_empty());
    // What is reported of it afterwards says so too.
    let out = fs::read_to_string(folder.path().join("out.json")).unwrap();
    assert!(out.contains(r#""event":"failed""#) && out.contains("stopped by SIG"), "{out}");
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0, "scratch is left");
}

#[test]
fn a_scan_that_is_terminated_leaves_nothing_behind() {
    stopped_by("TERM");
}

#[test]
fn a_scan_that_is_interrupted_leaves_nothing_behind() {
    stopped_by("INT");
}
