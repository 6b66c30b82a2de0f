//! The commit that a scan is bound to.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A full git commit id: 40 hexadecimal digits, kept in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitSha(String);

/// The text is no full commit id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a full commit id: 40 hexadecimal digits")]
pub struct CommitShaError;

impl CommitSha {
    /// The 40 hex digits, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 7 digits, as people read a commit.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl FromStr for CommitSha {
    type Err = CommitShaError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s.len() == 40 && s.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(s.to_ascii_lowercase()))
        } else {
            Err(CommitShaError)
        }
    }
}

impl TryFrom<String> for CommitSha {
    type Error = CommitShaError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<CommitSha> for String {
    fn from(sha: CommitSha) -> Self {
        sha.0
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_hex_digits_are_a_commit() {
        let good = "A".repeat(40);
        assert_eq!(good.parse::<CommitSha>().unwrap().as_str(), "a".repeat(40));
        for bad in ["", "main", &"a".repeat(39), &"a".repeat(41), &"g".repeat(40)] {
            assert_eq!(bad.parse::<CommitSha>(), Err(CommitShaError), "{bad}");
        }
        assert_eq!("0123456789".repeat(4).parse::<CommitSha>().unwrap().short(), "0123456");
    }
}
