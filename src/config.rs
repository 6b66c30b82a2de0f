//! The worker's settings, read once and judged all at once.

use crate::error::AppError;
use skillgate_contract::{HostPolicy, Millis, RepoUrl, signature::SigningKey};
use std::{fmt, str::FromStr};

/// How a scan reaches a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DispatchMode {
    /// Sent to one of these scanners' `POST /scan`, in turn.
    Scanner {
        /// Base URLs without a slash at the end.
        workers: Vec<String>,
    },
    /// Nothing is sent: scanners ask.
    Pull,
}

/// Where `GITHUB_API_URL` is not set.
const GITHUB_API_URL: &str = "https://api.github.com";

/// A secret that is compared with what a caller shows. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, to be sent or compared in constant time.
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

/// The settings. A secret that is not there closes the endpoints that need it.
#[derive(Debug, Clone)]
pub struct Config {
    /// `PLATFORM_URL`: this worker's own origin, as scanners and people reach it.
    pub platform_url: String,
    /// `DISPATCH` and what belongs to it.
    pub dispatch: DispatchMode,
    /// `DISPATCH_BUDGET_PER_HOUR`: requests sent in any 60 minutes.
    pub budget_per_hour: u32,
    /// `PENDING_TIMEOUT_MINUTES`, in milliseconds.
    pub pending_timeout_ms: i64,
    /// `ALLOWED_REPO_HOSTS`.
    pub repo_hosts: HostPolicy,
    /// `AUTO_BLOCK_LIMIT_PER_HOUR`: automatic blocklist entries that become active in any 60 minutes.
    pub auto_blocks_per_hour: u32,
    /// `ACCEPT_UNPROVEN`: a clean result without coverage is a PASS.
    pub accept_unproven: bool,
    /// `LOG_COSTS`: each request logs what it asked of D1 and KV.
    pub log_costs: bool,
    /// `ADMIN_TOKEN`.
    pub admin_token: Option<Secret>,
    /// `WEBHOOK_SECRET`.
    pub webhook_secret: Option<SigningKey>,
    /// `WEBHOOK_SECRET_PREVIOUS`, while one is rotated.
    pub webhook_secret_previous: Option<SigningKey>,
    /// `SCANNER_WORKER_SECRET`.
    pub scanner_secret: Option<Secret>,
    /// `INTERNAL_KEY`: what scanners that pull must show.
    pub internal_key: Option<Secret>,
    /// `GITHUB_TOKEN`: with it, the HEAD of a repository on GitHub is resolved at publish.
    pub github_token: Option<Secret>,
    /// `GITHUB_API_URL`, without a slash at the end.
    pub github_api_url: String,
}

/// One wrong setting: its name, and what it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {fault}")]
pub struct SettingError {
    /// The setting.
    pub name: &'static str,
    /// What it must be.
    pub fault: String,
}

impl Config {
    /// Reads the settings through a look-up by name.
    ///
    /// # Errors
    /// Every setting that is wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<SettingError>> {
        let mut settings = Settings {
            lookup: |name: &str| {
                lookup(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
            },
            errors: Vec::new(),
        };
        let config = Self {
            platform_url: settings.platform_url(),
            dispatch: settings.dispatch(),
            budget_per_hour: settings.number("DISPATCH_BUDGET_PER_HOUR", 100),
            pending_timeout_ms: i64::from(settings.number("PENDING_TIMEOUT_MINUTES", 20))
                .saturating_mul(Millis::MINUTE),
            repo_hosts: settings.repo_hosts(),
            auto_blocks_per_hour: settings.number("AUTO_BLOCK_LIMIT_PER_HOUR", 50),
            accept_unproven: settings.flag("ACCEPT_UNPROVEN"),
            log_costs: settings.flag("LOG_COSTS"),
            admin_token: settings.get("ADMIN_TOKEN").map(Secret),
            webhook_secret: settings.key("WEBHOOK_SECRET"),
            webhook_secret_previous: settings.key("WEBHOOK_SECRET_PREVIOUS"),
            scanner_secret: settings.get("SCANNER_WORKER_SECRET").map(Secret),
            internal_key: settings.get("INTERNAL_KEY").map(Secret),
            github_token: settings.get("GITHUB_TOKEN").map(Secret),
            github_api_url: settings.github_api_url(),
        };
        if settings.errors.is_empty() { Ok(config) } else { Err(settings.errors) }
    }

    /// Where scanners call back.
    #[must_use]
    pub fn callback_url(&self) -> String {
        format!("{}/api/v1/webhooks/scan-results", self.platform_url)
    }

    /// The secrets that may have signed a callback, the current one first.
    #[must_use]
    pub fn webhook_secrets(&self) -> Vec<&SigningKey> {
        self.webhook_secret.iter().chain(&self.webhook_secret_previous).collect()
    }

    /// Whether this worker sends scans, rather than being asked for them.
    #[must_use]
    pub const fn sends(&self) -> bool {
        matches!(self.dispatch, DispatchMode::Scanner { .. })
    }

    /// Whether a new scan could be sent and its answer verified.
    ///
    /// # Errors
    /// [`AppError::Closed`], naming the secret that is missing.
    pub const fn ready_to_scan(&self) -> Result<(), AppError> {
        if self.webhook_secret.is_none() {
            Err(AppError::Closed("WEBHOOK_SECRET"))
        } else if self.sends() && self.scanner_secret.is_none() {
            Err(AppError::Closed("SCANNER_WORKER_SECRET"))
        } else {
            Ok(())
        }
    }

    /// Whether repositories on this host are taken.
    #[must_use]
    pub fn allows(&self, url: &RepoUrl) -> bool {
        self.repo_hosts.allows(url)
    }
}

struct Settings<F> {
    lookup: F,
    errors: Vec<SettingError>,
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    fn wrong(&mut self, name: &'static str, fault: impl Into<String>) {
        self.errors.push(SettingError { name, fault: fault.into() });
    }

    fn key(&self, name: &str) -> Option<SigningKey> {
        self.get(name).and_then(|secret| SigningKey::new(secret).ok())
    }

    fn number(&mut self, name: &'static str, default: u32) -> u32 {
        match self.get(name).map(|text| u32::from_str(&text)) {
            None => default,
            Some(Ok(number)) if number > 0 => number,
            Some(_) => {
                self.wrong(name, "must be a whole number above 0");
                default
            }
        }
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.get(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.wrong(name, "must be true or false");
                false
            }
        }
    }

    fn platform_url(&mut self) -> String {
        let url = self.get("PLATFORM_URL").unwrap_or_default();
        let url = url.strip_suffix('/').unwrap_or(&url);
        if !is_origin(url) {
            self.wrong(
                "PLATFORM_URL",
                "must be this worker's origin, such as https://skills.example",
            );
        }
        url.to_owned()
    }

    fn github_api_url(&mut self) -> String {
        let url = self.get("GITHUB_API_URL").unwrap_or_else(|| GITHUB_API_URL.to_owned());
        let url = url.trim_end_matches('/');
        // GitHub Enterprise Server has its API below /api/v3.
        let origin = url.strip_suffix("/api/v3").unwrap_or(url);
        if !is_origin(origin) {
            self.wrong("GITHUB_API_URL", "must be an origin, or one with /api/v3 behind it");
        }
        url.to_owned()
    }

    fn dispatch(&mut self) -> DispatchMode {
        match self.get("DISPATCH").as_deref() {
            Some("scanner") => DispatchMode::Scanner { workers: self.workers() },
            Some("pull") => DispatchMode::Pull,
            _ => {
                self.wrong("DISPATCH", "must be scanner or pull");
                DispatchMode::Pull
            }
        }
    }

    fn workers(&mut self) -> Vec<String> {
        let list = self.get("SCANNER_WORKERS").unwrap_or_default();
        let workers: Vec<String> = list
            .split(',')
            .map(|url| url.trim().trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty())
            .collect();
        if workers.is_empty() || !workers.iter().all(|url| is_origin(url)) {
            self.wrong(
                "SCANNER_WORKERS",
                "must name the scanners' URLs, separated by commas, when DISPATCH is scanner",
            );
        }
        workers
    }

    fn repo_hosts(&mut self) -> HostPolicy {
        let list = self.get("ALLOWED_REPO_HOSTS").unwrap_or_default();
        HostPolicy::parse(&list).unwrap_or_else(|entry| {
            let shown = skillgate_contract::text::line(&entry, 100);
            self.wrong(
                "ALLOWED_REPO_HOSTS",
                format!("must list domain names or 127.0.0.1:PORT; {shown:?} is neither"),
            );
            HostPolicy::default()
        })
    }
}

fn is_origin(url: &str) -> bool {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<&'static str>> {
        let lookup =
            |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::read(lookup).map_err(|errors| errors.into_iter().map(|e| e.name).collect())
    }

    #[test]
    fn all_wrong_settings_are_said_at_once() {
        assert_eq!(
            read(&[("DISPATCH_BUDGET_PER_HOUR", "-1"), ("ALLOWED_REPO_HOSTS", "10.0.0.1")])
                .unwrap_err(),
            ["PLATFORM_URL", "DISPATCH", "DISPATCH_BUDGET_PER_HOUR", "ALLOWED_REPO_HOSTS"]
        );
        assert_eq!(
            read(&[("PLATFORM_URL", "https://s.example"), ("DISPATCH", "scanner")]).unwrap_err(),
            ["SCANNER_WORKERS"]
        );
    }

    #[test]
    fn flags_are_true_or_false_and_off_where_they_are_not_set() {
        let costs = |value: &str| {
            let usual = [("PLATFORM_URL", "https://s.example"), ("DISPATCH", "pull")];
            read(&[&usual[..], &[("LOG_COSTS", value)]].concat()).map(|config| config.log_costs)
        };
        assert_eq!((costs(""), costs("false"), costs("true")), (Ok(false), Ok(false), Ok(true)));
        assert_eq!(costs("yes"), Err(vec!["LOG_COSTS"]));
    }

    #[test]
    fn secrets_are_not_shown_and_empty_ones_are_none() {
        let config = read(&[
            ("PLATFORM_URL", "https://s.example/"),
            ("DISPATCH", "pull"),
            ("ADMIN_TOKEN", "hunter2"),
            ("WEBHOOK_SECRET", " "),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(config.webhook_secret.is_none());
        assert_eq!(config.callback_url(), "https://s.example/api/v1/webhooks/scan-results");
    }
}
