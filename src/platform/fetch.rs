//! Requests to scanners and to GitHub.

use super::js::{self, Thrown};
use crate::ports::{Outbound, Reply};
use wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::{AbortSignal, Response};

/// How long a scanner has to accept a scan, and GitHub to answer.
const TIMEOUT_SECONDS: u32 = 10;

/// The runtime's `fetch`.
#[derive(Debug)]
pub(crate) struct Fetch;

impl Outbound for Fetch {
    async fn post_json(&self, url: &str, bearer: &str, body: String) -> Result<Reply, String> {
        let media_type = ("content-type", "application/json");
        ask(url, "POST", bearer, media_type, body.into()).await
    }

    async fn get(&self, url: &str, bearer: &str, accept: &str) -> Result<Reply, String> {
        ask(url, "GET", bearer, ("accept", accept), JsValue::UNDEFINED).await
    }
}

async fn ask(
    url: &str,
    method: &str,
    bearer: &str,
    header: (&str, &str),
    body: JsValue,
) -> Result<Reply, String> {
    let signal = AbortSignal::timeout_with_u32(TIMEOUT_SECONDS * 1_000);
    fetch(url, method, bearer, header, body, &signal).await.map_err(|Thrown(why)| {
        if signal.aborted() { format!("no answer within {TIMEOUT_SECONDS} s") } else { why }
    })
}

async fn fetch(
    url: &str,
    method: &str,
    bearer: &str,
    (name, value): (&str, &str),
    body: JsValue,
    signal: &AbortSignal,
) -> Result<Reply, Thrown> {
    let headers = js::object(&[
        (name, value.into()),
        ("authorization", format!("Bearer {bearer}").into()),
        ("user-agent", concat!("skillgate/", env!("CARGO_PKG_VERSION")).into()),
    ])?;
    let init = js::object(&[
        ("method", method.into()),
        ("headers", headers.into()),
        ("body", body),
        // A redirect would carry the bearer token and the callback secret elsewhere.
        ("redirect", "manual".into()),
        ("signal", signal.into()),
    ])?;
    let answer: Response = js::settled(js::fetch_url(url, &init)).await?.unchecked_into();
    // Read even when it is not needed: an unread body holds a connection.
    let body = js::settled(answer.text()).await.ok().and_then(|text| text.as_string());
    Ok(Reply { status: answer.status(), body: body.unwrap_or_default() })
}
