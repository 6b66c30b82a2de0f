//! Requests to scanners and to GitHub.

use super::js::{self, Thrown};
use crate::ports::{Call, Outbound, REPLY_HEADERS, Reply};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{AbortSignal, Response};

/// How long a scanner has to accept a scan, and GitHub to answer.
const TIMEOUT_SECONDS: u32 = 10;

/// The runtime's `fetch`.
#[derive(Debug)]
pub(crate) struct Fetch;

impl Outbound for Fetch {
    async fn call(&self, call: Call<'_>) -> Result<Reply, String> {
        let signal = AbortSignal::timeout_with_u32(TIMEOUT_SECONDS * 1_000);
        fetch(call, &signal).await.map_err(|Thrown(why)| {
            if signal.aborted() { format!("no answer within {TIMEOUT_SECONDS} s") } else { why }
        })
    }
}

async fn fetch(call: Call<'_>, signal: &AbortSignal) -> Result<Reply, Thrown> {
    let agent = concat!("skillgate/", env!("CARGO_PKG_VERSION"));
    let mut headers = vec![("user-agent", agent.into())];
    for (name, value) in call.headers {
        headers.push((name, JsValue::from(*value)));
    }
    if let Some(bearer) = call.bearer {
        headers.push(("authorization", format!("Bearer {bearer}").into()));
    }
    let mut init = vec![
        // A redirect would carry the bearer token and the callback secret elsewhere.
        ("redirect", "manual".into()),
        ("signal", signal.into()),
    ];
    if let Some(json) = call.json {
        headers.push(("content-type", "application/json".into()));
        init.push(("method", "POST".into()));
        init.push(("body", json.into()));
    }
    init.push(("headers", js::object(&headers)?.into()));
    let init = js::object(&init)?;
    let answer: Response = js::settled(js::fetch_url(call.url, &init)).await?.unchecked_into();
    // Read even when it is not needed: an unread body holds a connection.
    let body = js::settled(answer.text()).await.ok().and_then(|text| text.as_string());
    let mut reply =
        Reply { status: answer.status(), body: body.unwrap_or_default(), headers: Vec::new() };
    for name in REPLY_HEADERS {
        if let Some(value) = answer.headers().get(name)? {
            reply.headers.push((name, value));
        }
    }
    Ok(reply)
}
