//! What every answer owes its caller, whatever it is about: one face of an error for people and one
//! for programs, HEAD, OPTIONS, ETags, and the headers that keep browsers from doing harm.

use crate::{
    error::AppError,
    http::{CachePolicy, Method, Request, Response, percent_decode},
    pages, route,
};
use sha2::{Digest, Sha256};

/// Below these addresses, nothing is for other sites' scripts.
const CLOSED: [&str; 3] = ["/api/v1/admin/", "/api/v1/internal/", "/api/v1/webhooks/"];

/// Of the decoded path, as routes are: `/api/v1/admin%2Fblocklist` is as closed as its plain form.
fn is_public(request: &Request) -> bool {
    percent_decode(&request.path).is_some_and(|path| {
        path == "/openapi.json"
            || path.starts_with("/api/v1/") && !CLOSED.iter().any(|closed| path.starts_with(closed))
    })
}

fn is_read(request: &Request) -> bool {
    matches!(request.method, Method::Get | Method::Head)
}

/// Whether an error at this address is shown as a page: programs ask below `/api/`, and say what
/// they read where they ask for pages.
fn is_for_people(request: &Request) -> bool {
    !request.path.starts_with("/api/")
        && request.path != "/openapi.json"
        && request.prefers("text/html", "application/json")
        && request.prefers("text/html", "application/problem+json")
}

/// What may be asked at an address, and by whom: a site's script may read what is public, and that
/// is all it may.
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

/// An error as its caller reads it. `id` is that of the request: with it, an operator finds the log line.
pub(crate) fn refuse(request: &Request, error: AppError, id: &str) -> Response {
    if !is_for_people(request) {
        return error.into_response();
    }
    let problem = error.problem();
    let mut page = pages::problem::respond(&problem, id).with("vary", "accept");
    let shared = ["content-type", "cache-control"];
    let headers = error.into_response().headers.into_iter();
    page.headers.extend(headers.filter(|(name, _)| !shared.contains(name)));
    page
}

/// Makes an answer one to this request: whoever has it already gets 304, and HEAD gets no body.
pub(crate) fn finish(response: &mut Response, request: &Request, id: String, https: bool) {
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
    finish_any(response, id);
    if request.method == Method::Head {
        if !matches!(response.status, 204 | 304) {
            push(response, "content-length", &response.body.len().to_string());
        }
        response.body.clear();
    }
}

/// What other sites' scripts may read beside the usual.
const EXPOSED: &str = "etag, link, retry-after, x-request-id";

/// What every answer carries, those that never reached a handler among them.
pub(crate) fn finish_any(response: &mut Response, id: String) {
    response.headers.push(("x-request-id", id));
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

/// A strong ETag of the very bytes. Pages tell the time, so theirs would never be met again; one
/// that does not brings its own.
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

/// The strong ETag of a text.
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
