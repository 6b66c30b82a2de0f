//! The proxy with the real git, and with clients that do what git does not.

use super::*;
use crate::{
    exec,
    git::{
        Depth, Limits, Source, Wanted, args, fetch,
        testhost::{TestHost, Trouble},
        testrepo::{TestRepo, program},
    },
};
use skillgate_contract::RepoUrl;
use std::{process::Command, sync::atomic::AtomicBool, time::Instant};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> EgressLimits {
    EgressLimits::of(1_000_000, 60 * SECOND)
}

/// A proxy to this repository's host.
fn proxy(url: &str, limits: EgressLimits) -> Egress {
    Egress::start(Destination::of(&url.parse().unwrap(), false), limits).unwrap()
}

fn port_of(url: &str) -> u16 {
    url.strip_prefix("http://127.0.0.1:").unwrap().split('/').next().unwrap().parse().unwrap()
}

/// The real git lists what is at `url`, through this proxy, with settings of the test's before its own.
async fn list(egress: &Egress, url: &str, settings: &[&str]) -> (bool, String) {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(program().program);
    command.env_clear().envs(args::environment(args::Transport::Http, home.path()));
    command.envs(args::proxy_environment(egress.url()));
    command
        .args(settings)
        .args(["ls-remote", "--", &format!("{url}.git")])
        .current_dir(home.path());
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
}

/// A client with this password that asks for a host and a port; the reply's code, and the connection.
async fn ask(egress: &Egress, password: &str, message: &[u8]) -> (Option<u8>, TcpStream) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, egress.port())).await.unwrap();
    let login = [b"\x05\x01\x02\x01\x03git", &[password.len() as u8][..], password.as_bytes()];
    // As one: what comes early is read when its turn comes.
    stream.write_all(&[&login.concat(), message].concat()).await.unwrap();
    let mut answers = [0; 14];
    let code = stream.read_exact(&mut answers).await.ok().map(|_| answers[5]);
    (code, stream)
}

fn password(egress: &Egress) -> String {
    egress.shared.password.expose().to_owned()
}

fn request_for(port: u16) -> Vec<u8> {
    [&[5, 1, 0, 1, 127, 0, 0, 1][..], &port.to_be_bytes()].concat()
}

/// A host that answers every connection with this head and this content, again and again after each
/// pause; how many came, and whether one was closed.
fn dripping(
    head: &'static [u8],
    content: &'static [u8],
    pause: Duration,
) -> (u16, Arc<AtomicU32>, Arc<AtomicBool>) {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (count, closed) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, seen) = (Arc::clone(&count), Arc::clone(&closed));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let (mut stream, seen) = (stream.unwrap(), Arc::clone(&seen));
            std::thread::spawn(move || {
                let mut sent = io::Write::write_all(&mut stream, head);
                while sent.is_ok() {
                    std::thread::sleep(pause);
                    sent = io::Write::write_all(&mut stream, content);
                }
                seen.store(true, Ordering::Relaxed);
            });
        }
    });
    (port, count, closed)
}

/// Waits until this is so, for five seconds at most.
async fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < 5 * SECOND, "{what}");
        sleep(SECOND / 100).await;
    }
}

#[tokio::test]
async fn g59_git_reaches_the_asked_host_and_no_other_host_or_port() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", b"one\n")]);
    let (asked, other) = (TestHost::of(&repo.path()), TestHost::of(&repo.path()));
    let egress = proxy(&asked.url(), limits());
    let (listed, said) = list(&egress, &asked.url(), &[]).await;
    assert!(listed && asked.asked() > 0, "{said}");
    assert_eq!((egress.failure(), egress.refused()), (None, 0));

    let (listed, said) = list(&egress, &other.url(), &[]).await;
    assert!(!listed && said.contains("SOCKS"), "{said}");
    // A name that stands for the same machine is another host, too.
    let named = format!("http://localhost:{}/o/r", port_of(&asked.url()));
    assert!(!list(&egress, &named, &[]).await.0);
    assert_eq!((other.asked(), egress.refused()), (0, 2));
    let failure = egress.failure().unwrap();
    let error = failure.explain("URL", 1, GitError::Empty).to_string();
    let port = port_of(&other.url());
    assert!(error.contains(&format!("git asked for 127.0.0.1 port {port}")), "{error}");
}

#[tokio::test]
async fn g59_a_redirect_to_another_host_is_refused_even_where_git_would_follow_it() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", b"one\n")]);
    let asked = TestHost::of(&repo.path());
    // It leads to port 1.
    asked.always(Some(Trouble::Status(302)));
    let egress = proxy(&asked.url(), limits());
    let (listed, said) = list(&egress, &asked.url(), &["-c", "http.followRedirects=true"]).await;
    assert!(!listed, "{said}");
    let failure = egress.failure();
    assert_eq!(failure, Some(EgressFailure::OtherDestination("127.0.0.1 port 1".into())));
}

#[tokio::test]
async fn g59_a_commit_and_its_later_blobs_come_through_the_proxy_alone() {
    let mut repo = TestRepo::new();
    let commit = repo.commit(&[(b"a.js", b"one\n"), (b"b.js", b"two\n")]);
    let host = TestHost::of(&repo.path());
    let url: RepoUrl = host.url().parse().unwrap();
    let source = Source::Remote(url.clone());
    let wanted = Wanted { commit: Some(&commit), depth: Depth::One, whole: false };
    let limits = Limits { first_wait: SECOND / 100, ..Limits::default() };
    let mut fetched = fetch(&program(), &source, &wanted, &repo.target(), &limits).await.unwrap();
    let blobs = Arc::get_mut(fetched.lazy_blobs.as_mut().unwrap()).unwrap();
    let (first, second) = (repo.blob(b"one\n"), repo.blob(b"two\n"));
    blobs.fetch(&program(), &[&first]).await.unwrap();

    // Where the proxy leads elsewhere, nothing of git reaches the host.
    let asked = host.asked();
    let to = blobs.transfer.destination.as_mut().unwrap();
    to.port = if to.port == 1 { 2 } else { 1 };
    let error = blobs.fetch(&program(), &[&second]).await.unwrap_err();
    assert!(matches!(error, GitError::OtherHost { .. }), "{error}");
    let transport = args::remote_transport(&url);
    let args = args::ls_remote_args(transport, &blobs.transfer.git_dir, &blobs.transfer.url);
    let (job, egress) = blobs.transfer.job(&program(), args, SECOND * 20, 0).unwrap();
    assert_ne!(exec::run(job).await.unwrap().code, Some(0));
    assert_eq!((egress.unwrap().refused(), host.asked()), (1, asked));
}

#[tokio::test]
async fn g59_only_whoever_has_the_password_gets_anything() {
    let (port, reached, _) = dripping(b"", b"x", SECOND);
    let egress = proxy(&format!("http://127.0.0.1:{port}/o/r"), limits());
    for wrong in ["", "git", &"0".repeat(32)] {
        assert_eq!(ask(&egress, wrong, &request_for(port)).await.0, None, "{wrong}");
    }
    let mut open = TcpStream::connect((Ipv4Addr::LOCALHOST, egress.port())).await.unwrap();
    open.write_all(&[5, 1, 0]).await.unwrap();
    let mut answer = Vec::new();
    open.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [5, 0xff], "there is no way in without a login");
    assert_eq!((reached.load(Ordering::Relaxed), egress.failure()), (0, None));
    assert_eq!(ask(&egress, &password(&egress), &request_for(port)).await.0, Some(0));
    assert!(!format!("{egress:?}").contains(&password(&egress)));
    // A request to listen, or to send datagrams, is none to connect.
    for command in [2, 3] {
        let mut request = request_for(port);
        request[1] = command;
        assert_eq!(ask(&egress, &password(&egress), &request).await.0, Some(7));
    }
}

#[tokio::test]
async fn g59_a_host_with_a_private_address_is_not_reached_unless_the_operator_named_it() {
    let repo: RepoUrl = "https://git.example/o/r".parse().unwrap();
    let at = |address: &str, private| Destination {
        fixed: Some(address.parse().unwrap()),
        ..Destination::of(&repo, private)
    };
    for (address, named, reached) in [
        ("10.0.0.1", false, false),
        ("10.0.0.1", true, true),
        ("fd12::1", false, false),
        ("127.0.0.1", true, false),
        ("169.254.169.254", true, false),
        ("::1", true, false),
        ("140.82.121.3", false, true),
    ] {
        let found = at(address, named).resolve().await;
        assert_eq!(found.is_ok(), reached, "{address} {named}: {found:?}");
    }
    let egress = Egress::start(at("127.0.0.1", false), limits()).unwrap();
    let name = b"\x05\x01\x00\x03\x0bgit.example\x01\xbb";
    assert_eq!(ask(&egress, &password(&egress), name).await.0, Some(2));
    let error = egress.failure().unwrap().explain("URL", 1, GitError::Empty).to_string();
    assert!(error.contains("127.0.0.1, which is not public"), "{error}");
    assert!(error.contains("SCANNER_PRIVATE_REPO_HOSTS"), "{error}");
}

#[tokio::test]
async fn g24_a_host_that_drips_is_left_and_the_fetch_says_so() {
    let head =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n";
    for (head, content) in [(&head[..], &b"0"[..]), (b"", b"")] {
        let (port, _, closed) = dripping(head, content, SECOND / 20);
        let url = format!("http://127.0.0.1:{port}/o/r");
        let egress = proxy(&url, EgressLimits { window: SECOND / 2, ..limits() });
        let begun = Instant::now();
        let (listed, said) = list(&egress, &url, &[]).await;
        assert!(!listed && begun.elapsed() < 10 * SECOND, "{said}");
        assert_eq!(egress.failure(), Some(EgressFailure::TooSlow), "{said}");
        if !content.is_empty() {
            until("the host's connection is closed", || closed.load(Ordering::Relaxed)).await;
        }
        let error = egress.failure().unwrap().explain("URL", 1, GitError::failed("fetch", &said));
        assert!(matches!(error, GitError::TooSlow { .. }), "{error}");
        let kept = egress.failure().unwrap().explain("URL", 1, GitError::Lacking);
        assert!(matches!(kept, GitError::Lacking), "what git knows for certain counts");
    }
}

#[tokio::test]
async fn g24_a_fetch_gets_so_many_bytes_and_connections_and_no_more() {
    static FLOOD: [u8; 10_000] = [b'x'; 10_000];
    let (port, reached, closed) = dripping(b"", &FLOOD, Duration::ZERO);
    let url = format!("http://127.0.0.1:{port}/o/r");
    let egress = proxy(&url, EgressLimits { received: 100_000, ..limits() });
    let (code, mut stream) = ask(&egress, &password(&egress), &request_for(port)).await;
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got).await;
    assert!(code == Some(0) && got.len() <= 100_000, "{}", got.len());
    assert_eq!(egress.failure(), Some(EgressFailure::TooMuch));
    until("the host's connection is closed", || closed.load(Ordering::Relaxed)).await;

    let egress = proxy(&url, EgressLimits { connections: 3, open: 2, ..limits() });
    reached.store(0, Ordering::Relaxed);
    for expected in [Some(0), Some(0), Some(0), Some(2), Some(2)] {
        assert_eq!(ask(&egress, &password(&egress), &request_for(port)).await.0, expected);
    }
    assert_eq!(egress.failure(), Some(EgressFailure::TooManyConnections));
    until("three came", || reached.load(Ordering::Relaxed) == 3).await;
}

#[tokio::test]
async fn g24_the_port_and_all_connections_end_with_the_command() {
    for by_time in [true, false] {
        let (port, _, closed) = dripping(b"", b"0123456789", SECOND / 100);
        let wall = if by_time { SECOND } else { 60 * SECOND };
        let url = format!("http://127.0.0.1:{port}/o/r");
        let egress = proxy(&url, EgressLimits { wall, window_bytes: 0, ..limits() });
        let own = egress.port();
        let (code, _stream) = ask(&egress, &password(&egress), &request_for(port)).await;
        assert_eq!(code, Some(0));
        let kept = by_time.then_some(egress);
        until("the host's connection is closed", || closed.load(Ordering::Relaxed)).await;
        let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, own)).await;
        assert!(refused.is_err(), "{by_time}");
        drop(kept);
    }
}
