//! The name of one scan.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An opaque id of one scan: 1 to 64 characters of `[A-Za-z0-9_-]`. The worker makes 32 hex digits
/// of 128 random bits, so an id cannot be guessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScanId(String);

/// The text cannot be a scan's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of letters, digits, '-' and '_'")]
pub struct ScanIdError;

impl ScanId {
    /// An id from 128 random bits.
    #[must_use]
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self(hex::encode(bits))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScanId {
    type Err = ScanIdError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let ok = (1..=64).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if ok { Ok(Self(s.to_owned())) } else { Err(ScanIdError) }
    }
}

impl TryFrom<String> for ScanId {
    type Error = ScanIdError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<ScanId> for String {
    fn from(id: ScanId) -> Self {
        id.0
    }
}

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
