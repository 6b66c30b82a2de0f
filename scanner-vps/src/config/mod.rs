//! The settings of `serve` and `pull`. They are read from the environment once, and an error lists every
//! wrong one. [`crate::tools::ToolSettings`] reads where the tools are.

mod callback_settings;
mod env;

#[cfg(test)]
mod tests;

pub use callback_settings::{CallbackSettings, repo_hosts};

use crate::{callback_target::AllowedCallbacks, origin::Origin, renamed_setting::LISTEN_ADDR};
use env::EnvReader;
use skillgate_contract::{HostPolicy, Secret};
use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

/// The TCP port that `serve` listens on where `SCANNER_PORT` is not set.
pub const DEFAULT_PORT: u16 = 9500;

/// The setting with which a container image says where `serve` listens unless an operator says otherwise.
/// It is a name of its own: an image that set `SCANNER_LISTEN_ADDR` would overrule its old name.
const DEFAULT_LISTEN_ADDR: &str = "SCANNER_DEFAULT_LISTEN_ADDR";

/// The settings of `serve`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SCANNER_LISTEN_ADDR`, else `SCANNER_DEFAULT_LISTEN_ADDR`: the IP address to listen on. Loopback
    /// where neither is set.
    pub listen_addr: IpAddr,
    /// `SCANNER_PORT`: the TCP port to listen on; 0 lets the system choose.
    pub port: u16,
    /// `SCANNER_QUEUE_LIMIT`: the number of scans that may wait.
    pub queue_limit: usize,
    /// `SCANNER_WORKER_SECRET`: the bearer token of `POST /scan`.
    pub worker_secret: Secret,
    /// How scans are run and reported.
    pub work: WorkSettings,
}

/// The settings of `serve --pull` and `pull`.
#[derive(Debug, Clone)]
pub struct PullSettings {
    /// `PLATFORM_URL`: the worker whose queue is polled.
    pub platform: Origin,
    /// `INTERNAL_KEY`: the key of the queue. Visible ASCII, so that a header can hold it.
    pub key: Secret,
    /// `SCANNER_NAME`: the name to claim scans under, before the part that tells processes apart.
    pub name: Option<String>,
    /// How scans are run and reported. Without `SCANNER_ALLOWED_CALLBACK_HOSTS`, reports may go to
    /// `PLATFORM_URL` alone.
    pub work: WorkSettings,
}

/// The settings that `serve` and `pull` share.
#[derive(Debug, Clone)]
pub struct WorkSettings {
    /// `SCANNER_MAX_CONCURRENT`: the number of scans that run at once.
    pub max_concurrent: usize,
    /// `SCANNER_SHUTDOWN_GRACE_SECONDS`: how long running scans may go on after SIGTERM.
    pub grace: Duration,
    /// `SCANNER_ALLOWED_REPO_HOSTS`, else `ALLOWED_REPO_HOSTS`: the hosts that repositories may come from.
    pub repo_hosts: HostPolicy,
    /// `SCANNER_ALLOWED_CALLBACK_HOSTS`: the origins that callbacks may be sent to.
    pub callbacks: AllowedCallbacks,
    /// `SCANNER_WORK_DIR`: the scratch folder.
    pub work_dir: PathBuf,
    /// `SCANNER_SPOOL_DIR`: the outbox folder.
    pub spool_dir: PathBuf,
}

/// One wrong setting. Never repeats the value: it may be a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {fault}")]
pub struct SettingError {
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
    pub fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Vec<SettingError>> {
        let mut env = EnvReader::new(get);
        let listen_addr = match env.renamed(LISTEN_ADDR) {
            name if env.is_set(name) => name,
            _ => DEFAULT_LISTEN_ADDR,
        };
        let listen_addr = env.parsed(listen_addr, "must be an IP address");
        let port = env.parsed("SCANNER_PORT", "must be a port, 0 to 65535");
        let queue_limit = env.number("SCANNER_QUEUE_LIMIT", 1..=10_000);
        let worker_secret = env.secret("SCANNER_WORKER_SECRET");
        let callbacks = env.callbacks("SCANNER_ALLOWED_CALLBACK_HOSTS");
        let work = WorkSettings::read(&mut env, callbacks);
        let settings = (|| {
            Some(Self {
                listen_addr: listen_addr.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                port: port.unwrap_or(DEFAULT_PORT),
                queue_limit: queue_limit.unwrap_or(100),
                worker_secret: worker_secret?,
                work: work?,
            })
        })();
        env.finish(settings)
    }
}

impl PullSettings {
    /// Reads the settings of `serve --pull` and `pull`; `get` is the environment.
    ///
    /// # Errors
    /// Every wrong setting.
    pub fn read(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Vec<SettingError>> {
        let mut env = EnvReader::new(get);
        let platform = env.origin("PLATFORM_URL");
        let key = env.header_secret("INTERNAL_KEY");
        let name = env.name("SCANNER_NAME");
        let callbacks = if env.is_set("SCANNER_ALLOWED_CALLBACK_HOSTS") {
            env.callbacks("SCANNER_ALLOWED_CALLBACK_HOSTS")
        } else {
            platform.clone().map(AllowedCallbacks::only)
        };
        let work = WorkSettings::read(&mut env, callbacks);
        let settings = (|| Some(Self { platform: platform?, key: key?, name, work: work? }))();
        env.finish(settings)
    }
}

impl WorkSettings {
    fn read<F: Fn(&str) -> Option<OsString>>(
        env: &mut EnvReader<F>,
        callbacks: Option<AllowedCallbacks>,
    ) -> Option<Self> {
        let max_concurrent = env.number("SCANNER_MAX_CONCURRENT", 1..=64);
        let grace = env.number("SCANNER_SHUTDOWN_GRACE_SECONDS", 0..=3_600);
        let repo_hosts = env.repo_hosts();
        let work_dir = env.folder("SCANNER_WORK_DIR", "XDG_CACHE_HOME", ".cache", "work");
        let spool_dir = env.folder("SCANNER_SPOOL_DIR", "XDG_STATE_HOME", ".local/state", "spool");
        Some(Self {
            max_concurrent: max_concurrent.unwrap_or(3),
            grace: Duration::from_secs(u64::try_from(grace.unwrap_or(30)).ok()?),
            repo_hosts: repo_hosts?,
            callbacks: callbacks?,
            work_dir: work_dir?,
            spool_dir: spool_dir?,
        })
    }
}
