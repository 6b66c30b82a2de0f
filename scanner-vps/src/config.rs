//! The server's settings, from the environment, read once. Whatever is wrong is said all at once.
//! Where the tools are is read by [`crate::tools::ToolSettings`].

use crate::delivery::AllowedCallbacks;
use skillgate_contract::HostPolicy;
use std::{
    ffi::OsString,
    fmt,
    net::{IpAddr, Ipv4Addr},
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// The scanner's port where `SCANNER_PORT` is not set.
pub const DEFAULT_PORT: u16 = 9500;
/// Fewer characters than this are no secret.
const MIN_SECRET_CHARS: usize = 16;

/// What `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SCANNER_BIND`: the address to listen on. Loopback unless it is set.
    pub bind: IpAddr,
    /// `SCANNER_PORT`; 0 lets the system choose.
    pub port: u16,
    /// `SCANNER_MAX_CONCURRENT`: scans that run at once.
    pub max_concurrent: usize,
    /// `SCANNER_QUEUE_LIMIT`: scans that may wait.
    pub queue_limit: usize,
    /// `SCANNER_SHUTDOWN_GRACE_SECONDS`: how long running scans may go on after SIGTERM.
    pub grace: Duration,
    /// `SCANNER_WORKER_SECRET`: what `POST /scan` must bear.
    pub worker_secret: Secret,
    /// `SCANNER_ALLOWED_REPO_HOSTS`, else `ALLOWED_REPO_HOSTS`: where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// `SCANNER_ALLOWED_CALLBACK_HOSTS`: where reports may go.
    pub callbacks: AllowedCallbacks,
    /// `SCANNER_WORK_DIR`: where checkouts and copies are made.
    pub work_dir: PathBuf,
    /// `SCANNER_SPOOL_DIR`: where reports wait until they have arrived.
    pub spool_dir: PathBuf,
}

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret, to compare with.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// One wrong setting. Never repeats the value: it may be a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {fault}")]
pub struct WrongSetting {
    /// The variable.
    pub name: &'static str,
    /// What it must be.
    pub fault: String,
}

impl Settings {
    /// Reads the settings of `serve`; `get` is the environment.
    ///
    /// # Errors
    /// Every wrong setting.
    pub fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Vec<WrongSetting>> {
        let mut env = Env { get, wrong: Vec::new() };
        let bind = env.parsed("SCANNER_BIND", "must be an IP address");
        let port = env.parsed("SCANNER_PORT", "must be a port, 0 to 65535");
        let max_concurrent = env.number("SCANNER_MAX_CONCURRENT", 1..=64);
        let queue_limit = env.number("SCANNER_QUEUE_LIMIT", 1..=10_000);
        let grace = env.number("SCANNER_SHUTDOWN_GRACE_SECONDS", 0..=3_600);
        let worker_secret = env.secret("SCANNER_WORKER_SECRET");
        let repo_hosts = env.repo_hosts();
        let callbacks = env.callbacks("SCANNER_ALLOWED_CALLBACK_HOSTS");
        let work_dir = env.folder("SCANNER_WORK_DIR", "XDG_CACHE_HOME", ".cache", "work");
        let spool_dir = env.folder("SCANNER_SPOOL_DIR", "XDG_STATE_HOME", ".local/state", "spool");
        let settings = (|| {
            Some(Self {
                bind: bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                port: port.unwrap_or(DEFAULT_PORT),
                max_concurrent: max_concurrent.unwrap_or(3),
                queue_limit: queue_limit.unwrap_or(100),
                grace: Duration::from_secs(u64::try_from(grace.unwrap_or(30)).ok()?),
                worker_secret: worker_secret?,
                repo_hosts: repo_hosts?,
                callbacks: callbacks?,
                work_dir: work_dir?,
                spool_dir: spool_dir?,
            })
        })();
        match settings {
            Some(settings) if env.wrong.is_empty() => Ok(settings),
            _ => Err(env.wrong),
        }
    }
}

struct Env<F> {
    get: F,
    wrong: Vec<WrongSetting>,
}

impl<F: Fn(&str) -> Option<OsString>> Env<F> {
    fn fault(&mut self, name: &'static str, fault: impl Into<String>) {
        self.wrong.push(WrongSetting { name, fault: fault.into() });
    }

    /// A variable that is set to something: an empty one counts as not set.
    fn text(&mut self, name: &'static str) -> Option<String> {
        match (self.get)(name)?.into_string() {
            Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
            Err(_) => {
                self.fault(name, "must be UTF-8");
                None
            }
        }
    }

    fn parsed<T: FromStr>(&mut self, name: &'static str, must: &str) -> Option<T> {
        let value = self.text(name)?.trim().parse().ok();
        if value.is_none() {
            self.fault(name, must);
        }
        value
    }

    fn number(&mut self, name: &'static str, range: RangeInclusive<usize>) -> Option<usize> {
        let must = format!("must be a number from {} to {}", range.start(), range.end());
        let value = self.parsed(name, &must)?;
        if range.contains(&value) {
            Some(value)
        } else {
            self.fault(name, must);
            None
        }
    }

    fn secret(&mut self, name: &'static str) -> Option<Secret> {
        match self.text(name) {
            Some(text) if text.chars().count() >= MIN_SECRET_CHARS => Some(Secret(text)),
            _ => {
                self.fault(name, format!("must be set, to at least {MIN_SECRET_CHARS} characters"));
                None
            }
        }
    }

    fn repo_hosts(&mut self) -> Option<HostPolicy> {
        let own = "SCANNER_ALLOWED_REPO_HOSTS";
        let (name, list) = match self.text(own) {
            Some(list) => (own, list),
            None => ("ALLOWED_REPO_HOSTS", self.text("ALLOWED_REPO_HOSTS").unwrap_or_default()),
        };
        let policy = HostPolicy::parse(&list).ok();
        if policy.is_none() {
            self.fault(name, "must be domain names, or 127.0.0.1:PORT for development, and commas");
        }
        policy
    }

    fn callbacks(&mut self, name: &'static str) -> Option<AllowedCallbacks> {
        match AllowedCallbacks::parse(&self.text(name).unwrap_or_default()) {
            Ok(allowed) => Some(allowed),
            Err(e) => {
                self.fault(name, format!("must be set; each entry {e}"));
                None
            }
        }
    }

    /// A folder as set, or this scanner's own in the place that XDG gives such folders. Never one in
    /// a temporary folder that others can write to.
    fn folder(
        &mut self,
        name: &'static str,
        base: &'static str,
        under_home: &str,
        leaf: &str,
    ) -> Option<PathBuf> {
        if (self.get)(name).is_some_and(|value| !value.is_empty()) {
            return self.path(name);
        }
        let absolute =
            |value: OsString| Some(PathBuf::from(value)).filter(|path| path.is_absolute());
        let base = (self.get)(base)
            .and_then(absolute)
            .or_else(|| (self.get)("HOME").and_then(absolute).map(|home| home.join(under_home)));
        if base.is_none() {
            self.fault(name, "must be an absolute path, where HOME is not set");
        }
        Some(base?.join("skillgate-scanner").join(leaf))
    }

    fn path(&mut self, name: &'static str) -> Option<PathBuf> {
        let path = PathBuf::from((self.get)(name).filter(|value| !value.is_empty())?);
        if path.is_absolute() {
            Some(path)
        } else {
            self.fault(name, "must be an absolute path");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<WrongSetting>> {
        Settings::read(|name| {
            pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| OsString::from(value))
        })
    }

    const LEAST: &[(&str, &str)] = &[
        ("SCANNER_WORKER_SECRET", SECRET),
        ("SCANNER_ALLOWED_CALLBACK_HOSTS", "https://skills.example"),
        ("HOME", "/home/scanner"),
    ];

    fn with(more: &[(&str, &str)]) -> Result<Settings, Vec<WrongSetting>> {
        read(&[more, LEAST].concat())
    }

    #[test]
    fn three_settings_are_enough() {
        let settings = read(LEAST).unwrap();
        assert_eq!(settings.bind.to_string(), "127.0.0.1");
        assert_eq!((settings.port, settings.max_concurrent, settings.queue_limit), (9500, 3, 100));
        assert_eq!(settings.grace, Duration::from_secs(30));
        assert_eq!(settings.repo_hosts, HostPolicy::default());
        let state = "/home/scanner/.local/state/skillgate-scanner/spool";
        assert_eq!(settings.spool_dir, PathBuf::from(state));
        let cache = "/home/scanner/.cache/skillgate-scanner/work";
        assert_eq!(settings.work_dir, PathBuf::from(cache));
        assert!(!format!("{settings:?}").contains(SECRET));
    }

    #[test]
    fn every_wrong_setting_is_named_at_once_and_no_value_is_repeated() {
        let wrong = read(&[
            ("SCANNER_BIND", "wrong-value"),
            ("SCANNER_PORT", "70000"),
            ("SCANNER_MAX_CONCURRENT", "0"),
            ("SCANNER_QUEUE_LIMIT", "many"),
            ("SCANNER_SHUTDOWN_GRACE_SECONDS", "-1"),
            ("SCANNER_WORKER_SECRET", "wrong-value"),
            ("SCANNER_ALLOWED_REPO_HOSTS", "http://wrong-value"),
            ("SCANNER_ALLOWED_CALLBACK_HOSTS", "http://wrong-value"),
            ("SCANNER_WORK_DIR", "wrong-value"),
        ])
        .unwrap_err();
        let names: Vec<_> = wrong.iter().map(|w| w.name).collect();
        assert_eq!(
            names,
            [
                "SCANNER_BIND",
                "SCANNER_PORT",
                "SCANNER_MAX_CONCURRENT",
                "SCANNER_QUEUE_LIMIT",
                "SCANNER_SHUTDOWN_GRACE_SECONDS",
                "SCANNER_WORKER_SECRET",
                "SCANNER_ALLOWED_REPO_HOSTS",
                "SCANNER_ALLOWED_CALLBACK_HOSTS",
                "SCANNER_WORK_DIR",
                "SCANNER_SPOOL_DIR",
            ]
        );
        assert!(!wrong.iter().any(|w| w.to_string().contains("wrong-value")));
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let settings = with(&[("SCANNER_PORT", ""), ("SCANNER_WORK_DIR", "")]).unwrap();
        assert_eq!(settings.port, 9500);
        assert!(settings.work_dir.ends_with("skillgate-scanner/work"));
        assert_eq!(with(&[("SCANNER_WORKER_SECRET", "")]).unwrap_err().len(), 1);
    }

    #[test]
    fn the_scanners_own_list_of_hosts_goes_before_the_shared_one() {
        let describe = |pairs| with(pairs).unwrap().repo_hosts.describe();
        assert_eq!(describe(&[("ALLOWED_REPO_HOSTS", "a.example")]), "a.example");
        let both =
            [("ALLOWED_REPO_HOSTS", "a.example"), ("SCANNER_ALLOWED_REPO_HOSTS", "b.example")];
        assert_eq!(describe(&both), "b.example");
    }
}
