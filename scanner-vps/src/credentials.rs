//! What makes the worker believe a callback of a job that has no scan secret of its own.

use crate::origin::{Origin, OriginError};
use hyper::header::HeaderValue;
use skillgate_contract::{Secret, oidc, signature::SigningKey};

/// How a callback is authenticated.
#[derive(Debug, Clone)]
pub enum CallbackCredentials {
    /// An HMAC signature over the body, with the secret that scanner and worker share.
    SigningKey(SigningKey),
    /// A token that GitHub signs for this job, bound to the body by its audience.
    ActionsToken(TokenEndpoint),
}

/// The address at which a job of GitHub Actions asks for its OIDC tokens. `Debug` shows no part of
/// the request token.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    origin: Origin,
    /// Path and query, as the runner gave them.
    path: String,
    /// Marked as sensitive, so that `Debug` does not show it.
    bearer: HeaderValue,
}

/// What the runner set cannot be used. The texts never repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenEndpointError {
    /// The URL's origin is not one that requests may go to.
    #[error("ACTIONS_ID_TOKEN_REQUEST_URL {0}")]
    Origin(#[from] OriginError),
    /// The URL has no path, or one with characters that a request line cannot hold.
    #[error("ACTIONS_ID_TOKEN_REQUEST_URL must be a URL with a path")]
    Path,
    /// The request token has characters that a header cannot hold.
    #[error("ACTIONS_ID_TOKEN_REQUEST_TOKEN cannot stand in a header")]
    Token,
}

impl TokenEndpoint {
    /// Takes `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN` apart.
    ///
    /// # Errors
    /// [`TokenEndpointError`].
    pub fn new(url: &str, token: &Secret) -> Result<Self, TokenEndpointError> {
        let (scheme, rest) = url.split_once("://").ok_or(TokenEndpointError::Path)?;
        let (authority, path) = rest.split_once('/').ok_or(TokenEndpointError::Path)?;
        if !path.bytes().all(|b| b.is_ascii_graphic() && b != b'#') {
            return Err(TokenEndpointError::Path);
        }
        let origin = format!("{scheme}://{authority}").parse()?;
        let mut bearer = HeaderValue::try_from(oidc::bearer(token.expose()))
            .map_err(|_| TokenEndpointError::Token)?;
        bearer.set_sensitive(true);
        Ok(Self { origin, path: format!("/{path}"), bearer })
    }

    /// Whether the token is requested over TLS.
    #[must_use]
    pub const fn needs_tls(&self) -> bool {
        self.origin.is_tls()
    }

    /// The origin that tokens are requested from.
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Path and query of the request, without the audience.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The `Authorization` header of the request; marked as sensitive.
    pub(crate) const fn bearer(&self) -> &HeaderValue {
        &self.bearer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, token: &str) -> Result<TokenEndpoint, TokenEndpointError> {
        TokenEndpoint::new(url, &Secret::new(token.to_owned()))
    }

    #[test]
    fn the_runners_url_is_taken_apart_and_nothing_else_is_taken() {
        let url = "https://run-actions.githubusercontent.example/12//idtoken/a-b/c?api-version=2.0";
        let token = parse(url, "canary-token").unwrap();
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
            assert!(parse(bad, "t").is_err(), "{bad}");
        }
        assert!(matches!(parse(url, "a\nb"), Err(TokenEndpointError::Token)));
    }
}
