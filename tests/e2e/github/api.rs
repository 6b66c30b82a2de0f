//! GitHub's API as far as it starts runs: it checks what the real one checks, answers as it does, and really runs the
//! workflow.
//!
//! <https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event>,
//! <https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event>

use super::workflow::{REPOSITORY, Run, Runner, WORKFLOW};
use crate::harness::workspace;
use serde_json::{Map, Value, json};
use skillgate_test_http::{Answer, Reply, Request, Server};
use std::{
    fs,
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};

const INPUTS: [&str; 8] = [
    "skill_name",
    "repo_url",
    "callback_url",
    "commit_sha",
    "providers",
    "scan_ids",
    "attempt",
    "skill_path",
];
const REQUIRED: [&str; 3] = ["skill_name", "repo_url", "callback_url"];

/// GitHub's stand-in. Until it has a runner, runs wait for ever, as they do on GitHub.
pub(crate) struct GithubApi {
    server: Server,
    state: Arc<State>,
}

struct State {
    token: String,
    runner: Mutex<Option<Arc<Runner>>>,
    runs: Mutex<Vec<JoinHandle<Run>>>,
    answered: Mutex<Vec<Reply>>,
    instead: Mutex<Option<Fault>>,
}

/// What GitHub does in place of what it is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It answers this.
    Answers(Answer),
    /// It takes longer than anybody waits.
    Hangs,
}

/// A run to start: the event's name, and the event as the runner gets it.
#[derive(Debug, PartialEq)]
struct Start {
    event: &'static str,
    payload: Value,
    with_details: bool,
}

impl GithubApi {
    pub(crate) fn start(token: &str) -> Self {
        let state = Arc::new(State {
            token: token.to_owned(),
            runner: Mutex::default(),
            runs: Mutex::default(),
            answered: Mutex::default(),
            instead: Mutex::default(),
        });
        let server = Server::start({
            let state = Arc::clone(&state);
            move |request| state.answer(&request)
        });
        Self { server, state }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// From now on, runs are run there.
    pub(crate) fn run_on(&self, runner: Runner) {
        *self.state.runner.lock().unwrap() = Some(Arc::new(runner));
    }

    /// From now on it does this, whatever it is asked for.
    pub(crate) fn fails(&self, how: Option<Fault>) {
        *self.state.instead.lock().unwrap() = how;
    }

    /// What was answered so far.
    pub(crate) fn answered(&self) -> Vec<Reply> {
        self.state.answered.lock().unwrap().clone()
    }

    /// The runs that were started since the last call, each at its end.
    pub(crate) fn ended_runs(&self) -> Vec<Run> {
        let runs = std::mem::take(&mut *self.state.runs.lock().unwrap());
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    }
}

impl State {
    fn answer(&self, request: &Request) -> Answer {
        let instead = self.instead.lock().unwrap().clone();
        match instead {
            Some(Fault::Answers(answer)) => {
                self.answered.lock().unwrap().push(answer.reply.clone());
                return answer;
            }
            Some(Fault::Hangs) => thread::sleep(Duration::from_secs(13)),
            None => {}
        }
        let reply = match check(request, &self.token) {
            Err((status, message)) => (status, json!({"message": message}).to_string()),
            Ok(start) => self.begin(start),
        };
        self.answered.lock().unwrap().push(reply.clone());
        reply.into()
    }

    fn begin(&self, start: Start) -> Reply {
        let id = Runner::next_id();
        if let Some(runner) = self.runner.lock().unwrap().clone() {
            let run = thread::spawn(move || runner.run(id, start.event, &start.payload));
            self.runs.lock().unwrap().push(run);
        }
        if !start.with_details {
            return (204, String::new());
        }
        let page = format!("https://github.com/{REPOSITORY}/actions/runs/{id}");
        let api = format!("https://api.github.com/repos/{REPOSITORY}/actions/runs/{id}");
        (200, json!({"workflow_run_id": id, "run_url": api, "html_url": page}).to_string())
    }
}

/// What GitHub looks at, in its order.
fn check(request: &Request, token: &str) -> Result<Start, (u16, String)> {
    let refuse = |status, message: &str| Err((status, message.to_owned()));
    if request.header("user-agent").is_none_or(str::is_empty) {
        return refuse(403, "Request forbidden by administrative rules: no User-Agent header");
    }
    match request.header("authorization").and_then(|value| value.split_once(' ')) {
        None => return refuse(401, "Requires authentication"),
        Some((scheme, given)) => {
            if !["bearer", "token"].contains(&scheme.to_ascii_lowercase().as_str())
                || given != token
            {
                return refuse(401, "Bad credentials");
            }
        }
    }
    if request.header("accept") != Some("application/vnd.github+json") {
        return refuse(415, "Unsupported 'Accept' header");
    }
    if !["2022-11-28", "2026-03-10"].contains(&request.header("x-github-api-version").unwrap_or(""))
    {
        return refuse(400, "Unsupported 'X-GitHub-Api-Version' header");
    }
    if request.method != "POST" {
        return refuse(404, "Not Found");
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&request.body) else {
        return refuse(400, "Problems parsing JSON");
    };
    let repository = format!("/repos/{REPOSITORY}");
    match request.path.strip_prefix(&repository) {
        Some("/dispatches") => repository_dispatch(&body),
        Some("/actions/workflows/github-scan.yml/dispatches") => workflow_dispatch(&body),
        _ => refuse(404, "Not Found"),
    }
}

fn repository_dispatch(body: &Map<String, Value>) -> Result<Start, (u16, String)> {
    let refuse = |message: &str| Err((422, message.to_owned()));
    let Some(kind) = body.get("event_type").and_then(Value::as_str) else {
        return refuse("Invalid request. \"event_type\" wasn't supplied.");
    };
    if kind.chars().count() > 100 {
        return refuse("event_type is too long (maximum is 100 characters)");
    }
    let payload = match body.get("client_payload") {
        None => Map::new(),
        Some(Value::Object(payload)) => payload.clone(),
        Some(_) => return refuse("client_payload is not an object."),
    };
    if payload.len() > 10 {
        return refuse("No more than 10 properties are allowed in client_payload.");
    }
    if Value::Object(payload.clone()).to_string().len() >= 64 * 1024 {
        return refuse("client_payload is too large.");
    }
    // The real one answers 204, and nothing runs: here it is an error of the sender.
    assert_eq!(kind, event_type(), "no workflow runs on this type");
    let event = json!({
        "action": kind, "branch": "main", "client_payload": payload,
        "repository": {"full_name": REPOSITORY, "default_branch": "main"}, "sender": {"login": "registry"},
    });
    Ok(Start { event: "repository_dispatch", payload: event, with_details: false })
}

fn workflow_dispatch(body: &Map<String, Value>) -> Result<Start, (u16, String)> {
    let refuse = |message: String| Err((422, message));
    let Some(reference) = body.get("ref").and_then(Value::as_str) else {
        return refuse("Invalid request. \"ref\" wasn't supplied.".into());
    };
    if !["main", "refs/heads/main"].contains(&reference) {
        return refuse(format!("No ref found for: {reference}"));
    }
    let Some(Value::Object(given)) = body.get("inputs") else {
        return refuse("Required input 'skill_name' not provided".into());
    };
    if let Some(odd) = given.keys().find(|name| !INPUTS.contains(&name.as_str())) {
        return refuse(format!("Unexpected inputs provided: [\"{odd}\"]"));
    }
    if let Some(missing) = REQUIRED.iter().find(|name| given.get(**name).is_none_or(|v| v == "")) {
        return refuse(format!("Required input '{missing}' not provided"));
    }
    if given.values().any(|value| !value.is_string()) {
        return refuse("Provided value for an input is not a string".into());
    }
    // An input that was not given reaches the run as an empty text.
    let inputs: Map<String, Value> = INPUTS
        .iter()
        .map(|name| ((*name).to_owned(), given.get(*name).cloned().unwrap_or_else(|| "".into())))
        .collect();
    let event = json!({
        "inputs": inputs, "ref": "refs/heads/main", "workflow": WORKFLOW,
        "repository": {"full_name": REPOSITORY, "default_branch": "main"},
    });
    let with_details = body.get("return_run_details") == Some(&Value::Bool(true));
    Ok(Start { event: "workflow_dispatch", payload: event, with_details })
}

/// What the workflow runs on, by its own text.
fn event_type() -> String {
    let workflow = fs::read_to_string(workspace().root().join(WORKFLOW)).unwrap();
    let line = workflow.lines().find_map(|line| line.trim().strip_prefix("types: [")).unwrap();
    line.trim_end_matches(']').to_owned()
}

#[test]
fn the_stand_in_refuses_what_github_refuses() {
    let api = GithubApi::start("the-token");
    let headers = [
        ("user-agent", "skillgate"),
        ("authorization", "Bearer the-token"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("content-type", "application/json"),
    ];
    let client = xtask::stack::Client::new(&api.url(), "");
    let ask = |path: &str, change: (&'static str, &str), body: &Value| {
        let mut headers = headers;
        for header in &mut headers {
            if header.0 == change.0 {
                header.1 = change.1;
            }
        }
        let path = format!("/repos/{path}");
        client.post(&path, &headers, body.to_string().as_bytes()).unwrap().status
    };
    let dispatches = format!("{REPOSITORY}/dispatches");
    let good = json!({"event_type": "external-scan", "client_payload": {}});
    for (change, status) in [
        (("authorization", ""), 401),
        (("authorization", "Bearer another"), 401),
        (("user-agent", ""), 403),
        (("accept", "text/html"), 415),
        (("x-github-api-version", "1999-01-01"), 400),
    ] {
        assert_eq!(ask(&dispatches, change, &good), status, "{change:?}");
    }
    let none = ("", "");
    assert_eq!(ask("registry/another/dispatches", none, &good), 404);
    let keys = |n: usize| (0..n).map(|n| (n.to_string(), json!(1))).collect::<Map<_, _>>();
    for body in [
        json!({"client_payload": {}}),
        json!({"event_type": "x".repeat(101)}),
        json!({"event_type": "external-scan", "client_payload": keys(11)}),
        json!({"event_type": "external-scan", "client_payload": {"a": "x".repeat(65_536)}}),
        json!({"event_type": "external-scan", "client_payload": []}),
    ] {
        assert_eq!(ask(&dispatches, none, &body), 422, "{body}");
    }
    assert_eq!(ask(&dispatches, none, &json!([])), 400);
    let workflows = format!("{REPOSITORY}/actions/workflows/github-scan.yml/dispatches");
    for body in [
        json!({"inputs": {}}),
        json!({"ref": "next", "inputs": {}}),
        json!({"ref": "main", "inputs": {"skill_name": "a"}}),
        json!({"ref": "main", "inputs": {"skill_name": "a", "repo_url": "b", "callback_url": "c", "d": "e"}}),
        json!({"ref": "main", "inputs": {"skill_name": "a", "repo_url": "b", "callback_url": "c", "attempt": 1}}),
    ] {
        assert_eq!(ask(&workflows, none, &body), 422, "{body}");
    }
    assert!(api.ended_runs().is_empty());
}
