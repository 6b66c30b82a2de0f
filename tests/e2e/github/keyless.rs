//! Without any secret that both sides know: the jobs show GitHub's tokens, and the worker believes those of its own workflow
//! about the very body that they came with.

use super::{
    TOKEN, api::GithubApi, event, github_bench, issuer::Issuer, publishing::the_run, runner,
};
use crate::harness::{Bench, row, scanner};
use serde_json::{Value, json};
use std::{fs, process::Output};
use xtask::{samples::Sample, stack::RepoBuilder};

fn keyless(api: &GithubApi, issuer: &Issuer) -> Bench {
    let settings = issuer.settings();
    let mut vars: Vec<_> = settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    vars.push(("GITHUB_DISPATCH_EVENT", "workflow_dispatch"));
    github_bench(api, &vars, |secrets| secrets.webhook = String::new())
}

fn publish(bench: &Bench, name: &str, repo: &RepoBuilder) -> Value {
    let repository = repo.write(bench.stack.repos(), "demo", name).unwrap();
    let body = json!({
        "name": format!("demo/{name}/{name}"), "repoUrl": bench.stack.git.url("demo", name),
        "commitSha": repository.head(), "providers": ["semgrep"],
    });
    let answer = bench.stack.client.publish(&body).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    let mut scan = answer.json()["scans"][0].clone();
    scan["skill"] = body["name"].clone();
    scan["repoUrl"] = body["repoUrl"].clone();
    scan
}

/// `report` as a job of a run would call it, with nothing but what its runner gives it.
fn report(bench: &Bench, issuer: &Issuer, scan: &Value) -> Output {
    let event = event(
        bench,
        &json!({
            "skill_name": scan["skill"], "repo_url": scan["repoUrl"], "providers": ["semgrep"],
            "scan_ids": {"semgrep": scan["scanId"]},
        }),
    );
    let file = bench.dir.path().join("event.json");
    fs::write(&file, event.to_string()).unwrap();
    scanner(bench.dir.path())
        .args([
            "github",
            "report",
            "--event",
            "failed",
            "--error",
            "a keyless word",
            "--give-up-after",
            "1",
        ])
        .env("GITHUB_EVENT_PATH", file)
        .env("PLATFORM_URL", bench.stack.worker.base_url())
        .envs(issuer.runner_env())
        .output()
        .unwrap()
}

#[test]
fn a_run_without_a_secret_is_believed_by_its_token() {
    let (api, issuer) = (GithubApi::start(TOKEN), Issuer::start());
    let bench = keyless(&api, &issuer);
    let mut runner = runner(&bench, None);
    for (name, value) in issuer.runner_env() {
        runner.set(name, value);
    }
    api.run_on(runner);
    publish(&bench, "photos", &Sample::Clean.builder());
    let run = the_run(&api);
    let security = bench.security("photos");
    assert_eq!(row(&security, "semgrep")["phase"], "PASS", "{security}\n{}", run.log);
    assert!(run.succeeded, "{}", run.log);
    // One for `started`, one for the result: each body has its own.
    assert_eq!(issuer.given(), 2, "{}", run.log);
    // This way of starting a run names it at once.
    let (status, answer) = api.answered().remove(0);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["workflow_run_id"]), (200, &run.id.into()));

    // Where the scanner cannot be had, the last resort shows a token too.
    let mut broken = super::runner(&bench, None);
    for (name, value) in issuer.runner_env() {
        broken.set(name, value);
    }
    broken.set("SKILLGATE_SCANNER_BIN", "/nowhere/scanner");
    api.run_on(broken);
    publish(&bench, "other", &Sample::Clean.builder());
    let run = the_run(&api);
    let security = bench.security("other");
    assert_eq!(row(&security, "semgrep")["phase"], "ERROR", "{security}\n{}", run.log);
}

#[test]
fn tokens_that_are_forged_old_or_of_something_else_are_refused() {
    let (api, issuer) = (GithubApi::start(TOKEN), Issuer::start());
    let bench = keyless(&api, &issuer);
    // Nobody runs anything here: the scan waits, and only this test reports.
    let scan = publish(&bench, "waits", &Sample::Clean.builder());
    let phase = || row(&bench.security("waits"), "semgrep")["phase"].clone();
    let before = phase();
    let set = |name: &'static str, value: Value| {
        move |claims: &mut Value| {
            claims[name] = value.clone();
            0
        }
    };
    let refused = |what: &str| {
        let output = report(&bench, &issuer, &scan);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert!(said.contains("401"), "{what}: {said}");
        assert!(!said.contains("canary") && !said.contains("eyJ"), "{what}: {said}");
        assert_eq!(phase(), before, "{what}: {said}");
    };
    issuer.forge(|_| 1);
    refused("a stranger's signature");
    let platform = bench.stack.worker.base_url();
    for (name, value) in [
        ("repository_id", json!("4712")),
        ("job_workflow_ref", json!("registry/skillgate/.github/workflows/ci.yml@refs/heads/main")),
        (
            "job_workflow_ref",
            json!("registry/skillgate/.github/workflows/github-scan.yml@refs/heads/x"),
        ),
        ("ref", json!("refs/heads/x")),
        ("iss", json!("https://token.actions.githubusercontent.com")),
        ("aud", json!(platform)),
        ("aud", json!(skillgate_contract::oidc::audience(&platform, b"another body"))),
        ("aud", json!("https://github.com/registry")),
        ("exp", json!(1_769_990_400)),
        ("nbf", json!(4_102_444_800_i64)),
    ] {
        issuer.forge(set(name, value.clone()));
        refused(&format!("{name} {value}"));
    }
    issuer.be_honest();
    let output = report(&bench, &issuer, &scan);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(phase(), "ERROR");
    assert_eq!(bench.scan("waits", "semgrep")["error"], "a keyless word");
}
