//! Where a callback may go: to configured origins, at one path, and nowhere else.
//!
//! A request names a URL; it is compared, character for character, with the URLs that the
//! configuration makes possible. Nothing is parsed out of it, so no parser can be misled.

use std::{fmt, str::FromStr};

/// The one path that takes callbacks.
pub const CALLBACK_PATH: &str = "/api/v1/webhooks/scan-results";

const LOOPBACK: &str = "127.0.0.1";
const HTTPS_PORT: u16 = 443;

/// A worker's origin: `https://HOST[:PORT]`, or `http://127.0.0.1:PORT` for development.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    tls: bool,
    host: String,
    port: u16,
}

/// The text is no origin that callbacks may go to.
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
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label that begins with a letter is no number in any base, so no address hides here.
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label_ok)
        && host.rsplit('.').next().is_some_and(|l| l.starts_with(|c: char| c.is_ascii_lowercase()))
}

impl Origin {
    /// Whether the connection is TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The host to connect to, and whose certificate is asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The `Host` header.
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

/// The setting `SCANNER_ALLOWED_CALLBACK_HOSTS`: at least one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedCallbacks(Vec<Origin>);

impl AllowedCallbacks {
    /// Reads a comma-separated list of origins.
    ///
    /// # Errors
    /// [`OriginError`], also for an empty list.
    pub fn parse(list: &str) -> Result<Self, OriginError> {
        let origins = list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if origins.is_empty() { Err(OriginError) } else { Ok(Self(origins)) }
    }

    /// Just this origin.
    #[must_use]
    pub fn only(origin: Origin) -> Self {
        Self(vec![origin])
    }

    /// Whether any origin needs TLS.
    #[must_use]
    pub fn need_tls(&self) -> bool {
        self.0.iter().any(|origin| origin.tls)
    }

    /// The origins, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// A callback's URL that the configuration allows: the only thing that can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackTarget(Origin);

/// The URL is not exactly an allowed origin and the callback path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("callbacks may not go there")]
pub struct CallbackNotAllowed;

impl CallbackTarget {
    /// Takes a URL that is, character for character, one that the settings allow.
    ///
    /// # Errors
    /// [`CallbackNotAllowed`].
    pub fn parse(url: &str, allowed: &AllowedCallbacks) -> Result<Self, CallbackNotAllowed> {
        let origin = url.strip_suffix(CALLBACK_PATH).ok_or(CallbackNotAllowed)?;
        let same = allowed.0.iter().find(|a| a.to_string() == origin);
        same.cloned().map(Self).ok_or(CallbackNotAllowed)
    }

    /// A TLS receiver on this machine, which no setting can name.
    #[cfg(test)]
    pub(super) fn local_tls(port: u16) -> Self {
        Self(Origin { tls: true, host: "localhost".to_owned(), port })
    }

    /// The receiver.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.0
    }
}

impl fmt::Display for CallbackTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{CALLBACK_PATH}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> AllowedCallbacks {
        AllowedCallbacks::parse("https://Skills.example/, http://127.0.0.1:8787").unwrap()
    }

    #[test]
    fn what_the_settings_allow_is_taken() {
        for (url, host, port, tls) in [
            ("https://skills.example/api/v1/webhooks/scan-results", "skills.example", 443, true),
            ("http://127.0.0.1:8787/api/v1/webhooks/scan-results", "127.0.0.1", 8787, false),
        ] {
            let target = CallbackTarget::parse(url, &allowed()).unwrap();
            let origin = target.origin();
            assert_eq!((origin.host(), origin.port(), origin.is_tls()), (host, port, tls));
            assert_eq!(target.to_string(), url);
        }
    }

    #[test]
    fn g23_nothing_but_an_allowed_origin_and_the_one_path_is_taken() {
        for origin in [
            "https://evil.example",
            "https://skills.example.evil.example",
            "https://evil-skills.example",
            "https://skills.example@evil.example",
            "https://user:pw@skills.example",
            "https://skills.example:443",
            "https://skills.example:8443",
            "https://skills.example.",
            "https://SKILLS.example",
            "https://skillѕ.example",
            "https://skills.example#",
            "https://skills.example?",
            "https://skills.example/..",
            "https://skills.example\\",
            "HTTPS://skills.example",
            "http://skills.example",
            "ftp://skills.example",
            "//skills.example",
            " https://skills.example",
            "http://127.0.0.1:8788",
            "http://127.0.0.1",
            "http://127.1:8787",
            "http://2130706433:8787",
            "http://[::1]:8787",
            "http://localhost:8787",
            "https://127.0.0.1:8787",
            "http://127.0.0.1:08787",
            "",
        ] {
            let url = format!("{origin}{CALLBACK_PATH}");
            assert!(CallbackTarget::parse(&url, &allowed()).is_err(), "{url}");
        }
        for path in [
            "",
            "/",
            "/api/v1/webhooks/scan-results/",
            "/api/v1/webhooks/scan-results?x=1",
            "/api/v1/webhooks/scan-results#x",
            "//api/v1/webhooks/scan-results",
            "/api/v1/webhooks/../webhooks/scan-results",
            "/API/v1/webhooks/scan-results",
            "/api/v1/webhooks/scan%2Dresults",
            "/api/v1/webhooks/scan-results\r\nX: y",
        ] {
            let url = format!("https://skills.example{path}");
            assert!(CallbackTarget::parse(&url, &allowed()).is_err(), "{url}");
        }
    }

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
        assert_eq!(AllowedCallbacks::parse(" , "), Err(OriginError));
    }
}
