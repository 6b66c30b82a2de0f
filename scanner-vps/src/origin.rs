//! A worker's origin: the only form of address that this scanner sends requests to.

use skillgate_contract::host::is_domain_name;
use std::{fmt, str::FromStr};

const LOOPBACK: &str = "127.0.0.1";
const HTTPS_PORT: u16 = 443;
/// The longest name of the DNS.
const MAX_HOST_CHARS: usize = 253;

/// A worker's origin: `https://HOST[:PORT]`, or `http://127.0.0.1:PORT` for development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    tls: bool,
    host: String,
    port: u16,
}

/// The text is not an origin that requests may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be https://HOST, https://HOST:PORT or, for development, http://127.0.0.1:PORT")]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let lower = s.strip_suffix('/').unwrap_or(s).to_ascii_lowercase();
        let (scheme, authority) = lower.split_once("://").ok_or(OriginError)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (authority, None),
        };
        let origin = |tls, port| Self { tls, host: host.to_owned(), port };
        match (scheme, port) {
            ("https", port) if is_domain(host) => Ok(origin(true, port.unwrap_or(HTTPS_PORT))),
            ("http", Some(port)) if host == LOOPBACK => Ok(origin(false, port)),
            _ => Err(OriginError),
        }
    }
}

fn parse_port(text: &str) -> Result<u16, OriginError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(OriginError)
}

fn is_domain(host: &str) -> bool {
    host.len() <= MAX_HOST_CHARS && is_domain_name(host)
}

impl Origin {
    /// A TLS receiver on this machine, which no setting can name.
    #[cfg(test)]
    pub(crate) fn local_tls(port: u16) -> Self {
        Self { tls: true, host: "localhost".to_owned(), port }
    }

    /// Whether requests to this origin go over TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host to connect to. Over TLS, its certificate must name this host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port to connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The value of the `Host` header: the host, and the port unless it is the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        let origin = self.to_string();
        origin.split_once("://").map_or_else(String::new, |(_, authority)| authority.to_owned())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tls, self.port) {
            (true, HTTPS_PORT) => write!(f, "https://{}", self.host),
            (true, port) => write!(f, "https://{}:{port}", self.host),
            (false, port) => write!(f, "http://{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_domain_with_tls_or_the_loopback_with_a_port() {
        for bad in [
            "",
            "skills.example",
            "http://skills.example",
            "http://skills.example:8080",
            "http://127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:+80",
            "https://127.0.0.1:8787",
            "https://2130706433",
            "https://10.0.0.1",
            "https://localhost",
            "https://[::1]",
            "https://u@skills.example",
            "https://skills.example/path",
            "https://skills.example?x",
            "https://*.example",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(OriginError), "{bad}");
        }
        let spelled: Origin = "HTTPS://Skills.Example:443/".parse().unwrap();
        assert_eq!(spelled.to_string(), "https://skills.example");
        assert_eq!("https://a.example:8443".parse::<Origin>().unwrap().port, 8443);
    }
}
