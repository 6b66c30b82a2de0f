//! The main job in github mode: a publish starts one run, three jobs run the real tools, and the verdicts are where everybody
//! looks.

use super::{TOKEN, api::GithubApi, github_bench, runner, workflow::Run};
use crate::harness::{Bench, PROVIDERS, row, rows, wait_for};
use serde_json::Value;
use std::fs;
use xtask::samples::Sample;

fn publish(bench: &Bench, sample: Sample) -> String {
    let repository = sample.write(bench.stack.repos()).unwrap();
    let (owner, name) = sample.repository();
    let (url, commit) = (bench.stack.git.url(owner, name), repository.head().unwrap().to_owned());
    let answer = bench.stack.client.publish(&sample.publication(&url, &commit)).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    commit
}

/// The one run that a publish has started, at its end.
pub(super) fn the_run(api: &GithubApi) -> Run {
    let mut runs = wait_for(
        || Some(api.ended_runs()).filter(|runs| !runs.is_empty()),
        || format!("no run was started: {:?}", api.answered()),
    );
    assert_eq!(runs.len(), 1, "one publish, one run");
    runs.remove(0)
}

#[test]
fn a_publish_starts_one_run_whose_three_jobs_bring_the_verdicts() {
    let api = GithubApi::start(TOKEN);
    let bench = github_bench(&api, &[], |_| {});
    api.run_on(runner(&bench, Some(&bench.stack.secrets.webhook)));

    let bad_commit = publish(&bench, Sample::Malicious);
    let run = the_run(&api);
    let bad = bench.security("cloud-notes");
    assert_eq!(bad["overallVerdict"], "FAIL", "{bad}\n{}", run.log);
    assert_eq!((&bad["commitSha"], &bad["current"]), (&bad_commit.clone().into(), &true.into()));
    assert_eq!(row(&bad, "semgrep")["status"], "FAIL");
    for provider in PROVIDERS {
        assert_eq!(row(&bad, provider)["commitSha"], bad_commit, "{bad}");
    }
    // A skill that fails is no run that fails.
    assert!(run.succeeded, "{}", run.log);
    everywhere(&bench, &bad_commit, &run);
    artifacts(&run, &bad_commit);

    let good_commit = publish(&bench, Sample::Clean);
    let run = the_run(&api);
    let good = bench.security("photo-dates");
    assert_eq!(good["overallVerdict"], "PASS", "{good}\n{}", run.log);
    for row in rows(&good) {
        assert_eq!(
            (&row["phase"], &row["commitSha"]),
            (&"PASS".into(), &good_commit.clone().into())
        );
    }
    assert!(api.answered().iter().all(|(status, _)| *status == 204), "{:?}", api.answered());
    let units = bench.count("SELECT sum(counts_against_budget) FROM dispatch");
    assert_eq!(units, 2, "one publish takes one unit of the budget");
    let secrets = &bench.stack.secrets;
    for secret in [&secrets.webhook, &secrets.admin, TOKEN] {
        assert!(!run.log.contains(secret) && !bench.written().contains(secret));
    }
}

/// In D1, in KV, on the page, on the run's own page, and with the installer.
fn everywhere(bench: &Bench, commit: &str, run: &Run) {
    let skill = Sample::Malicious.name();
    let page = format!("/actions/runs/{}", run.id);
    let stored = format!(
        "SELECT count(*) FROM external_scan_result WHERE skill_name = '{skill}' AND commit_sha = '{commit}'
            AND status IN ('PASS', 'FAIL') AND github_run_url LIKE '%{page}'"
    );
    assert_eq!(bench.count(&stored), 3);
    wait_for(
        || bench.kv_differs(skill).is_none().then_some(()),
        || bench.kv_differs(skill).unwrap_or_default(),
    );
    let html = bench.stack.client.get(&format!("/skills/{skill}/security"), &[]).unwrap();
    assert!(html.body.contains(&format!("/commit/{commit}\"")), "{}", html.body);
    assert!(html.body.contains("Installation is blocked"), "{}", html.body);
    let check = bench.stack.client.check("cloud-notes", None).unwrap().json();
    assert_eq!(check["blocked"], true, "{check}");
    for provider in PROVIDERS {
        assert!(run.log.contains(&format!("<h3>{provider}</h3>")), "{}", run.log);
    }
    let raw = ["AKIA", "QYLPMN5H", "HH4EJ7XW"].concat();
    assert!(!run.log.contains(&raw), "g36: the key is in the run's log");
}

/// Each scan's SARIF is kept, in the form that GitHub's code scanning takes.
fn artifacts(run: &Run, commit: &str) {
    for provider in PROVIDERS {
        let file = run.artifacts.join(format!("scan-{provider}/scan.sarif"));
        let log: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let scan = &log["runs"][0];
        assert_eq!(scan["tool"]["driver"]["name"], provider);
        assert_eq!(scan["versionControlProvenance"][0]["revisionId"], commit);
        assert_eq!(scan["invocations"][0]["executionSuccessful"], true);
        let rules = scan["tool"]["driver"]["rules"].as_array().unwrap();
        for result in scan["results"].as_array().unwrap() {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let uri = place.as_str().unwrap();
            assert!(!uri.starts_with('/') && !uri.contains(".."), "{uri}");
        }
    }
    let semgrep = fs::read_to_string(run.artifacts.join("scan-semgrep/scan.sarif")).unwrap();
    assert!(semgrep.contains("SKILL.md"), "{semgrep}");
}
