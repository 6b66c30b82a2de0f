//! The token that GitHub signs for a job of Actions (`permissions: id-token: write`), in place of a
//! shared secret.
//!
//! <https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>

use super::{Client, Origin, OriginError, SendError};
use crate::config::Secret;
use http_body_util::Full;
use hyper::{
    Request, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};
use serde::Deserialize;
use skillgate_contract::oidc;
use std::fmt::Write as _;

/// Of the answer's body: a token and little more.
const MAX_ANSWER_BYTES: usize = 2 * oidc::MAX_TOKEN_BYTES;

/// Where this job asks for its tokens. `Debug` shows nothing of what opens it.
#[derive(Debug, Clone)]
pub struct ActionsToken {
    origin: Origin,
    /// Path and query, as the runner gave them.
    path: String,
    /// Marked as sensitive, so that nothing shows it.
    bearer: HeaderValue,
}

/// What the runner set cannot be used. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionsTokenError {
    /// No origin that is asked.
    #[error("ACTIONS_ID_TOKEN_REQUEST_URL {0}")]
    Origin(#[from] OriginError),
    /// No path, or one with odd characters.
    #[error("ACTIONS_ID_TOKEN_REQUEST_URL must be a URL with a path")]
    Path,
    /// Nothing that a header can hold.
    #[error("ACTIONS_ID_TOKEN_REQUEST_TOKEN cannot stand in a header")]
    Token,
}

/// No token.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoToken {
    #[error("GitHub gave no token: {0}")]
    NoAnswer(#[from] SendError),
    #[error("GitHub gave no token: it answered {}", .0.as_u16())]
    Answered(StatusCode),
    #[error("GitHub's answer holds no token")]
    Unreadable,
}

#[derive(Deserialize)]
struct Answer {
    value: String,
}

impl ActionsToken {
    /// From `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    ///
    /// # Errors
    /// [`ActionsTokenError`].
    pub fn new(url: &str, token: &Secret) -> Result<Self, ActionsTokenError> {
        let (scheme, rest) = url.split_once("://").ok_or(ActionsTokenError::Path)?;
        let (authority, path) = rest.split_once('/').ok_or(ActionsTokenError::Path)?;
        if !path.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
            return Err(ActionsTokenError::Path);
        }
        let origin = format!("{scheme}://{authority}").parse()?;
        let mut bearer = HeaderValue::try_from(oidc::bearer(token.expose()))
            .map_err(|_| ActionsTokenError::Token)?;
        bearer.set_sensitive(true);
        Ok(Self { origin, path: format!("/{path}"), bearer })
    }

    /// Whether the token is asked for over TLS.
    #[must_use]
    pub const fn needs_tls(&self) -> bool {
        self.origin.is_tls()
    }

    /// A token for one audience.
    pub(super) async fn fetch(&self, client: &Client, audience: &str) -> Result<String, NoToken> {
        let sign = if self.path.contains('?') { '&' } else { '?' };
        let request = Request::get(format!("{}{sign}audience={}", self.path, escape(audience)))
            .header(header::AUTHORIZATION, &self.bearer)
            .header(header::ACCEPT, "application/json")
            .body(Full::new(Bytes::new()))
            .map_err(SendError::from)?;
        let wanted = |status: StatusCode| if status.is_success() { MAX_ANSWER_BYTES } else { 0 };
        let reply = client.send(&self.origin, request, wanted).await?;
        if !reply.status.is_success() {
            return Err(NoToken::Answered(reply.status));
        }
        let answer: Answer =
            serde_json::from_slice(&reply.body).map_err(|_| NoToken::Unreadable)?;
        // As the worker reads it; a value that could break the header is none.
        let readable = oidc::token(&oidc::bearer(&answer.value)).is_some();
        Some(answer.value).filter(|_| readable).ok_or(NoToken::Unreadable)
    }
}

/// A text inside of a query: everything but RFC 3986's unreserved characters is escaped.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(url: &str, token: &str) -> Result<ActionsToken, ActionsTokenError> {
        ActionsToken::new(url, &Secret::new(token))
    }

    #[test]
    fn the_runners_url_is_taken_apart_and_nothing_else_is_taken() {
        let url = "https://run-actions.githubusercontent.example/12//idtoken/a-b/c?api-version=2.0";
        let token = made(url, "canary-token").unwrap();
        assert_eq!(token.origin.to_string(), "https://run-actions.githubusercontent.example");
        assert_eq!(token.path, "/12//idtoken/a-b/c?api-version=2.0");
        assert!(token.needs_tls() && !format!("{token:?}").contains("canary"));
        for bad in [
            "",
            "https://run.example",
            "http://run.example/x",
            "file:///etc/passwd",
            "https://run.example/x y",
            "https://run.example/x\r\nHost: y",
            "https://run.example/x#y",
            "https://a@run.example/x",
        ] {
            assert!(made(bad, "t").is_err(), "{bad}");
        }
        assert!(matches!(made(url, "a\nb"), Err(ActionsTokenError::Token)));
    }

    #[test]
    fn an_audience_cannot_add_to_the_query() {
        assert_eq!(
            escape("https://a.example#sha256:0f&x=%"),
            "https%3A%2F%2Fa.example%23sha256%3A0f%26x%3D%25"
        );
    }
}
