//! Requests and responses as the handlers see them: no platform type, no stream.

use crate::error::AppError;
use serde::Serialize;

/// The methods that some route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Read, without the body.
    Head,
    /// Write.
    Post,
    /// Take back.
    Delete,
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
            _ => Self::Other,
        }
    }
}

/// A request's body, read up to the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Bytes(Vec<u8>),
    /// Longer than anything that is read here; what came of it was thrown away.
    TooLarge,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without its `?`, still encoded.
    pub query: String,
    /// Lower-case names and their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Request {
    /// A header's value, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter, decoded.
    ///
    /// # Errors
    /// 400 for a value that cannot be decoded: left out, it would be another question.
    pub fn query_value(&self, name: &str) -> Result<Option<String>, AppError> {
        let mut pairs =
            self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let Some((_, value)) = pairs.find(|(key, _)| percent_decode(key).as_deref() == Some(name))
        else {
            return Ok(None);
        };
        let wrong = || AppError::Query(format!("{name} cannot be read"));
        percent_decode(&value.replace('+', " ")).ok_or_else(wrong).map(Some)
    }
}

/// Decodes `%41`; `None` where an escape is broken or the result is not UTF-8.
#[must_use]
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// Percent-encodes all but what stands for itself anywhere in an address; with `slashes`, these stay.
#[must_use]
pub fn percent_encode(text: &str, slashes: bool) -> String {
    let digit = |half: u8| char::from(if half < 10 { b'0' + half } else { b'A' + half - 10 });
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || slashes && byte == b'/' {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
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
}

impl CachePolicy {
    /// The `Cache-Control` value.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::NoStore => "no-store",
            Self::Revalidate => "no-cache",
            Self::Verdict => "public, max-age=30",
            Self::Blocklist => "public, max-age=60, stale-if-error=86400",
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, beside those that every answer gets.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize, cache: CachePolicy) -> Self {
        let body = serde_json::to_string(value).unwrap_or_default();
        Self::text(status, "application/json", body, cache)
    }

    /// An answer of any kind of text.
    #[must_use]
    pub fn text(status: u16, content_type: &str, body: String, cache: CachePolicy) -> Self {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("cache-control", cache.header().to_owned()),
        ];
        Self { status, headers, body }
    }

    /// A page for people.
    #[must_use]
    pub fn html(status: u16, body: String, cache: CachePolicy) -> Self {
        Self::text(status, "text/html; charset=utf-8", body, cache)
    }

    /// The answer with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_decodes_to_itself() {
        let text = "a b/ä#?%&=\"<>\u{0}";
        assert_eq!(percent_encode(text, true), "a%20b/%C3%A4%23%3F%25%26%3D%22%3C%3E%00");
        assert_eq!(percent_decode(&percent_encode(text, false)).as_deref(), Some(text));
    }

    #[test]
    fn escapes_are_decoded_or_refused() {
        assert_eq!(percent_decode("a%2Fb%C3%A4").as_deref(), Some("a/bä"));
        for bad in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }
}
