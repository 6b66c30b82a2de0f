//! The errors of a request and the HTTP status of each.

use crate::{
    http::QueryError,
    log::LogEvent,
    ports::{AssetError, DatabaseError},
};
use skillgate_contract::{
    api::{ClaimRefusal, Problem, refusal_title},
    object::{FieldError, NotAnObject},
};

/// The errors of a request, each with its status.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// 400: the body is no JSON object.
    #[error("{0}")]
    Body(#[from] NotAnObject),
    /// 400: a query parameter is missing or wrong.
    #[error("{0}")]
    Query(#[from] QueryError),
    /// 401: no or wrong token.
    #[error("a valid {0} is required")]
    Unauthorized(Credential),
    /// 401: a callback that is not authenticated. Which check failed is not told.
    #[error("the signature or its timestamp is not valid")]
    Signature,
    /// 429: the client has shown too much that does not hold, and once more. What holds is always taken.
    #[error("too many failed attempts from this address; wait a minute")]
    TooManyGuesses,
    /// 404: there is nothing at this address, or under this name.
    #[error("{0}")]
    NotFound(&'static str),
    /// 405, with the methods that there are.
    #[error("this address takes {0}")]
    Method(&'static str),
    /// 409: the request conflicts with what is stored.
    #[error("{0}")]
    Conflict(String),
    /// 409 of the queue, with the reason as a word of its own.
    #[error("{0}")]
    Claim(ClaimRefusal),
    /// 413: the body exceeds this limit in bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// 415: the content type is not `application/json`.
    #[error("the body must be sent as application/json")]
    MediaType,
    /// 422: wrong fields, each named.
    #[error("one or more fields are wrong")]
    Fields(Vec<FieldError>),
    /// 503: a secret is not configured, so the endpoint stays closed.
    #[error("this endpoint is closed: its secret is not configured")]
    Closed(&'static str),
    /// 503: settings are wrong, each named in the log.
    #[error("the configuration is wrong")]
    Configuration,
    /// 503: the database failed; nothing was changed.
    #[error("the database does not answer; nothing was changed, try again")]
    Database(#[from] DatabaseError),
    /// 503: the issuer's keys cannot be fetched, so the token cannot be verified.
    #[error("the token cannot be checked at present; try again")]
    Keys(String),
    /// 500: a row or a rule that must not exist; the text is for the log.
    #[error("something went wrong on our side")]
    Internal(String),
}

impl From<AssetError> for AppError {
    fn from(error: AssetError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The credential that a caller did not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Credential {
    /// The admin token, in `Authorization: Bearer ADMIN_TOKEN`.
    #[error("admin token")]
    AdminToken,
    /// The key of pulling scanners, in `X-Internal-Key: INTERNAL_KEY`.
    #[error("internal key")]
    InternalKey,
}

impl AppError {
    /// The scan that was asked for is of another skill or tool, or there is none.
    pub(crate) const NO_SCAN: Self = Self::NotFound("this tool has no such scan of this skill");
    /// Nothing is published under the name that was asked for.
    pub(crate) const NO_SKILL: Self = Self::NotFound("no skill of this name is published");

    /// A query parameter is missing or wrong; `fault` names the parameter first.
    pub(crate) fn query(fault: String) -> Self {
        Self::Query(QueryError(fault))
    }

    /// The HTTP status code of the error.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Body(_) | Self::Query(_) => 400,
            Self::Unauthorized(_) | Self::Signature => 401,
            Self::NotFound(_) => 404,
            Self::Method(_) => 405,
            Self::Conflict(_) | Self::Claim(_) => 409,
            Self::TooLarge(_) => 413,
            Self::MediaType => 415,
            Self::Fields(_) => 422,
            Self::TooManyGuesses => 429,
            Self::Internal(_) => 500,
            Self::Closed(_) | Self::Configuration | Self::Database(_) | Self::Keys(_) => 503,
        }
    }

    fn title(&self) -> &'static str {
        match self.status() {
            405 => "Method not allowed",
            429 => "Too many requests",
            503 => "Not available",
            status => refusal_title(status).unwrap_or("Internal error"),
        }
    }

    /// The event and the message for the log, where the cause is not told to the caller.
    pub(crate) fn cause(&self) -> Option<(LogEvent, String)> {
        Some(match self {
            Self::Database(cause) => (LogEvent::DatabaseFailed, cause.to_string()),
            Self::Keys(cause) => (LogEvent::OidcKeysUnavailable, cause.clone()),
            Self::Internal(cause) => (LogEvent::WorkerFailed, cause.clone()),
            Self::Closed(secret) => {
                (LogEvent::EndpointClosed, format!("{secret} is not configured"))
            }
            _ => return None,
        })
    }

    /// The problem details that both the page and the JSON show.
    #[must_use]
    pub fn problem(&self) -> Problem {
        Problem {
            kind: "about:blank".to_owned(),
            title: self.title().to_owned(),
            status: self.status(),
            detail: self.to_string(),
            errors: match self {
                Self::Fields(errors) => errors.clone(),
                _ => Vec::new(),
            },
        }
    }
}
