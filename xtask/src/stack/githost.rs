//! A git host on loopback: git's own smart HTTP, through `git http-backend`, for reading only.
//!
//! The clone code of production talks to it as it talks to GitHub: protocol v2, partial clones, commits by SHA.

use super::repo::git;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

const WORKERS: usize = 4;
/// What a client sends is a list of commits; more than this is not one.
const MAX_REQUEST_BYTES: u64 = 8 * 1024 * 1024;
const ADVERTISE: &str = "/info/refs";
const UPLOAD_PACK: &str = "/git-upload-pack";

/// Why the host does not run.
#[derive(Debug, thiserror::Error)]
pub enum GitHostError {
    /// No port to listen on.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No threads to answer with.
    #[error("cannot start a thread")]
    Thread(#[from] io::Error),
}

/// A running git host; it stops when this is dropped.
#[derive(Debug)]
pub struct GitHost {
    server: Listener,
    port: u16,
    workers: Vec<JoinHandle<()>>,
}

struct Listener(Arc<Server>);

impl std::fmt::Debug for Listener {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Listener({:?})", self.0.server_addr())
    }
}

impl GitHost {
    /// Serves the bare repositories `<root>/<owner>/<name>.git` on a free loopback port.
    ///
    /// # Errors
    /// When there is no port or no thread to be had.
    pub fn start(root: &Path) -> Result<Self, GitHostError> {
        let server = Arc::new(Server::http("127.0.0.1:0").map_err(GitHostError::Listen)?);
        let port = server.server_addr().to_ip().map(|address| address.port()).unwrap_or_default();
        let workers = (0..WORKERS)
            .map(|_| {
                let (server, root) = (Arc::clone(&server), root.to_path_buf());
                thread::Builder::new()
                    .name("githost".to_owned())
                    .spawn(move || work(&server, &root))
            })
            .collect::<io::Result<Vec<_>>>()?;
        Ok(Self { server: Listener(server), port, workers })
    }

    /// The address to clone `owner/repo` from.
    #[must_use]
    pub fn url(&self, owner: &str, repo: &str) -> String {
        format!("http://127.0.0.1:{}/{owner}/{repo}", self.port)
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        // Each call wakes one of the threads that wait for a request.
        for _ in &self.workers {
            self.server.0.unblock();
        }
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
    }
}

fn work(server: &Server, root: &Path) {
    while let Ok(request) = server.recv() {
        // A client that hangs up is its own affair; git says so to it.
        let _ = answer(request, root);
    }
}

fn answer(request: Request, root: &Path) -> io::Result<()> {
    match Route::parse(request.method(), request.url()) {
        Some(route) if root.join(route.repository()).is_dir() => serve(request, root, &route),
        _ => request.respond(Response::empty(StatusCode(404))),
    }
}

/// The two requests that a fetch is made of.
#[derive(Debug, PartialEq, Eq)]
struct Route {
    owner: String,
    name: String,
    service: &'static str,
    query: &'static str,
}

impl Route {
    /// Anything but reading has no route: no push, no plain files.
    fn parse(method: &Method, url: &str) -> Option<Self> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let (repository, service, query) = match (method, query) {
            (Method::Get, "service=git-upload-pack") => {
                (path.strip_suffix(ADVERTISE)?, ADVERTISE, "service=git-upload-pack")
            }
            (Method::Post, "") => (path.strip_suffix(UPLOAD_PACK)?, UPLOAD_PACK, ""),
            _ => return None,
        };
        let (owner, name) = repository.strip_prefix('/')?.split_once('/')?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        };
        (plain(owner) && plain(name)).then(|| Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            service,
            query,
        })
    }

    fn repository(&self) -> PathBuf {
        Path::new(&self.owner).join(format!("{}.git", self.name))
    }
}

fn serve(mut request: Request, root: &Path, route: &Route) -> io::Result<()> {
    let mut body = Vec::new();
    request.as_reader().take(MAX_REQUEST_BYTES + 1).read_to_end(&mut body)?;
    if body.len() as u64 > MAX_REQUEST_BYTES {
        return request.respond(Response::empty(StatusCode(413)));
    }
    let mut child = backend(&request, root, route, body.len()).spawn()?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return finish(child);
    };
    // Beside the reading, since git may answer before it has read all.
    let feeder = thread::spawn(move || stdin.write_all(&body));
    let outcome = relay(request, stdout);
    let _ = feeder.join();
    finish(child).and(outcome)
}

/// git's own server, as a CGI program.
fn backend(request: &Request, root: &Path, route: &Route, length: usize) -> Command {
    let header = |name: &'static str| {
        let found = request.headers().iter().find(|header| header.field.equiv(name));
        found.map(|header| header.value.as_str().to_owned()).unwrap_or_default()
    };
    let path = format!("/{}{}", route.repository().display(), route.service);
    let mut command = git(root);
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", route.query)
        .env("REQUEST_METHOD", request.method().as_str())
        .env("CONTENT_TYPE", header("Content-Type"))
        .env("CONTENT_LENGTH", length.to_string())
        .env("HTTP_CONTENT_ENCODING", header("Content-Encoding"))
        .env("GIT_PROTOCOL", header("Git-Protocol"))
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// A CGI answer as an HTTP one, its body as it comes.
fn relay(request: Request, stdout: ChildStdout) -> io::Result<()> {
    let mut output = BufReader::new(stdout);
    let mut status = StatusCode(200);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        output.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        if name.eq_ignore_ascii_case("Status") {
            let code = value.split(' ').next().and_then(|code| code.parse().ok());
            status = StatusCode(code.unwrap_or(500));
        } else {
            headers.extend(Header::from_bytes(name, value));
        }
    }
    request.respond(Response::new(status, headers, output, None, None))
}

fn finish(mut child: Child) -> io::Result<()> {
    child.wait().map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::repo::RepoBuilder;
    use super::*;

    fn clone(url: &str, into: &Path, args: &[&str]) -> String {
        let output =
            git(into).args(args).args(["clone", "--quiet", url, "checkout"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let head = git(&into.join("checkout")).args(["rev-parse", "HEAD"]).output().unwrap();
        String::from_utf8(head.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn clone_over_either_protocol_gives_the_head_that_was_built() {
        let root = tempfile::tempdir().unwrap();
        let big: Vec<u8> = (0..400_000_u32).flat_map(u32::to_le_bytes).collect();
        let builder =
            RepoBuilder::new().file("SKILL.md", "# A skill\n").file("big", big).commit("first");
        let repository =
            builder.file("b", "2").commit("second").write(root.path(), "owner", "repo").unwrap();
        let host = GitHost::start(root.path()).unwrap();
        for protocol in ["protocol.version=0", "protocol.version=2"] {
            let into = tempfile::tempdir().unwrap();
            let head = clone(&host.url("owner", "repo"), into.path(), &["-c", protocol]);
            assert_eq!(Some(head.as_str()), repository.head());
        }
    }

    #[test]
    fn old_commit_can_be_fetched_by_its_sha_without_blobs() {
        let root = tempfile::tempdir().unwrap();
        let builder =
            RepoBuilder::new().file("a", "1").commit("first").file("a", "2").commit("second");
        let repository = builder.write(root.path(), "owner", "repo").unwrap();
        let host = GitHost::start(root.path()).unwrap();
        let into = tempfile::tempdir().unwrap();
        let old = repository.commits[0].as_str();
        assert!(git(into.path()).args(["init", "--quiet", "."]).status().unwrap().success());
        let url = host.url("owner", "repo.git");
        let fetch = ["fetch", "--quiet", "--depth=1", "--filter=blob:none", &url, old];
        assert!(git(into.path()).args(fetch).status().unwrap().success());
    }

    #[test]
    fn only_reading_has_a_route() {
        for (method, url) in [
            (Method::Get, "/owner/repo/info/refs?service=git-receive-pack"),
            (Method::Post, "/owner/repo/git-receive-pack"),
            (Method::Get, "/owner/repo/HEAD"),
            (Method::Get, "/owner/repo/info/refs"),
            (Method::Post, "/../repo/git-upload-pack"),
            (Method::Post, "/owner/repo/more/git-upload-pack"),
        ] {
            assert_eq!(Route::parse(&method, url), None, "{method} {url}");
        }
    }
}
