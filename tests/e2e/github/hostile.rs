//! Events with text that a shell would act on: nothing of it is run, and the run says what it refuses.

use super::{bench, event, four_at_a_time, publish_by_hand, runner, workflow::Runner};
use crate::harness::row;
use serde_json::{Value, json};
use skillgate_test_http::Server;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use xtask::samples::Sample;

#[test]
fn names_and_urls_in_an_event_run_nothing() {
    let bench = bench();
    let repository = Sample::Clean.builder().write(bench.stack.repos(), "demo", "runs").unwrap();
    let good = publish_by_hand(&bench, "good", repository.head().unwrap(), &["semgrep"]);
    let good = &good["client_payload"];
    let heard = Arc::new(AtomicUsize::new(0));
    let elsewhere = Server::start({
        let heard = Arc::clone(&heard);
        move |_| {
            heard.fetch_add(1, Ordering::SeqCst);
            (200, "{}".into())
        }
    });
    let runner = runner(&bench, Some(&bench.stack.secrets.webhook));
    let marker = runner.folder().join("marker");
    let touch = format!("touch {}", marker.display());
    let curl = format!("curl {}/x", elsewhere.url());
    let refused = |field: &str, value: Value, event_name: &str| {
        let mut payload = good.clone();
        payload[field] = value;
        let mut event = event(&bench, &payload);
        if event_name == "workflow_dispatch" {
            let mut inputs = event["client_payload"].take();
            for name in ["providers", "scan_ids"] {
                if !inputs[name].is_string() {
                    inputs[name] = inputs[name].to_string().into();
                }
            }
            event = json!({"inputs": inputs, "ref": "refs/heads/main"});
        }
        let run = || {
            let run = runner.run(Runner::next_id(), event_name, &event);
            assert!(!run.succeeded, "{field}\n{}", run.log);
            assert!(!marker.exists(), "{field}\n{}", run.log);
            assert_eq!(heard.load(Ordering::SeqCst), 0, "{field}\n{}", run.log);
            run.log
        };
        // act may lose what a step wrote that ended within milliseconds: seen once, with exit status 2 and no line.
        let log = run();
        // A folder of any name is refused by nobody.
        if field == "skill_path" || log.contains("refused") { log } else { run() }
    };
    let cases = [
        ("skill_name", json!(format!("a$({touch})")), "repository_dispatch"),
        ("skill_name", json!(format!("a`{touch}`")), "workflow_dispatch"),
        ("repo_url", json!(format!("https://github.com/o/r\"; {curl}; \"")), "repository_dispatch"),
        ("repo_url", json!(format!("https://github.com/o/r'; {touch}; '")), "workflow_dispatch"),
        ("providers", json!([format!("$({touch})")]), "repository_dispatch"),
        ("scan_ids", json!([format!("$({touch})")]), "repository_dispatch"),
        ("commit_sha", json!(format!("\n{touch}\n")), "repository_dispatch"),
        ("skill_path", json!(format!("$({touch})")), "workflow_dispatch"),
    ];
    four_at_a_time(&cases, |(field, value, event_name)| {
        let log = refused(field, value.clone(), event_name);
        let parent = if *event_name == "workflow_dispatch" { "inputs" } else { "client_payload" };
        let said = format!("refused: /{parent}/{field}");
        // A folder may have any name; what then fails is the scan.
        assert!(*field == "skill_path" || log.contains(&said), "{said}\n{log}");
    });

    // A report goes to the configured worker or nowhere: the secret's MAC is of use to nobody else.
    let url = format!("{}{}", elsewhere.url(), crate::harness::WEBHOOK);
    let log = refused("callback_url", json!(url), "repository_dispatch");
    assert!(log.contains("refused: reports"), "{log}");

    // The scan that these events named by its id was reported as failed, once.
    let security = bench.security("demo/runs/good");
    assert_eq!(row(&security, "semgrep")["phase"], "ERROR", "{security}");
}
