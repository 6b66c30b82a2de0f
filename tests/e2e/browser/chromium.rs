//! A headless Chromium of a test's own, spoken to over its debugging protocol.
//!
//! The protocol is JSON over a pair of pipes, so it needs a dozen lines here, no port, and none of the
//! clients that come with every message of it as a type. Whatever the pages ask for, only loopback answers:
//! no name resolves, and everything else is sent to a proxy that is not there.

use super::page::Page;
use crate::harness::workspace;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    io::{BufRead as _, BufReader, Write as _},
    process::{ChildStdin, ChildStdout, Command},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};
use tempfile::TempDir;
use xtask::{
    process::Group,
    tools::{Tool, chromium},
    ui::Ui,
};

/// No answer of the browser takes longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// The protocol's pipes are descriptors 3 and 4.
const WITH_PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>&2"#;
const FLAGS: [&str; 20] = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-breakpad",
    "--no-pings",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // Loopback goes past a proxy; an address that is not a name would not be stopped by the line above.
    "--proxy-server=http://127.0.0.1:9",
];

/// The browser; it ends, with all its processes, when this is dropped.
pub(super) struct Chromium {
    // Dropped in this order: the pipes, the processes, then the folder that they write to.
    wire: RefCell<Wire>,
    _group: Group,
    _profile: TempDir,
}

struct Wire {
    out: ChildStdin,
    inbox: Receiver<Value>,
    calls: u64,
    events: Vec<Value>,
}

/// The browser's program, found or installed once.
fn program() -> &'static Tool {
    static CHROMIUM: OnceLock<Tool> = OnceLock::new();
    CHROMIUM.get_or_init(|| {
        chromium::ensure(&Ui::silent(), &workspace()).unwrap_or_else(|e| panic!("{e}"))
    })
}

impl Chromium {
    pub(super) fn launch() -> Self {
        static LAUNCHED: AtomicU32 = AtomicU32::new(0);
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", WITH_PIPES]).arg(&program().path).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        // Chromium's own sandbox refuses root, which is what a container's tests run as.
        command.args(is_root().then_some("--no-sandbox"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", profile.path())
            .env("LANG", "C.UTF-8");
        let number = LAUNCHED.fetch_add(1, Ordering::Relaxed);
        let log = workspace().log_file(&format!("chromium-{}-{number}", std::process::id()));
        let (group, out, input) = Group::spawn_talking(&mut command, &log).unwrap();
        let (sender, inbox) = channel();
        thread::spawn(move || listen(input, &sender));
        let wire = Wire { out, inbox, calls: 0, events: Vec::new() };
        Self { wire: RefCell::new(wire), _group: group, _profile: profile }
    }

    /// A tab without cookies, storage or cache of any other.
    pub(super) fn page(&self) -> Page<'_> {
        let context = self.ask(None, "Target.createBrowserContext", &json!({}));
        let context = context["browserContextId"].clone();
        let tab = json!({"url": "about:blank", "browserContextId": context});
        let target = self.ask(None, "Target.createTarget", &tab)["targetId"].clone();
        let attach = json!({"targetId": target, "flatten": true});
        let session = self.ask(None, "Target.attachToTarget", &attach)["sessionId"].clone();
        Page::new(self, session.as_str().unwrap().to_owned())
    }

    /// As [`Self::call`], for what cannot be refused.
    pub(super) fn ask(&self, session: Option<&str>, method: &str, params: &Value) -> Value {
        self.call(session, method, params).unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    /// Calls a method of the browser, or of the tab with this session.
    pub(super) fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> Result<Value, String> {
        let mut wire = self.wire.borrow_mut();
        let id = wire.send(session, method, params);
        loop {
            let mut message = wire.receive().ok_or_else(|| format!("no answer to {method}"))?;
            if message["id"] == id {
                let refused = message.get("error").map(|error| error["message"].to_string());
                return refused.map_or_else(|| Ok(message["result"].take()), Err);
            }
        }
    }

    /// What a tab has told since it was opened.
    pub(super) fn events(&self, session: &str) -> Vec<Value> {
        let wire = self.wire.borrow();
        wire.events.iter().filter(|event| event["sessionId"] == session).cloned().collect()
    }
}

impl Wire {
    fn send(&mut self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let mut text = call.to_string().into_bytes();
        text.push(0);
        self.out.write_all(&text).unwrap();
        self.out.flush().unwrap();
        self.calls
    }

    /// The next message; an event is kept, and a dialog is answered, since its page stands still until then.
    fn receive(&mut self) -> Option<Value> {
        let message = self.inbox.recv_timeout(PATIENCE).ok()?;
        if message["method"] == "Page.javascriptDialogOpening" {
            let session = message["sessionId"].as_str().map(str::to_owned);
            let params = json!({"accept": false});
            self.send(session.as_deref(), "Page.handleJavaScriptDialog", &params);
        }
        if message.get("method").is_some() {
            self.events.push(message.clone());
        }
        Some(message)
    }
}

/// Hands on each message, which ends with a NUL.
fn listen(input: ChildStdout, sender: &Sender<Value>) {
    for message in BufReader::new(input).split(0).map_while(Result::ok) {
        let message = serde_json::from_slice(&message).unwrap_or_default();
        if sender.send(message).is_err() {
            return;
        }
    }
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    uids.and_then(|uids| uids.split_whitespace().nth(1)) == Some("0")
}
