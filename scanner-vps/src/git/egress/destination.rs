//! The one host and port that a proxy leads to, and which of its addresses.

use super::{
    EgressFailure,
    address::{AddressKind, kind_of},
    socks::{Host, Request},
};
use skillgate_contract::RepoUrl;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

const HTTPS_PORT: u16 = 443;
const RESOLVE: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(10);
/// Addresses of a host that are tried.
const MAX_ADDRESSES: usize = 4;

/// The host and port that a repository is fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::git) struct Destination {
    pub(super) host: String,
    pub(super) port: u16,
    /// The address, where it needs no resolving.
    pub(super) fixed: Option<IpAddr>,
    /// The least public kind of address that the host may have.
    pub(super) least: AddressKind,
}

impl Destination {
    /// Where a repository is; `private` says that the operator named its host as one in a network of
    /// their own. An address of loopback stands in the repository's URL or nowhere.
    pub(in crate::git) fn of(repo: &RepoUrl, private: bool) -> Self {
        let least = if private { AddressKind::Private } else { AddressKind::Public };
        match repo.host().split_once(':').map(|(host, port)| (host, port.parse())) {
            Some((host, Ok(port))) => Self {
                host: host.to_owned(),
                port,
                fixed: Some(Ipv4Addr::LOCALHOST.into()),
                least: AddressKind::Forbidden,
            },
            _ => Self { host: repo.host().to_owned(), port: HTTPS_PORT, fixed: None, least },
        }
    }

    pub(super) fn is(&self, request: &Request) -> bool {
        let same_host = match &request.host {
            Host::Name(name) => name.eq_ignore_ascii_case(self.host.as_bytes()),
            Host::Address(address) => self.fixed == Some(*address),
        };
        same_host && self.port == request.port
    }

    /// Its addresses, those that it may not have left out.
    pub(super) async fn resolve(&self) -> Result<Vec<SocketAddr>, EgressFailure> {
        let found: Vec<_> = match self.fixed {
            Some(address) => vec![SocketAddr::new(address, self.port)],
            None => {
                let unresolved = || {
                    EgressFailure::Unreachable(format!("the name {} does not resolve", self.host))
                };
                timeout(RESOLVE, lookup_host((self.host.as_str(), self.port)))
                    .await
                    .map_err(|_| unresolved())?
                    .map_err(|_| unresolved())?
                    .collect()
            }
        };
        let allowed: Vec<_> =
            found.iter().copied().filter(|address| kind_of(address.ip()) <= self.least).collect();
        match found.first() {
            Some(address) if allowed.is_empty() => {
                Err(EgressFailure::ForbiddenAddress(address.ip()))
            }
            _ => Ok(allowed),
        }
    }

    pub(super) async fn connect(&self) -> Result<TcpStream, EgressFailure> {
        let mut reason = "it has no address".to_owned();
        for address in self.resolve().await?.into_iter().take(MAX_ADDRESSES) {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => reason = error.kind().to_string(),
                Err(_) => reason = format!("it did not answer for {} s", CONNECT.as_secs()),
            }
        }
        let (host, port) = (&self.host, self.port);
        Err(EgressFailure::Unreachable(format!("no connection to {host} port {port}: {reason}")))
    }
}
