//! Starting runs on GitHub Actions.

use crate::harness::{
    COMMIT, COUNT, HOUR, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, Sent,
    failed, result, scan_secret, started, tool, with,
};
use serde_json::{Value as Json, json};
use skillgate_contract::github::Payload;

pub(crate) const TOKEN: &str = "github-token-of-the-tests";
pub(crate) const URL: &str = "https://api.github.com/repos/owner/scans/dispatches";
const WORKFLOW_URL: &str =
    "https://api.github.com/repos/owner/scans/actions/workflows/github-scan.yml/dispatches";
pub(crate) const GITHUB: [(&str, &str); 4] = [
    ("DISPATCH", "github"),
    ("GITHUB_REPOSITORY", "owner/scans"),
    ("GITHUB_TOKEN", TOKEN),
    ("SCANNER_WORKERS", ""),
];

/// A worker that starts runs, which GitHub takes unless told otherwise.
pub(crate) fn github(more: &[(&str, &str)]) -> Harness {
    let h = Harness::with(&[more, &GITHUB].concat());
    h.scanners().serves(URL, Ok((204, "")));
    h
}

pub(crate) fn publish(h: &Harness, name: &str) -> Json {
    let (status, answer) = h.publish(&json!({"name": name, "repoUrl": REPO, "commitSha": COMMIT}));
    assert_eq!(status, 202, "{answer}");
    h.run_sends();
    answer
}

/// What GitHub was sent from the `n`-th request on.
pub(crate) fn since(h: &Harness, n: usize) -> Vec<Sent> {
    h.sent().into_iter().skip(n).collect()
}

pub(crate) fn waiting(h: &Harness) -> (Vec<Json>, Vec<Json>) {
    let (status, answer) = h.admin("GET", "dispatches", &json!(null));
    assert_eq!(status, 200);
    let list = |name: &str| answer[name].as_array().unwrap().clone();
    (list("waiting"), list("failingScanners"))
}

/// The scan ids as a JSON object, in the order of the providers.
fn ids_by_provider(ids: &[impl AsRef<str>]) -> String {
    let members = ids.iter().zip(PROVIDERS).map(|(id, name)| format!("{name:?}:{:?}", id.as_ref()));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

#[test]
fn one_publish_is_one_request_that_says_just_this() {
    let h = github(&[]);
    let (_, answer) = h.publish(&with(tool(), &json!({"skillPath": "skills/tool"})));
    assert!(h.sent().is_empty(), "nothing is sent before the answer is out");
    h.run_sends();
    let ids: Vec<_> =
        (0..COUNT).map(|at| answer["scans"][at]["scanId"].as_str().unwrap()).collect();
    let sent = &h.sent()[..];
    assert_eq!(sent.len(), 1);
    assert_eq!((&*sent[0].url, &*sent[0].bearer), (URL, TOKEN));
    assert_eq!(
        sent[0].headers,
        [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(
        sent[0].text,
        format!(
            concat!(
                r#"{{"event_type":"external-scan","client_payload":{{"skill_name":"owner/repo/tool","#,
                r#""repo_url":"https://github.com/owner/repo","#,
                r#""callback_url":"https://skills.example/api/v1/webhooks/scan-results","#,
                r#""commit_sha":"0123456789abcdef0123456789abcdef01234567","#,
                r#""providers":{},"scan_ids":{},"#,
                r#""attempt":1,"skill_path":"skills/tool"}}}}"#
            ),
            json!(PROVIDERS),
            ids_by_provider(&ids)
        )
    );
    let secrets = [SECRET, TOKEN, "scanner-secret", &*scan_secret(SECRET, ids[0], 1)];
    assert!(!secrets.iter().any(|secret| sent[0].text.contains(secret)), "all may see the run");
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
}

#[test]
fn a_run_reports_with_the_master_secret_and_the_verdict_stands() {
    let h = github(&[]);
    h.publish_tool();
    let payload = Payload::from_event(h.sent()[0].text.as_bytes()).unwrap();
    for job in payload.jobs {
        let (id, provider) = (job.scan_id.unwrap(), job.provider.as_str());
        let said = json!({"attempt": payload.attempt, "githubRunId": "7", "githubRunUrl": "https://github.com/owner/scans/actions/runs/7"});
        let begun = with(started(id.as_str(), provider), &said);
        assert_eq!(h.callback_by(SECRET, &begun).0, 200);
        let report = with(result(id.as_str(), provider, [0; 4]), &said);
        assert_eq!(h.callback_by(SECRET, &report).0, 200);
    }
    assert_eq!(h.security()["overallVerdict"], "PASS");
    let (_, detail) = h.get("/api/v1/skills/tool/security/semgrep");
    assert_eq!(detail["githubRunUrl"], "https://github.com/owner/scans/actions/runs/7");
}

#[test]
fn only_what_needs_a_scan_is_asked_for() {
    let h = github(&[]);
    let ids = h.publish_tool();
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    publish(&h, NAME);
    let asked: Vec<_> =
        h.sent().iter().map(|sent| sent.body["client_payload"]["providers"].clone()).collect();
    assert_eq!(asked, [json!(PROVIDERS), json!(["njsscan"])]);
}

#[test]
fn a_workflow_dispatch_names_its_run_at_once() {
    let h = github(&[("GITHUB_DISPATCH_EVENT", "workflow_dispatch"), ("GITHUB_REF", "scans-v1")]);
    let run = r#"{"workflow_run_id":42,"run_url":"https://api.github.com/repos/owner/scans/actions/runs/42","html_url":"https://github.com/owner/scans/actions/runs/42"}"#;
    h.scanners().serves(WORKFLOW_URL, Ok((200, run)));
    let ids = h.publish_tool();
    assert_eq!(
        h.sent()[0].text,
        format!(
            concat!(
                r#"{{"ref":"scans-v1","inputs":{{"skill_name":"owner/repo/tool","#,
                r#""repo_url":"https://github.com/owner/repo","#,
                r#""callback_url":"https://skills.example/api/v1/webhooks/scan-results","#,
                r#""commit_sha":"0123456789abcdef0123456789abcdef01234567","#,
                r#""providers":{},"scan_ids":{},"#,
                r#""attempt":"1"}},"return_run_details":true}}"#
            ),
            json!(json!(PROVIDERS).to_string()),
            json!(ids_by_provider(&ids))
        )
    );
    let page = "https://github.com/owner/scans/actions/runs/42";
    let shown = |provider: &str| {
        let (_, detail) = h.get(&format!("/api/v1/skills/tool/security/{provider}"));
        detail["githubRunUrl"].clone()
    };
    assert_eq!(PROVIDERS.map(shown), [page; COUNT]);
    // It stays known where the report does not name it.
    assert_eq!(h.callback(&result(&ids[0], "semgrep", [0; 4])).0, 200);
    assert_eq!(h.callback(&failed(&ids[1], "njsscan", "no")).0, 200);
    assert_eq!(PROVIDERS.map(shown), [page; COUNT]);
    // Sent again, it is another run, and none that is known.
    h.scanners().serves(WORKFLOW_URL, Ok((204, "")));
    h.advance(20 * MINUTE);
    h.run_scheduled();
    h.advance(40 * MINUTE);
    h.run_scheduled();
    assert_eq!(since(&h, 1)[0].body["inputs"]["attempt"], "2");
    assert_eq!(shown("trufflehog"), Json::Null);
}

#[test]
fn what_is_no_address_is_no_page_of_a_run() {
    let h = github(&[("GITHUB_DISPATCH_EVENT", "workflow_dispatch")]);
    let run = r#"{"workflow_run_id":42,"run_url":"x","html_url":"javascript:alert(1)"}"#;
    h.scanners().serves(WORKFLOW_URL, Ok((200, run)));
    h.publish_tool();
    assert_eq!(
        h.db().one::<Option<String>>("SELECT max(github_run_url) FROM external_scan_result"),
        None
    );
    assert_eq!(h.phases(), ["PENDING"; COUNT]);
}

#[test]
fn one_publish_takes_one_unit_of_the_hours_budget() {
    let h = github(&[("DISPATCH_BUDGET_PER_HOUR", "2")]);
    for name in ["a/1", "a/2"] {
        let answer = publish(&h, name);
        assert!((0..COUNT).all(|at| answer["scans"][at]["dispatch"] == "dispatched"), "{answer}");
    }
    let answer = publish(&h, "a/3");
    assert!((0..COUNT).all(|at| answer["scans"][at]["dispatch"] == "queued"), "{answer}");
    h.advance(HOUR - 1);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 2, "no budget yet");
    h.advance(1);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 3, "the others' runs may still report");
    h.advance(40 * MINUTE);
    h.run_scheduled();
    let sent = since(&h, 2);
    assert_eq!(
        sent[0].body["client_payload"]["skill_name"], "a/3",
        "before what was sent once already"
    );
    assert_eq!(sent[0].body["client_payload"]["providers"], json!(PROVIDERS));
    assert_eq!(sent.len(), 2, "the budget of this hour");
    assert_eq!(
        h.db().one::<i64>("SELECT count(*) FROM dispatch WHERE counts_against_budget = 1"),
        4
    );
    assert_eq!(h.count("SELECT count(*) FROM dispatch"), 4 * COUNT);
}

#[test]
fn a_send_that_was_lost_goes_out_whole_and_under_the_next_attempt() {
    let h = github(&[]);
    h.publish(&tool());
    assert_eq!(h.lose_sends(), COUNT);
    h.advance(2 * MINUTE);
    h.run_scheduled();
    let sent = h.sent();
    assert_eq!(sent.len(), 1);
    let payload = &sent[0].body["client_payload"];
    assert_eq!((&payload["attempt"], &payload["providers"]), (&json!(2), &json!(PROVIDERS)));
}

#[test]
fn scans_of_one_skill_at_two_commits_or_attempts_are_two_runs() {
    let h = github(&[]);
    let ids = h.publish_tool();
    // semgrep times out at the old commit and is sent again; njsscan is done, and scans the new one.
    h.callback(&result(&ids[1], "njsscan", [0; 4]));
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["njsscan"]})));
    h.run_sends();
    h.callback(&failed(&ids[0], "semgrep", "no"));
    h.run_sends();
    let sent = since(&h, 1);
    assert_eq!(sent.len(), 2);
    for (sent, provider) in sent.iter().zip(["njsscan", "semgrep"]) {
        let payload = &sent.body["client_payload"];
        assert_eq!(
            (&payload["commit_sha"], &payload["providers"]),
            (&json!(OTHER_COMMIT), &json!([provider]))
        );
    }
}

#[test]
fn thirty_publishes_that_were_lost_are_sent_by_one_run_of_scheduled_run() {
    let h = github(&[]);
    for n in 0..30 {
        h.publish(&json!({"name": format!("skill/{n}"), "repoUrl": REPO, "commitSha": COMMIT}));
    }
    assert_eq!(h.lose_sends(), 30 * COUNT);
    h.advance(2 * MINUTE);
    h.run_scheduled();
    let sent = h.sent();
    assert_eq!(sent.len(), 30);
    assert!(sent.iter().all(|sent| sent.body["client_payload"]["providers"] == json!(PROVIDERS)));
    assert!(waiting(&h).0.is_empty());
}

#[test]
fn without_its_token_publishing_is_closed_and_nothing_is_sent() {
    let mut h = github(&[]);
    h.scanners().serves(URL, Ok((500, "")));
    publish(&h, "a/1");
    h.configure(&[&[("GITHUB_TOKEN", "")][..], &GITHUB].concat());
    let (status, _) = h.publish(&tool());
    assert_eq!(status, 503);
    assert!(h.log().contains("GITHUB_TOKEN is not configured"), "{}", h.log());
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(h.sent().len(), 1);
    h.configure(&[&[("WEBHOOK_SECRET", "")][..], &GITHUB].concat());
    assert_eq!(h.publish(&tool()).0, 503);
    assert!(h.log().contains("WEBHOOK_SECRET is not configured"));
}

#[test]
fn a_report_of_a_run_that_was_overtaken_is_refused() {
    let h = github(&[]);
    let ids = h.publish_tool();
    h.advance(20 * MINUTE);
    h.run_scheduled();
    h.advance(40 * MINUTE);
    h.run_scheduled();
    assert_eq!(since(&h, 1)[0].body["client_payload"]["attempt"], 2);
    let report = |attempt| with(result(&ids[0], "semgrep", [0; 4]), &json!({ "attempt": attempt }));
    assert_eq!(h.callback_by(SECRET, &report(1)).0, 409);
    assert_eq!(h.callback_by(SECRET, &report(2)).0, 200);
}

#[test]
fn the_api_of_an_enterprise_server_is_not_asked_for_the_repositories_of_others() {
    let hosts = [
        ("GITHUB_API_URL", "https://git.example/api/v3"),
        ("ALLOWED_REPO_HOSTS", "github.com,git.example"),
    ];
    let h = github(&hosts);
    let own = "https://git.example/api/v3/repos/owner/repo/commits/HEAD";
    h.scanners().serves(own, Ok((200, OTHER_COMMIT)));
    let runs = "https://git.example/api/v3/repos/owner/scans/dispatches";
    h.scanners().serves(runs, Ok((204, "")));
    let (_, theirs) = h.publish(&json!({"name": "a/1", "repoUrl": REPO}));
    assert_eq!(theirs["skill"]["commitSha"], Json::Null);
    let (_, ours) = h.publish(&json!({"name": "a/2", "repoUrl": "https://git.example/owner/repo"}));
    assert_eq!(ours["skill"]["commitSha"], OTHER_COMMIT);
    h.run_sends();
    let urls: Vec<_> = h.sent().into_iter().map(|sent| sent.url).collect();
    assert_eq!(urls, [own, runs, runs]);
}

#[test]
fn a_run_that_waits_long_for_a_machine_still_reports() {
    let h = github(&[]);
    let ids = h.publish_tool();
    h.run_sends();
    assert_eq!(h.callback_by(SECRET, &started(&ids[0], "semgrep")).0, 200);
    h.advance(55 * MINUTE);
    h.run_scheduled();
    h.run_scheduled();
    assert_eq!((h.phases()[0].as_str(), h.sent().len()), ("TIMED_OUT", 1));
    assert_eq!(h.callback_by(SECRET, &result(&ids[0], "semgrep", [0; 4])).0, 200);
    assert_eq!(h.phases()[0], "PASS");
}
