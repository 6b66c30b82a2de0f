//! What the worker needs of the world, and nothing more: the seams at which tests stand.

use serde::Serialize;
use skillgate_contract::Millis;
use std::future::Future;

/// A value bound to a query or read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// NULL.
    Null,
    /// An integer: counts and milliseconds, always within the 53 bits that D1 keeps exact.
    Int(i64),
    /// Text.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<Millis> for Value {
    fn from(value: Millis) -> Self {
        Self::Int(value.0)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One SQL statement with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text, from the one room that has SQL.
    pub sql: &'static str,
    /// The values of `?1`, `?2`, …
    pub params: Vec<Value>,
}

impl Statement {
    /// A statement without parameters.
    #[must_use]
    pub const fn new(sql: &'static str) -> Self {
        Self { sql, params: Vec::new() }
    }

    /// Binds the next parameter. Never inlined: there are hundreds of calls.
    #[inline(never)]
    pub fn bind(&mut self, value: impl Into<Value>) {
        self.params.push(value.into());
    }
}

/// The rows that one statement gave, each a JSON object by column name.
pub type Rows = Vec<serde_json::Value>;

/// The database did not do what it was asked; nothing of the batch has happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("database: {0}")]
pub struct DatabaseError(pub String);

/// The truth: D1.
pub trait Database {
    /// Runs statements as one transaction, in order: all of them or none.
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Vec<Rows>, DatabaseError>>;
}

/// The cache did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cache: {0}")]
pub struct CacheError(pub String);

/// The copy: Workers KV. May fail, lag and lose; nothing true depends on it.
pub trait Cache {
    /// The value of a key.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<String>, CacheError>>;
    /// Sets a key, for `ttl_seconds` where there is a limit.
    fn put(
        &self,
        key: &str,
        value: String,
        ttl_seconds: Option<u64>,
    ) -> impl Future<Output = Result<(), CacheError>>;
}

/// A request of ours.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// Where to.
    pub url: &'a str,
    /// The bearer token; none for what is public.
    pub bearer: Option<&'a str>,
    /// Lower-case names and values of more headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// JSON to be posted; without it, the request is a GET.
    pub json: Option<String>,
}

/// The headers of an answer that are handed back: when GitHub wants to be asked again.
pub const REPLY_HEADERS: [&str; 3] = ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset"];

/// The answer to a request of ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Those of [`REPLY_HEADERS`] that came.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A header's value, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}

/// Requests to scanners and to GitHub, none of which follows a redirect. `Err` is a text for the
/// admin.
pub trait Outbound {
    /// Asks, and waits for the answer for some seconds.
    fn call(&self, call: Call<'_>) -> impl Future<Output = Result<Reply, String>>;
}

/// A public key of RSA, as its owner publishes it (RFC 7518, section 6.3.1): base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

/// The platform cannot tell whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cryptography: {0}")]
pub struct CryptoError(pub String);

/// A static file that belongs to this build cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("static file: {0}")]
pub struct AssetError(pub String);

/// Everything at once, as the router takes it.
pub trait Ports {
    /// The truth.
    type Database: Database;
    /// The copy.
    type Cache: Cache;
    /// Scanners and GitHub.
    type Outbound: Outbound;

    /// The truth.
    fn database(&self) -> &Self::Database;
    /// The copy.
    fn cache(&self) -> &Self::Cache;
    /// Scanners and GitHub.
    fn outbound(&self) -> &Self::Outbound;
    /// The time.
    fn now(&self) -> Millis;
    /// 128 bits that nobody can guess.
    fn random(&self) -> [u8; 16];
    /// Whether a signature by RS256 (RSASSA-PKCS1-v1_5 with SHA-256) holds.
    fn verify_rs256(
        &self,
        key: &RsaKey,
        signed: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, CryptoError>>;
    /// A static file that was deployed together with this code, by its name: `skillgate_openapi::files` lists them.
    fn asset(&self, name: &str) -> impl Future<Output = Result<String, AssetError>>;
    /// One line for the operator: printable, without secrets.
    fn log(&self, line: &str);
}
