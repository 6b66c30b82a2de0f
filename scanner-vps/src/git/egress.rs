//! The only way from git to the network: a SOCKS5 proxy in this process, for one git command, that leads
//! to the one host and port of the repository.
//!
//! git connects to a port of loopback and names its host there (`socks5h`), so that it needs neither the
//! DNS nor any other destination, and a sandbox may deny it both. This process resolves the name, refuses
//! addresses that no public host has, and connects to the very address that it judged, so that a name
//! that resolves to something else a moment later changes nothing. The port is open while the command
//! runs, to whoever shows a password that is made for it and that only git's environment holds.
//!
//! A port of loopback and no Unix socket, because git takes the path of one in `http.proxy` only since
//! 2.47. What a sandbox adds is therefore as narrow as its rules: those of Landlock name a port and no
//! address, so that a git that is broken by an input could still connect to this port elsewhere.
//!
//! Our own code and no crate: of one that fits (`fast-socks5`; `socks5-server` is under the GPL) only the
//! parsing would be used, which is the hundred lines of [`socks`]. Which host, which address and how much
//! would be decided here all the same.

mod address;
mod destination;
mod relay;
mod serve;
mod socks;
#[cfg(test)]
mod tests;

pub(super) use destination::Destination;

use super::GitError;
use crate::random;
use serve::accept;
use skillgate_contract::Secret;
use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, task::AbortHandle, time::timeout};

/// The user in git's proxy URL.
const USER: &str = "git";

/// How much one git command may use of the network.
#[derive(Debug, Clone)]
pub(super) struct EgressLimits {
    /// Bytes from the host, of all connections together.
    pub(super) received: u64,
    /// Bytes to the host: requests, in which nothing large is ever sent.
    pub(super) sent: u64,
    /// Connections, one after the other or at once.
    pub(super) connections: u32,
    /// Connections at once, those included that have not said who they are.
    pub(super) open: usize,
    /// A connection that moves fewer bytes than this in this time is ended. git itself gives up a
    /// transfer that is slow earlier ([`super::args::LOW_SPEED_SECONDS`]); this holds whatever it does.
    pub(super) window: Duration,
    pub(super) window_bytes: u64,
    /// All of it.
    pub(super) wall: Duration,
}

impl EgressLimits {
    /// For a command that may write `room` bytes. The size of what it writes is watched more closely;
    /// this counts what it throws away, too.
    pub(super) const fn of(room: u64, wall: Duration) -> Self {
        Self {
            received: room.saturating_mul(2).saturating_add(64 * super::MB),
            sent: 4 * super::MB,
            connections: 64,
            open: 16,
            window: Duration::from_secs(super::args::LOW_SPEED_SECONDS + 10),
            window_bytes: 10_000,
            wall,
        }
    }
}

/// What the proxy did not do, or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EgressFailure {
    /// git asked for this host and port instead.
    OtherDestination(String),
    /// The host has no address but ones that it may not have, such as this.
    ForbiddenAddress(IpAddr),
    /// More bytes than the limit.
    TooMuch,
    /// More connections than the limit.
    TooManyConnections,
    /// A connection moved too little for too long.
    TooSlow,
    /// No connection, for this reason.
    Unreachable(String),
}

impl EgressFailure {
    /// Whether it stands whatever happens later.
    const fn is_final(&self) -> bool {
        !matches!(self, Self::TooSlow | Self::Unreachable(_))
    }

    /// The error of a fetch of `url` that failed after this, where git's own words mean `said`.
    pub(super) fn explain(self, url: &str, limit_mb: u64, said: GitError) -> GitError {
        let vague = said.is_transient() || matches!(said, GitError::Failed { .. });
        if !self.is_final() && !vague {
            return said;
        }
        let url = url.to_owned();
        match self {
            Self::OtherDestination(asked) => GitError::OtherHost { url, asked },
            Self::ForbiddenAddress(address) => GitError::ForbiddenAddress { url, address },
            Self::TooMuch => GitError::TooLarge { limit_mb },
            Self::TooManyConnections => {
                GitError::failed("fetch", "it opened more connections than a fetch needs")
            }
            Self::TooSlow => GitError::TooSlow { url, seconds: super::args::LOW_SPEED_SECONDS },
            Self::Unreachable(reason) => GitError::Unavailable { url, reason },
        }
    }
}

/// What the connections of one proxy have in common.
#[derive(Debug)]
struct Shared {
    destination: Destination,
    limits: EgressLimits,
    password: Secret,
    received: AtomicU64,
    sent: AtomicU64,
    connections: AtomicU32,
    refused: AtomicU32,
    failure: Mutex<Option<EgressFailure>>,
}

impl Shared {
    fn note(&self, failure: Option<EgressFailure>) {
        // A panic while the lock is held cannot leave it half changed.
        let mut noted = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if !noted.as_ref().is_some_and(EgressFailure::is_final) {
            *noted = failure;
        }
    }
}

/// A proxy for one git command; dropping it closes its port and its connections.
#[derive(Debug)]
pub(super) struct Egress {
    port: u16,
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Egress {
    /// Opens a proxy on a free port of loopback.
    ///
    /// # Errors
    /// There is none, or no source of random bytes.
    pub(super) fn start(destination: Destination, limits: EgressLimits) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let (port, listener) = (listener.local_addr()?.port(), TcpListener::from_std(listener)?);
        let shared = Arc::new(Shared {
            destination,
            limits,
            password: Secret::new(random::secret()?),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            connections: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            failure: Mutex::new(None),
        });
        let serving = timeout(shared.limits.wall, accept(listener, Arc::clone(&shared)));
        let task = tokio::spawn(serving).abort_handle();
        Ok(Self { port, shared, task })
    }

    /// The one port that git has to reach.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// The value of git's `http.proxy`. It holds the password.
    pub(super) fn url(&self) -> String {
        format!("socks5h://{USER}:{}@127.0.0.1:{}", self.shared.password.expose(), self.port())
    }

    /// What went wrong last, or for good.
    pub(super) fn failure(&self) -> Option<EgressFailure> {
        self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections that were refused: without the password, to other hosts, to addresses that are not
    /// public, beyond a limit.
    pub(super) fn refused(&self) -> u32 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        self.task.abort();
    }
}
