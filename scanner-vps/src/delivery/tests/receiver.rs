//! A receiver of callbacks that answers as it is told and remembers what it was sent.

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};

/// How to answer one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With this status.
    Status(u16),
    /// With this status and header.
    With(u16, &'static str, String),
    /// With this status and JSON body.
    Json(u16, String),
    /// With this status, media type and body.
    Typed(u16, &'static str, String),
    /// As the worker accepts a callback: with the id of its scan.
    Accepted,
    /// As the worker refuses a callback: with this status and its title.
    Refusal(u16),
    /// Not at all.
    Hang,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn event(&self) -> String {
        self.json()["event"].as_str().unwrap().to_owned()
    }
}

/// The receiver; it stops listening when dropped.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    count: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Answers these in turn, then accepts all.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_on(0, replies).await
    }

    pub(crate) async fn start_on(port: u16, replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let replies = Arc::new(Mutex::new(replies.into_iter().collect::<VecDeque<_>>()));
        let received = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let to_fill = Arc::clone(&received);
        let app = Router::new().fallback(move |request: Request| {
            let (replies, to_fill, counter) =
                (Arc::clone(&replies), Arc::clone(&to_fill), counter.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let reply = replies.lock().unwrap().pop_front().unwrap_or(Reply::Accepted);
                let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
                to_fill.lock().unwrap().push(Received {
                    method: head.method,
                    path: head.uri.to_string(),
                    headers: head.headers,
                    body,
                });
                counter.send_modify(|n| *n += 1);
                answer(reply, &sent).await
            }
        });
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { port, received, count, task }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.origin(), crate::callback_target::CALLBACK_PATH)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The first `n` requests, when they are there.
    pub(crate) async fn wait_for(&self, n: usize) -> Vec<Received> {
        let mut count = self.count.clone();
        timeout(Duration::from_secs(10), count.wait_for(|have| *have >= n))
            .await
            .unwrap_or_else(|_| panic!("{n} requests expected, had {:?}", self.received()))
            .unwrap();
        self.received()
    }

    /// The first request whose event is this.
    pub(crate) async fn wait_for_event(&self, event: &str) -> Received {
        for n in 1.. {
            let received = self.wait_for(n).await;
            if let Some(found) = received.into_iter().find(|r| r.event() == event) {
                return found;
            }
        }
        unreachable!()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(reply: Reply, sent: &Value) -> Response {
    match reply {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::With(status, name, value) => {
            let name: header::HeaderName = name.parse().unwrap();
            (StatusCode::from_u16(status).unwrap(), [(name, value)]).into_response()
        }
        Reply::Json(status, body) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::from_u16(status).unwrap(), json, body).into_response()
        }
        Reply::Typed(status, kind, body) => {
            let kind = [(header::CONTENT_TYPE, kind)];
            (StatusCode::from_u16(status).unwrap(), kind, body).into_response()
        }
        Reply::Accepted => {
            let scan = sent["scanId"].as_str().unwrap_or("made-for-it");
            let body =
                serde_json::json!({"ok": true, "scanId": scan, "status": "FAIL", "applied": true});
            ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
        Reply::Refusal(status) => {
            let title = skillgate_contract::api::refusal_title(status).unwrap();
            let body = format!(
                r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"no"}}"#
            );
            let kind = [(header::CONTENT_TYPE, "application/problem+json")];
            (StatusCode::from_u16(status).unwrap(), kind, body).into_response()
        }
        Reply::Hang => std::future::pending().await,
    }
}
