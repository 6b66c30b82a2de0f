//! Response middleware: error rendering (HTML or problem+json), HEAD, OPTIONS, ETag, security headers.

use crate::{
    error::{AppError, Credential},
    http::{CachePolicy, Method, Request, Response},
    model::RequestId,
    pages, route,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use skillgate_contract::{
    api::{ClaimRefusal, PROBLEM_TYPE},
    json,
    percent::percent_decode,
};

/// Path prefixes that scripts of other origins must not read.
const CLOSED: [&str; 3] = ["/api/v1/admin/", "/api/v1/internal/", "/api/v1/webhooks/"];

/// Whether scripts of other origins may read this address. Judged by the decoded path, as routes are:
/// `/api/v1/admin%2Fblocklist` is as closed as its plain form.
fn is_public(request: &Request) -> bool {
    percent_decode(&request.path).is_some_and(|path| {
        path == "/openapi.json"
            || path.starts_with("/api/v1/") && !CLOSED.iter().any(|closed| path.starts_with(closed))
    })
}

fn is_read(request: &Request) -> bool {
    matches!(request.method, Method::Get | Method::Head)
}

/// Whether an error at this address is shown as a page: not below `/api/`, and only if the `Accept`
/// header prefers HTML.
fn is_for_people(request: &Request) -> bool {
    !request.path.starts_with("/api/")
        && request.path != "/openapi.json"
        && request.prefers("text/html", "application/json")
        && request.prefers("text/html", "application/problem+json")
}

/// Answers OPTIONS: the methods of the address and, for public reads, the CORS headers.
///
/// # Errors
/// [`AppError::NotFound`].
pub(crate) fn options(request: &Request) -> Result<Response, AppError> {
    let allow = route::methods(&request.path)?;
    let response = Response::empty(204, CachePolicy::NoStore).with("allow", allow);
    if !(is_public(request) && allow.starts_with("GET")) {
        return Ok(response);
    }
    Ok(response
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-methods", "GET, HEAD")
        .with("access-control-allow-headers", "*")
        .with("access-control-max-age", "86400"))
}

/// Renders an error as a page or as problem details, as the caller prefers. `id` is the request id,
/// which the page shows so that an operator finds the log line.
pub(crate) fn render_error(request: &Request, error: &AppError, id: &RequestId) -> Response {
    if !is_for_people(request) {
        return problem_details(error);
    }
    let mut page = pages::problem::respond(&error.problem(), id).with("vary", "accept");
    let shared = ["content-type", "cache-control"];
    let headers = problem_details(error).headers.into_iter();
    page.headers.extend(headers.filter(|(name, _)| !shared.contains(name)));
    page
}

/// What clients of the queue read beside the problem.
#[derive(Serialize)]
struct RefusedClaim {
    ok: bool,
    reason: ClaimRefusal,
}

/// An error as problem details (RFC 9457), with the headers that belong to its status.
fn problem_details(error: &AppError) -> Response {
    let problem = error.problem();
    let body = match error {
        AppError::Claim(reason) => {
            json::joined(&problem, &RefusedClaim { ok: false, reason: *reason })
        }
        _ => serde_json::to_string(&problem).unwrap_or_default(),
    };
    let status = problem.status;
    let response = Response::text(status, PROBLEM_TYPE, body, CachePolicy::NoStore);
    match error {
        AppError::Unauthorized(Credential::AdminToken) => {
            response.with("www-authenticate", "Bearer realm=\"skillgate\"")
        }
        AppError::Unauthorized(Credential::InternalKey) => {
            response.with("www-authenticate", "X-Internal-Key realm=\"skillgate\"")
        }
        AppError::Signature => response.with("www-authenticate", "Signature realm=\"skillgate\""),
        AppError::TooManyGuesses => response.with("retry-after", "60"),
        AppError::Method(allow) => response.with("allow", *allow),
        AppError::Closed(_)
        | AppError::Configuration
        | AppError::Database(_)
        | AppError::Keys(_) => response.with("retry-after", "30"),
        _ => response,
    }
}

/// The response to a request that never reached the router: the settings are wrong, or the platform
/// failed. `id` is the request id.
#[cfg(target_arch = "wasm32")]
pub(crate) fn unrouted(error: &AppError, id: &RequestId) -> Response {
    let mut response = problem_details(error);
    apply_common_headers(&mut response, id);
    response
}

/// Applies the headers, the ETag and the HEAD rules of every routed response. A GET or HEAD whose
/// `If-None-Match` names the ETag becomes 304; HEAD loses the body.
pub(crate) fn apply_response_headers(
    response: &mut Response,
    request: &Request,
    id: &RequestId,
    https: bool,
) {
    let public = is_public(request);
    if is_read(request) {
        if public {
            push(response, "access-control-allow-origin", "*");
            push(response, "access-control-expose-headers", EXPOSED);
        }
        revalidate(response, request);
    }
    if https {
        push(response, "strict-transport-security", "max-age=31536000");
    }
    // Badges stand in other sites' pages.
    push(
        response,
        "cross-origin-resource-policy",
        if public { "cross-origin" } else { "same-origin" },
    );
    apply_common_headers(response, id);
    if request.method == Method::Head {
        if !matches!(response.status, 204 | 304) {
            push(response, "content-length", &response.body.len().to_string());
        }
        response.body.clear();
    }
}

/// Response headers that scripts of other origins may read beside the CORS-safelisted ones.
const EXPOSED: &str = "etag, link, retry-after, x-request-id";

/// Applies the headers of every response, also of those that no handler made.
fn apply_common_headers(response: &mut Response, id: &RequestId) {
    push(response, "x-request-id", id);
    push(response, "x-content-type-options", "nosniff");
    push(response, "referrer-policy", "no-referrer");
    if is_html(response) {
        push(response, "cross-origin-opener-policy", "same-origin");
        push(
            response,
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=()",
        );
    }
    // A page brings its own, with the hashes of what it may run.
    if response.header("content-security-policy").is_none() {
        push(response, "content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
}

/// Sets a strong ETag over the body and answers 304 where the caller has it. Pages get none, because
/// they show the time and would never match; a page without the time sets its own.
fn revalidate(response: &mut Response, request: &Request) {
    if response.status != 200 || !response.cache.has_etag() {
        return;
    }
    if response.header("etag").is_none() && !is_html(response) {
        let etag = etag(&response.body);
        response.headers.push(("etag", etag));
    }
    if response.header("etag").is_some_and(|etag| request.knows(etag)) {
        response.status = 304;
        response.body.clear();
        response.headers.retain(|(name, _)| *name != "content-type");
    }
}

/// The strong ETag of a body: 128 bits of its SHA-256, quoted.
pub(crate) fn etag(body: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(body));
    digits.truncate(32);
    format!("\"{digits}\"")
}

fn is_html(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn push(response: &mut Response, name: &'static str, value: &str) {
    response.headers.push((name, value.to_owned()));
}
