//! The settings of `serve` and `pull`, from the environment, read once. Whatever is wrong is said all
//! at once. Where the tools are is read by [`crate::tools::ToolSettings`].

mod callback_settings;
mod env;

#[cfg(test)]
mod tests;

pub use callback_settings::{CallbackSettings, repo_hosts};

use crate::{callback_target::AllowedCallbacks, origin::Origin, renamed_setting::LISTEN_ADDR};
use env::Env;
use skillgate_contract::{HostPolicy, Secret};
use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

/// The scanner's port where `SCANNER_PORT` is not set.
pub const DEFAULT_PORT: u16 = 9500;

/// What `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `SCANNER_LISTEN_ADDR`: the IP address to listen on. Loopback unless it is set.
    pub listen_addr: IpAddr,
    /// `SCANNER_PORT`; 0 lets the system choose.
    pub port: u16,
    /// `SCANNER_QUEUE_LIMIT`: scans that may wait.
    pub queue_limit: usize,
    /// `SCANNER_WORKER_SECRET`: what `POST /scan` must bear.
    pub worker_secret: Secret,
    /// How scans are run and reported.
    pub work: WorkSettings,
}

/// What `serve --pull` and `pull` need to know.
#[derive(Debug, Clone)]
pub struct PullSettings {
    /// `PLATFORM_URL`: the worker whose queue is asked.
    pub platform: Origin,
    /// `INTERNAL_KEY`: what opens the queue. Visible ASCII, so that a header can hold it.
    pub key: Secret,
    /// `SCANNER_NAME`: the name to claim scans under, before the part that tells processes apart.
    pub name: Option<String>,
    /// How scans are run and reported. Without `SCANNER_ALLOWED_CALLBACK_HOSTS`, reports may go to
    /// `PLATFORM_URL` alone.
    pub work: WorkSettings,
}

/// How scans are run and reported, wherever they come from.
#[derive(Debug, Clone)]
pub struct WorkSettings {
    /// `SCANNER_MAX_CONCURRENT`: scans that run at once.
    pub max_concurrent: usize,
    /// `SCANNER_SHUTDOWN_GRACE_SECONDS`: how long running scans may go on after SIGTERM.
    pub grace: Duration,
    /// `SCANNER_ALLOWED_REPO_HOSTS`, else `ALLOWED_REPO_HOSTS`: where repositories may come from.
    pub repo_hosts: HostPolicy,
    /// `SCANNER_ALLOWED_CALLBACK_HOSTS`: where reports may go.
    pub callbacks: AllowedCallbacks,
    /// `SCANNER_WORK_DIR`: where checkouts and copies are made.
    pub work_dir: PathBuf,
    /// `SCANNER_SPOOL_DIR`: where reports wait until they have arrived.
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
        let mut env = Env::new(get);
        let listen_addr = env.renamed(LISTEN_ADDR);
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
        let mut env = Env::new(get);
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
        env: &mut Env<F>,
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
