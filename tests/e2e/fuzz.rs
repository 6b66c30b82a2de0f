//! Whatever the API's description allows, and much that it does not, is asked of the worker in
//! workerd: no 5xx, no status and no shape that is not described.

use crate::{
    harness::{Bench, workspace},
    local::{COMMIT, id, result},
};
use std::{fs, process::Command};
use xtask::{tools, ui::Ui};

const NAME: &str = "owner/repo/tool";

#[test]
fn nothing_that_is_asked_gets_an_answer_that_is_not_described() {
    let schemathesis = tools::ensure_schemathesis(&Ui::silent(), &workspace()).unwrap();
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let answer = bench.report(&result(&scans[0], NAME, COMMIT, [1, 0, 0, 0]));
    assert_eq!(answer.status, 200, "{}", answer.body);
    // What the examples of the document speak of.
    let document = fs::read_to_string(workspace().root().join("docs/openapi.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let claim = "/paths/~1api~1v1~1internal~1claim-sast-scan/post/requestBody/content/application~1json/examples/usual/value";
    let waiting = document.pointer(claim).unwrap()["scanId"].as_str().unwrap();
    let rename = "UPDATE external_scan_result SET id = ?1 WHERE id = ?2";
    assert_eq!(bench.d1().execute(rename, [waiting, id(&scans[1])]).unwrap(), 1);

    let root = workspace().root().to_path_buf();
    let log = bench.dir.path().join("fuzz.log");
    let file = fs::File::create(&log).unwrap();
    let status = Command::new(&schemathesis.path)
        .arg("--config-file")
        .arg(root.join("tests/e2e/schemathesis.toml"))
        .args(["run", "--no-color", "--checks", "all"])
        .args(["--workers", "2", "--url", &bench.stack.worker.base_url()])
        .arg(root.join("docs/openapi.json"))
        .env("FUZZ_ADMIN_TOKEN", &bench.stack.secrets.admin)
        .env("FUZZ_INTERNAL_KEY", &bench.stack.secrets.internal)
        .env("FUZZ_WEBHOOK_SECRET", &bench.stack.secrets.webhook)
        .env("FUZZ_SIGNATURE", format!("sha256={}", "0".repeat(64)))
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .env("PYTHONPATH", root.join("tests/e2e"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
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
