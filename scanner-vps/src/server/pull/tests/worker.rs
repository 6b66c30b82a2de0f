//! A worker's queue on loopback: it lists, grants each claim once, and takes reports.

use axum::{
    Router,
    body::to_bytes,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinHandle};

pub(super) const KEY: &str = "canary-of-the-internal-key";
pub(super) const CALLBACK_SECRET: &str = crate::delivery::tests::SECRET;

/// One answer instead of the usual one.
#[derive(Debug, Clone)]
pub(super) enum Canned {
    Says(u16, String),
    /// As the worker refuses a report.
    Refuses(u16),
    RetryAfter(u16, u32),
    /// The request is done, but the answer never comes.
    Lost,
    /// The usual, but only after this time.
    Late(Duration),
}

/// Who works on a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holder {
    Nobody,
    Claimed(String),
    Over,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) offer: Value,
    pub(super) attempt: u32,
    pub(super) holder: Holder,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) what: String,
    pub(super) body: Value,
    pub(super) at: Instant,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) rows: Vec<Row>,
    pub(super) asked: Vec<Asked>,
    /// By the last segment of the path.
    pub(super) canned: HashMap<&'static str, VecDeque<Canned>>,
}

pub(super) struct Worker {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Worker {
    /// A worker with scans of these names.
    pub(super) async fn with(names: impl IntoIterator<Item = &str>) -> Self {
        Self::on(0, names).await
    }

    pub(super) async fn on(port: u16, names: impl IntoIterator<Item = &str>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let app = Router::new().fallback(move |request| answer(Arc::clone(&shared), request));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let worker = Self { port, state, task };
        for name in names {
            worker.offer(name, |_| {});
        }
        worker
    }

    pub(super) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn offer(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut offer = json!({
            "id": format!("scan-{name}"), "skillName": name, "provider": "semgrep",
            "repoUrl": "https://github.com/o/r", "skillPath": null, "commitSha": null,
            "callbackUrl": format!("{}/api/v1/webhooks/scan-results", self.origin()),
            "dispatchedAt": null, "attempt": 0,
        });
        change(&mut offer);
        let row = Row { offer, attempt: 0, holder: Holder::Nobody };
        self.state.lock().unwrap().rows.push(row);
    }

    pub(super) fn say_once(&self, to: &'static str, canned: impl IntoIterator<Item = Canned>) {
        self.state.lock().unwrap().canned.entry(to).or_default().extend(canned);
    }

    pub(super) fn look<T>(&self, at: impl FnOnce(&State) -> T) -> T {
        at(&self.state.lock().unwrap())
    }

    pub(super) fn asked(&self, what: &str) -> Vec<Asked> {
        self.look(|state| state.asked.iter().filter(|a| a.what == what).cloned().collect())
    }

    pub(super) fn holder(&self, name: &str) -> Holder {
        let id = format!("scan-{name}");
        self.look(|state| state.rows.iter().find(|r| r.offer["id"] == id).unwrap().holder.clone())
    }

    /// The events of one scan's callbacks, in order.
    pub(super) fn events(&self, name: &str) -> Vec<String> {
        let of = |a: &Asked| {
            let ours = a.body["scanId"] == format!("scan-{name}");
            ours.then(|| a.body["event"].as_str().unwrap().to_owned())
        };
        self.asked("scan-results").iter().filter_map(of).collect()
    }

    pub(super) async fn until(&self, what: impl Fn(&State) -> bool) {
        for _ in 0..1_000 {
            if self.look(&what) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not happen: {:?}", self.state.lock().unwrap());
    }

    pub(super) async fn until_over(&self) {
        self.until(|state| state.rows.iter().all(|row| row.holder == Holder::Over)).await;
    }

    pub(super) async fn until_asked(&self, what: &str, n: usize) {
        self.until(|state| state.asked.iter().filter(|a| a.what == what).count() >= n).await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let what = head.uri.path().rsplit('/').next().unwrap().to_owned();
    let canned = {
        let mut state = state.lock().unwrap();
        let asked = Asked { what: what.clone(), body: body.clone(), at: Instant::now() };
        state.asked.push(asked);
        state.canned.get_mut(what.as_str()).and_then(VecDeque::pop_front)
    };
    let key = head.headers.get("x-internal-key").map(|key| key.to_str().unwrap());
    // Reports are believed by their signature alone; the key must never come with them.
    let opened = if what == "scan-results" { key.is_none() } else { key == Some(KEY) };
    match canned {
        Some(Canned::Says(status, body)) => {
            return (StatusCode::from_u16(status).unwrap(), body).into_response();
        }
        Some(Canned::Refuses(status)) => {
            let title = skillgate_contract::api::refusal_title(status).unwrap();
            let body =
                json!({"type": "about:blank", "title": title, "status": status, "detail": "d"});
            let kind = [("content-type", skillgate_contract::api::PROBLEM_TYPE)];
            return (StatusCode::from_u16(status).unwrap(), kind, body.to_string()).into_response();
        }
        Some(Canned::RetryAfter(status, seconds)) => {
            let header = [("retry-after", seconds.to_string())];
            return (StatusCode::from_u16(status).unwrap(), header).into_response();
        }
        Some(Canned::Lost) => {
            state.lock().unwrap().usual(&what, &body);
            return std::future::pending().await;
        }
        Some(Canned::Late(time)) => tokio::time::sleep(time).await,
        None => {}
    }
    let (status, body) =
        if opened { state.lock().unwrap().usual(&what, &body) } else { problem(401, "") };
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}

/// A problem document as the worker's.
pub(super) fn problem(status: u16, reason: &str) -> (u16, Value) {
    let body = json!({"type": "about:blank", "title": "t", "status": status, "detail": "d",
        "ok": false, "reason": reason});
    (status, body)
}

impl State {
    fn usual(&mut self, what: &str, body: &Value) -> (u16, Value) {
        if what == "pending-sast-scans" {
            let open = |row: &&Row| row.holder == Holder::Nobody;
            let offers = self.rows.iter().filter(open).map(|row| row.offer.clone());
            return (200, json!({"scans": offers.collect::<Vec<_>>()}));
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.offer["id"] == body["scanId"]) else {
            return problem(404, "");
        };
        let by = Holder::Claimed(body["claimedBy"].as_str().unwrap_or_default().to_owned());
        match what {
            "scan-results" if body["attempt"] != row.attempt => problem(409, ""),
            "scan-results" => {
                if body["event"] != "started" {
                    row.holder = Holder::Over;
                }
                (200, json!({"ok": true, "scanId": row.offer["id"]}))
            }
            "claim-sast-scan" if row.holder == Holder::Nobody => {
                row.holder = by;
                row.attempt += 1;
                let mut scan = row.offer.clone();
                scan["attempt"] = row.attempt.into();
                scan["callbackSecret"] = CALLBACK_SECRET.into();
                (200, json!({"ok": true, "scan": scan}))
            }
            "claim-sast-scan" => problem(409, "already_claimed"),
            _ if row.holder != by => problem(409, "not_yours"),
            "heartbeat-sast-scan" => {
                (200, json!({"ok": true, "expiresAt": "2026-02-02T00:15:00.000Z"}))
            }
            "release-sast-scan" => {
                row.holder = Holder::Nobody;
                (200, json!({"ok": true}))
            }
            _ => problem(404, ""),
        }
    }
}
