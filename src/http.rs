//! Requests and responses as the handlers see them: no platform type, no stream.

use serde::Serialize;
use skillgate_contract::{InstallerStatus, percent::percent_decode};
use std::net::Ipv6Addr;

/// The request methods that some route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET: reads a resource.
    Get,
    /// HEAD: as GET, without the body.
    Head,
    /// POST: writes a resource.
    Post,
    /// DELETE: withdraws a resource.
    Delete,
    /// OPTIONS: asks for the methods of an address.
    Options,
    /// Anything else: no route has it.
    Other,
}

impl Method {
    /// Reads a method's name.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// A request's body, read up to the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The whole body, within the limit.
    Bytes(Vec<u8>),
    /// Longer than the limit; what was read of it was discarded.
    TooLarge,
    /// It ended before its end, since the caller hung up; what was read of it was discarded.
    Incomplete,
}

/// A query parameter is missing or wrong; the text names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("query parameter {0}")]
pub struct QueryError(pub String);

/// A request, free of platform types.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method of the request.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without its `?`, still encoded.
    pub query: String,
    /// Lower-case names and their values.
    pub headers: Vec<(String, String)>,
    /// The body, read up to the limit.
    pub body: Body,
}

impl Request {
    /// A header's value, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The network that the request comes from: an IPv4 address, or the first 64 bits of one of IPv6, of
    /// which everybody has the rest to choose from, however they are written. `None` on the machine itself,
    /// which is a developer's or a test's, and where the platform tells no address.
    #[must_use]
    pub fn client(&self) -> Option<String> {
        let address = self.header("cf-connecting-ip")?;
        let Ok(of_six) = address.parse::<Ipv6Addr>() else {
            return Some(address.to_owned()).filter(|address| !address.starts_with("127."));
        };
        if let Some(of_four) = of_six.to_ipv4_mapped() {
            return Some(of_four.to_string()).filter(|_| !of_four.is_loopback());
        }
        let network = of_six.to_bits() >> 64;
        (!of_six.is_loopback()).then(|| format!("{network:x}"))
    }

    /// The first value of a query parameter, decoded.
    ///
    /// # Errors
    /// [`QueryError`] for a value that cannot be decoded. Ignoring it would answer another question.
    pub fn query_value(&self, name: &str) -> Result<Option<String>, QueryError> {
        let mut pairs =
            self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let Some((_, value)) = pairs.find(|(key, _)| percent_decode(key).as_deref() == Some(name))
        else {
            return Ok(None);
        };
        let wrong = || QueryError(format!("{name} cannot be read"));
        percent_decode(&value.replace('+', " ")).ok_or_else(wrong).map(Some)
    }
}

impl Request {
    /// Whether the `Accept` header prefers the media type `kind` to `other`: it names `kind`, with at least
    /// the weight of `other`. Wildcards are ignored.
    #[must_use]
    pub fn prefers(&self, kind: &str, other: &str) -> bool {
        let accept = self.header("accept").unwrap_or_default();
        let weight = weight(accept, kind);
        weight > 0 && weight >= self::weight(accept, other)
    }

    /// Whether `If-None-Match` names this strong ETag (RFC 9110, 13.1.2): by a list or `*`, in the weak
    /// comparison.
    #[must_use]
    pub fn knows(&self, etag: &str) -> bool {
        self.header("if-none-match").is_some_and(|tags| {
            let mut tags = tags.split(',').map(str::trim);
            tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
        })
    }
}

/// The weight of a media type in an `Accept` header, in thousandths; 0 where it is not named.
fn weight(accept: &str, kind: &str) -> u32 {
    let weights = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().filter(|name| name.eq_ignore_ascii_case(kind))?;
        let q = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
        Some(q.map_or(1_000, thousandths))
    });
    weights.max().unwrap_or(0)
}

/// `0.25` as 250; a float parser costs more wasm than all of this.
fn thousandths(number: &str) -> u32 {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    if whole != "0" {
        return 1_000;
    }
    let digits = rest.bytes().chain([b'0'; 3]).take(3);
    digits.fold(0, |n, digit| n * 10 + u32::from(digit.wrapping_sub(b'0').min(9)))
}

/// How long an answer may be kept, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// Secrets, errors, writes: nobody keeps it.
    NoStore,
    /// May change at any moment: keep it, but ask again each time.
    Revalidate,
    /// The installer's look-ups: 30 s is what a block may take to be seen.
    Verdict,
    /// The whole blocklist: 60 s, and rather an old one than none.
    Blocklist,
    /// A badge that will not change by itself: image proxies keep it for 5 minutes.
    Badge,
    /// A badge of what is not known yet: no proxy may hold on to it, nor ask whether it has changed.
    Fleeting,
}

impl CachePolicy {
    /// Of an answer that stands on this status: one that may still come is asked for each time.
    #[must_use]
    pub fn of(status: InstallerStatus) -> Self {
        if status == InstallerStatus::Pending { Self::Revalidate } else { Self::Verdict }
    }

    /// The value of the `Cache-Control` header.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::NoStore => "no-store",
            Self::Revalidate | Self::Fleeting => "no-cache",
            Self::Badge => "public, max-age=300",
            Self::Verdict => "public, max-age=30",
            Self::Blocklist => "public, max-age=60, stale-if-error=86400",
        }
    }

    /// Whether an ETag pays: who keeps the answer may ask whether it still holds.
    #[must_use]
    pub const fn has_etag(self) -> bool {
        !matches!(self, Self::NoStore | Self::Fleeting)
    }
}

/// A response, free of platform types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// The headers, beside those that every answer gets.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for HEAD, 204 and 304.
    pub body: String,
    /// What its `Cache-Control` says.
    pub cache: CachePolicy,
}

impl Response {
    /// A response with a JSON body.
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize, cache: CachePolicy) -> Self {
        let body = serde_json::to_string(value).unwrap_or_default();
        Self::text(status, "application/json", body, cache)
    }

    /// A response with a text body of this content type.
    #[must_use]
    pub fn text(status: u16, content_type: &str, body: String, cache: CachePolicy) -> Self {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("cache-control", cache.header().to_owned()),
        ];
        Self { status, headers, body, cache }
    }

    /// A response without a body.
    #[must_use]
    pub fn empty(status: u16, cache: CachePolicy) -> Self {
        let headers = vec![("cache-control", cache.header().to_owned())];
        Self { status, headers, body: String::new(), cache }
    }

    /// A response with an HTML page.
    #[must_use]
    pub fn html(status: u16, body: String, cache: CachePolicy) -> Self {
        Self::text(status, "text/html; charset=utf-8", body, cache)
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Marks the response as served from a stale copy of this age in seconds.
    #[must_use]
    pub fn stale(self, age: i64) -> Self {
        self.with("age", age.max(0).to_string()).with("warning", "110 - \"Response is Stale\"")
    }

    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: &str, value: &str) -> Request {
        Request {
            method: Method::Get,
            path: "/".to_owned(),
            query: String::new(),
            headers: vec![(name.to_owned(), value.to_owned())],
            body: Body::Bytes(Vec::new()),
        }
    }

    #[test]
    fn what_is_preferred_is_named_and_weighs_no_less() {
        for (accept, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("TEXT/HTML ; level=1; q=0.3", true),
            ("text/html;q=0.9, application/json", false),
            ("text/html;q=0.75, application/json;q=0.7", true),
            ("text/html;q=0", false),
            ("text/html;q=0.000", false),
            ("text/html;q=x", true),
            ("text/*", false),
            ("*/*", false),
            ("", false),
        ] {
            let request = asking("accept", accept);
            assert_eq!(request.prefers("text/html", "application/json"), html, "{accept}");
        }
    }

    #[test]
    fn a_known_tag_stands_in_the_list_in_either_strength() {
        for (tags, known) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("\"b\" ,W/\"a\",\"c\"", true),
            ("*", true),
            ("a", false),
            ("\"A\"", false),
            ("w/\"a\"", false),
            ("\"b\"", false),
            ("", false),
        ] {
            assert_eq!(asking("if-none-match", tags).knows("\"a\""), known, "{tags}");
        }
    }

    #[test]
    fn a_network_of_ipv6_is_the_same_however_it_is_written() {
        let client = |address: &str| asking("cf-connecting-ip", address).client();
        let network = client("2001:db8:0:0:1:2:3:4");
        assert!(network.is_some());
        for same in ["2001:db8::1", "2001:0DB8::", "2001:db8:0:0::9", "2001:db8::ffff:1:2:3"] {
            assert_eq!(client(same), network, "{same}");
        }
        for other in ["2001:db8:0:1::1", "2001:db8:1::1", "::2", "192.0.2.1"] {
            assert_ne!(client(other), network, "{other}");
        }
        assert_ne!(client("1::1"), client("::1:0:0:0:0"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        for itself in ["127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"] {
            assert_eq!(client(itself), None, "{itself}");
        }
    }
}
