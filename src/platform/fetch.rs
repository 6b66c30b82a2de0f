//! Requests to scanners.

use crate::ports::{Outbound, Reply};
use std::time::Duration;
use worker::{
    AbortController, Fetch as WorkerFetch, Headers, Method, Request, RequestInit, RequestRedirect,
};

/// How long a scanner has to accept a scan.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The runtime's `fetch`.
#[derive(Debug)]
pub(crate) struct Fetch;

impl Outbound for Fetch {
    async fn post_json(&self, url: &str, bearer: &str, body: String) -> Result<Reply, String> {
        let controller = AbortController::default();
        let signal = controller.signal();
        let request = request(url, bearer, body).map_err(|error| error.to_string())?;
        let sent = WorkerFetch::Request(request);
        let answer = sent.send_with_signal(&signal);
        let late = worker::Delay::from(TIMEOUT);
        match futures_util::future::select(std::pin::pin!(answer), std::pin::pin!(late)).await {
            futures_util::future::Either::Left((answer, _)) => {
                let mut answer = answer.map_err(|error| error.to_string())?;
                // Read even when it is not needed: an unread body holds a connection.
                let body = answer.text().await.unwrap_or_default();
                Ok(Reply { status: answer.status_code(), body })
            }
            futures_util::future::Either::Right(_) => {
                controller.abort();
                Err(format!("no answer within {} s", TIMEOUT.as_secs()))
            }
        }
    }
}

fn request(url: &str, bearer: &str, body: String) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("authorization", &format!("Bearer {bearer}"))?;
    headers.set("user-agent", concat!("skillgate/", env!("CARGO_PKG_VERSION")))?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(Some(body.into()))
        // A redirect would carry the bearer token and the callback secret elsewhere.
        .with_redirect(RequestRedirect::Manual);
    Request::new_with_init(url, &init)
}
