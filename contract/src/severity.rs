//! How bad one finding is.

use crate::json::FromJson;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Ordered from harmless to blocking: `Low < Critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; costs one point of the score.
    Low,
    /// Worth a look before installing.
    Medium,
    /// A weakness or one leg of an attack; never blocks by itself.
    High,
    /// Near-certain malice, from the reviewed list: blocks the skill.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const WORST_FIRST: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The name in payloads and pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of critical, high, medium, low")]
pub struct UnknownSeverity;

impl FromJson for Severity {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::WORST_FIRST.into_iter().find(|v| v.as_str() == s).ok_or(UnknownSeverity)
    }
}
