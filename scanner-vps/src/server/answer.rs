//! What the server answers when it says no: one shape, from one place.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use skillgate_contract::{api::Problem, object::FieldError};

/// Seconds after which a full or stopping scanner may be asked again.
const RETRY_AFTER: &str = "30";

/// Why a request is not done. The texts are constant, but for the settings that a caller with the
/// secret may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    NoSuchPath,
    WrongMethod,
    Unauthorized,
    TooLarge,
    NotJson,
    TooSlow,
    Unreadable(String),
    Fields(Vec<FieldError>),
    NotAllowed(FieldError),
    Full,
    Stopping,
}

impl Refusal {
    fn parts(self) -> (StatusCode, &'static str, String, Vec<FieldError>) {
        let plain = |status, title, detail: &str| (status, title, detail.to_owned(), Vec::new());
        match self {
            Self::NoSuchPath => plain(
                StatusCode::NOT_FOUND,
                "Not found",
                "There are POST /scan, GET /health and GET /metrics.",
            ),
            Self::WrongMethod => plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
                "The Allow header names the methods of this path.",
            ),
            Self::Unauthorized => plain(
                StatusCode::UNAUTHORIZED,
                "Unauthorized",
                "Send Authorization: Bearer with the scanner's secret.",
            ),
            Self::TooLarge => plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too large",
                "A scan request has at most 16 KiB.",
            ),
            Self::NotJson => plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported media type",
                "Send application/json.",
            ),
            Self::TooSlow => plain(
                StatusCode::REQUEST_TIMEOUT,
                "Too slow",
                "The body did not come whole in time.",
            ),
            Self::Unreadable(why) => {
                (StatusCode::BAD_REQUEST, "Unreadable", format!("{why}."), Vec::new())
            }
            Self::Fields(errors) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "Wrong fields",
                "Each wrong field is named in errors.".to_owned(),
                errors,
            ),
            Self::NotAllowed(error) => (
                StatusCode::FORBIDDEN,
                "Not allowed",
                "This scanner's settings do not allow that host.".to_owned(),
                vec![error],
            ),
            Self::Full => plain(
                StatusCode::TOO_MANY_REQUESTS,
                "Queue full",
                "All places are taken, or it would wait for too long; ask again later.",
            ),
            Self::Stopping => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "Stopping",
                "This scanner is being stopped and takes nothing new.",
            ),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let extra = match &self {
            Self::Unauthorized => Some((header::WWW_AUTHENTICATE, "Bearer")),
            Self::Full | Self::Stopping => Some((header::RETRY_AFTER, RETRY_AFTER)),
            // What is left of a body that was not read is not read as the next request.
            Self::TooLarge | Self::TooSlow => Some((header::CONNECTION, "close")),
            _ => None,
        };
        let (status, title, detail, errors) = self.parts();
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            errors,
        };
        let mut response = json(status, &problem);
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some((name, value)) = extra {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// A JSON answer that nobody keeps.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = Body::from(serde_json::to_vec(value).unwrap_or_default());
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
