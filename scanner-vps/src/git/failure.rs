//! What git's complaint about a fetch means. The words are git's and libcurl's own, in their source
//! language; git keeps them stable enough that a test of the real program holds each.

use super::{
    GitError,
    args::{LOW_SPEED_SECONDS, Transport},
    error::last_words,
};
use skillgate_contract::CommitSha;

/// libcurl's and git's words for what may be over in a moment: name resolution, connections that are
/// refused, reset, broken off or too slow, TLS that breaks off. Never a certificate.
const TRANSIENT: [&str; 32] = [
    "Could not resolve host",
    "Couldn't resolve host",
    "Could not resolve proxy",
    "Temporary failure in name resolution",
    "Resolving timed out",
    "getaddrinfo() thread failed",
    "Failed to connect",
    "Could not connect",
    "Couldn't connect",
    "Connection refused",
    "Connection reset",
    "Connection was reset",
    "Connection timed out",
    "Connection died",
    "Connection closed",
    "No route to host",
    "Network is unreachable",
    "Operation timed out",
    "Timeout was reached",
    "Empty reply from server",
    "Recv failure",
    "Send failure",
    "Broken pipe",
    "transfer closed",
    "early EOF",
    "unexpected disconnect",
    "the remote end hung up",
    "SSL_ERROR_SYSCALL",
    "SSL connect error",
    "unexpected eof while reading",
    "HTTP/2 stream",
    "HTTP2 framing layer",
];
/// More of them, from the TLS libraries that git is built with.
const PASSING_TLS: [&str; 7] = [
    "SSL_read",
    "SSL_connect",
    "SSL_write",
    "gnutls_handshake() failed",
    "GnuTLS recv error",
    "TLS connect error",
    "TLS connection was non-properly terminated",
];

/// What a failed fetch of `url` means.
pub(super) fn classify(
    transport: Transport,
    url: &str,
    commit: Option<&CommitSha>,
    stderr: &str,
) -> GitError {
    let says = |words: &[&str]| words.iter().any(|word| stderr.contains(word));
    let (url, remote) = (url.to_owned(), matches!(transport, Transport::Http | Transport::Https));
    if says(&["dubious ownership"]) {
        return GitError::NotOwned { path: url };
    }
    if says(&["does not appear to be a git repository"]) {
        return GitError::NotARepository { path: url };
    }
    if says(&["mismatched algorithms", "mismatched object format"]) {
        return GitError::Sha256;
    }
    if says(&["not our ref", "unadvertised object", "couldn't find remote ref"]) {
        return match commit {
            Some(commit) => GitError::CommitNotFound { commit: commit.clone() },
            None => GitError::Empty,
        };
    }
    if says(&["could not read Username", "Repository not found", "Authentication failed"])
        || (stderr.contains("repository '") && stderr.contains("' not found"))
    {
        return GitError::RepositoryNotFound { url };
    }
    if says(&["fsck error", "error in object"]) {
        return GitError::Malformed { message: last_words(stderr) };
    }
    if says(&[
        "possible repository corruption",
        "missing blob object",
        "missing tree object",
        "unable to read",
    ]) {
        return GitError::Lacking;
    }
    // The second and third also where the first request was answered as a git host does.
    let no_git =
        ["is this a git repository?", "bad line length", "expected flush after ref listing"];
    if says(&no_git) && remote {
        return GitError::NotAGitHost { url };
    }
    if let Some(status) = status(stderr).filter(|_| remote) {
        return of_status(url, status, stderr);
    }
    if remote && says(&["Operation too slow"]) {
        return GitError::TooSlow { url, seconds: LOW_SPEED_SECONDS };
    }
    if remote && !stderr.contains("certificate") && (says(&TRANSIENT) || says(&PASSING_TLS)) {
        return GitError::Unavailable { url, reason: reason(stderr) };
    }
    if says(&["invalid index-pack output"]) {
        return GitError::Malformed { message: last_words(stderr) };
    }
    GitError::failed("fetch", stderr)
}

fn of_status(url: String, status: u16, stderr: &str) -> GitError {
    let reason = match status {
        300..=399 => return GitError::Moved { url, status },
        401 | 404 => return GitError::RepositoryNotFound { url },
        429 => "it limits how often it is asked",
        408 | 425 => "it took too long",
        // What a host does not know today it does not know tomorrow.
        501 | 505 | 511 => return GitError::Refused { url, status },
        500..=599 => "it fails",
        400..=499 => return GitError::Refused { url, status },
        _ => return GitError::failed("fetch", stderr),
    };
    GitError::Unavailable { url, reason: format!("{reason} (HTTP {status})") }
}

/// The HTTP status that libcurl names, in the ways of git's two requests.
fn status(stderr: &str) -> Option<u16> {
    let after = |word: &str| {
        let (_, rest) = stderr.rsplit_once(word)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|status| (300..600).contains(status))
    };
    after("requested URL returned error: ").or_else(|| after("RPC failed; HTTP "))
}

/// libcurl's own words, which stand behind the URL.
fn reason(stderr: &str) -> String {
    let words = last_words(stderr);
    let line = words.split("; ").find(|line| !line.starts_with("remote:")).unwrap_or_default();
    let behind_url = line.rsplit_once("': ").map_or(line, |(_, reason)| reason);
    behind_url.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://github.com/o/r";

    fn say(stderr: &str) -> GitError {
        classify(Transport::Https, URL, None, stderr)
    }

    fn of(status: u16) -> GitError {
        say(&format!(
            "fatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: {status}"
        ))
    }

    #[test]
    fn what_git_says_is_told_in_our_words() {
        for stderr in [
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
            "remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found",
        ] {
            assert_eq!(
                say(stderr).to_string(),
                "there is no public repository at https://github.com/o/r"
            );
        }
        let page = say(
            "fatal: remote-curl: bad line length character: <htm\nfatal: expected flush after ref listing",
        );
        assert!(page.to_string().contains("not as a git host does"), "{page}");
        let owned = say("fatal: detected dubious ownership in repository at '/x'");
        assert!(owned.to_string().contains("another user"));
        let kinds = say("fatal: mismatched algorithms: client sha1; server sha256");
        assert!(kinds.to_string().contains("SHA-256 object ids, which are not supported"));
        let lacking = say(
            "remote: fatal: bad tree object\nremote: aborting due to possible repository corruption on the remote side.",
        );
        assert!(lacking.to_string().contains("a partial or damaged clone"), "{lacking}");
    }

    #[test]
    fn each_status_has_its_sentence_and_only_what_may_pass_is_tried_again() {
        for (status, passing, words) in [
            (
                301,
                false,
                "was renamed or moved (HTTP 301; redirects are not followed): publish it under its new address",
            ),
            (302, false, "was renamed or moved"),
            (307, false, "was renamed or moved"),
            (308, false, "was renamed or moved"),
            (401, false, "no public repository"),
            (404, false, "no public repository"),
            (403, false, "HTTP 403, it refuses access"),
            (410, false, "HTTP 410, it is gone"),
            (451, false, "HTTP 451, for legal reasons"),
            (501, false, "HTTP 501"),
            (408, true, "it took too long (HTTP 408); try again later"),
            (429, true, "it limits how often it is asked (HTTP 429); try again later"),
            (500, true, "it fails (HTTP 500)"),
            (502, true, "it fails (HTTP 502)"),
            (503, true, "it fails (HTTP 503)"),
            (504, true, "it fails (HTTP 504)"),
            (522, true, "it fails (HTTP 522)"),
        ] {
            let error = of(status);
            assert_eq!(error.is_transient(), passing, "{status}: {error}");
            assert!(error.to_string().contains(words), "{status}: {error}");
            assert!(error.to_string().contains(URL), "{status}: {error}");
        }
        let posted = say(
            "error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503\nfatal: expected 'packfile'",
        );
        assert!(posted.is_transient(), "{posted}");
        let posted = say(
            "error: RPC failed; HTTP 429 curl 22 error\nfatal: the remote end hung up unexpectedly",
        );
        assert!(posted.to_string().contains("HTTP 429"), "{posted}");
    }

    #[test]
    fn a_broken_connection_may_pass_and_a_bad_certificate_stays() {
        let access = "fatal: unable to access 'https://github.com/o/r.git/': ";
        for words in [
            "Could not resolve host: github.com",
            "Failed to connect to github.com port 443 after 3 ms: Couldn't connect to server",
            "Failed to connect to github.com port 443: Connection timed out",
            "Recv failure: Connection reset by peer",
            "Empty reply from server",
            "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0",
            "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to github.com:443",
            "gnutls_handshake() failed: The TLS connection was non-properly terminated.",
        ] {
            let error = say(&format!("{access}{words}\n"));
            assert!(error.is_transient(), "{words}: {error}");
            assert!(
                error.to_string().contains(&format!("for the moment: {words}; try")),
                "{error}"
            );
        }
        let slow = "error: RPC failed; curl 28 Operation too slow. Less than 10000 bytes/sec transferred \
                    the last 20 seconds\nfatal: protocol error: bad pack header";
        let slow = say(slow);
        assert!(
            slow.is_transient()
                && slow.to_string().ends_with("too little for 20 s; try again later")
        );
        let cut = "error: RPC failed; curl 18 transfer closed with outstanding read data remaining\n\
                   error: 123 bytes of body are still expected\nfetch-pack: unexpected disconnect while \
                   reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output";
        assert!(say(cut).is_transient());
        for words in [
            "SSL certificate problem: self-signed certificate",
            "server certificate verification failed. CAfile: none CRLfile: none",
        ] {
            assert!(!say(&format!("{access}{words}")).is_transient(), "{words}");
        }
        // On this machine there is no moment to wait for.
        let local =
            classify(Transport::File, "/x", None, "fatal: the remote end hung up unexpectedly");
        assert!(!local.is_transient(), "{local}");
        let fsck =
            "error: object 1: badTree: x\nfatal: fsck error in packed object\nfatal: early EOF";
        assert!(matches!(say(fsck), GitError::Malformed { .. }));
    }
}
