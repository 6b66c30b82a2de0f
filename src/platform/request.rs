//! Requests and responses, to and from the platform's own.

use super::js::{self, Thrown};
use crate::http::{Body, Method, Request, Response};
use js_sys::{Array, Uint8Array};
use skillgate_contract::signature::MAX_BODY_BYTES;
use wasm_bindgen::JsCast as _;
use web_sys::{Headers, ReadableStreamDefaultReader, ResponseInit};

/// Reads a request, and of its body no more than may be.
pub(super) async fn read(request: &web_sys::Request) -> Result<Request, Thrown> {
    let url = request.url();
    let (path, query) = split(&url);
    let headers: Vec<(String, String)> =
        Array::from(&request.headers()).iter().filter_map(|pair| header(&pair.into())).collect();
    let method = Method::parse(request.method().as_str());
    let declared = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse::<usize>().ok());
    let body = match method {
        Method::Post | Method::Delete if declared.is_some_and(|n| n > MAX_BODY_BYTES) => {
            Body::TooLarge
        }
        Method::Post | Method::Delete => read_body(request).await?,
        Method::Get | Method::Head | Method::Options | Method::Other => Body::Bytes(Vec::new()),
    };
    Ok(Request { method, path, query, headers, body })
}

fn header(pair: &Array) -> Option<(String, String)> {
    Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
}

async fn read_body(request: &web_sys::Request) -> Result<Body, Thrown> {
    let Some(stream) = request.body() else { return Ok(Body::Bytes(Vec::new())) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        // It fails where the caller hangs up, which is no failure of the platform: anybody can do so.
        let Ok(read) = js::settled(Ok(reader.read())).await else { return Ok(Body::Incomplete) };
        let chunk = js::property(&read, "value")?;
        // The end of a stream has no value.
        if chunk.is_undefined() {
            return Ok(Body::Bytes(body));
        }
        let chunk: Uint8Array = chunk.unchecked_into();
        if body.len() + chunk.length() as usize > MAX_BODY_BYTES {
            return Ok(Body::TooLarge);
        }
        body.extend_from_slice(&chunk.to_vec());
    }
}

/// Path and query of an absolute URL, as they came: a URL parser costs more wasm than all routes.
fn split(url: &str) -> (String, String) {
    // Behind `https:`, nothing, and the host.
    let target = url.splitn(4, '/').nth(3).unwrap_or_default();
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (format!("/{path}"), query.to_owned())
}

/// Writes a response.
pub(super) fn write(response: &Response) -> Result<web_sys::Response, Thrown> {
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    // A 304 must not have even an empty body.
    let body = Some(response.body.as_str()).filter(|body| !body.is_empty());
    Ok(web_sys::Response::new_with_opt_str_and_init(body, &init)?)
}
