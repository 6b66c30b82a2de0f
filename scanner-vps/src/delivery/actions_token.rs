//! Requests the OIDC token that GitHub signs for a job of Actions (`permissions: id-token: write`).
//!
//! <https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>

use super::{Client, SendError};
use crate::credentials::TokenEndpoint;
use http_body_util::Full;
use hyper::{Request, StatusCode, body::Bytes, header};
use serde::Deserialize;
use skillgate_contract::{oidc, percent::percent_encode};

/// Bytes of the answer's body that are read: a token and little more.
const MAX_ANSWER_BYTES: usize = 2 * oidc::MAX_TOKEN_BYTES;

/// GitHub gave no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
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

/// Requests a token for one audience.
///
/// # Errors
/// [`TokenError`]: no answer, a status other than 2xx, or a body without a usable token.
pub(super) async fn fetch(
    endpoint: &TokenEndpoint,
    client: &Client,
    audience: &str,
) -> Result<String, TokenError> {
    let path = endpoint.path();
    let separator = if path.contains('?') { '&' } else { '?' };
    let request = Request::get(format!("{path}{separator}audience={}", percent_encode(audience)))
        .header(header::AUTHORIZATION, endpoint.bearer())
        .header(header::ACCEPT, "application/json")
        .body(Full::new(Bytes::new()))
        .map_err(SendError::from)?;
    let wanted = |status: StatusCode| if status.is_success() { MAX_ANSWER_BYTES } else { 0 };
    let reply = client.send(endpoint.origin(), request, wanted).await?;
    if !reply.status.is_success() {
        return Err(TokenError::Answered(reply.status));
    }
    let answer: Answer = serde_json::from_slice(&reply.body).map_err(|_| TokenError::Unreadable)?;
    // Read by the worker's own rule, so that a value that would break the header is refused here.
    let readable = oidc::token(&oidc::bearer(&answer.value)).is_some();
    Some(answer.value).filter(|_| readable).ok_or(TokenError::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_cannot_add_to_the_query() {
        assert_eq!(
            percent_encode("https://a.example#sha256:0f&x=%"),
            "https%3A%2F%2Fa.example%23sha256%3A0f%26x%3D%25"
        );
    }
}
