//! Whatever the API's description allows, and much that it does not, is asked of the worker in
//! workerd: no 5xx, no status and no shape that is not described.

use crate::{
    harness::{Bench, workspace},
    local::{COMMIT, result},
};
use std::{fs, process::Command};
use xtask::{tools, ui::Ui};

/// A run ends by itself after this long, in seconds.
const MAX_SECONDS: &str = "240";
const NAME: &str = "owner/repo/tool";

#[test]
fn nothing_that_is_asked_gets_an_answer_that_is_not_described() {
    let schemathesis = tools::ensure_schemathesis(&Ui::silent(), &workspace()).unwrap();
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let answer = bench.report(&result(&scans[0], NAME, COMMIT, [1, 0, 0, 0]));
    assert_eq!(answer.status, 200, "{}", answer.body);

    let root = workspace().root().to_path_buf();
    let log = bench.dir.path().join("fuzz.log");
    let file = fs::File::create(&log).unwrap();
    let status = Command::new(&schemathesis.path)
        .arg("--config-file")
        .arg(root.join("tests/e2e/schemathesis.toml"))
        .args(["run", "--no-color", "--checks", "all", "--max-time", MAX_SECONDS])
        .args(["--workers", "2", "--url", &bench.stack.worker.base_url()])
        .arg(root.join("docs/openapi.json"))
        .env("FUZZ_ADMIN_TOKEN", &bench.stack.secrets.admin)
        .env("FUZZ_INTERNAL_KEY", &bench.stack.secrets.internal)
        .env("FUZZ_SIGNATURE", "0".repeat(64))
        .current_dir(bench.dir.path())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .unwrap();
    let said = fs::read_to_string(&log).unwrap();
    println!("{}", said.lines().rev().take(30).collect::<Vec<_>>().join("\n"));
    assert!(status.success(), "{said}");
    let health = bench.stack.client.get("/api/v1/health", &[]).unwrap();
    assert_eq!(health.status, 200, "{}", health.body);
}
