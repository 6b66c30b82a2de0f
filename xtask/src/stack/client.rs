//! Asking the worker over HTTP, as a registry, an installer and a scanner do.

use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// How long any answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The worker's HTTP, on loopback.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    admin: String,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Client({})", self.base)
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Lower-case names and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// No answer at all.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {url}: {source}")]
pub struct NoAnswer {
    url: String,
    #[source]
    source: Box<ureq::Error>,
}

impl Client {
    /// A client of the worker at `base`, with the admin's token.
    #[must_use]
    pub fn new(base: &str, admin: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        Self { agent, base: base.to_owned(), admin: admin.to_owned() }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// `GET path`, with headers.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let url = self.url(path);
        let request = headers
            .iter()
            .fold(self.agent.get(&url), |request, (name, value)| request.header(*name, *value));
        self.answer(&url, request.call())
    }

    /// `POST path` with a body, with headers.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, NoAnswer> {
        let url = self.url(path);
        let request = headers
            .iter()
            .fold(self.agent.post(&url), |request, (name, value)| request.header(*name, *value));
        self.answer(&url, request.send(body))
    }

    /// Publishes a skill, as the registry does.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn publish(&self, skill: &Value) -> Result<Answer, NoAnswer> {
        let bearer = format!("Bearer {}", self.admin);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.post("/api/v1/admin/skills/publish", &headers, skill.to_string().as_bytes())
    }

    /// An admin's request with a JSON body: GET (without it), POST or DELETE.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Result<Answer, NoAnswer> {
        let bearer = format!("Bearer {}", self.admin);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = body.to_string();
        match method {
            "GET" => self.get(path, &headers[..1]),
            "DELETE" => {
                let url = self.url(path);
                let [(name, token), (kind, json)] = headers;
                let request = self.agent.delete(&url).header(name, token).header(kind, json);
                self.answer(&url, request.force_send_body().send(body.as_bytes()))
            }
            _ => self.post(path, &headers, body.as_bytes()),
        }
    }

    /// What the installer asks of a skill by name.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn security(&self, name: &str) -> Result<Answer, NoAnswer> {
        self.get(&format!("/api/v1/skills/{name}/security"), &[])
    }

    /// One provider's scan, with its findings.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn scan(&self, name: &str, provider: &str) -> Result<Answer, NoAnswer> {
        self.get(&format!("/api/v1/skills/{name}/security/{provider}"), &[])
    }

    /// What the installer asks of the blocklist.
    ///
    /// # Errors
    /// When no answer comes.
    pub fn check(&self, name: &str, repo_url: Option<&str>) -> Result<Answer, NoAnswer> {
        let mut path = format!("/api/v1/blocklist/check?name={}", escape(name));
        if let Some(url) = repo_url {
            let _ = write!(path, "&repoUrl={}", escape(url));
        }
        self.get(&path, &[])
    }

    fn answer(
        &self,
        url: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, NoAnswer> {
        let no_answer = |source| NoAnswer { url: url.to_owned(), source: Box::new(source) };
        let mut answer = answer.map_err(no_answer)?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let body = answer.body_mut().read_to_string().map_err(no_answer)?;
        Ok(Answer { status: answer.status().as_u16(), headers, body })
    }
}

/// `encodeURIComponent`, as the installer does it.
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
