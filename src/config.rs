//! The worker's settings, with every fault reported at once.

mod github;
mod settings;

pub use github::{Github, Start, knows};

use crate::{
    error::AppError,
    model::{BlockLimits, DispatchTarget, Retention, TrustedWorkflow},
};
use settings::Settings;
use skillgate_contract::{
    HostPolicy, Millis, RepoUrl, Secret, callback::CALLBACK_PATH, renamed_setting::RenamedSetting,
    signature::SigningKey,
};

const ALLOW_PASS_WITHOUT_COVERAGE: RenamedSetting =
    RenamedSetting { name: "ALLOW_PASS_WITHOUT_COVERAGE", old_name: "ACCEPT_UNPROVEN" };
const LOG_STORAGE_METRICS: RenamedSetting =
    RenamedSetting { name: "LOG_STORAGE_METRICS", old_name: "LOG_COSTS" };

/// The most bytes that a setting may name: far beyond any database, and exact where D1 reads it.
const MOST_BYTES: i64 = 1 << 50;

/// How scans are dispatched: the setting `DISPATCH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DispatchMode {
    /// By `POST /scan` to one of these scanners, round robin.
    Scanner {
        /// Base URLs without a slash at the end.
        workers: Vec<String>,
    },
    /// By a run on GitHub Actions for each skill.
    Github(Github),
    /// Not at all: scanners pull.
    Pull,
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
    /// `PENDING_TIMEOUT_MINUTES`, in milliseconds: the longest silence of an active scan.
    pub pending_timeout_ms: i64,
    /// `SCAN_DEADLINE_MINUTES`, in milliseconds: how long an attempt may last, whatever signs of life come.
    pub scan_deadline_ms: i64,
    /// `ALLOWED_REPO_HOSTS`: the hosts whose repositories may be published.
    pub repo_hosts: HostPolicy,
    /// How many owners' automatic entries become active in any 60 minutes.
    pub block_limits: BlockLimits,
    /// What is kept of replaced scans, and of one owner.
    pub retention: Retention,
    /// `D1_SIZE_LIMIT_BYTES`: the size at which D1 takes no more.
    pub database_limit: i64,
    /// `ALLOW_PASS_WITHOUT_COVERAGE`: a clean result without coverage is a PASS.
    pub allow_pass_without_coverage: bool,
    /// `LOG_STORAGE_METRICS`: each request logs its operations on D1 and KV.
    pub log_storage_metrics: bool,
    /// `ADMIN_TOKEN`: the bearer token of the admin endpoints.
    pub admin_token: Option<Secret>,
    /// `WEBHOOK_SECRET`: the HMAC secret that authenticates callbacks.
    pub webhook_secret: Option<SigningKey>,
    /// `WEBHOOK_SECRET_PREVIOUS`, while one is rotated.
    pub webhook_secret_previous: Option<SigningKey>,
    /// `SCANNER_WORKER_SECRET`: the bearer token that scanners demand.
    pub scanner_secret: Option<Secret>,
    /// `INTERNAL_KEY`: what scanners that pull must show.
    pub internal_key: Option<Secret>,
    /// `GITHUB_TOKEN`: starts runs, and resolves the HEAD of a repository on GitHub at publish.
    pub github_token: Option<Secret>,
    /// `GITHUB_OIDC_*`: whose tokens stand for a signature.
    pub trusted_workflow: Option<TrustedWorkflow>,
    /// `GITHUB_API_URL`, without a slash at the end.
    pub github_api_url: String,
    /// Log lines about settings whose old names are set.
    pub deprecations: Vec<String>,
}

/// One wrong setting: its name and its fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {fault}")]
pub struct SettingError {
    /// The name of the setting.
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
        let mut settings = Settings::new(|name: &str| {
            lookup(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
        });
        let config = Self {
            platform_url: settings.platform_url(),
            dispatch: settings.dispatch(),
            budget_per_hour: settings.number("DISPATCH_BUDGET_PER_HOUR", 100),
            pending_timeout_ms: i64::from(settings.number("PENDING_TIMEOUT_MINUTES", 20))
                .saturating_mul(Millis::MINUTE),
            scan_deadline_ms: i64::from(settings.number("SCAN_DEADLINE_MINUTES", 60))
                .saturating_mul(Millis::MINUTE),
            repo_hosts: settings.repo_hosts(),
            block_limits: settings.block_limits(),
            retention: settings.retention(),
            database_limit: settings.bytes("D1_SIZE_LIMIT_BYTES", 10_000_000_000, MOST_BYTES),
            allow_pass_without_coverage: settings.flag(ALLOW_PASS_WITHOUT_COVERAGE),
            log_storage_metrics: settings.flag(LOG_STORAGE_METRICS),
            admin_token: settings.secret("ADMIN_TOKEN").map(Secret::new),
            webhook_secret: settings.key("WEBHOOK_SECRET"),
            webhook_secret_previous: settings.key("WEBHOOK_SECRET_PREVIOUS"),
            scanner_secret: settings.secret("SCANNER_WORKER_SECRET").map(Secret::new),
            internal_key: settings.secret("INTERNAL_KEY").map(Secret::new),
            github_token: settings.secret("GITHUB_TOKEN").map(Secret::new),
            github_api_url: settings.github_api_url(),
            trusted_workflow: settings.trusted_workflow(),
            deprecations: std::mem::take(&mut settings.deprecations),
        };
        if settings.errors.is_empty() { Ok(config) } else { Err(settings.errors) }
    }

    /// Where scanners call back.
    #[must_use]
    pub fn callback_url(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.platform_url)
    }

    /// The secrets that may have signed a callback, the current one first.
    #[must_use]
    pub fn webhook_secrets(&self) -> Vec<&SigningKey> {
        self.webhook_secret.iter().chain(&self.webhook_secret_previous).collect()
    }

    /// To whom scans are dispatched.
    #[must_use]
    pub fn dispatch_target(&self) -> DispatchTarget {
        match &self.dispatch {
            DispatchMode::Pull => DispatchTarget::Pull,
            DispatchMode::Scanner { .. } => DispatchTarget::Scanner,
            DispatchMode::Github(github) => {
                let token = self.github_token.as_ref().map_or("", Secret::expose);
                DispatchTarget::Github(github.circuit_key(&self.github_api_url, token))
            }
        }
    }

    /// Whether this worker dispatches scans. With `DISPATCH=github` it needs `GITHUB_TOKEN`.
    #[must_use]
    pub fn can_dispatch(&self) -> bool {
        match self.dispatch {
            DispatchMode::Pull => false,
            DispatchMode::Scanner { .. } => true,
            DispatchMode::Github(_) => self.github_token.is_some(),
        }
    }

    /// Checks that a new scan can be dispatched and its callback authenticated.
    ///
    /// # Errors
    /// [`AppError::Closed`], naming the secret that is missing.
    pub const fn require_scan_secrets(&self) -> Result<(), AppError> {
        let (secret, bearer, name) = match self.dispatch {
            DispatchMode::Pull => (self.webhook_secret.is_some(), true, ""),
            DispatchMode::Scanner { .. } => (
                self.webhook_secret.is_some(),
                self.scanner_secret.is_some(),
                "SCANNER_WORKER_SECRET",
            ),
            // No key travels to a run: it signs with a secret of its own, or shows GitHub's token.
            DispatchMode::Github(_) => {
                (self.accepts_callbacks(), self.github_token.is_some(), "GITHUB_TOKEN")
            }
        };
        match (secret, bearer) {
            (false, _) => Err(AppError::Closed("WEBHOOK_SECRET")),
            (true, false) => Err(AppError::Closed(name)),
            (true, true) => Ok(()),
        }
    }

    /// Whether callbacks can be authenticated: an HMAC secret or OIDC trust is configured.
    #[must_use]
    pub const fn accepts_callbacks(&self) -> bool {
        self.webhook_secret.is_some() || self.trusted_workflow.is_some()
    }

    /// Whether repositories on this host are taken.
    #[must_use]
    pub fn allows(&self, url: &RepoUrl) -> bool {
        self.repo_hosts.allows(url)
    }
}

impl<F: Fn(&str) -> Option<String>> Settings<F> {
    fn platform_url(&mut self) -> String {
        let url = self.get("PLATFORM_URL").unwrap_or_default();
        let url = url.strip_suffix('/').unwrap_or(&url);
        // Scanners call back where they are told only if it is, letter for letter, what they trust.
        let default_port = if url.starts_with("https") { ":443" } else { ":80" };
        let is_plain = !url.bytes().any(|b| b.is_ascii_uppercase()) && !url.ends_with(default_port);
        if !is_origin(url) || !is_plain {
            self.wrong(
                "PLATFORM_URL",
                "must be this worker's origin, such as https://skills.example, in small letters and without a usual port",
            );
        }
        url.to_owned()
    }

    fn dispatch(&mut self) -> DispatchMode {
        match self.get("DISPATCH").as_deref() {
            Some("scanner") => DispatchMode::Scanner { workers: self.workers() },
            Some("github") => DispatchMode::Github(self.github()),
            Some("pull") => DispatchMode::Pull,
            _ => {
                self.wrong("DISPATCH", "must be github, scanner or pull");
                DispatchMode::Pull
            }
        }
    }

    fn block_limits(&mut self) -> BlockLimits {
        let per_hour = self.number("AUTO_BLOCK_LIMIT_PER_HOUR", 50);
        let per_puller = self.number("AUTO_BLOCK_LIMIT_PER_PULLER", per_hour.div_ceil(2));
        BlockLimits { per_hour, per_puller }
    }

    fn retention(&mut self) -> Retention {
        let days = i64::from(self.number("FINDINGS_KEEP_DAYS", 90));
        Retention {
            age_ms: days.saturating_mul(24 * Millis::HOUR),
            scans: self.number("FINDINGS_KEEP_SCANS", 3),
            owner_bytes: self.bytes("OWNER_QUOTA_BYTES", 100_000_000, MOST_BYTES),
        }
    }

    fn workers(&mut self) -> Vec<String> {
        let list = self.get("SCANNER_WORKERS").unwrap_or_default();
        let workers: Vec<String> = list
            .split(',')
            .map(|url| url.trim().trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty())
            .collect();
        if workers.is_empty() || !workers.iter().all(|url| is_private_origin(url)) {
            self.wrong(
                "SCANNER_WORKERS",
                "must name the scanners' https URLs, separated by commas, when DISPATCH is scanner; http only on 127.0.0.1",
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
                format!("must list domain names or 127.0.0.1:PORT; \"{shown}\" is neither"),
            );
            HostPolicy::default()
        })
    }
}

/// An origin that what is sent to it reaches unread: plain HTTP is for loopback.
fn is_private_origin(url: &str) -> bool {
    let host = url.strip_prefix("http://").map(|host| host.split(':').next());
    is_origin(url) && host.is_none_or(|host| host == Some("127.0.0.1"))
}

fn is_origin(url: &str) -> bool {
    url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
    })
}

#[cfg(test)]
mod tests;
