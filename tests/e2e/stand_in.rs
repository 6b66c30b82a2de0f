//! A scanner's HTTP without a scanner: it accepts what it is sent, and keeps it.

use serde_json::Value;
use skillgate_test_http::{Reply, Request, Server};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Listens on loopback until it is dropped.
pub(crate) struct StandIn {
    server: Server,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    bodies: Mutex<Vec<Value>>,
    silent: AtomicBool,
    ended: AtomicBool,
}

impl StandIn {
    pub(crate) fn start() -> Self {
        let state = Arc::new(State::default());
        let server = Server::start({
            let state = Arc::clone(&state);
            move |request| state.answer(&request)
        });
        Self { server, state }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// Every scan that it was sent, in order.
    pub(crate) fn sent(&self) -> Vec<Value> {
        self.state.bodies.lock().unwrap().clone()
    }

    /// From now on it accepts nothing, and does not say so either.
    pub(crate) fn fall_silent(&self, silent: bool) {
        self.state.silent.store(silent, Ordering::SeqCst);
    }
}

impl State {
    fn answer(&self, request: &Request) -> Reply {
        while self.silent.load(Ordering::SeqCst) && !self.ended.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let answer = format!(r#"{{"accepted":true,"scanId":{},"queued":0}}"#, body["scanId"]);
        self.bodies.lock().unwrap().push(body);
        (202, answer)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
    }
}
