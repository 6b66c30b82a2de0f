//! GitHub's side of the worker on real workerd: what its `fetch` sends and hands back, and what its
//! WebCrypto says of tokens.

use crate::{
    harness::{Bench, WEBHOOK, now, wait_for},
    jwt,
};
use rsa::{Generate as _, PrivateKey};
use serde_json::{Value, json};
use skillgate_contract::oidc;
use skillgate_test_http::{Answer, Request, Server};
use std::sync::{Arc, Mutex};
use xtask::stack::StackOptions;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const WORKFLOW: &str = "owner/scans/.github/workflows/github-scan.yml@refs/heads/main";

/// GitHub on loopback: an answer for each path, and what was asked.
struct GitHub {
    server: Server,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    answers: Mutex<Vec<(String, Answer)>>,
    asked: Mutex<Vec<Request>>,
}

impl GitHub {
    fn start() -> Self {
        let state = Arc::new(State::default());
        let server = Server::start({
            let state = Arc::clone(&state);
            move |request| state.answer(request)
        });
        Self { server, state }
    }

    fn url(&self) -> String {
        self.server.url()
    }

    /// What a path answers from now on.
    fn answers(&self, path: &str, answer: impl Into<Answer>) {
        self.state.answers.lock().unwrap().insert(0, (path.to_owned(), answer.into()));
    }

    fn asked(&self, path: &str) -> Vec<Request> {
        let asked = self.state.asked.lock().unwrap();
        asked.iter().filter(|request| request.path == path).cloned().collect()
    }
}

impl State {
    fn answer(&self, request: Request) -> Answer {
        let answers = self.answers.lock().unwrap();
        let answer = answers.iter().find(|(of, _)| *of == request.path);
        let answer = answer.map(|(_, answer)| answer.clone());
        self.asked.lock().unwrap().push(request);
        answer.unwrap_or_else(|| (404, "{}".to_owned()).into())
    }
}

fn started(github: &GitHub, more: &[(&str, &str)]) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StackOptions::without_scanner(dir.path());
    let url = github.url();
    let usual = [
        ("DISPATCH", "github"),
        ("GITHUB_REPOSITORY", "owner/scans"),
        ("GITHUB_TOKEN", "token-of-the-test"),
        ("GITHUB_API_URL", url.as_str()),
    ];
    let vars = usual.iter().chain(more);
    options.worker_vars.extend(vars.map(|(name, value)| ((*name).into(), (*value).into())));
    let bench = Bench::start_as(dir, &options);
    let answer = bench.publish_at("calm", Some(COMMIT));
    assert_eq!(answer.status, 202, "{}", answer.body);
    bench
}

#[test]
fn g20_what_github_says_of_a_limit_reaches_the_worker_and_its_headers_reach_github() {
    let github = GitHub::start();
    let path = "/repos/owner/scans/dispatches";
    let limit = r#"{"message":"You have exceeded a secondary rate limit"}"#;
    let headers = vec![("retry-after", "120"), ("x-ratelimit-remaining", "59")];
    github.answers(path, Answer { reply: (403, limit.to_owned()), headers });
    let bench = started(&github, &[]);
    let dispatches = wait_for(
        || {
            let token = format!("Bearer {}", bench.stack.secrets.admin);
            let headers = [("authorization", token.as_str())];
            let answer = bench.stack.client.get("/api/v1/admin/dispatches", &headers).unwrap();
            let answer = answer.json();
            (!answer["failingScanners"].as_array().unwrap().is_empty()).then_some(answer)
        },
        || format!("{:?}", github.asked(path)),
    );
    let failing = &dispatches["failingScanners"][0];
    let millis = |field: &str| time(&failing[field]);
    // The real clock goes on between the two.
    let wait = millis("skipUntil") - millis("failedAt");
    assert!((119_000..=120_000).contains(&wait), "{failing}");
    let waiting = dispatches["waiting"].as_array().unwrap();
    assert_eq!(waiting.len(), 3);
    assert!(waiting[0]["error"].as_str().unwrap().contains("secondary rate limit"), "{waiting:?}");

    let asked = github.asked(path);
    assert_eq!(asked.len(), 1, "one publish is one request, and there is no quick retry");
    let asked = &asked[0];
    assert_eq!(asked.method, "POST");
    for (name, value) in [
        ("authorization", "Bearer token-of-the-test"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", "2022-11-28"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(asked.header(name), Some(value), "{asked:?}");
    }
    assert!(asked.header("user-agent").unwrap().starts_with("skillgate/"), "{asked:?}");
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body["event_type"], "external-scan");
    assert_eq!(body["client_payload"]["providers"], json!(crate::harness::PROVIDERS));
}

/// Milliseconds of a time of day, which is all that a difference of minutes needs.
fn time(text: &Value) -> i64 {
    let text = text.as_str().unwrap();
    let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    ((part(8, 10) * 24 + part(11, 13)) * 60 + part(14, 16)) * 60_000
        + part(17, 19) * 1_000
        + part(20, 23)
}

/// A token that a key has signed for a body.
fn token(key: &PrivateKey, issuer: &str, platform: &str, body: &str) -> String {
    let seconds = now() / 1_000;
    let claims = json!({
        "iss": issuer, "aud": oidc::audience(platform, body.as_bytes()), "repository_id": "4711",
        "job_workflow_ref": WORKFLOW, "ref": "refs/heads/main",
        "nbf": seconds - 300, "iat": seconds, "exp": seconds + 300,
    });
    jwt::signed(key, &claims)
}

#[test]
fn a_token_holds_by_the_runtimes_own_cryptography_and_a_forged_one_does_not() {
    let github = GitHub::start();
    let issuer = github.url();
    let (key, strangers) = (PrivateKey::generate(), PrivateKey::generate());
    let path = oidc::KEYS_PATH;
    github.answers(path, (200, jwt::key_set(&key).to_string()));
    let dispatches = "/repos/owner/scans/actions/workflows/github-scan.yml/dispatches";
    let run = r#"{"workflow_run_id":42,"run_url":"https://api.github.com/repos/owner/scans/actions/runs/42","html_url":"https://github.com/owner/scans/actions/runs/42"}"#;
    github.answers(dispatches, (200, run.to_owned()));
    let trust = [
        ("GITHUB_DISPATCH_EVENT", "workflow_dispatch"),
        ("GITHUB_OIDC_ISSUER", issuer.as_str()),
        ("GITHUB_OIDC_REPOSITORY_ID", "4711"),
        ("GITHUB_OIDC_WORKFLOW_REF", WORKFLOW),
        ("GITHUB_OIDC_REF", "refs/heads/main"),
    ];
    let bench = started(&github, &trust);
    let page = wait_for(
        || bench.scan("calm", "semgrep")["githubRunUrl"].as_str().map(str::to_owned),
        || format!("{:?}", github.asked(dispatches)),
    );
    assert_eq!(page, "https://github.com/owner/scans/actions/runs/42");
    let scan = bench.scan("calm", "semgrep")["scanId"].as_str().unwrap().to_owned();
    let report = |critical: u32| {
        json!({
            "timestamp": now(), "scanId": scan, "provider": "semgrep", "skillName": "demo/calm/calm",
            "commitSha": COMMIT, "criticalCount": critical, "highCount": 0, "mediumCount": 0,
            "lowCount": 0, "coverage": {"complete": true, "filesScanned": 1}, "attempt": 1,
        })
        .to_string()
    };
    let platform = bench.stack.worker.base_url();
    let send = |token: &str, body: &str| {
        let bearer = oidc::bearer(token);
        let headers = [("content-type", "application/json"), (oidc::TOKEN_HEADER, &*bearer)];
        bench.stack.client.post(WEBHOOK, &headers, body.as_bytes()).unwrap()
    };
    let body = report(0);
    let honest = token(&key, &issuer, &platform, &body);
    for (why, forged, body) in [
        ("a stranger's key", token(&strangers, &issuer, &platform, &body), body.clone()),
        ("another body", honest.clone(), report(1)),
        ("no signature", format!("{}.", honest.rsplit_once('.').unwrap().0), body.clone()),
        ("half a signature", honest[..honest.len() - 256].to_owned(), body.clone()),
        ("another receiver", token(&key, &issuer, "https://other.example", &body), body.clone()),
    ] {
        assert_eq!(send(&forged, &body).status, 401, "{why}");
    }
    let answer = send(&honest, &body);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("PASS")), "{}", answer.body);
    assert_eq!(send(&honest, &body).json()["applied"], false, "the exact repeat");
    assert_eq!(github.asked(path).len(), 1, "the keys are kept in KV");
}
