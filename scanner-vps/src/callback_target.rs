//! The allow list of callback URLs: configured origins, one path, nothing else.
//!
//! A request names a URL. It is compared character for character with the URLs that the settings
//! allow. Nothing is parsed out of it, so a parser's reading of it cannot matter.

use crate::origin::{Origin, OriginError};
use std::fmt;

/// The one path that takes callbacks.
pub const CALLBACK_PATH: &str = "/api/v1/webhooks/scan-results";

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

    /// An allow list of one origin.
    #[must_use]
    pub fn only(origin: Origin) -> Self {
        Self(vec![origin])
    }

    /// Whether any origin needs TLS.
    #[must_use]
    pub fn need_tls(&self) -> bool {
        self.0.iter().any(Origin::is_tls)
    }

    /// The origins, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// A callback URL that the settings allow. The callback sender takes no other address.
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
    pub(crate) fn local_tls(port: u16) -> Self {
        Self(Origin::local_tls(port))
    }

    /// The origin that the callback is sent to.
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
    fn an_empty_list_of_origins_is_refused() {
        assert_eq!(AllowedCallbacks::parse(" , "), Err(OriginError));
    }
}
