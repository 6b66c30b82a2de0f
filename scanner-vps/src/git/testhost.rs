//! A git host on loopback for tests: git's own smart HTTP, and trouble where the test wants it.

use skillgate_test_http::{Answer, Request, Respond as _, Server};
use std::{
    collections::VecDeque,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// What a request meets before the host answers as usual.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// This status.
    Status(u16),
    /// A page for people.
    Page(&'static str),
    /// The connection is closed without a word.
    Silence,
    /// The answer ends in its middle.
    Half,
}

#[derive(Debug, Default)]
struct State {
    troubles: VecDeque<Trouble>,
    always: Option<Trouble>,
    asked: usize,
    sent: u64,
    old: bool,
}

/// A host of one repository, `/o/r`.
pub(crate) struct TestHost {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl TestHost {
    /// Serves the bare repository in this folder.
    pub(crate) fn of(repository: &Path) -> Self {
        let state = Arc::<Mutex<State>>::default();
        let server = Server::start({
            let (state, root) = (Arc::clone(&state), repository.to_path_buf());
            move |request| answer(&request, &state, &root)
        });
        Self { server, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/o/r", self.server.url())
    }

    /// Each of the next requests meets one of these.
    pub(crate) fn then(self, troubles: impl IntoIterator<Item = Trouble>) -> Self {
        self.state.lock().unwrap().troubles.extend(troubles);
        self
    }

    /// As a host that knows only git's first protocol.
    pub(crate) fn speaking_v0(self) -> Self {
        self.state.lock().unwrap().old = true;
        self
    }

    /// Every request meets this, until it is taken back.
    pub(crate) fn always(&self, trouble: Option<Trouble>) {
        self.state.lock().unwrap().always = trouble;
    }

    /// How many requests came.
    pub(crate) fn asked(&self) -> usize {
        self.state.lock().unwrap().asked
    }

    /// Bytes of all answers.
    pub(crate) fn sent(&self) -> u64 {
        self.state.lock().unwrap().sent
    }
}

/// A whole response.
fn answer(request: &Request, state: &Mutex<State>, root: &Path) -> Vec<u8> {
    let trouble = {
        let mut state = state.lock().unwrap();
        state.asked += 1;
        state.troubles.pop_front().or(state.always)
    };
    let plain = |status: u16, kind: &'static str, body: &str| {
        let headers = vec![("content-type", kind), ("location", "http://127.0.0.1:1/x")];
        Answer { reply: (status, body.to_owned()), headers }.bytes()
    };
    match trouble {
        Some(Trouble::Status(status)) => plain(status, "text/plain", ""),
        Some(Trouble::Page(page)) => plain(200, "text/html", page),
        Some(Trouble::Silence) => Vec::new(),
        half => {
            let (mut head, mut content) = backend(request, state, root);
            if half.is_some() {
                content.truncate(content.len() / 2);
            }
            state.lock().unwrap().sent += content.len() as u64;
            head.append(&mut content);
            head
        }
    }
}

/// What git's own server answers: the head, which gives the length of the content, and the content.
fn backend(request: &Request, state: &Mutex<State>, root: &Path) -> (Vec<u8>, Vec<u8>) {
    let header = |name: &str| request.header(name).unwrap_or_default();
    let old = state.lock().unwrap().old;
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let info = path.trim_start_matches("/o/r.git").to_owned();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", info)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", &request.method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", if old { "" } else { header("git-protocol") })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let body = request.body.clone();
    let feeder = thread::spawn(move || {
        let _ = stdin.write_all(&body);
    });
    let mut said = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    let _ = (feeder.join(), child.wait());
    let end = said.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0);
    let cgi = String::from_utf8_lossy(&said[..end]).into_owned();
    let status = cgi.lines().find_map(|l| l.strip_prefix("Status: ")).unwrap_or("200 OK");
    let content = said[end + 4..].to_vec();
    let length = content.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{cgi}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    (head.into_bytes(), content)
}
