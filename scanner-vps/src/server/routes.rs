//! The scanner's three routes.

use super::{
    answer::{Refusal, json},
    metrics,
    queue::{Queue, SubmitError},
    runner::ScanRunner,
};
use crate::{
    callback_target::{CALLBACK_PATH, CallbackTarget},
    random::unique_id,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Bytes;
use serde_json::json;
use skillgate_contract::{
    HostPolicy, Secret,
    object::{FieldError, JsonObject},
    scan_request::{KNOWN_FIELDS, MAX_BODY_BYTES, ScanRequest},
    signature::secrets_match,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// The state that the routes share.
pub(super) struct App<R> {
    pub(super) queue: Queue<R>,
    pub(super) secret: Secret,
    pub(super) repo_hosts: HostPolicy,
    pub(super) max_concurrent: usize,
    pub(super) body_timeout: Duration,
}

type Shared<R> = Arc<App<R>>;

/// The router of the three routes.
pub(super) fn router<R: ScanRunner>(app: App<R>) -> Router {
    Router::new()
        .route("/scan", post(scan::<R>))
        .route("/health", get(show_health::<R>))
        .route("/metrics", get(show_metrics::<R>))
        .fallback(|| async { Refusal::NoSuchPath })
        .with_state(Arc::new(app))
        .layer(middleware::from_fn(finish_response))
}

/// Middleware: sets `x-request-id` on every response, and gives a 405 the body of every refusal.
async fn finish_response(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers_mut().remove(header::ALLOW);
        response = Refusal::WrongMethod.into_response();
        if let Some(allow) = allow {
            response.headers_mut().insert(header::ALLOW, allow);
        }
    }
    if let Ok(id) = HeaderValue::try_from(unique_id()) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// `POST /scan`: 1. the secret (401), 2. the size (413) and kind (415) of the body, 3. a JSON object
/// (400), 4. its fields (422), 5. the hosts (403), 6. a place in the queue (429, or 503 when
/// stopping); then 202, also for a scan that is already here.
async fn scan<R: ScanRunner>(State(app): State<Shared<R>>, request: Request) -> Response {
    match accept_scan(&app, request).await {
        Ok(answer) => answer,
        Err(refusal) => refusal.into_response(),
    }
}

async fn accept_scan<R: ScanRunner>(app: &App<R>, request: Request) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    if !bearer(&head.headers).is_some_and(|given| secrets_match(app.secret.expose(), given)) {
        return Err(Refusal::Unauthorized);
    }
    let body = read_body(&head.headers, body, app.body_timeout).await?;
    if !is_json(&head.headers) {
        return Err(Refusal::NotJson);
    }
    let object =
        JsonObject::parse(&body, KNOWN_FIELDS).map_err(|e| Refusal::Unreadable(e.to_string()))?;
    let request = ScanRequest::read(object).map_err(Refusal::Fields)?;
    check_hosts(app, &request)?;
    let scan_id = request.scan_id.clone();
    match app.queue.submit(request.into()) {
        Ok(queued) => Ok(json(
            StatusCode::ACCEPTED,
            &json!({"accepted": true, "scanId": scan_id, "queued": queued}),
        )),
        Err(SubmitError::Full) => Err(Refusal::Full),
        Err(SubmitError::Stopping) => Err(Refusal::Stopping),
    }
}

/// The bearer token. A request with two `Authorization` headers counts as one without.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let only = all.next().filter(|_| all.next().is_none())?;
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Reads the whole body: at most [`MAX_BODY_BYTES`], whatever length is announced, and at most `within`.
async fn read_body(headers: &HeaderMap, body: Body, within: Duration) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(Refusal::TooLarge);
    }
    let whole = timeout(within, Limited::new(body, MAX_BODY_BYTES).collect());
    match whole.await.map_err(|_| Refusal::TooSlow)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(Refusal::TooLarge),
        Err(_) => Err(Refusal::Unreadable("the body broke off".to_owned())),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn check_hosts<R: ScanRunner>(app: &App<R>, request: &ScanRequest) -> Result<(), Refusal> {
    let no = |pointer, why| Err(Refusal::NotAllowed(FieldError::new(pointer, why)));
    let allowed = app.queue.delivery_queue().allowed();
    if !app.repo_hosts.allows(&request.repo_url) {
        return no("/repoUrl", format!("the host must be one of {}", app.repo_hosts.describe()));
    }
    if CallbackTarget::parse(&request.callback_url, allowed).is_err() {
        let why = format!("must be {} behind one of {}", CALLBACK_PATH, allowed.describe());
        return no("/callbackUrl", why);
    }
    Ok(())
}

/// `GET /health`: 503 when stopping, so that a balancer looks elsewhere.
async fn show_health<R: ScanRunner>(State(app): State<Shared<R>>) -> Response {
    let stats = app.queue.stats();
    let (status, word) = if stats.stopping {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        (StatusCode::OK, "ok")
    };
    json(
        status,
        &json!({
            "status": word,
            "version": env!("CARGO_PKG_VERSION"),
            "activeScans": stats.active,
            "maxConcurrent": app.max_concurrent,
            "queued": stats.queued,
            "tools": app.queue.runner().tools(),
        }),
    )
}

/// `GET /metrics`: counters since the start of the process, for Prometheus.
async fn show_metrics<R: ScanRunner>(State(app): State<Shared<R>>) -> Response {
    let kind = [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)];
    (kind, app.queue.metrics()).into_response()
}
