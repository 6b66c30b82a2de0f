//! What can go wrong with a request, and the one place that turns it into a status.

use crate::{
    http::{CachePolicy, Response},
    ports::{AssetError, DatabaseError},
};
use serde::Serialize;
use skillgate_contract::{
    api::{ClaimRefusal, Problem},
    object::{FieldError, NotAnObject},
};

/// Every way in which a request ends without what it asked for.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// 400: the body is no JSON object.
    #[error("{0}")]
    Body(#[from] NotAnObject),
    /// 400: a query parameter is missing or wrong.
    #[error("query parameter {0}")]
    Query(String),
    /// 401: no or wrong token.
    #[error("a valid {0} is required")]
    Unauthorized(Credential),
    /// 401: a callback that is not believed; which check failed is for the log only.
    #[error("the signature or its timestamp is not valid")]
    Signature,
    /// 404.
    #[error("{0}")]
    NotFound(&'static str),
    /// 405, with the methods that there are.
    #[error("this address takes {0}")]
    Method(&'static str),
    /// 409.
    #[error("{0}")]
    Conflict(String),
    /// 409 of the queue, with the reason as a word of its own.
    #[error("{0}")]
    Claim(ClaimRefusal),
    /// 413.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// 415.
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
    /// 503: the keys of a token's issuer cannot be had, so nothing can be said of the token.
    #[error("the token cannot be checked at present; try again")]
    Keys(String),
    /// 500: a row or a rule that cannot be.
    #[error("something went wrong on our side")]
    Internal(String),
}

impl From<AssetError> for AppError {
    fn from(error: AssetError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// A problem, and for the queue what its clients look for.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    problem: Problem,
    #[serde(flatten)]
    refusal: Option<RefusedClaim>,
}

#[derive(Serialize)]
struct RefusedClaim {
    ok: bool,
    reason: ClaimRefusal,
}

/// What a caller has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Credential {
    /// `Authorization: Bearer ADMIN_TOKEN`.
    #[error("admin token")]
    AdminToken,
    /// `X-Internal-Key: INTERNAL_KEY`.
    #[error("internal key")]
    InternalKey,
}

impl AppError {
    /// The scan that was asked for is of another skill or tool, or there is none.
    pub(crate) const NO_SCAN: Self = Self::NotFound("this tool has no such scan of this skill");
    /// Nothing is published under the name that was asked for.
    pub(crate) const NO_SKILL: Self = Self::NotFound("no skill of this name is published");

    /// The HTTP status.
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
            Self::Internal(_) => 500,
            Self::Closed(_) | Self::Configuration | Self::Database(_) | Self::Keys(_) => 503,
        }
    }

    const fn title(&self) -> &'static str {
        match self.status() {
            400 => "Bad request",
            401 => "Not authorised",
            404 => "Not found",
            405 => "Method not allowed",
            409 => "Conflict",
            413 => "Body too large",
            415 => "Unsupported media type",
            422 => "Wrong field",
            503 => "Not available",
            _ => "Internal error",
        }
    }

    /// What the operator should know of it, where the caller is not told.
    #[must_use]
    pub fn log_line(&self) -> Option<String> {
        match self {
            Self::Database(cause) => Some(cause.to_string()),
            Self::Keys(cause) => Some(format!("keys of the token's issuer: {cause}")),
            Self::Internal(cause) => Some(format!("internal: {cause}")),
            Self::Closed(secret) => Some(format!("{secret} is not configured: endpoint closed")),
            _ => None,
        }
    }

    /// The problem, for people and programs alike.
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

    /// The answer as problem details (RFC 9457).
    #[must_use]
    pub fn into_response(self) -> Response {
        let problem = self.problem();
        let status = problem.status;
        let refusal = match self {
            Self::Claim(reason) => Some(RefusedClaim { ok: false, reason }),
            _ => None,
        };
        let document = Document { problem, refusal };
        let body = serde_json::to_string(&document).unwrap_or_default();
        let response =
            Response::text(status, "application/problem+json", body, CachePolicy::NoStore);
        match self {
            Self::Unauthorized(Credential::AdminToken) => {
                response.with("www-authenticate", "Bearer realm=\"skillgate\"")
            }
            Self::Unauthorized(Credential::InternalKey) => {
                response.with("www-authenticate", "X-Internal-Key realm=\"skillgate\"")
            }
            Self::Signature => response.with("www-authenticate", "Signature realm=\"skillgate\""),
            Self::Method(allow) => response.with("allow", allow),
            Self::Closed(_) | Self::Configuration | Self::Database(_) | Self::Keys(_) => {
                response.with("retry-after", "30")
            }
            _ => response,
        }
    }
}
