//! GitHub Actions as the compute, without GitHub: a stand-in of its API runs the very workflow, and the jobs report to the
//! real worker.

mod api;
mod breaking;
mod hostile;
mod issuer;
mod kept;
mod keyless;
mod last_resort;
mod programs;
mod publishing;
mod refusing;
mod text;
mod workflow;

use crate::harness::Bench;
use api::GithubApi;
use serde_json::{Value, json};
use workflow::{REPOSITORY, Runner};
use xtask::stack::Secrets;

/// The worker's token for GitHub's API.
const TOKEN: &str = "canary-of-the-token-for-githubs-api";

/// A worker without a scanner, and where its skills are.
fn bench() -> Bench {
    Bench::start_with(|options| options.scanner = None)
}

/// A worker that starts runs at this API, with these settings beside the usual ones.
fn github_bench(
    api: &GithubApi,
    more: &[(&str, &str)],
    change: impl FnOnce(&mut Secrets),
) -> Bench {
    Bench::start_with(|options| {
        options.scanner = None;
        let mut secrets = Secrets::generate().unwrap();
        secrets.github = Some(TOKEN.to_owned());
        change(&mut secrets);
        options.secrets = Some(secrets);
        let api = api.url();
        let usual =
            [("DISPATCH", "github"), ("GITHUB_REPOSITORY", REPOSITORY), ("GITHUB_API_URL", &api)];
        let vars = usual.iter().chain(more).map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        options.worker_vars.extend(vars);
    })
}

/// A repository with the workflow that reports to this worker.
fn runner(bench: &Bench, secret: Option<&str>) -> Runner {
    let git_host = format!("127.0.0.1:{}", bench.stack.git.port());
    Runner::new(&bench.stack.worker.base_url(), &git_host, secret)
}

/// Publishes `demo/NAME/NAME` and makes by hand the event that the worker would send.
fn publish_by_hand(bench: &Bench, name: &str, commit: &str, providers: &[&str]) -> Value {
    let skill = format!("demo/runs/{name}");
    let repo = bench.stack.git.url("demo", "runs");
    let body = json!({"name": skill, "repoUrl": repo, "commitSha": commit, "providers": providers});
    let answer = bench.stack.client.publish(&body).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    let scans = answer.json()["scans"].as_array().unwrap().clone();
    let ids: serde_json::Map<_, _> = scans
        .iter()
        .map(|scan| (scan["provider"].as_str().unwrap().to_owned(), scan["scanId"].clone()))
        .collect();
    event(
        bench,
        &json!({
            "skill_name": skill, "repo_url": repo, "commit_sha": commit, "providers": providers, "scan_ids": ids,
        }),
    )
}

/// A `repository_dispatch` with this payload, as a run gets it; reports go to this worker.
fn event(bench: &Bench, payload: &Value) -> Value {
    let mut payload = payload.clone();
    if payload["callback_url"].is_null() {
        let url = format!("{}{}", bench.stack.worker.base_url(), crate::harness::WEBHOOK);
        payload["callback_url"] = url.into();
    }
    json!({"action": "external-scan", "branch": "main", "client_payload": payload})
}

/// Does each of these, four at a time: a run mostly waits.
fn four_at_a_time<T: Sync>(cases: &[T], each: impl Fn(&T) + Sync) {
    for four in cases.chunks(4) {
        std::thread::scope(|scope| {
            let running: Vec<_> = four.iter().map(|case| scope.spawn(|| each(case))).collect();
            for one in running {
                one.join().unwrap_or_else(|why| std::panic::resume_unwind(why));
            }
        });
    }
}
