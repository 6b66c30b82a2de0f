//! Git's environment and flags, in one place: what makes it safe to point at a hostile repository.
//!
//! Sources: git's documents git-config, gitprotocol-capabilities, git-upload-pack ("SECURITY") and
//! gitsecurityboundary. Everything here is pure, so that each flag is asserted by name.

use super::{Blobs, Depth, fsck::Check};
use std::ffi::OsString;
use std::path::Path;

/// A host that sends less than 10 kB a second for so long is given up.
pub const LOW_SPEED_SECONDS: u64 = 20;

/// The one transport that a command may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Any host but this one.
    Https,
    /// `127.0.0.1` only, for development and tests.
    Http,
    /// A folder that the person at the keyboard named.
    File,
    /// Reading what was fetched: nothing may be fetched in the course of it.
    None,
}

impl Transport {
    const fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
            Self::File => "file",
            // No transport has this name, so the list of allowed ones is empty.
            Self::None => "none",
        }
    }
}

/// The whole environment of a git command.
///
/// `C` keeps git's messages in the one language that [`super::GitError`] is made from; replace
/// refs would let a repository show other objects than the commit holds.
#[must_use]
pub fn environment(transport: Transport, empty_home: &Path) -> Vec<(OsString, OsString)> {
    let mut env: Vec<(OsString, OsString)> = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_ASKPASS", "false"),
        ("GIT_ALLOW_PROTOCOL", transport.name()),
        ("GIT_LFS_SKIP_SMUDGE", "1"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("LC_ALL", "C"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    env.push(("HOME".into(), empty_home.into()));
    env
}

/// What is added to the environment of a command that may use the network: the proxy that it has to
/// go through. Not an argument, because those are shown to every user of the machine; of a setting in the
/// environment, `http.proxy` alone counts, and no `no_proxy` beside it.
#[must_use]
pub fn proxy_environment(url: String) -> [(OsString, OsString); 3] {
    [
        ("GIT_CONFIG_COUNT".into(), "1".into()),
        ("GIT_CONFIG_KEY_0".into(), "http.proxy".into()),
        ("GIT_CONFIG_VALUE_0".into(), url.into()),
    ]
}

/// The `-c` settings before every subcommand.
///
/// `fetch.unpackLimit=1` keeps what was fetched as one pack, whose size can be watched;
/// `core.bigFileThreshold` makes git stream large blobs instead of holding them.
#[must_use]
pub fn settings(transport: Transport) -> Vec<OsString> {
    let mut settings = vec![OsString::from("--literal-pathspecs")];
    let slow = format!("http.lowSpeedTime={LOW_SPEED_SECONDS}");
    let allow = format!("protocol.{}.allow=always", transport.name());
    for setting in [
        "protocol.allow=never",
        allow.as_str(),
        "http.followRedirects=false",
        "http.lowSpeedLimit=10000",
        slow.as_str(),
        "transfer.fsckObjects=true",
        "core.hooksPath=/dev/null",
        "core.symlinks=false",
        "core.fsmonitor=false",
        "core.bigFileThreshold=10m",
        "credential.helper=",
        "transfer.bundleURI=false",
        "submodule.recurse=false",
        "fetch.recurseSubmodules=false",
        "fetch.unpackLimit=1",
        "fetch.writeCommitGraph=false",
        "gc.auto=0",
        "maintenance.auto=false",
        "log.showSignature=false",
    ] {
        settings.extend(["-c".into(), setting.into()]);
    }
    for setting in super::fsck::settings() {
        settings.extend(["-c".into(), setting.into()]);
    }
    settings
}

/// `git init` of the empty repository that receives a fetch.
#[must_use]
pub fn init_args(transport: Transport, git_dir: &Path) -> Vec<OsString> {
    let mut args = settings(transport);
    args.extend(["init", "--bare", "--quiet", "--template=", "--"].map(OsString::from));
    args.push(git_dir.into());
    args
}

/// `git fetch` of one commit, or of HEAD, from `url` into `git_dir`.
///
/// An empty repository and a fetch do what `clone --bare --single-branch` does, for HEAD and for
/// a commit alike, without the features that only a clone has (templates, bundles, checkouts).
#[must_use]
pub fn fetch_args(
    transport: Transport,
    git_dir: &Path,
    url: &std::ffi::OsStr,
    want: &str,
    depth: Depth,
    blobs: Blobs,
    check: Check,
) -> Vec<OsString> {
    let mut args = fetch(transport, git_dir, check);
    match depth {
        Depth::One => args.push("--depth=1".into()),
        // A source that is itself shallow is taken as it is, and the shallowness reported.
        Depth::History => args.push("--update-shallow".into()),
    }
    match blobs {
        Blobs::AtOnce => args.push("--filter=blob:limit=10m".into()),
        Blobs::AsNeeded => args.push("--filter=blob:none".into()),
        // As if nothing were here: git takes the commit for whole otherwise.
        Blobs::Again => args.extend(["--filter=blob:limit=10m", "--refetch"].map(OsString::from)),
    }
    args.push("--".into());
    args.push(url.into());
    args.push(want.into());
    args
}

/// `git fetch` of the objects whose ids come on standard input, from the same `url` as the commit.
///
/// The filter keeps git from asking for more than was named; nothing is offered for comparison.
#[must_use]
pub fn fetch_ids_args(
    transport: Transport,
    git_dir: &Path,
    url: &std::ffi::OsStr,
) -> Vec<OsString> {
    let mut args: Vec<OsString> = ["-c", "fetch.negotiationAlgorithm=noop"].map(Into::into).into();
    args.extend(fetch(transport, git_dir, Check::OnArrival));
    args.extend(
        ["--no-write-fetch-head", "--filter=blob:none", "--stdin", "--"].map(OsString::from),
    );
    args.push(url.into());
    args
}

/// `git ls-remote` of `url`: its HEAD and its branches.
#[must_use]
pub fn ls_remote_args(
    transport: Transport,
    git_dir: &Path,
    url: &std::ffi::OsStr,
) -> Vec<OsString> {
    let mut args = settings(transport);
    args.extend(in_dir(git_dir));
    args.extend(["ls-remote", "--heads", "--"].map(OsString::from));
    args.push(url.into());
    args
}

fn fetch(transport: Transport, git_dir: &Path, check: Check) -> Vec<OsString> {
    let mut args = settings(transport);
    if check == Check::Afterwards {
        args.extend(["-c", "transfer.fsckObjects=false"].map(OsString::from));
    }
    args.extend(in_dir(git_dir));
    args.extend(
        ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]
            .map(OsString::from),
    );
    args
}

/// Plain HTTP for loopback, which [`skillgate_contract::RepoUrl`] alone writes so; else HTTPS.
#[must_use]
pub fn remote_transport(repo: &skillgate_contract::RepoUrl) -> Transport {
    if repo.to_string().starts_with("http://127.0.0.1:") {
        Transport::Http
    } else {
        Transport::Https
    }
}

/// The URL of a folder on this machine. Not its plain path: git keeps the filter of a fetch under
/// its source's name, and takes no name that begins with a slash.
#[must_use]
pub fn file_url(absolute: &Path) -> OsString {
    let mut url = String::from("file://");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'_' | b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                url.push(char::from(*byte));
            }
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url.into()
}

/// Arguments of a command that reads what was fetched.
#[must_use]
pub fn reading_args<const N: usize>(git_dir: &Path, command: [&str; N]) -> Vec<OsString> {
    let mut args = settings(Transport::None);
    args.extend(in_dir(git_dir));
    args.extend(command.map(OsString::from));
    args
}

fn in_dir(git_dir: &Path) -> [OsString; 2] {
    ["--git-dir".into(), git_dir.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(args: &[OsString]) -> Vec<&str> {
        args.iter().map(|a| a.to_str().unwrap()).collect()
    }

    #[test]
    fn g22_every_hardening_flag_stands_before_the_url() {
        let url = "https://github.com/o/r.git".as_ref();
        let dir = Path::new("/x/repo");
        let whole = fetch_args(
            Transport::Https,
            dir,
            url,
            "HEAD",
            Depth::One,
            Blobs::AtOnce,
            Check::OnArrival,
        );
        for flag in ["--depth=1", "--filter=blob:limit=10m"] {
            assert!(words(&whole).contains(&flag), "{flag}");
        }
        let bare = fetch_args(
            Transport::Https,
            dir,
            url,
            "HEAD",
            Depth::One,
            Blobs::AsNeeded,
            Check::OnArrival,
        );
        assert!(words(&bare).contains(&"--filter=blob:none"));
        for args in [whole, bare] {
            assert_hardened(&args, &["--", "https://github.com/o/r.git", "HEAD"]);
        }
        let ids = fetch_ids_args(Transport::Https, dir, url);
        assert_hardened(&ids, &["--stdin", "--", "https://github.com/o/r.git"]);
    }

    fn assert_hardened(args: &[OsString], end: &[&str]) {
        let args = words(args);
        for setting in [
            "protocol.allow=never",
            "protocol.https.allow=always",
            "http.followRedirects=false",
            "http.lowSpeedLimit=10000",
            "http.lowSpeedTime=20",
            "transfer.fsckObjects=true",
            "core.hooksPath=/dev/null",
            "core.symlinks=false",
            "core.fsmonitor=false",
            "credential.helper=",
            "transfer.bundleURI=false",
            "submodule.recurse=false",
            "gc.auto=0",
        ] {
            let at = args.iter().position(|a| *a == setting).unwrap_or_else(|| panic!("{setting}"));
            assert_eq!(args[at - 1], "-c", "{setting}");
            assert!(at < args.iter().position(|a| *a == "fetch").unwrap(), "{setting}");
        }
        for flag in ["--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"] {
            assert!(args.contains(&flag), "{flag}");
        }
        assert_eq!(args[args.len() - end.len()..], *end);
        assert!(!args.contains(&"transfer.fsckObjects=false"));
        assert!(!args.iter().any(|a| a.contains("protocol.http.allow") || a.contains("file")));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        let local = "http://127.0.0.1:4000/o/r".parse().unwrap();
        assert_eq!(remote_transport(&local), Transport::Http);
        let (dir, url) = (Path::new("/x"), "http://127.0.0.1:4000/o/r.git".as_ref());
        let args = fetch_args(
            Transport::Http,
            dir,
            url,
            "HEAD",
            Depth::History,
            Blobs::AtOnce,
            Check::OnArrival,
        );
        assert!(words(&args).contains(&"protocol.http.allow=always"));
        assert!(!words(&args).contains(&"--depth=1"));
        let far = "http://github.com/o/r".parse().unwrap();
        assert_eq!(remote_transport(&far), Transport::Https);
    }

    #[test]
    fn a_folder_of_any_name_has_a_url() {
        assert_eq!(file_url(Path::new("/a b/%x")), "file:///a%20b/%25x");
    }

    #[test]
    fn g27_the_environment_is_empty_but_for_what_is_written_here() {
        let env = environment(Transport::Https, Path::new("/empty"));
        let get = |name: &str| {
            env.iter().find(|(k, _)| k == name).map(|(_, v)| v.to_str().unwrap().to_owned())
        };
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", "false"),
            ("GIT_ALLOW_PROTOCOL", "https"),
            ("GIT_LFS_SKIP_SMUDGE", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("HOME", "/empty"),
        ] {
            assert_eq!(get(name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(get("PATH"), None);
        let all = env.iter().map(|(name, _)| name.to_str().unwrap().to_ascii_lowercase());
        assert!(!all.into_iter().any(|name| name.contains("proxy")), "git reads no_proxy, too");
    }

    #[test]
    fn g59_the_way_to_the_network_is_no_argument() {
        let url = "socks5h://git:password@127.0.0.1:1";
        let env = proxy_environment(url.to_owned());
        let env = env.each_ref().map(|(name, value)| (name.to_str(), value.to_str()));
        assert!(env.contains(&(Some("GIT_CONFIG_KEY_0"), Some("http.proxy"))));
        assert!(env.contains(&(Some("GIT_CONFIG_VALUE_0"), Some(url))));
        assert!(!settings(Transport::Https).iter().any(|s| s.to_string_lossy().contains("proxy")));
    }
}
