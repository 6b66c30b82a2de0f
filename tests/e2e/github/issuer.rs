//! GitHub's OpenID provider: its public keys, and tokens for a job that shows what its runner gave it.

use super::workflow::REPOSITORY;
use crate::{harness::now, jwt};
use rsa::{Generate as _, PrivateKey};
use serde_json::{Value, json};
use skillgate_test_http::{Reply, Request, Server};
use std::sync::{Arc, Mutex, OnceLock};

/// What opens the issuer for a job; no secret of the worker's.
pub(crate) const JOB_TOKEN: &str = "canary-of-the-token-of-one-job";
const REPOSITORY_ID: &str = "4711";
const REF: &str = "refs/heads/main";

type Forgery = Box<dyn Fn(&mut Value) -> usize + Send>;

/// Serves keys and tokens until it is dropped.
pub(crate) struct Issuer {
    server: Server,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    url: OnceLock<String>,
    forgery: Mutex<Option<Forgery>>,
    given: Mutex<u32>,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let state = Arc::new(State::default());
        let server = Server::start({
            let state = Arc::clone(&state);
            move |request| state.answer(&request)
        });
        state.url.set(server.url()).unwrap();
        Self { server, state }
    }

    /// From now on tokens say what this makes of them; it answers which key signs: 0 is the issuer's.
    pub(crate) fn forge(&self, forgery: impl Fn(&mut Value) -> usize + Send + 'static) {
        *self.state.forgery.lock().unwrap() = Some(Box::new(forgery));
    }

    /// From now on tokens are honest.
    pub(crate) fn be_honest(&self) {
        *self.state.forgery.lock().unwrap() = None;
    }

    /// How many tokens were given out.
    pub(crate) fn given(&self) -> u32 {
        *self.state.given.lock().unwrap()
    }

    /// The worker's settings that trust this issuer's tokens for the scan workflow.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let workflow = format!("{REPOSITORY}/.github/workflows/github-scan.yml@{REF}");
        [
            ("GITHUB_OIDC_ISSUER", self.server.url()),
            ("GITHUB_OIDC_REPOSITORY_ID", REPOSITORY_ID.to_owned()),
            ("GITHUB_OIDC_WORKFLOW_REF", workflow),
            ("GITHUB_OIDC_REF", REF.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// What a runner sets for a job with `id-token: write`.
    pub(crate) fn runner_env(&self) -> [(&'static str, String); 2] {
        let url = format!("{}/1//idtoken/a-b?api-version=2.0", self.server.url());
        [
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", JOB_TOKEN.to_owned()),
        ]
    }
}

impl State {
    fn answer(&self, request: &Request) -> Reply {
        if request.path == "/.well-known/jwks" {
            return (200, jwt::key_set(pair(0)).to_string());
        }
        let bearer = format!("Bearer {JOB_TOKEN}");
        let audience = request.path.strip_prefix("/1//idtoken/a-b?api-version=2.0&audience=");
        match audience {
            Some(_) if request.header("authorization") != Some(&bearer) => (401, String::new()),
            Some(audience) => {
                *self.given.lock().unwrap() += 1;
                (200, json!({"count": 1, "value": self.token(&decoded(audience))}).to_string())
            }
            None => (404, String::new()),
        }
    }

    fn token(&self, audience: &str) -> String {
        let seconds = now() / 1_000;
        let mut claims = json!({
            "iss": self.url.get(), "aud": audience, "sub": format!("repo:{REPOSITORY}:ref:{REF}"),
            "repository": REPOSITORY, "repository_id": REPOSITORY_ID, "ref": REF,
            "job_workflow_ref": format!("{REPOSITORY}/.github/workflows/github-scan.yml@{REF}"),
            "nbf": seconds - 300, "iat": seconds, "exp": seconds + 300, "jti": "a",
        });
        let forgery = self.forgery.lock().unwrap();
        let signer = forgery.as_ref().map_or(0, |forge| forge(&mut claims));
        jwt::signed(pair(signer), &claims)
    }
}

/// The issuer's own key pair, or a stranger's; made once.
fn pair(at: usize) -> &'static PrivateKey {
    static PAIRS: [OnceLock<PrivateKey>; 2] = [OnceLock::new(), OnceLock::new()];
    PAIRS[at].get_or_init(PrivateKey::generate)
}

/// A value of a query as it was before it was escaped.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        out.push(char::from(byte));
        out.push_str(&part[2..]);
    }
    out
}
