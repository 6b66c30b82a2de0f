//! GitHub does not take what the worker sends.

use super::{
    TOKEN,
    api::{Fault, GithubApi},
    github_bench,
};
use crate::{
    harness::{Bench, row, wait_for},
    local::COMMIT,
};
use serde_json::{Value, json};
use skillgate_test_http::Answer;

fn publish(bench: &Bench, skill: &str) {
    let repo = bench.stack.git.url("demo", "repo");
    let body = json!({"name": skill, "repoUrl": repo, "commitSha": COMMIT});
    assert_eq!(bench.stack.client.publish(&body).unwrap().status, 202);
}

#[test]
fn a_wrong_token_is_said_and_not_shown() {
    let api = GithubApi::start("another token than the worker's");
    let bench = github_bench(&api, &[], |_| {});
    publish(&bench, "demo/refused/wrong-token");
    let waiting = wait_for(
        || {
            let answer =
                bench.stack.client.admin("GET", "/api/v1/admin/dispatches", &Value::Null).unwrap();
            answer.body.contains("401").then_some(answer.body)
        },
        || format!("{:?}", api.answered()),
    );
    assert!(waiting.contains("Bad credentials") && !waiting.contains(TOKEN), "{waiting}");
    assert_eq!(row(&bench.security("wrong-token"), "semgrep")["status"], "PENDING");
    assert!(!bench.written().contains(TOKEN));
}

/// GitHub fails in some way when a skill is published; what the admin is told of it, and what happens
/// once GitHub works and the time has come.
fn waits_and_goes_out(bench: &Bench, api: &GithubApi, skill: &str, fault: Fault, why: &str) {
    let of = |more: &str| {
        let rows = format!("FROM external_scan_result WHERE skill_name = '{skill}' AND {more}");
        bench.count(&format!("SELECT count(*) {rows}"))
    };
    api.fails(Some(fault));
    publish(bench, skill);
    let noted = "status = 'PENDING' AND dispatch_error IS NOT NULL";
    wait_for(|| (of(noted) == 3).then_some(()), || format!("{skill}: {:?}", api.answered()));
    let answer = bench.stack.client.admin("GET", "/api/v1/admin/dispatches", &Value::Null).unwrap();
    let shown = answer.json();
    let scans = shown["waiting"].as_array().unwrap().iter();
    let scans: Vec<_> = scans.filter(|scan| scan["skillName"] == skill).collect();
    assert_eq!(scans.len(), 3, "{shown}");
    for scan in scans {
        assert!(scan["error"].as_str().unwrap().contains(why), "{scan}");
        assert_eq!(scan["status"], "PENDING");
    }

    // Not before its time, and then the three of them in one request.
    let asked = api.answered().len();
    api.fails(None);
    bench.cron();
    assert_eq!(api.answered().len(), asked, "{skill}: asked again at once");
    let later =
        "UPDATE external_scan_result SET dispatch_due_at = 1 WHERE dispatch_due_at IS NOT NULL;
                 UPDATE dispatch_circuit SET open_until = 1";
    bench.d1().execute_batch(later).unwrap();
    bench.cron();
    assert_eq!(of("status = 'PENDING' AND dispatch_due_at IS NULL AND deadline_at IS NOT NULL"), 3);
    let answered = api.answered();
    assert_eq!((answered.len(), answered.last().unwrap().0), (asked + 1, 204), "{answered:?}");
    assert_eq!(of("1 = 1"), 3, "none lost, none doubled");
}

#[test]
fn g20_whatever_github_does_each_scan_waits_with_the_reason_and_then_goes_out() {
    let api = GithubApi::start(TOKEN);
    let bench = github_bench(&api, &[], |_| {});
    let says = |status: u16, message: &str, headers: &[(&'static str, &'static str)]| {
        let reply = (status, json!({"message": message}).to_string());
        Fault::Answers(Answer { reply, headers: headers.to_vec() })
    };
    let faults = [
        (says(401, "Bad credentials", &[]), "401"),
        (says(403, "Resource not accessible", &[]), "403"),
        (says(403, "Forbidden", &[("x-ratelimit-remaining", "0")]), "limit"),
        (says(404, "Not Found", &[]), "404"),
        (says(422, "Unexpected inputs provided", &[]), "Unexpected inputs"),
        (says(429, "Slow down", &[("retry-after", "60")]), "limit"),
        (says(500, "Server Error", &[]), "500"),
        (Fault::Hangs, "10 s"),
    ];
    for (n, (fault, why)) in faults.into_iter().enumerate() {
        waits_and_goes_out(&bench, &api, &format!("demo/refused/skill-{n}"), fault, why);
    }
}
