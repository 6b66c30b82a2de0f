//! The ports: traits for everything outside, which the platform and the tests implement.

pub use crate::{
    log::{Level, Line},
    model::{REPLY_HEADERS, Reply, RsaKey},
};

use serde::Serialize;
use skillgate_contract::Millis;
use std::future::Future;

/// A value bound to a query or read from a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// NULL: there is no value.
    Null,
    /// An integer: counts and milliseconds, always within the 53 bits that D1 keeps exact.
    Int(i64),
    /// Text, bound as UTF-8.
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
    /// The text, a constant of `src/store/sql`.
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

/// The database, D1: the source of truth.
pub trait Database {
    /// Runs statements as one transaction, in order: all of them or none.
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Vec<Rows>, DatabaseError>>;
    /// The bytes of the whole database, as of the last batch; `None` before one, and where the platform does not tell.
    fn size(&self) -> Option<i64>;
}

/// The cache did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cache: {0}")]
pub struct CacheError(pub String);

/// The cache, Workers KV: it may fail, lag and lose values, so no decision to let an install pass uses it.
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

/// A request to a scanner or to GitHub.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The address of the request.
    pub url: &'a str,
    /// The bearer token; none for what is public.
    pub bearer: Option<&'a str>,
    /// Lower-case names and values of more headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// JSON to be posted; without it, the request is a GET.
    pub json: Option<String>,
}

/// Requests to scanners and to GitHub, none of which follows a redirect. `Err` is a text for the
/// admin.
pub trait Outbound {
    /// Asks, and waits for the answer for some seconds.
    fn call(&self, call: Call<'_>) -> impl Future<Output = Result<Reply, String>>;
}

/// The platform cannot tell whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cryptography: {0}")]
pub struct CryptoError(pub String);

/// A static file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("static file: {why}")]
pub struct AssetError {
    /// There is no file of this name.
    pub missing: bool,
    /// Its name and what happened.
    pub why: String,
}

/// What a client's network may do only so often in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Showing a wrong token, key or signature.
    Guesses,
    /// Having installs counted.
    Installs,
}

/// All ports together, as the router takes them.
pub trait Ports {
    /// The type of the database.
    type Database: Database;
    /// The type of the cache.
    type Cache: Cache;
    /// The type of the HTTP client.
    type Outbound: Outbound;

    /// The database, D1.
    fn database(&self) -> &Self::Database;
    /// The cache, Workers KV.
    fn cache(&self) -> &Self::Cache;
    /// The HTTP client for scanners and GitHub.
    fn outbound(&self) -> &Self::Outbound;
    /// The present time in milliseconds.
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
    /// Counts one more of what `limit` is about, and returns whether the `client` stays within it: also where the
    /// platform cannot tell.
    fn is_within(&self, limit: Limit, client: &str) -> impl Future<Output = bool>;
    /// Whether the platform counts.
    fn has_limits(&self) -> bool;
    /// Hands one line of the log to the operator.
    fn log(&self, line: &Line);
}
