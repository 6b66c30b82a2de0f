//! A git host on loopback for tests: git's own smart HTTP, and trouble where the test wants it.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
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

/// A host of one repository, `/o/r`; its threads end with the test's process.
pub(crate) struct TestHost {
    port: u16,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
}

impl TestHost {
    /// Serves the bare repository in this folder.
    pub(crate) fn of(repository: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, over) = (Arc::<Mutex<State>>::default(), Arc::<AtomicBool>::default());
        let (shared, ends, root) =
            (Arc::clone(&state), Arc::clone(&over), repository.to_path_buf());
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let (state, root) = (Arc::clone(&shared), root.clone());
                thread::spawn(move || answer(stream.unwrap(), &state, &root));
            }
        });
        Self { port, state, over }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/o/r", self.port)
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

impl Drop for TestHost {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>, root: &PathBuf) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let header = |name: &str| {
        let mut fields = head.lines().filter_map(|line| line.split_once(':'));
        let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    let method = head.split(' ').next().unwrap().to_owned();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    let trouble = {
        let mut state = state.lock().unwrap();
        state.asked += 1;
        state.troubles.pop_front().or(state.always)
    };
    let plain = |status: u16, kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
                 Location: http://127.0.0.1:1/x\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let mut half = false;
    match trouble {
        Some(Trouble::Status(status)) => {
            let _ = stream.write_all(plain(status, "text/plain", "").as_bytes());
            return;
        }
        Some(Trouble::Page(page)) => {
            let _ = stream.write_all(plain(200, "text/html", page).as_bytes());
            return;
        }
        Some(Trouble::Silence) => return,
        Some(Trouble::Half) => half = true,
        None => {}
    }
    let old = state.lock().unwrap().old;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let info = path.trim_start_matches("/o/r.git").to_owned();
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", info)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", if old { String::new() } else { header("git-protocol") })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        let _ = stdin.write_all(&body);
    });
    let mut said = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    let _ = (feeder.join(), child.wait());
    let end = said.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(0);
    let cgi = String::from_utf8_lossy(&said[..end]).into_owned();
    let status = cgi.lines().find_map(|l| l.strip_prefix("Status: ")).unwrap_or("200 OK");
    let content = &said[end + 4..];
    let head = format!(
        "HTTP/1.1 {status}\r\n{cgi}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    let kept = if half { content.len() / 2 } else { content.len() };
    state.lock().unwrap().sent += kept as u64;
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&content[..kept]);
}
