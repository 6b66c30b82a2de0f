//! The three tools that look at a skill.

use crate::json::FromJson;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A tool that scans a skill; lower case wherever it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// semgrep with the bundled rule pack.
    Semgrep,
    /// njsscan, for Node.js code and templates.
    Njsscan,
    /// trufflehog, for secrets in files and in the git history.
    Trufflehog,
}

impl Provider {
    /// Every provider, in the order in which answers and pages list them.
    pub const ALL: [Self; 3] = [Self::Semgrep, Self::Njsscan, Self::Trufflehog];

    /// The name in URLs, payloads, keys and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Semgrep => "semgrep",
            Self::Njsscan => "njsscan",
            Self::Trufflehog => "trufflehog",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names none of the three providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of semgrep, njsscan, trufflehog")]
pub struct UnknownProvider;

impl FromJson for Provider {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|p| p.as_str() == s).ok_or(UnknownProvider)
    }
}
