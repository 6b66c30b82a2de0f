//! GitHub's side of the worker on real workerd: what its `fetch` sends and hands back, and what its
//! WebCrypto says of tokens.

use crate::harness::{Bench, WEBHOOK, now, wait_for};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use rsa::{
    Generate as _, PrivateKey,
    pkcs1v15::SigningKey,
    sha2::Sha256,
    signature::{SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};
use skillgate_contract::oidc;
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use xtask::stack::StackOptions;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const WORKFLOW: &str = "owner/scans/.github/workflows/github-scan.yml@refs/heads/main";

/// GitHub on loopback, one connection a request: an answer for each path, and what was asked.
struct GitHub {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Path, and all of the answer but its length.
    answers: Mutex<Vec<(String, String, String)>>,
    /// Head and body of each request.
    asked: Mutex<Vec<(String, String)>>,
    ended: AtomicBool,
}

impl GitHub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.ended.load(Ordering::SeqCst) {
                    break;
                }
                // One that hangs up in between is its own test's business.
                let _ = served.answer(&stream);
            }
        });
        Self { address, state }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a path answers from now on: status line and headers, then the body.
    fn answers(&self, path: &str, head: &str, body: &str) {
        let answer = (path.to_owned(), head.to_owned(), body.to_owned());
        self.state.answers.lock().unwrap().insert(0, answer);
    }

    fn asked(&self, path: &str) -> Vec<(String, String)> {
        let asked = self.state.asked.lock().unwrap();
        asked.iter().filter(|(head, _)| head.contains(&format!(" {path} "))).cloned().collect()
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push((head, String::from_utf8_lossy(&body).into_owned()));
        let answers = self.answers.lock().unwrap();
        let (head, body) = answers
            .iter()
            .find(|(of, _, _)| *of == path)
            .map_or(("404 Not Found", "{}"), |(_, head, body)| (head, body));
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
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
    let limit = "403 Forbidden\r\nretry-after: 120\r\nx-ratelimit-remaining: 59";
    github.answers(path, limit, r#"{"message":"You have exceeded a secondary rate limit"}"#);
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
    let (head, body) = &asked[0];
    let lower = head.to_ascii_lowercase();
    assert!(head.starts_with("POST "), "{head}");
    for header in [
        "authorization: bearer token-of-the-test",
        "accept: application/vnd.github+json",
        "x-github-api-version: 2022-11-28",
        "content-type: application/json",
        "user-agent: skillgate/",
    ] {
        assert!(lower.contains(&format!("\r\n{header}")), "{header}: {head}");
    }
    let body: Value = serde_json::from_str(body).unwrap();
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
    let part = |json: &Value| Base64UrlUnpadded::encode_string(json.to_string().as_bytes());
    let seconds = now() / 1_000;
    let claims = json!({
        "iss": issuer, "aud": oidc::audience(platform, body.as_bytes()), "repository_id": "4711",
        "job_workflow_ref": WORKFLOW, "ref": "refs/heads/main",
        "nbf": seconds - 300, "iat": seconds, "exp": seconds + 300,
    });
    let header = json!({"alg": "RS256", "kid": "key-1", "typ": "JWT"});
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!("{signed}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
}

#[test]
fn a_token_holds_by_the_runtimes_own_cryptography_and_a_forged_one_does_not() {
    let github = GitHub::start();
    let issuer = github.url();
    let (key, strangers) = (PrivateKey::generate(), PrivateKey::generate());
    let number = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let keys = json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "key-1",
        "n": number(&key.n_bytes()), "e": number(&key.e_bytes()),
    }]});
    let path = oidc::KEYS_PATH;
    github.answers(path, "200 OK\r\ncontent-type: application/json", &keys.to_string());
    let dispatches = "/repos/owner/scans/actions/workflows/github-scan.yml/dispatches";
    let run = r#"{"workflow_run_id":42,"run_url":"https://api.github.com/repos/owner/scans/actions/runs/42","html_url":"https://github.com/owner/scans/actions/runs/42"}"#;
    github.answers(dispatches, "200 OK", run);
    let trust = [
        ("GITHUB_DISPATCH", "workflow"),
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
