//! Ids that are not scan ids: of blocklist entries, of requests, of writes.

use skillgate_contract::{ScanId, ScanIdError};
use std::{fmt, ops::Deref, str::FromStr};

/// The id of a blocklist entry. It has the form of a [`ScanId`]: 1 to 64 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryId(ScanId);

impl EntryId {
    /// An id from 128 random bits.
    #[must_use]
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(ScanId::from_random(bits))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for EntryId {
    type Err = ScanIdError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse().map(Self)
    }
}

/// The id of one request, as in the `x-request-id` header and on error pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// An id from 128 random bits, in hexadecimal.
    #[must_use]
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The token of one write, kept in the rows that it changed. A row whose token differs was changed by
/// another write in between (optimistic concurrency control).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteToken(String);

impl WriteToken {
    /// A token from 128 random bits, in hexadecimal.
    #[must_use]
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }
}

impl Deref for WriteToken {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
