//! A scanner's HTTP without a scanner: it accepts what it is sent, and keeps it.

use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tiny_http::{Response, Server};

const THREADS: usize = 4;

/// Listens on loopback until it is dropped.
pub(crate) struct StandIn {
    server: Arc<Server>,
    state: Arc<State>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    bodies: Mutex<Vec<Value>>,
    silent: AtomicBool,
}

impl StandIn {
    pub(crate) fn start() -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let state = Arc::new(State::default());
        let threads = (0..THREADS)
            .map(|_| {
                let (server, state) = (Arc::clone(&server), Arc::clone(&state));
                thread::spawn(move || {
                    while let Ok(request) = server.recv() {
                        state.answer(request);
                    }
                })
            })
            .collect();
        Self { server, state, threads }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.server_addr().to_ip().unwrap())
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
    fn answer(&self, mut request: tiny_http::Request) {
        while self.silent.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        let mut body = String::new();
        let _ = request.as_reader().read_to_string(&mut body);
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let answer =
            format!("{{\"accepted\": true, \"scanId\": {}, \"queued\": 0}}", body["scanId"]);
        self.bodies.lock().unwrap().push(body);
        let _ = request.respond(Response::from_string(answer).with_status_code(202));
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.fall_silent(false);
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
