//! A scanner's HTTP without a scanner: it accepts what it is sent, and keeps it.
//!
//! Each connection has a thread of its own and carries one request, so that no sender waits for
//! another's connection.

use serde_json::Value;
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Listens on loopback until it is dropped.
pub(crate) struct StandIn {
    address: SocketAddr,
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        thread::spawn({
            let state = Arc::clone(&state);
            move || {
                for stream in listener.incoming().flatten() {
                    if state.ended.load(Ordering::SeqCst) {
                        break;
                    }
                    let state = Arc::clone(&state);
                    // A sender that hangs up in between is its own test's business.
                    thread::spawn(move || state.answer(&stream));
                }
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
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
    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        while self.silent.load(Ordering::SeqCst) && !self.ended.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body: Value = serde_json::from_slice(&body)?;
        let answer = format!(r#"{{"accepted":true,"scanId":{},"queued":0}}"#, body["scanId"]);
        self.bodies.lock().unwrap().push(body);
        let mut writer = stream;
        write!(
            writer,
            "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{answer}",
            answer.len()
        )
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.address);
    }
}
