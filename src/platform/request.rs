//! Requests and responses, to and from the platform's own.

use crate::http::{Body, Method, Request, Response};
use futures_util::StreamExt as _;
use skillgate_contract::signature::MAX_BODY_BYTES;

/// Reads a request, and of its body no more than may be.
pub(super) async fn read(mut request: worker::Request) -> worker::Result<Request> {
    let url = request.inner().url();
    let (path, query) = split(&url);
    let headers: Vec<(String, String)> = request.headers().entries().collect();
    let method = Method::parse(request.inner().method().as_str());
    let declared = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse::<usize>().ok());
    let body = match method {
        Method::Post | Method::Delete if declared.is_some_and(|n| n > MAX_BODY_BYTES) => {
            Body::TooLarge
        }
        Method::Post | Method::Delete => read_body(&mut request).await?,
        Method::Get | Method::Head | Method::Other => Body::Bytes(Vec::new()),
    };
    Ok(Request { method, path, query, headers, body })
}

async fn read_body(request: &mut worker::Request) -> worker::Result<Body> {
    if request.inner().body().is_none() {
        return Ok(Body::Bytes(Vec::new()));
    }
    let mut stream = request.stream()?;
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Ok(Body::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Body::Bytes(body))
}

/// Path and query of an absolute URL, as they came: a URL parser costs more wasm than all routes.
fn split(url: &str) -> (String, String) {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = behind_scheme.find('/').and_then(|at| behind_scheme.get(at..)).unwrap_or("/");
    let path = path.split('#').next().unwrap_or(path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    (path.to_owned(), query.to_owned())
}

/// Writes a response.
pub(super) fn write(response: Response) -> worker::Result<worker::Response> {
    let headers = worker::Headers::new();
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let written = if response.body.is_empty() {
        worker::Response::empty()?
    } else {
        worker::Response::from_bytes(response.body.into_bytes())?
    };
    Ok(written.with_status(response.status).with_headers(headers))
}
