//! Fetching from a host that fails, for a moment or for good.

use super::*;
use crate::git::{
    testhost::{TestHost, Trouble},
    testrepo::{TestRepo, program},
};

const HEAD: Wanted<'static> = Wanted { commit: None, depth: Depth::One, whole: true };

async fn from(host: &TestHost, repo: &TestRepo) -> Result<Fetched, GitError> {
    let limits = Limits { first_wait: Duration::from_millis(5), ..Limits::default() };
    let source = Source::Remote(host.url().parse().unwrap());
    fetch(&program(), &source, &HEAD, &repo.target(), &limits).await
}

#[tokio::test]
async fn f8_a_moments_failure_is_tried_again() {
    let mut repo = TestRepo::new();
    let commit = repo.commit(&[(b"a.js", b"one\n")]);
    for troubles in [
        vec![Trouble::Status(503)],
        vec![Trouble::Status(503), Trouble::Status(502)],
        vec![Trouble::Status(500), Trouble::Status(504), Trouble::Status(429)],
        vec![Trouble::Silence],
        vec![Trouble::Half],
    ] {
        let host = TestHost::of(&repo.path()).then(troubles.clone());
        let fetched = from(&host, &repo).await;
        assert_eq!(fetched.unwrap().commit, commit, "{troubles:?}");
        assert!(host.asked() > troubles.len());
    }
}

#[tokio::test]
async fn f8_a_host_that_goes_on_failing_is_named_after_four_tries() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", b"one\n")]);
    for (trouble, words) in [
        (Trouble::Status(503), "it fails (HTTP 503); try again later"),
        (Trouble::Status(429), "it limits how often it is asked (HTTP 429); try again later"),
        (Trouble::Silence, "Empty reply from server; try again later"),
    ] {
        let host = TestHost::of(&repo.path());
        host.always(Some(trouble));
        let error = from(&host, &repo).await.unwrap_err();
        assert!(error.is_transient() && error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains(&host.url()), "{error}");
        assert_eq!(host.asked(), 4, "{trouble:?}");
        host.always(None);
        assert!(from(&host, &repo).await.is_ok());
    }
    // Nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let source = Source::Remote(format!("http://127.0.0.1:{port}/o/r").parse().unwrap());
    let limits = Limits { first_wait: Duration::from_millis(5), ..Limits::default() };
    let error = fetch(&program(), &source, &HEAD, &repo.target(), &limits).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn what_stays_as_it_is_is_final_at_once_and_says_what_to_do() {
    let mut repo = TestRepo::new();
    repo.commit(&[(b"a.js", b"one\n")]);
    for (trouble, words) in [
        (
            Trouble::Status(301),
            "was renamed or moved (HTTP 301; redirects are not followed): publish it under its new address",
        ),
        (Trouble::Status(302), "was renamed or moved (HTTP 302"),
        (Trouble::Status(308), "was renamed or moved (HTTP 308"),
        (Trouble::Status(401), "there is no public repository at"),
        (Trouble::Status(404), "there is no public repository at"),
        (Trouble::Status(451), "HTTP 451, for legal reasons"),
        (Trouble::Page("<html><body>Sign in</body></html>"), "not as a git host does"),
        (
            Trouble::Page("<!DOCTYPE html>\n<html>\n<body>Sign in</body></html>\n"),
            "not as a git host does",
        ),
        (Trouble::Page(""), "not as a git host does"),
    ] {
        let host = TestHost::of(&repo.path());
        host.always(Some(trouble));
        let error = from(&host, &repo).await.unwrap_err();
        assert!(!error.is_transient() && error.to_string().contains(words), "{trouble:?}: {error}");
        assert!(host.asked() <= 4, "{trouble:?}: {:?}", host.asked());
    }
    let empty = TestRepo::new();
    let host = TestHost::of(&empty.path());
    let error = from(&host, &empty).await.unwrap_err();
    assert!(matches!(error, GitError::Empty), "{error}");
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/gone"], b"");
    let error = from(&TestHost::of(&repo.path()), &repo).await.unwrap_err();
    assert!(matches!(error, GitError::HeadGone { .. }), "{error}");
}
